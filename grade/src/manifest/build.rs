//! From a problem.toml to a problem.

use std::fs;
use std::path::{Path, PathBuf};

use super::place::{At, Document, text_of};
use super::{CheckerTable, FILE, GroupTable, Manifest, ModeName, ScoreName};
use crate::check::Checker;
use crate::problem::{Case, Group, GuestFile, Jury, Limits, Mode, Problem, ScoreRule};
use crate::submission::names;
use crate::{Error, Verdict};

/// Reads the problem of a folder.
pub(crate) fn read(folder: &Path) -> Result<Problem, Error> {
    let path = folder.join(FILE);
    let text = text_of(&path)?;
    let document = Document { path: &path, text: &text };
    let manifest: Manifest = toml::from_str(&text).map_err(|error| document.refused(&error))?;
    Builder { folder, document, manifest: &manifest }.problem()
}

pub(super) struct Builder<'a> {
    pub(super) folder: &'a Path,
    pub(super) document: Document<'a>,
    pub(super) manifest: &'a Manifest,
}

/// What all cases have in common.
pub(super) struct Common {
    pub(super) mode: Mode,
    pub(super) checker: Checker,
    pub(super) files: Vec<GuestFile>,
}

/// Where something stands.
pub(super) type Place<'a> = Vec<At<'a>>;

pub(super) fn below<'a>(place: &[At<'a>], more: &[At<'a>]) -> Place<'a> {
    place.iter().chain(more).copied().collect()
}

impl Builder<'_> {
    fn problem(&self) -> Result<Problem, Error> {
        let manifest = self.manifest;
        let name = manifest.name.clone().unwrap_or_else(|| {
            let folder = fs::canonicalize(self.folder).unwrap_or_else(|_| self.folder.into());
            folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
        });
        manifest.limits.check(&self.document)?;
        self.texts(&manifest.args, &[At::Key("args")])?;
        self.variables(&manifest.env)?;
        let mode = self.mode()?;
        self.runtime(&mode)?;
        let checker = match self.deciding(&manifest.checker, &[At::Key("checker")], &mode)? {
            Some(checker) => checker,
            None => self.checker(&CheckerTable::default(), &[], &mode)?,
        };
        let place = [At::Key("file")];
        let files = self.files(&manifest.files, &place)?;
        self.fit_together(&files, &[], &place)?;
        let common = Common { mode, checker, files };
        let (groups, cases) = self.cases(&common)?;
        if cases.is_empty() {
            return Err(self.document.wrong(&[], "there is no case"));
        }
        let Common { mode, checker, files } = common;
        Ok(Problem {
            name,
            folder: self.folder.into(),
            checker,
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
            (ModeName::Function, Some(name), None) => {
                self.function(name)?;
                Ok(Mode::Function(name.clone()))
            }
            (ModeName::Interactive, None, Some(program)) => {
                let place = [At::Key("interactor")];
                Ok(Mode::Interactive(self.program("interactor", program, &place)?))
            }
            (_, Some(_), _) => wrong("function", "it is for the mode function"),
            (_, _, Some(_)) => wrong("interactor", "it is for the mode interactive"),
            (ModeName::Stdio, None, None) => Ok(Mode::Stdio),
            (ModeName::Files, None, None) => Ok(Mode::Files),
        }
    }

    fn cases(&self, common: &Common) -> Result<(Vec<Group>, Vec<Case>), Error> {
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
        self.add_cases(&root, &[], common, &mut cases)?;
        let mut points: f64 = cases.iter().map(|case| case.scores.accept).sum();
        self.finite_sum(points, &[At::Key("case")])?;
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
            self.add_cases(table, &place, common, &mut cases)?;
            if cases.len() == before {
                return Err(self.document.wrong(&place, "the group has no case"));
            }
            let group = group(table, &mut cases[before..]);
            points += group.score_max.unwrap_or_default();
            self.finite_sum(points, &place)?;
            groups.push(group);
        }
        Ok((groups, cases))
    }

    fn jury(&self) -> Result<Vec<Jury>, Error> {
        let submissions = &self.manifest.submissions;
        let mut jury: Vec<Jury> = Vec::new();
        for (verdict, paths) in submissions {
            let place = [At::Key("submissions"), At::Key(verdict)];
            let expected = Verdict::ALL.into_iter().find(|known| known.name() == verdict);
            let Some(expected) = expected else {
                return Err(self.document.wrong(&place, "there is no such verdict"));
            };
            for (index, path) in paths.iter().enumerate() {
                let place = below(&place, &[At::Index(index)]);
                let at = self.folder.join(path);
                if !at.exists() {
                    return Err(self.document.wrong(&place, &format!("{path} is not there")));
                }
                // Paths are compared by their parts: `./a.py` is `a.py`.
                if let Some(Jury { expected, .. }) = jury.iter().find(|other| other.path == at) {
                    let other = expected.iter().map(|one| one.name()).collect::<String>();
                    let why = format!("{path} is a submission that must get {other} already");
                    return Err(self.document.wrong(&place, &why));
                }
                jury.push(Jury { name: path.clone(), path: at, expected: vec![expected] });
            }
        }
        let paths: Vec<PathBuf> = jury.iter().map(|one| PathBuf::from(&one.name)).collect();
        for (one, name) in jury.iter_mut().zip(names(&paths)) {
            one.name = name;
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
