//! Where in a problem.toml something is wrong.

use std::fs;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Error;

/// A step into a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// A key of a table.
    Key(&'a str),
    /// An element of an array, from 0.
    Index(usize),
}

/// The text of a file. What is no UTF-8 is an error that says where.
pub(crate) fn text_of(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::file(path, "read", &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
        let (line, column) = position(&before);
        Error::Problem(format!("{}:{line}:{column}: this is no UTF-8", path.display()))
    })
}

/// Line and column of what comes behind a text.
fn position(before: &str) -> (usize, usize) {
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// A document, for errors that name a line of it.
pub(crate) struct Document<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

impl Document<'_> {
    /// What the parser found.
    pub(crate) fn refused(&self, error: &toml::de::Error) -> Error {
        let (span, why) = (error.span(), error.message().trim_end());
        let key = span.as_ref().and_then(|span| self.key(span.start)).unwrap_or_default();
        self.error(span, &about(&key, why))
    }

    /// Something wrong with what is at a path, or the nearest thing around it.
    pub(crate) fn wrong(&self, place: &[At<'_>], why: &str) -> Error {
        let key = place.iter().fold(String::new(), |key, at| below(&key, *at));
        self.error(self.span(place), &about(&key, why))
    }

    /// Refuses what TOML has and JSON has not in the value at a path: numbers that are none or infinite, dates and times.
    pub(crate) fn check_json(&self, place: &[At<'_>]) -> Result<(), Error> {
        let Ok(document) = DeTable::parse(self.text) else { return Ok(()) };
        let Some(value) = value_at(document.get_ref(), place) else { return Ok(()) };
        let key = place.iter().fold(String::new(), |key, at| below(&key, *at));
        match no_json(value, &key) {
            None => Ok(()),
            Some((key, span)) => {
                let why = "JSON has no such value: it has no nan, inf, date or time";
                Err(self.error(Some(span), &about(&key, why)))
            }
        }
    }

    /// The keys that lead to what starts at a byte of the text; of a key, those of the table that it is in.
    fn key(&self, at: usize) -> Option<String> {
        let document = DeTable::parse(self.text).ok()?;
        key_in_table(document.get_ref(), at, "")
    }

    fn error(&self, span: Option<Range<usize>>, message: &str) -> Error {
        let path = self.path.display();
        let Some(span) = span else { return Error::Problem(format!("{path}: {message}")) };
        let (line, column) = position(&self.text[..span.start.min(self.text.len())]);
        Error::Problem(format!("{path}:{line}:{column}: {message}"))
    }

    /// Where something stands in the text.
    fn span(&self, place: &[At<'_>]) -> Option<Range<usize>> {
        let document = DeTable::parse(self.text).ok()?;
        let Some((At::Key(first), rest)) = place.split_first() else { return None };
        let (key, mut value) = document.get_ref().get_key_value(*first)?;
        let mut span = key.span();
        for at in rest {
            let next = match (value.get_ref(), at) {
                (DeValue::Table(table), At::Key(name)) => {
                    table.get_key_value(*name).map(|(key, value)| (key.span(), value))
                }
                (DeValue::Array(array), At::Index(index)) => {
                    array.get(*index).map(|value| (value.span(), value))
                }
                _ => None,
            };
            let Some((at, inner)) = next else { break };
            (span, value) = (at, inner);
        }
        Some(span)
    }
}

/// The value at a path.
fn value_at<'a, 'b>(table: &'a DeTable<'b>, place: &[At<'_>]) -> Option<&'a Spanned<DeValue<'b>>> {
    let (At::Key(first), rest) = place.split_first()? else { return None };
    let value = table.get(*first)?;
    rest.iter().try_fold(value, |value, at| match (value.get_ref(), at) {
        (DeValue::Table(table), At::Key(name)) => table.get(*name),
        (DeValue::Array(array), At::Index(index)) => array.get(*index),
        _ => None,
    })
}

/// What in a value JSON does not have: its key, and where it stands.
fn no_json(value: &Spanned<DeValue<'_>>, key: &str) -> Option<(String, Range<usize>)> {
    match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .find_map(|(name, value)| no_json(value, &below(key, At::Key(name.get_ref())))),
        DeValue::Array(array) => {
            let mut values = array.iter().enumerate();
            values.find_map(|(index, value)| no_json(value, &below(key, At::Index(index))))
        }
        DeValue::Datetime(_) => Some((key.to_owned(), value.span())),
        DeValue::Float(float) => {
            let number = float.as_str().replace('_', "").parse::<f64>();
            let is_finite = number.is_ok_and(f64::is_finite);
            (!is_finite).then(|| (key.to_owned(), value.span()))
        }
        _ => None,
    }
}

/// The key of something inside of another.
fn below(key: &str, at: At<'_>) -> String {
    match at {
        At::Key(name) if key.is_empty() => name.to_owned(),
        At::Key(name) => format!("{key}.{name}"),
        At::Index(index) => format!("{key}[{index}]"),
    }
}

/// What is wrong with what has this key; with the whole, if it is empty.
fn about(key: &str, why: &str) -> String {
    if key.is_empty() { why.to_owned() } else { format!("{key}: {why}") }
}

fn key_in_table(table: &DeTable<'_>, at: usize, outer: &str) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let inner = below(outer, At::Key(key.get_ref()));
        key_in_value(value, at, &inner)
            .or_else(|| key.span().contains(&at).then(|| outer.to_owned()))
    })
}

fn key_in_value(value: &Spanned<DeValue<'_>>, at: usize, key: &str) -> Option<String> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => key_in_table(table, at, key),
        DeValue::Array(array) => {
            let mut values = array.iter().enumerate();
            values.find_map(|(index, value)| key_in_value(value, at, &below(key, At::Index(index))))
        }
        _ => None,
    };
    inner.or_else(|| value.span().contains(&at).then(|| key.to_owned()))
}
