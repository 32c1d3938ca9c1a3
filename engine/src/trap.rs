//! How a run failed, and where.

use alloc::string::String;
use core::fmt;

use syscalls::Fault;
use wasmi::TrapCode;

use crate::names;

/// A run that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trap {
    /// What happened.
    pub kind: TrapKind,
}

/// What happened, with the specification's words where it has some.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TrapKind {
    /// The `unreachable` operator: what `abort`, a failed assertion or a panic compiles to.
    Unreachable,
    /// A load or store outside linear memory.
    MemoryOutOfBounds,
    /// An access outside a table.
    TableOutOfBounds,
    /// An indirect call through an empty table element.
    IndirectCallToNull,
    /// An indirect call of a function of another type.
    IndirectCallTypeMismatch,
    /// An integer division by zero.
    IntegerDivideByZero,
    /// An integer division that overflows.
    IntegerOverflow,
    /// A float that is no integer, or too large for one.
    InvalidConversionToInteger,
    /// More frames, or larger ones, than the engine allows.
    StackOverflow,
    /// A syscall was given a pointer outside memory.
    Fault(Fault),
    /// A function body turned out to be none that the interpreter takes when it was first called: it has more than 30 000
    /// locals or needs more than 65 535 slots, or the module was made by
    /// [`Module::from_prepared`](crate::Module::from_prepared) from other bytes.
    InvalidFunction(String),
    /// A bug in a syscall of the host. Please report it.
    HostPanic(String),
}

impl TrapKind {
    /// The kind for the interpreter's code; `None` for the codes that are limits.
    pub(crate) fn from_code(code: TrapCode) -> Option<Self> {
        Some(match code {
            TrapCode::UnreachableCodeReached => Self::Unreachable,
            TrapCode::MemoryOutOfBounds => Self::MemoryOutOfBounds,
            TrapCode::TableOutOfBounds => Self::TableOutOfBounds,
            TrapCode::IndirectCallToNull => Self::IndirectCallToNull,
            TrapCode::IntegerDivisionByZero => Self::IntegerDivideByZero,
            TrapCode::IntegerOverflow => Self::IntegerOverflow,
            TrapCode::BadConversionToInteger => Self::InvalidConversionToInteger,
            TrapCode::StackOverflow => Self::StackOverflow,
            TrapCode::BadSignature => Self::IndirectCallTypeMismatch,
            _ => return None,
        })
    }
}

impl fmt::Display for TrapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable executed (an abort, a failed assertion or a panic)",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "out of bounds table access",
            Self::IndirectCallToNull => "indirect call to an empty table element",
            Self::IndirectCallTypeMismatch => "indirect call type mismatch",
            Self::IntegerDivideByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::InvalidConversionToInteger => "invalid conversion to integer",
            Self::StackOverflow => "call stack exhausted",
            Self::Fault(fault) => return fault.fmt(f),
            Self::InvalidFunction(message) => return write!(f, "invalid function: {message}"),
            Self::HostPanic(message) => {
                return write!(f, "bug in a syscall, please report it: {message}");
            }
        })
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// A function that was active when a run trapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its index in the module, imports first.
    pub function: u32,
    /// Its name from the module's name section, demangled no further.
    pub name: Option<String>,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} (function {})", names::shown(name), self.function),
            None => write!(f, "function {}", self.function),
        }
    }
}
