//! A frozen process: all that it takes to go on, as plain data.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;
use syscalls::Context;

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

pub(crate) struct Inner {
    /// The module that it is of, by [`Module::sha256`].
    pub(crate) module: [u8; 32],
    pub(crate) guest: Guest,
    /// Only ever forked. The lock is there because what a context holds may be used by one thread at a time.
    context: Mutex<Box<Context>>,
    pub(crate) counters: Counters,
    /// The exports that are to be called after the one that is active.
    pub(crate) queue: Vec<(String, Vec<Value>)>,
    pub(crate) limits: Limits,
    pub(crate) listeners: Vec<u32>,
}

impl Inner {
    /// The host's side of a process that goes on from here: or the path of a mount that cannot be forked.
    pub(crate) fn context(&self) -> Result<Context, String> {
        self.context.lock().fork()
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
            context: Mutex::new(Box::new(context)),
            counters,
            queue: queue.collect(),
            limits: process.limits,
            listeners: process.listeners.clone(),
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
        Template::new(self.clone(), module)
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
