//! 106 questions about corners of preview1, each asked in a fresh file system of every kind, with the decided answers.
//!
//! The questions are guests/probe.c; the answers are probes.golden, one line each. They follow from the decisions that
//! docs/RATIONALE.md explains; where a file system of the host cannot give the same answer, the line has a second one.

use engine::{State, TrapKind};
use stepwell_tests::{Mode, Place, Run, compile};

const GOLDEN: &str = include_str!("probes.golden");

/// The answer in the golden file's form: what the guest printed, or how it ended.
fn answer(case: &str, stdout: &str, state: &State) -> String {
    let printed = stdout.strip_prefix(&format!("{case}: ")).unwrap_or(stdout).trim_end();
    match state {
        State::Exited(0) if !printed.is_empty() => printed.to_owned(),
        State::Exited(code) => format!("{printed}exits {code}"),
        State::Trapped(trap) => match &trap.kind {
            TrapKind::Fault(fault) => {
                format!("{printed}traps: {} {}", fault.function, fault.argument)
            }
            kind => format!("{printed}traps: {kind}"),
        },
        state => format!("{printed}{state:?}"),
    }
}

#[test]
fn every_probe_gets_the_decided_answer_in_every_file_system() {
    let guest = compile("probe.c", include_str!("guests/probe.c"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let (case, expected) = line.split_once(": ").expect("a case and its answer");
        count += 1;
        for mode in Mode::ALL {
            let expected = match (mode, expected.split_once(" | on a host: ")) {
                (Mode::ReadWrite, Some((_, on_a_host))) => on_a_host,
                (_, Some((everywhere, _))) => everywhere,
                (_, None) => expected,
            };
            let argv = ["probe".to_owned(), case.to_owned()];
            let stdin_stays_open = true;
            let run = Run { stdin: b"hello", stdin_stays_open, ..Run::new(&guest, &argv) };
            let (ran, _) = run.over(Place::new(mode, &[]).namespace());
            let found = answer(case, &ran.text(), &ran.state);
            if found != expected {
                wrong.push(format!("{case} ({mode:?}):\n  decided {expected}\n  found   {found}"));
            }
        }
    }
    assert_eq!(count, 106, "every question has its line");
    assert!(wrong.is_empty(), "{} answers differ\n{}", wrong.len(), wrong.join("\n"));
}
