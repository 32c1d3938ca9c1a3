//! What it costs to come through the C ABI: one step, and bytes in and out.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::ptr::null_mut;

use capi::*;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Computes for ever.
const SPIN: &str = r#"(module (func (export "_start") (loop $again (br $again))))"#;

/// Writes 4096 bytes at a time for ever.
const FLOOD: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\00\01\00\00\00\10\00\00")
    (func (export "_start")
        (loop $next
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br $next))))"#;

/// A process, which lives as long as the program.
fn process(text: &str) -> *mut stepwell_process {
    let wasm = wat::parse_str(text).expect("the guests are good");
    let (mut engine, mut module) = (null_mut(), null_mut());
    let (mut builder, mut process) = (null_mut(), null_mut());
    let error = null_mut();
    // SAFETY: the variables outlive the calls, and each call is given what the one before has made.
    let statuses = unsafe {
        [
            stepwell_engine_new(&raw mut engine, error),
            stepwell_module_new(engine, wasm.as_ptr(), wasm.len(), &raw mut module, error),
            stepwell_process_builder_new(module, &raw mut builder, error),
            stepwell_process_builder_spawn(builder, &raw mut process, error),
        ]
    };
    assert_eq!(statuses, [stepwell_status::STEPWELL_OK; 4]);
    process
}

fn run(process: *mut stepwell_process, steps: u64) -> stepwell_state {
    let mut state = stepwell_state::STEPWELL_STATE_YIELDED;
    // SAFETY: the process is live.
    unsafe { stepwell_process_run(process, steps, &raw mut state, null_mut()) };
    state
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("c");
    let spinning = process(SPIN);
    group.bench_function("run, one step", |bencher| bencher.iter(|| run(spinning, 1)));
    let bytes = 64 << 10;
    group.throughput(Throughput::Bytes(bytes));
    let flooding = process(FLOOD);
    group.bench_function("drain 64 KiB", |bencher| {
        bencher.iter(|| {
            assert_eq!(run(flooding, u64::MAX), stepwell_state::STEPWELL_STATE_BLOCKED);
            let mut out = null_mut();
            // SAFETY: the process is live, and the bytes are freed once.
            unsafe {
                stepwell_process_drain_stdout(flooding, &raw mut out, null_mut());
                assert_eq!(stepwell_bytes_len(out) as u64, bytes);
                stepwell_bytes_free(out);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
