//! Comparison of whole lines.

use bytes::Bytes;

use super::{Compare, excerpt};
use crate::report::Difference;

/// The lines of the answer that are still to come.
pub(super) struct Answer {
    bytes: Bytes,
    at: usize,
}

impl Answer {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next line with its line feed.
    fn next(&mut self) -> Option<Bytes> {
        let rest = self.bytes.slice(self.at..);
        if rest.is_empty() {
            return None;
        }
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        self.at += end;
        Some(rest.slice(..end))
    }
}

/// The first byte in which two lines differ, from 0.
fn first_difference(expected: &[u8], actual: &[u8]) -> Option<usize> {
    let common = expected.iter().zip(actual).position(|(one, other)| one != other);
    common.or((expected.len() != actual.len()).then(|| expected.len().min(actual.len())))
}

/// The difference between two lines.
fn between(number: u64, at: usize, expected: Option<&[u8]>, actual: Option<&[u8]>) -> Difference {
    // The lines as they are, from a little before the difference where they are long.
    let from = at.saturating_sub(80);
    let cut = |line: &[u8]| excerpt(without_feed(&line[from.min(line.len())..]));
    Difference {
        line: number,
        column: at as u64 + 1,
        expected: expected.map(cut),
        actual: actual.map(cut),
        ..Difference::default()
    }
}

fn without_feed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// Byte for byte.
pub(super) struct Exact {
    answer: Answer,
    difference: Option<Difference>,
}

impl Exact {
    pub(super) fn new(answer: Bytes) -> Self {
        Self { answer: Answer::new(answer), difference: None }
    }
}

impl Compare for Exact {
    fn line(&mut self, number: u64, line: &[u8]) {
        if self.difference.is_some() {
            return;
        }
        let expected = self.answer.next();
        self.difference = match &expected {
            None => Some(between(number, 0, None, Some(line))),
            Some(expected) => first_difference(expected, line).map(|at| {
                let mut difference = between(number, at, Some(expected), Some(line));
                if without_feed(expected) == without_feed(line) {
                    difference.note = Some("only one of the lines ends in a line feed".into());
                }
                difference
            }),
        };
    }

    fn end(&mut self, lines: u64) -> Option<Difference> {
        self.difference
            .take()
            .or_else(|| Some(between(lines + 1, 0, Some(&self.answer.next()?), None)))
    }
}

/// Line by line, without white space at the ends of lines and without empty lines at the end.
pub(super) struct Trimmed {
    answer: Answer,
    /// Lines that are empty, and may be the end.
    pending: u64,
    difference: Option<Difference>,
}

impl Trimmed {
    pub(super) fn new(answer: Bytes) -> Self {
        Self { answer: Answer::new(answer), pending: 0, difference: None }
    }

    fn compare(&mut self, number: u64, line: &[u8]) {
        if self.difference.is_some() {
            return;
        }
        let expected = self.answer.next();
        self.difference = match &expected {
            None => Some(between(number, 0, None, Some(line))),
            Some(expected) => {
                let expected = expected.trim_ascii_end();
                first_difference(expected, line)
                    .map(|at| between(number, at, Some(expected), Some(line)))
            }
        };
    }
}

impl Compare for Trimmed {
    fn line(&mut self, number: u64, line: &[u8]) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            self.pending += 1;
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        for at in number - pending..number {
            self.compare(at, b"");
        }
        self.compare(number, line);
    }

    fn end(&mut self, lines: u64) -> Option<Difference> {
        if let Some(difference) = self.difference.take() {
            return Some(difference);
        }
        let mut number = lines - self.pending;
        while let Some(expected) = self.answer.next() {
            number += 1;
            let expected = expected.trim_ascii_end();
            if !expected.is_empty() {
                return Some(between(number, 0, Some(expected), None));
            }
        }
        None
    }
}
