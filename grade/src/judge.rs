//! Programs of the jury's that judge: called as ICPC's output validators or testlib's checkers are, metered and confined
//! like any guest.

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind};
use engine::{Process, State};

use crate::check::excerpt::{head, tail};
use crate::check::{Judgement, Score};
use crate::guest::{Begun, Guest, Job, NotBegun};
use crate::problem::{Limits, Program, Protocol};
use crate::run::{Slices, Stopped};
use crate::{Observer, Verdict};

/// Where a judge finds what it is given, in a tree of its own.
const INPUT: &str = "/stepwell/input";
const ANSWER: &str = "/stepwell/answer";
const OUTPUT: &str = "/stepwell/output";
/// Validators put names of files directly behind it.
const FEEDBACK: &str = "/stepwell/feedback/";
/// Bytes of a message.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// A program that judges, ready to start.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) guest: &'a Guest,
    pub(crate) program: &'a Program,
    pub(crate) limits: &'a Limits,
    pub(crate) seed: u64,
}

impl Judge<'_> {
    /// Starts it on a case; an interactor has no output to look at yet.
    pub(crate) fn begin(
        &self,
        input: Bytes,
        answer: Bytes,
        output: Option<&Bytes>,
        stdin: StreamKind,
    ) -> Result<Begun, String> {
        let mut files = vec![(INPUT.to_owned(), input), (ANSWER.to_owned(), answer)];
        let mut args: Vec<String> = match self.program.protocol {
            Protocol::Icpc | Protocol::Legacy => [INPUT, ANSWER, FEEDBACK].map(String::from).into(),
            Protocol::Testlib => [INPUT, OUTPUT, ANSWER].map(String::from).into(),
        };
        if let (Protocol::Testlib, Some(output)) = (self.program.protocol, output) {
            files.push((OUTPUT.into(), output.clone()));
        }
        args.extend_from_slice(&self.program.args);
        let limits = engine::Limits {
            steps_max: self.limits.judge_steps_max,
            memory_bytes_max: size(self.limits.judge_memory_bytes_max),
            // What an interactor says is for the submission, and that has a limit of its own.
            output_bytes_max: OUTPUT_BYTES_MAX,
            ..engine::Limits::default()
        };
        let job = Job {
            args: &args,
            env: &[],
            seed: self.seed,
            files,
            folders: &[FEEDBACK],
            limits,
            quota: Quota::default(),
            stdin,
            receipt: false,
        };
        self.guest.begin(&job).map_err(NotBegun::why)
    }

    /// Has a checker judge an output.
    pub(crate) fn judge(
        &self,
        input: Bytes,
        answer: Bytes,
        output: Bytes,
        observer: &dyn Observer,
        guard: Option<std::time::Duration>,
    ) -> Result<Judgement, Stopped> {
        let begun = match self.begin(input, answer, Some(&output), StreamKind::File) {
            Ok(begun) => begun,
            Err(why) => return Ok(Judgement::fault(Verdict::JudgeError, why)),
        };
        let Begun { mut process, steps_before } = begun;
        if self.program.protocol != Protocol::Testlib {
            process.feed_stdin(output);
        }
        process.close_stdin();
        let mut said = Vec::new();
        let state =
            Slices::new(observer, guard).run(&mut process, |_, bytes| keep(&mut said, &bytes))?;
        Ok(self.conclude(process, &state, steps_before, &said))
    }

    /// What a judge that has ended says. `said` is what it wrote to its outputs.
    pub(crate) fn conclude(
        &self,
        mut process: Process,
        state: &State,
        steps_before: u64,
        said: &[u8],
    ) -> Judgement {
        let steps = process.steps().saturating_sub(steps_before);
        let messages = Messages::of(&mut process, said);
        self.guest.finish(process);
        let judgement = match state {
            State::Exited(code) => match self.program.protocol {
                Protocol::Icpc => icpc(*code, messages, 0.0),
                Protocol::Legacy => icpc(*code, messages, f64::NEG_INFINITY),
                Protocol::Testlib => testlib(*code, messages),
            },
            state => {
                let how = match state {
                    State::Trapped(trap) => format!("trapped: {trap}"),
                    State::Exhausted(limit) => format!("was stopped by {limit}"),
                    _ => "waits for what does not come".into(),
                };
                let said = messages.said;
                Judgement::fault(Verdict::JudgeError, format!("the judge {how}\n{said}"))
            }
        };
        Judgement { steps: Some(steps), ..judgement }
    }
}

/// Bytes that a judge may write.
const OUTPUT_BYTES_MAX: u64 = 64 << 20;

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Keeps the end of what a judge says.
pub(crate) fn keep(said: &mut Vec<u8>, bytes: &[u8]) {
    said.extend_from_slice(&bytes[bytes.len().saturating_sub(2 * MESSAGE_BYTES_MAX)..]);
    let excess = said.len().saturating_sub(2 * MESSAGE_BYTES_MAX);
    said.drain(..excess);
}

/// What a judge has to say.
struct Messages {
    /// To the judge.
    judge: Option<String>,
    /// To the author of the submission.
    team: Option<String>,
    score: Option<String>,
    multiplier: Option<String>,
    /// On its outputs.
    said: String,
}

impl Messages {
    fn of(process: &mut Process, said: &[u8]) -> Self {
        let mut read = |name: &str| {
            let tree = launch::files::root(process.fs()).ok()?;
            let text = tree.read_file(&format!("{FEEDBACK}{name}")).ok()?;
            Some(head(text.trim_ascii(), MESSAGE_BYTES_MAX))
        };
        let is_said = |text: &String| !text.is_empty();
        Self {
            judge: read("judgemessage.txt").filter(is_said),
            team: read("teammessage.txt").filter(is_said),
            score: read("score.txt"),
            multiplier: read("score_multiplier.txt"),
            said: tail(said.trim_ascii(), MESSAGE_BYTES_MAX),
        }
    }
}

/// What the exit status of an output validator of ICPC's means, which may give this score at least.
fn icpc(code: u32, messages: Messages, least: f64) -> Judgement {
    let Messages { judge, team, score, multiplier, said } = messages;
    let judge = judge.or_else(|| (!said.is_empty()).then_some(said));
    let score = match given(score, multiplier, least) {
        Ok(score) => score,
        Err(why) => return Judgement::fault(Verdict::JudgeError, why),
    };
    let verdict = match (code, score) {
        (42, Some(Score::Part(part))) if part < 1.0 => Verdict::Partial,
        (42, _) => Verdict::Accepted,
        (43, _) => Verdict::WrongAnswer,
        (code, _) => {
            let said = judge.unwrap_or_default();
            let why = format!("the judge ended with exit status {code}, neither 42 nor 43\n{said}");
            return Judgement::fault(Verdict::JudgeError, why.trim_end());
        }
    };
    Judgement { score, judge_message: judge, team_message: team, ..Judgement::of(verdict) }
}

/// The score that an output validator gives in its files.
fn given(
    score: Option<String>,
    multiplier: Option<String>,
    least: f64,
) -> Result<Option<Score>, String> {
    let number = |name: &str, text: &str, least: f64, most: f64| {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let number =
            number.ok_or_else(|| format!("{name} of the judge has no number: {text:?}"))?;
        match number {
            number if number < least => {
                Err(format!("{name} of the judge has {number}, below {least}"))
            }
            number if number > most => {
                Err(format!("{name} of the judge has {number}, above {most}"))
            }
            number => Ok(number),
        }
    };
    let points = score.map(|text| number("score.txt", &text, least, f64::INFINITY)).transpose()?;
    let part =
        multiplier.map(|text| number("score_multiplier.txt", &text, 0.0, 1.0)).transpose()?;
    Ok(points.map(Score::Points).or(part.map(Score::Part)))
}

/// What the exit status of a checker of testlib's means.
fn testlib(code: u32, messages: Messages) -> Judgement {
    let said = messages.said;
    let message = (!said.is_empty()).then(|| said.clone());
    let judgement =
        |verdict| Judgement { judge_message: message.clone(), ..Judgement::of(verdict) };
    match code {
        0 => judgement(Verdict::Accepted),
        1 => judgement(Verdict::WrongAnswer),
        // A presentation error, dirt behind the answer, an output that ends too early.
        2 | 4 | 8 => judgement(Verdict::PresentationError),
        7 => match points(&said) {
            Some(points) => {
                Judgement { score: Some(Score::Points(points)), ..judgement(Verdict::Partial) }
            }
            None => Judgement::fault(
                Verdict::JudgeError,
                format!("the judge gives points, but not how many\n{said}").trim_end(),
            ),
        },
        code => Judgement::fault(
            Verdict::JudgeError,
            format!("the judge failed with exit status {code}\n{said}").trim_end(),
        ),
    }
}

/// The number in what testlib writes when it gives points: `points 12.5 a message`.
fn points(said: &str) -> Option<f64> {
    let rest = said.lines().find_map(|line| line.trim_start().strip_prefix("points "))?;
    let number = rest.split_whitespace().next()?.parse::<f64>().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(score: Option<&str>, multiplier: Option<&str>, said: &str) -> Messages {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Messages {
            judge: None,
            team: None,
            score: text(score),
            multiplier: text(multiplier),
            said: said.into(),
        }
    }

    #[test]
    fn exit_statuses_of_icpc_mean_what_they_should() {
        let rows = [
            (42, None, None, Verdict::Accepted, None),
            (43, None, None, Verdict::WrongAnswer, None),
            (42, Some("7.5"), None, Verdict::Accepted, Some(Score::Points(7.5))),
            (42, None, Some("0.5"), Verdict::Partial, Some(Score::Part(0.5))),
            (42, Some("many"), None, Verdict::JudgeError, None),
            (42, Some("nan"), None, Verdict::JudgeError, None),
            (42, Some(""), None, Verdict::JudgeError, None),
            (42, None, Some(""), Verdict::JudgeError, None),
            (42, Some("-1"), None, Verdict::JudgeError, None),
            (42, Some("0"), None, Verdict::Accepted, Some(Score::Points(0.0))),
            (42, None, Some("-0.5"), Verdict::JudgeError, None),
            (42, None, Some("1.5"), Verdict::JudgeError, None),
            (42, Some("1"), Some("2"), Verdict::JudgeError, None),
            (42, None, Some("1"), Verdict::Accepted, Some(Score::Part(1.0))),
            (0, None, None, Verdict::JudgeError, None),
            (1, None, None, Verdict::JudgeError, None),
        ];
        for (code, score, multiplier, verdict, expected) in rows {
            let judgement = icpc(code, messages(score, multiplier, ""), 0.0);
            assert_eq!(
                (judgement.verdict, judgement.score),
                (verdict, expected),
                "{code} {score:?}"
            );
        }
    }

    #[test]
    fn a_score_may_be_below_0_in_the_legacy_format_alone() {
        let judgement = icpc(42, messages(Some("-1"), None, ""), f64::NEG_INFINITY);
        assert_eq!(judgement.score, Some(Score::Points(-1.0)));
        let judgement = icpc(42, messages(None, Some("-1"), ""), f64::NEG_INFINITY);
        assert_eq!(judgement.verdict, Verdict::JudgeError);
    }

    #[test]
    fn exit_statuses_of_testlib_mean_what_they_should() {
        let rows = [
            (0, "ok", Verdict::Accepted, None),
            (1, "wrong answer", Verdict::WrongAnswer, None),
            (2, "wrong output format", Verdict::PresentationError, None),
            (3, "FAIL", Verdict::JudgeError, None),
            (7, "points 12.5 nearly", Verdict::Partial, Some(Score::Points(12.5))),
            (7, "points none", Verdict::JudgeError, None),
            (139, "", Verdict::JudgeError, None),
        ];
        for (code, said, verdict, expected) in rows {
            let judgement = testlib(code, messages(None, None, said));
            assert_eq!((judgement.verdict, judgement.score), (verdict, expected), "{code} {said}");
        }
    }
}
