//! Grading: every submission on every case, by as many workers as there are, with one result.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use engine::vfs::StreamKind;
use runtimes::Cache;

use crate::case::Bench;
use crate::guest::{CompileLimits, Guest, Unready, Workshop, runtime_of};
use crate::part::{CasePlan, Head, Part};
use crate::problem::{Case, Problem};
use crate::report::{CaseReport, Report, SubmissionId};
use crate::{Error, Observer, Origin, Shard, Submission, Verdict, score};

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
}

/// Grades submissions on a problem.
///
/// # Errors
/// Those of [`grade_part`].
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
/// [`Error::Interrupted`]; [`Error::Launch`]: a submission has no runtime; [`Error::Infrastructure`]. What is wrong with one
/// submission or one case is in the report.
pub fn grade_part(
    problem: &Problem,
    submissions: &[Submission],
    shard: Shard,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Part, Error> {
    let cache = Cache::open(options.home.clone())
        .map_err(|error| Error::Infrastructure(error.to_string()))?;
    let workshop = Workshop::new(cache, observer, options.search_path.clone(), options.jobs.get());
    let entries = submissions.iter().map(|one| Entry::new(problem, one));
    let session = Session {
        problem,
        shard,
        options,
        observer,
        workshop,
        entries: entries.collect::<Result<_, _>>()?,
    };
    session.run()?;
    Ok(session.part())
}

/// Everything of one call.
struct Session<'a> {
    problem: &'a Problem,
    shard: Shard,
    options: &'a Options,
    observer: &'a dyn Observer,
    workshop: Workshop<'a>,
    entries: Vec<Entry<'a>>,
}

/// A submission, as far as it has been graded.
struct Entry<'a> {
    submission: &'a Submission,
    id: SubmissionId,
    guest: OnceLock<Result<Guest, Unready>>,
    cases: Mutex<Vec<Option<CaseReport>>>,
}

impl<'a> Entry<'a> {
    fn new(problem: &Problem, submission: &'a Submission) -> Result<Self, Error> {
        let main = submission.main();
        let text = main.content.load().map_err(Error::Infrastructure)?;
        let wanted = submission.runtime.as_deref().or(problem.runtime.as_deref());
        let runtime = runtime_of(&main.path, &text, wanted)?;
        Ok(Self {
            submission,
            id: submission.id(&runtime),
            guest: OnceLock::new(),
            cases: Mutex::new(vec![None; problem.cases.len()]),
        })
    }
}

impl Session<'_> {
    /// Grades everything.
    fn run(&self) -> Result<(), Error> {
        let work = self.work();
        let total = work.len();
        self.observer.planned(total);
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        let workers = self.options.jobs.get().min(total.max(1));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= total || lock(&failure).is_some() {
                            return;
                        }
                        if let Err(error) = self.one(&self.entries[work[at].0], work[at].1) {
                            *lock(&failure) = Some(error);
                        }
                    }
                });
            }
        });
        lock(&failure).take().map_or(Ok(()), Err)
    }

    /// The cases of this shard: submission and case.
    fn work(&self) -> Vec<(usize, usize)> {
        let cases = &self.problem.cases;
        let all =
            (0..self.entries.len()).flat_map(|entry| (0..cases.len()).map(move |at| (entry, at)));
        all.filter(|(entry, at)| self.shard.holds(&self.entries[*entry].id, &cases[*at].id))
            .collect()
    }

    /// Grades one case of one submission, unless an earlier case has decided it.
    fn one(&self, entry: &Entry<'_>, at: usize) -> Result<(), Error> {
        if self.observer.is_interrupted() {
            return Err(Error::Interrupted);
        }
        let case = &self.problem.cases[at];
        if self.is_decided(entry, at) {
            let skipped = CaseReport::without_run(case, Verdict::Skipped, "");
            self.observer.finished(&entry.id, &skipped, Origin::Run);
            return Ok(());
        }
        let report = match self.guest(entry) {
            Ok(guest) => self.bench(guest).run(case).map_err(|_| Error::Interrupted)?,
            Err(unready) => without_program(case, unready),
        };
        self.observer.finished(&entry.id, &report, Origin::Run);
        lock(&entry.cases)[at] = Some(report);
        Ok(())
    }

    fn bench<'b>(&'b self, submission: &'b Guest) -> Bench<'b> {
        let Self { problem, observer, .. } = *self;
        Bench { problem, submission, observer, guard: self.options.guard }
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

    /// The program of a submission, made ready by whoever needs it first.
    fn guest<'b>(&self, entry: &'b Entry<'_>) -> Result<&'b Guest, &'b Unready> {
        let made = entry.guest.get_or_init(|| {
            let limits = CompileLimits {
                steps_max: self.problem.limits.compile_steps_max,
                memory_bytes_max: self.problem.limits.compile_memory_bytes_max,
            };
            let runtime = Some(entry.id.runtime.as_str());
            let files = &entry.submission.files;
            let seed = self.problem.seed;
            Guest::prepare(&self.workshop, files, runtime, seed, StreamKind::File, limits)
        });
        made.as_ref()
    }

    /// What was graded. A case that was skipped is in it too, so that nobody takes it for missing.
    fn part(self) -> Part {
        let work = self.work();
        let ids: Vec<_> = self.entries.iter().map(|entry| entry.id.clone()).collect();
        let head = Head::new(self.problem, &ids, self.shard);
        let mut compilations = Vec::new();
        let mut reports = Vec::new();
        for entry in self.entries {
            compilations.push(match entry.guest.get() {
                Some(Ok(guest)) => guest.compilation().cloned(),
                Some(Err(Unready::Refused(compilation))) => Some(compilation.clone()),
                _ => None,
            });
            reports.push(entry.cases.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        let skipped = |at: usize| CasePlan::skipped(&head.cases[at]);
        let cases = work
            .into_iter()
            .map(|(entry, at)| (entry, reports[entry][at].take().unwrap_or_else(|| skipped(at))));
        let cases = cases.collect();
        Part { head, compilations, cases }
    }
}

/// What a case gets without a program.
fn without_program(case: &Case, unready: &Unready) -> CaseReport {
    match unready {
        Unready::Refused(_) => CaseReport {
            score: Some(case.scores.reject),
            ..CaseReport::without_run(case, Verdict::CompileError, "")
        },
        Unready::Fault(why) => CaseReport::without_run(case, Verdict::InfrastructureError, why),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
