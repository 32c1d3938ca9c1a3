//! What decides whether an output is right. The host compares, while the output comes; the guest never sees an answer.

pub(crate) mod excerpt;
mod json;
mod lines;
mod tokens;
mod whole;

use serde::Serialize;

use crate::Verdict;
use crate::problem::Program;
use crate::report::Difference;

use self::lines::{Exact, Trimmed};
use self::tokens::Tokens;
use self::whole::Whole;

use self::excerpt::excerpt;

/// What decides whether an output is right.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Checker {
    /// Byte for byte.
    Exact,
    /// Line by line, where white space at the end of a line does not count, nor do empty lines at the end.
    Lines,
    /// Word by word.
    Tokens(TokenRules),
    /// The lines in any order, without white space at their ends.
    Sorted,
    /// The words in any order.
    Unordered {
        /// Whether capitals and small letters differ.
        case_sensitive: bool,
    },
    /// A regular expression that the whole output matches, white space around it aside.
    Regex {
        /// The pattern, if it is not the answer.
        pattern: Option<String>,
    },
    /// As JSON.
    Json(JsonRules),
    /// A program of the jury's.
    Program(Program),
}

impl Checker {
    /// Whether it looks at an answer that there must be.
    pub(crate) fn needs_answer(&self) -> bool {
        !matches!(self, Self::Program(_) | Self::Regex { pattern: Some(_) })
    }

    /// The program, if it is one.
    pub(crate) fn program(&self) -> Option<&Program> {
        match self {
            Self::Program(program) => Some(program),
            _ => None,
        }
    }
}

/// How JSON is compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct JsonRules {
    /// How far a number may be from the expected one.
    pub absolute: Option<f64>,
    /// How far it may be, as a part of the expected one.
    pub relative: Option<f64>,
    /// Whether the order of arrays counts.
    pub ordered: bool,
}

impl Default for JsonRules {
    fn default() -> Self {
        Self { absolute: None, relative: None, ordered: true }
    }
}

/// How words are compared: what ICPC's default output validator knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TokenRules {
    /// Whether capitals and small letters differ.
    pub case_sensitive: bool,
    /// Whether white space has to be the same.
    pub space_change_sensitive: bool,
    /// How far a number may be from the expected one.
    pub absolute: Option<f64>,
    /// How far it may be, as a part of the expected one.
    pub relative: Option<f64>,
}

/// What a checker says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The part of the case's score, or a score of its own.
    pub(crate) score: Option<Score>,
    pub(crate) difference: Option<Difference>,
    pub(crate) judge_message: Option<String>,
    pub(crate) team_message: Option<String>,
    /// The steps of the program that judged.
    pub(crate) steps: Option<u64>,
}

/// A score that a checker gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Score {
    /// So much, in the problem's points.
    Points(f64),
    /// This part of what the case gives.
    Part(f64),
}

impl Judgement {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            score: None,
            difference: None,
            judge_message: None,
            team_message: None,
            steps: None,
        }
    }

    /// Whether it is right, at least in part.
    pub(crate) fn is_right(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted | Verdict::Partial)
    }

    pub(crate) fn differs(verdict: Verdict, difference: Difference) -> Self {
        Self { difference: Some(difference), ..Self::of(verdict) }
    }

    pub(crate) fn fault(verdict: Verdict, why: impl Into<String>) -> Self {
        Self { judge_message: Some(why.into()), ..Self::of(verdict) }
    }
}

/// A comparison that is going on.
pub(crate) trait Compare: Send {
    /// One more line of the output with its line feed; the last may have none.
    fn line(&mut self, number: u64, line: &[u8]);

    /// The end of the output: the first difference, if there is any.
    fn end(&mut self, lines: u64) -> Option<Difference>;
}

/// Compares an output with an answer while it comes.
pub(crate) struct Comparison {
    compare: Box<dyn Compare>,
    /// The same without regard to layout, where that makes a presentation error.
    loose: Option<Box<dyn Compare>>,
    /// A line that is not over yet.
    partial: Vec<u8>,
    lines: u64,
    is_empty: bool,
    expects_output: bool,
}

impl Comparison {
    /// The comparison of a checker that is no program.
    pub(crate) fn new(checker: &Checker, answer: bytes::Bytes) -> Result<Self, String> {
        let expects_output =
            !answer.iter().all(u8::is_ascii_whitespace) || matches!(checker, Checker::Regex { .. });
        let layout = TokenRules { case_sensitive: true, ..TokenRules::default() };
        let loose: Option<Box<dyn Compare>> = match checker {
            Checker::Exact | Checker::Lines => Some(Box::new(Tokens::new(answer.clone(), layout))),
            Checker::Tokens(rules) if rules.space_change_sensitive => {
                let rules = TokenRules { space_change_sensitive: false, ..*rules };
                Some(Box::new(Tokens::new(answer.clone(), rules)))
            }
            _ => None,
        };
        let compare: Box<dyn Compare> = match checker {
            Checker::Exact => Box::new(Exact::new(answer)),
            Checker::Lines => Box::new(Trimmed::new(answer)),
            Checker::Tokens(rules) => Box::new(Tokens::new(answer, *rules)),
            Checker::Sorted => Box::new(Whole::lines(answer)),
            Checker::Unordered { case_sensitive } => {
                Box::new(Whole::words(answer, *case_sensitive))
            }
            Checker::Regex { pattern } => Box::new(Whole::regex(answer, pattern.as_deref())?),
            Checker::Json(rules) => Box::new(Whole::json(answer, *rules)?),
            Checker::Program(_) => return Err("a program is run, not compared".into()),
        };
        Ok(Self { compare, loose, partial: Vec::new(), lines: 0, is_empty: true, expects_output })
    }

    /// Takes some more of the output.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        self.is_empty &= bytes.is_empty();
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(at + 1);
            bytes = rest;
            if self.partial.is_empty() {
                self.line(line);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.line(&whole);
            }
        }
        self.partial.extend_from_slice(bytes);
    }

    fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        self.compare.line(self.lines, line);
        if let Some(loose) = &mut self.loose {
            loose.line(self.lines, line);
        }
    }

    /// The end of the output.
    pub(crate) fn judge(mut self) -> Judgement {
        let partial = std::mem::take(&mut self.partial);
        if !partial.is_empty() {
            self.line(&partial);
        }
        let Some(difference) = self.compare.end(self.lines) else {
            return Judgement::of(Verdict::Accepted);
        };
        let has_the_words =
            self.loose.as_mut().is_some_and(|loose| loose.end(self.lines).is_none());
        let verdict = match has_the_words {
            _ if self.is_empty && self.expects_output => Verdict::NoOutput,
            true => Verdict::PresentationError,
            false => Verdict::WrongAnswer,
        };
        Judgement::differs(verdict, difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict, and the line and column of the difference.
    fn check(checker: &Checker, answer: &'static str, output: &str) -> (Verdict, (u64, u64)) {
        let whole = judge(checker, answer, output, usize::MAX);
        for piece in [1, 2, 7] {
            assert_eq!(judge(checker, answer, output, piece), whole, "{output:?} in pieces");
        }
        let at = whole.difference.map_or((0, 0), |one| (one.line, one.column));
        (whole.verdict, at)
    }

    fn judge(checker: &Checker, answer: &'static str, output: &str, piece: usize) -> Judgement {
        let mut comparison = Comparison::new(checker, answer.into()).expect("a comparison");
        output
            .as_bytes()
            .chunks(piece.min(output.len().max(1)))
            .for_each(|one| comparison.feed(one));
        comparison.judge()
    }

    #[test]
    fn outputs_are_compared_as_the_checker_says() {
        use Verdict::{Accepted, NoOutput, PresentationError, WrongAnswer};
        let tokens = Checker::Tokens(TokenRules::default());
        let strict = TokenRules {
            case_sensitive: true,
            space_change_sensitive: true,
            ..TokenRules::default()
        };
        let strict = Checker::Tokens(strict);
        let near =
            TokenRules { absolute: Some(1e-6), relative: Some(1e-6), ..TokenRules::default() };
        let near = Checker::Tokens(near);
        let within =
            |most| Checker::Tokens(TokenRules { absolute: Some(most), ..TokenRules::default() });
        let (same, one) = (within(0.0), within(1.5));
        let words = Checker::Unordered { case_sensitive: false };
        let regex = Checker::Regex { pattern: None };
        let json = Checker::Json(JsonRules { absolute: Some(0.1), ..JsonRules::default() });
        let any = Checker::Json(JsonRules { ordered: false, ..JsonRules::default() });
        let rows = [
            (&Checker::Sorted, "a\nb\n\n", "b \na", Accepted, (0, 0)),
            (&Checker::Sorted, "a\nb\n", "b\nb\na\n", WrongAnswer, (2, 1)),
            (&Checker::Sorted, "a\nb\n", "b\n", WrongAnswer, (2, 1)),
            (&words, "a b c", "C\nB A", Accepted, (0, 0)),
            (&words, "a b c", "a d c", WrongAnswer, (1, 3)),
            (&words, "a", "", NoOutput, (1, 1)),
            (&regex, "[0-9]+ (cats|dogs)\n", "12 dogs\n", Accepted, (0, 0)),
            (&regex, "[0-9]+ (cats|dogs)\n", "12 dogs!\n", WrongAnswer, (1, 1)),
            (&regex, "a|b", "ab", WrongAnswer, (1, 1)),
            (
                &json,
                r#"{"a": [1, 2.0], "b": null}"#,
                r#"{"b":null,"a":[1.05,2]}"#,
                Accepted,
                (0, 0),
            ),
            (&json, r#"{"a": [1, 2.0]}"#, r#"{"a":[1, 3]}"#, WrongAnswer, (1, 1)),
            (&json, "1", "nope", WrongAnswer, (1, 1)),
            (&any, "[1, [2, 3]]", "[[3, 2], 1]", Accepted, (0, 0)),
            (&any, "[1, 1, 2]", "[1, 2, 2]", WrongAnswer, (1, 1)),
            (&any, "123456789012345678901", "123456789012345678902", WrongAnswer, (1, 1)),
            (&Checker::Exact, "a b\n", "a b\n", Accepted, (0, 0)),
            (&Checker::Exact, "a b\n", "a b", PresentationError, (1, 4)),
            (&Checker::Exact, "a b\n", "a  b\n", PresentationError, (1, 3)),
            (&Checker::Exact, "a b\nc\n", "a b\nd\n", WrongAnswer, (2, 1)),
            (&Checker::Exact, "a\n", "a\nb\n", WrongAnswer, (2, 1)),
            (&Checker::Exact, "", "", Accepted, (0, 0)),
            (&Checker::Lines, "a b\nc\n", "a b  \nc\n\n", Accepted, (0, 0)),
            (&Checker::Lines, "a b\nc", "a b\r\nc", Accepted, (0, 0)),
            (&Checker::Lines, "a b\nc\n", "a  b\nc\n", PresentationError, (1, 3)),
            (&Checker::Lines, "a\nb\n", "a\n", WrongAnswer, (2, 1)),
            (&Checker::Lines, "a\n", "", NoOutput, (1, 1)),
            (&tokens, "Yes 1 2\n", "yes\n1   2", Accepted, (0, 0)),
            (&tokens, "Yes 1 2\n", "yes 1 3", WrongAnswer, (1, 7)),
            (&tokens, "1 2", "1 2 3", WrongAnswer, (1, 5)),
            (&tokens, "1 2", "1\n", WrongAnswer, (2, 1)),
            (&tokens, "1 2", "", NoOutput, (1, 1)),
            (&tokens, "1.0", "1.00", WrongAnswer, (1, 1)),
            (&strict, "Yes 1\n", "Yes 1\n", Accepted, (0, 0)),
            (&strict, "Yes 1\n", "yes 1\n", WrongAnswer, (1, 1)),
            (&strict, "Yes 1\n", "Yes  1\n", PresentationError, (1, 4)),
            (&near, "0.5 x", "0.5000001 X", Accepted, (0, 0)),
            (&near, "1000000", "1000000.9", Accepted, (0, 0)),
            (&near, "0.5", "0.51", WrongAnswer, (1, 1)),
            (&near, "0.5", "nan", WrongAnswer, (1, 1)),
            (&near, "nan", "nan", WrongAnswer, (1, 1)),
            (&near, "1e3", "1000", Accepted, (0, 0)),
            (&near, "0.5", "half", WrongAnswer, (1, 1)),
            (&near, "1e400", "1e400", Accepted, (0, 0)),
            (&near, "1e400", "1E400", Accepted, (0, 0)),
            (&near, "1e400", "1e401", WrongAnswer, (1, 1)),
            (&near, "1e400", "inf", WrongAnswer, (1, 1)),
            (&near, "inf", "1e400", WrongAnswer, (1, 1)),
            (&near, "1", "1e400", WrongAnswer, (1, 1)),
            (&near, "inf", "infinity", Accepted, (0, 0)),
            (&near, "inf", "-inf", WrongAnswer, (1, 1)),
            (&near, "9007199254740993", "9007199254740992", Accepted, (0, 0)),
            (&same, "9007199254740993", "9007199254740992", WrongAnswer, (1, 1)),
            (&same, "9007199254740993", "+9007199254740993", Accepted, (0, 0)),
            (&same, "-9007199254740993", "-9007199254740992", WrongAnswer, (1, 1)),
            (&same, "0.5", "0.50", Accepted, (0, 0)),
            (&one, "9007199254740993", "9007199254740992", Accepted, (0, 0)),
            (&one, "9007199254740993", "9007199254740991", WrongAnswer, (1, 1)),
            (&one, "170141183460469231731687303715884105727", "-1", WrongAnswer, (1, 1)),
        ];
        for (checker, answer, output, verdict, at) in rows {
            assert_eq!(
                check(checker, answer, output),
                (verdict, at),
                "{checker:?} {answer:?} {output:?}"
            );
        }
    }
}
