//! An image that is ready to go on, any number of times.

mod format;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use wasmi::{Extern, ExternType, F32, F64, Func, Instance, Nullable, Ref, Store, V128, Val};

use crate::entry::{Entry, Queue};
use crate::host::{self, Host};
use crate::process::Execution;
use crate::replay::Recording;
use crate::rewrite::freeze::thaw::{self, Place, Plan, Thawed};
use crate::rewrite::freeze::{
    CLONES_EXPORT, FRAMES_EXPORT, FUNCTIONS_EXPORT, GLOBAL_EXPORT, MODULE_TABLE_EXPORT, TOP_EXPORT,
};
use crate::store::ProcessStore;
use crate::unwind::{Frame, Guest, Scalar};
use crate::{Error, Image, Limits, MemoryImage, Module, Process, State, freeze, growth};

/// An [`Image`] with the code that goes on from it. Each [`Template::thaw`] gives a process of its own.
#[derive(Clone)]
pub struct Template {
    image: Image,
    module: Module,
    /// The frames as the clones read them.
    frames: Vec<u8>,
    /// The slot of the outermost clone.
    entry: u32,
    /// Clones that are called until the stack stands again.
    clones: u64,
}

/// The code of a template, and how it is entered.
pub(crate) struct Code {
    wasm: Vec<u8>,
    frames: Vec<u8>,
    entry: u32,
    clones: u64,
}

impl Code {
    /// Writes the copy of a module that starts where an image stands.
    fn write(image: &Image, module: &Module) -> Result<Self, Error> {
        let inner = &image.inner;
        if inner.module != module.sha256 {
            return Err(damaged("it is of another module"));
        }
        let guest = &inner.guest;
        let places = Places::of(guest);
        let pages = page_counts(guest, module)?;
        let plan = Plan {
            places: &places.list,
            bare: guest.frames.is_empty().then_some(guest.import),
            pages: &pages,
            frames_bytes: frames_bytes(guest),
            dropped: &guest.dropped,
        };
        let thawed = thaw::thaw(&module.prepared, &plan)?;
        // What an image left out would keep what another process has put there.
        let has_globals = guest.globals.iter().map(|(index, _)| index).eq(&thawed.globals);
        let has_tables = guest.tables.iter().map(|(index, _)| index).eq(&thawed.tables);
        if !has_globals || !has_tables || guest.dropped.len() != thawed.flags {
            return Err(misfit());
        }
        let frames = frames(guest, &places, &thawed, module)?;
        let entry = guest.frames.first().map_or(0, |_| places.slots[0]);
        let clones = guest.frames.len().max(1) as u64;
        Ok(Self { wasm: thawed.wasm, frames, entry, clones })
    }
}

impl Template {
    pub(crate) fn new(image: Image, module: &Module) -> Result<Self, Error> {
        let Code { wasm, frames, entry, clones } = Code::write(&image, module)?;
        let module = module.load_thawed(&wasm)?;
        Ok(Self { image, module, frames, entry, clones })
    }

    /// Each memory of the image.
    pub(crate) fn memories(&self) -> &[Bytes] {
        &self.image.inner.guest.memories
    }

    /// The image that it was made from.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// A process that stands where the frozen one stood, with the image's limits.
    ///
    /// # Errors
    /// As [`Template::thaw_with`].
    pub fn thaw(&self) -> Result<Process, Error> {
        self.thaw_with(self.image.inner.limits)
    }

    /// A process that stands where the frozen one stood, with other limits. Steps and memory of the frozen part count.
    ///
    /// # Errors
    /// [`Error::Image`]: it does not stand again as the frozen one stood, so the image is damaged, or does not fit into the
    /// limits.
    pub fn thaw_with(&self, limits: Limits) -> Result<Process, Error> {
        let (store, instance) = self.instantiate(&limits, &[])?;
        self.stand(store, instance, limits)
    }

    /// The host's side of a process that stands where the frozen one stood.
    pub(crate) fn host(&self, limits: &Limits) -> Result<Host, Error> {
        let inner = &self.image.inner;
        let context = inner.context().map_err(|path| damaged(&path))?;
        let mut context = context;
        context.limit(limits.fds_max, limits.output_queue_bytes_max, limits.output_bytes_max);
        let mut host = Host::new(context, limits, None);
        let counters = inner.counters;
        host.owed = counters.owed;
        host.given = counters.steps.saturating_sub(counters.owed);
        host.charged = counters.charged;
        host.calls = counters.calls;
        Ok(host)
    }

    /// Has a process stand where the frozen one stood. The memories of its instance are the image's, and its host is new.
    pub(crate) fn stand(
        &self,
        mut store: ProcessStore,
        instance: Instance,
        limits: Limits,
    ) -> Result<Process, Error> {
        let inner = &self.image.inner;
        let granted = store.data().given.min(limits.steps_max);
        store.data_mut().memory = instance.get_memory(&store, "memory");
        self.restore(&mut store, instance)?;
        store.data_mut().growth.refused = inner.counters.growth_refused;
        let reason = "it was thawed from an image";
        let recording = Recording::new(&store.data().context, "", &[], limits, Err(reason));
        let mut process = Process {
            queue: self.queue(&store, instance)?,
            store,
            instance: Some(instance),
            module: self.module.clone(),
            execution: Execution::Idle,
            results: Vec::new(),
            limits,
            granted,
            reserve: 0,
            recording,
            untried: true,
            told: true,
            listeners: inner.listeners.clone(),
            recorder: None,
            home: None,
        };
        self.rebuild(&mut process)?;
        Ok(process)
    }

    /// A new instance, whose memories are the image's. Each lies in a slot of its image, where there is one.
    pub(crate) fn instantiate(
        &self,
        limits: &Limits,
        images: &[Option<Box<dyn MemoryImage>>],
    ) -> Result<(ProcessStore, Instance), Error> {
        let mut store = ProcessStore::new(self.module.compiled.engine(), self.host(limits)?);
        growth::make_room(&mut store, &self.module);
        freeze::make_room(&mut store, &self.module);
        let mut imports = host::imports(&mut store, &self.module);
        let types = self.module.compiled.imports().filter_map(|import| match import.ty() {
            ExternType::Memory(ty) => Some(*ty),
            _ => None,
        });
        let images = images.iter().map(Option::as_ref).chain(core::iter::repeat(None));
        for ((ty, bytes), image) in types.zip(&self.image.inner.guest.memories).zip(images) {
            let slot = image.and_then(|image| image.slot(growth::bytes_max(&ty, limits)));
            let memory = store.place(ty, bytes, slot).map_err(|error| interpreter(&error))?;
            imports.push(Extern::Memory(memory));
        }
        let instance = Instance::new(&mut store, &self.module.compiled, &imports)
            .map_err(|error| interpreter(&error))?;
        growth::bind(&mut store, instance);
        Ok((store, instance))
    }

    /// Whether all that a run changes of an instance can be put back: the interpreter does not undo the dropping of segments.
    pub(crate) fn can_recycle(&self) -> bool {
        self.image.inner.guest.dropped.is_empty()
    }

    /// Puts frames, globals and tables back.
    fn restore(&self, store: &mut Store<Host>, instance: Instance) -> Result<(), Error> {
        let guest = &self.image.inner.guest;
        let frames = instance.get_memory(&*store, FRAMES_EXPORT).ok_or_else(misfit)?;
        frames.write(&mut *store, 0, &self.frames).map_err(|_| misfit())?;
        let top = instance.get_global(&*store, TOP_EXPORT).ok_or_else(misfit)?;
        top.set(&mut *store, Val::I32(0)).map_err(|_| misfit())?;
        let functions = instance.get_table(&*store, FUNCTIONS_EXPORT);
        let reference = |store: &Store<Host>, index: u32| match functions {
            None if index == 0 => Ok(Ref::Func(Nullable::Null)),
            None => Err(misfit()),
            Some(table) => table.get(store, index.into()).ok_or_else(misfit),
        };
        for (index, value) in &guest.globals {
            let global = instance.get_global(&*store, &format!("{GLOBAL_EXPORT}{index}"));
            let value = match *value {
                Scalar::I32(value) => Val::I32(value.cast_signed()),
                Scalar::I64(value) => Val::I64(value.cast_signed()),
                Scalar::F32(value) => Val::F32(F32::from_bits(value)),
                Scalar::F64(value) => Val::F64(F64::from_bits(value)),
                Scalar::V128(value) => Val::V128(V128::from(value)),
                Scalar::Func(index) => reference(store, index)?.into(),
                Scalar::Extern => Val::ExternRef(Nullable::Null),
            };
            global.ok_or_else(misfit)?.set(&mut *store, value).map_err(|_| misfit())?;
        }
        for (index, elements) in &guest.tables {
            let name = format!("{MODULE_TABLE_EXPORT}{index}");
            let table = instance.get_table(&*store, &name).ok_or_else(misfit)?;
            let null = Ref::null(table.ty(&*store).element());
            let missing = (elements.len() as u64).checked_sub(table.size(&*store));
            let missing = missing.ok_or_else(misfit)?;
            if missing > 0 {
                table.grow(&mut *store, missing, null).map_err(|_| misfit())?;
            }
            for (at, element) in (0..).zip(elements) {
                let value = if null.is_extern() { null } else { reference(store, *element)? };
                table.set(&mut *store, at, value).map_err(|_| misfit())?;
            }
        }
        Ok(())
    }

    /// The outermost clone, and the exports that are to be called afterwards.
    fn queue(&self, store: &Store<Host>, instance: Instance) -> Result<Queue, Error> {
        let clones = instance.get_table(store, CLONES_EXPORT).ok_or_else(misfit)?;
        let Some(Ref::Func(Nullable::Val(func))) = clones.get(store, self.entry.into()) else {
            return Err(misfit());
        };
        let mut queue = Queue::new();
        queue.push_back(Entry { name: String::new(), func, args: Vec::new() });
        for (name, args) in &self.image.inner.queue {
            let func = instance.get_func(store, name).ok_or_else(misfit)?;
            check_args(store, func, args.len())?;
            queue.push_back(Entry { name: name.clone(), func, args: args.clone() });
        }
        Ok(queue)
    }

    /// Has the clones call each other until the syscall is to be made at which the process was frozen.
    fn rebuild(&self, process: &mut Process) -> Result<(), Error> {
        let entry = process.queue.pop_front().ok_or_else(misfit)?;
        // What the interpreter takes at the entry of each clone was paid for when the original was entered.
        process.store.set_fuel(self.clones).map_err(|error| interpreter(&error))?;
        process.await_point(crate::FreezePoint::NextCall);
        let outcome = process.call(entry.func, &entry.args);
        let state = process.after(outcome);
        process.store.data_mut().freeze_at = None;
        let stands = match &process.execution {
            Execution::Waiting(_, call) | Execution::Last(call) => {
                let import = self.module.imports.get(self.image.inner.guest.import as usize);
                import.is_some_and(|import| core::ptr::eq(*import, call.syscall))
            }
            _ => false,
        };
        let is_at_call = matches!(state, None | Some(State::FreezePoint));
        if stands && is_at_call && process.fuel() == 0 { Ok(()) } else { Err(misfit()) }
    }
}

/// The places where functions are active.
struct Places {
    /// Each once, in order.
    list: Vec<Place>,
    /// That of each frame.
    slots: Vec<u32>,
}

impl Places {
    fn of(guest: &Guest) -> Self {
        let last = guest.frames.len().saturating_sub(1);
        let place = |(at, frame): (usize, &Frame)| Place {
            function: frame.function,
            number: frame.number,
            import: (at == last).then_some(guest.import),
        };
        let all: Vec<Place> = guest.frames.iter().enumerate().map(place).collect();
        let mut slots: BTreeMap<Place, u32> = all.iter().map(|place| (*place, 0)).collect();
        for (slot, known) in (0..).zip(slots.values_mut()) {
            *known = slot;
        }
        let list = slots.keys().copied().collect();
        Self { list, slots: all.iter().map(|place| slots[place]).collect() }
    }
}

/// The frames as the clones read them: each begins with the next one's slot, and the import's arguments come last.
fn frames(
    guest: &Guest,
    places: &Places,
    thawed: &Thawed,
    module: &Module,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(frames_bytes(guest));
    let next = places.slots.iter().skip(1).chain([&0]);
    for (frame, next) in guest.frames.iter().zip(next) {
        let values = thawed.values.get(&frame.function).ok_or_else(misfit)?;
        if values.bytes() as usize != frame.values.len() {
            return Err(misfit());
        }
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend_from_slice(&frame.values);
    }
    if guest.frames.is_empty() {
        bytes.extend_from_slice(&0_u32.to_le_bytes());
    }
    let syscall = module.imports.get(guest.import as usize).ok_or_else(misfit)?;
    if syscall.params.len() != guest.args.len() {
        return Err(misfit());
    }
    for (param, arg) in syscall.params.iter().zip(&guest.args) {
        let arg = arg.to_le_bytes();
        let is_long = param.ty == syscalls::ValType::I64;
        bytes.extend_from_slice(&arg[..if is_long { 8 } else { 4 }]);
    }
    Ok(bytes)
}

fn frames_bytes(guest: &Guest) -> usize {
    let frames = guest.frames.iter().map(|frame| frame.values.len() + 4);
    4 + frames.sum::<usize>() + guest.args.len() * 8
}

/// The size of each memory in pages.
fn page_counts(guest: &Guest, module: &Module) -> Result<Vec<u64>, Error> {
    let sizes = thaw::memory_page_bytes(&module.prepared)?;
    if sizes.len() != guest.memories.len() {
        return Err(misfit());
    }
    let pages = sizes.iter().zip(&guest.memories).map(|(page, memory)| {
        let bytes = memory.len() as u64;
        if bytes.is_multiple_of(*page) { Ok(bytes / page) } else { Err(misfit()) }
    });
    pages.collect()
}

fn check_args(store: &Store<Host>, func: Func, args: usize) -> Result<(), Error> {
    if func.ty(store).params().len() == args { Ok(()) } else { Err(misfit()) }
}

fn damaged(reason: &str) -> Error {
    Error::Image { reason: reason.into() }
}

fn misfit() -> Error {
    damaged("it does not fit the module")
}

fn interpreter(error: &impl ToString) -> Error {
    damaged(&error.to_string())
}
