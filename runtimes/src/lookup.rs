//! From what a user or a program says to a row of the catalogue.

use crate::catalog::{Catalog, Language, Runtime};
use crate::error::UnknownRuntime;

/// A runtime, and which of its languages is meant.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// The runtime.
    pub runtime: &'a Runtime,
    /// The language.
    pub language: &'a Language,
}

impl Catalog {
    /// Finds a runtime by name: `python`, `python@3.11`, `python3.11`, `js`, `c++`.
    ///
    /// A version may be cut after any of its numbers. Where several fit, the default wins, then the first in the
    /// catalogue. A runtime's own name means its first language.
    ///
    /// # Errors
    /// [`UnknownRuntime`]: no row has that name, or none with that name has that version.
    pub fn resolve(&self, name: &str) -> Result<Selection<'_>, UnknownRuntime> {
        self.resolve_for(name, None)
    }

    /// Like [`Catalog::resolve`], but a runtime's own name means its language with that extension, if there is one:
    /// `clang` with `cc` is C++.
    ///
    /// # Errors
    /// [`UnknownRuntime`]: as for [`Catalog::resolve`].
    pub fn resolve_for(
        &self,
        name: &str,
        extension: Option<&str>,
    ) -> Result<Selection<'_>, UnknownRuntime> {
        let found = self.named(name).ok_or_else(|| UnknownRuntime::new(self, name))?;
        let bare = split(name).0;
        let languages = &found.runtime.languages;
        let by_language = languages.iter().any(|language| language.has_name(&bare));
        let fitting = extension.and_then(|extension| {
            languages.iter().find(|language| language.has_extension(extension))
        });
        match fitting {
            Some(language) if !by_language => Ok(Selection { language, ..found }),
            _ => Ok(found),
        }
    }

    /// Finds the default runtime for programs whose names end in `.extension`, in any case.
    pub fn by_extension(&self, extension: &str) -> Option<Selection<'_>> {
        let defaults = self.runtimes.iter().filter(|runtime| runtime.default);
        let mut all = defaults.flat_map(Selection::all);
        all.find(|selection| selection.language.has_extension(extension))
    }

    /// Finds the runtime that a program asks for in a first line like `#!/usr/bin/env -S python3 -u`.
    ///
    /// Takes the program, or any beginning of it that holds the whole line. `None` if there is no such line, or if it
    /// names something that is not in the catalogue.
    pub fn by_shebang(&self, program: &[u8]) -> Option<Selection<'_>> {
        let line = program.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_whitespace();
        let mut interpreter = file_name(words.next()?);
        if interpreter == "env" {
            interpreter = file_name(words.find_map(command)?);
        }
        self.named(interpreter)
    }

    fn named(&self, name: &str) -> Option<Selection<'_>> {
        let find = |bare: &str, version: Option<&str>| {
            let fits = |one: &Selection<'_>| {
                version.is_none_or(|version| is_version(&one.runtime.version, version))
            };
            let all = || self.runtimes.iter().flat_map(Selection::all);
            let mut fitting: Vec<_> = all().filter(|one| one.has_name(bare) && fits(one)).collect();
            // The sort is stable: a default first, then as the catalogue has them.
            fitting.sort_by_key(|one| !one.runtime.default);
            fitting.first().copied()
        };
        let name = name.to_lowercase();
        if let Some((bare, version)) = name.split_once('@') {
            return find(bare, Some(version));
        }
        let (bare, version) = split(&name);
        find(&name, None).or_else(|| find(&bare, version.as_deref()))
    }
}

impl<'a> Selection<'a> {
    fn all(runtime: &'a Runtime) -> impl Iterator<Item = Self> {
        runtime.languages.iter().map(move |language| Self { runtime, language })
    }

    fn has_name(&self, name: &str) -> bool {
        self.runtime.name == name || self.language.has_name(name)
    }
}

impl Language {
    fn has_name(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    fn has_extension(&self, extension: &str) -> bool {
        self.extensions.iter().any(|one| one.eq_ignore_ascii_case(extension))
    }
}

/// A name without its version, and the version: `python@3`, `python3` and `python-3` are the same.
pub(crate) fn split(name: &str) -> (String, Option<String>) {
    let name = name.to_lowercase();
    if let Some((bare, version)) = name.split_once('@') {
        return (bare.to_string(), Some(version.to_string()));
    }
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let version = &name[bare.len()..];
    let bare = if version.is_empty() { bare } else { bare.trim_end_matches('-') };
    (bare.to_string(), (!version.is_empty()).then(|| version.to_string()))
}

/// Whether `asked` is `version`, or `version` cut after one of its numbers.
fn is_version(version: &str, asked: &str) -> bool {
    version
        .strip_prefix(asked)
        .is_some_and(|rest| !asked.is_empty() && (rest.is_empty() || rest.starts_with(['.', '-'])))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The command that a word after `env` names: not an option, except for one glued to `-S`, and not `NAME=value`.
fn command(word: &str) -> Option<&str> {
    match word.strip_prefix("-S") {
        Some(glued) => (!glued.is_empty()).then_some(glued),
        None => (!word.starts_with('-') && !word.contains('=')).then_some(word),
    }
}
