//! Interpreters that are kept where they open the program (skipped where QuickJS is not installed), and programs at their first
//! syscall.

use std::path::Path;

use engine::vfs::StreamKind;
use engine::{Engine, Limits, Module, Template};
use launch::warm::{self, Command, Program, Start, Waiting};
use runtimes::Cache;

struct Silent;

impl Waiting for Silent {
    fn say(&mut self, _: &str) {}

    fn goes_on(&mut self) -> bool {
        true
    }
}

#[test]
fn an_interpreter_without_a_prelude_stands_where_it_opens_the_program() {
    let cache = Cache::open(None).expect("there is a home");
    let program = "/a.js";
    let selection = launch::select(None, Path::new(program), b"").expect("it is a language");
    if !cache.is_installed(selection.runtime) {
        return;
    }
    let stdio = [StreamKind::File, StreamKind::Pipe, StreamKind::Pipe];
    let start = Start { engine: Engine::default(), seed: 0, stdio };
    let command = Command { program, args: &[], env: &[] };
    let opened = warm::opening(start, &cache, selection, command, &mut Silent);
    let (template, _) = opened.expect("it starts").expect("it opens the program");
    assert!(template.image().steps() > 1_000_000, "it has started");
}

#[test]
fn a_program_stands_at_its_first_syscall_if_it_comes_there_soon() {
    let stdio = [StreamKind::File, StreamKind::Pipe, StreamKind::Pipe];
    let start = Start { engine: Engine::default(), seed: 0, stdio };
    let call = "(call $yield) drop";
    // The steps of a region are taken before its first operator: docs/STEPS.md.
    let rows = [
        (format!("(local i32) (local.set 0 (i32.const 1)) {call} {call}"), Some(7)),
        ("nop".to_owned(), None),
        ("unreachable".to_owned(), None),
        (format!("(loop (br 0)) {call}"), None),
    ];
    for (body, steps) in rows {
        let wat = format!(
            "(module (import \"wasi_snapshot_preview1\" \"sched_yield\" (func $yield (result i32)))
                (memory (export \"memory\") 1) (func (export \"_start\") {body}))"
        );
        let wasm = wat::parse_str(wat).expect("a module");
        let module = Module::new(&Engine::default(), wasm.into()).expect("it is valid");
        let program = Program { module: &module, argv: &[], env: &[], limits: Limits::default() };
        let template = warm::first_call(start, program, &mut Silent).expect("nobody interrupts");
        let image = template.as_ref().map(Template::image);
        assert_eq!(image.map(|image| image.syscalls()), steps.map(|_| 0), "{body}");
        assert_eq!(image.map(|image| image.steps()), steps, "{body}");
    }
}
