//! How runs end, from what the interpreter and the syscalls say.

use alloc::string::ToString;

use syscalls::Stop;
use wasmi::Store;
use wasmi::errors::{ErrorKind, InstantiationError, MemoryError, TableError};

use crate::host::{Host, Reason};
use crate::{Error, Limit, State, Trap, TrapKind};

/// How a run ends for a reason that a syscall gave.
pub(crate) fn ended(reason: Reason) -> State {
    match reason {
        Reason::Stop(Stop::Exit(code)) => State::Exited(code),
        Reason::Stop(Stop::Fault(fault)) => trapped(TrapKind::Fault(fault)),
        Reason::Output => State::Exhausted(Limit::Output),
        #[cfg(feature = "std")]
        Reason::Panic(message) => trapped(TrapKind::HostPanic(message)),
        // An errno is the call's result, and what is for now was dealt with by the callers.
        Reason::Owing | Reason::FreezePoint | Reason::Stop(_) => {
            trapped(TrapKind::HostPanic(alloc::format!("unexpected {reason:?}")))
        }
    }
}

pub(crate) fn trapped(kind: TrapKind) -> State {
    State::Trapped(Trap { kind })
}

/// How a run ends for a reason that the interpreter gave.
pub(crate) fn failed(store: &Store<Host>, error: &wasmi::Error) -> State {
    use wasmi::TrapCode::{GrowthOperationLimited, OutOfSystemMemory};
    match error.as_trap_code() {
        Some(GrowthOperationLimited | OutOfSystemMemory) => {
            State::Exhausted(store.data().growth.refused.unwrap_or(Limit::HostMemory))
        }
        Some(code) => trapped(
            TrapKind::from_code(code).unwrap_or_else(|| TrapKind::HostPanic(error.to_string())),
        ),
        None => trapped(TrapKind::InvalidFunction(error.to_string())),
    }
}

/// The state of a process that could not be instantiated: a limit, a trap in a data or element segment, or an error.
pub(crate) fn refused(store: &mut Store<Host>, error: &wasmi::Error) -> Result<State, Error> {
    if let Some(limit) = store.data().growth.refused {
        return Ok(State::Exhausted(limit));
    }
    // A host with 32 bits cannot even ask for what others refuse.
    if let ErrorKind::Instantiation(error) = error.kind() {
        match error {
            InstantiationError::FailedToInstantiateMemory(MemoryError::MinimumSizeOverflow) => {
                store.data_mut().growth.refused = Some(Limit::Memory);
                return Ok(State::Exhausted(Limit::Memory));
            }
            InstantiationError::FailedToInstantiateTable(TableError::MinimumSizeOverflow) => {
                store.data_mut().growth.refused = Some(Limit::Table);
                return Ok(State::Exhausted(Limit::Table));
            }
            _ => {}
        }
    }
    match error.as_trap_code().and_then(TrapKind::from_code) {
        Some(kind) => Ok(trapped(kind)),
        None => Err(crate::module::from_interpreter(error)),
    }
}
