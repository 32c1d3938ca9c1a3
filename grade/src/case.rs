//! One case: a fork of the prepared tree, the input in, the output compared as it comes.

mod files;

use std::time::Duration;

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind};
use engine::{Process, State};

use crate::check::excerpt::{head, tail};
use crate::check::{Checker, Comparison, Judgement, Score};
use crate::guest::function::{self, Returned};
use crate::guest::{Begun, Guest, Job, NotBegun, needs};
use crate::interact::{Conversation, talk};
use crate::judge::Judge;
use crate::problem::{Case, GuestFile, Limits, Mode, Problem, Protocol};
use crate::report::{CaseReport, Difference, LimitHit};
use crate::run::{Ending, Slices, Stopped, Stream};
use crate::{Observer, Verdict};

/// Bytes of standard output and of standard error that a report has.
const SHOWN_BYTES_MAX: usize = 2 << 10;

/// What all cases of a submission have in common.
pub(crate) struct Bench<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) submission: &'a Guest,
    /// The name of its file that is run, or whose function is called.
    pub(crate) main: &'a str,
    /// The interactor, in the mode interactive.
    pub(crate) interactor: Option<Judge<'a>>,
    /// The program that checks this case, if it is one.
    pub(crate) checker: Option<Judge<'a>>,
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
        let (verdict, why) = match self.try_run(case) {
            Ok(report) => return Ok(report),
            Err(Failed::Stopped(Stopped::Interrupted)) => return Err(Stopped::Interrupted),
            Err(Failed::Stopped(stopped)) => (Verdict::InfrastructureError, stopped.to_string()),
            Err(Failed::Unfit(why)) => (Verdict::CompileError, why),
            Err(Failed::Memory(least)) => return Ok(self.without_memory(case, least)),
            Err(Failed::Fault(why)) => (Verdict::InfrastructureError, why),
            Err(Failed::Judge(why)) => (Verdict::JudgeError, why),
            Err(Failed::Config(why)) => (Verdict::ConfigError, why),
        };
        let score = score_of(case, verdict, None);
        Ok(CaseReport { score, ..CaseReport::without_run(case, verdict, &why) })
    }

    /// What a case gets that has too little memory for its interpreter alone.
    fn without_memory(&self, case: &Case, least: u64) -> CaseReport {
        let verdict = Verdict::MemoryLimit;
        let max = self.problem.limits.memory_bytes_max;
        CaseReport {
            score: score_of(case, verdict, None),
            limit: Some(LimitHit { name: "memory".into(), max }),
            ..CaseReport::without_run(case, verdict, &needs(least))
        }
    }

    fn try_run(&self, case: &Case) -> Result<CaseReport, Failed> {
        let (seen, judgement) = match &self.problem.mode {
            Mode::Stdio => self.stdio(case)?,
            Mode::Files => self.files(case)?,
            Mode::Function(name) => self.function(case, name)?,
            Mode::Interactive(_) => self.interactive(case)?,
        };
        Ok(report(case, seen, judgement))
    }

    /// Standard input in, standard output compared as it comes.
    fn stdio(&self, case: &Case) -> Result<(Seen, Option<Judgement>), Failed> {
        let input = case.input.load().map_err(Failed::Fault)?;
        let answer = case.answer.load().map_err(Failed::Fault)?;
        let begun = self.begin(case, StreamKind::File, Vec::new())?;
        if let Some(checker) = &self.checker {
            let mut output = Vec::new();
            let (seen, process) =
                self.drive(begun, input.clone(), |bytes| output.extend_from_slice(bytes))?;
            self.submission.finish(process);
            if seen.ending.verdict.is_some() {
                return Ok((seen, None));
            }
            let judged = checker.judge(input, answer, output.into(), self.observer, self.guard);
            return Ok((seen, Some(judged.map_err(Failed::Stopped)?)));
        }
        let checker = self.problem.checker_of(case);
        let mut comparison = match Comparison::new(checker, answer) {
            Ok(comparison) => comparison,
            Err(why) => return Err(Failed::Config(why)),
        };
        let (seen, process) = self.drive(begun, input, |bytes| comparison.feed(bytes))?;
        self.submission.finish(process);
        let judgement = match seen.ending.verdict {
            Some(_) => None,
            None => Some(comparison.judge()),
        };
        Ok((seen, judgement))
    }

    /// A function is called, and what it returns compared as JSON.
    fn function(&self, case: &Case, name: &str) -> Result<(Seen, Option<Judgement>), Failed> {
        let arguments = case.input.load().map_err(Failed::Fault)?;
        let answer = case.answer.load().map_err(Failed::Fault)?;
        let call = function::call(self.main, name, &arguments).map_err(Failed::Config)?;
        let begun = self.begin(case, StreamKind::File, vec![call])?;
        let (seen, mut process) = self.drive(begun, Bytes::new(), |_| {})?;
        let returned = function::returned(&mut process);
        self.submission.finish(process);
        if seen.ending.verdict.is_some() {
            return Ok((seen, None));
        }
        let noted = |note: String| {
            let difference =
                Difference { line: 1, column: 1, note: Some(note), ..Difference::default() };
            Judgement::differs(Verdict::WrongAnswer, difference)
        };
        let judgement = match (returned, &self.checker) {
            (Returned::Nothing, _) => Judgement::of(Verdict::NoOutput),
            (Returned::Unfit(what), _) => {
                noted(format!("it returned what JSON does not have: {what}"))
            }
            (Returned::Value(value), Some(checker)) => {
                let judged =
                    checker.judge(arguments, answer, value.into(), self.observer, self.guard);
                judged.map_err(Failed::Stopped)?
            }
            (Returned::Value(value), None) => {
                compare(self.problem.checker_of(case), answer, &value).map_err(Failed::Config)?
            }
        };
        Ok((seen, Some(judgement)))
    }

    /// The submission talks with the interactor.
    fn interactive(&self, case: &Case) -> Result<(Seen, Option<Judgement>), Failed> {
        let interactor = self.interactor.as_ref();
        let interactor =
            interactor.ok_or_else(|| Failed::Config("there is no interactor".into()))?;
        let input = case.input.load().map_err(Failed::Fault)?;
        let answer = case.answer.load().map_err(Failed::Fault)?;
        let Begun { mut process, steps_before } = self.begin(case, StreamKind::Pipe, Vec::new())?;
        let judge = interactor.begin(input, answer, None, StreamKind::Pipe);
        let Begun { process: mut other, steps_before: other_steps } =
            judge.map_err(Failed::Judge)?;
        let mut slices = Slices::new(self.observer, self.guard);
        let talked = talk(&mut process, &mut other, &mut slices).map_err(Failed::Stopped)?;
        let Conversation { submission, interactor: end, interactor_first, shown, said } = talked;
        let seen = self.conclude(&mut process, &submission, steps_before, shown)?;
        self.submission.finish(process);
        let is_testlib = interactor.program.protocol == Protocol::Testlib;
        if let (State::Blocked(_), State::Blocked(_)) = (&submission, &end) {
            // Both wait for each other.
            return Ok((seen, None));
        }
        let mut judged = interactor.conclude(other, &end, other_steps, &said);
        if is_testlib && judged.verdict == Verdict::PresentationError {
            judged.verdict = Verdict::InvalidInteraction;
        }
        // A submission that fails before it is judged has failed by itself; one that is told that it is wrong may do as it
        // likes, and one that is right has to end well all the same.
        let judge_decides = seen.ending.verdict.is_none()
            || interactor_first && !matches!(judged.verdict, Verdict::Accepted | Verdict::Partial);
        Ok((seen, judge_decides.then_some(judged)))
    }

    /// Starts the submission for a case.
    fn begin(
        &self,
        case: &Case,
        stdin: StreamKind,
        more: Vec<(String, Bytes)>,
    ) -> Result<Begun, Failed> {
        let problem = self.problem;
        let given = problem.files.iter().chain(&case.files);
        self.submission.has_its_place(self.main, given).map_err(Failed::Unfit)?;
        let mut files = load(&problem.files)?;
        files.extend(load(&case.files)?);
        files.extend(more);
        let args: Vec<String> = problem.args.iter().chain(&case.args).cloned().collect();
        let job = Job { receipt: true, ..job(problem, &args, files, stdin) };
        self.submission.begin(&job).map_err(|error| match error {
            NotBegun::Unfit(why) => Failed::Unfit(why),
            NotBegun::Memory(least) => Failed::Memory(least),
            NotBegun::Config(why) => Failed::Config(why),
            NotBegun::Fault(why) => Failed::Fault(why),
        })
    }

    /// Runs the submission to its end, with all of its input.
    fn drive(
        &self,
        begun: Begun,
        input: Bytes,
        mut output: impl FnMut(&[u8]),
    ) -> Result<(Seen, Process), Failed> {
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
        let seen = self.conclude(&mut process, &state, steps_before, shown)?;
        Ok((seen, process))
    }

    /// What was seen of a process that has ended.
    fn conclude(
        &self,
        process: &mut Process,
        state: &State,
        steps_before: u64,
        shown: Shown,
    ) -> Result<Seen, Failed> {
        let receipt = process.receipt();
        let receipt = receipt.map_err(|errno| Failed::Fault(format!("no receipt: {errno}")))?;
        Ok(Seen {
            ending: Ending::of(state, process, &self.problem.limits, self.submission.is_own_code()),
            steps: process.steps().saturating_sub(steps_before),
            memory_bytes: process.memory_bytes(),
            receipt: receipt.map(|receipt| receipt.digest_hex()),
            shown,
        })
    }
}

/// A run of a submission.
fn job<'a>(
    problem: &'a Problem,
    args: &'a [String],
    files: Vec<(String, Bytes)>,
    stdin: StreamKind,
) -> Job<'a> {
    let limits = &problem.limits;
    Job {
        args,
        env: &problem.env,
        seed: problem.seed,
        files,
        folders: &[],
        limits: run_limits(limits),
        quota: Quota {
            bytes_max: limits.file_bytes_max,
            inodes_max: limits.inodes_max,
            file_bytes_max: limits.file_bytes_max,
        },
        stdin,
        receipt: false,
    }
}

/// What each run of a submission may use.
pub(crate) fn run_limits(limits: &Limits) -> engine::Limits {
    engine::Limits {
        steps_max: limits.steps_max,
        memory_bytes_max: usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX),
        output_bytes_max: limits.output_bytes_max,
        ..engine::Limits::default()
    }
}

/// Whether a submission can be started at all, and its files fit into its tree beside those that all cases have; else why not.
pub(crate) fn try_on(
    problem: &Problem,
    (submission, main): (&Guest, &str),
    stdin: StreamKind,
) -> Result<(), NotBegun> {
    submission.has_its_place(main, &problem.files).map_err(NotBegun::Unfit)?;
    let files = loaded(&problem.files).map_err(NotBegun::Fault)?;
    let begun = submission.begin(&job(problem, &problem.args, files, stdin))?;
    submission.finish(begun.process);
    Ok(())
}

/// Compares an output that is complete.
fn compare(checker: &Checker, answer: Bytes, output: &[u8]) -> Result<Judgement, String> {
    let mut comparison = Comparison::new(checker, answer)?;
    comparison.feed(output);
    Ok(comparison.judge())
}

/// Why a case came to no result.
enum Failed {
    Stopped(Stopped),
    /// The files of the submission do not fit into the tree of the case.
    Unfit(String),
    /// The submission may have less memory than this, which it has at its start.
    Memory(u64),
    /// The machine is at fault.
    Fault(String),
    /// The checker is.
    Judge(String),
    /// The problem is.
    Config(String),
}

fn loaded(files: &[GuestFile]) -> Result<Vec<(String, Bytes)>, String> {
    files.iter().map(|file| Ok((file.path.clone(), file.content.load()?))).collect()
}

fn load(files: &[GuestFile]) -> Result<Vec<(String, Bytes)>, Failed> {
    loaded(files).map_err(Failed::Fault)
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
