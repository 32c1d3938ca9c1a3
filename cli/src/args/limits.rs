//! The options that limit a program.

use std::time::Duration;

use clap::Args;
use engine::vfs::Quota;
use engine::{Engine, Limits};

use super::size;

/// The most that a program may use. What is not given is the engine's default.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// Steps that the program may take [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) steps: Option<u64>,

    /// Bytes of memory that the program may have (K, M, G for powers of 1024) [default: 2G]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(crate) memory: Option<u64>,

    /// Elements that all tables of the program may have together [default: 10000000]
    #[arg(long, value_name = "N")]
    pub(crate) table_elements: Option<u32>,

    /// Functions that may be active at once; one more is a trap, `call stack exhausted` [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) call_depth: Option<u32>,

    /// Bytes that their locals and operands may take, at least 64K; more is the same trap [default: 64M]
    #[arg(long, value_name = "BYTES", value_parser = stack_size)]
    pub(crate) stack_bytes: Option<u64>,

    /// Bytes that the program may write to standard output, and to standard error [default: no limit; with --json 64M]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(crate) output_bytes: Option<u64>,

    /// Bytes that the program's files may take, host directories' own not counted [default: 1G]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(crate) fs_bytes: Option<u64>,

    /// Files, directories and links that the program may have, host directories' own not counted [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) fs_inodes: Option<u64>,

    /// Descriptors that may be open at once, standard streams and directories included [default: 1024]
    #[arg(long, value_name = "N")]
    pub(crate) fds: Option<u32>,

    /// Bytes that arguments and environment may take together [default: 2M]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(crate) args_bytes: Option<u64>,

    /// Stop after so many seconds of real time, compiling included. A guard, not a limit: it depends on the machine and
    /// its load
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// The interpreter's maxima of a run that is made again.
    #[arg(skip)]
    pub(crate) recorded: Option<Engine>,

    /// The size of a file in such a run.
    #[arg(skip)]
    pub(crate) file_bytes_max: Option<u64>,
}

impl LimitOptions {
    /// The maxima of the process, with this one for output where none is given.
    pub(crate) fn limits(&self, output_bytes_max: u64) -> Limits {
        let default = Limits::default();
        Limits {
            steps_max: self.steps.unwrap_or(default.steps_max),
            memory_bytes_max: self.memory.map_or(default.memory_bytes_max, to_size),
            table_elements_max: self
                .table_elements
                .map_or(default.table_elements_max, |elements| to_size(elements.into())),
            output_bytes_max: self.output_bytes.unwrap_or(output_bytes_max),
            fds_max: self.fds.unwrap_or(default.fds_max),
            args_bytes_max: self.args_bytes.unwrap_or(default.args_bytes_max),
            ..default
        }
    }

    /// The maxima of the interpreter.
    pub(crate) fn engine(&self) -> Engine {
        let mut engine = self.recorded.unwrap_or_default();
        if let Some(frames) = self.call_depth {
            engine = engine.call_depth_max(to_size(frames.into()));
        }
        if let Some(bytes) = self.stack_bytes {
            engine = engine.stack_bytes_max(to_size(bytes));
        }
        engine
    }

    /// The maxima of each tree.
    pub(crate) fn quota(&self) -> Quota {
        let default = Quota::default();
        Quota {
            bytes_max: self.fs_bytes.unwrap_or(default.bytes_max),
            inodes_max: self.fs_inodes.unwrap_or(default.inodes_max),
            file_bytes_max: self.file_bytes_max.unwrap_or(default.file_bytes_max),
        }
    }
}

/// A number of the user's as a size in memory: all that there can be, if it is more.
fn to_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The least that the interpreter's stack starts with.
const STACK_BYTES_MIN: u64 = 64 << 10;

fn stack_size(text: &str) -> Result<u64, String> {
    let bytes = size(text)?;
    if bytes < STACK_BYTES_MIN { Err("a stack has at least 64K".into()) } else { Ok(bytes) }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "seconds are written 10 or 0.5")?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "seconds are a number above 0".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        for (text, millis) in [("10", Some(10_000)), ("0.5", Some(500)), ("1e-2", Some(10))] {
            assert_eq!(seconds(text).ok(), millis.map(Duration::from_millis), "{text}");
        }
        for text in ["", "0", "-1", "nan", "inf", "1e30", "5s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
