//! A frozen process: all that it takes to go on, as plain data.

mod export;
pub(crate) mod format;
pub(crate) mod pages;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use syscalls::Context;
use vfs::Mount;

use crate::template::code::Purpose;
use crate::unwind::Guest;
use crate::{Error, Limit, Limits, Module, Process, Template, Value};

/// A process that stands still at a syscall: its stack, memories, globals, tables, files, descriptors, streams, clock and
/// random numbers. Cheap to clone.
///
/// [`Image::prepare`] makes it ready to go on, as often as one likes.
#[derive(Clone)]
pub struct Image {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    /// The module that it is of, by [`Module::sha256`].
    pub(crate) module: [u8; 32],
    pub(crate) guest: Guest,
    pub(crate) context: Arc<Context>,
    pub(crate) counters: Counters,
    /// The exports that are to be called after the one that is active.
    pub(crate) queue: Vec<(String, Vec<Value>)>,
    pub(crate) limits: Limits,
    pub(crate) listeners: Vec<u32>,
    /// Where the module comes from, in the embedder's words.
    pub(crate) origin: String,
}

impl Inner {
    /// The host's side of a process that goes on from here, with directories of the host where some were left out.
    ///
    /// # Errors
    /// [`Error::Directories`].
    pub(crate) fn context(&self, mounts: Vec<(String, Mount)>) -> Result<Context, Error> {
        let wrong = |reason: String| Error::Directories { reason };
        let mut context = self.context.fork().map_err(wrong)?;
        for (path, mount) in mounts {
            let attached = context.attach(&path, mount);
            context = attached.map_err(|reason| wrong(reason.to_string()))?;
        }
        if let Some(path) = context.absent().next() {
            return Err(wrong(format!("a directory of the host is missing at {path}")));
        }
        Ok(context)
    }
}

/// What was counted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counters {
    /// Steps in all, those of syscalls that are not paid yet included.
    pub(crate) steps: u64,
    pub(crate) owed: u64,
    pub(crate) charged: u64,
    pub(crate) calls: u64,
    pub(crate) growth_refused: Option<Limit>,
}

impl Image {
    /// The image of a process, whose guest was read just now.
    pub(crate) fn new(process: &Process, context: Context, guest: Guest) -> Self {
        let host = process.store.data();
        let counters = Counters {
            steps: process.steps(),
            owed: host.owed,
            charged: host.charged,
            calls: host.calls,
            growth_refused: host.growth.refused,
        };
        let queue = process.queue.iter().map(|entry| (entry.name.clone(), entry.args.clone()));
        let inner = Inner {
            module: process.module.sha256,
            guest,
            context: Arc::new(context),
            counters,
            queue: queue.collect(),
            limits: process.limits,
            listeners: process.listeners.clone(),
            origin: String::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Makes it ready to go on: writes the copy of the module that starts where it stands. `module` is the one that the
    /// frozen process was made from.
    ///
    /// # Errors
    /// [`Error::Image`]: it is of another module, or does not fit it. [`Error::NotFreezable`]: a function on its stack would
    /// become too large. [`Error::Invalid`], [`Error::Unsupported`], [`Error::Interpreter`]: the module was kept and has been
    /// damaged.
    pub fn prepare(&self, module: &Module) -> Result<Template, Error> {
        Template::new(self, module, Purpose::Plain)
    }

    /// As [`Image::prepare`], with code that can be frozen again without repeating the run: as with
    /// [`ProcessBuilder::freezable`](crate::ProcessBuilder::freezable), it takes the same steps and a little longer.
    ///
    /// # Errors
    /// As [`Image::prepare`].
    pub fn prepare_freezable(&self, module: &Module) -> Result<Template, Error> {
        Template::new(self, module, Purpose::Freezable)
    }

    /// As [`Image::prepare`], with code that tells where the steps go: see [`Process::profile`]. Those of the frozen part
    /// are a stack of their own, `[frozen]`.
    ///
    /// # Errors
    /// As [`Image::prepare`].
    pub fn prepare_profiled(&self, module: &Module) -> Result<Template, Error> {
        Template::new(self, module, Purpose::Profile)
    }

    /// The paths at which directories of the host were left out: each has to be given to [`Template::thaw_attached`].
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.inner.context.absent()
    }

    /// Notes where the module comes from, in words of the embedder's own: a package's name, for example.
    #[must_use]
    pub fn with_origin(mut self, origin: &str) -> Self {
        self.set_origin(origin);
        self
    }

    /// As [`Image::with_origin`]. Nothing is copied unless there are clones or templates of it.
    pub fn set_origin(&mut self, origin: &str) {
        Arc::make_mut(&mut self.inner).origin = origin.into();
    }

    /// Where the module comes from, if that was noted.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// The functions that are active, the outermost first, with the names that the module gives them.
    #[must_use]
    pub fn backtrace(&self, module: &Module) -> Vec<crate::Frame> {
        let names = crate::names::functions(&module.prepared);
        let frames = self.inner.guest.frames.iter();
        let named = frames.map(|frame| crate::Frame {
            function: frame.function,
            name: names.get(&frame.function).cloned(),
        });
        named.collect()
    }

    /// The syscall that it stands at.
    #[must_use]
    pub fn syscall<'a>(&self, module: &'a Module) -> Option<&'a str> {
        let import = module.imports.get(self.inner.guest.import as usize);
        import.map(|syscall| syscall.name)
    }

    /// Syscalls that had finished when it was frozen.
    #[must_use]
    pub fn syscalls(&self) -> u64 {
        self.inner.counters.calls
    }

    /// The SHA-256 of the module that it is of, as it was given.
    #[must_use]
    pub fn module_sha256(&self) -> [u8; 32] {
        self.inner.module
    }

    /// Steps that were taken until it was frozen.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.inner.counters.steps
    }

    /// Functions that are active.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.inner.guest.frames.len()
    }

    /// Linear memories.
    #[must_use]
    pub fn memories(&self) -> usize {
        self.inner.guest.memories.len()
    }

    /// Bytes of all its linear memories.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.inner.guest.memories.iter().map(|memory| memory.len() as u64).sum()
    }

    /// The most that its processes may use, unless they are given other limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }
}

/// An image is prepared once and thawed by many threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Image>();
    shared::<Template>();
};
