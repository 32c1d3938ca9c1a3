//! What `freeze`, `inspect` and `export` are told.

use std::path::PathBuf;

use clap::Args;
use engine::FreezePoint;

use super::RunOptions;

const FREEZE_HELP: &str = "\
The program runs up to the point, with its standard streams told to be pipes, and what it writes is passed on. The image holds
all that it takes to go on: `stepwell run IMAGE`. Of a language runtime it holds the name and not the module, which has to
be installed where it goes on.

Points:
  stdin           the first read of standard input
  open:PATH       the first open of this absolute path
  call:NAME[:N]   the N-th call of this import of WASI, the first if N is not given

Exit status: 0, or as for `run` with 125 if the program does not come to the point or cannot be frozen";

/// What `freeze` is told.
#[derive(Debug, Args)]
#[command(after_help = FREEZE_HELP, override_usage = "stepwell freeze --at POINT -o IMAGE [OPTIONS] PROGRAM [ARGS]...")]
pub(crate) struct FreezeOptions {
    /// Where to freeze it: stdin, open:PATH or call:NAME[:N]
    #[arg(long, value_name = "POINT", value_parser = point)]
    pub(crate) at: FreezePoint,

    /// The file to write
    #[arg(long, short, value_name = "IMAGE")]
    pub(crate) output: PathBuf,

    /// Leave the directories of --dir out of the image; they are given again, with --dir, where it goes on, and what
    /// was open there is opened again by its path
    #[arg(long)]
    pub(crate) reopen_dirs: bool,

    #[command(flatten)]
    pub(crate) run: RunOptions,
}

const EXPORT_HELP: &str = "\
The module's `_start` goes on where the program stood. The engine that runs it has to open as many directories as the program
had, in the same order, with the files that it needs: what the image has of files stays behind, as do arguments,
environment, clock and random numbers, and nothing counts steps.";

/// What `export` is told.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_HELP)]
pub(crate) struct ExportOptions {
    /// An image that `stepwell freeze` has written
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,

    /// The file to write
    #[arg(long, short, value_name = "MODULE")]
    pub(crate) output: PathBuf,
}

/// What `inspect` is told.
#[derive(Debug, Args)]
pub(crate) struct InspectOptions {
    /// An image that `stepwell freeze` has written
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
}

fn point(text: &str) -> Result<FreezePoint, String> {
    let usage = || "a point is written stdin, open:PATH or call:NAME[:N]".to_string();
    match text.split_once(':') {
        None if text == "stdin" => Ok(FreezePoint::Stdin),
        Some(("open", path)) if path.starts_with('/') => Ok(FreezePoint::Open(path.into())),
        Some(("open", _)) => Err("the path of open:PATH is absolute".into()),
        Some(("call", call)) => {
            let (name, nth) = match call.split_once(':') {
                None => (call, 1),
                Some((name, nth)) => (name, nth.parse().map_err(|_| usage())?),
            };
            if name.is_empty() || nth == 0 {
                return Err(usage());
            }
            Ok(FreezePoint::Call { name: name.into(), nth })
        }
        _ => Err(usage()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read() {
        let call = |name: &str, nth| FreezePoint::Call { name: name.into(), nth };
        let cases = [
            ("stdin", Some(FreezePoint::Stdin)),
            ("open:/a/b", Some(FreezePoint::Open("/a/b".into()))),
            ("open:a", None),
            ("call:fd_write", Some(call("fd_write", 1))),
            ("call:fd_write:7", Some(call("fd_write", 7))),
            ("call:fd_write:0", None),
            ("call:", None),
            ("call:fd_write:x", None),
            ("stdout", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(point(text).ok(), expected, "{text}");
        }
    }
}
