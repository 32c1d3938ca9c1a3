//! Steps are the operators that were executed: random programs against the same programs that count for themselves.

mod common;

use proptest::prelude::*;
use stepwell::{Process, State, Value};

use common::module;
use common::programs::{pieces, program};

/// Runs a program in slices of this many steps: how it ended, its steps without those of syscalls, and what it returned.
fn run(text: &str, slice: u64) -> (State, u64, Vec<Value>) {
    let module = module(text);
    let mut process = Process::builder(&module).invoke("run", []).spawn().unwrap();
    let state = loop {
        match process.run(slice) {
            State::Yielded => {}
            state => break state,
        }
    };
    (state, process.steps() - process.host_steps(), process.results())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn steps_are_the_operators_that_were_executed(
        functions in prop::collection::vec(pieces(), 1..4),
        slice in 1..2000_u64,
    ) {
        let plain = program(&functions, false);
        let (state, _, counted) = run(&program(&functions, true), u64::MAX);
        prop_assert_eq!(&state, &State::Exited(0));
        let [Value::I64(counted)] = counted[..] else { panic!("it returns its count") };
        let (state, steps, _) = run(&plain, u64::MAX);
        prop_assert_eq!(&state, &State::Exited(0), "{}", plain);
        // The entry is called once more than the program knows of.
        prop_assert_eq!(steps, counted.cast_unsigned() + 1, "{}", plain);
        prop_assert_eq!(run(&plain, slice).1, steps, "in slices of {}: {}", slice, plain);
    }
}

#[test]
fn a_loop_that_starts_with_a_call_is_not_joined_with_the_loop_behind_it() {
    let text = r#"(module (global $n (mut i64) (i64.const 0))
        (func $f (global.set $n (i64.add (global.get $n) (i64.const 1))))
        (func (export "run") (result i64) (local $i i32) (local $o i32)
            (loop $outer
                call $f
                (loop $inner
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $inner (i32.lt_u (local.get $i) (i32.const 10)))
                    (local.set $o (i32.add (local.get $o) (i32.const 1)))
                    (br_if $outer (i32.lt_u (local.get $o) (i32.const 2)))))
            global.get $n))"#;
    assert_eq!(run(text, u64::MAX).2, [Value::I64(2)]);
}
