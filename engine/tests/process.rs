//! A process as its host sees it: states, streams, steps, limits.

mod common;

use common::{CAT, module, process, run, try_module};
use stepwell::vfs::StreamKind;
use stepwell::{Engine, Error, Limit, Limits, Module, Process, State, TrapKind};

const SPIN: &str = r#"(module (func (export "_start") (loop (br 0))))"#;

#[test]
fn a_guest_that_returns_has_exited_with_zero() {
    let mut process = process(r#"(module (func (export "_start")))"#);
    assert_eq!(run(&mut process), State::Exited(0));
    assert_eq!(process.run(1), State::Exited(0), "the end is for ever");
}

#[test]
fn the_exit_code_keeps_its_32_bits() {
    let mut process = process(
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
           (func (export "_start") (call $exit (i32.const -2))))"#,
    );
    assert_eq!(run(&mut process), State::Exited(0xffff_fffe));
}

#[test]
fn reading_an_empty_open_input_blocks_until_the_host_feeds_or_closes_it() {
    let mut process = process(CAT);
    for piece in ["hello ", "world"] {
        let State::Blocked(wait) = run(&mut process) else { panic!("it has input to wait for") };
        assert!(wait.input);
        process.feed_stdin(piece.into());
    }
    assert!(matches!(run(&mut process), State::Blocked(_)));
    process.close_stdin();
    assert_eq!(run(&mut process), State::Exited(7));
    assert_eq!(process.drain_stdout(), "hello world");
}

#[test]
fn a_full_output_blocks_until_the_host_drains_it() {
    let limits = Limits { output_queue_bytes_max: 16, ..Limits::default() };
    let mut process = Process::builder(&module(CAT)).limits(limits).spawn().unwrap();
    let input: Vec<u8> = (0..200).collect();
    process.feed_stdin(input.clone().into());
    process.close_stdin();
    let mut output = Vec::new();
    loop {
        match run(&mut process) {
            State::Blocked(wait) => {
                assert!(wait.output);
                let drained = process.drain_stdout();
                assert!(!drained.is_empty() && drained.len() <= 16);
                output.extend_from_slice(&drained);
            }
            state => {
                assert_eq!(state, State::Exited(7));
                break;
            }
        }
    }
    output.extend_from_slice(&process.drain_stdout());
    assert_eq!(output, input);
}

#[test]
fn slices_of_any_size_give_the_same_steps_and_output() {
    let outcome = |slice: u64| {
        let mut process = process(CAT);
        process.feed_stdin(vec![b'x'; 1000].into());
        process.close_stdin();
        let mut output = Vec::new();
        loop {
            let state = process.run(slice);
            output.extend_from_slice(&process.drain_stdout());
            match state {
                State::Yielded | State::Blocked(_) => {}
                state => break (state, process.steps(), output),
            }
        }
    };
    let whole = outcome(u64::MAX);
    assert_eq!(whole.2.len(), 1000);
    for slice in [1, 7, 100, 12_345] {
        assert_eq!(outcome(slice), whole, "in slices of {slice}");
    }
}

#[test]
fn a_limit_of_steps_ends_a_loop_and_keeps_what_was_written() {
    let limits = Limits { steps_max: 10_000, ..Limits::default() };
    let mut spinning = Process::builder(&module(SPIN)).limits(limits).spawn().unwrap();
    assert_eq!(spinning.run(100), State::Yielded);
    assert_eq!(run(&mut spinning), State::Exhausted(Limit::Steps));
    assert!(spinning.steps() <= 10_000);
    assert_eq!(spinning.run(u64::MAX), State::Exhausted(Limit::Steps), "no step is left");
}

#[test]
fn a_limit_of_output_keeps_what_was_written() {
    let limits = Limits { output_bytes_max: 20, ..Limits::default() };
    let mut process = Process::builder(&module(CAT)).limits(limits).spawn().unwrap();
    process.feed_stdin(vec![b'x'; 100].into());
    assert_eq!(run(&mut process), State::Exhausted(Limit::Output));
    assert_eq!(process.drain_stdout().len(), 20, "all that is within the limit");
}

#[test]
fn memory_beyond_the_limit_is_refused_to_the_guest() {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let limits = Limits { memory_bytes_max: 4 << 16, ..Limits::default() };
    for (pages, expected) in [("3", "1"), ("4", "-1"), ("65535", "-1")] {
        let mut process = Process::builder(&module(text))
            .limits(limits)
            .invoke("grow", [pages.to_string()])
            .spawn()
            .unwrap();
        assert_eq!(run(&mut process), State::Exited(0));
        assert_eq!(process.results()[0].to_string(), expected, "{pages} pages more");
    }
    let big = module(r#"(module (memory 5) (func (export "_start")))"#);
    let mut process = Process::builder(&big).limits(limits).spawn().unwrap();
    assert_eq!(run(&mut process), State::Exhausted(Limit::Memory));
}

#[test]
fn traps_have_their_kind() {
    let cases = [
        ("unreachable", TrapKind::Unreachable),
        ("(drop (i32.load (i32.const -4)))", TrapKind::MemoryOutOfBounds),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", TrapKind::IntegerDivideByZero),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", TrapKind::IntegerOverflow),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", TrapKind::InvalidConversionToInteger),
        ("(call_indirect (i32.const 9))", TrapKind::TableOutOfBounds),
        ("(call_indirect (i32.const 1))", TrapKind::IndirectCallToNull),
        (
            "(call_indirect (param i32) (i32.const 0) (i32.const 0))",
            TrapKind::IndirectCallTypeMismatch,
        ),
        ("(call $main)", TrapKind::StackOverflow),
    ];
    for (body, kind) in cases {
        let mut process = process(&format!(
            r#"(module (memory 1) (table 2 funcref) (elem (i32.const 0) func $main)
               (func $main (export "_start") {body}))"#
        ));
        match run(&mut process) {
            State::Trapped(trap) => assert_eq!(trap.kind, kind, "{body}"),
            state => panic!("{body}: {state:?}"),
        }
    }
}

#[test]
fn a_pointer_outside_memory_is_a_trap_that_names_the_argument() {
    let mut process = process(
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
           (memory (export "memory") 1)
           (func (export "_start") (drop (call $w (i32.const 1) (i32.const -16) (i32.const 1) (i32.const 0)))))"#,
    );
    let State::Trapped(trap) = run(&mut process) else { panic!("it traps") };
    let message = trap.to_string();
    assert!(message.contains("fd_write") && message.contains("iovs"), "{message}");
}

#[test]
fn a_data_segment_outside_memory_traps_at_the_start() {
    let mut process =
        process(r#"(module (memory 1) (data (i32.const 65536) "x") (func (export "_start")))"#);
    let State::Trapped(trap) = run(&mut process) else { panic!("it traps") };
    assert_eq!(trap.kind, TrapKind::MemoryOutOfBounds);
}

#[test]
fn a_start_function_runs_first_and_can_be_suspended() {
    let text = CAT.replace(r#"(func (export "_start")"#, "(func $cat").replacen(
        "(func $cat",
        r#"(start $cat) (func (export "_start") unreachable) (func $cat"#,
        1,
    );
    let mut process = process(&text);
    assert!(matches!(run(&mut process), State::Blocked(_)));
    process.feed_stdin("x".into());
    process.close_stdin();
    assert_eq!(run(&mut process), State::Exited(7), "it exits before _start");
}

#[test]
fn a_reactor_is_initialized_before_its_export_is_called() {
    let text = r#"(module (global $x (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $x (i32.const 40)))
        (func (export "add") (param i32 i64) (result i32 f64)
          (i32.add (global.get $x) (local.get 0)) (f64.convert_i64_s (local.get 1))))"#;
    let add = |args: &[&str]| {
        let args = args.iter().map(ToString::to_string);
        Process::builder(&module(text)).invoke("add", args).spawn()
    };
    let mut process = add(&["2", "-3"]).unwrap();
    assert_eq!(run(&mut process), State::Exited(0));
    let results: Vec<String> = process.results().iter().map(ToString::to_string).collect();
    assert_eq!(results, ["42", "-3"]);
    for args in [&["2"][..], &["2", "x"], &["2", "3", "4"]] {
        assert!(matches!(add(args), Err(Error::Arguments { .. })), "{args:?}");
    }
    let vector = module(r#"(module (func (export "v") (result v128) (v128.const i64x2 0 0)))"#);
    let refused = Process::builder(&vector).invoke("v", []).spawn().err();
    assert!(matches!(refused, Some(Error::EntryType { .. })), "{refused:?}");
    let missing = Process::builder(&module(text)).invoke("sub", []).spawn().err().unwrap();
    assert!(missing.to_string().contains("_initialize, add"), "{missing}");
}

#[test]
fn an_entry_that_takes_parameters_is_refused() {
    let module = module(r#"(module (func (export "_start") (param i32)))"#);
    let error = Process::builder(&module).spawn().err();
    let message = error.map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(message, "the export _start takes parameters, which WASI does not allow");
}

#[test]
fn imports_outside_the_table_are_refused_by_name() {
    let cases = [
        (r#"(import "env" "puts" (func (param i32)))"#, "unknown import: env.puts"),
        (
            r#"(import "wasi_snapshot_preview1" "fd_raed" (func))"#,
            "unknown import: wasi_snapshot_preview1.fd_raed",
        ),
        (r#"(import "env" "memory" (memory 1))"#, "unknown import: env.memory"),
        (
            r#"(import "wasi_snapshot_preview1" "fd_close" (func (param i64)))"#,
            "wasi_snapshot_preview1.fd_close has another type",
        ),
    ];
    for (import, expected) in cases {
        let message = try_module(&format!("(module {import})")).err().unwrap().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_process_can_move_between_threads_and_be_dropped_anywhere() {
    let mut process = process(CAT);
    process.feed_stdin("moved\n".into());
    assert!(matches!(process.run(10), State::Yielded));
    let mut process = std::thread::spawn(move || {
        assert!(matches!(run(&mut process), State::Blocked(_)));
        process
    })
    .join()
    .unwrap();
    assert_eq!(process.drain_stdout(), "moved\n");
    drop(process);
}

#[test]
fn the_guest_is_told_what_its_streams_are() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $get (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "kind") (param i32) (result i32)
          (drop (call $get (local.get 0) (i32.const 0))) (i32.load8_u (i32.const 0))))"#;
    for (fd, kind) in [("0", "2"), ("1", "0"), ("2", "4")] {
        let mut process = Process::builder(&module(text))
            .stdio(StreamKind::Terminal, StreamKind::Pipe, StreamKind::File)
            .invoke("kind", [fd.to_string()])
            .spawn()
            .unwrap();
        assert_eq!(run(&mut process), State::Exited(0));
        assert_eq!(process.results()[0].to_string(), kind, "descriptor {fd}");
    }
}

#[test]
fn deep_recursion_is_a_trap_and_the_engine_lives_on() {
    let text = r#"(module (func $deep (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
        (func (export "depth") (param i32) (result i32) (call $deep (local.get 0))))"#;
    let wasm = wat::parse_str(text).unwrap();
    let module = Module::new(&Engine::default().call_depth_max(10_000), wasm.into()).unwrap();
    for (depth, fits) in [("9000", true), ("10000000", false), ("9000", true)] {
        let mut process =
            Process::builder(&module).invoke("depth", [depth.to_string()]).spawn().unwrap();
        let state = run(&mut process);
        assert_eq!(matches!(state, State::Exited(0)), fits, "{depth}: {state:?}");
    }
}

#[test]
fn growths_that_fail_do_not_use_up_the_hosts_stack() {
    let cases = [
        r#"(module (memory 1 2) (func (export "_start") (local $n i32)
             (loop $next (drop (memory.grow (i32.const 3)))
               (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 200000))))))"#,
        r#"(module (table 1 2 funcref) (func (export "_start") (local $n i32)
             (loop $next (drop (table.grow (ref.null func) (i32.const 3)))
               (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 200000))))))"#,
    ];
    for text in cases {
        let mut process = process(text);
        assert_eq!(run(&mut process), State::Exited(0), "{text}");
    }
}

#[test]
fn memories_and_tables_are_limited_together() {
    let limits = Limits { memory_bytes_max: 3 << 16, table_elements_max: 30, ..Limits::default() };
    let cases = [
        ("(memory 1) (memory 2)", State::Exited(0)),
        ("(memory 2) (memory 2)", State::Exhausted(Limit::Memory)),
        ("(table 10 funcref) (table 20 funcref)", State::Exited(0)),
        ("(table 20 funcref) (table 20 funcref)", State::Exhausted(Limit::Table)),
    ];
    for (parts, expected) in cases {
        let module = module(&format!(r#"(module {parts} (func (export "_start")))"#));
        let mut process = Process::builder(&module).limits(limits).spawn().unwrap();
        assert_eq!(run(&mut process), expected, "{parts}");
    }
}

#[test]
fn syscalls_cost_steps_for_what_they_move() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 160)
        (func (export "_start") (loop $next (drop (call $random (i32.const 0) (i32.const 8000000))) (br $next))))"#;
    let limits = Limits { steps_max: 10_000_000, ..Limits::default() };
    let mut whole = Process::builder(&module(text)).limits(limits).spawn().unwrap();
    assert_eq!(run(&mut whole), State::Exhausted(Limit::Steps));
    let mut sliced = Process::builder(&module(text)).limits(limits).spawn().unwrap();
    while sliced.run(777) == State::Yielded {}
    assert_eq!(sliced.run(1), State::Exhausted(Limit::Steps));
    assert_eq!(sliced.steps(), whole.steps(), "in slices of any size");
}

#[test]
fn an_export_with_a_name_of_the_engine_is_refused() {
    let text = r#"(module (func (export "stepwell:start") unreachable) (func (export "_start")))"#;
    let message = try_module(text).err().expect("it is refused").to_string();
    assert!(message.contains("stepwell:start"), "{message}");
}

#[test]
fn a_syscall_that_the_entry_tail_calls_is_a_syscall_like_any_other() {
    let exit = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (func (export "_start") (return_call $exit (i32.const 9))))"#;
    assert_eq!(run(&mut process(exit)), State::Exited(9));

    let read = r#"(module
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\04\00\00\00")
        (func (export "read") (result i32)
            (return_call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))"#;
    let mut process = Process::builder(&module(read)).invoke("read", []).spawn().unwrap();
    assert!(matches!(run(&mut process), State::Blocked(_)));
    process.feed_stdin("abcd".into());
    assert_eq!(run(&mut process), State::Exited(0));
    assert_eq!(process.results(), [stepwell::Value::I32(0)]);
}

#[test]
fn no_call_is_made_while_an_earlier_one_is_not_paid() {
    let calls = "(drop (call $random (i32.const 0) (i32.const 6000000)))".repeat(50);
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (memory (export "memory") 100)
            (func (export "_start") {calls}))"#
    );
    let limits = Limits { steps_max: 1000, ..Limits::default() };
    let mut limited = Process::builder(&module(&text)).limits(limits).spawn().unwrap();
    assert_eq!(run(&mut limited), State::Exhausted(Limit::Steps));
    assert!(limited.steps() < 1_000_000, "one call, not {}", limited.steps());

    let mut whole = Process::builder(&module(&text)).spawn().unwrap();
    assert_eq!(run(&mut whole), State::Exited(0));
    let mut sliced = Process::builder(&module(&text)).spawn().unwrap();
    let mut slices = 0;
    while sliced.run(100_000) == State::Yielded {
        slices += 1;
    }
    assert_eq!(sliced.steps(), whole.steps());
    assert!(slices > 300, "it comes back between the calls, not {slices} times");
}
