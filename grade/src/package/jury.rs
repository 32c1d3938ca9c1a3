//! `submissions/`: the jury's own, and what each must get.

use std::path::Path;

use super::entries;
use crate::problem::Jury;
use crate::submission::Submission;
use crate::{Error, Verdict};

/// The verdicts of which submissions in a folder of this name must get one.
fn expected(folder: &str) -> Option<Vec<Verdict>> {
    use Verdict::{
        Accepted, CompileError, Deadlock, FileLimit, InvalidInteraction, MemoryLimit, NoOutput,
        OutputLimit, Partial, PresentationError, RuntimeError, StackOverflow, StepLimit, Trap,
        WrongAnswer,
    };
    let wrong = [WrongAnswer, PresentationError, NoOutput, InvalidInteraction];
    let crashed = [RuntimeError, Trap, StackOverflow, MemoryLimit, FileLimit];
    // Where nobody sees that a program waits for what does not come, it takes too long.
    let slow = [StepLimit, Deadlock];
    let verdicts = match folder {
        "accepted" => vec![Accepted],
        "partially_accepted" => vec![Partial, Accepted],
        "wrong_answer" => wrong.to_vec(),
        "time_limit_exceeded" => slow.to_vec(),
        "run_time_error" => crashed.to_vec(),
        "memory_limit_exceeded" => vec![MemoryLimit],
        "output_limit_exceeded" => vec![OutputLimit],
        "compile_error" | "compiler_error" => vec![CompileError],
        "brute_force" => [&slow[..], &crashed[..]].concat(),
        "rejected" => {
            let all = Verdict::ALL.into_iter();
            all.filter(|one| !one.is_accepted() && !one.is_fault()).collect()
        }
        _ => return None,
    };
    Some(verdicts)
}

/// Finds the submissions that can be run.
pub(super) fn read(folder: &Path, warnings: &mut Vec<String>) -> Result<Vec<Jury>, Error> {
    let root = folder.join("submissions");
    let mut jury = Vec::new();
    if !root.is_dir() {
        return Ok(jury);
    }
    for group in entries(&root)? {
        let name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(expected) = expected(&name).filter(|_| group.is_dir()) else {
            warnings.push(format!("{} is not looked at", group.display()));
            continue;
        };
        for path in entries(&group)? {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Err(why) = runs(&path, &expected) {
                warnings.push(format!("{} is left out: {why}", path.display()));
                continue;
            }
            let name = format!("submissions/{name}/{file}");
            jury.push(Jury { name, path, expected: expected.clone() });
        }
    }
    Ok(jury)
}

/// Whether a submission can be run, or is there because it cannot.
fn runs(path: &Path, expected: &[Verdict]) -> Result<(), String> {
    let submission = Submission::read(path, "").map_err(|error| error.to_string())?;
    match submission.check() {
        Err(_) if expected == [Verdict::CompileError] => Ok(()),
        checked => checked,
    }
}
