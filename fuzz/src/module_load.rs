//! Modules of any bytes, and valid ones of any shape: loaded, run in slices, and traced back when they trap.

pub(crate) mod smith;

use std::ops::ControlFlow;

use bytes::Bytes;
use stepwell::{Engine, Error, Limit, Limits, Module, NoBacktrace, Process, State, Trap, TrapKind};
use wasmparser::{Import, Parser, Payload, TypeRef, Validator, WasmFeatures};

use crate::choices::Choices;
use crate::memory;

/// What the interpreter's stack, the guest's memory, the translated code and a second run on an instrumented copy take.
const HOST_BYTES_MAX: usize = 192 << 20;
pub(crate) const MODULE_BYTES_MAX: usize = 64 << 10;
/// What the last call or growth costs is only known when it is over: 4 MiB of memory at 8 bytes for a step.
const CALL_STEPS_MAX: u64 = 1 << 20;
/// Of the exports, so many are called.
const EXPORTS_MAX: usize = 4;
const SLICES_MAX: usize = 2_000;
const STEPS_MAX: u64 = 40_000;
pub(crate) const MEMORY_BYTES_MAX: usize = 4 << 20;

/// Loads what it is given, runs it with small limits, and asks for the backtrace of a trap. Nothing is a panic, and the
/// memory that all of it takes has a bound. How the steps are cut into slices changes neither how a run ends nor how
/// many steps it took. A valid module of the supported proposals is accepted. A prepared module that was damaged
/// afterwards is refused or fails, and harms nobody.
///
/// # Panics
/// If one of that does not hold.
pub fn module_load(data: &[u8]) {
    let mut choices = Choices::new(data);
    let slice = any_slice(&mut choices);
    let kind = choices.byte() % 8;
    let mut damage = Vec::new();
    if kind % 2 == 1 {
        for _ in 0..=choices.below(4) {
            damage.push((choices.below(MODULE_BYTES_MAX), choices.byte()));
        }
    }
    let is_valid = kind >= 4;
    let wasm = if is_valid { smith::module(choices.rest()) } else { choices.rest().to_vec() };
    if wasm.len() <= MODULE_BYTES_MAX {
        memory::within(HOST_BYTES_MAX, || load(&wasm.into(), is_valid, &damage, slice));
    }
}

/// Small ones.
pub(crate) fn limits() -> Limits {
    Limits {
        steps_max: STEPS_MAX,
        memory_bytes_max: MEMORY_BYTES_MAX,
        table_elements_max: 10_000,
        output_bytes_max: 4_096,
        output_queue_bytes_max: 256,
        fds_max: 16,
        ..Limits::default()
    }
}

/// A number of steps, often a small one.
fn any_slice(choices: &mut Choices<'_>) -> u64 {
    match choices.byte() {
        byte @ 0..128 => u64::from(byte) * 2 + 20,
        byte => u64::from(byte) * 100,
    }
}

fn load(wasm: &Bytes, is_valid: bool, damage: &[(usize, u8)], slice: u64) {
    let engine = Engine::default().call_depth_max(1_000).stack_bytes_max(1 << 20);
    let module = Module::prepare(wasm).and_then(|prepared| {
        // Functions that no run comes to are checked in this way only.
        let checked = Validator::new_with_features(WasmFeatures::all()).validate_all(&prepared);
        checked.expect("what was prepared of a valid module is valid");
        let mut bytes = prepared.to_vec();
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] ^= byte;
        }
        Module::from_prepared(&engine, bytes.into())
    });
    let is_whole = damage.is_empty();
    match module {
        Ok(module) => {
            let case = Case { module, is_whole, functions: functions(wasm), slice };
            let names =
                std::iter::once("_start".to_owned()).chain(case.module.exported_functions());
            for name in names.take(EXPORTS_MAX) {
                case.run(&name);
            }
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "an error has a text");
            assert!(!(is_valid && is_whole), "a valid module: {error}");
        }
    }
}

/// How many functions a module has, those that it imports included.
fn functions(wasm: &[u8]) -> u32 {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ImportSection(imports)) => {
                let is_function = |import: &Import<'_>| matches!(import.ty, TypeRef::Func(_));
                let imported = imports.into_iter().flatten().filter(is_function).count();
                count += u32::try_from(imported).expect("a small module");
            }
            Ok(Payload::FunctionSection(own)) => count += own.count(),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    count
}

struct Case {
    module: Module,
    /// Whether it is what was prepared.
    is_whole: bool,
    functions: u32,
    slice: u64,
}

impl Case {
    /// Runs an export twice, with slices of different sizes.
    fn run(&self, name: &str) {
        let Some((first, process)) = end_of(&self.module, name, u64::MAX) else { return };
        match &first.state {
            State::Trapped(trap) => self.check_trap(trap, &process),
            State::Exhausted(limit) => assert_ne!(*limit, Limit::HostMemory),
            _ => {}
        }
        assert!(first.steps <= STEPS_MAX + CALL_STEPS_MAX, "{} steps", first.steps);
        assert!(process.memory_bytes() <= MEMORY_BYTES_MAX as u64, "the limit of memory");
        // The interpreter tells the reason why a body is invalid once per module.
        if self.is_whole {
            drop(process);
            let (second, _) = end_of(&self.module, name, self.slice).expect("it was made before");
            assert_eq!(first, second, "the same run in slices of {}", self.slice);
        }
    }

    fn check_trap(&self, trap: &Trap, process: &Process) {
        assert!(!trap.to_string().is_empty(), "a trap has a text");
        match &trap.kind {
            TrapKind::HostPanic(message) => panic!("a bug of the host: {message}"),
            TrapKind::InvalidFunction(message) if self.is_whole => panic!("it is valid: {message}"),
            _ => {}
        }
        match process.backtrace(|| true) {
            Ok(frames) => {
                let is_there = frames.iter().all(|frame| frame.function < self.functions);
                assert!(is_there, "of {} functions: {frames:?}", self.functions);
            }
            // It trapped before anything ran.
            Err(NoBacktrace::NotTrapped) => assert_eq!(process.steps(), 0),
            Err(error) if self.is_whole => {
                // The frames of the copy are a little larger.
                let is_near_the_limit = trap.kind == TrapKind::StackOverflow;
                assert!(is_near_the_limit && error == NoBacktrace::Diverged, "{trap}: {error}");
            }
            Err(error) => assert_ne!(error, NoBacktrace::Stopped),
        }
    }
}

/// How a run has ended.
#[derive(Debug, PartialEq)]
struct End {
    state: State,
    steps: u64,
    results: String,
    output: [Vec<u8>; 2],
}

/// Runs an export to its end; `None` if it cannot be called.
fn end_of(module: &Module, name: &str, slice: u64) -> Option<(End, Process)> {
    let builder = || Process::builder(module).arg("fuzz").env("NAME", "value").limits(limits());
    let spawned = match name {
        "_start" => builder().spawn(),
        name => match builder().invoke(name, []).spawn() {
            Err(Error::Arguments { expected, .. }) => {
                let numbers = expected.split(',').map(|_| "1".to_owned());
                builder().invoke(name, numbers).spawn()
            }
            spawned => spawned,
        },
    };
    let mut process = spawned.ok()?;
    let mut input = vec![Bytes::from_static(b"more"), Bytes::from_static(b"some input")];
    let mut output = [Vec::new(), Vec::new()];
    let mut slices = 0..SLICES_MAX;
    let state = loop {
        // So many slices are enough; what is left is done at once.
        let steps = slices.next().map_or(u64::MAX, |_| slice);
        let state = process.run(steps);
        output[0].extend_from_slice(&process.drain_stdout());
        output[1].extend_from_slice(&process.drain_stderr());
        if go_on(&mut process, &state, &mut input).is_break() {
            break state;
        }
    };
    let results = format!("{:?}", process.results());
    Some((End { state, steps: process.steps(), results, output }, process))
}

/// Does what a blocked process waits for.
fn go_on(process: &mut Process, state: &State, input: &mut Vec<Bytes>) -> ControlFlow<()> {
    match state {
        State::Yielded => {}
        State::Blocked(wait) if wait.input => match input.pop() {
            Some(bytes) => process.feed_stdin(bytes),
            None => process.close_stdin(),
        },
        State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
        // Outputs have been drained.
        State::Blocked(wait) if wait.output => {}
        _ => return ControlFlow::Break(()),
    }
    ControlFlow::Continue(())
}
