//! Backtraces by repetition: a deterministic run is made again on a copy of the module that keeps a list of its frames.
//!
//! The interpreter keeps no names and gives no access to its stack, and keeping our own list would slow down every call of
//! every run. So a process only remembers what the host did to it. See docs/RATIONALE.md, "Backtraces by repetition".

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use syscalls::{ConnectionId, Context, Socket};

use crate::connection;
use crate::host::Host;
use crate::rewrite::frames;
use crate::template::Origin;
use crate::template::code::Purpose;
use crate::{Error, Frame, Limits, Module, Process, State, Template, Trap, Value, freeze, names};

/// Why there is no backtrace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoBacktrace {
    /// The process has not trapped.
    NotTrapped,
    /// The run cannot be repeated, because of this.
    NotRepeatable(String),
    /// The caller wanted it to stop.
    Stopped,
    /// The repeated run went another way. A module with multi-value frames near the limits of the stack can do that.
    Diverged,
}

impl fmt::Display for NoBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTrapped => f.write_str("the process has not trapped"),
            Self::NotRepeatable(reason) => write!(f, "the run cannot be repeated: {reason}"),
            Self::Stopped => f.write_str("it was stopped"),
            Self::Diverged => f.write_str("the repeated run went another way"),
        }
    }
}

impl core::error::Error for NoBacktrace {}

/// Something that the host did to a process.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Feed(Bytes),
    CloseStdin,
    CloseStdout,
    CloseStderr,
    Elapse,
    /// A connection to the listener on this descriptor, whose sending side holds so many bytes.
    Offer(u32, usize),
    FeedConnection(ConnectionId, Bytes),
    CloseInput(ConnectionId),
    /// A guest that does not wait is told how much room there is, so that it matters when a connection is drained.
    Drain(ConnectionId),
    CloseOutput(ConnectionId),
    Reset(ConnectionId),
}

impl Event {
    /// Bytes of the host's that are kept with it.
    fn bytes_len(&self) -> usize {
        match self {
            Self::Feed(bytes) | Self::FeedConnection(_, bytes) => bytes.len(),
            _ => 0,
        }
    }

    /// Does it.
    pub(crate) fn apply(self, context: &mut Context) {
        match self {
            Self::Feed(bytes) => context.stdin().feed(bytes),
            Self::CloseStdin => context.stdin().close(),
            Self::CloseStdout => context.stdout().close(),
            Self::CloseStderr => context.stderr().close(),
            Self::Elapse => {
                context.elapse();
            }
            Self::Offer(listener, queue_bytes_max) => {
                // Where the listener is not there as in the recorded run, the end of the repetition will tell.
                let _ = context.offer(listener, connection::socket(queue_bytes_max));
            }
            Self::Reset(id) => {
                context.take_connection(id);
            }
            Self::FeedConnection(id, bytes) => on(context, id, |socket| socket.input.feed(bytes)),
            Self::CloseInput(id) => on(context, id, |socket| socket.input.close()),
            Self::CloseOutput(id) => on(context, id, |socket| socket.output.close()),
            Self::Drain(id) => on(context, id, |socket| drop(socket.output.drain())),
        }
    }
}

/// Does something to a connection, if the host has not taken it back.
fn on(context: &mut Context, id: ConnectionId, act: impl FnOnce(&mut Socket)) {
    if let Some(socket) = context.connection(id) {
        act(socket);
    }
}

/// An event and when it happened.
#[derive(Clone, Debug)]
struct Entry {
    /// How many syscalls had finished.
    calls: u64,
    /// If the next one had been tried and was waiting: the run of the process that it was waiting in. What happens in the
    /// same turn happens before the call is made again.
    turn: Option<u64>,
    event: Event,
}

/// What a run started with and what the host did to it since: all that it takes to repeat it.
pub(crate) struct Recording {
    start: Start,
    limits: Limits,
    log: Vec<Entry>,
    log_bytes: usize,
    /// How often the host has run the process.
    turn: u64,
}

/// Where a run starts.
enum Start {
    /// At its entry.
    Entry { context: Box<Context>, entry: String, args: Vec<Value> },
    /// Where an image stands.
    Image {
        origin: Arc<Origin>,
        /// The host's side, where the host has changed that of the image since.
        context: Option<Box<Context>>,
        /// Whether the host has taken it in hand.
        is_touched: bool,
    },
    /// It cannot be repeated, for this reason.
    Lost(String),
}

/// How the run ended that is to be repeated.
pub(crate) struct End<'a> {
    pub(crate) trap: &'a Trap,
    /// Steps that it had taken.
    pub(crate) steps: u64,
}

/// Steps after which the caller is asked whether to go on.
const SLICE_STEPS_MAX: u64 = 1_000_000;
/// A longer log of inputs than this is not kept. Input itself is shared with the stream, not copied.
const LOG_BYTES_MAX: usize = 16 << 20;
/// What an entry is counted as, besides its bytes.
const ENTRY_BYTES: usize = 64;

impl Recording {
    pub(crate) fn new(
        context: &Context,
        entry: &str,
        args: &[Value],
        limits: Limits,
        replayable: Result<(), &'static str>,
    ) -> Self {
        let fork =
            || context.fork().map_err(|path| alloc::format!("{path} is a directory of the host"));
        let start = match replayable.map_err(String::from).and_then(|()| fork()) {
            Ok(context) => Start::Entry {
                context: Box::new(context),
                entry: entry.into(),
                args: args.to_vec(),
            },
            Err(reason) => Start::Lost(reason),
        };
        Self::at(start, limits)
    }

    /// The recording of a process that was thawed just now.
    pub(crate) fn of_thawed(origin: Option<Arc<Origin>>, limits: Limits) -> Self {
        let start = match origin {
            Some(origin) => Start::Image { origin, context: None, is_touched: false },
            None => {
                Start::Lost("it was thawed from an image that was kept without its module".into())
            }
        };
        Self::at(start, limits)
    }

    /// The recording of a replay: nothing.
    pub(crate) fn none() -> Self {
        Self::at(Start::Lost("it is itself a repetition".into()), Limits::default())
    }

    fn at(start: Start, limits: Limits) -> Self {
        Self { start, limits, log: Vec::new(), log_bytes: 0, turn: 0 }
    }

    /// The host takes the files in hand. A process that was thawed and has not been run starts with what is there then; any
    /// other cannot be repeated any more.
    pub(crate) fn touch(&mut self) {
        match &mut self.start {
            Start::Image { is_touched, .. } if self.turn == 0 => *is_touched = true,
            _ => self.give_up("the host has taken its files in hand"),
        }
    }

    /// Forgets the run, which cannot be repeated any more, for this reason.
    fn give_up(&mut self, reason: &str) {
        if !matches!(self.start, Start::Lost(_)) {
            self.start = Start::Lost(reason.into());
            self.log = Vec::new();
        }
    }

    /// Says that the host runs the process once more.
    pub(crate) fn next_turn(&mut self, now: &Context) {
        self.turn += 1;
        if let Start::Image { is_touched: true, .. } = self.start {
            self.start_with(now);
        }
    }

    /// A process that was thawed starts with the host's side as it is now, not as the image has it.
    pub(crate) fn start_with(&mut self, now: &Context) {
        let Start::Image { context, is_touched, .. } = &mut self.start else { return };
        *is_touched = false;
        match now.fork() {
            Ok(now) => *context = Some(Box::new(now)),
            Err(path) => return self.give_up(&alloc::format!("{path} is a directory of the host")),
        }
        // What the host has done so far is in it.
        (self.log, self.log_bytes) = (Vec::new(), 0);
    }

    pub(crate) fn push(&mut self, calls: u64, blocked: bool, event: Event) {
        if matches!(self.start, Start::Lost(_)) {
            return;
        }
        self.log_bytes += ENTRY_BYTES + event.bytes_len();
        if self.log_bytes > LOG_BYTES_MAX {
            self.give_up("it read too much input to remember");
            return;
        }
        let turn = blocked.then_some(self.turn);
        self.log.push(Entry { calls, turn, event });
    }

    /// The recorded run from its start, on the copy of its module that `purpose` takes; or why it cannot be repeated.
    pub(crate) fn repeat(
        &self,
        module: &Module,
        purpose: Purpose,
        limits: Limits,
    ) -> Result<Repeated, String> {
        let failed = |error: Error| alloc::format!("{error}");
        let script = Script { log: self.log.iter().cloned().collect() };
        match &self.start {
            Start::Lost(reason) => Err(reason.clone()),
            Start::Entry { context, entry, args } => {
                let host = Host::new(context.fork()?, &limits, Some(script));
                let module = instrumented(module, purpose).map_err(failed)?;
                let process =
                    Process::assemble(&module, host, entry, args.clone(), limits, Self::none());
                Ok(Repeated { process: process.map_err(failed)?, template: None })
            }
            Start::Image { origin, context, .. } => {
                let context = context.as_ref().map(|context| context.fork()).transpose()?;
                let template = Template::new(&origin.image, &origin.module, purpose);
                let template = template.map_err(failed)?;
                let process = template.repeat(context, script, limits).map_err(failed)?;
                Ok(Repeated { process, template: Some(template) })
            }
        }
    }

    /// Repeats the run of `module` that ended as `end` says, for as long as `keep_going` says so.
    pub(crate) fn backtrace(
        &self,
        module: &Module,
        end: &End<'_>,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Frame>, NoBacktrace> {
        // The list is not the guest's: it gets as much memory as in the recorded run.
        let memory_bytes_max = self.limits.memory_bytes_max.saturating_add(frames::LIST_BYTES);
        let limits = Limits { memory_bytes_max, ..self.limits };
        let repeated = self.repeat(module, Purpose::Backtrace, limits);
        let Repeated { mut process, template } = repeated.map_err(NoBacktrace::NotRepeatable)?;
        let state = loop {
            match process.run(SLICE_STEPS_MAX) {
                State::Yielded if keep_going() => {}
                State::Yielded => return Err(NoBacktrace::Stopped),
                state => break state,
            }
        };
        match state {
            State::Trapped(again) if again == *end.trap && process.steps() == end.steps => {}
            _ => return Err(NoBacktrace::Diverged),
        }
        let names = names::functions(&module.prepared);
        let frames = active_frames(&process).into_iter().rev().map(|function| {
            let original = template.as_ref().map(|template| template.original(function));
            let function = original.unwrap_or(function);
            Frame { function, name: names.get(&function).cloned() }
        });
        Ok(frames.collect())
    }
}

/// A run that is made again.
pub(crate) struct Repeated {
    pub(crate) process: Process,
    /// What it starts from, if that is an image.
    pub(crate) template: Option<Template>,
}

/// The copy of a module that takes the same steps and serves a purpose.
fn instrumented(module: &Module, purpose: Purpose) -> Result<Module, Error> {
    match purpose {
        Purpose::Freezable => freeze::instrument(module),
        Purpose::Backtrace => {
            Module::load(&module.engine, frames::instrument(&module.prepared)?.into())
        }
        Purpose::Plain | Purpose::Profile => Ok(module.clone()),
    }
}

/// The list that the instrumented copy has kept, the outermost frame first.
fn active_frames(process: &Process) -> Vec<u32> {
    let (store, instance) = process.store();
    let list = instance.and_then(|instance| {
        let memory = instance.get_memory(store, frames::MEMORY_EXPORT)?;
        let top = instance.get_global(store, frames::TOP_EXPORT)?.get(store);
        let top = usize::try_from(top.i32()?).ok()?;
        memory.data(store).get(..top)
    });
    let words = list.unwrap_or_default().chunks_exact(size_of::<u32>());
    words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

/// The log of a recorded run, followed by its replay.
pub(crate) struct Script {
    log: VecDeque<Entry>,
}

impl Script {
    /// Does what the host had done before the syscall after `calls` was first tried.
    pub(crate) fn before_call(&mut self, calls: u64, context: &mut Context) {
        while let Some(entry) = self.log.pop_front_if(|entry| {
            entry.calls < calls || (entry.calls == calls && entry.turn.is_none())
        }) {
            entry.event.apply(context);
        }
    }

    /// Does what the host had done next, until it had the waiting syscall tried again: false if there is nothing.
    pub(crate) fn while_blocked(&mut self, calls: u64, context: &mut Context) -> bool {
        if context.drain_next().is_some() {
            while context.drain_next().is_some() {}
            return true;
        }
        let Some(first) = self.log.pop_front_if(|entry| entry.calls <= calls) else {
            return false;
        };
        let turn = first.turn;
        first.event.apply(context);
        while let Some(entry) =
            self.log.pop_front_if(|entry| entry.calls <= calls && entry.turn == turn)
        {
            entry.event.apply(context);
        }
        true
    }
}
