//! A host that runs a guest: it feeds standard input, drains standard output, and decides when the guest runs.

use stepwell::{Engine, Module, Process, State};

/// Reads at most 64 bytes from standard input and writes as many to standard output.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00") ;; one buffer: 64 bytes at address 16
    (func (export "_start")
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wasm = wat::parse_str(GUEST)?;
    let module = Module::new(&Engine::default(), wasm.into())?;
    let mut process = Process::builder(&module).arg("echo").spawn()?;
    let end = loop {
        match process.run(1_000_000) {
            State::Yielded => {} // The steps are used up. Do something else, then run it again.
            State::Blocked(wait) if wait.input => process.feed_stdin("hello\n".into()),
            State::Blocked(_) => print!("{}", String::from_utf8_lossy(&process.drain_stdout())),
            end => break end,
        }
    };
    print!("{}", String::from_utf8_lossy(&process.drain_stdout()));
    println!("{end:?}");
    Ok(())
}
