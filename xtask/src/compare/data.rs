//! What was measured, and on which machine: docs/benchmarks/results.json.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::measure::Sample;
use super::peers::Kind;
use super::programs::Program;
use crate::chore::{Outcome, root};

/// A whole comparison.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Results {
    /// The command that made it.
    pub(super) command: String,
    /// The day, as YYYY-MM-DD.
    pub(super) date: String,
    /// The commit that was measured, and whether the files differed from it.
    pub(super) commit: String,
    pub(super) machine: Machine,
    /// The load average over one minute when measuring began.
    pub(super) load_before: String,
    /// And when it ended.
    pub(super) load_after: String,
    pub(super) rounds: usize,
    pub(super) peers: Vec<PeerData>,
    pub(super) rows: Vec<Row>,
}

/// What it ran on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) system: String,
}

/// A peer of the comparison.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PeerData {
    pub(super) id: String,
    pub(super) about: String,
    pub(super) version: String,
    /// Why it could not be had.
    pub(super) missing: Option<String>,
}

impl PeerData {
    pub(super) fn missing(kind: Kind, reason: String) -> Self {
        let (id, about) = (kind.id().into(), kind.about().into());
        Self { id, about, version: String::new(), missing: Some(reason) }
    }
}

/// A program, and what it took on each peer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) program: String,
    pub(super) group: String,
    pub(super) file: String,
    pub(super) cells: BTreeMap<String, Cell>,
}

impl Row {
    pub(super) fn of(program: &Program) -> Self {
        Self {
            program: program.name.into(),
            group: program.group.name().into(),
            file: program.file.into(),
            cells: BTreeMap::new(),
        }
    }
}

/// What a program took on one peer: one number a round.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    /// Processor time, user and system, in microseconds.
    pub(super) cpu_us: Vec<u64>,
    /// Wall time in microseconds.
    pub(super) wall_us: Vec<u64>,
    /// Peak of memory in KiB.
    pub(super) peak_kib: Vec<u64>,
    /// Why there is nothing.
    pub(super) failure: Option<String>,
}

impl Cell {
    /// A cell of a peer that is not tried with the program.
    pub(super) fn left_out() -> Self {
        Self { failure: Some(LEFT_OUT.into()), ..Self::default() }
    }

    /// Adds a run, if it counts; a failure always does, and then nothing else of the peer.
    pub(super) fn add(&mut self, run: Result<Sample, String>, counts: bool) {
        match run {
            Err(reason) => *self = Self { failure: Some(reason), ..Self::default() },
            Ok(_) if !counts => {}
            Ok(sample) => {
                self.cpu_us.push(micros(sample.cpu));
                self.wall_us.push(micros(sample.wall));
                self.peak_kib.push(sample.peak / 1024);
            }
        }
    }
}

/// Stands where a program is deliberately not tried.
pub(super) const LEFT_OUT: &str = "not tried";

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Results {
    /// Nothing yet, on this machine, today.
    pub(super) fn here(command: String, rounds: usize) -> Outcome<Self> {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let machine = Machine { processor: processor(), cores, system: output("uname", &["-srm"]) };
        let commit = output("git", &["rev-parse", "--short=12", "HEAD"]);
        let changed = !output("git", &["status", "--porcelain"]).is_empty();
        let date = output("date", &["--utc", "+%Y-%m-%d"]);
        let commit = if changed { format!("{commit} with changes") } else { commit };
        Ok(Self { command, date, commit, machine, rounds, ..Self::default() })
    }

    /// Reads an earlier comparison.
    pub(super) fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// As text for a file.
    pub(super) fn json(&self) -> Outcome<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        Ok(text + "\n")
    }

    /// The peers that were measured.
    pub(super) fn present(&self) -> impl Iterator<Item = &PeerData> {
        self.peers.iter().filter(|peer| peer.missing.is_none())
    }
}

/// The load average over one minute, or nothing where the system does not tell it so.
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_string()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_string())
    };
    let name = of("model name").unwrap_or_else(|| "unknown".into());
    match (of("cpu family"), of("model\t")) {
        (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => name,
    }
}

/// What a program prints, or nothing.
fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    text.unwrap_or_default()
}
