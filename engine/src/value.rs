//! Numbers that pass between the host and an exported function.

use core::fmt;

use wasmi::{F32, F64, Val, ValType};

/// A number as WebAssembly has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// 32 bits.
    I32(i32),
    /// 64 bits.
    I64(i64),
    /// Single precision.
    F32(f32),
    /// Double precision.
    F64(f64),
}

impl Value {
    /// Reads `text` as a value of the type that `parameter` is named by.
    pub(crate) fn parse(text: &str, ty: ValType) -> Option<Self> {
        match ty {
            // Bit patterns above the signed maximum are common as addresses and flags, so both readings are taken.
            ValType::I32 => text
                .parse()
                .or_else(|_| text.parse::<u32>().map(u32::cast_signed))
                .ok()
                .map(Self::I32),
            ValType::I64 => text
                .parse()
                .or_else(|_| text.parse::<u64>().map(u64::cast_signed))
                .ok()
                .map(Self::I64),
            ValType::F32 => text.parse().ok().map(Self::F32),
            ValType::F64 => text.parse().ok().map(Self::F64),
            _ => None,
        }
    }

    /// Whether values of this type are numbers.
    pub(crate) fn is_number(ty: ValType) -> bool {
        matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
    }

    /// Its bits, those of a short one in the lower half.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Self::I32(value) => value.cast_unsigned().into(),
            Self::I64(value) => value.cast_unsigned(),
            Self::F32(value) => value.to_bits().into(),
            Self::F64(value) => value.to_bits(),
        }
    }

    pub(crate) fn from_val(val: &Val) -> Option<Self> {
        match val {
            Val::I32(value) => Some(Self::I32(*value)),
            Val::I64(value) => Some(Self::I64(*value)),
            Val::F32(value) => Some(Self::F32(value.to_float())),
            Val::F64(value) => Some(Self::F64(value.to_float())),
            _ => None,
        }
    }
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        match value {
            Value::I32(value) => Self::I32(value),
            Value::I64(value) => Self::I64(value),
            Value::F32(value) => Self::F32(F32::from_float(value)),
            Value::F64(value) => Self::F64(F64::from_float(value)),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F32(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
        }
    }
}
