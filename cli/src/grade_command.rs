//! `stepwell grade`: the user's side of grading.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use grade::report::SubmissionId;
use grade::{CaseReport, Observer, Options, Origin, Problem, Report, Submission};

use crate::args::grade::{CommonGrade, GradeCommand, GradeOptions, RunGrade};
use crate::console;
use crate::error::{FAILED, FAULT, Failure, INTERRUPTED, USAGE};

/// Grades what the options say: the exit status.
pub(crate) fn run(options: &GradeOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let user = User::new()?;
    match &options.command {
        None => submissions(&options.run, home, &user),
        Some(GradeCommand::Check { problem, common }) => check(problem, common, home, &user),
        Some(GradeCommand::Audit { sample, run }) => audit(run, *sample, home, &user),
    }
}

/// Grades the submissions that are named.
fn submissions(run: &RunGrade, home: Option<PathBuf>, user: &User) -> Result<u8, Failure> {
    let (problem, submissions) = named(run)?;
    let options = settings(&run.common, home);
    let report = grade::grade(&problem, &submissions, &options, user).map_err(failure)?;
    show(&report)?;
    Ok(match &report {
        report if report.has_faults() => FAULT,
        report if report.is_accepted() => 0,
        _ => FAILED,
    })
}

/// The problem and the submissions that are named.
fn named(run: &RunGrade) -> Result<(Problem, Vec<Submission>), Failure> {
    let problem = read(run.problem.as_deref().unwrap_or(Path::new("")))?;
    let read = |path: &PathBuf| Submission::read(path, &path.to_string_lossy());
    let submissions = run.submissions.iter().map(|path| read(path).map_err(failure));
    Ok((problem, submissions.collect::<Result<_, _>>()?))
}

/// Makes results again that the cache has.
fn audit(run: &RunGrade, part: f64, home: Option<PathBuf>, user: &User) -> Result<u8, Failure> {
    let (problem, submissions) = named(run)?;
    let options = settings(&run.common, home);
    let audit = grade::audit(&problem, &submissions, part, &options, user).map_err(failure)?;
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
    common: &CommonGrade,
    home: Option<PathBuf>,
    user: &User,
) -> Result<u8, Failure> {
    let problem = read(folder)?;
    if problem.jury.is_empty() {
        let why = format!("{} has no submissions of the jury's", folder.display());
        return Err(Failure::new(FAULT, why));
    }
    let submissions =
        problem.jury.iter().map(|jury| Submission::read(&jury.path, &jury.name).map_err(failure));
    let submissions: Vec<Submission> = submissions.collect::<Result<_, _>>()?;
    let options = settings(common, home);
    let report = grade::grade(&problem, &submissions, &options, user).map_err(failure)?;
    show(&report)?;
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

fn read(folder: &Path) -> Result<Problem, Failure> {
    let problem = Problem::read(folder).map_err(failure)?;
    problem.warnings.iter().for_each(|warning| console::say(&format!("warning: {warning}")));
    Ok(problem)
}

fn settings(common: &CommonGrade, home: Option<PathBuf>) -> Options {
    let jobs = common.jobs.or_else(|| thread::available_parallelism().ok());
    Options {
        jobs: jobs.unwrap_or(NonZeroUsize::MIN),
        home,
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        guard: common.guard,
        cache: !common.no_cache,
        journal: common.journal.clone(),
    }
}

/// Prints a line for each submission.
fn show(report: &Report) -> Result<(), Failure> {
    use std::fmt::Write as _;
    let mut text = String::new();
    for one in &report.submissions {
        // Text in memory takes everything.
        let _ = writeln!(text, "{:<22} {}", one.verdict, one.submission.name);
        for case in &one.cases {
            let _ = writeln!(text, "  {:<20} {:>14}  {}", case.verdict, case.steps, case.case);
        }
    }
    let _ = writeln!(text, "report {}", report.digest());
    console::print(text.as_bytes()).map(|_| ())
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
        Ok(Self { interrupted })
    }
}

impl Observer for User {
    fn say(&self, message: &str) {
        console::say(message);
    }

    fn planned(&self, cases: usize) {
        if std::io::stderr().is_terminal() {
            console::say(&format!("{cases} cases"));
        }
    }

    fn finished(&self, _: &SubmissionId, _: &CaseReport, _: Origin) {}

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}
