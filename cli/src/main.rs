//! The program `stepwell`: reads its command line and hands over to one file per subcommand.

#![forbid(unsafe_code)]

mod args;
mod console;
mod error;
mod grade_command;
mod grading;
mod run;
mod runtimes_command;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Command, Stepwell};
use crate::error::Failure;

fn main() -> ExitCode {
    let stepwell = match Stepwell::try_parse() {
        Ok(stepwell) => stepwell,
        Err(error) => return args::refuse(&error, std::env::args_os().skip(1)),
    };
    let outcome = match stepwell.command {
        Command::Run(options) => run::run(&options, stepwell.home),
        Command::Freeze(options) => run::freeze::freeze(&options, stepwell.home),
        Command::Inspect(options) => run::freeze::inspect(&options, stepwell.home),
        Command::Export(options) => run::freeze::export(&options, stepwell.home),
        Command::Verify(options) => run::verify::verify(&options, stepwell.home),
        Command::Grade(options) => grade_command::run(&options, stepwell.home),
        Command::Runtimes(command) => runtimes_command::run(command, stepwell.home),
        Command::Completions { shell } => {
            // Into memory first: the generator panics where standard output cannot be written.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Stepwell::command(), "stepwell", &mut script);
            console::print(&script)
        }
    };
    ExitCode::from(outcome.unwrap_or_else(|failure: Failure| failure.report()))
}
