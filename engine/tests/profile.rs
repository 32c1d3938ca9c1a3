//! Profiles: every step of a run is in them once, in its place, and the run is the same as without.

mod common;

use common::{CAT, module, run};
use proptest::prelude::*;
use stepwell::{Limit, Limits, Process, Profile, State, Trap, TrapKind, Value};

/// A guest, the bytes that it reads, and how it ends.
struct Case {
    name: &'static str,
    text: &'static str,
    input: &'static [u8],
    ends: fn(&State) -> bool,
    /// Its whole profile.
    profile: &'static str,
}

fn returns(state: &State) -> bool {
    *state == State::Exited(0)
}

fn traps(state: &State) -> bool {
    matches!(state, State::Trapped(_))
}

const CASES: &[Case] = &[
    Case {
        name: "a call is the caller's, and entering a function the callee's",
        text: r#"(module
          (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $main (export "_start")
            (drop (call $leaf (i32.const 1))) (drop (call $leaf (i32.const 2)))))"#,
        input: b"",
        ends: returns,
        profile: "main 7\nmain;leaf 8\n",
    },
    Case {
        name: "functions without names and with the same name",
        text: r#"(module
          (func (call $other)) (func $twin) (func $other (call $twin) (call $"a; name\n"))
          (func $"a; name\n")
          (func (export "_start") (call 0)))"#,
        input: b"",
        ends: returns,
        profile: "function[4] 2\nfunction[4];function[0] 2\nfunction[4];function[0];other 3\n\
                  function[4];function[0];other;a: name\\n 1\nfunction[4];function[0];other;twin 1\n",
    },
    Case {
        name: "the function before `_start` has a stack of its own",
        text: r#"(module (func $init nop (drop (i32.const 1))) (start $init)
          (func $main (export "_start")))"#,
        input: b"",
        ends: returns,
        profile: "init 3\nmain 1\n",
    },
    Case {
        name: "every way to return",
        text: r#"(module
          (func $early (param i32) (result i32) (if (local.get 0) (then (return (i32.const 1)))) (i32.const 2))
          (func $branch (param i32) (result i32 i64)
            (i32.const 1) (i64.const 2) (br_if 0 (local.get 0)) (return))
          (func $table (param i32) (br_table 0 0 (local.get 0)))
          (func $main (export "_start")
            (drop (call $early (i32.const 0))) (drop (call $early (i32.const 1)))
            (drop (drop (call $branch (i32.const 0)))) (drop (drop (call $branch (i32.const 1))))
            (call $table (i32.const 0))))"#,
        input: b"",
        ends: returns,
        profile: "main 17\nmain;branch 11\nmain;early 9\nmain;table 3\n",
    },
    Case {
        name: "a tail call takes its caller's place",
        text: r#"(module
          (type $number (func (param i32) (result i32)))
          (table funcref (elem $last))
          (func $last (type $number) (local.get 0))
          (func $middle (type $number)
            (return_call_indirect (type $number) (local.get 0) (i32.const 0)))
          (func $first (type $number) (return_call $middle (local.get 0)))
          (func $main (export "_start") (drop (call $first (i32.const 7)))))"#,
        input: b"",
        ends: returns,
        profile: "main 4\nmain;first 3\nmain;last 2\nmain;middle 4\n",
    },
    Case {
        name: "recursion, and a trap below it",
        text: r#"(module
          (func $fail (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))
          (func $again (param i32)
            (if (local.get 0)
              (then (call $again (i32.sub (local.get 0) (i32.const 1))))
              (else (call $fail (i32.const 0)))))
          (func $main (export "_start") (call $again (i32.const 2))))"#,
        input: b"",
        ends: traps,
        profile: "main 3\nmain;again 7\nmain;again;again 7\nmain;again;again;again 5\n\
                  main;again;again;again;fail 5\n",
    },
    Case {
        name: "indirect calls of functions and of syscalls",
        text: r#"(module
          (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
          (type $number (func (result i32)))
          (table funcref (elem $one $yield))
          (func $one (type $number) (i32.const 1))
          (func $main (export "_start")
            (drop (call_indirect (type $number) (i32.const 0)))
            (drop (call_indirect (type $number) (i32.const 1)))
            (drop (call $yield))))"#,
        input: b"",
        ends: returns,
        profile: "main 9\nmain;one 2\nmain;sched_yield 128\n",
    },
    Case {
        name: "a tail call of a syscall",
        text: r#"(module
          (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
          (func $wait (result i32) (return_call $yield))
          (func $main (export "_start") (drop (call $wait))))"#,
        input: b"",
        ends: returns,
        profile: "main 3\nmain;sched_yield 64\nmain;wait 2\n",
    },
    Case {
        name: "growth and bulk memory",
        text: r#"(module (memory 1) (table 1 funcref)
          (func $grow (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 65536)))
            (drop (table.grow (ref.null func) (i32.const 16))))
          (func $fill (memory.fill (i32.const 0) (i32.const 1) (i32.const 6400)))
          (func $main (export "_start") (call $grow) (call $fill)))"#,
        input: b"",
        ends: returns,
        profile: "main 3\nmain;fill 105\nmain;grow 11\nmain;grow;memory.grow 8320\nmain;grow;table.grow 72\n",
    },
    Case {
        name: "an exit from deep inside",
        text: r#"(module
          (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
          (func $deep (call $proc_exit (i32.const 3)))
          (func $loop (loop $next (call $deep) (br $next)))
          (func $main (export "_start") (call $loop)))"#,
        input: b"",
        ends: |state| *state == State::Exited(3),
        profile: "main 2\nmain;loop 3\nmain;loop;deep 3\n",
    },
    Case {
        name: "a guest that reads and writes",
        text: CAT,
        input: b"thirty-two bytes of input, twice",
        ends: |state| *state == State::Exited(7),
        profile: "function[3] 84\nfunction[3];fd_read 244\nfunction[3];fd_write 164\n",
    },
];

/// Runs a guest, giving it these many steps at a time and its input in pieces of as many bytes, whenever it waits.
fn run_case(case: &Case, profile: bool, slice: u64) -> (State, Process) {
    let module = module(case.text);
    let mut process = Process::builder(&module).arg("guest").profile(profile).spawn().unwrap();
    let mut pieces = case.input.chunks(usize::try_from(slice.min(1 << 16)).unwrap());
    loop {
        match process.run(slice) {
            State::Yielded => {}
            State::Blocked(_) => match pieces.next() {
                Some(piece) => process.feed_stdin(piece.to_vec().into()),
                None => process.close_stdin(),
            },
            state => return (state, process),
        }
    }
}

fn profile(process: &Process) -> Profile {
    process.profile().unwrap()
}

#[test]
fn steps_are_where_they_were_taken() {
    for case in CASES {
        let (state, process) = run_case(case, true, u64::MAX);
        assert!((case.ends)(&state), "{}: {state:?}", case.name);
        assert_eq!(profile(&process).collapsed(), case.profile, "{}", case.name);
        assert_eq!(profile(&process).total(), process.steps(), "{}", case.name);
    }
}

#[test]
fn a_profiled_run_is_the_same_run() {
    for case in CASES {
        let (state, plain) = run_case(case, false, u64::MAX);
        let (profiled_state, profiled) = run_case(case, true, u64::MAX);
        assert_eq!(profiled_state, state, "{}", case.name);
        assert_eq!(profiled.steps(), plain.steps(), "{}", case.name);
        assert_eq!(profiled.memory_bytes(), plain.memory_bytes(), "{}", case.name);
        assert_eq!(profiled.backtrace(|| true), plain.backtrace(|| true), "{}", case.name);
        assert_eq!(plain.profile(), None, "{}", case.name);
    }
}

#[test]
fn a_profile_can_be_read_at_any_time() {
    for case in CASES {
        let module = module(case.text);
        let mut process = Process::builder(&module).profile(true).spawn().unwrap();
        assert_eq!(profile(&process).collapsed(), "", "{}: nothing has run", case.name);
        for _ in 0..4000 {
            let state = process.run(3);
            assert_eq!(profile(&process).total(), process.steps(), "{}", case.name);
            if matches!(state, State::Blocked(_)) {
                process.close_stdin();
            }
        }
        assert!(matches!(process.run(0), State::Exited(_) | State::Trapped(_)), "{}", case.name);
    }
}

proptest! {
    #[test]
    fn slices_and_chunks_change_nothing(index in 0..CASES.len(), slice in 1..300_u64) {
        let case = &CASES[index];
        let (whole_state, whole) = run_case(case, true, slice.max(case.input.len() as u64));
        let (state, process) = run_case(case, true, slice);
        prop_assert_eq!(state, whole_state);
        // A guest that is fed in other pieces reads more often, but for the same bytes in the same place.
        if case.input.is_empty() || slice >= 16 {
            prop_assert_eq!(process.profile(), whole.profile());
        }
        prop_assert_eq!(profile(&process).total(), process.steps());
    }
}

/// Calls itself as often as its argument says.
const DEEP: &str = r#"(module
  (func $down (export "down") (param i32)
    (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))))))"#;

fn deep(depth: &str, profile: bool, limits: Limits) -> (State, Process) {
    let module = module(DEEP);
    let builder = Process::builder(&module).invoke("down", [depth.into()]).limits(limits);
    let mut process = builder.profile(profile).spawn().unwrap();
    let state = run(&mut process);
    (state, process)
}

#[test]
fn a_deep_recursion_is_told_apart_as_far_as_there_is_room() {
    let (state, process) = deep("5000", true, Limits::default());
    assert_eq!(state, State::Exited(0));
    let mut stacks = Vec::new();
    profile(&process).for_each(|stack, steps| {
        stacks.push((stack.split(';').count(), stack.ends_with(";[…]"), steps));
    });
    let known = (1..=1024).map(|frames| (frames, false, 7));
    // The last call only looks at its argument.
    let expected: Vec<_> = known.chain([(1025, true, (5001 - 1024) * 7 - 4)]).collect();
    assert_eq!(stacks, expected);
}

#[test]
fn a_profiled_run_ends_at_the_same_limits() {
    let steps = Limits { steps_max: 100_000, ..Limits::default() };
    let cases = [
        (Limits::default(), State::Trapped(Trap { kind: TrapKind::StackOverflow })),
        (steps, State::Exhausted(Limit::Steps)),
    ];
    for (limits, end) in cases {
        let (state, plain) = deep("1000000", false, limits);
        assert_eq!(state, end);
        let (state, profiled) = deep("1000000", true, limits);
        assert_eq!((state, profiled.steps()), (end, plain.steps()));
        assert_eq!(profile(&profiled).total(), plain.steps());
    }
}

#[test]
fn the_table_of_a_profile_does_not_count_against_the_guest() {
    let grow = r#"(module (table 1 funcref) (func (export "grow") (result i32 i32)
      (table.grow (ref.null func) (i32.const 9)) (table.grow (ref.null func) (i32.const 1))))"#;
    let limits = Limits { table_elements_max: 10, ..Limits::default() };
    for is_profiled in [false, true] {
        let module = module(grow);
        let builder = Process::builder(&module).invoke("grow", []).limits(limits);
        let mut process = builder.profile(is_profiled).spawn().unwrap();
        assert_eq!(run(&mut process), State::Exited(0));
        assert_eq!(process.results(), [Value::I32(1), Value::I32(-1)], "{is_profiled}");
    }
}
