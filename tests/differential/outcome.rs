//! What is compared of a run.

use std::collections::{BTreeMap, BTreeSet};

use engine::{State, TrapKind};
use stepwell_tests::{Listing, Mode, Place, Run, list, list_host};

use crate::cases::Case;
use crate::known::Row;

const END: &str = "end";
const FILE: &str = "file ";

/// How a run ended, what it printed and what it left.
pub(crate) struct Outcome(BTreeMap<String, String>);

impl Outcome {
    pub(crate) fn new(end: String, stdout: &[u8], files: Listing) -> Self {
        let mut parts = BTreeMap::from([(END.to_owned(), end)]);
        for line in String::from_utf8_lossy(stdout).lines() {
            let (key, value) = split(line);
            // The same question may be asked twice.
            let mut numbered = key.to_owned();
            for number in 2.. {
                if !parts.contains_key(&numbered) {
                    break;
                }
                numbered = format!("{key} #{number}");
            }
            parts.insert(numbered, value.to_owned());
        }
        let files = files.into_iter().map(|(path, what)| (format!("{FILE}{path}"), what));
        parts.extend(files);
        Self(parts)
    }
}

/// A line as a question and its answer.
///
/// The guests that check themselves begin a line with their file and the line of the call, which are left out: what is
/// listed must not change with every edit of a guest.
fn split(line: &str) -> (&str, &str) {
    let line = match line.split_once(".c:").and_then(|(_, rest)| rest.split_once(": ")) {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => line,
    };
    for between in [" gives ", " is ", ": "] {
        if let Some((key, value)) = line.split_once(between) {
            return (key, value.trim_end());
        }
    }
    (line, "")
}

/// Runs a case under our table, over or in a fresh directory.
pub(crate) fn ours(case: &Case<'_>, mode: Mode) -> Outcome {
    let place = Place::new(mode, case.entries);
    let run = Run { env: &case.env, stdin: case.stdin, ..Run::new(case.module, &case.argv) };
    let (ran, mut files) = run.over(place.namespace());
    let end = match &ran.state {
        State::Exited(code) => format!("exits {code}"),
        State::Trapped(trap) => match &trap.kind {
            TrapKind::Fault(fault) => format!("traps: {} {}", fault.function, fault.argument),
            TrapKind::Unreachable => "traps: unreachable".to_owned(),
            kind => format!("traps: {kind}"),
        },
        State::Blocked(_) => "does not end".to_owned(),
        state => format!("{state:?}"),
    };
    let (_, root) = files.mounts_mut().next().expect("a root");
    let listing = list(&mut *root.fs);
    if mode == Mode::ReadWrite {
        let directory = place.directory().expect("a directory of the host");
        assert_eq!(listing, list_host(directory), "{}: we see what is there", case.name);
    }
    Outcome::new(end, &ran.stdout, listing)
}

/// What differs, as rows that nobody has explained yet. If one side has gone further than the other, only what both
/// have said is compared besides.
pub(crate) fn differences(case: &Case<'_>, ours: &Outcome, theirs: &Outcome) -> Vec<Row> {
    let keys: BTreeSet<&String> = ours.0.keys().chain(theirs.0.keys()).collect();
    let further = ours.0.get(END) != theirs.0.get(END);
    let compared = |key: &&String| match (ours.0.get(*key), theirs.0.get(*key)) {
        (Some(_), Some(_)) => !(further && key.starts_with(FILE)),
        _ => !further,
    };
    let keys = keys.into_iter().filter(compared);
    let keys = keys.filter(|key| case.leaves || !key.starts_with(FILE));
    let different = keys.filter(|key| ours.0.get(*key) != theirs.0.get(*key));
    let answer = |outcome: &Outcome, key: &String| outcome.0.get(key).cloned().unwrap_or_default();
    let row = |key: &String| Row {
        case: case.name.clone(),
        what: key.clone(),
        ours: answer(ours, key),
        theirs: answer(theirs, key),
    };
    different.map(row).collect()
}
