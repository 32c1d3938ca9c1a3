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
        let same = match self.rules.case_sensitive {
            true => expected == actual,
            false => expected.eq_ignore_ascii_case(actual),
        };
        if let Some(wanted) = Number::of(expected).filter(|_| tolerant) {
            let Some(found) = Number::of(actual) else {
                return Some(Some("a number is expected".into()));
            };
            return match self.is_near(wanted, found, same) {
                true => None,
                false => Some(Some("the difference is larger than the tolerance".into())),
            };
        }
        if same { None } else { Some(None) }
    }

    /// Not a number is near nothing, not even itself; what is too large for a float is near only what reads the `same`.
    fn is_near(&self, wanted: Number, found: Number, same: bool) -> bool {
        let TokenRules { absolute, relative, .. } = self.rules;
        let most = relative.map(|part| part * wanted.float.abs());
        if let (Some(wanted), Some(found)) = (wanted.integer, found.integer) {
            let distance = wanted.abs_diff(found);
            return [absolute, most].into_iter().flatten().any(|most| is_within(distance, most));
        }
        if wanted.is_too_large || found.is_too_large {
            return same;
        }
        let (wanted, found) = (wanted.float, found.float);
        let distance = (wanted - found).abs();
        let is_near = [absolute, most].into_iter().flatten().any(|most| distance <= most);
        // Of infinities, the distance is none.
        wanted == found || wanted.is_finite() && found.is_finite() && is_near
    }
}

/// A word as a number.
#[derive(Clone, Copy)]
struct Number {
    float: f64,
    /// The number itself, if it is an integer that is not too long.
    integer: Option<i128>,
    /// Whether it has digits and is infinite as a float all the same.
    is_too_large: bool,
}

impl Number {
    fn of(word: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(word).ok()?;
        let float: f64 = text.parse().ok()?;
        let is_too_large = float.is_infinite() && text.contains(|c: char| c.is_ascii_digit());
        Some(Self { float, integer: text.parse().ok(), is_too_large })
    }
}

/// Whether a whole distance is no more than this.
fn is_within(distance: u128, most: f64) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a tolerance is not negative, and more than there can be is as much as there can be"
    )]
    let whole = most.floor() as u128;
    distance <= whole
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
