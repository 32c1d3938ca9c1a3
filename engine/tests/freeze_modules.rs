//! Random modules of every proposal go on from each of their syscalls as if they had not been frozen.

mod common;

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use arbitrary::Unstructured;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use stepwell::{Engine, Error, FreezePoint, Image, Limits, Module, Process, State, TrapKind};
use wasm_encoder::{CodeSection, Encode as _, Instruction, RawSection, SectionId};
use wasm_smith::Config;
use wasmparser::{FunctionBody, Parser, Payload};

use common::outcome::{Outcome, finish};

/// Modules that are made; set `STEPWELL_MODULES` for more.
const MODULES: u64 = 80;
/// Freeze points that are tried of each.
const POINTS_MAX: u64 = 8;
/// Some run for ever.
const STEPS_MAX: u64 = 200_000;

/// What modules import and export.
const SHAPE: &str = r#"(module
    (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_allocate" (func (param i32 i64 i64) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (param i32 f64) (result i64 i32 f32) unreachable))"#;

fn config(seed: u64) -> Config {
    Config {
        module_shape: Some(wat::parse_str(SHAPE).unwrap()),
        // Where nothing traps, more of a program runs. But traps have to be as they were, too.
        disallow_traps: !seed.is_multiple_of(4),
        allow_start_export: true,
        min_funcs: 3,
        max_funcs: 12,
        max_instructions: 200,
        max_tables: 3,
        max_memories: 3,
        min_tables: 1,
        max_table_elements: 1000,
        max_memory32_bytes: 4 << 16,
        max_memory64_bytes: 4 << 16,
        compact_imports_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// The module of a seed, if the engine takes it.
fn module(seed: u64) -> Option<Module> {
    let mut random = StdRng::seed_from_u64(seed);
    let bytes: Vec<u8> = (0..6000).map(|_| random.random()).collect();
    let made = wasm_smith::Module::new(config(seed), &mut Unstructured::new(&bytes));
    let made = made.expect("there are bytes enough");
    let wasm = calling(&made.to_bytes(), &mut random)?;
    match Module::new(&Engine::default(), wasm.into()) {
        Ok(module) => Some(module),
        Err(Error::Unsupported { .. } | Error::Invalid { .. }) => None,
        Err(error) => panic!("seed {seed}: {error}"),
    }
}

/// The module with calls of `sched_yield` at random places, where any operands may lie below: that is valid everywhere.
fn calling(wasm: &[u8], random: &mut StdRng) -> Option<Vec<u8>> {
    let mut out = wasm_encoder::Module::new();
    let mut import = None;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        match &payload {
            Payload::ImportSection(imports) => {
                let functions = imports.clone().into_iter().flatten();
                let at = functions.map(|import| import.name).position(|name| name == "sched_yield");
                import = at.and_then(|at| u32::try_from(at).ok());
            }
            Payload::CodeSectionEntry(body) => {
                code.raw(&body_calling(wasm, body, import?, random)?);
                continue;
            }
            Payload::CodeSectionStart { .. } => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            if id == SectionId::Data as u8 {
                out.section(&code);
            }
            out.section(&RawSection { id, data: &wasm[range] });
        }
    }
    let has_data = Parser::new(0).parse_all(wasm).any(|p| matches!(p, Ok(Payload::DataSection(_))));
    if !has_data {
        out.section(&code);
    }
    Some(out.finish())
}

fn body_calling(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    import: u32,
    random: &mut StdRng,
) -> Option<Vec<u8>> {
    let operators = body.get_operators_reader().ok()?;
    let mut out = wasm[body.range().start..operators.original_position()].to_vec();
    let operators: Vec<_> = operators.into_iter_with_offsets().collect::<Result<_, _>>().ok()?;
    for (number, (_, at)) in operators.iter().enumerate() {
        if random.random_range(0..6) == 0 {
            Instruction::Call(import).encode(&mut out);
            Instruction::Drop.encode(&mut out);
        }
        let next = operators.get(number + 1).map_or(body.range().end, |(_, next)| *next);
        out.extend_from_slice(&wasm[*at..next]);
    }
    Some(out)
}

fn start(module: &Module, freezable: bool) -> Result<Process, Error> {
    let limits = Limits { steps_max: STEPS_MAX, memory_bytes_max: 64 << 20, ..Limits::default() };
    let args = ["7".to_owned(), "1.5".to_owned()];
    Process::builder(module).invoke("run", args).limits(limits).freezable(freezable).spawn()
}

/// Compares a module's runs: how many of them were frozen.
fn compare(seed: u64, module: &Module) -> u64 {
    let Ok(process) = start(module, false) else { return 0 };
    let plain = finish(process, Vec::new());
    let frozen = |point: u64| -> Result<Option<Outcome>, Error> {
        let mut process = start(module, true)?;
        process.freeze_at(FreezePoint::AfterCalls(point))?;
        loop {
            match process.run(u64::MAX) {
                State::FreezePoint => break,
                State::Yielded | State::Blocked(_) => {}
                _ => return Ok(None),
            }
        }
        let image = process.freeze()?;
        written(&image, module, &plain, seed);
        let thawed = image.prepare(module)?.thaw()?;
        Ok(Some(finish(thawed, Vec::new())))
    };
    match chain(module, plain.syscalls.min(POINTS_MAX)) {
        Ok(outcome) => assert_eq!(outcome, plain, "seed {seed}, frozen again and again"),
        Err(error) => panic!("seed {seed}, frozen again and again: {error}"),
    }
    for point in 0..plain.syscalls.min(POINTS_MAX) {
        match frozen(point) {
            Ok(Some(outcome)) => {
                assert_eq!(outcome, plain, "seed {seed}, frozen after {point} syscalls");
            }
            Ok(None) => panic!("seed {seed} does not come to syscall {point}"),
            Err(error) => panic!("seed {seed}, frozen after {point} syscalls: {error}"),
        }
    }
    plain.syscalls.min(POINTS_MAX)
}

/// Compares what a module that is written from an image does, if the run ends by itself.
fn written(image: &Image, module: &Module, plain: &Outcome, seed: u64) {
    // A trap without what the functions are called by, since there are others.
    let end = |state: &State| match state {
        State::Trapped(trap) => format!("{:?}", trap.kind),
        state => format!("{state:?}"),
    };
    let overflows =
        matches!(&plain.state, State::Trapped(trap) if trap.kind == TrapKind::StackOverflow);
    if overflows || matches!(plain.state, State::Exhausted(_)) {
        return;
    }
    let wasm = match image.to_wasm(module) {
        Ok(wasm) => wasm,
        // It has closed a stream.
        Err(Error::NotPortable { .. }) => return,
        Err(error) => panic!("seed {seed}, written: {error}"),
    };
    let module = Module::new(&Engine::default(), wasm.into()).unwrap();
    let limits = Limits { memory_bytes_max: 64 << 20, ..Limits::default() };
    let process = Process::builder(&module).limits(limits).spawn().unwrap();
    let outcome = finish(process, Vec::new());
    assert_eq!(outcome.memory, plain.memory, "seed {seed}, written");
    assert_eq!(end(&outcome.state), end(&plain.state), "seed {seed}, written");
    assert_eq!(outcome.memory_bytes, plain.memory_bytes, "seed {seed}, written");
}

/// A run that is frozen at each of its first calls, and goes on from the image each time.
fn chain(module: &Module, points: u64) -> Result<Outcome, Error> {
    let mut process = start(module, true)?;
    for point in 0..points {
        process.freeze_at(FreezePoint::AfterCalls(point))?;
        while process.run(u64::MAX) != State::FreezePoint {}
        process = process.freeze()?.prepare_freezable(module)?.thaw()?;
    }
    Ok(finish(process, Vec::new()))
}

#[test]
fn random_modules_go_on_from_every_call() {
    #[expect(clippy::disallowed_methods, reason = "a longer run is asked for by hand")]
    let modules = std::env::var("STEPWELL_MODULES").ok().and_then(|count| count.parse().ok());
    let (next, ran, frozen) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= modules.unwrap_or(MODULES) {
                return;
            }
            let Some(module) = module(seed) else { continue };
            let points = compare(seed, &module);
            ran.fetch_add(u64::from(points > 0), Ordering::Relaxed);
            frozen.fetch_add(points, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(worker);
        }
    });
    let (ran, frozen) = (ran.into_inner(), frozen.into_inner());
    println!("{ran} modules make syscalls, {frozen} runs were frozen");
    assert!(ran >= MODULES / 20, "only {ran} modules make any syscall");
}
