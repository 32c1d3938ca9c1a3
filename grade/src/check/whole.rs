//! Comparisons that need the whole output, which the limit of output bounds.

use std::collections::BTreeMap;

use bytes::Bytes;
use regex::bytes::Regex;

use super::{Compare, JsonRules, excerpt, json};
use crate::report::Difference;

/// Compares when the output is complete.
pub(super) struct Whole {
    output: Vec<u8>,
    rule: Rule,
}

enum Rule {
    /// These pieces in any order.
    Pieces {
        left: BTreeMap<Vec<u8>, u64>,
        kind: Pieces,
    },
    Regex(Regex),
    Json {
        expected: serde_json::Value,
        rules: JsonRules,
    },
}

/// What is in any order.
#[derive(Clone, Copy)]
enum Pieces {
    Lines,
    Words { case_sensitive: bool },
}

impl Pieces {
    /// The pieces of a text, each with its line and column.
    fn of(self, text: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
        let mut pieces = Vec::new();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            match self {
                Self::Lines => {
                    let line = line.trim_ascii_end();
                    if !line.is_empty() {
                        pieces.push((number, 1, line.to_vec()));
                    }
                }
                Self::Words { case_sensitive } => {
                    let mut at = 0;
                    for word in line.split(u8::is_ascii_whitespace) {
                        let mut piece = word.to_vec();
                        if !case_sensitive {
                            piece.make_ascii_lowercase();
                        }
                        if !piece.is_empty() {
                            pieces.push((number, at as u64 + 1, piece));
                        }
                        at += word.len() + 1;
                    }
                }
            }
        }
        pieces
    }
}

impl Whole {
    pub(super) fn lines(answer: Bytes) -> Self {
        Self::pieces(&answer, Pieces::Lines)
    }

    pub(super) fn words(answer: Bytes, case_sensitive: bool) -> Self {
        Self::pieces(&answer, Pieces::Words { case_sensitive })
    }

    fn pieces(answer: &[u8], kind: Pieces) -> Self {
        let mut left: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for (_, _, piece) in kind.of(answer) {
            *left.entry(piece).or_default() += 1;
        }
        Self { output: Vec::new(), rule: Rule::Pieces { left, kind } }
    }

    /// By a pattern, else by the answer as one.
    pub(super) fn regex(answer: Bytes, pattern: Option<&str>) -> Result<Self, String> {
        let answer = match pattern {
            Some(pattern) => pattern,
            None => std::str::from_utf8(answer.trim_ascii()).map_err(|error| error.to_string())?,
        };
        let whole = format!(r"\A(?:{answer})\z");
        let regex = Regex::new(&whole).map_err(|error| format!("the pattern: {error}"))?;
        Ok(Self { output: Vec::new(), rule: Rule::Regex(regex) })
    }

    pub(super) fn json(answer: Bytes, rules: JsonRules) -> Result<Self, String> {
        let expected = json::parse(&answer).map_err(|error| format!("the answer: {error}"))?;
        Ok(Self { output: Vec::new(), rule: Rule::Json { expected, rules } })
    }
}

impl Compare for Whole {
    fn line(&mut self, _: u64, line: &[u8]) {
        self.output.extend_from_slice(line);
    }

    fn end(&mut self, lines: u64) -> Option<Difference> {
        let here = Difference { line: 1, column: 1, ..Difference::default() };
        match &mut self.rule {
            Rule::Pieces { left, kind } => {
                for (line, column, piece) in kind.of(&self.output) {
                    match left.get_mut(&piece) {
                        Some(count) if *count > 0 => *count -= 1,
                        _ => {
                            let (actual, note) = (
                                Some(excerpt(&piece)),
                                Some("it is not among what is expected, or too often".into()),
                            );
                            return Some(Difference { line, column, actual, note, ..here });
                        }
                    }
                }
                let missing = left.iter().find(|(_, count)| **count > 0)?;
                let (expected, note) = (Some(excerpt(missing.0)), Some("it is missing".into()));
                Some(Difference { line: lines + 1, expected, note, ..here })
            }
            Rule::Regex(regex) => match regex.is_match(self.output.trim_ascii()) {
                true => None,
                false => Some(Difference {
                    actual: Some(excerpt(&self.output)),
                    note: Some("the output does not match the pattern".into()),
                    ..here
                }),
            },
            Rule::Json { expected, rules } => match json::parse(&self.output) {
                Ok(actual) => json::difference(expected, &actual, *rules),
                Err(error) => Some(Difference {
                    actual: Some(excerpt(&self.output)),
                    note: Some(format!("no JSON: {error}")),
                    ..here
                }),
            },
        }
    }
}
