//! Comparison of JSON by its meaning.

use serde_json::Value;

use super::{JsonRules, excerpt};
use crate::report::Difference;

/// What stands before the digits of an integer that no `f64` holds exactly.
const INTEGER: &str = "\u{0}integer ";

/// Parses JSON. Integers of more digits than a float holds become texts with a mark, so that none is taken for another.
pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    serde_json::from_str(&with_marks(text)).map_err(|error| error.to_string())
}

/// The text with long integers as marked strings.
fn with_marks(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        marked.push_str(&rest[..at]);
        rest = &rest[at..];
        let (piece, is_string) = match rest.starts_with('"') {
            true => (string(rest), true),
            false => (number(rest), false),
        };
        let digits = piece.trim_start_matches('-');
        let is_integer = !is_string && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && digits.len() > 15 && !digits.starts_with('0') {
            marked.push_str(&Value::String(format!("{INTEGER}{piece}")).to_string());
        } else {
            marked.push_str(piece);
        }
        rest = &rest[piece.len()..];
    }
    marked + rest
}

/// The string that a text starts with, its quotes included.
fn string(text: &str) -> &str {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return &text[..=at],
            _ => {}
        }
    }
    text
}

/// The number that a text starts with.
fn number(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}

/// The first difference between two values.
pub(crate) fn difference(expected: &Value, actual: &Value, rules: JsonRules) -> Option<Difference> {
    let path = differs(expected, actual, rules, "$")?;
    let (place, expected, actual) = path;
    Some(Difference {
        line: 1,
        column: 1,
        expected: expected.map(|value| excerpt(shown(&value).as_bytes())),
        actual: actual.map(|value| excerpt(shown(&value).as_bytes())),
        note: Some(format!("at {place}")),
        ..Difference::default()
    })
}

/// A value for people.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with(INTEGER) => text[INTEGER.len()..].into(),
        value => value.to_string(),
    }
}

/// Where two values differ, and what is there.
fn differs(
    expected: &Value,
    actual: &Value,
    rules: JsonRules,
    path: &str,
) -> Option<(String, Option<Value>, Option<Value>)> {
    let here = || Some((path.to_owned(), Some(expected.clone()), Some(actual.clone())));
    match (expected, actual) {
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            if !rules.ordered {
                return if is_permutation(wanted, found, rules) { None } else { here() };
            }
            let pairs = wanted.iter().zip(found).enumerate();
            pairs.into_iter().find_map(|(at, (wanted, found))| {
                differs(wanted, found, rules, &format!("{path}[{at}]"))
            })
        }
        (Value::Object(wanted), Value::Object(found)) => {
            for (name, wanted) in wanted {
                let path = format!("{path}.{name}");
                match found.get(name) {
                    None => return Some((path, Some(wanted.clone()), None)),
                    Some(found) => {
                        if let Some(difference) = differs(wanted, found, rules, &path) {
                            return Some(difference);
                        }
                    }
                }
            }
            let more = found.iter().find(|(name, _)| !wanted.contains_key(*name))?;
            Some((format!("{path}.{}", more.0), None, Some(more.1.clone())))
        }
        (Value::Number(wanted), Value::Number(found)) => {
            let same = wanted == found || is_near(wanted.as_f64()?, found.as_f64()?, rules);
            if same { None } else { here() }
        }
        _ if expected == actual => None,
        _ => here(),
    }
}

fn is_near(wanted: f64, found: f64, rules: JsonRules) -> bool {
    let distance = (wanted - found).abs();
    wanted == found
        || rules.absolute.is_some_and(|most| distance <= most)
        || rules.relative.is_some_and(|most| distance <= most * wanted.abs())
}

/// Whether there is a pairing of equal values: with a tolerance, equality is no equivalence, so pairs are searched for.
fn is_permutation(wanted: &[Value], found: &[Value], rules: JsonRules) -> bool {
    let mut partner: Vec<Option<usize>> = vec![None; found.len()];
    let fits: Vec<Vec<usize>> = wanted
        .iter()
        .map(|wanted| {
            let fits = |at: &usize| differs(wanted, &found[*at], rules, "").is_none();
            (0..found.len()).filter(fits).collect()
        })
        .collect();
    (0..wanted.len()).all(|at| {
        let mut seen = vec![false; found.len()];
        augment(at, &fits, &mut partner, &mut seen)
    })
}

/// One more pair, by moving others if need be: the augmenting path of a bipartite matching.
fn augment(
    at: usize,
    fits: &[Vec<usize>],
    partner: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for &other in &fits[at] {
        if std::mem::replace(&mut seen[other], true) {
            continue;
        }
        if partner[other].is_none_or(|taken| augment(taken, fits, partner, seen)) {
            partner[other] = Some(at);
            return true;
        }
    }
    false
}
