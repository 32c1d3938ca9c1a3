//! `cargo xtask`: the project's chores, each with all its set-up.

mod capi;
mod catalog;
mod chore;
mod compare;
mod course;
mod everywhere;
mod generate;
mod readme;
mod test;
mod toolchain;

use std::process::ExitCode;

use clap::Parser;

/// The project's chores
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Install what the tests need and run all of them
    Test,
    /// Grade the example course: each submission must get the verdict that its problem says
    Course,
    /// Run every command of the README and compare what it prints
    Readme,
    /// Write the files that are generated from the code
    Generate {
        /// Change nothing, and fail if something would change
        #[arg(long)]
        check: bool,
    },
    /// Run the same programs natively, as wasm32 and on aarch64, and compare what they give with a table
    Everywhere(everywhere::Options),
    /// Build, check and install the libraries of the C ABI
    #[command(subcommand)]
    Capi(capi::Task),
    /// Measure Stepwell beside other engines, and write docs/BENCHMARKS.md
    Compare(compare::Options),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test => test::run(),
        Task::Course => chore::build_program().and_then(|program| course::run(&program)),
        Task::Readme => chore::build_program().and_then(|program| readme::run(&program)),
        Task::Generate { check } => generate::run(check),
        Task::Everywhere(options) => everywhere::run(&options),
        Task::Capi(task) => capi::run(&task),
        Task::Compare(options) => compare::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}
