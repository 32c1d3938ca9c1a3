//! A frozen and thawed process goes on exactly as if nothing had happened.

mod common;

use bytes::Bytes;
use proptest::prelude::*;
use stepwell::{Error, FreezePoint, Image, Limit, Limits, Module, Process, State};

use common::outcome::finish;
use common::programs::{pieces, program};
use common::{CAT, module};

fn start(module: &Module, input: &'static [u8], freezable: bool) -> Process {
    let builder = Process::builder(module).args(["guest", "argument"]).freezable(freezable);
    let mut process = builder.spawn().unwrap();
    process.feed_stdin(input.into());
    process
}

/// Freezes a run at each of its calls in turn, thaws it, and compares with the run that is not frozen: how many calls.
#[track_caller]
fn freezes_at_every_call(module: &Module, input: &'static [u8]) -> u64 {
    let plain = finish(start(module, input, false), Vec::new());
    assert_eq!(
        finish(start(module, input, true), Vec::new()),
        plain,
        "the copy that can be frozen"
    );
    let mut point = 0;
    loop {
        let mut process = start(module, input, true);
        process.close_stdin();
        let mut stdout = Vec::new();
        for _ in 0..=point {
            process.freeze_at(FreezePoint::NextCall).unwrap();
            loop {
                match process.run(u64::MAX) {
                    State::FreezePoint => break,
                    State::Yielded | State::Blocked(_) => {
                        stdout.extend_from_slice(&process.drain_stdout());
                    }
                    _ => return point,
                }
            }
        }
        let image = process.freeze().unwrap();
        assert!(process.run(1) != State::Yielded, "it is over");
        let bytes = Bytes::from(image.save(module, &[]).unwrap());
        let loaded = Image::load(bytes.clone(), module, &[], None).unwrap();
        assert_eq!(loaded.save(module, &[]).unwrap(), bytes, "it is the same again");
        for image in [image, loaded] {
            let template = image.prepare(module).unwrap();
            for _ in 0..2 {
                let thawed = template.thaw().unwrap();
                assert_eq!(thawed.steps(), image.steps());
                assert_eq!(finish(thawed, stdout.clone()), plain, "frozen at call {point}");
            }
        }
        point += 1;
    }
}

#[test]
fn a_loop_around_a_call_goes_on() {
    let points = freezes_at_every_call(&module(CAT), b"one line\nand another one that is long\n");
    assert!(points >= 8, "{points}");
}

#[test]
fn an_image_is_of_one_module() {
    let mut process = start(&module(CAT), b"x", true);
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let image = process.freeze().unwrap();
    let other = module(&CAT.replace("64", "65"));
    assert!(matches!(image.prepare(&other), Err(Error::Image { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_go_on_from_every_call(functions in prop::collection::vec(pieces(), 1..4)) {
        let module = module(&program(&functions, false));
        let start = |freezable| {
            Process::builder(&module).invoke("run", []).freezable(freezable).spawn().unwrap()
        };
        let plain = finish(start(false), Vec::new());
        for call in 0..plain.syscalls.min(12) {
            let mut process = start(true);
            process.freeze_at(FreezePoint::AfterCalls(call)).unwrap();
            prop_assert_eq!(process.run(u64::MAX), State::FreezePoint);
            let image = process.freeze().unwrap();
            let thawed = image.prepare(&module).unwrap().thaw().unwrap();
            let text = program(&functions, false);
            prop_assert_eq!(&finish(thawed, Vec::new()), &plain, "frozen at call {}: {}", call, text);
        }
    }
}

#[test]
fn a_process_that_was_started_normally_is_frozen_by_repeating_its_run() {
    let module = module(CAT);
    let plain = finish(start(&module, b"one line\nand more\nthe end", false), Vec::new());
    let mut process = start(&module, b"one line\nand", false);
    let mut stdout = Vec::new();
    // It waits for the end of the second line.
    while !matches!(process.run(7), State::Blocked(wait) if wait.input) {
        stdout.extend_from_slice(&process.drain_stdout());
    }
    stdout.extend_from_slice(&process.drain_stdout());
    assert!(!stdout.is_empty());
    let image = process.freeze().unwrap();
    let thawed = image.prepare(&module).unwrap().thaw().unwrap();
    for mut process in [process, thawed] {
        process.feed_stdin(b" more\nthe end".as_slice().into());
        assert_eq!(finish(process, stdout.clone()), plain);
    }
}

#[test]
fn a_process_that_does_not_stand_at_a_syscall_is_not_frozen() {
    let module = module(CAT);
    for freezable in [false, true] {
        let mut process = start(&module, b"x\n", freezable);
        assert!(matches!(process.freeze(), Err(Error::NotFreezable { .. })), "it has not started");
        assert_eq!(process.run(5), State::Yielded);
        assert!(matches!(process.freeze(), Err(Error::NotFreezable { .. })), "it computes");
        process.freeze_at(FreezePoint::Call { name: "fd_write".into(), nth: 1 }).unwrap();
        assert_eq!(process.run(u64::MAX), State::FreezePoint);
        assert!(process.freeze().is_ok());
        let absent = FreezePoint::Call { name: "path_open".into(), nth: 1 };
        assert!(matches!(process.freeze_at(absent), Err(Error::NotFreezable { .. })));
    }
}

/// A process that waits for standard input, as bytes.
fn waiting(module: &Module) -> Vec<u8> {
    let mut process = start(module, b"a line\n", true);
    process.freeze_at(FreezePoint::Call { name: "fd_read".into(), nth: 2 }).unwrap();
    while process.run(u64::MAX) != State::FreezePoint {}
    process.freeze().unwrap().save(module, &[]).unwrap()
}

#[test]
fn damaged_bytes_are_refused() {
    let module = module(CAT);
    let whole = waiting(&module);
    let load = |bytes: &[u8]| Image::load(Bytes::copy_from_slice(bytes), &module, &[], None);
    assert!(load(&whole).is_ok());
    for len in 0..whole.len() {
        assert!(matches!(load(&whole[..len]), Err(Error::Image { .. })), "{len} bytes");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(matches!(load(&bytes), Err(Error::Image { .. })), "byte {at}");
    }
}

#[test]
fn forged_bytes_are_refused_or_give_a_process_within_its_limits() {
    let module = module(CAT);
    let whole = waiting(&module);
    let limits = Limits { steps_max: 100_000, memory_bytes_max: 1 << 20, ..Limits::default() };
    let body = whole.len() - 4;
    let mut thawed = 0;
    for at in 0..body {
        for change in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            let checksum = crc32fast::hash(&bytes[..body]);
            bytes[body..].copy_from_slice(&checksum.to_le_bytes());
            let image = Image::load(bytes.into(), &module, &[], Some(limits));
            let Ok(template) = image.and_then(|image| image.prepare(&module)) else { continue };
            let Ok(mut process) = template.thaw() else { continue };
            process.close_stdin();
            for _ in 0..10 {
                process.run(10_000);
                process.drain_stdout();
            }
            thawed += 1;
        }
    }
    assert!(thawed > 100, "{thawed} are images still");
}

#[test]
fn an_image_that_is_larger_than_the_limit_of_memory_is_refused() {
    let module = module(CAT);
    let limits = Limits { memory_bytes_max: 60_000, ..Limits::default() };
    let image = Image::load(waiting(&module).into(), &module, &[], Some(limits));
    assert!(matches!(image, Err(Error::Image { .. })));
}

/// Where control came together in the original and comes from one side only in what goes on.
#[test]
fn what_a_construct_around_a_call_gives_is_not_known_when_it_goes_on() {
    let by_if = "(if (if (result i32) (i32.eqz (local.get 0))
            (then (drop (call $y)) (i32.const 1)) (else (i32.const 0)))
        (then (local.set 0 (i32.const 5)) (local.set 0 (i32.const 6))))";
    let by_block = "(if (block $b (result i32)
            (drop (br_if $b (i32.const 0) (local.get 0)))
            (drop (call $y))
            (i32.const 1))
        (then (local.set 0 (i32.const 5)) (local.set 0 (i32.const 6))))";
    let by_loop = "(if (loop $l (result i32)
            (drop (call $y))
            (br_if $l (i32.eqz (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))
            (i32.const 1))
        (then (local.set 0 (i32.const 5))))";
    for body in [by_if, by_block, by_loop] {
        let text = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32)))
                (func (export "_start") (local i32) {body} (drop (call $y))))"#
        );
        assert_eq!(freezes_at_every_call(&module(&text), b""), 2, "{text}");
    }
}

#[test]
fn a_run_whose_files_the_host_has_changed_is_not_repeated() {
    let mut process = start(&module(CAT), b"", false);
    assert!(matches!(process.run(u64::MAX), State::Blocked(_)));
    process.fs();
    let frozen = process.freeze();
    assert!(matches!(frozen, Err(Error::NotFreezable { .. })));
}

#[test]
fn limits_of_whoever_thaws_hold() {
    let module = module(CAT);
    let limits = Limits { output_bytes_max: 3, ..Limits::default() };
    let image = Image::load(waiting(&module).into(), &module, &[], Some(limits)).unwrap();
    let mut process = image.prepare(&module).unwrap().thaw().unwrap();
    process.feed_stdin(b"more than that\n".as_slice().into());
    assert_eq!(process.run(u64::MAX), State::Exhausted(Limit::Output));
}

#[test]
fn a_process_that_was_frozen_for_good_has_no_receipt_of_an_end() {
    let module = module(CAT);
    let builder = Process::builder(&module).freezable(true).receipt([7; 32]);
    let mut process = builder.spawn().unwrap();
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    assert!(!process.is_over());
    process.freeze().unwrap();
    assert!(process.is_over());
    let receipt = process.receipt().unwrap().unwrap();
    assert!(receipt.reasons().any(|reason| reason == "unfinished"));
}

#[test]
fn a_module_whose_copy_would_be_out_of_proportion_is_refused_before_it_is_made() {
    let operands = |count: usize| {
        "(i32.const 0)".repeat(count) + &"(call $f)".repeat(2_000) + &"(drop)".repeat(count)
    };
    let many = "(func (local ".to_owned() + &"i64 ".repeat(9_000) + ") (call $f))";
    let rows = [
        (format!("(func {})", operands(10)), true),
        (format!("(func {})", operands(5_000)), false),
        (many.repeat(100), false),
    ];
    for (functions, is_fine) in rows {
        let text = format!("(module (func $f) {functions} (func (export \"_start\")))");
        let module = module(&text);
        let spawned = Process::builder(&module).freezable(true).spawn();
        let refused = |error: &Error| matches!(error, Error::NotFreezable { reason } if reason.contains("proportion"));
        match spawned {
            Ok(_) => assert!(is_fine),
            Err(error) => assert!(!is_fine && refused(&error), "{error}"),
        }
    }
}

/// Each of the loops is found to run once only when the one in it has been, so a clone is written as often as there are loops.
#[test]
fn a_stack_whose_clones_take_too_many_attempts_is_refused() {
    const LOOPS: usize = 60;
    let padding = "(drop (v128.const i64x2 0 0))".repeat(5_500);
    let call = |number: u64| {
        let mut text = format!("(call $f (i32.const {number})) {padding}");
        for _ in 0..LOOPS {
            text = format!("(loop (br_if 1 (local.get 0)) {text})");
        }
        format!("(if (i32.eq (local.get 1) (i32.const {number})) (then {text}))")
    };
    for (places, is_fine) in [(1, true), (3, false)] {
        let calls: String = (0..places).map(call).collect();
        let text = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32)))
                (func $g (param i32 i32) {calls})
                (func $f (param i32) (drop (call $y)) (call $g (i32.const 0) (i32.add (local.get 0) (i32.const 1))))
                (func (export "_start") (call $g (i32.const 0) (i32.const 0)) (drop (call $y))))"#
        );
        let module = module(&text);
        let mut process = start(&module, b"", true);
        process.freeze_at(FreezePoint::AfterCalls(places - 1)).unwrap();
        assert_eq!(process.run(u64::MAX), State::FreezePoint);
        let prepared = process.freeze().unwrap().prepare(&module);
        let is_refused = |error: &Error| matches!(error, Error::NotFreezable { reason } if reason.contains("too large together"));
        match prepared {
            Ok(_) => assert!(is_fine),
            Err(error) => assert!(!is_fine && is_refused(&error), "{error}"),
        }
    }
}
