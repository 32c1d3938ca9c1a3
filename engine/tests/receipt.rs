//! Receipts: that equal runs have equal ones however the host drives them, and that different runs differ where they do.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use stepwell::vfs::{EPOCH, Mount, Namespace, Quota, StreamKind, Timestamp, Tree};
use stepwell::{
    Engine, Error, FreezePoint, Limits, Module, Process, ProcessBuilder, Receipt, ReceiptError,
    State,
};

/// Copies standard input to standard output, and computes a little between the reads.
const COPIES: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") (local $n i32)
        (i32.store (i32.const 0) (i32.const 64))
        (loop $again
            (i32.store (i32.const 4) (i32.const 48))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
            (local.set $n (i32.mul (i32.const 10) (i32.load (i32.const 8))))
            (loop $work (br_if $work (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
            (br $again))))"#;
/// Reads two bytes, exits with the second, and leaves the rest.
const READS_TWO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\40\00\00\00\02\00\00\00")
    (func (export "_start")
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $exit (i32.load8_u (i32.const 65)))))"#;
/// Waits for standard input or a millisecond.
const POLLS: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (i32.store8 (i32.const 8) (i32.const 1))
        (i32.store (i32.const 64) (i32.const 1))
        (i64.store (i32.const 72) (i64.const 1000000))
        (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 2) (i32.const 512)))))"#;
const LOOPS: &str = r#"(module (func (export "_start") (loop (br 0))))"#;
const TRAPS: &str = r#"(module (func (export "_start") unreachable))"#;
const GROWS: &str = r#"(module (memory 1)
    (func (export "_start") (drop (memory.grow (i32.const 3))) (drop (memory.grow (i32.const 9)))))"#;
const DOUBLES: &str = r#"(module (func (export "double") (param i64) (result i64)
    (i64.shl (local.get 0) (i64.const 1))))"#;

fn module(text: &str) -> Module {
    Module::new(&Engine::default(), wat::parse_str(text).unwrap().into()).unwrap()
}

/// Runs a process to its end or until it waits for what the host does not have.
fn finish(process: &mut Process, slice: u64) -> State {
    loop {
        match process.run(slice) {
            State::Yielded => {}
            State::Blocked(wait) if wait.output => drop(process.drain_stdout()),
            state => return state,
        }
    }
}

fn receipt(builder: ProcessBuilder<'_>, input: &'static [u8]) -> Receipt {
    let mut process = builder.receipt([7; 32]).spawn().unwrap();
    process.feed_stdin(input.into());
    process.close_stdin();
    finish(&mut process, 1_000_000);
    process.receipt().unwrap().expect("it was asked for")
}

/// What a host does with a process.
type Drive = fn(&mut Process);

/// The fields in which two receipts differ.
fn differing(a: &Receipt, b: &Receipt) -> Vec<String> {
    a.differences(b).into_iter().map(|difference| difference.field).collect()
}

proptest! {
    #[test]
    fn a_receipt_does_not_depend_on_slices_or_pieces_or_draining(
        input in vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..2000),
        pieces in vec(1_usize..300, 1..40),
        slices in vec(1_u64..3000, 1..40),
        drains in vec(any::<bool>(), 1..40),
        queue in 48_usize..200,
    ) {
        let module = module(COPIES);
        let limits = Limits { output_queue_bytes_max: queue, ..Limits::default() };
        let start = || Process::builder(&module).limits(limits).receipt([7; 32]).spawn().unwrap();
        let mut whole = start();
        whole.feed_stdin(Bytes::copy_from_slice(&input));
        whole.close_stdin();
        prop_assert_eq!(finish(&mut whole, u64::MAX), State::Exited(0));

        let mut process = start();
        let (mut rest, mut pieces) = (&input[..], pieces.iter().cycle());
        let (mut slices, mut drains) = (slices.iter().cycle(), drains.iter().cycle());
        loop {
            let state = process.run(*slices.next().unwrap());
            // The host feeds whenever it likes, not only when the guest waits.
            let must_feed = matches!(&state, State::Blocked(wait) if wait.input);
            if must_feed || *drains.next().unwrap() {
                let piece = rest.len().min(*pieces.next().unwrap());
                process.feed_stdin(Bytes::copy_from_slice(&rest[..piece]));
                rest = &rest[piece..];
                if rest.is_empty() {
                    process.close_stdin();
                }
            }
            if matches!(&state, State::Blocked(wait) if wait.output) || *drains.next().unwrap() {
                process.drain_stdout();
            }
            if let State::Exited(code) = state {
                prop_assert_eq!(code, 0);
                break;
            }
        }
        let (once, twice) = (process.receipt().unwrap().unwrap(), whole.receipt().unwrap().unwrap());
        prop_assert_eq!(differing(&once, &twice), Vec::<String>::new());
        prop_assert_eq!(once.digest(), twice.digest());
        prop_assert!(once.is_deterministic());
    }
}

#[test]
fn what_is_not_read_does_not_count() {
    let module = module(READS_TWO);
    let mut process = Process::builder(&module).receipt([7; 32]).spawn().unwrap();
    process.feed_stdin("abc".into());
    assert_eq!(finish(&mut process, 1000), State::Exited(u32::from(b'b')));
    let first = process.receipt().unwrap().unwrap();
    process.feed_stdin("more".into());
    process.close_stdin();
    process.close_stdout();
    assert_eq!(process.receipt().unwrap().unwrap(), first);
    assert_eq!(first, receipt(Process::builder(&module), b"abde"));
    let json = first.to_json();
    assert!(
        json.contains(r#""stdin":{"bytes":"2","kind":"pipe","sha256":"fb8e20fc2e4c3f24"#),
        "{json}"
    );
}

#[test]
fn every_input_has_its_field() {
    let module = module(READS_TWO);
    let other = Limits { fds_max: 9, ..Limits::default() };
    let tree = || {
        let mut tree = Tree::new(Quota::default(), EPOCH);
        tree.write_file("file", "text".into(), EPOCH).unwrap();
        Namespace::new(Mount { fs: Box::new(tree), read_only: false })
    };
    let plain = || Process::builder(&module);
    let base = receipt(plain(), b"ab");
    let cases: [(Receipt, &[&str]); 9] = [
        (receipt(plain(), b"ab"), &[]),
        (receipt(plain().arg("x"), b"ab"), &["inputs.arguments", "inputs.arguments.0"]),
        (receipt(plain().env("A", "1"), b"ab"), &["inputs.environment", "inputs.environment.0"]),
        (receipt(plain().seed(1), b"ab"), &["inputs.seed"]),
        (receipt(plain().epoch(Timestamp(5)), b"ab"), &["inputs.epoch"]),
        (receipt(plain().limits(other), b"ab"), &["inputs.limits.fds"]),
        (receipt(plain(), b"bb"), &["inputs.stdin.sha256"]),
        (receipt(plain().fs(tree()), b"ab"), &["inputs.trees.0.sha256", "result.trees.0.sha256"]),
        (
            receipt(plain().stdio(StreamKind::File, StreamKind::Pipe, StreamKind::Terminal), b"ab"),
            &["inputs.stderr.kind", "inputs.stdin.kind"],
        ),
    ];
    for (found, fields) in &cases {
        assert_eq!(differing(&base, found), *fields);
        assert_eq!(base.digest() == found.digest(), fields.is_empty());
    }
}

#[test]
fn every_end_has_its_words() {
    let small = Limits { memory_bytes_max: 5 << 16, steps_max: 1000, ..Limits::default() };
    let cases: &[(&str, &str)] = &[
        (READS_TWO, r#""outcome":{"exit_code":98,"kind":"exited"}"#),
        (LOOPS, r#""outcome":{"kind":"limit","limit":"steps"}"#),
        (TRAPS, r#""kind":"trapped","message":"unreachable executed"#),
        (TRAPS, r#""trap":"unreachable"}"#),
        (GROWS, r#""growth_refused":"memory""#),
        (GROWS, r#""memory_peak_bytes":"262144""#),
    ];
    for (guest, part) in cases {
        let json = receipt(Process::builder(&module(guest)).limits(small), b"ab").to_json();
        assert!(json.contains(part), "{part} is not in {json}");
        assert!(json.contains(r#""deterministic":true"#), "{json}");
    }
    let module = module(DOUBLES);
    let doubled = receipt(Process::builder(&module).invoke("double", ["21".into()]), b"");
    assert!(doubled.to_json().contains(r#""results":["42"]"#));
}

#[test]
fn what_may_differ_next_time_is_admitted() {
    let polls = module(POLLS);
    let cases: [(&str, Drive); 4] = [
        ("poll", |process| {
            assert!(matches!(process.run(1000), State::Blocked(_)));
            process.elapse();
            finish(process, 1000);
        }),
        ("", |process| {
            process.close_stdin();
            finish(process, 1000);
        }),
        ("closed_output", |process| {
            process.close_stdin();
            process.close_stdout();
            finish(process, 1000);
        }),
        ("unfinished", |process| {
            process.run(1);
        }),
    ];
    for (reason, drive) in cases {
        let mut process = Process::builder(&polls).receipt([7; 32]).spawn().unwrap();
        drive(&mut process);
        let mut receipt = process.receipt().unwrap().unwrap();
        assert_eq!(receipt.reasons().collect::<Vec<_>>().join(" "), reason);
        assert_eq!(receipt.is_deterministic(), reason.is_empty());
        receipt.not_deterministic("zeal");
        assert_eq!(receipt.reasons().last(), Some("zeal"));
        assert!(!Receipt::parse(&receipt.to_json()).unwrap().is_deterministic());
    }
}

#[test]
fn a_receipt_is_read_as_it_was_written() {
    let module = module(READS_TWO);
    let builder =
        Process::builder(&module).args(["a", "ü\n"]).arg(b"\xff".as_slice()).seed(u64::MAX);
    let written = receipt(builder.env("A", "b=c"), b"ab");
    let text = written.to_json();
    assert_eq!(Receipt::parse(&text), Ok(written.clone()));
    let spaced = text.replace(",\"", ",\n \"");
    assert_eq!(Receipt::parse(&spaced), Ok(written.clone()), "white space does not matter");
    let inputs = written.inputs().unwrap();
    assert_eq!(inputs.args, [b"a".to_vec(), "ü\n".into(), b"\xff".to_vec()]);
    assert_eq!((inputs.seed, inputs.stdin_bytes), (Some(u64::MAX), 2));
    assert_eq!(inputs.quota, Some(Quota::default()));
    assert_eq!(receipt(Process::builder(&module).repeat(&inputs), b"ab"), written);
}

#[test]
fn what_is_no_receipt_is_refused() {
    let text = receipt(Process::builder(&module(READS_TWO)), b"ab").to_json();
    let malformed = |text: &str| {
        assert!(matches!(Receipt::parse(text), Err(ReceiptError::Malformed { .. })), "{text}");
    };
    for text in ["", "{", "[]", "1", "{}", r#"{"stepwell_receipt":1}"#, r#"{"a":0.5}"#] {
        malformed(text);
    }
    malformed(&"[".repeat(100_000));
    for at in 0..text.len() {
        assert!(Receipt::parse(&text[..at]).is_err(), "cut at {at}");
    }
    let changed = text.replace(r#""exit_code":98"#, r#""exit_code":0"#);
    assert_eq!(Receipt::parse(&changed), Err(ReceiptError::Digest));
    let newer = text.replace(r#""stepwell_receipt":1"#, r#""stepwell_receipt":2"#);
    assert_eq!(Receipt::parse(&newer), Err(ReceiptError::Format));
}

#[test]
fn too_many_argument_bytes_are_refused_before_the_run() {
    let module = module(LOOPS);
    let limits = Limits { args_bytes_max: 8, ..Limits::default() };
    let builder = || Process::builder(&module).limits(limits).arg("abc").env("A", "");
    assert!(builder().arg("").spawn().is_ok(), "exactly as many as are allowed");
    let refused = builder().arg("b").spawn().err();
    assert_eq!(refused, Some(Error::TooManyArguments { bytes: 9, bytes_max: 8 }));
}

#[test]
fn a_trace_has_a_line_for_each_call_however_it_is_driven() {
    use std::sync::{Arc, Mutex};
    let module = module(READS_TWO);
    for slice in [1, 7, 1_000_000] {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = lines.clone();
        let mut process = Process::builder(&module)
            .trace(move |call| sink.lock().unwrap().push(call.to_string()))
            .spawn()
            .unwrap();
        assert!(matches!(finish(&mut process, slice), State::Blocked(_)));
        process.feed_stdin("ab".into());
        finish(&mut process, slice);
        assert_eq!(
            *lines.lock().unwrap(),
            [
                "10 fd_read(fd=0, iovs=0x0, iovs_len=1, nread=0x8) -> ok",
                "90 proc_exit(rval=98) -> exit 98",
            ]
        );
    }
}

#[test]
fn a_receipt_is_kept_from_the_thaw_on_or_not_at_all() {
    let module = module(READS_TWO);
    let mut frozen = Process::builder(&module).freezable(true).spawn().unwrap();
    frozen.freeze_at(FreezePoint::NextCall).unwrap();
    assert_eq!(frozen.run(u64::MAX), State::FreezePoint);
    let template = frozen.freeze().unwrap().prepare(&module).unwrap();
    type Touch = fn(&mut Process);
    let cases: [(&str, Touch, bool); 7] = [
        ("nothing", |_| {}, true),
        ("what is drained is nothing", |process| drop(process.drain_stdout()), true),
        ("the files", |process| _ = process.fs(), true),
        ("a run without steps", |process| drop(process.run(0)), false),
        ("input", |process| process.feed_stdin(Bytes::from_static(b"a")), false),
        ("the end of input", Process::close_stdin, false),
        ("a closed output", Process::close_stderr, false),
    ];
    for (name, touch, is_kept) in cases {
        let mut process = template.thaw().unwrap();
        touch(&mut process);
        let expected = if is_kept { Ok(()) } else { Err(Error::NotFresh) };
        assert_eq!(process.keep_receipt([1; 32]), expected, "{name}");
        assert_eq!(process.receipt().unwrap().is_some(), is_kept, "{name}");
    }
    assert_eq!(frozen.keep_receipt([1; 32]), Err(Error::NotFresh));
}

#[test]
fn what_was_frozen_before_its_first_syscall_has_the_receipt_of_the_whole_run() {
    let module = module(READS_TWO);
    let receipt = |process: &mut Process| {
        process.feed_stdin(Bytes::from_static(b"ab"));
        process.close_stdin();
        while process.run(u64::MAX) == State::Yielded {}
        process.receipt().unwrap().expect("it keeps one").to_json()
    };
    let builder = || Process::builder(&module).arg("name").env("A", "b").seed(7);
    let plain = receipt(&mut builder().receipt([3; 32]).spawn().unwrap());
    let mut frozen = builder().freezable(true).spawn().unwrap();
    frozen.freeze_at(FreezePoint::NextCall).unwrap();
    assert_eq!(frozen.run(u64::MAX), State::FreezePoint);
    let template = frozen.freeze().unwrap().prepare(&module).unwrap();
    let mut thawed = template.thaw().unwrap();
    thawed.keep_receipt_from_start([3; 32], 7, EPOCH).unwrap();
    assert_eq!(receipt(&mut thawed), plain);

    let mut later = builder().freezable(true).spawn().unwrap();
    later.feed_stdin(Bytes::from_static(b"ab"));
    later.freeze_at(FreezePoint::AfterCalls(1)).unwrap();
    assert_eq!(later.run(u64::MAX), State::FreezePoint);
    let template = later.freeze().unwrap().prepare(&module).unwrap();
    let kept = template.thaw().unwrap().keep_receipt_from_start([3; 32], 7, EPOCH);
    assert_eq!(kept, Err(Error::NotFresh));
}
