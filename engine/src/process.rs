//! One run of a module, driven by the host.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use syscalls::{Context, Stop, Wait};
use vfs::Namespace;
use wasmi::{Func, Instance, ResumableCall, Store, Val};

use crate::ending::{ended, failed, refused, trapped};
use crate::entry::{Queue, calls};
use crate::host::{self, Call, Host, Reason, Suspension};
use crate::pool::Home;
use crate::profiler::Profiler;
use crate::recorder::Recorder;
use crate::replay::{End, NoBacktrace, Recording};
use crate::store::ProcessStore;
use crate::watch::Watch;
use crate::{
    Error, Frame, Limit, Limits, Module, ProcessBuilder, Trap, TrapKind, Value, freeze, growth,
    profile,
};

/// What a process is doing when [`Process::run`] returns.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// The steps given are used up. Run it again.
    Yielded,
    /// It waits for something that only the host can do: feed or drain a stream, let time pass. Do it, and run it again.
    Blocked(Wait),
    /// It has come to where it was to stop so that it can be [frozen](Process::freeze): the syscall that is next has not
    /// been made. Running it again goes on.
    FreezePoint,
    /// It has ended by itself with this exit code: all 32 bits, 0 if the entry function just returned.
    Exited(u32),
    /// It has failed.
    Trapped(Trap),
    /// It has reached a limit. What it has produced so far is still there.
    Exhausted(Limit),
}

/// One run of a module. It does nothing except in [`Process::run`], and can be moved to another thread between calls.
pub struct Process {
    pub(crate) store: ProcessStore,
    pub(crate) instance: Option<Instance>,
    pub(crate) module: Module,
    /// Functions still to be called, the first next.
    pub(crate) queue: Queue,
    pub(crate) execution: Execution,
    pub(crate) results: Vec<Val>,
    pub(crate) limits: Limits,
    /// Steps that the host has granted so far, never more than the limit.
    pub(crate) granted: u64,
    /// Those of them that the interpreter has not been given yet.
    pub(crate) reserve: u64,
    pub(crate) recording: Recording,
    /// Whether the syscall that is to be made again could not be tried yet.
    pub(crate) untried: bool,
    /// Whether the host has been told of that syscall.
    pub(crate) told: bool,
    /// Whether it was thawed, and nothing but its files has been touched since.
    pub(crate) is_fresh: bool,
    /// Descriptors that the guest was given to accept connections from.
    pub(crate) listeners: Vec<u32>,
    /// What is remembered for a receipt, if there is to be one.
    pub(crate) recorder: Option<Recorder>,
    /// Where it can be recycled, if it was thawed from a pool.
    pub(crate) home: Option<Home>,
}

/// Where the interpreter stands.
pub(crate) enum Execution {
    /// Between two functions of the queue.
    Idle,
    /// In a syscall that has to be made again.
    Waiting(wasmi::ResumableCallHostTrap, Call),
    /// In a syscall that has to be made again, after which the function is over: its last frame has tail-called it.
    Last(Call),
    /// Before operators that did not fit into the steps.
    Paused(wasmi::ResumableCallOutOfFuel),
    /// Over.
    Ended(State),
    /// Over, because its stack was written down.
    Frozen,
}

impl Process {
    /// Starts describing a process of `module`.
    pub fn builder(module: &Module) -> ProcessBuilder<'_> {
        ProcessBuilder::new(module)
    }

    pub(crate) fn spawn(
        module: &Module,
        context: Context,
        entry: String,
        args: Vec<Value>,
        limits: Limits,
        replayable: Result<(), &'static str>,
    ) -> Result<Self, Error> {
        let recording = Recording::new(&context, &entry, &args, limits, replayable);
        let host = Host::new(context, &limits, None);
        Self::assemble(module, host, &entry, args, limits, recording)
    }

    /// Puts a process together; also a replay, whose host follows a script.
    pub(crate) fn assemble(
        module: &Module,
        host: Host,
        entry: &str,
        args: Vec<Value>,
        limits: Limits,
        recording: Recording,
    ) -> Result<Self, Error> {
        let mut store = ProcessStore::new(module.compiled.engine(), host);
        profile::make_room(&mut store, module);
        growth::make_room(&mut store, module);
        freeze::make_room(&mut store, module);
        let imports = host::imports(&mut store, module);
        let (instance, execution) = match Instance::new(&mut store, &module.compiled, &imports) {
            Ok(instance) => (Some(instance), Execution::Idle),
            Err(error) => (None, Execution::Ended(refused(&mut store, &error)?)),
        };
        let mut queue = Queue::new();
        if let Some(instance) = instance {
            store.data_mut().memory = instance.get_memory(&store, "memory");
            growth::bind(&mut store, instance);
            profile::bind(&mut store, instance);
            queue = calls(&store, instance, module, entry, args)?;
        }
        Ok(Self {
            store,
            instance,
            module: module.clone(),
            queue,
            execution,
            results: Vec::new(),
            limits,
            granted: 0,
            reserve: 0,
            recording,
            untried: false,
            told: false,
            is_fresh: false,
            listeners: Vec::new(),
            recorder: None,
            home: None,
        })
    }

    /// Runs for at most `steps` more steps, fewer if it blocks or ends, and says what it is doing then.
    ///
    /// Steps that a call leaves over, because the next operators would not fit, are added to the next call's. Once it has
    /// ended, the same state is returned again.
    pub fn run(&mut self, steps: u64) -> State {
        self.is_fresh = false;
        self.recording.next_turn(&self.store.data().context);
        let grant = steps.min(self.limits.steps_max - self.granted);
        self.granted += grant;
        self.reserve += grant;
        loop {
            self.refuel();
            let outcome = match core::mem::replace(&mut self.execution, Execution::Idle) {
                Execution::Ended(state) => {
                    self.execution = Execution::Ended(state.clone());
                    return state;
                }
                Execution::Frozen => {
                    self.execution = Execution::Frozen;
                    return trapped(TrapKind::HostPanic("it was frozen".into()));
                }
                Execution::Idle => match self.queue.pop_front() {
                    None => return self.end(State::Exited(0)),
                    Some(entry) => self.call(entry.func, &entry.args),
                },
                Execution::Waiting(suspended, call) => match call.make_in(&mut self.store) {
                    Ok(errno) => {
                        let inputs: &[Val] =
                            if call.syscall.returns_errno { &[Val::I32(errno)] } else { &[] };
                        suspended.resume(&mut self.store, inputs, &mut self.results)
                    }
                    Err(reason) if reason.is_for_now() => {
                        self.execution = Execution::Waiting(suspended, call);
                        return self.held_up(&reason);
                    }
                    Err(reason) => return self.end(ended(reason)),
                },
                Execution::Last(call) => match call.make_in(&mut self.store) {
                    Ok(errno) => {
                        if call.syscall.returns_errno {
                            self.results = Vec::from([Val::I32(errno)]);
                        }
                        Ok(ResumableCall::Finished)
                    }
                    Err(reason) if reason.is_for_now() => {
                        self.execution = Execution::Last(call);
                        return self.held_up(&reason);
                    }
                    Err(reason) => return self.end(ended(reason)),
                },
                Execution::Paused(paused) => {
                    if paused.required_fuel() > self.fuel() {
                        self.execution = Execution::Paused(paused);
                        return self.out_of_steps();
                    }
                    paused.resume(&mut self.store, &mut self.results)
                }
            };
            if let Some(state) = self.after(outcome) {
                return state;
            }
        }
    }

    /// The state after the interpreter has come back, or `None` if there is more to do at once.
    pub(crate) fn after(&mut self, outcome: Result<ResumableCall, wasmi::Error>) -> Option<State> {
        match outcome {
            Ok(ResumableCall::Finished) => None,
            Ok(ResumableCall::OutOfFuel(paused)) => {
                self.execution = Execution::Paused(paused);
                None
            }
            Ok(ResumableCall::HostTrap(suspended)) => {
                if suspended.host_error().as_trap_code().is_some() {
                    let state = failed(&self.store, suspended.host_error());
                    return Some(self.end(state));
                }
                let Some(Suspension { call, reason }) = suspended.host_error().downcast_ref()
                else {
                    let message = suspended.host_error().to_string();
                    return Some(self.end(trapped(TrapKind::HostPanic(message))));
                };
                let call = *call;
                if reason.is_for_now() {
                    let state = self.note(reason);
                    self.execution = Execution::Waiting(suspended, call);
                    return state;
                }
                let error = suspended.into_host_error().downcast::<Suspension>();
                Some(match error {
                    Some(suspension) => self.end(ended(suspension.reason)),
                    None => self.end(trapped(TrapKind::HostPanic(String::new()))),
                })
            }
            // With no frame left to go on with, the interpreter keeps nothing that could be resumed.
            Err(error) if error.downcast_ref::<Suspension>().is_some() => {
                let Suspension { call, reason } = error.downcast()?;
                if reason.is_for_now() {
                    self.execution = Execution::Last(call);
                    return self.note(&reason);
                }
                Some(self.end(ended(reason)))
            }
            Err(error) => {
                let state = failed(&self.store, &error);
                Some(self.end(state))
            }
        }
    }

    /// The state while a syscall cannot be made: for want of steps, or for what it waits for.
    fn held_up(&mut self, reason: &Reason) -> State {
        self.note(reason).unwrap_or_else(|| self.out_of_steps())
    }

    /// The state while a syscall waits; nothing if it has not been tried, for want of steps.
    fn note(&mut self, reason: &Reason) -> Option<State> {
        self.untried = !matches!(reason, Reason::Stop(_));
        self.told = !matches!(reason, Reason::Owing);
        match reason {
            Reason::Stop(Stop::Pending(wait)) => Some(State::Blocked(wait.clone())),
            Reason::FreezePoint => Some(State::FreezePoint),
            _ => None,
        }
    }

    pub(crate) fn call(
        &mut self,
        func: Func,
        args: &[Value],
    ) -> Result<ResumableCall, wasmi::Error> {
        let inputs: Vec<Val> = args.iter().map(|arg| (*arg).into()).collect();
        let ty = func.ty(&self.store);
        self.results = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
        func.call_resumable(&mut self.store, &inputs, &mut self.results)
    }

    /// Gives the interpreter what is in reserve, after paying what syscalls have cost.
    fn refuel(&mut self) {
        let fuel = self.fuel();
        let host = self.store.data_mut();
        let paid = host.owed.min(self.reserve);
        host.owed -= paid;
        host.given += self.reserve;
        let metered = self.store.set_fuel(fuel + self.reserve - paid);
        debug_assert!(metered.is_ok(), "the engine always meters");
        self.reserve = 0;
    }

    fn out_of_steps(&mut self) -> State {
        if self.granted == self.limits.steps_max {
            return self.end(State::Exhausted(Limit::Steps));
        }
        State::Yielded
    }

    pub(crate) fn end(&mut self, state: State) -> State {
        self.queue.clear();
        self.execution = Execution::Ended(state.clone());
        state
    }

    pub(crate) fn fuel(&self) -> u64 {
        // The engine always meters, so the interpreter always knows.
        self.store.get_fuel().unwrap_or(0)
    }

    /// Steps taken so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.store.data().steps(self.fuel())
    }

    /// Those of the steps that syscalls and growths have cost; the others are operators that the guest has executed.
    #[must_use]
    pub fn host_steps(&self) -> u64 {
        self.store.data().charged
    }

    /// Bytes of all linear memories. Memory never shrinks, so this is the peak too.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.store.data().growth.memory_bytes()
    }

    /// The linear memory that the module exports as `memory`.
    #[must_use]
    pub fn memory(&self) -> Option<&[u8]> {
        self.store.data().memory.map(|memory| memory.data(&self.store))
    }

    /// Syscalls that have finished so far.
    #[must_use]
    pub fn syscalls(&self) -> u64 {
        self.store.data().calls
    }

    /// The limit that a `memory.grow` or `table.grow` was last refused for, if one was. The guest may have gone on.
    #[must_use]
    pub fn growth_refused(&self) -> Option<Limit> {
        self.store.data().growth.refused
    }

    /// Whether a syscall has failed with `ENOSPC` or `EFBIG`: the guest's files would have outgrown the
    /// [`Quota`](vfs::Quota) of their tree, or its host. The guest may have gone on.
    #[must_use]
    pub fn files_refused(&self) -> bool {
        self.store.data().files_refused
    }

    /// What the entry function returned, once it has.
    #[must_use]
    pub fn results(&self) -> Vec<Value> {
        self.results.iter().filter_map(Value::from_val).collect()
    }

    /// The files as they are now.
    ///
    /// While the process is not over, this makes its run one that cannot be repeated: the host may change what it gets.
    pub fn fs(&mut self) -> &mut Namespace {
        if !self.is_over() {
            self.recording.touch();
        }
        self.context_mut().fs()
    }

    /// Ends the process and gives its files.
    #[must_use]
    pub fn into_fs(self) -> Namespace {
        self.store.into_data().context.into_fs()
    }

    /// The functions that were active when the process trapped, the innermost first.
    ///
    /// The interpreter keeps no names, so the run is repeated from its start on an instrumented copy of the module,
    /// which takes as long as the run did and a little more. `keep_going` is asked every few milliseconds whether to go on.
    ///
    /// # Errors
    /// [`NoBacktrace`]: the process has not trapped, the run cannot be repeated, or `keep_going` said no.
    pub fn backtrace(
        &self,
        mut keep_going: impl FnMut() -> bool,
    ) -> Result<Vec<Frame>, NoBacktrace> {
        match &self.execution {
            Execution::Ended(State::Trapped(trap)) if self.instance.is_some() => {
                let end = End { trap, steps: self.steps() };
                self.recording.backtrace(&self.module, &end, &mut keep_going)
            }
            _ => Err(NoBacktrace::NotTrapped),
        }
    }

    pub(crate) fn context_mut(&mut self) -> &mut Context {
        &mut self.store.data_mut().context
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn store(&self) -> (&Store<Host>, Option<Instance>) {
        (&self.store, self.instance)
    }

    /// Whether it stands at a syscall.
    pub(crate) fn is_at_call(&self) -> bool {
        self.call_made().is_some()
    }

    /// The syscall that it stands at.
    pub(crate) fn call_made(&self) -> Option<&Call> {
        match &self.execution {
            Execution::Waiting(_, call) | Execution::Last(call) => Some(call),
            _ => None,
        }
    }

    /// Whether it has ended, in whatever way: also by having been [frozen](Process::freeze) on code that it does not survive on.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.execution, Execution::Ended(_) | Execution::Frozen)
    }

    /// How it has ended, if it has.
    pub(crate) fn end_state(&self) -> Option<&State> {
        match &self.execution {
            Execution::Ended(state) => Some(state),
            _ => None,
        }
    }

    /// Has somebody look at its syscalls.
    pub(crate) fn watch(&mut self, watch: Watch) {
        self.store.data_mut().watch = Some(Box::new(watch));
    }

    /// Has somebody account for its steps. It is of an instrumented module, and nothing has run.
    pub(crate) fn account(&mut self, profiler: Profiler) {
        self.store.data_mut().profiler = Some(Box::new(profiler));
    }

    /// Why the run may not be the same again, as far as its syscalls show it.
    pub(crate) fn unrepeatable(&self) -> BTreeSet<&'static str> {
        let watch = self.store.data().watch.as_ref();
        watch.map(|watch| watch.reasons.clone()).unwrap_or_default()
    }
}
