//! One case: a fork of the prepared tree, the input in, the output compared as it comes.

use std::time::Duration;

use bytes::Bytes;
use engine::State;
use engine::vfs::{Quota, StreamKind};

use crate::check::excerpt::{head, tail};
use crate::check::{Comparison, Judgement, Score};
use crate::guest::{Begun, Guest, Job};
use crate::problem::{Case, GuestFile, Problem};
use crate::report::CaseReport;
use crate::run::{Ending, Slices, Stopped, Stream};
use crate::{Observer, Verdict};

/// Bytes of standard output and of standard error that a report has.
const SHOWN_BYTES_MAX: usize = 2 << 10;

/// What all cases of a submission have in common.
pub(crate) struct Bench<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) submission: &'a Guest,
    pub(crate) observer: &'a dyn Observer,
    /// The guard in real time of each case.
    pub(crate) guard: Option<Duration>,
}

/// What was seen of a run.
pub(crate) struct Seen {
    pub(crate) ending: Ending,
    pub(crate) steps: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) receipt: Option<String>,
    pub(crate) shown: Shown,
}

/// The beginning of standard output and the end of standard error.
#[derive(Default)]
pub(crate) struct Shown {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Shown {
    pub(crate) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Output => {
                let room = (2 * SHOWN_BYTES_MAX).saturating_sub(self.stdout.len());
                self.stdout.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            Stream::Error => {
                let kept = &bytes[bytes.len().saturating_sub(2 * SHOWN_BYTES_MAX)..];
                self.stderr.extend_from_slice(kept);
                let excess = self.stderr.len().saturating_sub(2 * SHOWN_BYTES_MAX);
                self.stderr.drain(..excess);
            }
        }
    }

    fn stdout(&self) -> String {
        head(&self.stdout, SHOWN_BYTES_MAX)
    }

    fn stderr(&self) -> String {
        tail(&self.stderr, SHOWN_BYTES_MAX)
    }
}

impl Bench<'_> {
    /// Runs one case; an error only if the user wants to stop.
    pub(crate) fn run(&self, case: &Case) -> Result<CaseReport, Stopped> {
        match self.try_run(case) {
            Ok(report) => Ok(report),
            Err(Failed::Stopped(Stopped::Interrupted)) => Err(Stopped::Interrupted),
            Err(Failed::Stopped(stopped)) => Ok(CaseReport::without_run(
                case,
                Verdict::InfrastructureError,
                &stopped.to_string(),
            )),
            Err(Failed::Fault(why)) => {
                Ok(CaseReport::without_run(case, Verdict::InfrastructureError, &why))
            }
        }
    }

    fn try_run(&self, case: &Case) -> Result<CaseReport, Failed> {
        let answer = case.answer.load().map_err(Failed::Fault)?;
        let checker = self.problem.checker_of(case);
        let mut comparison = Comparison::new(checker, answer).map_err(Failed::Fault)?;
        let input = case.input.load().map_err(Failed::Fault)?;
        let begun = self.begin(case, StreamKind::File, Vec::new())?;
        let seen = self.drive(begun, input, |bytes| comparison.feed(bytes))?;
        let judgement = match seen.ending.verdict {
            Some(_) => None,
            None => Some(comparison.judge()),
        };
        Ok(report(case, seen, judgement))
    }

    /// Starts the submission for a case.
    fn begin(
        &self,
        case: &Case,
        stdin: StreamKind,
        more: Vec<(String, Bytes)>,
    ) -> Result<Begun, Failed> {
        let problem = self.problem;
        let mut files = load(&problem.files)?;
        files.extend(load(&case.files)?);
        files.extend(more);
        let args: Vec<String> = problem.args.iter().chain(&case.args).cloned().collect();
        let limits = &problem.limits;
        let job = Job {
            args: &args,
            env: &problem.env,
            seed: problem.seed,
            files,
            limits: engine::Limits {
                steps_max: limits.steps_max,
                memory_bytes_max: usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX),
                output_bytes_max: limits.output_bytes_max,
                ..engine::Limits::default()
            },
            quota: Quota {
                bytes_max: limits.file_bytes_max,
                inodes_max: limits.inodes_max,
                ..Quota::default()
            },
            stdin,
            receipt: true,
        };
        self.submission.begin(job).map_err(Failed::Fault)
    }

    /// Runs the submission to its end, with all of its input.
    fn drive(
        &self,
        begun: Begun,
        input: Bytes,
        mut output: impl FnMut(&[u8]),
    ) -> Result<Seen, Failed> {
        let Begun { mut process, steps_before } = begun;
        process.feed_stdin(input);
        process.close_stdin();
        let mut shown = Shown::default();
        let mut slices = Slices::new(self.observer, self.guard);
        let state = slices.run(&mut process, |stream, bytes| {
            shown.add(stream, &bytes);
            if stream == Stream::Output {
                output(&bytes);
            }
        });
        let state = state.map_err(Failed::Stopped)?;
        self.conclude(process, &state, steps_before, shown)
    }

    /// What was seen of a process that has ended.
    fn conclude(
        &self,
        mut process: engine::Process,
        state: &State,
        steps_before: u64,
        shown: Shown,
    ) -> Result<Seen, Failed> {
        let receipt = process.receipt();
        let receipt = receipt.map_err(|errno| Failed::Fault(format!("no receipt: {errno}")))?;
        let seen = Seen {
            ending: Ending::of(state, &process, &self.problem.limits),
            steps: process.steps().saturating_sub(steps_before),
            memory_bytes: process.memory_bytes(),
            receipt: receipt.map(|receipt| receipt.digest_hex()),
            shown,
        };
        self.submission.finish(process);
        Ok(seen)
    }
}

/// Why a case came to no result.
enum Failed {
    Stopped(Stopped),
    Fault(String),
}

fn load(files: &[GuestFile]) -> Result<Vec<(String, Bytes)>, Failed> {
    let load = |file: &GuestFile| Ok((file.path.clone(), file.content.load()?));
    files.iter().map(load).collect::<Result<_, String>>().map_err(Failed::Fault)
}

/// What a case got: by how the submission ended, else by what the checker says.
fn report(case: &Case, seen: Seen, judgement: Option<Judgement>) -> CaseReport {
    let Seen { ending, steps, memory_bytes, receipt, shown } = seen;
    let judgement = judgement.unwrap_or_else(|| {
        let verdict = ending.verdict.unwrap_or(Verdict::InfrastructureError);
        Judgement { judge_message: ending.fault, ..Judgement::of(verdict) }
    });
    let Judgement { verdict, score, difference, judge_message, team_message, steps: judge_steps } =
        judgement;
    CaseReport {
        score: score_of(case, verdict, score),
        verdict,
        steps,
        memory_bytes,
        exit_code: ending.exit_code,
        trap: ending.trap,
        limit: ending.limit,
        difference,
        judge_message,
        team_message,
        stdout: shown.stdout(),
        stderr: shown.stderr(),
        judge_steps,
        receipt,
        ..CaseReport::without_run(case, verdict, "")
    }
}

/// What a verdict is worth.
fn score_of(case: &Case, verdict: Verdict, score: Option<Score>) -> Option<f64> {
    match (verdict, score) {
        (verdict, _) if verdict.is_fault() || verdict == Verdict::Skipped => None,
        (Verdict::Accepted | Verdict::Partial, Some(Score::Points(points))) => Some(points),
        (Verdict::Accepted | Verdict::Partial, Some(Score::Part(part))) => {
            Some(case.scores.reject + part * (case.scores.accept - case.scores.reject))
        }
        (Verdict::Accepted, None) => Some(case.scores.accept),
        _ => Some(case.scores.reject),
    }
}
