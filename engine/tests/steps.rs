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
        prop_assert_eq!(steps, counted.cast_unsigned(), "{}", plain);
        prop_assert_eq!(run(&plain, slice).1, steps, "in slices of {}: {}", slice, plain);
    }
}

/// Where the interpreter charges, although only calls or values stand there.
#[test]
fn loops_of_loops_take_exact_steps() {
    let call_first = r#"(module (global $n (mut i64) (i64.const 0))
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
    let parameters = r#"(module
        (func (export "run") (result i64) (local $i i32)
            i32.const 3
            (loop $outer (param i32)
                (loop $inner (param i32)
                    i32.const 1 i32.sub local.tee $i
                    local.get $i br_if $inner
                    drop))
            i64.const 7))"#;
    // Twice a call and what it calls, and what is behind the inner loop; that 11 times; the entry and the result.
    let call_first_steps = 2 * (6 + 8) + 11 * 8 + 2;
    // Three times the inner loop and what is in it; the outer one, the entry and the rest.
    let parameters_steps = 3 * 6 + 1 + 4;
    let cases = [(call_first, 2, call_first_steps), (parameters, 7, parameters_steps)];
    for (text, result, steps) in cases {
        let expected = (State::Exited(0), steps, vec![Value::I64(result)]);
        assert_eq!(run(text, u64::MAX), expected, "{text}");
    }
}
