//! Grading: every submission on every case, by as many workers as there are, with one result.

mod entry;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use runtimes::Cache;

use self::entry::Entry;
use crate::case::Bench;
use crate::guest::{Guest, Unready, Workshop};
use crate::journal::Journal;
use crate::part::{Head, Part, SubmissionPlan};
use crate::problem::{Case, Mode, Problem};
use crate::programs::{Judges, prepare};
use crate::report::{CaseReport, Compilation, Report};
use crate::results::Results;
use crate::{Error, Observer, Origin, Shard, Submission, Verdict, lock, score};

/// How it is graded. Nothing of this changes a result.
#[derive(Clone, Debug)]
pub struct Options {
    /// Workers.
    pub jobs: NonZeroUsize,
    /// The folder that holds runtimes and results; without it the platform's cache folder.
    pub home: Option<PathBuf>,
    /// Where the programs of the registries are looked for, as in `PATH`.
    pub search_path: OsString,
    /// A guard in real time of each case: beyond it the machine is at fault.
    pub guard: Option<Duration>,
    /// Whether results are taken from the cache and kept there.
    pub cache: bool,
    /// A file to which each result is appended, and from which a run that was stopped goes on.
    pub journal: Option<PathBuf>,
}

/// What an audit of the cache has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Results that were in the cache.
    pub kept: usize,
    /// How many of them were made again.
    pub repeated: usize,
    /// Those that came out otherwise: the submission and the case.
    pub different: Vec<(String, String)>,
}

/// Grades submissions on a problem.
///
/// # Errors
/// As [`grade_part`].
pub fn grade(
    problem: &Problem,
    submissions: &[Submission],
    options: &Options,
    observer: &dyn Observer,
) -> Result<Report, Error> {
    Ok(grade_part(problem, submissions, Shard::WHOLE, options, observer)?.report())
}

/// Grades the cases of submissions that belong to a shard.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Problem`]: a judge has no runtime, or there is none of the name that the problem gives;
/// [`Error::Infrastructure`]: cache or journal cannot be used. What is wrong with one submission or one case is in the
/// report.
pub fn grade_part(
    problem: &Problem,
    submissions: &[Submission],
    shard: Shard,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Part, Error> {
    let submissions = completed(problem, submissions);
    let session = Session::open(problem, &submissions, shard, options, observer)?;
    let tasks = session.tasks();
    observer.planned(tasks.len());
    session.each(&tasks, |entry, at| session.one(entry, at))?;
    Ok(session.part(tasks))
}

/// Makes a part of the results again that the cache has, at least one if there are any, and compares. Programs are compiled
/// again too.
///
/// # Errors
/// As [`grade`].
pub fn audit(
    problem: &Problem,
    submissions: &[Submission],
    part: f64,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Audit, Error> {
    let submissions = completed(problem, submissions);
    let options = Options { cache: false, journal: None, ..options.clone() };
    let session = Session::open(problem, &submissions, Shard::WHOLE, &options, observer)?;
    let mut hits: Vec<(String, (usize, usize), CaseReport)> = Vec::new();
    for (entry, at) in session.tasks() {
        let key = session.entries[entry].keys.of(&problem.cases[at]);
        if let Some(kept) = session.results.find(&key) {
            hits.push((key, (entry, at), kept));
        }
    }
    // Keys are hashes: the first of them are a sample of which nobody has a say.
    hits.sort_by(|one, other| one.0.cmp(&other.0));
    let kept = hits.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length"
    )]
    let wanted = (kept as f64 * part.clamp(0.0, 1.0)).ceil() as usize;
    hits.truncate(wanted.min(kept));
    // The cases of a submission one after another: its program is let go with the last.
    hits.sort_by_key(|(_, task, _)| *task);
    observer.planned(hits.len());
    let tasks: Vec<(usize, usize)> = hits.iter().map(|(_, task, _)| *task).collect();
    let different = Mutex::new(Vec::new());
    session.each(&tasks, |entry, at| {
        let case = &problem.cases[at];
        let again = session.make(entry, case)?;
        let index = session.entries.iter().position(|one| std::ptr::eq(one, entry));
        let kept = hits.iter().find(|(_, task, _)| Some(task.0) == index && task.1 == at);
        let json = |report: &CaseReport| serde_json::to_vec(report).ok();
        if kept.is_none_or(|(_, _, kept)| json(kept) != json(&again)) {
            lock(&different).push((entry.id.name.clone(), case.id.clone()));
        }
        observer.finished(&entry.id, &again, Origin::Run);
        Ok(())
    })?;
    let mut different = different.into_inner().unwrap_or_else(PoisonError::into_inner);
    different.sort();
    Ok(Audit { kept, repeated: hits.len(), different })
}

/// The submissions with the files that the problem includes.
fn completed(problem: &Problem, submissions: &[Submission]) -> Vec<Submission> {
    submissions.iter().map(|submission| submission.completed(problem)).collect()
}

/// Everything of one call.
struct Session<'a> {
    problem: &'a Problem,
    shard: Shard,
    options: &'a Options,
    observer: &'a dyn Observer,
    workshop: Workshop<'a>,
    results: Results,
    journal: Option<Journal>,
    judges: Judges<'a>,
    entries: Vec<Entry<'a>>,
}

impl<'a> Session<'a> {
    fn open(
        problem: &'a Problem,
        submissions: &'a [Submission],
        shard: Shard,
        options: &'a Options,
        observer: &'a dyn Observer,
    ) -> Result<Self, Error> {
        let cache = Cache::open(options.home.clone())
            .map_err(|error| Error::Infrastructure(error.to_string()))?;
        let results = Results::new(cache.root().join("grade"));
        let search_path = options.search_path.clone();
        let workshop =
            Workshop::new(cache, observer, search_path, options.cache, options.jobs.get());
        let judges = Judges::new(problem)?;
        let entries = submissions.iter().map(|one| Entry::new(problem, one, &judges));
        let entries = entries.collect::<Result<_, _>>()?;
        let journal = options.journal.as_deref().map(Journal::open).transpose()?;
        Ok(Self { problem, shard, options, observer, workshop, results, journal, judges, entries })
    }

    /// What there is to do: submissions and cases, by number.
    fn tasks(&self) -> Vec<(usize, usize)> {
        let cases = &self.problem.cases;
        (0..self.entries.len())
            .flat_map(|entry| (0..cases.len()).map(move |case| (entry, case)))
            .filter(|(entry, case)| self.shard.holds(&self.entries[*entry].id, &cases[*case].id))
            .collect()
    }

    /// Does something for each of these, by all workers.
    fn each(
        &self,
        tasks: &[(usize, usize)],
        task: impl Fn(&Entry<'a>, usize) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        for (entry, _) in tasks {
            self.entries[*entry].left.fetch_add(1, Ordering::Relaxed);
        }
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        let workers = self.options.jobs.get().min(tasks.len().max(1));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while lock(&failure).is_none()
                        && let Some((entry, at)) = tasks.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let entry = &self.entries[*entry];
                        let done = match self.observer.is_interrupted() {
                            true => Err(Error::Interrupted),
                            false => task(entry, *at),
                        };
                        entry.is_over();
                        if let Err(error) = done {
                            *lock(&failure) = Some(error);
                        }
                    }
                });
            }
        });
        lock(&failure).take().map_or(Ok(()), Err)
    }

    /// Grades one case of one submission, unless an earlier case has decided it or its result is known.
    fn one(&self, entry: &Entry<'_>, at: usize) -> Result<(), Error> {
        let case = &self.problem.cases[at];
        if self.is_decided(entry, at) {
            let skipped = CaseReport::without_run(case, Verdict::Skipped, "");
            self.observer.finished(&entry.id, &skipped, Origin::Run);
            return Ok(());
        }
        let key = entry.keys.of(case);
        let noted = self.journal.as_ref().and_then(|journal| journal.find(&key));
        let (report, origin) = match noted {
            Some(report) => (report.clone(), Origin::Journal),
            None => match self.results.find(&key).filter(|_| self.options.cache) {
                Some(report) => (report, Origin::Cache),
                None => (self.make(entry, case)?, Origin::Run),
            },
        };
        // What the machine is to blame for may come out better another time.
        if !report.verdict.is_fault() {
            if origin == Origin::Run && self.options.cache {
                self.results.keep(&key, &report);
            }
            if let Some(journal) = self.journal.as_ref().filter(|_| origin != Origin::Journal) {
                journal.append(&key, &report)?;
            }
        }
        self.observer.finished(&entry.id, &report, origin);
        lock(&entry.cases)[at] = Some(report);
        Ok(())
    }

    /// Runs a case.
    fn make(&self, entry: &Entry<'_>, case: &Case) -> Result<CaseReport, Error> {
        let submission = match self.guest(entry, true) {
            Ok(guest) => guest,
            Err(unready) => return Ok(without_program(case, unready)),
        };
        let judge = |program| self.judges.get(&self.workshop, program).map(Some);
        let own = self.problem.checker_of(case).program();
        let (checker, interactor) = match &self.problem.mode {
            // In a package, the arguments of an interactor may be those of a case. Another program does not take its place.
            Mode::Interactive(program) => {
                let own = own.filter(|own| own.is_same(program));
                (Ok(None), judge(own.unwrap_or(program)))
            }
            _ => (own.map_or(Ok(None), judge), Ok(None)),
        };
        let (checker, interactor) = match (checker, interactor) {
            (Ok(checker), Ok(interactor)) => (checker, interactor),
            (Err((verdict, why)), _) | (_, Err((verdict, why))) => {
                return Ok(CaseReport::without_run(case, verdict, &why));
            }
        };
        let Self { problem, observer, .. } = *self;
        let (main, guard) = (&entry.submission.main().path, self.options.guard);
        let bench = Bench { problem, submission, main, interactor, checker, observer, guard };
        bench.run(case).map_err(|_| Error::Interrupted)
    }

    /// Whether a case will be skipped, whatever it would get: an earlier one has failed in a group that stops there.
    fn is_decided(&self, entry: &Entry<'_>, at: usize) -> bool {
        let case = &self.problem.cases[at];
        let mut stopping = score::stopping(&self.problem.groups, &case.group).peekable();
        if stopping.peek().is_none() {
            return false;
        }
        let reports = lock(&entry.cases);
        stopping.any(|group| {
            let earlier = reports[..at].iter().flatten();
            earlier.filter(|one| score::is_in(&one.group, &group.id)).any(score::has_failed)
        })
    }

    /// The program of a submission, made ready by whoever needs it first, and started if it will be run.
    fn guest<'b>(&self, entry: &'b Entry<'_>, starts: bool) -> Result<&'b Guest, &'b Unready> {
        let made = entry.guest.get_or_init(|| {
            let kept = format!("grade-{}", entry.keys.of_compilation());
            let runtime = &entry.id.runtime;
            prepare(&self.workshop, self.problem, entry.submission, (runtime, starts), &kept)
        });
        made.as_ref()
    }

    /// What was graded. A case that was skipped is in it too, so that nobody takes it for missing.
    fn part(self, tasks: Vec<(usize, usize)>) -> Part {
        let plans = self.entries.iter().map(|entry| SubmissionPlan {
            submission: entry.id.clone(),
            expected: entry.submission.expected.clone(),
        });
        let head = Head::new(self.problem, plans.collect(), self.shard);
        let mut compilations = Vec::new();
        let mut reports = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let is_graded = tasks.iter().any(|(submission, _)| *submission == at);
            compilations.push(if is_graded { self.compilation(entry) } else { None });
            reports.push(std::mem::take(&mut *lock(&entry.cases)));
        }
        let cases = tasks.into_iter().map(|(entry, at)| {
            let report = reports[entry][at].take();
            (entry, report.unwrap_or_else(|| head.cases[at].skipped()))
        });
        Part { cases: cases.collect(), head, compilations }
    }

    /// How a submission was compiled. Where every result was known, that is known too, or it is compiled again.
    fn compilation(&self, entry: &Entry<'_>) -> Option<Compilation> {
        // A program that is not compiled can be refused too, and then the cache has its cases.
        let is_refused = || {
            let cases = lock(&entry.cases);
            cases.iter().flatten().any(|case| case.verdict == Verdict::CompileError)
        };
        let guest = match entry.guest.get() {
            None if is_compiled(&entry.id.runtime) || is_refused() => self.guest(entry, false),
            None => return None,
            Some(made) => made.as_ref(),
        };
        match guest {
            Ok(guest) => guest.compilation().cloned(),
            Err(Unready::Refused(compilation)) => Some(compilation.clone()),
            Err(Unready::Config(_) | Unready::Fault(_)) => None,
        }
    }
}

/// Whether programs of a runtime may come with a report of their compilation: a module may be refused, too.
fn is_compiled(runtime: &str) -> bool {
    let selection = runtimes::Catalog::builtin().resolve(runtime);
    selection.map_or(true, |selection| selection.language.kind() == runtimes::Kind::Compile)
}

/// What a case gets without a program.
fn without_program(case: &Case, unready: &Unready) -> CaseReport {
    match unready {
        Unready::Refused(_) => CaseReport {
            score: Some(case.scores.reject),
            ..CaseReport::without_run(case, Verdict::CompileError, "")
        },
        Unready::Config(why) => CaseReport::without_run(case, Verdict::ConfigError, why),
        Unready::Fault(why) => CaseReport::without_run(case, Verdict::InfrastructureError, why),
    }
}
