//! A process that goes on from an image can be frozen, traced back and profiled like any other.

mod common;

use bytes::Bytes;
use proptest::prelude::*;
use stepwell::{FreezePoint, Image, Module, Process, State};

use common::outcome::finish;
use common::programs::{pieces, program};
use common::{CAT, module};

/// Runs a process to its next syscall that is not the one it stands at: whether it comes to one.
fn next_call(process: &mut Process) -> bool {
    process.freeze_at(FreezePoint::NextCall).unwrap();
    loop {
        match process.run(u64::MAX) {
            State::FreezePoint => return true,
            State::Yielded => {}
            State::Blocked(_) => process.close_stdin(),
            _ => return false,
        }
    }
}

fn saved(image: &Image, module: &Module) -> Bytes {
    image.save(module, &[]).unwrap().into()
}

/// Freezes a run at each of its calls, each time going on from the image before, and compares each with the image of the
/// run itself at that call: how many there were.
fn chain(module: &Module, start: impl Fn(bool) -> Process) -> Result<u64, TestCaseError> {
    let mut process = start(true);
    let mut calls = 0;
    while next_call(&mut process) {
        let mut direct = start(true);
        for _ in 0..=calls {
            prop_assert!(next_call(&mut direct));
            // What was drained is not in an image.
            direct.drain_stdout();
        }
        process.drain_stdout();
        let image = process.freeze().unwrap();
        prop_assert_eq!(
            saved(&image, module),
            saved(&direct.freeze().unwrap(), module),
            "call {}",
            calls
        );
        process = image.prepare_freezable(module).unwrap().thaw().unwrap();
        calls += 1;
    }
    let mut plain = start(false);
    while next_call(&mut plain) {}
    prop_assert_eq!(process.steps(), plain.steps());
    prop_assert_eq!(process.memory(), plain.memory());
    prop_assert_eq!(process.run(1), plain.run(1));
    Ok(calls)
}

fn cat(module: &Module, freezable: bool) -> Process {
    let mut process = Process::builder(module).freezable(freezable).spawn().unwrap();
    process.feed_stdin(Bytes::from_static(b"one line\nand another one that is long\n"));
    process
}

#[test]
fn each_image_of_a_chain_is_that_of_the_run_itself() {
    let module = module(CAT);
    let calls = chain(&module, |freezable| cat(&module, freezable)).unwrap();
    assert!(calls >= 8, "{calls}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_are_frozen_again_at_every_call(
        functions in prop::collection::vec(pieces(), 1..4),
    ) {
        let text = program(&functions, false);
        let module = module(&text);
        let start = |freezable| {
            Process::builder(&module).invoke("run", []).freezable(freezable).spawn().unwrap()
        };
        chain(&module, start)?;
    }
}

#[test]
fn a_plainly_thawed_process_is_frozen_by_repeating_its_run_from_the_image() {
    let module = module(CAT);
    let mut process = Process::builder(&module).freezable(true).spawn().unwrap();
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let image = process.freeze().unwrap();
    let feed = |process: &mut Process| {
        process.feed_stdin(Bytes::from_static(b"first\nsec"));
        while matches!(process.run(100), State::Yielded) {}
        process.feed_stdin(Bytes::from_static(b"ond\nthird"));
        while matches!(process.run(100), State::Yielded) {}
    };
    let template = image.prepare(&module).unwrap();
    let mut thawed = template.thaw().unwrap();
    // The same point, at once; the process goes on.
    assert_eq!(saved(&thawed.freeze().unwrap(), &module), saved(&image, &module));
    feed(&mut thawed);
    let again = thawed.freeze().unwrap();
    assert!(again.steps() > image.steps());
    let on = again.prepare(&module).unwrap().thaw().unwrap();
    assert_eq!(finish(on, Vec::new()), finish(thawed, Vec::new()));
}

#[test]
fn files_that_are_put_before_a_thawed_process_runs_are_there_when_it_is_repeated() {
    let module = module(CAT);
    let mut process = cat(&module, true);
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let template = process.freeze().unwrap().prepare(&module).unwrap();
    let mut thawed = template.thaw().unwrap();
    let (_, root) = thawed.fs().mounts_mut().next().unwrap();
    let tree = root.fs.as_tree_mut().unwrap();
    tree.write_file("new", Bytes::from_static(b"new"), vfs::EPOCH).unwrap();
    assert!(next_call(&mut thawed));
    let image = thawed.freeze().unwrap();
    let mut on = image.prepare(&module).unwrap().thaw().unwrap();
    let (_, root) = on.fs().mounts_mut().next().unwrap();
    assert_eq!(root.fs.as_tree_mut().unwrap().read_file("new").unwrap(), b"new");
    // Later it is too late.
    thawed.fs();
    let error = thawed.freeze().err().expect("it cannot be repeated").to_string();
    assert!(error.contains("the host has taken its files in hand"), "{error}");
}

/// Calls itself and yields; then divides by zero, many calls deep.
const DEEP: &str = r#"(module
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (func $down (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (drop (call $yield)) (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
            (else (call $leaf))))
    (func $leaf (result i32) (i32.div_u (i32.const 1) (i32.load (i32.const 0))))
    (func (export "_start") (drop (call $down (i32.const 9)))))"#;

#[test]
fn the_backtrace_of_a_thawed_process_is_that_of_the_run_itself() {
    let module = module(DEEP);
    let start = |freezable| Process::builder(&module).freezable(freezable).spawn().unwrap();
    let mut plain = start(false);
    let trapped = plain.run(u64::MAX);
    assert!(matches!(trapped, State::Trapped(_)), "{trapped:?}");
    let expected = plain.backtrace(|| true).unwrap();
    assert_eq!(expected.len(), 12);
    for point in 0..9 {
        let mut process = start(true);
        process.freeze_at(FreezePoint::AfterCalls(point)).unwrap();
        assert_eq!(process.run(u64::MAX), State::FreezePoint);
        let mut thawed = process.freeze().unwrap().prepare(&module).unwrap().thaw().unwrap();
        assert_eq!(thawed.run(u64::MAX), trapped);
        assert_eq!(thawed.backtrace(|| true).unwrap(), expected, "frozen at call {point}");
    }
}

#[test]
fn the_profile_of_a_thawed_process_has_its_stack_and_all_steps() {
    let module = module(DEEP);
    let mut plain = Process::builder(&module).profile(true).spawn().unwrap();
    plain.run(u64::MAX);
    let mut process = Process::builder(&module).freezable(true).spawn().unwrap();
    process.freeze_at(FreezePoint::AfterCalls(4)).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let image = process.freeze().unwrap();
    let mut thawed = image.prepare_profiled(&module).unwrap().thaw().unwrap();
    assert_eq!(thawed.profile().unwrap().total(), image.steps());
    thawed.run(u64::MAX);
    let profile = thawed.profile().unwrap();
    assert_eq!(profile.total(), plain.steps());
    let whole = plain.profile().unwrap().collapsed();
    let mut lines = 0;
    profile.for_each(|stack, steps| match stack {
        "[frozen]" => assert_eq!(steps, image.steps()),
        // What lies deeper than the image's stack is in the profile of the whole run too, step for step.
        _ if stack.matches(';').count() > 6 => {
            assert!(whole.contains(&format!("{stack} {steps}\n")), "{stack} {steps}\n{whole}");
            lines += 1;
        }
        _ => {}
    });
    assert!(lines >= 5, "{lines}");
}
