//! What decides in a problem.toml: checkers, and programs of the jury's.

use bytes::Bytes;

use super::build::{Builder, below};
use super::place::At;
use super::{CheckerName, CheckerTable, ProgramTable, ProtocolName};
use crate::Error;
use crate::check::{Checker, Comparison, JsonRules, TokenRules};
use crate::problem::{Mode, Program, Protocol};
use crate::submission::Submission;

impl Builder<'_> {
    /// What decides, if that is said: in the mode interactive the interactor does, and nothing else.
    pub(super) fn deciding(
        &self,
        table: &Option<CheckerTable>,
        place: &[At<'_>],
        mode: &Mode,
    ) -> Result<Option<Checker>, Error> {
        match (table, mode) {
            (None, _) => Ok(None),
            (Some(_), Mode::Interactive(_)) => {
                let why = "in the mode interactive the interactor decides, and there is no checker";
                Err(self.document.wrong(place, why))
            }
            (Some(table), _) => self.checker(table, place, mode).map(Some),
        }
    }

    /// A program of the jury's, with a runtime that is known.
    pub(super) fn program(
        &self,
        called: &str,
        table: &ProgramTable,
        place: &[At<'_>],
    ) -> Result<Program, Error> {
        let at = |key| below(place, &[At::Key(key)]);
        let wrong = |key, why: &str| self.document.wrong(&at(key), why);
        self.texts(&table.args, &at("args"))?;
        let read = Submission::read_as(called, &self.folder.join(&table.path), &table.path);
        let read = read.map_err(|error| wrong("path", &error.to_string()))?;
        let read = Submission { runtime: table.runtime.clone(), ..read };
        read.check().map_err(|why| match (&read.flaw, &read.runtime) {
            (Some(_), _) => wrong("path", &why),
            (None, Some(_)) => wrong("runtime", &why),
            (None, None) => wrong("path", &format!("{why}: say one with `runtime`")),
        })?;
        let protocol = match table.protocol {
            ProtocolName::Icpc => Protocol::Icpc,
            ProtocolName::Testlib => Protocol::Testlib,
        };
        Ok(Program { files: read.files, runtime: read.runtime, protocol, args: table.args.clone() })
    }

    pub(super) fn checker(
        &self,
        table: &CheckerTable,
        place: &[At<'_>],
        mode: &Mode,
    ) -> Result<Checker, Error> {
        let wrong = |key, why: &str| Err(self.document.wrong(&below(place, &[At::Key(key)]), why));
        // What a function returns is JSON, whatever else is said.
        let kind = match mode {
            Mode::Function(_) if table.kind == CheckerName::Tokens => CheckerName::Json,
            _ => table.kind,
        };
        if let Some(key) = misplaced(table, kind) {
            return wrong(key, "this type of checker has no such key");
        }
        for (key, value) in [("absolute", table.absolute), ("relative", table.relative)] {
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                return wrong(key, "a tolerance is a number that is not negative");
            }
        }
        let rules = TokenRules {
            case_sensitive: table.case_sensitive.unwrap_or(false),
            space_change_sensitive: table.space_change_sensitive.unwrap_or(false),
            absolute: table.absolute,
            relative: table.relative,
        };
        Ok(match kind {
            CheckerName::Exact => Checker::Exact,
            CheckerName::Lines => Checker::Lines,
            CheckerName::Tokens => Checker::Tokens(rules),
            CheckerName::Floats => Checker::Tokens(match (rules.absolute, rules.relative) {
                (None, None) => TokenRules { absolute: Some(1e-6), relative: Some(1e-6), ..rules },
                _ => rules,
            }),
            CheckerName::Program => match &table.program {
                None => return wrong("program", "the type program needs one"),
                Some(program) => {
                    let place = below(place, &[At::Key("program")]);
                    Checker::Program(self.program("checker", program, &place)?)
                }
            },
            CheckerName::Sorted => Checker::Sorted,
            CheckerName::Unordered => Checker::Unordered { case_sensitive: rules.case_sensitive },
            CheckerName::Json => Checker::Json(JsonRules {
                absolute: table.absolute,
                relative: table.relative,
                ordered: table.ordered.unwrap_or(true),
            }),
            CheckerName::Regex => {
                let pattern = table.pattern.clone();
                let checker = Checker::Regex { pattern };
                if !checker.needs_answer()
                    && let Err(why) = Comparison::new(&checker, Bytes::new())
                {
                    return wrong("pattern", &why);
                }
                checker
            }
        })
    }
}

/// A key that a type of checker does not have.
fn misplaced(table: &CheckerTable, kind: CheckerName) -> Option<&'static str> {
    use CheckerName::{Floats, Json, Program, Regex, Tokens, Unordered};
    let rows: [(&str, bool, &[CheckerName]); 7] = [
        ("case_sensitive", table.case_sensitive.is_some(), &[Tokens, Floats, Unordered]),
        ("space_change_sensitive", table.space_change_sensitive.is_some(), &[Tokens, Floats]),
        ("absolute", table.absolute.is_some(), &[Tokens, Floats, Json]),
        ("relative", table.relative.is_some(), &[Tokens, Floats, Json]),
        ("pattern", table.pattern.is_some(), &[Regex]),
        ("ordered", table.ordered.is_some(), &[Json]),
        ("program", table.program.is_some(), &[Program]),
    ];
    let wrong = rows.into_iter().find(|(_, given, kinds)| *given && !kinds.contains(&kind));
    wrong.map(|(key, ..)| key)
}
