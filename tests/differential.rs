//! The same guests under our table and under wasi-common on the same interpreter: how they end, what they print and
//! what they leave in a directory of the host must be the same, except for the differences that are listed.
//!
//! The list is differential/known.txt. Each difference stands under the decision that explains it; one that is not
//! listed fails, and so does one that is listed and does not occur.

#[path = "differential/cases.rs"]
mod cases;
#[path = "differential/known.rs"]
mod known;
#[path = "differential/outcome.rs"]
mod outcome;
#[path = "differential/reference.rs"]
mod reference;

use stepwell_tests::Mode;

use self::cases::Case;
use self::known::{Known, Row};
use self::outcome::{differences, ours};
use self::reference::theirs;

/// The modes in which a directory of the host is what the guest sees.
const MODES: [Mode; 2] = [Mode::CopyOnWrite, Mode::ReadWrite];

/// Compares `cases`, which are all those that `owns` says yes to.
#[track_caller]
fn only_known_differences(cases: &[Case<'_>], owns: fn(&str) -> bool) {
    let known = Known::parse();
    let mut found: Vec<Row> = Vec::new();
    for case in cases {
        assert!(owns(&case.name), "{}", case.name);
        let reference = theirs(case);
        let [above, inside] = MODES.map(|mode| differences(case, &ours(case, mode), &reference));
        assert_eq!(above, inside, "{}: the two modes differ from each other", case.name);
        found.extend(inside);
    }
    let wrong = known.compare(&found, owns);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_probe_is_answered_as_by_wasi_common_but_for_known_differences() {
    only_known_differences(&cases::probes(), |case| case.starts_with("probe "));
}

#[test]
fn guests_in_c_run_as_on_wasi_common_but_for_known_differences() {
    only_known_differences(&cases::guests(), |case| case.ends_with(".c"));
}

#[test]
fn modules_in_text_run_as_on_wasi_common_but_for_known_differences() {
    only_known_differences(&cases::modules(), |case| case.ends_with(".wat"));
}

#[test]
fn scripts_of_file_operations_run_as_on_wasi_common_but_for_known_differences() {
    only_known_differences(&cases::scripts(), |case| case.starts_with("script "));
}
