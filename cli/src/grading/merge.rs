//! `grade merge`: from what several machines have graded to one report.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use grade::{Audience, Part};

use super::{Outputs, status};
use crate::console;
use crate::error::{FAULT, Failure, USAGE};

/// Joins files of results and reports on the whole: the exit status.
pub(crate) fn merge(files: &[PathBuf], outputs: Outputs) -> Result<u8, Failure> {
    let parts = files.iter().map(|path| Ok((path.display().to_string(), read(path)?)));
    let parts: Vec<(String, Part)> = parts.collect::<Result<_, Failure>>()?;
    // Those for different audiences contradict each other, whomever the whole is for.
    let is_for_students = |(_, part): &(String, Part)| part.head.audience == Audience::Student;
    if let Some((name, _)) = parts.first().filter(|_| parts.iter().all(is_for_students))
        && outputs.audience() == Audience::Staff
    {
        let why = format!("{name} was written for students: merge it with --audience student");
        return Err(Failure::new(USAGE, why));
    }
    let whole = grade::merge(parts).map_err(|error| Failure::new(FAULT, error))?;
    outputs.check(whole.head.submissions.len())?;
    Ok(status(&outputs.write(whole)?))
}

fn read(path: &Path) -> Result<Part, Failure> {
    let file = console::open(path).map_err(|why| Failure::new(USAGE, why.message()))?;
    Part::read_jsonl(BufReader::new(file))
        .map_err(|why| Failure::new(FAULT, format_args!("{}: {why}", path.display())))
}
