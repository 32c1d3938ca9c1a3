//! YAML with the line of each value, for errors and warnings that say where.

use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use crate::Error;
use crate::manifest::text_of;

/// A mapping of a file, of which each key that nobody asks for is a warning.
pub(super) struct Table {
    path: PathBuf,
    line: usize,
    entries: Vec<Entry>,
}

struct Entry {
    key: String,
    line: usize,
    value: Value,
    is_known: bool,
}

/// A value and the line that it starts in.
#[derive(Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    path: PathBuf,
    line: usize,
}

/// What a file holds.
#[derive(Clone)]
enum Value {
    Null,
    /// Anything that is one word, or a text: as it reads.
    Scalar(String),
    Sequence(Vec<(usize, Self)>),
    Mapping(Vec<(String, usize, Self)>),
}

impl<T> Located<T> {
    /// An error at this place.
    pub(super) fn wrong(&self, why: impl std::fmt::Display) -> Error {
        at(&self.path, self.line, why)
    }
}

fn at(path: &Path, line: usize, why: impl std::fmt::Display) -> Error {
    Error::Problem(format!("{}:{line}: {why}", path.display()))
}

impl Table {
    /// Reads a file whose document is a mapping, or empty.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = text_of(path)?;
        let documents = MarkedYaml::load_from_str(&text)
            .map_err(|error| at(path, error.marker().line(), error.info()))?;
        let root = documents.into_iter().next().map(|node| convert(&node));
        match root {
            None | Some(Value::Null) => {
                Ok(Self { path: path.into(), line: 1, entries: Vec::new() })
            }
            Some(Value::Mapping(entries)) => Ok(Self::of(path, 1, entries)),
            Some(_) => Err(at(path, 1, "the file is no mapping")),
        }
    }

    fn of(path: &Path, line: usize, entries: Vec<(String, usize, Value)>) -> Self {
        let entry = |(key, line, value)| Entry { key, line, value, is_known: false };
        Self { path: path.into(), line, entries: entries.into_iter().map(entry).collect() }
    }

    fn take(&mut self, key: &str) -> Option<Located<Value>> {
        let path = self.path.clone();
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.is_known = true;
        let value = std::mem::replace(&mut entry.value, Value::Null);
        let is_null = matches!(value, Value::Null);
        (!is_null).then_some(Located { value, path, line: entry.line })
    }

    /// Says that these keys are known, and mean nothing here.
    pub(super) fn ignore(&mut self, keys: &[&str]) {
        for entry in &mut self.entries {
            entry.is_known |= keys.contains(&entry.key.as_str());
        }
    }

    /// A text, or a number as it reads.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<Located<String>>, Error> {
        let Some(found) = self.take(key) else { return Ok(None) };
        match &found.value {
            Value::Scalar(text) => {
                Ok(Some(Located { value: text.clone(), path: found.path, line: found.line }))
            }
            _ => Err(found.wrong(format_args!("{key} is a text"))),
        }
    }

    /// A number, which is finite.
    pub(super) fn number(&mut self, key: &str) -> Result<Option<Located<f64>>, Error> {
        let Some(Located { value, path, line }) = self.text(key)? else { return Ok(None) };
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| at(&path, line, format_args!("{key} is a number")))?;
        Ok(Some(Located { value: number, path, line }))
    }

    /// Whether something holds.
    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, Error> {
        let Some(found) = self.text(key)? else { return Ok(None) };
        match found.value.as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(found.wrong(format_args!("{key} is true or false"))),
        }
    }

    /// Words: a sequence of texts, or a text with spaces between them.
    pub(super) fn words(&mut self, key: &str) -> Result<Option<Located<Vec<String>>>, Error> {
        let Some(found) = self.take(key) else { return Ok(None) };
        let value: Vec<String> = match &found.value {
            Value::Scalar(text) => text.split_whitespace().map(String::from).collect(),
            Value::Sequence(items) => {
                let word = |(line, item): &(usize, Value)| match item {
                    Value::Scalar(text) => Ok(text.clone()),
                    _ => Err(at(&found.path, *line, format_args!("{key} is a sequence of texts"))),
                };
                items.iter().map(word).collect::<Result<_, _>>()?
            }
            _ => return Err(found.wrong(format_args!("{key} is a sequence of texts"))),
        };
        // They are arguments, mostly.
        if value.iter().any(|word| word.contains('\0')) {
            return Err(found.wrong(format_args!("{key} has a NUL")));
        }
        Ok(Some(Located { value, path: found.path, line: found.line }))
    }

    /// A mapping, or none.
    pub(super) fn table(&mut self, key: &str) -> Result<Option<Self>, Error> {
        let Some(found) = self.take(key) else { return Ok(None) };
        match found.value {
            Value::Mapping(entries) => Ok(Some(Self::of(&found.path, found.line, entries))),
            _ => Err(found.wrong(format_args!("{key} is a mapping"))),
        }
    }

    /// Whether a key is there with a mapping.
    pub(super) fn is_table(&self, key: &str) -> bool {
        let found = self.entries.iter().find(|entry| entry.key == key);
        found.is_some_and(|entry| matches!(entry.value, Value::Mapping(_)))
    }

    /// The line of a key that is there with something else than a mapping.
    pub(super) fn line_of_other(&self, key: &str) -> Option<usize> {
        let found = self.entries.iter().find(|entry| entry.key == key)?;
        (!matches!(found.value, Value::Mapping(_) | Value::Null)).then_some(found.line)
    }

    /// The first text of a mapping, whatever its key: of names in several languages.
    pub(super) fn first_text(&mut self) -> Option<String> {
        let mut found = None;
        for entry in &mut self.entries {
            entry.is_known = true;
            if let (None, Value::Scalar(text)) = (&found, &entry.value) {
                found = Some(text.clone());
            }
        }
        found
    }

    /// An error about the mapping as a whole.
    pub(super) fn wrong(&self, why: impl std::fmt::Display) -> Error {
        at(&self.path, self.line, why)
    }

    /// A warning for each key that nobody has asked for.
    pub(super) fn finish(self, warnings: &mut Vec<String>) {
        for entry in self.entries.iter().filter(|entry| !entry.is_known) {
            let (path, line, key) = (self.path.display(), entry.line, &entry.key);
            warnings.push(format!("{path}:{line}: the key {key} is unknown here, and ignored"));
        }
    }
}

fn convert(node: &MarkedYaml<'_>) -> Value {
    match &node.data {
        YamlData::Value(Scalar::Null) => Value::Null,
        YamlData::Value(scalar) => Value::Scalar(scalar_text(scalar)),
        YamlData::Representation(text, ..) => Value::Scalar(text.to_string()),
        YamlData::Sequence(items) => Value::Sequence(
            items.iter().map(|item| (item.span.start.line(), convert(item))).collect(),
        ),
        YamlData::Mapping(entries) => {
            let entry = |(key, value): (&MarkedYaml<'_>, &MarkedYaml<'_>)| {
                let name = match convert(key) {
                    Value::Scalar(text) => text,
                    _ => String::new(),
                };
                (name, key.span.start.line(), convert(value))
            };
            Value::Mapping(entries.iter().map(entry).collect())
        }
        YamlData::Tagged(_, inner) => convert(inner),
        _ => Value::Null,
    }
}

fn scalar_text(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => String::new(),
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::FloatingPoint(value) => value.into_inner().to_string(),
        Scalar::String(text) => text.to_string(),
    }
}
