//! What `grade` is told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use grade::calibrate::Ratio;

use super::reports::ReportOptions;

const GRADE_HELP: &str = "\
Exit status:
  0    every submission was accepted
  1    some submission was not
  2    the call is wrong
  3    the problem, the grader or the machine is at fault
  130  stopped by Ctrl-C";

/// What `grade` is told.
#[derive(Debug, Args)]
#[command(after_help = GRADE_HELP, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct GradeOptions {
    #[command(subcommand)]
    pub(crate) command: Option<GradeCommand>,

    #[command(flatten)]
    pub(crate) run: RunGrade,
}

/// Grading submissions.
#[derive(Debug, Args)]
pub(crate) struct RunGrade {
    /// The folder of a problem: with a problem.toml, or a Kattis or ICPC problem package
    #[arg(value_name = "PROBLEM", required = true)]
    pub(crate) problem: Option<PathBuf>,

    /// Files, or folders with a main file
    #[arg(value_name = "SUBMISSION", required = true)]
    pub(crate) submissions: Vec<PathBuf>,

    /// Grade one of several shares of the cases: the second of seven is 2/7. Or ask a scheduler which it is: kubernetes/N, slurm,
    /// aws-batch, parallel/N or auto. Write --jsonl, and join all shares with `stepwell grade merge`
    #[arg(long, value_name = "I/N", requires = "jsonl")]
    pub(crate) shard: Option<String>,

    #[command(flatten)]
    pub(crate) reports: ReportOptions,

    #[command(flatten)]
    pub(crate) common: CommonGrade,
}

/// How much is done at a time, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Workers {
    /// Workers [default: one for each processor]. The result is the same with any number
    #[arg(long, short, value_name = "N", value_parser = workers)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// A guard in real time for each case. It never is a verdict: a case that reaches it is an infrastructure_error
    #[arg(long, value_name = "SECONDS", value_parser = super::limits::seconds)]
    pub(crate) guard: Option<Duration>,
}

/// What all ways to grade have in common.
#[derive(Debug, Args)]
pub(crate) struct CommonGrade {
    #[command(flatten)]
    pub(crate) workers: Workers,

    /// Grade everything anew, and keep no results
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// Append each result to this file, and go on from what is in it if an earlier call was stopped
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

/// Other ways to grade.
#[derive(Debug, Subcommand)]
pub(crate) enum GradeCommand {
    /// Run the jury's own submissions, and compare with what each must get
    Check {
        /// The folder of a problem
        #[arg(value_name = "PROBLEM")]
        problem: PathBuf,

        #[command(flatten)]
        reports: ReportOptions,

        #[command(flatten)]
        common: CommonGrade,
    },
    /// Propose a limit of steps from what the jury's submissions take, with exact ratios. Nothing is changed without --write
    Calibrate {
        /// The folder of a problem
        #[arg(value_name = "PROBLEM")]
        problem: PathBuf,

        /// How many times the steps of the slowest submission that must be accepted the limit is at least: 2, 1.5 or 3/2
        #[arg(long, value_name = "FACTOR", default_value = "2")]
        factor: Ratio,

        /// The limit that the submissions are measured with [default: four times that of the problem]
        #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
        ceiling: Option<u64>,

        /// Write what was found as JSON, after docs/schema/calibration.json
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,

        /// Write the proposed limit to problem.toml
        #[arg(long)]
        write: bool,

        #[command(flatten)]
        common: CommonGrade,
    },
    /// Join what several shards have written with --jsonl, and report as one machine would have
    Merge {
        /// The files
        #[arg(value_name = "FILE.jsonl", required = true)]
        files: Vec<PathBuf>,

        #[command(flatten)]
        reports: ReportOptions,
    },
    /// Make a part of the results again that the cache has: they must come out the same, byte for byte
    Audit {
        /// The part, in percent
        #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = percent)]
        sample: f64,

        /// The folder of a problem
        #[arg(value_name = "PROBLEM")]
        problem: PathBuf,

        /// Files, or folders with a main file
        #[arg(value_name = "SUBMISSION", required = true)]
        submissions: Vec<PathBuf>,

        #[command(flatten)]
        workers: Workers,
    },
}

/// How many workers there are.
fn workers(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse::<usize>().map_err(|_| "it is a whole number, at least 1")?;
    NonZeroUsize::new(number).ok_or_else(|| "it is at least 1".into())
}

/// A part of the whole: `1%`, or `0.5`, which is in percent too.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse::<f64>().ok();
    let number = number.filter(|number| *number > 0.0 && *number <= 100.0);
    number.map(|number| number / 100.0).ok_or_else(|| "a percentage is written 1% or 0.5%".into())
}
