//! From a problem.toml to a problem.

use std::fs;
use std::path::Path;

use globset::Glob;

use super::place::{At, Document};
use super::{
    CaseTable, CheckerName, CheckerTable, FILE, FileTable, GroupTable, Manifest, ModeName,
    ProgramTable, ProtocolName, ScoreName,
};
use crate::check::{Checker, JsonRules, TokenRules};
use crate::problem::{
    Case, CaseScores, Content, Group, GuestFile, Jury, Limits, Mode, Problem, Program, Protocol,
    ScoreRule,
};
use crate::submission::{Submission, collect};
use crate::{Error, Verdict, Visibility};

/// Reads the problem of a folder.
pub(crate) fn read(folder: &Path) -> Result<Problem, Error> {
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path).map_err(|error| Error::file(&path, "read", &error))?;
    let document = Document { path: &path, text: &text };
    let manifest: Manifest = toml::from_str(&text).map_err(|error| document.refused(&error))?;
    Builder { folder, document, manifest: &manifest }.problem()
}

struct Builder<'a> {
    folder: &'a Path,
    document: Document<'a>,
    manifest: &'a Manifest,
}

/// Where something stands.
type Place<'a> = Vec<At<'a>>;

fn below<'a>(place: &[At<'a>], more: &[At<'a>]) -> Place<'a> {
    place.iter().chain(more).copied().collect()
}

impl Builder<'_> {
    fn problem(&self) -> Result<Problem, Error> {
        let manifest = self.manifest;
        let name = manifest.name.clone().unwrap_or_else(|| {
            let folder = fs::canonicalize(self.folder).unwrap_or_else(|_| self.folder.into());
            folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
        });
        let mode = self.mode()?;
        let (groups, cases) = self.cases(&mode)?;
        if cases.is_empty() {
            return Err(self.document.wrong(&[], "there is no case"));
        }
        let files = self.files(&manifest.files, &[At::Key("file")])?;
        Ok(Problem {
            name,
            folder: self.folder.into(),
            checker: self.checker(&manifest.checker, &[At::Key("checker")], &mode)?,
            mode,
            limits: manifest.limits.over(Limits::default()),
            runtime: manifest.runtime.clone(),
            args: manifest.args.clone(),
            env: manifest.env.clone().into_iter().collect(),
            seed: manifest.seed,
            files,
            includes: Vec::new(),
            groups,
            cases,
            jury: self.jury()?,
            warnings: Vec::new(),
        })
    }

    fn mode(&self) -> Result<Mode, Error> {
        let Manifest { mode, function, interactor, .. } = self.manifest;
        let wrong = |key, why: &str| Err(self.document.wrong(&[At::Key(key)], why));
        match (mode, function, interactor) {
            (ModeName::Function, None, _) => {
                wrong("mode", "the mode function needs the name of one: function = \"NAME\"")
            }
            (ModeName::Interactive, _, None) => {
                wrong("mode", "the mode interactive needs a table [interactor]")
            }
            (ModeName::Function, Some(name), None) => Ok(Mode::Function(name.clone())),
            (ModeName::Interactive, None, Some(program)) => {
                Ok(Mode::Interactive(self.program(program, &[At::Key("interactor")])?))
            }
            (_, Some(_), _) => wrong("function", "it is for the mode function"),
            (_, _, Some(_)) => wrong("interactor", "it is for the mode interactive"),
            (ModeName::Stdio, None, None) => Ok(Mode::Stdio),
            (ModeName::Files, None, None) => Ok(Mode::Files),
        }
    }

    fn cases(&self, mode: &Mode) -> Result<(Vec<Group>, Vec<Case>), Error> {
        let manifest = self.manifest;
        let root = GroupTable {
            name: String::new(),
            points: None,
            score: ScoreName::Sum,
            stop: false,
            public: false,
            cases: manifest.cases.clone(),
            inputs: manifest.inputs.clone(),
        };
        let (mut groups, mut cases) = (vec![Group::sum("")], Vec::new());
        self.add_cases(&root, &[], mode, &mut cases)?;
        for (at, table) in manifest.groups.iter().enumerate() {
            let place = [At::Key("group"), At::Index(at)];
            let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            if table.name.is_empty() || !table.name.chars().all(is_plain) {
                let why = "a name has letters, digits, -, _ and .";
                return Err(self.document.wrong(&below(&place, &[At::Key("name")]), why));
            }
            if groups.iter().any(|group| group.id == table.name) {
                let why = "there is another group of that name";
                return Err(self.document.wrong(&below(&place, &[At::Key("name")]), why));
            }
            self.points(table.points, &place)?;
            let before = cases.len();
            self.add_cases(table, &place, mode, &mut cases)?;
            if cases.len() == before {
                return Err(self.document.wrong(&place, "the group has no case"));
            }
            groups.push(group(table, &mut cases[before..]));
        }
        Ok((groups, cases))
    }

    /// Refuses points that are no number to add up.
    fn points(&self, points: Option<f64>, place: &[At<'_>]) -> Result<(), Error> {
        match points {
            Some(points) if !points.is_finite() || points < 0.0 => {
                let why = "points are a number that is finite and not negative";
                Err(self.document.wrong(&below(place, &[At::Key("points")]), why))
            }
            _ => Ok(()),
        }
    }

    fn add_cases<'a>(
        &'a self,
        group: &GroupTable,
        place: &[At<'a>],
        mode: &Mode,
        cases: &mut Vec<Case>,
    ) -> Result<(), Error> {
        for (at, table) in group.cases.iter().enumerate() {
            let place = below(place, &[At::Key("case"), At::Index(at)]);
            let number = (at + 1).to_string();
            let name = table.name.as_deref().unwrap_or(&number);
            let case = self.case(group, name, table, &place, mode)?;
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
                let case = self.case(group, name, &table, &place, mode)?;
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
        let matcher = Glob::new(pattern)
            .map_err(|error| self.document.wrong(place, &error.to_string()))?
            .compile_matcher();
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
        mode: &Mode,
    ) -> Result<Case, Error> {
        let wrong = |key, why: &str| Err(self.document.wrong(&below(place, &[At::Key(key)]), why));
        let at = |key| below(place, &[At::Key(key)]);
        if name.is_empty() || name.contains('/') {
            return wrong("name", "a name is not empty and has no slash");
        }
        self.points(table.points, place)?;
        let is_function = matches!(mode, Mode::Function(_));
        let mut input = self.text_or_file(&table.input, &table.input_file, place, "input")?;
        let mut answer = self.text_or_file(&table.answer, &table.answer_file, place, "answer")?;
        self.call(table, place, is_function, &mut input, &mut answer)?;
        if *mode == Mode::Files && table.expected.is_empty() {
            return wrong("expect", "the mode files needs files that are expected");
        }
        if *mode != Mode::Files && !table.expected.is_empty() {
            return wrong("expect", "files are expected in the mode files");
        }
        let checker = match &table.checker {
            None => None,
            Some(checker) => Some(self.checker(checker, &at("checker"), mode)?),
        };
        let answers = checker.is_some() || matches!(mode, Mode::Files | Mode::Interactive(_));
        if answer.is_none() && !answers && needs_answer(&self.manifest.checker) {
            return wrong("answer", "the case has no answer");
        }
        let id = match group.name.as_str() {
            "" => name.to_owned(),
            group => format!("{group}/{name}"),
        };
        let public = table.public.unwrap_or(group.public);
        Ok(Case {
            id,
            group: group.name.clone(),
            visibility: if public { Visibility::Public } else { Visibility::Hidden },
            input: input.unwrap_or_else(|| Content::inline("")),
            answer: answer.unwrap_or_else(|| Content::inline("")),
            args: table.args.clone(),
            files: self.files(&table.files, &at("file"))?,
            expected_files: self.files(&table.expected, &at("expect"))?,
            checker,
            scores: CaseScores { accept: table.points.unwrap_or(1.0), reject: 0.0 },
        })
    }

    /// What a function is called with, and what it must return.
    fn call(
        &self,
        table: &CaseTable,
        place: &[At<'_>],
        is_function: bool,
        input: &mut Option<Content>,
        answer: &mut Option<Content>,
    ) -> Result<(), Error> {
        let wrong = |key, why: &str| Err(self.document.wrong(&below(place, &[At::Key(key)]), why));
        let values = [
            ("call", table.call.as_ref().map(json), &mut *input),
            ("returns", table.returns.as_ref().map(json), answer),
        ];
        for (key, value, content) in values {
            let Some(value) = value else { continue };
            if !is_function {
                return wrong(key, "it is for the mode function");
            }
            if content.replace(Content::inline(value)).is_some() {
                return wrong(key, "what it says is given already");
            }
        }
        match is_function && input.is_none() {
            true => wrong("call", "the mode function needs the arguments of the call"),
            false => Ok(()),
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

    fn files<'a>(
        &'a self,
        tables: &[FileTable],
        place: &[At<'a>],
    ) -> Result<Vec<GuestFile>, Error> {
        let mut files = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let place = below(place, &[At::Index(index)]);
            let path = table.path.trim_start_matches('/').to_owned();
            if path.is_empty() || path.split('/').any(|name| matches!(name, "" | "." | "..")) {
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

    fn program(&self, table: &ProgramTable, place: &[At<'_>]) -> Result<Program, Error> {
        let path = self.folder.join(&table.path);
        let read = Submission::read(&path, &table.path);
        let at = below(place, &[At::Key("path")]);
        let read = read.map_err(|error| self.document.wrong(&at, &error.to_string()))?;
        let protocol = match table.protocol {
            ProtocolName::Icpc => Protocol::Icpc,
            ProtocolName::Testlib => Protocol::Testlib,
        };
        let (runtime, args) = (table.runtime.clone(), table.args.clone());
        Ok(Program { files: read.files, runtime, protocol, args })
    }

    fn checker(
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
                    Checker::Program(self.program(program, &below(place, &[At::Key("program")]))?)
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
                if let Some(Err(error)) = pattern.as_deref().map(regex::bytes::Regex::new) {
                    return wrong("pattern", &error.to_string());
                }
                Checker::Regex { pattern }
            }
        })
    }

    fn jury(&self) -> Result<Vec<Jury>, Error> {
        let mut jury = Vec::new();
        for (verdict, paths) in &self.manifest.submissions {
            let place = [At::Key("submissions"), At::Key(verdict)];
            let expected = Verdict::ALL.into_iter().find(|known| known.name() == verdict);
            let Some(expected) = expected else {
                return Err(self.document.wrong(&place, "there is no such verdict"));
            };
            for (index, path) in paths.iter().enumerate() {
                let at = self.folder.join(path);
                if !at.exists() {
                    let place = below(&place, &[At::Index(index)]);
                    return Err(self.document.wrong(&place, &format!("{path} is not there")));
                }
                jury.push(Jury { name: path.clone(), path: at, expected: vec![expected] });
            }
        }
        Ok(jury)
    }
}

/// A group, and what its points make of its cases.
fn group(table: &GroupTable, cases: &mut [Case]) -> Group {
    let sum = cases.iter().map(|case| case.scores.accept).sum();
    let points = table.points.unwrap_or(sum);
    let score = match (table.score, table.points) {
        (ScoreName::Sum, None) => ScoreRule::Sum,
        (ScoreName::Sum, Some(_)) => ScoreRule::Share(points),
        (ScoreName::All, _) => ScoreRule::AllOrNothing(points),
        (ScoreName::Min, _) => ScoreRule::LeastShare(points),
    };
    Group {
        stops_at_failure: table.stop,
        score,
        score_max: Some(points),
        ..Group::sum(&table.name)
    }
}

fn needs_answer(checker: &CheckerTable) -> bool {
    match checker.kind {
        CheckerName::Program => false,
        CheckerName::Regex => checker.pattern.is_none(),
        _ => true,
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

/// JSON of what TOML has; a date is its text.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
