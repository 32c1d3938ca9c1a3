//! Comparison of words, as ICPC's default output validator does it.

use bytes::Bytes;

use super::{Compare, TokenRules, excerpt};
use crate::report::Difference;

/// Word by word.
pub(super) struct Tokens {
    answer: Bytes,
    at: usize,
    rules: TokenRules,
    difference: Option<Difference>,
}

/// Where the next piece of `text` from `at` on lies: a word, or, where white space counts, a run of that, which ends at the
/// latest with a line.
fn piece(text: &[u8], mut at: usize, with_spaces: bool) -> Option<(usize, usize)> {
    let is_space = |at: usize| text[at].is_ascii_whitespace() || text[at] == 0x0b;
    if !with_spaces {
        while at < text.len() && is_space(at) {
            at += 1;
        }
    }
    if at == text.len() {
        return None;
    }
    let mut end = at + 1;
    while end < text.len() && is_space(end) == is_space(at) && text[end - 1] != b'\n' {
        end += 1;
    }
    Some((at, end))
}

impl Tokens {
    pub(super) fn new(answer: Bytes, rules: TokenRules) -> Self {
        Self { answer, at: 0, rules, difference: None }
    }

    /// The next piece of the answer.
    fn next(&mut self) -> Option<Bytes> {
        let (start, end) = piece(&self.answer, self.at, self.rules.space_change_sensitive)?;
        self.at = end;
        Some(self.answer.slice(start..end))
    }

    /// What is wrong with a word, if anything is: `Some(None)` needs no words.
    fn differs(&self, expected: &[u8], actual: &[u8]) -> Option<Option<String>> {
        let tolerant = self.rules.absolute.is_some() || self.rules.relative.is_some();
        if let Some(wanted) = number(expected).filter(|_| tolerant) {
            let Some(found) = number(actual) else {
                return Some(Some("a number is expected".into()));
            };
            return match self.is_near(wanted, found) {
                true => None,
                false => Some(Some("the difference is larger than the tolerance".into())),
            };
        }
        let same = match self.rules.case_sensitive {
            true => expected == actual,
            false => expected.eq_ignore_ascii_case(actual),
        };
        if same { None } else { Some(None) }
    }

    /// Not a number is near nothing, not even itself.
    fn is_near(&self, wanted: f64, found: f64) -> bool {
        let distance = (wanted - found).abs();
        let absolute = self.rules.absolute.is_some_and(|most| distance <= most);
        let relative = self.rules.relative.is_some_and(|most| distance <= most * wanted.abs());
        // Of infinities, the distance is none.
        let same = wanted == found;
        same || wanted.is_finite() && found.is_finite() && (absolute || relative)
    }
}

/// A word as a number.
fn number(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

impl Compare for Tokens {
    fn line(&mut self, number: u64, line: &[u8]) {
        let mut at = 0;
        while self.difference.is_none()
            && let Some((start, end)) = piece(line, at, self.rules.space_change_sensitive)
        {
            at = end;
            let actual = &line[start..end];
            let expected = self.next();
            let note = match &expected {
                None => Some(Some("nothing more is expected".into())),
                Some(expected) => self.differs(expected, actual),
            };
            self.difference = note.map(|note| Difference {
                file: None,
                line: number,
                column: start as u64 + 1,
                expected: expected.as_deref().map(excerpt),
                actual: Some(excerpt(actual)),
                note,
            });
        }
    }

    fn end(&mut self, lines: u64) -> Option<Difference> {
        self.difference.take().or_else(|| {
            let expected = self.next()?;
            Some(Difference {
                line: lines + 1,
                column: 1,
                expected: Some(excerpt(&expected)),
                note: Some("the output ends too early".into()),
                ..Difference::default()
            })
        })
    }
}
