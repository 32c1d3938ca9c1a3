//! One process's side of the ABI: arguments, environment, descriptors, files, streams, clock and entropy.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;
use vfs::{Access, Clock, ClockId, Input, Namespace, Node, Output, StreamKind, VirtualClock};

use crate::fd_table::{Descriptor, FdTable, Object};
use crate::order::{Order, OutputStream};
use crate::socket::Connections;
use crate::{Entropy, SeededEntropy};

/// What a process starts with. Every field has a deterministic default but the files.
pub struct Setup {
    /// The arguments, the program's name first.
    pub args: Vec<Vec<u8>>,
    /// The environment, each as `NAME=value`.
    pub env: Vec<Vec<u8>>,
    /// The files that the guest can reach.
    pub fs: Namespace,
    /// The directories that are open from the start, from descriptor 3 on, each with the name that the guest is told.
    pub preopens: Vec<(String, Node)>,
    /// Time.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub entropy: Box<dyn Entropy>,
    /// Standard input, descriptor 0.
    pub stdin: Input,
    /// Standard output, descriptor 1.
    pub stdout: Output,
    /// Standard error, descriptor 2.
    pub stderr: Output,
    /// How many descriptors may be open at once; one more is `MFILE`.
    pub fds_max: u32,
}

impl Setup {
    /// No arguments, no environment, the root of `fs` preopened as `/`, a [`VirtualClock`], [`SeededEntropy`] of 0,
    /// open pipes as streams that hold 64 KiB, and 1024 descriptors.
    #[must_use]
    pub fn new(fs: Namespace) -> Self {
        let root = fs.root();
        Self {
            args: Vec::new(),
            env: Vec::new(),
            fs,
            preopens: vec![(String::from("/"), root)],
            clock: Box::new(VirtualClock::default()),
            entropy: Box::new(SeededEntropy::new(0)),
            stdin: Input::new(StreamKind::Pipe),
            stdout: Output::new(StreamKind::Pipe, OUTPUT_BYTES_MAX),
            stderr: Output::new(StreamKind::Pipe, OUTPUT_BYTES_MAX),
            fds_max: FDS_MAX,
        }
    }
}

/// How many bytes standard output and standard error each hold by default until they are drained.
const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// How many descriptors may be open by default.
const FDS_MAX: u32 = 1024;

/// One process's side of the ABI, from its start to its end.
pub struct Context {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) fs: Namespace,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    /// In which order these two were written to. It is for whoever shows both in one place: no guest depends on it, and no
    /// image has it.
    pub(crate) order: Order,
    pub(crate) fds: FdTable,
    pub(crate) connections: Connections,
    /// What is known of a call that could not finish and will be made again.
    pub(crate) pending: Option<PendingCall>,
    /// Nanoseconds that the process has computed since its start.
    pub(crate) computed: u64,
}

/// A call that could not finish.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PendingCall {
    /// When a wait with timeouts began, so that making the call again does not start them over.
    pub(crate) began: Option<Began>,
    /// When, on the monotonic clock, the first of its timeouts ends.
    pub(crate) deadline: Option<u64>,
}

/// The clocks when a wait began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) realtime: u64,
    pub(crate) monotonic: u64,
}

impl Context {
    /// The process that `setup` describes, before its first call.
    ///
    /// A preopened directory that its file system does not give out is left out, as if it had been closed already.
    ///
    /// # Panics
    /// If a preopened directory is of a mount that `setup.fs` does not have.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let mut fs = setup.fs;
        let mut fds = FdTable::new(setup.fds_max);
        let streams = [Object::Stdin, Object::Stdout, Object::Stderr].into_iter().map(Some);
        let access = Access { read: true, write: false };
        let dirs = setup.preopens.into_iter().map(|(name, node)| {
            fs.fs(node.mount).open(node.ino, access).ok()?;
            Some(Object::Dir { node, preopen: Some(name.into()) })
        });
        for object in streams.chain(dirs).flatten() {
            if let Ok(vacancy) = fds.vacancy() {
                fds.put(vacancy, Descriptor::new(object));
            }
        }
        Self {
            args: setup.args,
            env: setup.env,
            fs,
            clock: setup.clock,
            entropy: setup.entropy,
            stdin: setup.stdin,
            stdout: setup.stdout,
            stderr: setup.stderr,
            order: Order::default(),
            fds,
            connections: Connections::default(),
            pending: None,
            computed: 0,
        }
    }

    /// Standard input, to feed it.
    pub fn stdin(&mut self) -> &mut Input {
        &mut self.stdin
    }

    /// Standard output.
    pub fn stdout(&mut self) -> &mut Output {
        &mut self.stdout
    }

    /// Standard error.
    pub fn stderr(&mut self) -> &mut Output {
        &mut self.stderr
    }

    /// Takes what is queued in one of the outputs.
    pub fn drain(&mut self, stream: OutputStream) -> Bytes {
        self.order.forget(stream);
        self.output(stream).drain()
    }

    /// Takes what was written to one of the outputs before anything else that is queued, and goes on until the other was
    /// written to; `None` if nothing is queued.
    pub fn drain_next(&mut self) -> Option<(OutputStream, Bytes)> {
        // What an image had in its queues is in no order, and comes last.
        let rest = [(OutputStream::Stdout, usize::MAX), (OutputStream::Stderr, usize::MAX)];
        let first = self.order.next();
        first.into_iter().chain(rest).find_map(|(stream, bytes)| {
            let bytes = self.output(stream).drain_at_most(bytes);
            (!bytes.is_empty()).then_some((stream, bytes))
        })
    }

    pub(crate) fn output(&mut self, stream: OutputStream) -> &mut Output {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// Sets the most that the process may use from now on: open descriptors, bytes that each output holds until they are
    /// drained, and bytes that the guest may write to each in all. Where it has more already, it keeps that.
    pub fn limit(&mut self, fds_max: u32, output_queue_bytes_max: usize, output_bytes_max: u64) {
        self.fds.limit(fds_max);
        for output in [&mut self.stdout, &mut self.stderr] {
            output.limit(output_queue_bytes_max, output_bytes_max);
        }
    }

    /// The arguments, the program's name first.
    #[must_use]
    pub fn args(&self) -> &[Vec<u8>] {
        &self.args
    }

    /// The environment, each as `NAME=value`.
    #[must_use]
    pub fn env(&self) -> &[Vec<u8>] {
        &self.env
    }

    /// Whether a descriptor is standard input.
    #[must_use]
    pub fn is_stdin(&self, fd: u64) -> bool {
        let descriptor = u32::try_from(fd).ok().and_then(|fd| self.fds.get(fd).ok());
        descriptor.is_some_and(|descriptor| matches!(descriptor.object, Object::Stdin))
    }

    /// The name that the guest was told for a directory that was open from the start.
    #[must_use]
    pub fn preopen_name(&self, fd: u64) -> Option<&str> {
        match &self.fds.get(u32::try_from(fd).ok()?).ok()?.object {
            Object::Dir { preopen, .. } => preopen.as_deref(),
            _ => None,
        }
    }

    /// The files.
    pub fn fs(&mut self) -> &mut Namespace {
        &mut self.fs
    }

    /// The files, only to look at which there are.
    #[must_use]
    pub fn files(&self) -> &Namespace {
        &self.fs
    }

    /// The clock.
    pub fn clock(&mut self) -> &mut dyn Clock {
        &mut *self.clock
    }

    /// Takes another source of randomness from now on, so that a fork can differ from what it was forked from.
    pub fn set_entropy(&mut self, entropy: Box<dyn Entropy>) {
        self.entropy = entropy;
    }

    /// Lets the time pass that the pending call waits for, if the clock can: whether it did. Then make the call again.
    ///
    /// A clock of the host cannot; the host waits and makes the call again.
    pub fn elapse(&mut self) -> bool {
        let Some(deadline) = self.pending.and_then(|call| call.deadline) else {
            return false;
        };
        let now = self.clock.now(ClockId::Monotonic);
        self.clock.skip(deadline.saturating_sub(now))
    }

    /// Forgets the pending call: the next call is a new one, not the same again.
    pub fn forget_pending(&mut self) {
        self.pending = None;
    }

    /// An independent copy of the process's side, in time that does not depend on how much its files hold.
    ///
    /// # Errors
    /// The guest path of a mount that cannot be copied: a directory of the host.
    pub fn fork(&self) -> Result<Self, String> {
        Ok(self.with(self.fs.fork()?, self.fds.clone()))
    }

    /// A copy with other files, and descriptors that fit them.
    pub(crate) fn with(&self, fs: Namespace, fds: FdTable) -> Self {
        Self {
            args: self.args.clone(),
            env: self.env.clone(),
            fs,
            clock: self.clock.fork(),
            entropy: self.entropy.fork(),
            stdin: self.stdin.clone(),
            stdout: self.stdout.clone(),
            stderr: self.stderr.clone(),
            order: self.order.clone(),
            fds,
            connections: self.connections.clone(),
            pending: self.pending,
            computed: self.computed,
        }
    }

    /// Closes every descriptor and gives the files back.
    #[must_use]
    pub fn into_fs(mut self) -> Namespace {
        for descriptor in self.fds.drain() {
            self.release(&descriptor);
        }
        self.fs
    }

    /// Lets go of what a descriptor held that is no longer in the table.
    #[inline]
    pub(crate) fn release(&mut self, descriptor: &Descriptor) {
        match &descriptor.object {
            Object::File { node, .. } | Object::Dir { node, .. } => {
                self.fs.fs(node.mount).close(node.ino);
            }
            Object::Socket(id) => self.connections.hang_up(*id),
            Object::Listener(queue) => queue.iter().for_each(|id| self.connections.hang_up(*id)),
            Object::Stdin | Object::Stdout | Object::Stderr => {}
        }
    }

    /// How many components of paths the guest's calls have walked so far.
    #[must_use]
    pub fn walked(&self) -> u64 {
        self.fs.walked()
    }

    /// Bytes that the arguments take in the guest's memory, with a NUL and a pointer each.
    #[must_use]
    pub fn args_bytes(&self) -> u64 {
        strings_bytes(&self.args)
    }

    /// Bytes that the environment takes in the guest's memory, with a NUL and a pointer for each variable.
    #[must_use]
    pub fn env_bytes(&self) -> u64 {
        strings_bytes(&self.env)
    }

    /// Tells the clock how long the process has computed since its start, in nanoseconds. Going back has no effect.
    pub fn computed(&mut self, nanoseconds: u64) {
        self.clock.advance(nanoseconds.saturating_sub(self.computed));
        self.computed = self.computed.max(nanoseconds);
    }
}

fn strings_bytes(strings: &[Vec<u8>]) -> u64 {
    const NUL_AND_POINTER: u64 = 5;
    strings.iter().map(|string| string.len() as u64 + NUL_AND_POINTER).sum()
}
