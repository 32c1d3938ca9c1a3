//! The differences that are known and explained.

use std::collections::BTreeSet;
use std::fmt;

const LIST: &str = include_str!("known.txt");
const RATIONALE: &str = include_str!("../../docs/RATIONALE.md");
const PREVIEW1: &str = include_str!("../../docs/preview1.md");

/// One difference. An answer that only one side gives is empty on the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) what: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} | {}", self.case, self.what)?;
        let lines = format!("  ours   {}\n  theirs {}", self.ours, self.theirs);
        lines.lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

/// All that are listed.
pub(crate) struct Known(BTreeSet<Row>);

impl Known {
    /// Reads the list: headings in brackets, which must be headings of RATIONALE.md or imports of preview1.md, with the
    /// reason behind; then rows of three lines. A line that begins with `#` says more.
    pub(crate) fn parse() -> Self {
        let mut rows = BTreeSet::new();
        let mut explained = false;
        let mut lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        while let Some(line) = lines.next() {
            if let Some((heading, why)) =
                line.strip_prefix('[').and_then(|line| line.split_once("] "))
            {
                let decided = RATIONALE.contains(&format!("\n### {heading}\n"))
                    || PREVIEW1.contains(&format!("\n| `{heading}("));
                assert!(decided, "the decision exists: {line}");
                assert!(!why.is_empty(), "there is a reason: {line}");
                explained = true;
                continue;
            }
            assert!(explained, "a row stands under a decision: {line}");
            let (case, what) = line.split_once(" | ").expect("a case and what differs in it");
            let mut answer = |side| {
                let line = lines.next().and_then(|line| line.trim_start().strip_prefix(side));
                line.expect("the answers of both").trim().to_owned()
            };
            let (ours, theirs) = (answer("ours"), answer("theirs"));
            let row = Row { case: case.into(), what: what.into(), ours, theirs };
            assert!(rows.insert(row), "listed once: {line}");
        }
        Self(rows)
    }

    /// What is wrong with the list, given what was found in the cases that `owns` says yes to.
    pub(crate) fn compare(&self, found: &[Row], owns: fn(&str) -> bool) -> Vec<String> {
        let unknown = found.iter().filter(|row| !self.0.contains(row));
        let gone = self.0.iter().filter(|row| owns(&row.case) && !found.contains(row));
        let unknown = unknown.map(|row| format!("a new difference:\n{row}"));
        unknown.chain(gone.map(|row| format!("listed, but not so:\n{row}"))).collect()
    }
}
