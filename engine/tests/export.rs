//! A module that is written from an image goes on, as a module like any other, where the process stood.

mod common;

use proptest::prelude::*;
use stepwell::{Engine, Error, FreezePoint, Image, Module, Process, State};
use wasmparser::{Operator, Parser, Payload, Validator, WasmFeatures};

use common::outcome::{Outcome, finish};
use common::programs::{pieces, program};
use common::{CAT, module};

const INPUT: &[u8] = b"one line\nand another one that is long\n";

/// The image of a run after so many syscalls, and what it has written by then.
fn image(mut process: Process, calls: u64) -> Option<(Image, Vec<u8>)> {
    process.close_stdin();
    process.freeze_at(FreezePoint::AfterCalls(calls)).unwrap();
    loop {
        match process.run(u64::MAX) {
            State::FreezePoint => break,
            State::Yielded | State::Blocked(_) => {}
            _ => return None,
        }
    }
    let stdout = process.drain_stdout().to_vec();
    Some((process.freeze().unwrap(), stdout))
}

/// A process of the module that is written from an image.
fn exported(image: &Image, module: &Module) -> Process {
    let wasm = image.to_wasm(module).unwrap();
    let module = Module::new(&Engine::default(), wasm.into()).unwrap();
    Process::builder(&module).spawn().unwrap()
}

/// What has to be the same: steps are not counted alike, since the stack was made otherwise.
fn left(outcome: &Outcome) -> (String, &[u8], Option<u64>, u64) {
    let state = match &outcome.state {
        State::Trapped(trap) => format!("{:?}", trap.kind),
        state => format!("{state:?}"),
    };
    (state, &outcome.stdout, outcome.memory, outcome.memory_bytes)
}

#[test]
fn a_written_module_goes_on_from_every_call() {
    let module = module(CAT);
    let start = || Process::builder(&module).arg("guest").freezable(true).spawn().unwrap();
    let mut whole = start();
    whole.feed_stdin(INPUT.into());
    let plain = finish(whole, Vec::new());
    let mut went_on = 0;
    for calls in 0..plain.syscalls {
        let mut process = start();
        process.feed_stdin(INPUT.into());
        let (image, stdout) = image(process, calls).unwrap();
        if let Err(error) = image.to_wasm(&module) {
            assert!(error.to_string().contains("input that it has not read"), "{error}");
            continue;
        }
        let outcome = finish(exported(&image, &module), stdout);
        assert_eq!(left(&outcome), left(&plain), "after {calls} calls");
        went_on += 1;
    }
    assert_eq!(went_on, 2, "the last line is read, and then the end");
}

#[test]
fn a_written_module_reads_its_input_anew() {
    let module = module(CAT);
    let mut process = Process::builder(&module).arg("guest").freezable(true).spawn().unwrap();
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let image = process.freeze().unwrap();
    assert_eq!(image.preopens().unwrap(), ["/"]);
    for input in ["", "a", "more than sixteen bytes"] {
        let mut process = exported(&image, &module);
        process.feed_stdin(input.as_bytes().into());
        let outcome = finish(process, Vec::new());
        assert_eq!(outcome.stdout, input.as_bytes());
        assert_eq!(outcome.state, State::Exited(7));
    }
}

#[test]
fn a_written_module_needs_no_more_of_an_engine_than_its_original() {
    let grows = CAT.replace(
        "(func (export \"_start\")",
        "(func (export \"_start\") (drop (memory.grow (i32.const 3)))",
    );
    assert_ne!(grows, CAT);
    let module = module(&grows);
    let mut process = Process::builder(&module).arg("guest").freezable(true).spawn().unwrap();
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let wasm = process.freeze().unwrap().to_wasm(&module).unwrap();
    Validator::new_with_features(WasmFeatures::MVP).validate_all(&wasm).unwrap();
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.unwrap() {
            Payload::ExportSection(exports) => {
                let names: Vec<_> =
                    exports.into_iter().map(|export| export.unwrap().name).collect();
                assert_eq!(names, ["memory", "_start"]);
            }
            // The validator takes newer forms of segments whatever it is told.
            Payload::DataSection(segments) => {
                for segment in segments {
                    assert_eq!(wasm[segment.unwrap().range.start], 0, "the oldest form");
                }
            }
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader().unwrap().into_iter();
                let no_charge = |operator: Operator<'_>| !matches!(operator, Operator::Nop);
                assert!(operators.map(Result::unwrap).all(no_charge));
            }
            _ => {}
        }
    }
}

#[test]
fn what_another_host_would_not_give_is_named() {
    let opens = r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "file")
        (func (export "_start")
            (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1)
                (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 8)))
            (drop (call $y))
            (drop (call $close (i32.const 4)))
            (drop (call $close (i32.const 1)))
            (drop (call $y))))"#;
    let module = module(opens);
    let start = || Process::builder(&module).freezable(true).spawn().unwrap();
    for (calls, reason) in [(1, "descriptor 4 is /file"), (4, "descriptor 1 is closed")] {
        let (image, _) = image(start(), calls).unwrap();
        let error = image.to_wasm(&module).unwrap_err();
        assert!(matches!(error, Error::NotPortable { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_go_on_as_written_modules(functions in prop::collection::vec(pieces(), 1..4)) {
        let module = module(&program(&functions, false));
        let start = || Process::builder(&module).invoke("run", []).freezable(true).spawn().unwrap();
        let plain = finish(start(), Vec::new());
        for calls in 0..plain.syscalls.min(8) {
            let (image, stdout) = image(start(), calls).unwrap();
            let outcome = finish(exported(&image, &module), stdout);
            prop_assert_eq!(left(&outcome), left(&plain), "after {} calls: {}", calls, program(&functions, false));
        }
    }
}
