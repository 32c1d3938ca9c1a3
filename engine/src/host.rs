//! The syscall table bound to the interpreter.

use alloc::vec::Vec;
use core::fmt;

use syscalls::{Context, GuestMemory, Stop, Syscall};
use wasmi::{AsContextMut, Caller, Error, Extern, Func, FuncType, Memory, Store, Val};

use crate::cost::Meter;
use crate::limits::Growth;
use crate::module::value_type;
use crate::replay::Script;
use crate::{Limits, Module};

/// What belongs to one process inside the interpreter's store.
pub(crate) struct Host {
    pub(crate) context: Context,
    pub(crate) growth: Growth,
    /// The export `memory`, looked up once.
    pub(crate) memory: Option<Memory>,
    /// Steps that syscalls have cost and the interpreter's fuel has not paid yet.
    pub(crate) owed: u64,
    /// Syscalls that have finished, for the log that a backtrace replays.
    pub(crate) calls: u64,
    /// The host's doings of a recorded run, where this is its replay.
    pub(crate) script: Option<Script>,
}

impl Host {
    pub(crate) fn new(context: Context, limits: &Limits, script: Option<Script>) -> Self {
        Self { context, growth: Growth::new(limits), memory: None, owed: 0, calls: 0, script }
    }
}

/// Why a syscall gave control back to the host, with what is needed to make it again.
#[derive(Debug)]
pub(crate) struct Suspension {
    pub(crate) call: Call,
    pub(crate) reason: Reason,
}

/// A syscall and its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) syscall: &'static Syscall,
    meter: Meter,
    args: [u64; ARGS_MAX],
}

/// No syscall of the table has more parameters: `path_open` has nine.
const ARGS_MAX: usize = 12;

/// What the host has to deal with.
#[derive(Debug)]
pub(crate) enum Reason {
    /// Everything that is not an errno.
    Stop(Stop),
    /// The guest has written more than it may.
    Output,
    /// A syscall panicked.
    #[cfg(feature = "std")]
    Panic(alloc::string::String),
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.syscall.name)
    }
}

impl fmt::Display for Suspension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} suspends the guest", self.call.syscall.name)
    }
}

impl wasmi::errors::HostError for Suspension {}

/// The host functions for a module's imports, in their order.
pub(crate) fn imports(store: &mut Store<Host>, module: &Module) -> Vec<Extern> {
    module.imports.iter().map(|syscall| Extern::Func(bind(store, syscall))).collect()
}

fn bind(store: &mut Store<Host>, syscall: &'static Syscall) -> Func {
    let params: Vec<_> = syscall.params.iter().map(|param| value_type(param.ty)).collect();
    let results: Vec<_> =
        syscall.returns_errno.then_some(wasmi::ValType::I32).into_iter().collect();
    let ty = FuncType::new(params, results);
    let meter = Meter::new(syscall);
    Func::new(store, ty, move |mut caller: Caller<'_, Host>, params, results| {
        let mut args = [0; ARGS_MAX];
        for (arg, param) in args.iter_mut().zip(params) {
            *arg = match param {
                Val::I32(value) => u64::from(value.cast_unsigned()),
                Val::I64(value) => value.cast_unsigned(),
                _ => 0,
            };
        }
        let call = Call { syscall, meter, args };
        let outcome = call.make_in(&mut caller);
        match outcome {
            Ok(errno) => {
                if let Some(result) = results.first_mut() {
                    *result = Val::I32(errno);
                }
                Ok(())
            }
            Err(reason) => Err(Error::host(Suspension { call, reason })),
        }
    })
}

/// Pays what is owed from the interpreter's fuel, as far as it goes.
fn pay(mut store: impl AsContextMut<Data = Host>) {
    let mut store = store.as_context_mut();
    // The engine always meters, so the interpreter always knows.
    let fuel = store.get_fuel().unwrap_or(0);
    let paid = fuel.min(store.data().owed);
    store.data_mut().owed -= paid;
    let metered = store.set_fuel(fuel - paid);
    debug_assert!(metered.is_ok(), "the engine always meters");
}

impl Call {
    /// Makes the syscall on a process: its errno, 0 for success, or what the host has to deal with.
    pub(crate) fn make_in(&self, mut store: impl AsContextMut<Data = Host>) -> Result<i32, Reason> {
        let mut store = store.as_context_mut();
        let outcome = match store.data().memory {
            Some(memory) => {
                let (bytes, host) = memory.data_and_store_mut(&mut store);
                self.make(bytes, host)
            }
            None => self.make(&mut [], store.data_mut()),
        };
        pay(&mut store);
        outcome
    }

    fn make(&self, memory: &mut [u8], host: &mut Host) -> Result<i32, Reason> {
        loop {
            if let Some(script) = &mut host.script {
                script.before_call(host.calls, &mut host.context);
            }
            match self.make_once(memory, host) {
                // In a replay the host's next doing stands in the script.
                Err(Reason::Stop(Stop::Pending(_)))
                    if host.script.as_mut().is_some_and(|script| {
                        script.while_blocked(host.calls, &mut host.context)
                    }) => {}
                outcome => return outcome,
            }
        }
    }

    fn make_once(&self, memory: &mut [u8], host: &mut Host) -> Result<i32, Reason> {
        let args = &self.args[..self.syscall.params.len()];
        let outcome =
            guarded(|| (self.syscall.call)(&mut host.context, &mut GuestMemory(memory), args))?;
        let errno = match outcome {
            Ok(()) => 0,
            Err(Stop::Errno(errno)) => i32::from(errno as u16),
            Err(stop) => return Err(Reason::Stop(stop)),
        };
        host.calls += 1;
        host.owed = host.owed.saturating_add(self.meter.steps(args, memory, errno == 0));
        let context = &mut host.context;
        if context.stdout().is_exceeded() || context.stderr().is_exceeded() {
            return Err(Reason::Output);
        }
        Ok(errno)
    }
}

/// Runs a syscall so that a panic in it does not unwind through the interpreter, whose frames would abort the process.
#[cfg(feature = "std")]
fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Reason> {
    use alloc::string::{String, ToString};
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).map_err(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Reason::Panic(message.unwrap_or_default())
    })
}

#[cfg(not(feature = "std"))]
fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Reason> {
    Ok(call())
}
