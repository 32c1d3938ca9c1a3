//! Joins what several machines have graded to the report that one machine would have given.

use std::collections::{BTreeMap, HashMap};

use crate::part::{CasePlan, Head, Part};
use crate::report::{CaseReport, Compilation, Report, SubmissionReport};
use crate::{Error, Shard, Verdict, score};

/// Some faults are named, the rest is counted.
const NAMED_MAX: usize = 20;

/// Joins parts to the whole. With each goes what it is called in messages: the name of its file.
///
/// # Errors
/// [`Error::Problem`]: the parts are not of one whole, contradict each other, or cases are missing. It names files, submissions
/// and cases.
pub fn merge(parts: Vec<(String, Part)>) -> Result<Part, Error> {
    let mut parts = parts.into_iter();
    let Some((first_name, first)) = parts.next() else {
        return Err(Error::Usage("there is nothing to merge".into()));
    };
    first.head.check().map_err(|why| Error::Problem(format!("{first_name}: {why}")))?;
    let mut joined = Joined::new(first.head.clone());
    joined.add(&first_name, first)?;
    for (name, part) in parts {
        if let Some(what) = other(&joined.head, &part.head) {
            let why = format!("{name} is of another {what} than {first_name}");
            return Err(Error::Problem(why));
        }
        joined.add(&name, part)?;
    }
    joined.conclude()
}

impl Part {
    /// The report of a part that has everything.
    #[must_use]
    pub fn report(self) -> Report {
        let Self { head, compilations, cases } = self;
        let indices: HashMap<&str, usize> =
            head.cases.iter().enumerate().map(|(at, plan)| (plan.case.as_str(), at)).collect();
        let mut by_submission: Vec<Vec<Option<CaseReport>>> =
            vec![vec![None; head.cases.len()]; head.submissions.len()];
        for (submission, report) in cases {
            if let Some(at) = indices.get(report.case.as_str()) {
                by_submission[submission][*at] = Some(report);
            }
        }
        let submissions = head.submissions.iter().zip(compilations).zip(by_submission);
        let submissions = submissions.map(|((plan, compilation), cases)| {
            let blanks = head.cases.iter().map(CasePlan::skipped).collect();
            let (groups, cases) = score::conclude(&head.groups, blanks, cases);
            let whole = &groups[0];
            SubmissionReport {
                submission: plan.submission.clone(),
                verdict: whole.verdict,
                score: whole.score,
                score_max: whole.score_max,
                expected: plan.expected.clone(),
                compilation,
                groups,
                cases,
            }
        });
        Report {
            submissions: submissions.collect(),
            format: head.format,
            stepwell: head.stepwell,
            problem: head.problem,
        }
    }
}

/// In what two parts differ that should be of one whole.
fn other(one: &Head, two: &Head) -> Option<&'static str> {
    let rows = [
        (one.format == two.format, "format"),
        (one.stepwell == two.stepwell, "version of Stepwell"),
        (one.audience == two.audience, "audience"),
        (one.problem == two.problem, "problem, or another state of it,"),
        (one.groups == two.groups && one.cases == two.cases, "set of cases"),
        (one.submissions == two.submissions, "set of submissions, or another order of them,"),
    ];
    rows.into_iter().find(|(is_same, _)| !is_same).map(|(_, what)| what)
}

/// What was found so far.
struct Joined {
    head: Head,
    compilations: Vec<Option<(String, Compilation)>>,
    /// By submission and case: the file and what it says.
    cases: BTreeMap<(usize, usize), (String, CaseReport)>,
    indices: HashMap<String, usize>,
}

impl Joined {
    fn new(head: Head) -> Self {
        let head = Head { shard: Shard::WHOLE, ..head };
        let indices = head.cases.iter().enumerate().map(|(at, plan)| (plan.case.clone(), at));
        Self {
            indices: indices.collect(),
            compilations: vec![None; head.submissions.len()],
            cases: BTreeMap::new(),
            head,
        }
    }

    fn add(&mut self, name: &str, part: Part) -> Result<(), Error> {
        for (at, compilation) in part.compilations.into_iter().enumerate() {
            let Some(compilation) = compilation else { continue };
            match &self.compilations[at] {
                Some((earlier, known)) if *known != compilation => {
                    let submission = &self.head.submissions[at].submission.name;
                    let why = format!("{earlier} and {name} compiled {submission} differently");
                    return Err(Error::Problem(why));
                }
                Some(_) => {}
                None => self.compilations[at] = Some((name.into(), compilation)),
            }
        }
        for (submission, report) in part.cases {
            self.case(name, submission, report)?;
        }
        Ok(())
    }

    fn case(&mut self, name: &str, submission: usize, report: CaseReport) -> Result<(), Error> {
        let Some(at) = self.indices.get(&report.case).copied() else {
            let why = format!("{name} has the case {:?}, which its head has not", report.case);
            return Err(Error::Problem(why));
        };
        let plan = &self.head.cases[at];
        if (&report.group, report.visibility, report.score_max)
            != (&plan.group, plan.visibility, plan.score_max)
        {
            let why = format!("{name} has the case {:?} otherwise than its head", report.case);
            return Err(Error::Problem(why));
        }
        let key = (submission, at);
        match self.cases.get(&key) {
            // What one shard has skipped for a case of its own, another may have run: it could not know.
            Some((_, known)) if *known == report || report.verdict == Verdict::Skipped => {}
            Some((earlier, known)) if known.verdict != Verdict::Skipped => {
                let submission = &self.head.submissions[submission].submission.name;
                return Err(Error::Problem(format!(
                    "{earlier} and {name} contradict each other: {submission}, case {}, {} and {}",
                    report.case, known.verdict, report.verdict
                )));
            }
            _ => drop(self.cases.insert(key, (name.into(), report))),
        }
        Ok(())
    }

    fn conclude(self) -> Result<Part, Error> {
        let mut missing = Vec::new();
        for (submission, plan) in self.head.submissions.iter().enumerate() {
            for (at, case) in self.head.cases.iter().enumerate() {
                if !self.cases.contains_key(&(submission, at)) {
                    missing.push(format!("{}, case {}", plan.submission.name, case.case));
                }
            }
        }
        complain(&missing, "are in no file")?;
        complain(&self.skipped_without_reason(), "are skipped, though no earlier case decides")?;
        let compilations = self.compilations.into_iter().map(|one| one.map(|(_, known)| known));
        let cases =
            self.cases.into_iter().map(|((submission, _), (_, report))| (submission, report));
        Ok(Part { compilations: compilations.collect(), cases: cases.collect(), head: self.head })
    }

    /// The cases that are skipped, although no failure before them has a group stop.
    fn skipped_without_reason(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut failed: (usize, Vec<&str>) = (0, Vec::new());
        for ((submission, at), (_, report)) in &self.cases {
            if failed.0 != *submission {
                failed = (*submission, Vec::new());
            }
            let is_decided = failed.1.iter().any(|group| score::is_in(&report.group, group));
            if report.verdict == Verdict::Skipped && !is_decided {
                let submission = &self.head.submissions[*submission].submission.name;
                found.push(format!("{submission}, case {}", self.head.cases[*at].case));
            }
            if score::has_failed(report) && !is_decided {
                let stopping = score::stopping(&self.head.groups, &report.group);
                failed.1.extend(stopping.map(|group| group.id.as_str()));
            }
        }
        found
    }
}

/// An error that names some of what is wrong, if there is anything.
fn complain(what: &[String], why: &str) -> Result<(), Error> {
    if what.is_empty() {
        return Ok(());
    }
    let named = what.iter().take(NAMED_MAX).map(|one| format!("\n  {one}")).collect::<String>();
    let more = match what.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    };
    Err(Error::Problem(format!("{} results {why}:{named}{more}", what.len())))
}
