//! An image that is ready to go on, any number of times.

pub(crate) mod code;
mod format;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;
use syscalls::Context;
use vfs::Mount;
use wasmi::{Extern, ExternType, F32, F64, Func, Instance, Nullable, Ref, Store, V128, Val};

use crate::entry::{Entry, Queue};
use crate::host::{self, Host};
use crate::image::pages::check_size;
use crate::process::Execution;
use crate::replay::{Recording, Script};
use crate::rewrite::freeze::{
    CLONES_EXPORT, FRAMES_EXPORT, FUNCTIONS_EXPORT, GLOBAL_EXPORT, MODULE_TABLE_EXPORT, TOP_EXPORT,
    UNWINDING_EXPORT, misfit,
};
use crate::store::ProcessStore;
use crate::unwind::Scalar;
use crate::{
    Error, Image, Limits, MemoryImage, Module, Process, State, Trap, TrapKind, freeze, growth,
    profile,
};

use self::code::{Code, Entrance, Purpose};

/// An [`Image`] with the code that goes on from it. Each [`Template::thaw`] gives a process of its own.
#[derive(Clone)]
pub struct Template {
    image: Image,
    module: Module,
    entrance: Arc<Entrance>,
    /// What it was made from, unless it was kept.
    origin: Option<Arc<Origin>>,
}

/// What a template is made from.
pub(crate) struct Origin {
    pub(crate) image: Image,
    /// The module as it is started plainly.
    pub(crate) module: Module,
}

impl Template {
    pub(crate) fn new(image: &Image, module: &Module, purpose: Purpose) -> Result<Self, Error> {
        let code = Code::write(image, module, purpose)?;
        let loaded = module.load_thawed(&code.wasm)?;
        let origin = Origin { image: image.clone(), module: module.clone() };
        Ok(Self {
            image: image.clone(),
            module: loaded,
            entrance: code.entrance.into(),
            origin: Some(origin.into()),
        })
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
    /// limits. [`Error::Directories`]: as [`Template::thaw_attached`].
    pub fn thaw_with(&self, limits: Limits) -> Result<Process, Error> {
        self.thaw_attached(limits, Vec::new())
    }

    /// As [`Template::thaw_with`], with a directory of the host, or other files, where each was left out when it was
    /// [frozen so](Process::freeze_detached). What was open there is opened again, by its path and as it was, and stands
    /// at the offset where it stood.
    ///
    /// # Errors
    /// As [`Template::thaw_with`]. [`Error::Directories`]: one is missing, or too many; what was open is not there, which is
    /// named.
    pub fn thaw_attached(
        &self,
        limits: Limits,
        mounts: Vec<(String, Mount)>,
    ) -> Result<Process, Error> {
        let is_attached = !mounts.is_empty();
        let host = self.host_attached(&limits, mounts)?;
        let (store, instance) = self.instantiate(host, &limits, &[])?;
        let mut process = self.stand(store, instance, limits)?;
        if is_attached {
            process.recording.start_with(&process.store.data().context);
        }
        Ok(process)
    }

    /// A process that stands where the frozen one stood, but for the host's side, and to which the host will do the same
    /// again as is written down.
    pub(crate) fn repeat(
        &self,
        context: Option<Context>,
        script: Script,
        limits: Limits,
    ) -> Result<Process, Error> {
        let context = match context {
            Some(context) => context,
            None => self.image.inner.context(Vec::new())?,
        };
        let host = self.host_with(context, &limits, Some(script));
        let (store, instance) = self.instantiate(host, &limits, &[])?;
        let process = self.stand(store, instance, limits)?;
        Ok(Process { recording: Recording::none(), ..process })
    }

    /// The function that a function of the thawed module is, or is a clone of.
    pub(crate) fn original(&self, function: u32) -> u32 {
        self.entrance.original(function)
    }

    /// The host's side of a process that stands where the frozen one stood.
    pub(crate) fn host(&self, limits: &Limits) -> Result<Host, Error> {
        self.host_attached(limits, Vec::new())
    }

    fn host_attached(&self, limits: &Limits, mounts: Vec<(String, Mount)>) -> Result<Host, Error> {
        check_size(self.memories().iter().map(Bytes::len), limits.memory_bytes_max)?;
        let context = self.image.inner.context(mounts)?;
        Ok(self.host_with(context, limits, None))
    }

    fn host_with(&self, mut context: Context, limits: &Limits, script: Option<Script>) -> Host {
        context.limit(limits.fds_max, limits.output_queue_bytes_max, limits.output_bytes_max);
        let mut host = Host::new(context, limits, script);
        let counters = self.image.inner.counters;
        host.owed = counters.owed;
        host.given = counters.steps.saturating_sub(counters.owed);
        host.charged = counters.charged;
        host.calls = counters.calls;
        host.profiler = self.entrance.profiler.clone().map(Box::new);
        host
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
        let recording = Recording::of_thawed(self.origin.clone(), limits);
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
            is_fresh: true,
            listeners: inner.listeners.clone(),
            recorder: None,
            home: None,
        };
        self.rebuild(&mut process)?;
        self.make_freezable(&mut process, instance)?;
        Ok(process)
    }

    /// Puts in order what the stack is to be written to, if it can be: the frames in it have been read.
    fn make_freezable(&self, process: &mut Process, instance: Instance) -> Result<(), Error> {
        let store = &mut process.store;
        if instance.get_global(&*store, UNWINDING_EXPORT).is_none() {
            return Ok(());
        }
        let dropped: Vec<u8> =
            self.image.inner.guest.dropped.iter().copied().map(u8::from).collect();
        let frames = instance.get_memory(&*store, FRAMES_EXPORT).ok_or_else(misfit)?;
        frames.write(&mut *store, 0, &dropped).map_err(|_| misfit())?;
        let start = i32::try_from(dropped.len()).map_err(|_| misfit())?;
        let top = instance.get_global(&*store, TOP_EXPORT).ok_or_else(misfit)?;
        top.set(&mut *store, Val::I32(start)).map_err(|_| misfit())
    }

    /// A new instance, whose memories are the image's. Each lies in a slot of its image, where there is one.
    pub(crate) fn instantiate(
        &self,
        host: Host,
        limits: &Limits,
        images: &[Option<Box<dyn MemoryImage>>],
    ) -> Result<(ProcessStore, Instance), Error> {
        let mut store = ProcessStore::new(self.module.compiled.engine(), host);
        profile::make_room(&mut store, &self.module);
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
        profile::bind(&mut store, instance);
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
        frames.write(&mut *store, 0, &self.entrance.frames).map_err(|_| misfit())?;
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
        let Some(Ref::Func(Nullable::Val(func))) = clones.get(store, self.entrance.entry.into())
        else {
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
        process.store.set_fuel(self.entrance.clones).map_err(|error| interpreter(&error))?;
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
        if let Some(State::Trapped(Trap { kind: TrapKind::StackOverflow })) = state {
            return Err(damaged("its stack is deeper than the limits allow"));
        }
        let is_at_call = matches!(state, None | Some(State::FreezePoint));
        if stands && is_at_call && process.fuel() == 0 { Ok(()) } else { Err(misfit()) }
    }
}

fn check_args(store: &Store<Host>, func: Func, args: usize) -> Result<(), Error> {
    if func.ty(store).params().len() == args { Ok(()) } else { Err(misfit()) }
}

fn damaged(reason: &str) -> Error {
    Error::Image { reason: reason.into() }
}

fn interpreter(error: &impl ToString) -> Error {
    damaged(&error.to_string())
}
