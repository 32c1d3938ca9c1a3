//! A run under wasi-common on wasmi.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Duration;

use stepwell_tests::{Mode, Place, list_host};
use wasmi::{Engine, Error, Linker, Module, Store, TrapCode};
use wasmi_wasi::wasi_common::pipe::{ReadPipe, WritePipe};
use wasmi_wasi::{Dir, WasiCtx, WasiCtxBuilder, ambient_authority};

use crate::cases::Case;
use crate::outcome::Outcome;

/// How long a guest may take. Those that end at all take less than two seconds, which they sleep.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a case over a fresh directory.
pub(crate) fn theirs(case: &Case<'_>) -> Outcome {
    let place = Place::new(Mode::ReadWrite, case.entries);
    let directory = place.directory().expect("a directory of the host").to_owned();
    let root = Dir::open_ambient_dir(&directory, ambient_authority()).expect("it is opened");
    let stdout = Arc::new(RwLock::new(Vec::new()));
    let mut context = WasiCtxBuilder::new();
    for arg in &case.argv {
        context.arg(arg).expect("the argument has no NUL");
    }
    for (name, value) in &case.env {
        context.env(name, value).expect("the variable has no NUL");
    }
    context.stdin(Box::new(ReadPipe::from(case.stdin)));
    context.stdout(Box::new(WritePipe::from_shared(stdout.clone())));
    context.stderr(Box::new(WritePipe::new_in_memory()));
    context.preopened_dir(root, "/").expect("there is room for a descriptor");
    let end = end(case.wasm.to_vec(), context.build());
    let stdout = stdout.read().expect("no writer has panicked").clone();
    Outcome::new(end, &stdout, list_host(&directory))
}

/// Runs it in a thread of its own, which is left behind if it waits for ever.
fn end(wasm: Vec<u8>, context: WasiCtx) -> String {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        let end = match run(&wasm, context) {
            Ok(()) => "exits 0".to_owned(),
            Err(error) => match (error.i32_exit_status(), error.as_trap_code()) {
                (Some(status), _) => format!("exits {}", status.cast_unsigned()),
                (None, Some(TrapCode::UnreachableCodeReached)) => "traps: unreachable".to_owned(),
                (None, _) => format!("traps: {}", without_address(&error.to_string())),
            },
        };
        // Nobody listens any more if it has taken too long.
        drop(sender.send(end));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(end) => end,
        Err(RecvTimeoutError::Timeout) => "does not end".to_owned(),
        Err(RecvTimeoutError::Disconnected) => {
            assert!(thread.join().is_err(), "a thread that sends nothing has panicked");
            "panics".to_owned()
        }
    }
}

/// An error without the place in memory, which changes with every edit of a guest.
fn without_address(error: &str) -> &str {
    error.split(": Region {").next().unwrap_or(error)
}

fn run(wasm: &[u8], context: WasiCtx) -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, context);
    let mut linker = Linker::new(&engine);
    wasmi_wasi::add_to_linker(&mut linker, |context: &mut WasiCtx| context)
        .expect("the names differ");
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ())
}
