//! One run of a program: the processor time, wall time and peak of memory of its processes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    /// User and system time together.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
    /// The most memory that one of the processes had, in bytes.
    pub(super) peak: u64,
}

/// Who needs longer for a program is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs commands one after the other, whose output must be what is expected.
///
/// # Errors
/// Why it did not run, as a line for people.
pub(super) fn run(commands: Vec<Command>, expected: &[u8]) -> Result<Sample, String> {
    let mut total = Sample::default();
    let mut output = Vec::new();
    for mut command in commands {
        let (sample, written) = one(&mut command)?;
        total.cpu += sample.cpu;
        total.wall += sample.wall;
        total.peak = total.peak.max(sample.peak);
        output.extend(written);
    }
    if output == expected {
        return Ok(total);
    }
    let text = String::from_utf8_lossy(&output);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing");
    Err(format!("wrong output: {}", shortened(first)))
}

fn one(command: &mut Command) -> Result<(Sample, Vec<u8>), String> {
    let file = || tempfile::tempfile().map_err(|error| format!("no temporary file: {error}"));
    let (mut out, mut err) = (file()?, file()?);
    let copy = |file: &File| file.try_clone().map_err(|error| error.to_string());
    command.stdin(Stdio::null()).stdout(copy(&out)?).stderr(copy(&err)?);
    let start = now();
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let id = child.id();
    let (ended, wait) = mpsc::channel::<()>();
    let guard = thread::spawn(move || {
        let is_stuck = wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if is_stuck {
            // There is nothing to be done if even this does not help.
            let _ = Command::new("kill").arg("-KILL").arg(id.to_string()).status();
        }
        is_stuck
    });
    let usage = child.wait4().map_err(|error| error.to_string())?;
    let wall = start.elapsed();
    drop(ended);
    if guard.join().unwrap_or(false) {
        return Err(format!("still running after {} s", PATIENCE.as_secs()));
    }
    if !usage.status.success() {
        let complaint = String::from_utf8_lossy(&content(&mut err)?).into_owned();
        return Err(reason(&complaint).unwrap_or_else(|| usage.status.to_string()));
    }
    let used = usage.rusage;
    let sample = Sample { cpu: used.utime + used.stime, wall, peak: used.maxrss };
    Ok((sample, content(&mut out)?))
}

/// The line of a complaint that says most: the innermost cause that it lists, or its first line about an error.
fn reason(complaint: &str) -> Option<String> {
    let lines: Vec<&str> =
        complaint.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let causes = lines.iter().skip_while(|line| **line != "Caused by:").skip(1);
    let cause = causes.take_while(|line| **line != "Stack backtrace:").last();
    let error = lines.iter().find(|line| line.contains("rror") || line.contains("failed"));
    cause.or(error).or(lines.first()).map(|line| shortened(line))
}

fn shortened(line: &str) -> String {
    const CHARS_MAX: usize = 120;
    match line.char_indices().nth(CHARS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

fn content(file: &mut File) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| error.to_string())
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch is what this is")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_innermost_cause() {
        let rows = [
            (
                "Error: a\n\nCaused by:\n    0: b\n    1: c\n\nStack backtrace:\n   0: d",
                Some("1: c"),
            ),
            ("note\nError: no such import\nmore", Some("Error: no such import")),
            ("plain\n", Some("plain")),
            ("", None),
        ];
        for (complaint, expected) in rows {
            assert_eq!(reason(complaint).as_deref(), expected, "{complaint}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_processes_take_is_added_up() {
        let shell = |text: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", text]);
            command
        };
        let sample = run(vec![shell("echo a"), shell("sleep 0.1; echo b")], b"a\nb\n").unwrap();
        assert!(sample.wall >= Duration::from_millis(100), "{sample:?}");
        assert!(sample.peak > 0, "{sample:?}");
        assert_eq!(run(vec![shell("echo c")], b"a\n").unwrap_err(), "wrong output: c");
        assert_eq!(run(vec![shell("echo why >&2; exit 3")], b"").unwrap_err(), "why");
    }
}
