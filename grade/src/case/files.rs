//! Cases of the mode files: what the submission leaves in its tree is compared.

use engine::Process;
use engine::vfs::{Errno, StreamKind};

use super::{Bench, Failed, Seen, compare, score_of};
use crate::Verdict;
use crate::check::{Judgement, Score};
use crate::problem::{Case, GuestFile};
use crate::report::Difference;

impl Bench<'_> {
    /// Files in and out.
    pub(super) fn files(&self, case: &Case) -> Result<(Seen, Option<Judgement>), Failed> {
        let input = case.input.load().map_err(Failed::Fault)?;
        let begun = self.begin(case, StreamKind::File, Vec::new())?;
        let (seen, mut process) = self.drive(begun, input, |_| {})?;
        let judgement = match seen.ending.verdict {
            Some(_) => None,
            None => Some(self.compare_files(case, &mut process)?),
        };
        self.submission.finish(process);
        Ok((seen, judgement))
    }

    /// Each file in order, as far as they are right.
    fn compare_files(&self, case: &Case, process: &mut Process) -> Result<Judgement, Failed> {
        let mut whole = None;
        for file in &case.expected_files {
            let judgement = self.compare_file(case, file, process)?;
            let goes_on = judgement.is_right();
            whole = Some(match whole {
                None => judgement,
                Some(earlier) => joined(case, earlier, judgement),
            });
            if !goes_on {
                break;
            }
        }
        Ok(whole.unwrap_or_else(|| Judgement::of(Verdict::Accepted)))
    }

    fn compare_file(
        &self,
        case: &Case,
        file: &GuestFile,
        process: &mut Process,
    ) -> Result<Judgement, Failed> {
        let expected = file.content.load().map_err(Failed::Fault)?;
        let tree = launch::files::root(process.fs());
        let left = tree.map_err(|error| Failed::Fault(error.to_string()))?;
        let judgement = match (left.read_file(&file.path), &self.checker) {
            (Err(errno), _) => {
                let note = Some(format!("the file cannot be read: {errno}"));
                let difference = Difference { line: 1, column: 1, note, ..Difference::default() };
                // One that is not there is what nobody has written to.
                let is_missing = errno == Errno::Noent;
                let verdict = if is_missing { Verdict::NoOutput } else { Verdict::WrongAnswer };
                Judgement::differs(verdict, difference)
            }
            (Ok(output), Some(checker)) => {
                let input = case.input.load().map_err(Failed::Fault)?;
                let judged =
                    checker.judge(input, expected, output.into(), self.observer, self.guard);
                judged.map_err(Failed::Stopped)?
            }
            (Ok(output), None) => {
                let checker = self.problem.checker_of(case);
                compare(checker, expected, &output).map_err(Failed::Config)?
            }
        };
        let name = |difference| Difference { file: Some(file.path.clone()), ..difference };
        let difference = judgement.difference.clone().map(name);
        Ok(Judgement { difference, ..judgement })
    }
}

/// What two files got together, of which the first is right at least in part: what the worse one got.
fn joined(case: &Case, one: Judgement, other: Judgement) -> Judgement {
    let points = |judged: &Judgement| {
        let points = score_of(case, judged.verdict, judged.score);
        points.unwrap_or(case.scores.reject)
    };
    let (first, second) = (points(&one), points(&other));
    let has_score = one.score.is_some() || other.score.is_some();
    let steps = match (one.steps, other.steps) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    };
    let is_partial = [one.verdict, other.verdict].contains(&Verdict::Partial);
    let is_other = !other.is_right() || second < first;
    let (worse, better) = if is_other { (other, one) } else { (one, other) };
    if !worse.is_right() {
        return Judgement { steps, ..worse };
    }
    Judgement {
        verdict: if is_partial { Verdict::Partial } else { Verdict::Accepted },
        score: has_score.then_some(Score::Points(first.min(second))),
        judge_message: worse.judge_message.or(better.judge_message),
        team_message: worse.team_message.or(better.team_message),
        difference: worse.difference.or(better.difference),
        steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Visibility;
    use crate::problem::{CaseScores, Content};

    #[test]
    fn the_worst_of_several_files_counts() {
        let case = Case {
            id: "1".into(),
            group: String::new(),
            visibility: Visibility::Hidden,
            input: Content::inline(""),
            answer: Content::inline(""),
            args: Vec::new(),
            files: Vec::new(),
            expected_files: Vec::new(),
            checker: None,
            scores: CaseScores { accept: 10.0, reject: 1.0 },
        };
        use Verdict::{Accepted, Partial, WrongAnswer};
        let judged =
            |(verdict, score)| Judgement { score, steps: Some(5), ..Judgement::of(verdict) };
        let (points, part) = (Score::Points, Score::Part);
        let rows = [
            ((Accepted, None), (Accepted, None), (Accepted, 10.0)),
            ((Accepted, None), (Accepted, Some(points(4.0))), (Accepted, 4.0)),
            ((Accepted, Some(points(4.0))), (Accepted, None), (Accepted, 4.0)),
            ((Partial, Some(part(0.5))), (Accepted, None), (Partial, 5.5)),
            ((Partial, Some(part(0.5))), (Partial, Some(points(2.0))), (Partial, 2.0)),
            ((Accepted, None), (Partial, Some(points(12.0))), (Partial, 10.0)),
            ((Partial, Some(points(3.0))), (WrongAnswer, None), (WrongAnswer, 1.0)),
        ];
        for (one, other, (verdict, score)) in rows {
            let both = joined(&case, judged(one), judged(other));
            let got = (both.verdict, score_of(&case, both.verdict, both.score), both.steps);
            assert_eq!(got, (verdict, Some(score), Some(10)), "{one:?} {other:?}");
        }
    }
}
