//! Reading a guest's whole state: its stack by unwinding it, then memories, globals and tables.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use wasmi::{Extern, Global, Instance, Memory, Nullable, Ref, ResumableCall, Store, Val};

use crate::freeze::{PAGE_BYTES, not_freezable};
use crate::host::{Call, Host};
use crate::process::Execution;
use crate::rewrite::freeze::{
    FRAME_HEADER_BYTES, FRAMES_EXPORT, FUNCTIONS_EXPORT, GLOBAL_EXPORT, MEMORY_EXPORT,
    MODULE_TABLE_EXPORT, REFERENCES_EXPORT, TOP_EXPORT, UNWINDING_EXPORT, thaw,
};
use crate::{Error, Process};

/// The guest's side of a frozen process: plain data, the same on every host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guest {
    /// The active functions, the outermost first.
    pub(crate) frames: Vec<Frame>,
    /// The import that was called, by its index.
    pub(crate) import: u32,
    /// Its arguments.
    pub(crate) args: Vec<u64>,
    /// The mutable globals, by their indices.
    pub(crate) globals: Vec<(u32, Scalar)>,
    /// Each memory.
    pub(crate) memories: Vec<Bytes>,
    /// The tables that can have changed, by their indices: each element as 0 for null, or a function's index and one more.
    pub(crate) tables: Vec<(u32, Vec<u32>)>,
    /// Whether each data segment, and then each element segment, was dropped; empty if the module drops none.
    pub(crate) dropped: Vec<bool>,
}

/// An active function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) function: u32,
    /// The number of the operator that has called the next.
    pub(crate) number: u32,
    /// Its locals and operands as they lie in memory.
    pub(crate) values: Vec<u8>,
}

/// The value of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    V128(u128),
    /// 0 for null, or a function's index and one more.
    Func(u32),
    /// An external reference, which is always null.
    Extern,
}

/// Unwinds a process that waits in a syscall and reads its state. It is over afterwards.
///
/// # Errors
/// [`Error::NotFreezable`].
pub(crate) fn unwind(process: &mut Process) -> Result<Guest, Error> {
    let instance = process.instance.ok_or_else(|| not_freezable("it has not started".into()))?;
    make_room(process, instance)?;
    let reader = Reader { instance };
    let start = reader.top(&process.store)?;
    let globals = reader.globals(&process.store)?;
    let call = rewind_none(process, &reader)?;
    let reader = Reader { instance };
    let store = &process.store;
    let memory = reader.memory(store, FRAMES_EXPORT)?;
    let list = memory.data(store).get(start..reader.top(store)?).unwrap_or_default();
    let mut frames = parse(list)?;
    let dropped = memory.data(store)[..start].iter().map(|flag| *flag != 0).collect();
    let functions = reader.functions(store);
    resolve(process, &reader, &functions, &mut frames)?;
    let module = &process.module;
    let import = module.imports.iter().position(|import| core::ptr::eq(*import, call.syscall));
    let import = import.unwrap_or_default();
    let globals = globals.into_iter().map(|(index, value)| (index, scalar(&value, &functions)));
    Ok(Guest {
        frames,
        import: u32::try_from(import).unwrap_or(u32::MAX),
        args: call.args().to_vec(),
        globals: globals.collect(),
        memories: reader.memories(store),
        tables: reader.tables(store, &functions),
        dropped,
    })
}

/// Makes room for as many frames as the stack can have.
fn make_room(process: &mut Process, instance: Instance) -> Result<(), Error> {
    let engine = process.module.engine;
    let headers = engine.call_depth_max.saturating_mul(FRAME_HEADER_BYTES);
    let bytes = engine.stack_bytes_max.saturating_add(headers).min(FRAMES_BYTES_MAX) as u64;
    let pages = bytes.div_ceil(PAGE_BYTES);
    let store = &mut process.store;
    let reader = Reader { instance };
    let memory = reader.memory(store, FRAMES_EXPORT)?;
    let bytes = usize::try_from(pages * PAGE_BYTES).unwrap_or(usize::MAX);
    let before = store.data().growth.clone();
    store.data_mut().growth.allow_memory_bytes(bytes);
    if memory.grow(&mut *store, pages).is_err() {
        store.data_mut().growth = before;
        return Err(not_freezable("the host has no room for its stack".into()));
    }
    if let Some(table) = instance.get_table(&*store, REFERENCES_EXPORT) {
        store.data_mut().growth.allow_table_elements(REFERENCES_MAX);
        let null = Ref::Func(Nullable::Null);
        table
            .grow(&mut *store, REFERENCES_MAX as u64, null)
            .map_err(|_| not_freezable("the host has no room for its references".into()))?;
    }
    Ok(())
}

/// Has the stack unwind: the call that it stood at. The process is over.
fn rewind_none(process: &mut Process, reader: &Reader) -> Result<Call, Error> {
    let unwinding = reader.global(&process.store, UNWINDING_EXPORT)?;
    let execution = core::mem::replace(&mut process.execution, Execution::Frozen);
    let (suspended, call) = match execution {
        Execution::Last(call) => return Ok(call),
        Execution::Waiting(suspended, call) => (suspended, call),
        execution => {
            process.execution = execution;
            return Err(not_freezable("it does not stand at a syscall".into()));
        }
    };
    let fuel = process.fuel();
    unwinding
        .set(&mut process.store, Val::I32(1))
        .map_err(|error| not_freezable(error.to_string()))?;
    let inputs: &[Val] = if call.syscall.returns_errno { &[Val::I32(0)] } else { &[] };
    let outcome = suspended.resume(&mut process.store, inputs, &mut process.results);
    match outcome {
        Ok(ResumableCall::Finished) if process.fuel() == fuel => Ok(call),
        Ok(_) => Err(not_freezable("its stack did not unwind".into())),
        Err(error) => Err(not_freezable(format!("its stack cannot be written down: {error}"))),
    }
}

/// Cuts the list of frames, which has the innermost first: the outermost first.
fn parse(mut list: &[u8]) -> Result<Vec<Frame>, Error> {
    let damaged = || not_freezable("its stack was not written down whole".into());
    let mut frames = Vec::new();
    while !list.is_empty() {
        let word = |at: usize| {
            let bytes = list.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_le_bytes(bytes))
        };
        let size = word(0).ok_or_else(damaged)? as usize;
        let (function, number) = (word(4).ok_or_else(damaged)?, word(8).ok_or_else(damaged)?);
        let values = list.get(FRAME_HEADER_BYTES..size).ok_or_else(damaged)?.to_vec();
        frames.push(Frame { function, number, values });
        list = &list[size..];
    }
    frames.reverse();
    Ok(frames)
}

/// Puts the indices of functions in the place of the frames' references.
fn resolve(
    process: &Process,
    reader: &Reader,
    functions: &Functions,
    frames: &mut [Frame],
) -> Result<(), Error> {
    let store = &process.store;
    let Some(table) = reader.instance.get_table(store, REFERENCES_EXPORT) else { return Ok(()) };
    let active: BTreeSet<u32> = frames.iter().map(|frame| frame.function).collect();
    let layouts = thaw::layouts(&process.module.prepared, &active)?;
    for frame in frames {
        let Some(values) = layouts.get(&frame.function) else { continue };
        for slot in values.references() {
            let at = slot.offset as usize;
            let Some(word) = frame.values.get_mut(at..at + 4) else { continue };
            let bytes: [u8; 4] = (&*word).try_into().unwrap_or_default();
            let reference = table.get(store, u32::from_le_bytes(bytes).into());
            let index = reference.map_or(0, |reference| functions.index(&reference));
            word.copy_from_slice(&index.to_le_bytes());
        }
    }
    Ok(())
}

fn scalar(value: &Val, functions: &Functions) -> Scalar {
    match value {
        Val::I32(value) => Scalar::I32(value.cast_unsigned()),
        Val::I64(value) => Scalar::I64(value.cast_unsigned()),
        Val::F32(value) => Scalar::F32(value.to_bits()),
        Val::F64(value) => Scalar::F64(value.to_bits()),
        Val::V128(value) => Scalar::V128(value.as_u128()),
        Val::FuncRef(function) => Scalar::Func(functions.index(&Ref::Func(*function))),
        Val::ExternRef(_) => Scalar::Extern,
    }
}

/// The functions of a module by their references.
struct Functions {
    /// By what the interpreter shows for them: it gives no other way to tell which function a reference means.
    by_text: BTreeMap<String, u32>,
}

impl Functions {
    /// 0 for null, or the function's index and one more.
    fn index(&self, reference: &Ref) -> u32 {
        match reference {
            Ref::Func(Nullable::Val(_)) => {
                // What is none of them fits no module.
                self.by_text.get(&format!("{reference:?}")).copied().unwrap_or(u32::MAX)
            }
            _ => 0,
        }
    }
}

/// Reads what the capture pass has exported.
struct Reader {
    instance: Instance,
}

impl Reader {
    fn memory(&self, store: &Store<Host>, name: &str) -> Result<Memory, Error> {
        self.instance.get_memory(store, name).ok_or_else(not_captured)
    }

    fn global(&self, store: &Store<Host>, name: &str) -> Result<Global, Error> {
        self.instance.get_global(store, name).ok_or_else(not_captured)
    }

    fn top(&self, store: &Store<Host>) -> Result<usize, Error> {
        let top = self.global(store, TOP_EXPORT)?.get(store);
        Ok(top.i32().and_then(|top| usize::try_from(top.cast_unsigned()).ok()).unwrap_or(0))
    }

    fn functions(&self, store: &Store<Host>) -> Functions {
        let mut by_text = BTreeMap::new();
        if let Some(table) = self.instance.get_table(store, FUNCTIONS_EXPORT) {
            for index in 1..table.size(store) {
                if let Some(reference) = table.get(store, index) {
                    let number = u32::try_from(index).unwrap_or(0);
                    by_text.insert(format!("{reference:?}"), number);
                }
            }
        }
        Functions { by_text }
    }

    /// The exports with a prefix and an index behind it, by the index.
    fn numbered(&self, store: &Store<Host>, prefix: &str) -> BTreeMap<u32, Extern> {
        let exports = self.instance.exports(store);
        let own = exports.filter_map(|export| {
            let index = export.name().strip_prefix(prefix)?.parse().ok()?;
            Some((index, export.into_extern()))
        });
        own.collect()
    }

    fn globals(&self, store: &Store<Host>) -> Result<Vec<(u32, Val)>, Error> {
        let globals = self.numbered(store, GLOBAL_EXPORT).into_iter();
        let values = globals.map(|(index, export)| {
            let global = export.into_global().ok_or_else(not_captured)?;
            Ok((index, global.get(store)))
        });
        values.collect()
    }

    fn memories(&self, store: &Store<Host>) -> Vec<Bytes> {
        let memories = self.numbered(store, MEMORY_EXPORT).into_values();
        let memories = memories.filter_map(Extern::into_memory);
        memories.map(|memory| Bytes::copy_from_slice(memory.data(store))).collect()
    }

    fn tables(&self, store: &Store<Host>, functions: &Functions) -> Vec<(u32, Vec<u32>)> {
        let tables = self.numbered(store, MODULE_TABLE_EXPORT).into_iter();
        let tables = tables.filter_map(|(index, export)| {
            let table = export.into_table()?;
            let elements = (0..table.size(store))
                .map(|at| table.get(store, at).map_or(0, |reference| functions.index(&reference)));
            Some((index, elements.collect()))
        });
        tables.collect()
    }
}

fn not_captured() -> Error {
    not_freezable("it was not made to be freezable".into())
}

/// No stack is written down that takes more bytes than this.
const FRAMES_BYTES_MAX: usize = 256 << 20;
/// No stack is written down with more references to functions than this.
const REFERENCES_MAX: usize = 1 << 16;
