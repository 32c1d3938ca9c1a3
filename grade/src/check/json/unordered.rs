//! Arrays whose order does not count.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Number, differs};
use crate::check::JsonRules;

/// With a tolerance, arrays of so many things are compared by a search for partners. Longer ones are compared in the order
/// of their texts.
const SEARCHED_MAX: usize = 1000;

/// Whether each has an equal partner.
pub(super) fn is_permutation(wanted: &[Value], found: &[Value], rules: JsonRules) -> bool {
    if rules.absolute.is_none() && rules.relative.is_none() {
        return texts(wanted) == texts(found);
    }
    let is_searched = wanted.len() <= SEARCHED_MAX;
    match (numbers(wanted), numbers(found)) {
        // What each may be is an interval, and both ends of it grow with the number, so the order of numbers is one of partners.
        (Some(wanted), Some(found)) => are_same(&wanted, &found, rules),
        _ if is_searched => has_pairing(wanted, found, rules),
        _ => are_same(&by_text(wanted), &by_text(found), rules),
    }
}

fn are_same(wanted: &[&Value], found: &[&Value], rules: JsonRules) -> bool {
    wanted.iter().zip(found).all(|(wanted, found)| differs(wanted, found, rules, "").is_none())
}

/// The numbers in their order, if there is nothing else.
fn numbers(values: &[Value]) -> Option<Vec<&Value>> {
    let numbers = values.iter().map(|value| Some((Number::of(value)?, value)));
    let mut numbers: Vec<(Number<'_>, &Value)> = numbers.collect::<Option<_>>()?;
    numbers.sort_by(|(one, _), (other, _)| one.order(*other));
    Some(numbers.into_iter().map(|(_, value)| value).collect())
}

fn by_text(values: &[Value]) -> Vec<&Value> {
    let mut sorted: Vec<&Value> = values.iter().collect();
    sorted.sort_by_cached_key(|value| text(value));
    sorted
}

/// The texts of all, in their order.
fn texts(values: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(text).collect();
    texts.sort_unstable();
    texts
}

/// The same text for values that are the same where neither the order nor a tolerance counts.
fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(values) => {
            out.push('[');
            texts(values).iter().for_each(|text| out.extend([text, ","]));
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                let _ = write!(out, "{name:?}:");
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        value => {
            let _ = match Number::of(value) {
                Some(number) => write!(out, "{:?}", number.as_f64() + 0.0),
                None => write!(out, "{value}"),
            };
            // Long integers are the same only digit by digit.
            if let Some(Number::Digits(digits)) = Number::of(value) {
                out.extend([" ", digits]);
            }
        }
    }
}

/// Whether there is a pairing of equal values: with a tolerance, equality is no equivalence, so pairs are searched for.
fn has_pairing(wanted: &[Value], found: &[Value], rules: JsonRules) -> bool {
    let fits = |wanted: &Value| -> Vec<usize> {
        let fits = |at: &usize| differs(wanted, &found[*at], rules, "").is_none();
        (0..found.len()).filter(fits).collect()
    };
    let fits: Vec<Vec<usize>> = wanted.iter().map(fits).collect();
    let mut partner: Vec<Option<usize>> = vec![None; found.len()];
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
