//! From what each case got to what groups and the whole get.

use std::collections::BTreeMap;

use crate::Verdict;
use crate::problem::{Group, ScoreRule, VerdictRule};
use crate::report::{CaseReport, GroupReport};

/// What a part of a group got: a case, or a group in it.
#[derive(Clone, Copy, Debug)]
struct Part {
    verdict: Verdict,
    score: Option<f64>,
    score_max: Option<f64>,
}

/// Marks what an earlier case has decided as skipped, and gives what each group got, in the order of the problem.
///
/// `cases` are all cases of the problem, in its order; one that was not run is `None`. `skipped` is what each gets if it is
/// skipped.
pub(crate) fn conclude(
    order: &[Group],
    skipped: Vec<CaseReport>,
    cases: Vec<Option<CaseReport>>,
) -> (Vec<GroupReport>, Vec<CaseReport>) {
    let mut failed: Vec<&str> = Vec::new();
    let mut reports = Vec::new();
    for (skipped, report) in skipped.into_iter().zip(cases) {
        let is_decided = failed.iter().any(|group| is_in(&skipped.group, group));
        let report = match report {
            Some(report) if !is_decided => report,
            _ => skipped,
        };
        if has_failed(&report) {
            failed.extend(stopping(order, &report.group).map(|group| group.id.as_str()));
        }
        reports.push(report);
    }
    let mut groups = BTreeMap::new();
    // What is inside comes behind.
    for group in order.iter().rev() {
        let parts = parts(order, group, &reports, &groups);
        groups.insert(group.id.as_str(), whole(group, &parts));
    }
    let in_order = order.iter().map(|group| {
        let Part { verdict, score, score_max } = groups[group.id.as_str()];
        GroupReport { group: group.id.clone(), verdict, score, score_max }
    });
    (in_order.collect(), reports)
}

/// Whether a case has the rest of its group skipped, where that stops.
pub(crate) fn has_failed(report: &CaseReport) -> bool {
    !matches!(report.verdict, Verdict::Accepted | Verdict::Partial | Verdict::Skipped)
}

/// Whether a group is another, or inside it.
pub(crate) fn is_in(group: &str, outer: &str) -> bool {
    outer.is_empty()
        || group.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The groups around a case in which its failure has the rest skipped: those that stop, as far as the failure is one of the
/// groups inside them.
pub(crate) fn stopping<'a>(
    groups: &'a [Group],
    group: &str,
) -> impl Iterator<Item = &'a Group> + use<'a> {
    let find = move |id: &str| groups.iter().find(|group| group.id == id);
    let mut next = find(group);
    let chain = std::iter::from_fn(move || {
        let group = next?;
        let hides = group.verdict == VerdictRule::AlwaysAccept || group.accepts_any;
        next = match group.parent() {
            Some(parent) if !hides => {
                find(parent).filter(|outer| !outer.ignored.contains(&group.id))
            }
            _ => None,
        };
        Some(group)
    });
    chain.filter(|group| group.stops_at_failure)
}

/// What is directly in a group, in the order of the problem, in which a group's own cases come before the groups in it.
fn parts(
    order: &[Group],
    group: &Group,
    reports: &[CaseReport],
    groups: &BTreeMap<&str, Part>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for report in reports.iter().filter(|report| report.group == group.id) {
        let CaseReport { verdict, score, score_max, .. } = *report;
        parts.push(Part { verdict, score, score_max });
    }
    for inner in order {
        if inner.parent() == Some(&group.id) && !group.ignored.contains(&inner.id) {
            parts.push(groups[inner.id.as_str()]);
        }
    }
    parts
}

/// What a group gets for its parts.
fn whole(group: &Group, parts: &[Part]) -> Part {
    let verdict = verdict(group, parts);
    let has_fault = parts.iter().any(|part| part.verdict.is_fault());
    let score_max = group.score_max.or_else(|| {
        let are_known = parts.iter().all(|part| part.score_max.is_some());
        let full: Vec<Part> = parts.iter().map(|part| part.full()).collect();
        are_known.then(|| rule(group.score, &full, true)).flatten()
    });
    let score = match has_fault || verdict.is_fault() {
        true => None,
        false => rule(group.score, parts, verdict.is_accepted()).or(Some(0.0)),
    };
    Part { verdict, score, score_max }
}

fn verdict(group: &Group, parts: &[Part]) -> Verdict {
    // A fault of the grader's is nobody's failure, and hides nothing.
    if let Some(fault) = parts.iter().map(|part| part.verdict).find(|verdict| verdict.is_fault()) {
        return fault;
    }
    let verdicts = parts.iter().map(|part| part.verdict);
    if group.accepts_any && verdicts.clone().any(Verdict::is_accepted) {
        return Verdict::Accepted;
    }
    let failed = |verdict: &Verdict| !matches!(verdict, Verdict::Accepted | Verdict::Skipped);
    let failure = match group.verdict {
        VerdictRule::AlwaysAccept => return Verdict::Accepted,
        VerdictRule::FirstError => {
            let full = |verdict: &Verdict| failed(verdict) && *verdict != Verdict::Partial;
            verdicts.clone().find(full).or_else(|| verdicts.clone().find(failed))
        }
        VerdictRule::WorstError => verdicts.clone().filter(failed).max_by_key(|one| severity(*one)),
    };
    let is_whole = !parts.iter().any(|part| part.verdict == Verdict::Skipped);
    failure.unwrap_or(if is_whole { Verdict::Accepted } else { Verdict::Skipped })
}

/// How bad a verdict is where the worst counts, as Kattis orders them.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::CompileError => 6,
        Verdict::RuntimeError | Verdict::Trap | Verdict::StackOverflow | Verdict::FileLimit => 5,
        Verdict::MemoryLimit => 4,
        Verdict::StepLimit | Verdict::Deadlock => 3,
        Verdict::OutputLimit => 2,
        Verdict::Partial => 0,
        _ => 1,
    }
}

impl Part {
    /// It with all that it can get.
    fn full(self) -> Self {
        Self { verdict: Verdict::Accepted, score: self.score_max, ..self }
    }

    fn score(self) -> f64 {
        self.score.unwrap_or(0.0)
    }

    /// How much it got of what it can get. Where that is nothing, it is all or nothing.
    fn share(self) -> f64 {
        let max = self.score_max.unwrap_or(1.0);
        match max > 0.0 {
            true => self.score() / max,
            false => f64::from(u8::from(self.verdict.is_accepted())),
        }
    }
}

/// The score by a rule; none of nothing.
fn rule(rule: ScoreRule, parts: &[Part], accepted: bool) -> Option<f64> {
    if parts.is_empty() {
        return None;
    }
    let scores = || parts.iter().map(|part| part.score());
    let shares = || parts.iter().map(|part| part.share());
    let sum: f64 = scores().sum();
    let count = f64::from(u32::try_from(parts.len()).unwrap_or(u32::MAX));
    Some(match rule {
        ScoreRule::Sum => sum,
        ScoreRule::Average => sum / count,
        ScoreRule::Min => scores().fold(f64::INFINITY, f64::min),
        ScoreRule::Max => scores().fold(f64::NEG_INFINITY, f64::max),
        ScoreRule::AllOrNothing(points) => {
            if accepted {
                points
            } else {
                0.0
            }
        }
        ScoreRule::Share(points) => points * shares().sum::<f64>() / count,
        ScoreRule::LeastShare(points) => points * shares().fold(1.0, f64::min),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Visibility;
    use crate::part::CasePlan;

    fn case(name: &str, group: &str, verdict: Verdict) -> CaseReport {
        let (case, group) = (name.into(), group.into());
        let plan = CasePlan { case, group, visibility: Visibility::Hidden, score_max: Some(1.0) };
        CaseReport::blank(&plan, verdict)
    }

    #[test]
    fn the_first_error_is_that_of_the_first_case() {
        use Verdict::{Accepted, StepLimit, WrongAnswer};
        let order = [Group::sum(""), Group::sum("g"), Group::sum("g/h")];
        let rows = [
            ([WrongAnswer, StepLimit, Accepted], WrongAnswer),
            ([Accepted, StepLimit, WrongAnswer], StepLimit),
            ([Accepted, Accepted, WrongAnswer], WrongAnswer),
        ];
        for (verdicts, expected) in rows {
            let places = ["", "g", "g/h"].into_iter().zip(verdicts);
            let cases: Vec<_> = places.map(|(group, one)| case(group, group, one)).collect();
            let reports = cases.iter().cloned().map(Some).collect();
            let (groups, _) = conclude(&order, cases, reports);
            assert_eq!(groups[0].verdict, expected, "{verdicts:?}");
        }
    }
}
