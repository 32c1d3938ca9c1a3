//! `data/`: cases in `sample` and `secret`, and groups as folders.

use std::path::{Path, PathBuf};

use super::entries;
use super::flags::{grader, validator};
use super::metadata::Metadata;
use super::yaml::Table;
use crate::check::Checker;
use crate::problem::{
    Case, CaseScores, Content, Group, GuestFile, Program, ScoreRule, VerdictRule,
};
use crate::submission::collect;
use crate::{Error, Visibility};

/// What a package has cases of.
pub(super) struct Data {
    pub(super) groups: Vec<Group>,
    pub(super) cases: Vec<Case>,
}

/// What groups pass on to what is in them.
#[derive(Clone)]
struct Settings {
    /// Arguments of the output validator, behind those of the package.
    validator: Vec<String>,
    args: Vec<String>,
    full_feedback: Option<bool>,
    stops: bool,
    /// The flags of the default grader, in the legacy format.
    grader: Vec<String>,
    scores: CaseScores,
    score_max: Option<f64>,
}

struct Reader<'a> {
    root: PathBuf,
    metadata: &'a Metadata,
    validator: Option<&'a Program>,
    warnings: &'a mut Vec<String>,
    data: Data,
}

/// Reads all cases and groups.
pub(super) fn read(
    folder: &Path,
    metadata: &Metadata,
    validator: Option<&Program>,
    warnings: &mut Vec<String>,
) -> Result<Data, Error> {
    let root = folder.join("data");
    let data = Data { groups: Vec::new(), cases: Vec::new() };
    let mut reader = Reader { root: root.clone(), metadata, validator, warnings, data };
    let settings = Settings {
        validator: Vec::new(),
        args: Vec::new(),
        full_feedback: None,
        stops: metadata.is_legacy || !metadata.is_scoring,
        grader: Vec::new(),
        scores: CaseScores { accept: 1.0, reject: 0.0 },
        score_max: None,
    };
    reader.group(&root, "", settings, None)?;
    if reader.data.cases.is_empty() {
        let why = "there is no case: data/secret has no .in file";
        return Err(Error::Problem(format!("{}: {why}", folder.display())));
    }
    if !reader.data.cases.iter().any(|case| case.id.starts_with("secret/")) {
        reader.warnings.push(format!("{} has no secret cases", folder.display()));
    }
    Ok(reader.data)
}

impl Reader<'_> {
    /// Reads a folder; in a scoring package of the current format with what it gives at most.
    fn group(
        &mut self,
        folder: &Path,
        id: &str,
        inherited: Settings,
        share: Option<f64>,
    ) -> Result<(), Error> {
        let at = self.data.groups.len();
        self.data.groups.push(Group::sum(id));
        let (group, settings) = match self.metadata.is_legacy {
            true => self.legacy(folder, id, inherited)?,
            false => self.current(folder, id, inherited, share)?,
        };
        let (cases, groups) = self.parts(folder, id)?;
        let shares = self.shares(&group, &cases, &groups)?;
        self.data.groups[at] = group;
        for case in cases {
            self.case(&case, id, &settings, shares)?;
        }
        for inner in groups {
            let name = inner.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let id = if id.is_empty() { name } else { format!("{id}/{name}") };
            self.group(&inner, &id, settings.clone(), shares)?;
        }
        Ok(())
    }

    /// The input files and the groups in a folder, by name.
    fn parts(&self, folder: &Path, id: &str) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        if id.is_empty() {
            let groups = ["sample", "secret"].map(|name| folder.join(name));
            return Ok((Vec::new(), groups.into_iter().filter(|path| path.is_dir()).collect()));
        }
        let (folders, files): (Vec<_>, Vec<_>) =
            entries(folder)?.into_iter().partition(|path| path.is_dir());
        let has =
            |path: &PathBuf, extension: &str| path.extension().is_some_and(|is| is == extension);
        let cases = files.into_iter().filter(|path| has(path, "in")).collect();
        let is_group = |path: &PathBuf| !has(path, "files") && !has(path, "download");
        Ok((cases, folders.into_iter().filter(is_group).collect()))
    }

    /// `testdata.yaml`, which holds for all groups below until another comes.
    fn legacy(
        &mut self,
        folder: &Path,
        id: &str,
        inherited: Settings,
    ) -> Result<(Group, Settings), Error> {
        let path = folder.join("testdata.yaml");
        let mut settings = inherited;
        if path.is_file() {
            settings = self.testdata(&path)?;
        }
        let wrong = |why: String| Error::Problem(format!("{}: {why}", path.display()));
        let grading = grader(&settings.grader).map_err(wrong)?;
        let is_scoring = self.metadata.is_scoring;
        let group = Group {
            id: id.into(),
            stops_at_failure: settings.stops,
            verdict: grading.verdict,
            score: if is_scoring { grading.score } else { ScoreRule::AllOrNothing(1.0) },
            accepts_any: grading.accepts_any,
            score_max: if is_scoring { settings.score_max } else { Some(1.0) },
            ignored: match grading.ignores_sample && id.is_empty() {
                true => vec!["sample".into()],
                false => Vec::new(),
            },
        };
        Ok((group, settings))
    }

    fn testdata(&mut self, path: &Path) -> Result<Settings, Error> {
        let mut table = Table::read(path)?;
        table.ignore(&["input_validator_flags"]);
        let stops = match table.text("on_reject")? {
            None => true,
            Some(policy) => match policy.value.as_str() {
                "break" => true,
                "continue" => false,
                _ => return Err(policy.wrong("on_reject is break or continue")),
            },
        };
        if let Some(grading) = table.text("grading")?
            && grading.value != "default"
        {
            return Err(grading.wrong("groups are graded by the default grader only"));
        }
        let grader = table.words("grader_flags")?.map(|flags| flags.value).unwrap_or_default();
        let is_named = table.is_table("output_validator_flags");
        let validator = match is_named {
            false => table.words("output_validator_flags")?,
            true => match table.table("output_validator_flags")? {
                None => None,
                Some(mut named) => {
                    named.ignore(&["name"]);
                    let flags = named.words("flags")?;
                    named.finish(self.warnings);
                    flags
                }
            },
        };
        let mut number = |key: &str, default: f64| -> Result<f64, Error> {
            Ok(table.number(key)?.map_or(default, |number| number.value))
        };
        let scores = CaseScores {
            accept: number("accept_score", 1.0)?,
            reject: number("reject_score", 0.0)?,
        };
        let score_max = match table.words("range")? {
            None => None,
            Some(range) => match range.value.as_slice() {
                [_, most] => {
                    let most = most.trim_start_matches('+').parse::<f64>();
                    let most = most.map_err(|_| range.wrong("range is two numbers"))?;
                    Some(most).filter(|most| most.is_finite())
                }
                _ => return Err(range.wrong("range is two numbers")),
            },
        };
        table.finish(self.warnings);
        let validator = validator.map(|flags| flags.value).unwrap_or_default();
        let (args, full_feedback) = (Vec::new(), None);
        Ok(Settings { validator, args, full_feedback, stops, grader, scores, score_max })
    }

    /// `test_group.yaml`, of which arguments and feedback hold for what is below too.
    fn current(
        &mut self,
        folder: &Path,
        id: &str,
        mut settings: Settings,
        share: Option<f64>,
    ) -> Result<(Group, Settings), Error> {
        let is_scoring = self.metadata.is_scoring;
        let is_secret = id == "secret";
        let mut max = if is_secret { Some(100.0) } else { share };
        let mut aggregation = if is_secret { "sum" } else { "pass-fail" }.to_owned();
        let path = folder.join("test_group.yaml");
        if path.is_file() {
            let mut table = Table::read(&path)?;
            if let Some(scoring) = table.table("scoring")? {
                self.scoring(scoring, &mut max, &mut aggregation)?;
            }
            self.case_settings(&mut table, &mut settings)?;
            table.ignore(&["static_validation"]);
            table.finish(self.warnings);
        }
        settings.stops = !is_scoring;
        let counts = is_scoring && (is_secret || id.starts_with("secret/"));
        let score = match aggregation.as_str() {
            _ if is_scoring && id.is_empty() => ScoreRule::Sum,
            _ if !counts => ScoreRule::AllOrNothing(1.0),
            "sum" => ScoreRule::Sum,
            "min" => ScoreRule::Min,
            _ => ScoreRule::AllOrNothing(max.unwrap_or(0.0)),
        };
        let is_whole = score == ScoreRule::AllOrNothing(max.unwrap_or(0.0)) && counts;
        let group = Group {
            stops_at_failure: settings.stops || is_whole,
            verdict: VerdictRule::FirstError,
            score,
            score_max: match () {
                () if counts => max,
                () if is_scoring => None,
                () => Some(1.0),
            },
            ignored: match is_scoring && id.is_empty() {
                true => vec!["sample".into()],
                false => Vec::new(),
            },
            ..Group::sum(id)
        };
        Ok((group, settings))
    }

    /// What a group of a scoring package gives at most, and how its parts become that.
    fn scoring(
        &mut self,
        mut scoring: Table,
        max: &mut Option<f64>,
        aggregation: &mut String,
    ) -> Result<(), Error> {
        if let Some(score) = scoring.text("score")? {
            *max = match score.value.as_str() {
                "unbounded" => None,
                text => {
                    let number = text
                        .parse()
                        .ok()
                        .filter(|number: &f64| *number >= 0.0 && number.is_finite());
                    Some(number.ok_or_else(|| score.wrong("score is a number, or unbounded"))?)
                }
            };
        }
        if let Some(kind) = scoring.text("aggregation")? {
            if !["pass-fail", "sum", "min"].contains(&kind.value.as_str()) {
                return Err(kind.wrong("aggregation is pass-fail, sum or min"));
            }
            *aggregation = kind.value;
        }
        if scoring.words("require_pass")?.is_some() {
            return Err(scoring.wrong("require_pass is not graded"));
        }
        scoring.finish(self.warnings);
        Ok(())
    }

    /// Keys that a group and a case have in common.
    fn case_settings(&self, table: &mut Table, settings: &mut Settings) -> Result<(), Error> {
        table.ignore(&["input_validator_args", "hint", "description"]);
        if let Some(args) = table.words("args")? {
            settings.args = args.value;
        }
        if let Some(args) = table.words("output_validator_args")? {
            settings.validator = args.value;
        }
        settings.full_feedback = table.boolean("full_feedback")?.or(settings.full_feedback);
        Ok(())
    }

    /// What each part of a group that adds or takes the least gives at most, in the current format.
    fn shares(
        &self,
        group: &Group,
        cases: &[PathBuf],
        groups: &[PathBuf],
    ) -> Result<Option<f64>, Error> {
        if self.metadata.is_legacy || !self.metadata.is_scoring {
            return Ok(None);
        }
        let (Some(max), false) = (group.score_max, group.id.is_empty()) else { return Ok(None) };
        if group.score == ScoreRule::Min {
            return Ok(Some(max));
        }
        let mut left = max;
        let mut parts = cases.len();
        for inner in groups {
            let path = inner.join("test_group.yaml");
            let own = match path.is_file() {
                true => {
                    Table::read(&path)?.table("scoring")?.map(|mut scoring| scoring.number("score"))
                }
                false => None,
            };
            match own.transpose()?.flatten() {
                Some(own) => left -= own.value,
                None => parts += 1,
            }
        }
        if left < 0.0 {
            let why = "the groups in it give more than it gives";
            return Err(Error::Problem(format!("{}/{}: {why}", self.root.display(), group.id)));
        }
        let count = f64::from(u32::try_from(parts.max(1)).unwrap_or(u32::MAX));
        Ok(Some(left / count))
    }

    fn case(
        &mut self,
        input: &Path,
        group: &str,
        inherited: &Settings,
        share: Option<f64>,
    ) -> Result<(), Error> {
        let mut settings = inherited.clone();
        let own = input.with_extension("yaml");
        if own.is_file() && !self.metadata.is_legacy {
            let mut table = Table::read(&own)?;
            self.case_settings(&mut table, &mut settings)?;
            table.finish(self.warnings);
        }
        let name = input.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let answer = input.with_extension("ans");
        if !answer.is_file() {
            let why = format!("the case has no answer: {}", answer.display());
            return Err(Error::Problem(format!("{}: {why}", input.display())));
        }
        let is_public = settings.full_feedback.unwrap_or_else(|| group.starts_with("sample"));
        let accept = share.unwrap_or(settings.scores.accept);
        self.data.cases.push(Case {
            id: format!("{group}/{name}"),
            group: group.into(),
            visibility: if is_public { Visibility::Public } else { Visibility::Hidden },
            input: Content::file(input)?,
            answer: Content::file(&answer)?,
            args: settings.args.clone(),
            files: files(&input.with_extension("files"))?,
            expected_files: Vec::new(),
            checker: Some(self.checker(&settings, input)?),
            scores: CaseScores { accept, reject: settings.scores.reject },
        });
        Ok(())
    }

    /// The output validator with the arguments of a case.
    fn checker(&self, settings: &Settings, input: &Path) -> Result<Checker, Error> {
        let flags = [self.metadata.flags(), &settings.validator].concat();
        if let Some(program) = self.validator {
            return Ok(Checker::Program(Program { args: flags, ..program.clone() }));
        }
        validator(&flags).map(Checker::Tokens).map_err(|why| match &self.metadata.validator_flags {
            // What is wrong with the flags of all cases is wrong where they stand.
            Some(flags) if validator(&flags.value).is_err() => flags.wrong(why),
            _ => Error::Problem(format!("{}: {why}", input.display())),
        })
    }
}

/// The files below a folder, if it is there, by their paths in it.
pub(super) fn files(folder: &Path) -> Result<Vec<GuestFile>, Error> {
    let paths = match folder.is_dir() {
        true => collect(folder).map_err(|error| Error::file(folder, "read", &error))?,
        false => Vec::new(),
    };
    let mut files = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let relative = relative.to_string_lossy().replace('\\', "/");
        files.push(GuestFile { path: relative, content: Content::file(&path)? });
    }
    Ok(files)
}
