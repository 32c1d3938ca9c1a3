//! Where a process stops to be frozen, and freezing it.

use alloc::format;
use alloc::string::{String, ToString};

use syscalls::{Context, Syscall};
use vfs::{EPOCH, Mount, Namespace, Quota, Tree};
use wasmi::{ExternType, Store};

use crate::host::Host;
use crate::rewrite::freeze::{
    CLONES_EXPORT, FRAMES_EXPORT, FUNCTIONS_EXPORT, REFERENCES_EXPORT, UNWINDING_EXPORT, capture,
};
use crate::template::code::Purpose;
use crate::{Error, Image, Module, Process, State, unwind};

/// Where a process stops so that it can be [frozen](Process::freeze): before a syscall, which is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FreezePoint {
    /// The next syscall, whichever it is.
    NextCall,
    /// The first syscall before which at least so many have finished: see [`Process::syscalls`].
    AfterCalls(u64),
    /// The first `fd_read` of standard input.
    Stdin,
    /// The first `path_open` of this absolute path through a directory that was open from the start. Its `.` and `..` are
    /// taken by their text; symbolic links are not looked at.
    Open(String),
    /// A call of the import with this name, the first being 1.
    Call {
        /// The import's name, `fd_write` for example.
        name: String,
        /// Which of its calls, from here on.
        nth: u64,
    },
}

/// A freeze point that is waited for.
#[derive(Debug)]
pub(crate) struct Awaited {
    point: FreezePoint,
    /// Calls of the named import that were seen so far.
    seen: u64,
    /// Calls that had finished when the last was made that is none of them, or is counted: a call that waits is made
    /// again.
    last: Option<u64>,
}

impl Awaited {
    /// Whether a syscall that is about to be made, after so many that have finished, is the point.
    pub(crate) fn is_at(
        &mut self,
        syscall: &Syscall,
        args: &[u64],
        memory: &[u8],
        context: &Context,
        calls: u64,
    ) -> bool {
        if self.last == Some(calls) {
            return false;
        }
        match &self.point {
            FreezePoint::NextCall => true,
            FreezePoint::AfterCalls(finished) => calls >= *finished,
            FreezePoint::Stdin => syscall.name == "fd_read" && context.is_stdin(args[0]),
            FreezePoint::Open(wanted) => {
                syscall.name == "path_open"
                    && opened_path(args, memory, context).is_some_and(|path| path == *wanted)
            }
            FreezePoint::Call { name, nth } => {
                if syscall.name == name {
                    self.last = Some(calls);
                    self.seen += 1;
                }
                syscall.name == name && self.seen >= *nth
            }
        }
    }
}

/// The absolute path that a `path_open` is about.
fn opened_path(args: &[u64], memory: &[u8], context: &Context) -> Option<String> {
    let [fd, _, path, path_len, ..] = *args else { return None };
    let start = usize::try_from(path).ok()?;
    let end = start.checked_add(usize::try_from(path_len).ok()?)?;
    let path = core::str::from_utf8(memory.get(start..end)?).ok()?;
    Some(absolute(&format!("{}/{path}", context.preopen_name(fd)?)))
}

/// A path from the root, without empty components, `.` and `..`.
fn absolute(path: &str) -> String {
    let mut components = alloc::vec::Vec::new();
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                components.pop();
            }
            name => components.push(name),
        }
    }
    format!("/{}", components.join("/"))
}

impl Process {
    /// Has the process stop before a syscall: [`Process::run`] then returns [`State::FreezePoint`](crate::State::FreezePoint),
    /// once. Replaces what was set before. A syscall that it stands at already is not meant.
    ///
    /// # Errors
    /// [`Error::NotFreezable`]: the module does not import the function that is named.
    pub fn freeze_at(&mut self, point: FreezePoint) -> Result<(), Error> {
        if let FreezePoint::Call { name, .. } = &point
            && !self.module.imports.iter().any(|import| import.name == name)
        {
            return Err(not_freezable(format!("the module does not import {name}")));
        }
        let point = match point {
            FreezePoint::Open(path) => FreezePoint::Open(absolute(&path)),
            point => point,
        };
        self.await_point(point);
        Ok(())
    }

    pub(crate) fn await_point(&mut self, point: FreezePoint) {
        let last = (self.is_at_call() && self.told).then_some(self.store.data().calls);
        let awaited = Awaited { point, seen: 0, last };
        self.store.data_mut().freeze_at = Some(alloc::boxed::Box::new(awaited));
    }

    /// Writes the process down as it is: all that it takes to go on from here, on any host.
    ///
    /// It has to stand at a syscall: [`State::FreezePoint`](crate::State::FreezePoint) or
    /// [`State::Blocked`](crate::State::Blocked). A process made with
    /// [`ProcessBuilder::freezable`](crate::ProcessBuilder::freezable) is over afterwards; any other stays as it is, and its
    /// run is repeated from the start on a copy of the module that can be frozen, which takes as long as the run has.
    ///
    /// # Errors
    /// [`Error::NotFreezable`]: it does not stand at a syscall; a mount is a directory of the host's; its run cannot be
    /// repeated; its stack is too deep. The process is then as it was, but for the last of these.
    pub fn freeze(&mut self) -> Result<Image, Error> {
        self.freeze_with(|context| {
            context.fork().map_err(|path| format!("{path} is a directory of the host"))
        })
    }

    /// As [`Process::freeze`], but directories of the host are left out, and what is open there is known by its path:
    /// [`Template::thaw_attached`](crate::Template::thaw_attached) opens it again.
    ///
    /// The process has to be one made with [`ProcessBuilder::freezable`](crate::ProcessBuilder::freezable), because a run on files
    /// of the host's cannot be repeated.
    ///
    /// # Errors
    /// As [`Process::freeze`], but for the mount. [`Error::NotFreezable`] also: a mount is a tree above a directory of the
    /// host's and not read-only, so the guest may have changed what the directory does not have; a file that is open has no
    /// name any more.
    pub fn freeze_detached(&mut self) -> Result<Image, Error> {
        self.freeze_with(|context| context.detach().map_err(|reason| reason.to_string()))
    }

    fn freeze_with(
        &mut self,
        copy: impl FnOnce(&Context) -> Result<Context, String>,
    ) -> Result<Image, Error> {
        if !self.is_at_call() {
            return Err(not_freezable("it does not stand at a syscall".to_string()));
        }
        let context = copy(&self.store.data().context).map_err(not_freezable)?;
        let guest = if self.module.compiled.get_export(UNWINDING_EXPORT).is_some() {
            unwind::unwind(self)?
        } else {
            unwind::unwind(&mut self.repeated()?)?
        };
        Ok(Image::new(self, context, guest))
    }

    /// The same run on a copy of the module that can be frozen, as far as the syscall that this one stands at.
    fn repeated(&self) -> Result<Self, Error> {
        let repeated = self.recording.repeat(&self.module, Purpose::Freezable, self.limits);
        let mut repeated = repeated.map_err(not_freezable)?.process;
        // A process that was thawed here and has not gone on is at the call already.
        if !repeated.is_at_call() || repeated.syscalls() < self.syscalls() {
            repeated.await_point(FreezePoint::AfterCalls(self.syscalls()));
            while repeated.run(u64::MAX) == State::Yielded {}
        }
        let same = match (self.call_made(), repeated.call_made()) {
            (Some(call), Some(again)) => call.is_same(again),
            _ => false,
        };
        let same = same && repeated.memory() == self.memory();
        if same && repeated.steps() == self.steps() {
            Ok(repeated)
        } else {
            Err(not_freezable("its run cannot be repeated: it went another way".to_string()))
        }
    }
}

/// The copy of a module whose memories are exported.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::Interpreter`]: a kept module has been damaged.
pub(crate) fn visible(module: &Module) -> Result<Module, Error> {
    module.load_thawed(&capture::expose(&module.prepared)?)
}

/// An empty root.
pub(crate) fn no_files() -> Namespace {
    let tree = Tree::new(Quota::default(), EPOCH);
    Namespace::new(Mount { fs: alloc::boxed::Box::new(tree), read_only: true })
}

pub(crate) fn not_freezable(reason: String) -> Error {
    Error::NotFreezable { reason }
}

/// The copy of a module whose processes can be frozen.
///
/// # Errors
/// [`Error::NotFreezable`], [`Error::Interpreter`]; [`Error::Invalid`] and [`Error::Unsupported`], if a body of a kept module
/// has been damaged.
pub(crate) fn instrument(module: &Module) -> Result<Module, Error> {
    module.load_thawed(&capture::capture(&module.prepared)?)
}

/// Allows for the memory and the tables that the passes have added: they are not the guest's.
pub(crate) fn make_room(store: &mut Store<Host>, module: &Module) {
    let growth = &mut store.data_mut().growth;
    if let Some(ExternType::Memory(memory)) = module.compiled.get_export(FRAMES_EXPORT) {
        let bytes = memory.minimum().saturating_mul(PAGE_BYTES);
        growth.allow_memory_bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    for name in [REFERENCES_EXPORT, FUNCTIONS_EXPORT, CLONES_EXPORT] {
        if let Some(ExternType::Table(table)) = module.compiled.get_export(name) {
            let elements = usize::try_from(table.minimum()).unwrap_or(usize::MAX);
            growth.allow_table_elements(elements);
        }
    }
}

pub(crate) const PAGE_BYTES: u64 = 64 << 10;
