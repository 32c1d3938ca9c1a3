//! How a run ended, in words that do not change: what receipts and reports hold.

use alloc::string::ToString;

use serde_json::{Value, json};

use crate::{Limit, State, TrapKind};

impl TrapKind {
    /// Its name: stable, in lower case with underscores.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::MemoryOutOfBounds => "memory_out_of_bounds",
            Self::TableOutOfBounds => "table_out_of_bounds",
            Self::IndirectCallToNull => "indirect_call_to_null",
            Self::IndirectCallTypeMismatch => "indirect_call_type_mismatch",
            Self::IntegerDivideByZero => "integer_divide_by_zero",
            Self::IntegerOverflow => "integer_overflow",
            Self::InvalidConversionToInteger => "invalid_conversion_to_integer",
            Self::StackOverflow => "stack_overflow",
            Self::Fault(_) => "fault",
            Self::InvalidFunction(_) => "invalid_function",
            Self::HostPanic(_) => "host_panic",
        }
    }
}

impl Limit {
    /// Its name: stable, in lower case with underscores.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Output => "output",
            Self::HostMemory => "host_memory",
        }
    }
}

/// How a run ended, for a receipt; `None` if it has not.
pub(crate) fn to_json(state: Option<&State>) -> Value {
    match state {
        Some(State::Exited(code)) => json!({ "kind": "exited", "exit_code": code }),
        Some(State::Trapped(trap)) => json!({
            "kind": "trapped",
            "trap": trap.kind.name(),
            "message": trap.to_string(),
        }),
        Some(State::Exhausted(limit)) => json!({ "kind": "limit", "limit": limit.name() }),
        Some(State::Yielded | State::Blocked(_) | State::FreezePoint) | None => {
            json!({ "kind": "unfinished" })
        }
    }
}
