//! `stepwell grade`: the user's side of grading.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use grade::calibrate::Ratio;
use grade::report::SubmissionId;
use grade::{CaseReport, Observer, Options, Origin, Part, Problem, Shard, Submission};

use crate::args::grade::{CommonGrade, GradeCommand, GradeOptions, RunGrade, Workers};
use crate::args::reports::ReportOptions;
use crate::console;
use crate::error::{FAULT, Failure, INTERRUPTED, OWN, USAGE};
use crate::grading::{self, Outputs, Progress, check_outputs};
use crate::run::files::write_whole;

/// Grades what the options say: the exit status, which for a failure of Stepwell's own is another than that of a run.
pub(crate) fn run(options: &GradeOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    carry_out(options, home).map_err(|failure| match failure.status() {
        OWN => Failure::new(FAULT, failure.message()),
        _ => failure,
    })
}

fn carry_out(options: &GradeOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    match &options.command {
        None => submissions(&options.run, home),
        Some(GradeCommand::Check { problem, reports, common }) => {
            check(problem, reports, common, home)
        }
        Some(GradeCommand::Audit { sample, problem, submissions, workers }) => {
            audit(&named(problem, submissions)?, *sample, &at_work(workers, home))
        }
        Some(GradeCommand::Calibrate { problem, factor, ceiling, json, write, common }) => {
            let options = settings(common, home);
            calibrate(problem, (*factor, *ceiling), json.as_ref(), *write, &options)
        }
        Some(GradeCommand::Merge { files, reports }) => {
            grading::merge(files, Outputs::new(reports, None, files)?)
        }
    }
}

/// Grades the submissions that are named.
fn submissions(run: &RunGrade, home: Option<PathBuf>) -> Result<u8, Failure> {
    let user = User::new()?;
    let folder = run.problem.as_deref().unwrap_or(Path::new(""));
    let read = read_from(folder, run.submissions.iter().cloned());
    let outputs = Outputs::new(&run.reports, run.common.journal.as_ref(), &read)?;
    outputs.check(run.submissions.len())?;
    let shard = run.shard.as_deref().map(shard).transpose()?;
    if shard.is_some() {
        outputs.check_shard()?;
    }
    let (problem, submissions) = named(folder, &run.submissions)?;
    let part = graded(&problem, &submissions, shard, &settings(&run.common, home), &user)?;
    if shard.is_none() {
        return Ok(grading::status(&outputs.write(part)?));
    }
    // What the verdicts are is for `merge` to say: schedulers run a job again that does not end with 0.
    let is_faulty = part.cases.iter().any(|(_, case)| case.verdict.is_fault());
    outputs.write_shard(part)?;
    Ok(if is_faulty { FAULT } else { 0 })
}

fn shard(text: &str) -> Result<Shard, Failure> {
    let is_number = text.starts_with(|char: char| char.is_ascii_digit());
    let variable = |name: &str| std::env::var_os(name)?.into_string().ok();
    let shard = match is_number {
        true => text.parse().map(|shard| (shard, None)),
        false => Shard::of_job(text, variable),
    };
    let (shard, note) = shard.map_err(|why| Failure::new(USAGE, format_args!("--shard: {why}")))?;
    if let Some(note) = note {
        console::say(&format!("--shard {text}: {note}"));
    }
    Ok(shard)
}

/// What must not be written: the submissions, and what the problem is read from.
fn read_from(problem: &Path, submissions: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let own = ["problem.toml", "problem.yaml", "stepwell.toml"].map(|name| problem.join(name));
    own.into_iter().chain(submissions).collect()
}

/// The problem and the submissions that are named.
fn named(problem: &Path, submissions: &[PathBuf]) -> Result<(Problem, Vec<Submission>), Failure> {
    let problem = read(problem)?;
    let named = submissions.iter().zip(grade::names(submissions));
    let submissions = named.map(|(path, name)| Submission::read(path, &name).map_err(failure));
    Ok((problem, submissions.collect::<Result<_, _>>()?))
}

/// Makes results again that the cache has.
fn audit(
    (problem, submissions): &(Problem, Vec<Submission>),
    part: f64,
    options: &Options,
) -> Result<u8, Failure> {
    let user = User::new()?;
    let audit = grade::audit(problem, submissions, part, options, &user);
    user.progress.clear();
    let audit = audit.map_err(failure)?;
    for (submission, case) in &audit.different {
        console::say(&format!("{submission}: case {case} is not what the cache has"));
    }
    let grade::Audit { kept, repeated, different } = audit;
    let same = repeated - different.len();
    console::print(
        format!("{kept} results kept, {repeated} made again, {same} the same\n").as_bytes(),
    )?;
    Ok(if different.is_empty() { 0 } else { FAULT })
}

/// Grades the jury's own submissions.
fn check(
    folder: &Path,
    reports: &ReportOptions,
    common: &CommonGrade,
    home: Option<PathBuf>,
) -> Result<u8, Failure> {
    let user = User::new()?;
    let problem = read(folder)?;
    let files = read_from(folder, problem.jury.iter().map(|jury| jury.path.clone()));
    let outputs = Outputs::new(reports, common.journal.as_ref(), &files)?;
    if problem.jury.is_empty() {
        let why = format!("{} has no submissions of the jury's", folder.display());
        return Err(Failure::new(FAULT, why));
    }
    outputs.check(problem.jury.len())?;
    let submissions = problem.jury.iter().map(|jury| jury.submission().map_err(failure));
    let submissions: Vec<Submission> = submissions.collect::<Result<_, _>>()?;
    let part = graded(&problem, &submissions, None, &settings(common, home), &user)?;
    let report = outputs.write(part)?;
    let wrong = report.submissions.iter().filter(|one| !one.is_as_expected());
    let mut is_right = true;
    for one in wrong {
        is_right = false;
        let expected = one.expected.iter().flatten().map(|verdict| verdict.name());
        let expected = expected.collect::<Vec<_>>().join(" or ");
        console::say(&format!("{}: {}, expected {expected}", one.submission.name, one.verdict));
    }
    Ok(if is_right { 0 } else { FAULT })
}

/// Proposes a limit of steps.
fn calibrate(
    folder: &Path,
    (factor, ceiling): (Ratio, Option<u64>),
    json: Option<&PathBuf>,
    is_to_write: bool,
    options: &Options,
) -> Result<u8, Failure> {
    let user = User::new()?;
    let problem = read(folder)?;
    let files = read_from(folder, problem.jury.iter().map(|jury| jury.path.clone()));
    check_outputs(json.as_slice(), options.journal.as_ref(), &files)?;
    if is_to_write {
        // Whether there is something to write to shows before hours of measuring.
        let steps_max = problem.limits.steps_max;
        grade::calibrate::with_steps(&problem, steps_max).map_err(failure)?;
    }
    let found = grade::calibrate::calibrate(&problem, factor, ceiling, options, &user);
    user.progress.clear();
    let found = found.map_err(failure)?;
    if let Some(path) = json {
        write_whole(path, |out| serde_json::to_writer_pretty(out, &found))?;
    }
    console::print(grading::calibrate::text(&found).as_bytes())?;
    let Some(proposal) = found.proposal else { return Ok(FAULT) };
    if is_to_write {
        let changed = grade::calibrate::with_steps(&problem, proposal.steps_max);
        let (path, text) = changed.map_err(failure)?;
        write_whole(&path, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(0)
}

fn read(folder: &Path) -> Result<Problem, Failure> {
    let problem = Problem::read(folder).map_err(failure)?;
    problem.warnings.iter().for_each(|warning| console::say(&format!("warning: {warning}")));
    Ok(problem)
}

fn graded(
    problem: &Problem,
    submissions: &[Submission],
    shard: Option<Shard>,
    options: &Options,
    user: &User,
) -> Result<Part, Failure> {
    let shard = shard.unwrap_or(Shard::WHOLE);
    let part = grade::grade_part(problem, submissions, shard, options, user);
    user.progress.clear();
    part.map_err(failure)
}

fn settings(common: &CommonGrade, home: Option<PathBuf>) -> Options {
    let CommonGrade { workers, no_cache, journal } = common;
    Options { cache: !no_cache, journal: journal.clone(), ..at_work(workers, home) }
}

fn at_work(workers: &Workers, home: Option<PathBuf>) -> Options {
    let jobs = workers.jobs.or_else(|| thread::available_parallelism().ok());
    Options {
        jobs: jobs.unwrap_or(NonZeroUsize::MIN),
        home,
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        guard: workers.guard,
        cache: true,
        journal: None,
    }
}

fn failure(error: grade::Error) -> Failure {
    match error {
        grade::Error::Usage(message) => Failure::new(USAGE, message),
        grade::Error::Interrupted => Failure::new(INTERRUPTED, "interrupted"),
        error => Failure::new(FAULT, error),
    }
}

/// The user who waits.
struct User {
    interrupted: Arc<AtomicBool>,
    progress: Progress,
}

impl User {
    /// Takes over Ctrl-C: the first stops after the cases that are running, a second at once.
    fn new() -> Result<Self, Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(INTERRUPTED));
            }
        })
        .map_err(|error| Failure::own(format_args!("cannot listen for Ctrl-C: {error}")))?;
        Ok(Self { interrupted, progress: Progress::default() })
    }
}

impl Observer for User {
    fn say(&self, message: &str) {
        self.progress.say(message);
    }

    fn planned(&self, cases: usize) {
        self.progress.planned(cases);
    }

    fn finished(&self, _: &SubmissionId, case: &CaseReport, origin: Origin) {
        self.progress.finished(case.verdict, origin);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}
