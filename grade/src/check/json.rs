//! Comparison of JSON by its meaning.

mod unordered;

use std::cmp::Ordering;

use serde_json::Value;

use super::{JsonRules, excerpt};
use crate::report::Difference;

/// What stands before the digits of an integer that no `f64` holds exactly.
const INTEGER: &str = "\u{0}integer ";

/// How a string starts whose first character is the mark's.
const ESCAPED_NUL: &str = "\"\\u0000";

/// Parses JSON. Integers that no float holds become texts with a mark, so that none is taken for another.
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
        let is_name = rest[piece.len()..].trim_start().starts_with(':');
        if !is_string && !is_name && is_integer(piece) && !is_exact(piece) {
            marked.push_str(&Value::String(format!("{INTEGER}{piece}")).to_string());
        } else if piece.starts_with(ESCAPED_NUL) {
            // A string that starts as a mark does has one NUL more, so that it is none.
            marked.extend([ESCAPED_NUL, &piece[1..]]);
        } else {
            marked.push_str(piece);
        }
        rest = &rest[piece.len()..];
    }
    marked + rest
}

/// Whether a number is an integer as JSON has them.
fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.starts_with(|first| first != '0')
}

/// Whether a float holds an integer as it is.
fn is_exact(digits: &str) -> bool {
    digits.len() <= 15 || digits.parse::<f64>().is_ok_and(|float| format!("{float:.0}") == digits)
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
                return if unordered::is_permutation(wanted, found, rules) { None } else { here() };
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
        _ => {
            let numbers = Number::of(expected).zip(Number::of(actual));
            let is_same = match numbers {
                Some((wanted, found)) => is_near(wanted, found, rules),
                None => expected == actual,
            };
            if is_same { None } else { here() }
        }
    }
}

/// A number: an integer that no float holds exactly as its digits, all others as a float.
#[derive(Clone, Copy)]
enum Number<'a> {
    Digits(&'a str),
    Float(f64),
}

impl<'a> Number<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => text.strip_prefix(INTEGER).map(Self::Digits),
            value => value.as_f64().map(Self::Float),
        }
    }

    fn as_f64(self) -> f64 {
        match self {
            // What is too large is infinite, and near nothing.
            Self::Digits(digits) => digits.parse().unwrap_or(f64::INFINITY),
            Self::Float(number) => number,
        }
    }

    /// The number, if it is an integer that is not too large.
    fn as_integer(self) -> Option<i128> {
        match self {
            Self::Digits(digits) => digits.parse().ok(),
            #[expect(clippy::cast_possible_truncation, reason = "floats below this are integers")]
            Self::Float(number) => {
                (number.fract() == 0.0 && number.abs() < 1e18).then_some(number as i128)
            }
        }
    }

    /// How far two numbers that are not the same are from each other.
    fn distance(self, other: Self) -> f64 {
        let integers = self.as_integer().zip(other.as_integer());
        match (integers, self, other) {
            #[expect(clippy::cast_precision_loss, reason = "a distance has few digits")]
            (Some((one, other)), ..) => one.abs_diff(other) as f64,
            // Floats may not tell them apart.
            (None, Self::Digits(_), Self::Digits(_)) => {
                (self.as_f64() - other.as_f64()).abs().max(1.0)
            }
            _ => (self.as_f64() - other.as_f64()).abs(),
        }
    }

    /// The order of numbers.
    fn order(self, other: Self) -> Ordering {
        let order = self.as_f64().total_cmp(&other.as_f64());
        let (Self::Digits(one), Self::Digits(two)) = (self, other) else { return order };
        let by_digits = (one.len(), one).cmp(&(two.len(), two));
        order.then(if one.starts_with('-') { by_digits.reverse() } else { by_digits })
    }
}

fn is_near(wanted: Number<'_>, found: Number<'_>, rules: JsonRules) -> bool {
    let is_same = match (wanted, found) {
        (Number::Digits(wanted), Number::Digits(found)) => wanted == found,
        (Number::Float(wanted), Number::Float(found)) => wanted == found,
        _ => false,
    };
    let distance = wanted.distance(found);
    let is_finite = wanted.as_f64().is_finite() && found.as_f64().is_finite();
    let is_within = |most: f64| is_finite && distance <= most;
    is_same
        || rules.absolute.is_some_and(is_within)
        || rules.relative.is_some_and(|most| is_within(most * wanted.as_f64().abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: JsonRules = JsonRules { absolute: None, relative: None, ordered: true };
    const NEAR: JsonRules = JsonRules { relative: Some(1e-9), ..EXACT };
    const CLOSE: JsonRules = JsonRules { absolute: Some(0.1), ..EXACT };
    const ANY: JsonRules = JsonRules { ordered: false, ..EXACT };
    const ANY_NEAR: JsonRules = JsonRules { absolute: Some(0.1), ..ANY };

    #[test]
    fn values_are_the_same_by_their_meaning() {
        let huge = format!("1{}", "0".repeat(400));
        let rows: [(JsonRules, &str, &str, bool); 27] = [
            (EXACT, "1", "1.0", true),
            (EXACT, "-0.0", "0", true),
            (EXACT, "1e20", "100000000000000000000", true),
            (EXACT, "123456789012345678901", "123456789012345678902", false),
            (EXACT, "123456789012345678901", "1.2345678901234568e20", false),
            (EXACT, "[1, 2]", "[2, 1]", false),
            (EXACT, r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#, false),
            (EXACT, r#"["12345678901234567"]"#, "[12345678901234567]", false),
            (NEAR, "123456789012345678901", "1.2345678901234568e20", true),
            (NEAR, "123456789012345678901", "123456789012345678999", true),
            (NEAR, "123456789012345678901", "123456799012345678901", false),
            (NEAR, &huge, "5", false),
            (NEAR, &huge, &huge, true),
            (CLOSE, "9007199254740993", "9007199254740992", false),
            (CLOSE, "123456789012345678901", "123456789012345678902", false),
            (CLOSE, "2", "2.05", true),
            (ANY_NEAR, &format!("[{huge}, 1{huge}]"), &format!("[1{huge}, {huge}]"), true),
            (
                ANY_NEAR,
                "[-9007199254740993, -9007199254740995]",
                "[-9007199254740995, -9007199254740993]",
                true,
            ),
            (NEAR, "12345678901234567", r#""\u0000integer 12345678901234567""#, false),
            (ANY, r#"[1, {"a": [2, 3]}]"#, r#"[{"a": [3, 2]}, 1.0]"#, true),
            (ANY, "[1e20, 7]", "[7, 100000000000000000000]", true),
            (ANY, "[1, 1, 2]", "[1, 2, 2]", false),
            (ANY, r#"["1"]"#, "[1]", false),
            (ANY_NEAR, "[3, 1, 2]", "[1.05, 2.95, 2.05]", true),
            (ANY_NEAR, "[0, 0.1]", "[0.05, -0.05]", true),
            (ANY_NEAR, "[[0, 1], [0.1, 1]]", "[[0.15, 1], [0.05, 1]]", true),
            (ANY_NEAR, "[[0], [1]]", "[[0], [0.05]]", false),
        ];
        for (rules, expected, actual, is_same) in rows {
            let [expected, actual] =
                [expected, actual].map(|text| parse(text.as_bytes()).expect("it is JSON"));
            let found = difference(&expected, &actual, rules).is_none();
            assert_eq!(found, is_same, "{rules:?} {expected} {actual}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["{12345678901234567: 1}", "--12345678901234567", "[1,]", "012345678901234567"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn long_arrays_in_any_order_take_no_stack() {
        type Thing = fn(usize) -> String;
        let list = |wrap: Thing| {
            let all: Vec<String> = (0..50_000).map(wrap).collect();
            parse(format!("[{}]", all.join(",")).as_bytes()).expect("it is JSON")
        };
        let rows: [(JsonRules, Thing, Thing); 3] = [
            (ANY, |at| at.to_string(), |at| (49_999 - at).to_string()),
            (ANY_NEAR, |at| at.to_string(), |at| format!("{}.05", 49_999 - at)),
            (ANY_NEAR, |at| format!("[{at}]"), |at| format!("[{}]", 49_999 - at)),
        ];
        for (rules, wanted, found) in rows {
            assert_eq!(difference(&list(wanted), &list(found), rules).map(|_| ()), None);
        }
    }
}
