//! The cases of a problem.toml.

use globset::GlobBuilder;

use super::build::{Builder, Common, below};
use super::place::At;
use super::{CaseTable, FileTable, GroupTable};
use crate::problem::{Case, CaseScores, Content, GuestFile, Mode};
use crate::submission::collect;
use crate::{Error, Visibility};

impl Builder<'_> {
    /// Refuses points that are no number to add up.
    pub(super) fn points(&self, points: Option<f64>, place: &[At<'_>]) -> Result<(), Error> {
        match points {
            Some(points) if !points.is_finite() || points < 0.0 => {
                let why = "points are a number that is finite and not negative";
                Err(self.document.wrong(&below(place, &[At::Key("points")]), why))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn add_cases<'a>(
        &'a self,
        group: &GroupTable,
        place: &[At<'a>],
        common: &Common,
        cases: &mut Vec<Case>,
    ) -> Result<(), Error> {
        for (at, table) in group.cases.iter().enumerate() {
            let place = below(place, &[At::Key("case"), At::Index(at)]);
            let number = (at + 1).to_string();
            let name = table.name.as_deref().unwrap_or(&number);
            let case = self.case(group, name, table, &place, common)?;
            if cases.iter().any(|other| other.id == case.id) {
                return Err(self.document.wrong(&place, &format!("there is another {}", case.id)));
            }
            cases.push(case);
        }
        for (at, pattern) in group.inputs.iter().enumerate() {
            let place = below(place, &[At::Key("inputs"), At::Index(at)]);
            for input in self.matching(pattern, &place)? {
                let name = input.rsplit('/').next().unwrap_or(&input);
                let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                let table = self.case_of_file(&input, &place)?;
                let case = self.case(group, name, &table, &place, common)?;
                if cases.iter().any(|other| other.id == case.id) {
                    let why = format!("{input}: there is another case {}", case.id);
                    return Err(self.document.wrong(&place, &why));
                }
                cases.push(case);
            }
        }
        Ok(())
    }

    /// The files that a pattern matches, in the order of their names.
    fn matching(&self, pattern: &str, place: &[At<'_>]) -> Result<Vec<String>, Error> {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        let matcher =
            glob.map_err(|error| self.document.wrong(place, &error.to_string()))?.compile_matcher();
        let paths =
            collect(self.folder).map_err(|error| Error::file(self.folder, "read", &error))?;
        let relative = paths.iter().filter_map(|path| path.strip_prefix(self.folder).ok());
        let relative =
            relative.filter_map(|path| path.to_str()).map(|path| path.replace('\\', "/"));
        let found: Vec<String> = relative.filter(|path| matcher.is_match(path)).collect();
        match found.is_empty() {
            true => Err(self.document.wrong(place, &format!("no file matches {pattern}"))),
            false => Ok(found),
        }
    }

    /// The case of an input file.
    fn case_of_file(&self, input: &str, place: &[At<'_>]) -> Result<CaseTable, Error> {
        let stem = input.rsplit_once('.').map_or(input, |(stem, _)| stem);
        let answer = ["ans", "out"].map(|extension| format!("{stem}.{extension}"));
        let answer = answer.into_iter().find(|path| self.folder.join(path).is_file());
        let answer = answer.ok_or_else(|| {
            self.document.wrong(place, &format!("{input} has no answer: {stem}.ans or {stem}.out"))
        })?;
        Ok(CaseTable {
            name: None,
            input: None,
            input_file: Some(input.into()),
            answer: None,
            answer_file: Some(answer),
            args: Vec::new(),
            call: None,
            returns: None,
            files: Vec::new(),
            expected: Vec::new(),
            points: None,
            public: None,
            checker: None,
        })
    }

    fn case<'a>(
        &'a self,
        group: &GroupTable,
        name: &str,
        table: &CaseTable,
        place: &[At<'a>],
        common: &Common,
    ) -> Result<Case, Error> {
        let wrong = |key, why: &str| Err(self.document.wrong(&below(place, &[At::Key(key)]), why));
        let at = |key| below(place, &[At::Key(key)]);
        let mode = &common.mode;
        if name.is_empty() || name.contains(['/', '\0']) {
            return wrong("name", "a name is not empty and has no slash");
        }
        self.points(table.points, place)?;
        self.texts(&table.args, &at("args"))?;
        let mut input = self.text_or_file(&table.input, &table.input_file, place, "input")?;
        let mut answer = self.text_or_file(&table.answer, &table.answer_file, place, "answer")?;
        self.call(table, place, mode, (&mut input, &mut answer))?;
        self.expects(table, place, mode)?;
        let checker = self.deciding(&table.checker, &at("checker"), mode)?;
        let answers = checker.is_some() || matches!(mode, Mode::Files | Mode::Interactive(_));
        if answer.is_none() && !answers && common.checker.needs_answer() {
            return wrong("answer", "the case has no answer");
        }
        let files = self.files(&table.files, &at("file"))?;
        self.fit_together(&files, &common.files, &at("file"))?;
        let expected_files = self.files(&table.expected, &at("expect"))?;
        self.fit_together(&expected_files, &[], &at("expect"))?;
        let id = match group.name.as_str() {
            "" => name.to_owned(),
            group => format!("{group}/{name}"),
        };
        let public = table.public.unwrap_or(group.public);
        let case = Case {
            id,
            group: group.name.clone(),
            visibility: if public { Visibility::Public } else { Visibility::Hidden },
            input: input.unwrap_or_else(|| Content::inline("")),
            answer: answer.unwrap_or_else(|| Content::inline("")),
            args: table.args.clone(),
            files,
            expected_files,
            checker,
            scores: CaseScores { accept: table.points.unwrap_or(1.0), reject: 0.0 },
        };
        self.answers(&case, table, place, common)?;
        Ok(case)
    }

    /// What a case must leave is said in the mode files, and only there.
    fn expects(&self, table: &CaseTable, place: &[At<'_>], mode: &Mode) -> Result<(), Error> {
        let why = match (mode, table.expected.is_empty()) {
            (Mode::Files, true) => "the mode files needs files that are expected",
            (Mode::Files, false) | (_, true) => return Ok(()),
            (_, false) => "files are expected in the mode files",
        };
        Err(self.document.wrong(&below(place, &[At::Key("expect")]), why))
    }

    /// What a function is called with, and what it must return.
    fn call(
        &self,
        table: &CaseTable,
        place: &[At<'_>],
        mode: &Mode,
        (input, answer): (&mut Option<Content>, &mut Option<Content>),
    ) -> Result<(), Error> {
        let wrong = |key, why: &str| Err(self.document.wrong(&below(place, &[At::Key(key)]), why));
        let is_function = matches!(mode, Mode::Function(_));
        let values = [
            ("call", table.call.as_ref().map(json), &mut *input),
            ("returns", table.returns.as_ref().map(json), answer),
        ];
        for (key, value, content) in values {
            let Some(value) = value else { continue };
            if !is_function {
                return wrong(key, "it is for the mode function");
            }
            self.document.check_json(&below(place, &[At::Key(key)]))?;
            if content.replace(Content::inline(value)).is_some() {
                return wrong(key, "what it says is given already");
            }
        }
        match input {
            _ if !is_function => Ok(()),
            None => wrong("call", "the mode function needs the arguments of the call"),
            Some(input) => self.arguments(input, table, place),
        }
    }

    fn text_or_file(
        &self,
        text: &Option<String>,
        file: &Option<String>,
        place: &[At<'_>],
        key: &str,
    ) -> Result<Option<Content>, Error> {
        let name = format!("{key}_file");
        match (text, file) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(Content::inline(text.clone()))),
            (None, Some(file)) => self.content(file, &below(place, &[At::Key(&name)])).map(Some),
            (Some(_), Some(_)) => {
                let why = format!("there is {key} too: one of them is enough");
                Err(self.document.wrong(&below(place, &[At::Key(&name)]), &why))
            }
        }
    }

    /// A file of the problem.
    fn content(&self, file: &str, place: &[At<'_>]) -> Result<Content, Error> {
        let path = self.folder.join(file);
        Content::file(&path).map_err(|error| self.document.wrong(place, &error.to_string()))
    }

    pub(super) fn files<'a>(
        &'a self,
        tables: &[FileTable],
        place: &[At<'a>],
    ) -> Result<Vec<GuestFile>, Error> {
        let mut files = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let place = below(place, &[At::Index(index)]);
            let path = table.path.trim_start_matches('/').to_owned();
            let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
            if !path.split('/').all(is_name) {
                let why = "a path has names with single slashes between, without . and ..";
                return Err(self.document.wrong(&below(&place, &[At::Key("path")]), why));
            }
            let content = match (&table.text, &table.from) {
                (Some(text), None) => Content::inline(text.clone()),
                (None, Some(from)) => self.content(from, &below(&place, &[At::Key("from")]))?,
                _ => return Err(self.document.wrong(&place, "a file has `text` or `from`")),
            };
            files.push(GuestFile { path, content });
        }
        Ok(files)
    }
}

/// JSON of what TOML has.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
