//! What `verify` is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Directory, directory};

const VERIFY_HELP: &str = "\
Arguments, environment, seed, clock and limits come from the receipt; files and standard input are given as for `run`.

Exit status:
  0    the run is the same
  1    something differs; standard output has a line for each field
  124  the timeout was reached
  125  stepwell itself failed, or the receipt was changed
  126  the module was refused
  127  program or runtime not found
  130  stopped by Ctrl-C
  other: the compiler's own, if the program does not compile";

/// What `verify` is told.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_HELP)]
pub(crate) struct VerifyOptions {
    /// A receipt that `stepwell run --receipt` has written
    #[arg(value_name = "RECEIPT")]
    pub(crate) receipt: PathBuf,

    /// The program that it is of
    #[arg(value_name = "PROGRAM")]
    pub(crate) program: PathBuf,

    /// The runtime [default: by the `#!` line, else by the extension]
    #[arg(long, short, value_name = "NAME[@VERSION]")]
    pub(crate) runtime: Option<String>,

    /// Standard input [default: the caller's; none if the receipt has none]
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,

    /// The host directories that the program was given
    #[arg(long, value_name = "HOST::GUEST[:ro|:cow|:rw]", value_parser = directory)]
    pub(crate) dir: Vec<Directory>,

    /// The archive that the program started from
    #[arg(long, value_name = "FILE.tar")]
    pub(crate) fs: Option<PathBuf>,

    /// Stop after so many seconds of real time
    #[arg(long, value_name = "SECONDS", value_parser = super::limits::seconds)]
    pub(crate) timeout: Option<Duration>,
}
