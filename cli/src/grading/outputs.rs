//! The files that reports go to.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use grade::{Audience, Part, Report};

use super::table::table;
use crate::args::reports::ReportOptions;
use crate::console;
use crate::error::{FAULT, Failure, USAGE};
use crate::run::files::{check_paths, write_whole};

/// Where reports go. That the files can be written is checked before anything is graded; each is there in full or not at all.
pub(crate) struct Outputs {
    audience: Audience,
    files: Vec<(Format, PathBuf)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Jsonl,
    Junit,
    Gradescope,
    Csv,
    Html,
}

/// The name that means standard output.
const STDOUT: &str = "-";

impl Outputs {
    /// What the options say; refused if a file cannot be written, or is the journal too, or one of what is read.
    pub(crate) fn new(
        options: &ReportOptions,
        journal: Option<&PathBuf>,
        read: &[PathBuf],
    ) -> Result<Self, Failure> {
        let wanted = [
            (Format::Json, &options.json),
            (Format::Jsonl, &options.jsonl),
            (Format::Junit, &options.junit),
            (Format::Gradescope, &options.gradescope),
            (Format::Csv, &options.csv),
            (Format::Html, &options.html),
        ];
        let wanted = wanted.into_iter().filter_map(|(format, path)| Some((format, path.clone()?)));
        let files: Vec<(Format, PathBuf)> = wanted.collect();
        let (named, to_stdout): (Vec<&PathBuf>, Vec<&PathBuf>) = files
            .iter()
            .map(|(_, path)| path)
            .partition(|path| path.as_path() != Path::new(STDOUT));
        check_outputs(&named, journal, read)?;
        if to_stdout.len() > 1 {
            let why = "cannot write standard output (-): it is to hold two things";
            return Err(Failure::new(USAGE, why));
        }
        Ok(Self { audience: options.audience.into(), files })
    }

    /// Refuses what cannot be written about so many submissions.
    pub(crate) fn check(&self, submissions: usize) -> Result<(), Failure> {
        match submissions {
            1 => Ok(()),
            _ if !self.has(Format::Gradescope) => Ok(()),
            _ => {
                let why =
                    "--gradescope: results.json is about one submission; grade each by itself";
                Err(Failure::new(USAGE, why))
            }
        }
    }

    /// Refuses what cannot be written about a part of the cases.
    pub(crate) fn check_shard(&self) -> Result<(), Failure> {
        match self.files[..] {
            [(Format::Jsonl, _)] => Ok(()),
            _ => {
                let why = "a shard has no report of its own: it writes --jsonl, and nothing else, for \
                           `stepwell grade merge`";
                Err(Failure::new(USAGE, why))
            }
        }
    }

    /// For whom they are.
    pub(crate) fn audience(&self) -> Audience {
        self.audience
    }

    /// Writes all reports, prints the table, and gives the report of everything, for staff. If a file cannot be written, the
    /// others are.
    pub(crate) fn write(self, part: Part) -> Result<Report, Failure> {
        let audience = self.audience;
        let whole = part.clone().report();
        let part = part.for_audience(audience);
        let report = whole.clone().for_audience(audience);
        let mut failure = None;
        let mut is_stdout_free = true;
        for (format, path) in self.files {
            is_stdout_free &= path != Path::new(STDOUT);
            let written = write(&path, |out| match format {
                Format::Json => report.write_json(audience, out),
                Format::Jsonl => part.write_jsonl(out),
                Format::Junit => report.write_junit(out),
                Format::Gradescope => report.write_gradescope(audience, out),
                Format::Csv => report.write_csv(out),
                Format::Html => report.write_html(audience, out),
            });
            if let Err(why) = written {
                why.report();
                failure = Some(why);
            }
        }
        if is_stdout_free {
            console::print(table(&report, audience).as_bytes())?;
        }
        failure.map_or(Ok(whole), |_| Err(Failure::new(FAULT, "not every report could be written")))
    }

    /// Writes what a shard has graded.
    pub(crate) fn write_shard(self, part: Part) -> Result<(), Failure> {
        let part = part.for_audience(self.audience);
        self.files.iter().try_for_each(|(_, path)| write(path, |out| part.write_jsonl(out)))
    }

    fn has(&self, format: Format) -> bool {
        self.files.iter().any(|(one, _)| *one == format)
    }
}

/// Refuses files that cannot be written, and one, the journal among them, that is another of these or is read.
pub(crate) fn check_outputs(
    outputs: &[&PathBuf],
    journal: Option<&PathBuf>,
    read: &[PathBuf],
) -> Result<(), Failure> {
    let files: Vec<PathBuf> = read.iter().flat_map(|path| files_of(path)).collect();
    if let Some(journal) = journal {
        let there = fs::canonicalize(journal).ok();
        let is_there = |file: &PathBuf| there.is_some() && fs::canonicalize(file).ok() == there;
        if files.iter().any(is_there) {
            let why = Failure::file(journal, "write", "it is to hold two things");
            return Err(Failure::new(USAGE, why.message()));
        }
    }
    let others: Vec<&Path> = files.iter().chain(journal).map(PathBuf::as_path).collect();
    check_paths(outputs, &others).map_err(|why| Failure::new(USAGE, why.message()))
}

/// The files at a path: itself, or those in the folder, where links are not followed.
fn files_of(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return vec![path.into()] };
    let inner =
        entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    inner.flat_map(|entry| files_of(&entry.path())).collect()
}

/// Writes one of the reports.
fn write(
    path: &Path,
    report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if path == Path::new(STDOUT) {
        let mut bytes = Vec::new();
        report(&mut bytes).map_err(|error| Failure::file(path, "write", error))?;
        return console::print(&bytes).map(|_| ());
    }
    write_whole(path, report)
}
