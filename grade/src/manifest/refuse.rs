//! What is refused when a problem.toml is read, because no submission could be graded with it.

use std::collections::BTreeMap;

use super::build::{Builder, Common, below};
use super::place::{At, Document};
use super::{CaseTable, LimitTable};
use crate::Error;
use crate::check::{Checker, Comparison};
use crate::guest::{function, runtime_of};
use crate::problem::{Case, Content, GuestFile, Mode};

impl LimitTable {
    /// Refuses limits with which nothing can run. A program may well have nothing to write.
    pub(crate) fn check(&self, document: &Document<'_>) -> Result<(), Error> {
        let rows = [
            ("steps", self.steps),
            ("memory", self.memory.map(|size| size.0)),
            ("files", self.files.map(|size| size.0)),
            ("inodes", self.inodes),
            ("compile_steps", self.compile_steps),
            ("compile_memory", self.compile_memory.map(|size| size.0)),
            ("judge_steps", self.judge_steps),
            ("judge_memory", self.judge_memory.map(|size| size.0)),
        ];
        match rows.into_iter().find(|(_, max)| *max == Some(0)) {
            None => Ok(()),
            Some((key, _)) => {
                let place = [At::Key("limits"), At::Key(key)];
                Err(document.wrong(&place, "it is above 0: else nothing can run"))
            }
        }
    }
}

/// The key of what a case says as a value, in a file, or as text.
fn key_of<'a, T>(
    value: (&'a str, &Option<T>),
    file: (&'a str, &Option<String>),
    text: &'a str,
) -> &'a str {
    match (value.1, file.1) {
        (Some(_), _) => value.0,
        (None, Some(_)) => file.0,
        (None, None) => text,
    }
}

impl Builder<'_> {
    /// Refuses a function whose name no language has.
    pub(super) fn function(&self, name: &str) -> Result<(), Error> {
        let is_part = |char: char| char == '_' || char.is_alphanumeric();
        match name.chars().all(is_part) && !name.starts_with(char::is_numeric) && !name.is_empty() {
            true => Ok(()),
            false => {
                let why =
                    "the name of a function has letters, digits and _, and starts with no digit";
                Err(self.document.wrong(&[At::Key("function")], why))
            }
        }
    }

    /// Refuses a runtime that is not known, or in which no function is called where one is.
    pub(super) fn runtime(&self, mode: &Mode) -> Result<(), Error> {
        let Some(wanted) = &self.manifest.runtime else { return Ok(()) };
        let wrong = |why: &str| self.document.wrong(&[At::Key("runtime")], why);
        // A module has no name by which it could be taken for a source.
        let module = if wanted == "wasm" { "a.wasm" } else { "" };
        let runtime = runtime_of(module, b"", Some(wanted));
        let runtime = runtime.map_err(|error| wrong(&error.to_string()))?;
        match mode {
            Mode::Function(_) => {
                function::driven(&[], &runtime).map(|_| ()).map_err(|why| wrong(&why))
            }
            _ => Ok(()),
        }
    }

    /// Refuses points that add up to more than there is.
    pub(super) fn finite_sum(&self, points: f64, place: &[At<'_>]) -> Result<(), Error> {
        match points.is_finite() {
            true => Ok(()),
            false => Err(self.document.wrong(place, "the points add up to no finite number")),
        }
    }

    /// Refuses arguments that no program can be given.
    pub(super) fn texts(&self, texts: &[String], place: &[At<'_>]) -> Result<(), Error> {
        match texts.iter().position(|text| text.contains('\0')) {
            None => Ok(()),
            Some(at) => {
                let place = below(place, &[At::Index(at)]);
                Err(self.document.wrong(&place, "an argument has no NUL"))
            }
        }
    }

    /// Refuses variables that no program can be given.
    pub(super) fn variables(&self, env: &BTreeMap<String, String>) -> Result<(), Error> {
        for (name, value) in env {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                let why = "a variable has a name without =, and neither it nor its value has a NUL";
                return Err(self.document.wrong(&[At::Key("env"), At::Key(name)], why));
            }
        }
        Ok(())
    }

    /// Refuses a file that is there twice, or where another file has its folder. Those of a case may replace `others`.
    pub(super) fn fit_together(
        &self,
        files: &[GuestFile],
        others: &[GuestFile],
        place: &[At<'_>],
    ) -> Result<(), Error> {
        let is_in = |file: &str, folder: &str| {
            file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        for (at, GuestFile { path, .. }) in files.iter().enumerate() {
            let wrong = |why: &str| {
                let place = below(place, &[At::Index(at), At::Key("path")]);
                Err(self.document.wrong(&place, why))
            };
            let earlier = &files[..at];
            if earlier.iter().any(|other| other.path == *path) {
                return wrong(&format!("there is another file {path}"));
            }
            let mut all = earlier.iter().chain(others).map(|other| other.path.as_str());
            if let Some(other) = all.find(|other| is_in(path, other) || is_in(other, path)) {
                return wrong(&format!("{path} and {other} cannot both be files"));
            }
        }
        Ok(())
    }

    /// Refuses arguments of a call that are no array of JSON.
    pub(super) fn arguments(
        &self,
        input: &Content,
        table: &CaseTable,
        place: &[At<'_>],
    ) -> Result<(), Error> {
        let key = key_of(("call", &table.call), ("input_file", &table.input_file), "input");
        let checked = input.load().and_then(|text| function::arguments(&text).map(|_| ()));
        checked.map_err(|why| self.unfit(&below(place, &[At::Key(key)]), &table.input_file, &why))
    }

    /// Refuses answers that the checker of a case cannot read.
    pub(super) fn answers(
        &self,
        case: &Case,
        table: &CaseTable,
        place: &[At<'_>],
        common: &Common,
    ) -> Result<(), Error> {
        let checker = case.checker.as_ref().unwrap_or(&common.checker);
        let is_read = matches!(checker, Checker::Json(_) | Checker::Regex { pattern: None });
        if !is_read || matches!(common.mode, Mode::Interactive(_)) {
            return Ok(());
        }
        let check = |answer: &Content| Comparison::new(checker, answer.load()?).map(|_| ());
        for (at, file) in case.expected_files.iter().enumerate() {
            let place = below(place, &[At::Key("expect"), At::Index(at)]);
            check(&file.content)
                .map_err(|why| self.unfit(&place, &table.expected[at].from, &why))?;
        }
        if common.mode == Mode::Files {
            return Ok(());
        }
        let (value, file) = (("returns", &table.returns), ("answer_file", &table.answer_file));
        let key = key_of(value, file, "answer");
        let place = below(place, &[At::Key(key)]);
        check(&case.answer).map_err(|why| self.unfit(&place, &table.answer_file, &why))
    }

    /// An error about what stands in the document, or in a file that it names.
    fn unfit(&self, place: &[At<'_>], file: &Option<String>, why: &str) -> Error {
        let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        self.document.wrong(place, &format!("{file}{why}"))
    }
}
