//! The syscall table bound to the interpreter.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use syscalls::{Context, GuestMemory, Stop, Syscall, ValType};
use vfs::Errno;
use wasmi::{
    AsContextMut, Caller, Error, Extern, Func, FuncType, Memory, Store, StoreContextMut, Val,
};

use crate::cost::{Meter, NANOSECONDS_PER_STEP};
use crate::freeze::Awaited;
use crate::limits::Growth;
use crate::module::value_type;
use crate::profiler::Profiler;
use crate::replay::Script;
use crate::watch::{Finished, Watch};
use crate::{Limits, Module};

/// What belongs to one process inside the interpreter's store.
pub(crate) struct Host {
    pub(crate) context: Context,
    pub(crate) growth: Growth,
    /// The export `memory`, looked up once.
    pub(crate) memory: Option<Memory>,
    /// Steps that were given to the guest so far, as fuel or for what it owed.
    pub(crate) given: u64,
    /// Steps that syscalls have cost and the interpreter's fuel has not paid yet.
    pub(crate) owed: u64,
    /// Steps that syscalls and growths have cost so far, paid or not.
    pub(crate) charged: u64,
    /// Syscalls that have finished, for the log that a backtrace replays.
    pub(crate) calls: u64,
    /// Whether a syscall has failed because files would have become more, or larger, than they may.
    pub(crate) files_refused: bool,
    /// Where the process is to stop so that it can be frozen.
    pub(crate) freeze_at: Option<Box<Awaited>>,
    /// The host's doings of a recorded run, where this is its replay.
    pub(crate) script: Option<Script>,
    /// Who looks at the syscalls, if anybody does.
    pub(crate) watch: Option<Box<Watch>>,
    /// Who accounts for the steps, if anybody does.
    pub(crate) profiler: Option<Box<Profiler>>,
}

impl Host {
    pub(crate) fn new(context: Context, limits: &Limits, script: Option<Script>) -> Self {
        Self {
            context,
            growth: Growth::new(limits),
            memory: None,
            given: 0,
            owed: 0,
            charged: 0,
            calls: 0,
            files_refused: false,
            freeze_at: None,
            script,
            watch: None,
            profiler: None,
        }
    }
}

impl Host {
    /// Steps taken so far, where the interpreter has this much fuel left.
    pub(crate) fn steps(&self, fuel: u64) -> u64 {
        (self.given - fuel).saturating_add(self.owed)
    }

    /// Charges the guest for what the host has done for it.
    pub(crate) fn charge(&mut self, what: &'static str, steps: u64) {
        self.owed = self.owed.saturating_add(steps);
        self.charged = self.charged.saturating_add(steps);
        if let Some(profiler) = &mut self.profiler {
            profiler.charge(what, steps);
        }
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

impl Call {
    /// Its arguments.
    pub(crate) fn args(&self) -> &[u64] {
        &self.args[..self.syscall.params.len()]
    }

    /// Whether another is of the same syscall with the same arguments.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        core::ptr::eq(self.syscall, other.syscall) && self.args() == other.args()
    }
}

/// A syscall as an import of a module.
#[derive(Clone, Copy)]
struct Import {
    syscall: &'static Syscall,
    meter: Meter,
}

/// No syscall of the table has more parameters: `path_open` has nine.
const ARGS_MAX: usize = 12;

/// What the host has to deal with.
#[derive(Debug)]
pub(crate) enum Reason {
    /// Everything that is not an errno.
    Stop(Stop),
    /// Earlier calls have cost more steps than there were, so this one is not tried yet.
    Owing,
    /// The process is to stop before this call.
    FreezePoint,
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
    let import = Import { syscall, meter: Meter::of(syscall, &store.data().context) };
    import.wrap_typed(store).unwrap_or_else(|| import.wrap(store))
}

/// Makes the host function for an import that has one of these types and returns an errno.
///
/// Where the compiler knows a function's type, the interpreter's arguments are read where they stand. Otherwise each call
/// allocates a list of values, which takes as long as a short syscall.
macro_rules! wrap_typed {
    ($import:ident, $store:ident; $([$($arg:ident: $ty:ident),*])*) => {
        $(if $import.syscall.params.iter().map(|param| param.ty).eq([$(ValType::$ty),*]) {
            return Some(Func::wrap(
                $store,
                move |caller: Caller<'_, Host> $(, $arg: wrap_typed!($ty))*| {
                    $import.call(caller, &[$(u64::from($arg)),*])
                },
            ));
        })*
    };
    (I32) => { u32 };
    (I64) => { u64 };
}

impl Import {
    /// As [`Import::wrap`], and faster, if it has one of the types of the tables and returns an errno.
    fn wrap_typed(self, store: &mut Store<Host>) -> Option<Func> {
        if !self.syscall.returns_errno {
            return None;
        }
        wrap_typed! { self, store;
            []
            [a: I32]
            [a: I32, b: I32]
            [a: I32, b: I32, c: I32]
            [a: I32, b: I32, c: I32, d: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I32, f: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I32, f: I32, g: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I32, f: I32, g: I32, h: I32]
            [a: I32, b: I64]
            [a: I32, b: I64, c: I32]
            [a: I32, b: I64, c: I64]
            [a: I32, b: I64, c: I32, d: I32]
            [a: I32, b: I64, c: I64, d: I32]
            [a: I32, b: I32, c: I32, d: I64, e: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I64, f: I64, g: I32]
            [a: I32, b: I32, c: I32, d: I32, e: I32, f: I64, g: I64, h: I32, i: I32]
        }
        None
    }

    /// The host function for an import of any type.
    fn wrap(self, store: &mut Store<Host>) -> Func {
        let params = self.syscall.params.iter().map(|param| value_type(param.ty));
        let results = self.syscall.returns_errno.then_some(wasmi::ValType::I32);
        let ty = FuncType::new(params, results);
        Func::new(store, ty, move |caller: Caller<'_, Host>, params, results| {
            let mut args = [0; ARGS_MAX];
            for (arg, param) in args.iter_mut().zip(params) {
                *arg = match param {
                    Val::I32(value) => u64::from(value.cast_unsigned()),
                    Val::I64(value) => value.cast_unsigned(),
                    _ => 0,
                };
            }
            let errno = self.call(caller, &args[..params.len()])?;
            if let Some(result) = results.first_mut() {
                *result = Val::I32(errno);
            }
            Ok(())
        })
    }

    /// Makes the syscall for the guest: its errno, or what suspends the guest.
    #[inline(never)]
    fn call(&self, mut caller: Caller<'_, Host>, args: &[u64]) -> Result<i32, Error> {
        self.make_in(caller.as_context_mut(), args).map_err(|reason| {
            let mut call = Call { syscall: self.syscall, meter: self.meter, args: [0; ARGS_MAX] };
            call.args[..args.len()].copy_from_slice(args);
            Error::host(Suspension { call, reason: *reason })
        })
    }

    /// Makes the syscall on a process: its errno, 0 for success, or what the host has to deal with.
    ///
    /// That is rare and large, so it is in a box: what every call returns is small.
    #[inline(always)]
    fn make_in(
        &self,
        mut store: StoreContextMut<'_, Host>,
        args: &[u64],
    ) -> Result<i32, Box<Reason>> {
        // The engine always meters, so the interpreter always knows.
        let fuel = store.get_fuel().unwrap_or(0);
        let host = store.data_mut();
        // Between two calls the guest may pass no place where the interpreter would stop it.
        if host.owed > 0 {
            return Err(Box::new(Reason::Owing));
        }
        if host.freeze_at.is_some() && self.is_freeze_point(&mut store, args) {
            return Err(Box::new(Reason::FreezePoint));
        }
        let host = store.data_mut();
        let steps = host.steps(fuel);
        host.context.computed(steps.saturating_mul(NANOSECONDS_PER_STEP));
        let outcome = match store.data().memory {
            Some(memory) => {
                let (bytes, host) = memory.data_and_store_mut(&mut store);
                self.make(bytes, host, args)
            }
            None => self.make(&mut [], store.data_mut(), args),
        };
        if matches!(outcome, Ok(errno) if errno == Errno::Nospc as i32 || errno == Errno::Fbig as i32)
        {
            store.data_mut().files_refused = true;
        }
        if store.data().watch.is_some() {
            self.show(&mut store, args, steps, &outcome);
        }
        pay(store);
        outcome
    }

    /// Whether the process is to stop before this call. It does so once.
    #[cold]
    fn is_freeze_point(&self, store: &mut StoreContextMut<'_, Host>, args: &[u64]) -> bool {
        let memory = store.data().memory;
        let (bytes, host) = match memory {
            Some(memory) => memory.data_and_store_mut(&mut *store),
            None => (&mut [][..], store.data_mut()),
        };
        let Host { freeze_at, context, calls, .. } = host;
        let is_here = freeze_at
            .as_mut()
            .is_some_and(|point| point.is_at(self.syscall, args, bytes, context, *calls));
        if is_here {
            *freeze_at = None;
        }
        is_here
    }

    /// Shows a syscall to who looks at them, unless it waits.
    #[cold]
    fn show(
        &self,
        store: &mut StoreContextMut<'_, Host>,
        args: &[u64],
        steps: u64,
        outcome: &Result<i32, Box<Reason>>,
    ) {
        let errno = |number: i32| Errno::ALL.iter().find(|errno| **errno as i32 == number);
        let result = match outcome.as_ref().map_err(|reason| &**reason) {
            Ok(number) => errno(*number).map_or(Ok(()), |errno| Err(Stop::Errno(*errno))),
            Err(Reason::Output) => Ok(()),
            Err(Reason::Stop(stop)) if !matches!(stop, Stop::Pending(_)) => Err(stop.clone()),
            Err(_) => return,
        };
        let memory = store.data().memory;
        let (bytes, host) = match memory {
            Some(memory) => memory.data_and_store_mut(&mut *store),
            None => (&mut [][..], store.data_mut()),
        };
        let Host { watch, context, .. } = host;
        if let Some(watch) = watch {
            let syscall = self.syscall;
            watch.look(&Finished { syscall, args, memory: bytes, steps, result: &result }, context);
        }
    }

    #[inline(always)]
    fn make(&self, memory: &mut [u8], host: &mut Host, args: &[u64]) -> Result<i32, Box<Reason>> {
        loop {
            if let Some(script) = &mut host.script {
                script.before_call(host.calls, &mut host.context);
            }
            match self.make_once(memory, host, args) {
                // In a replay the host's next doing stands in the script.
                Err(reason)
                    if matches!(*reason, Reason::Stop(Stop::Pending(_)))
                        && host.script.as_mut().is_some_and(|script| {
                            script.while_blocked(host.calls, &mut host.context)
                        }) => {}
                outcome => return outcome,
            }
        }
    }

    #[inline(always)]
    fn make_once(
        &self,
        memory: &mut [u8],
        host: &mut Host,
        args: &[u64],
    ) -> Result<i32, Box<Reason>> {
        // What a closure captures or returns by value is moved in and out of the place that is guarded, which takes as
        // long as a short syscall. So it works on what stands here.
        let memory = &mut GuestMemory(memory);
        let before = host.context.walked();
        let (mut errno, mut failure) = (0, None);
        guarded(|| match (self.syscall.call)(&mut host.context, memory, args) {
            Ok(()) => {}
            Err(Stop::Errno(failed)) => errno = i32::from(failed as u16),
            Err(stop) => failure = Some(Box::new(Reason::Stop(stop))),
        })?;
        if let Some(reason) = failure {
            return Err(reason);
        }
        host.calls += 1;
        let walked = host.context.walked() - before;
        host.charge(self.syscall.name, self.meter.steps(args, memory.0, errno == 0, walked));
        let context = &mut host.context;
        if context.stdout().is_exceeded() || context.stderr().is_exceeded() {
            return Err(Box::new(Reason::Output));
        }
        Ok(errno)
    }
}

impl Reason {
    /// Whether the call is to be made again.
    pub(crate) fn is_for_now(&self) -> bool {
        matches!(self, Self::Owing | Self::FreezePoint | Self::Stop(Stop::Pending(_)))
    }
}

/// Pays what is owed from the interpreter's fuel, as far as it goes.
#[inline(always)]
pub(crate) fn pay(mut store: StoreContextMut<'_, Host>) {
    // The engine always meters, so the interpreter always knows.
    let fuel = store.get_fuel().unwrap_or(0);
    let paid = fuel.min(store.data().owed);
    store.data_mut().owed -= paid;
    let metered = store.set_fuel(fuel - paid);
    debug_assert!(metered.is_ok(), "the engine always meters");
}

impl Call {
    /// Makes the syscall again: its errno, 0 for success, or what the host has to deal with.
    pub(crate) fn make_in(&self, mut store: impl AsContextMut<Data = Host>) -> Result<i32, Reason> {
        let import = Import { syscall: self.syscall, meter: self.meter };
        import.make_in(store.as_context_mut(), self.args()).map_err(|reason| *reason)
    }
}

/// Runs a syscall so that a panic in it does not unwind through the interpreter, whose frames would abort the process.
#[cfg(feature = "std")]
#[inline]
fn guarded(call: impl FnOnce()) -> Result<(), Box<Reason>> {
    use alloc::string::{String, ToString};
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).map_err(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Box::new(Reason::Panic(message.unwrap_or_default()))
    })
}

#[cfg(not(feature = "std"))]
fn guarded(call: impl FnOnce()) -> Result<(), Box<Reason>> {
    call();
    Ok(())
}

#[cfg(test)]
mod tests {
    use syscalls::{MODULES, Setup, WASMEDGE};
    use vfs::{EPOCH, Mount, Namespace, Quota, Tree};
    use wasmi::Engine;

    use super::*;

    #[test]
    fn host_functions_have_the_types_of_their_rows() {
        let fs = Box::new(Tree::new(Quota::default(), EPOCH));
        let context = Context::new(Setup::new(Namespace::new(Mount { fs, read_only: false })));
        let host = Host::new(context, &Limits::default(), None);
        let mut store = Store::new(&Engine::default(), host);
        let tables = MODULES.iter().map(|(_, table)| *table).chain([WASMEDGE]);
        for syscall in tables.flatten() {
            let import = Import { syscall, meter: Meter::new(syscall) };
            let typed = import.wrap_typed(&mut store);
            assert_eq!(
                typed.is_some(),
                syscall.returns_errno,
                "{} and its type in the list",
                syscall.name
            );
            let untyped = import.wrap(&mut store);
            for func in typed.into_iter().chain([untyped]) {
                let ty = func.ty(&store);
                let params = syscall.params.iter().map(|param| value_type(param.ty));
                assert!(params.eq(ty.params().iter().copied()), "{}", syscall.name);
                assert_eq!(ty.results().len(), usize::from(syscall.returns_errno));
            }
        }
    }
}
