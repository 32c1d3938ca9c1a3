//! Where in a problem.toml something is wrong.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::Error;

/// A step into a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum At<'a> {
    /// A key of a table.
    Key(&'a str),
    /// An element of an array, from 0.
    Index(usize),
}

/// A document, for errors that name a line of it.
pub(crate) struct Document<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

impl Document<'_> {
    /// What the parser found.
    pub(crate) fn refused(&self, error: &toml::de::Error) -> Error {
        self.error(error.span(), error.message().trim_end())
    }

    /// Something wrong with what is at a path, or the nearest thing around it.
    pub(super) fn wrong(&self, place: &[At<'_>], why: &str) -> Error {
        let key = place.iter().fold(String::new(), |key, at| match at {
            At::Key(name) if key.is_empty() => (*name).to_owned(),
            At::Key(name) => format!("{key}.{name}"),
            At::Index(index) => format!("{key}[{index}]"),
        });
        self.error(self.span(place), &format!("{key}: {why}"))
    }

    fn error(&self, span: Option<Range<usize>>, message: &str) -> Error {
        let path = self.path.display();
        let Some(span) = span else { return Error::Problem(format!("{path}: {message}")) };
        let before = &self.text[..span.start.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
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
