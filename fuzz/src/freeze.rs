//! Valid modules, frozen at their syscalls; their images, whole and damaged.

use bytes::Bytes;
use stepwell::{Engine, Error, FreezePoint, Image, Module, Process, State, Template};

use crate::choices::Choices;
use crate::memory;
use crate::module_load::{MEMORY_BYTES_MAX, MODULE_BYTES_MAX, limits, smith};

/// What a process takes, and one that can be frozen, with the room for its stack.
const HOST_BYTES_MAX: usize = 320 << 20;
/// Of the syscalls of a run, so many are frozen at.
const CALLS_MAX: usize = 6;
const EDITS_MAX: usize = 6;

/// A run of a module is frozen at each of its first syscalls, and goes on from the image each time: it ends as the run does
/// that is not frozen, after the same steps. An image is the same after it was written and read. One that was damaged, or kept
/// with its code and damaged, is refused, or gives a process that stays in its limits. Nothing is a panic.
///
/// # Panics
/// If one of that does not hold.
pub fn freeze(data: &[u8]) {
    let mut choices = Choices::new(data);
    let at = choices.below(CALLS_MAX);
    let is_sealed = choices.once_in(2);
    let edits: Vec<_> = (0..choices.below(EDITS_MAX))
        .map(|_| (choices.below(MODULE_BYTES_MAX), choices.byte()))
        .collect();
    let wasm = smith::module(choices.rest());
    if wasm.len() <= MODULE_BYTES_MAX {
        memory::within(HOST_BYTES_MAX, || run(wasm.into(), at, &Damage { edits, is_sealed }));
    }
}

/// What becomes of the bytes of an image.
struct Damage {
    edits: Vec<(usize, u8)>,
    /// Whether the checksum is put right again.
    is_sealed: bool,
}

impl Damage {
    fn done_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for (at, byte) in &self.edits {
            let at = at % bytes.len();
            bytes[at] ^= byte;
        }
        if self.is_sealed {
            let end = bytes.len() - 4;
            let checksum = crc32fast::hash(&bytes[..end]);
            bytes[end..].copy_from_slice(&checksum.to_le_bytes());
        }
        bytes
    }
}

fn run(wasm: Bytes, at: usize, damage: &Damage) {
    let engine = Engine::default().call_depth_max(1_000).stack_bytes_max(1 << 20);
    let module = Module::new(&engine, wasm).expect("the generator makes valid modules");
    let Ok(plain) = start(&module, false) else { return };
    let plain = End::of(plain, [Vec::new(), Vec::new()]);
    let mut process = match start(&module, true) {
        Ok(process) => process,
        // The copy has more locals.
        Err(Error::NotFreezable { .. }) => return,
        Err(error) => panic!("the copy that can be frozen: {error}"),
    };
    let mut output = [Vec::new(), Vec::new()];
    for call in 0..CALLS_MAX {
        process.freeze_at(FreezePoint::NextCall).expect("it can always be");
        if !comes_to_the_point(&mut process, &mut output) {
            break;
        }
        let image = process.freeze().expect("it stands at a syscall");
        if call == at {
            write_and_read((&engine, &module), &image, damage);
        }
        let template = image.prepare_freezable(&module).expect("it was frozen");
        process = template.thaw().expect("it was frozen");
    }
    assert_eq!(End::of(process, output), plain, "frozen and not");
}

fn start(module: &Module, freezable: bool) -> Result<Process, Error> {
    let builder = || Process::builder(module).arg("fuzz").limits(limits()).freezable(freezable);
    match builder().spawn() {
        Err(Error::MissingExport { .. }) => {
            builder().invoke("call", ["7".to_owned(), "1.5".to_owned()]).spawn()
        }
        spawned => spawned,
    }
}

/// How a run has ended.
#[derive(Debug, PartialEq)]
struct End {
    state: State,
    steps: u64,
    memory: Option<Vec<u8>>,
    results: String,
    output: [Vec<u8>; 2],
}

impl End {
    /// Runs a process to its end, after it has written this.
    fn of(mut process: Process, mut output: [Vec<u8>; 2]) -> Self {
        let state = loop {
            match on(&mut process, &mut output) {
                State::Yielded | State::FreezePoint => {}
                state => break state,
            }
        };
        Self {
            state,
            steps: process.steps(),
            memory: process.memory().map(<[u8]>::to_vec),
            results: format!("{:?}", process.results()),
            output,
        }
    }
}

fn comes_to_the_point(process: &mut Process, output: &mut [Vec<u8>; 2]) -> bool {
    loop {
        match on(process, output) {
            State::Yielded => {}
            state => return state == State::FreezePoint,
        }
    }
}

/// Runs a process once, and does what it waits for: what it is doing, `Yielded` if it is to go on.
fn on(process: &mut Process, output: &mut [Vec<u8>; 2]) -> State {
    let state = process.run(u64::MAX);
    output[0].extend_from_slice(&process.drain_stdout());
    output[1].extend_from_slice(&process.drain_stderr());
    match &state {
        State::Blocked(wait) if wait.input => process.close_stdin(),
        State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
        State::Blocked(wait) if wait.output => {}
        _ => return state,
    }
    State::Yielded
}

fn write_and_read((engine, module): (&Engine, &Module), image: &Image, damage: &Damage) {
    let saved = image.save(module, &[]).expect("everything is in memory");
    let loaded = Image::load(saved.clone().into(), module, &[], None).expect("it was saved");
    assert!(loaded.save(module, &[]).expect("again") == saved, "the bytes of what was loaded");
    let prepared = image.save_prepared(module).expect("it was prepared");
    let kept = Template::load(engine, &prepared.clone().into(), None).expect("it was saved");
    assert_eq!(kept.thaw().expect("it was saved").steps(), image.steps(), "the kept template");
    match image.to_wasm(module) {
        Ok(wasm) => drop(Module::new(engine, wasm.into()).expect("what is written is a module")),
        Err(Error::NotPortable { .. } | Error::NotFreezable { .. }) => {}
        Err(error) => panic!("what was frozen cannot be written: {error}"),
    }
    if let Ok(template) = Template::load(engine, &damage.done_to(prepared).into(), Some(limits())) {
        goes_on_within_limits(template.thaw());
    }
    let bytes = damage.done_to(saved);
    let Ok(image) = Image::load(bytes.into(), module, &[], Some(limits())) else { return };
    goes_on_within_limits(image.prepare(module).and_then(|template| template.thaw()));
    // It is refused, or whoever takes the module checks it.
    let _ = image.to_wasm(module);
}

fn goes_on_within_limits(thawed: Result<Process, Error>) {
    let Ok(mut process) = thawed else { return };
    let mut output = [Vec::new(), Vec::new()];
    // Its counters may say anything, so a number of turns is set.
    for _ in 0..100 {
        if !matches!(on(&mut process, &mut output), State::Yielded) {
            break;
        }
    }
    assert!(process.memory_bytes() <= MEMORY_BYTES_MAX as u64, "the limit of memory");
    assert!(output.iter().all(|output| output.len() <= 8_192), "the limit of output");
}
