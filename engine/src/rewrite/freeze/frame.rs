//! One frame in memory.
//!
//! ```text
//! captured   | size u32 | function u32 | operator u32 | values …                                 the innermost frame first
//! thawed     | slot of the next clone u32             | values … | arguments of the import      the outermost frame first
//! ```
//!
//! A value takes as many bytes as its type, without padding. A function reference is a number: when it is captured that of
//! an entry in a table of references, afterwards 0 for null or the function's index and one more. External references
//! take nothing, because no host function gives any: they are null.

use alloc::vec::Vec;

use wasm_encoder::{Encode, Instruction, MemArg, ValType};

use crate::Error;

/// Bytes of a thawed frame before its values.
pub(crate) const LINK_BYTES: u32 = 4;

/// The locals of a function as they lie in a frame, in order: those of the prepared module, then those that the capture
/// pass adds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    types: Vec<ValType>,
    /// Where each lies behind the header.
    offsets: Vec<u32>,
    bytes: u32,
}

/// Where a function reference lies in a frame's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) offset: u32,
}

impl Values {
    /// Adds a value: its index.
    pub(super) fn push(&mut self, ty: ValType) -> u32 {
        let index = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        self.types.push(ty);
        self.offsets.push(self.bytes);
        self.bytes += bytes_of(ty);
        index
    }

    pub(super) fn len(&self) -> usize {
        self.types.len()
    }

    pub(super) fn types(&self) -> &[ValType] {
        &self.types
    }

    /// Bytes of all values.
    pub(crate) fn bytes(&self) -> u32 {
        self.bytes
    }

    /// The function references among them.
    pub(crate) fn references(&self) -> impl Iterator<Item = Slot> {
        let all = self.types.iter().zip(&self.offsets);
        all.filter(|(ty, _)| **ty == ValType::FUNCREF).map(|(_, offset)| Slot { offset: *offset })
    }

    /// Where the value with this index lies behind the header.
    pub(super) fn offset(&self, index: usize) -> u32 {
        self.offsets.get(index).copied().unwrap_or(u32::MAX)
    }
}

/// Bytes that a value takes.
pub(super) fn bytes_of(ty: ValType) -> u32 {
    match ty {
        ValType::I32 | ValType::F32 => 4,
        ValType::I64 | ValType::F64 => 8,
        ValType::V128 => 16,
        ValType::Ref(_) if ty == ValType::FUNCREF => 4,
        ValType::Ref(_) => 0,
    }
}

/// Writes the operator that stores a number; its address and value lie on the stack.
pub(super) fn store(ty: ValType, memory: u32, offset: u32, out: &mut Vec<u8>) {
    let at = place(memory, offset);
    let instruction = match ty {
        ValType::I64 => Instruction::I64Store(at),
        ValType::F32 => Instruction::F32Store(at),
        ValType::F64 => Instruction::F64Store(at),
        ValType::V128 => Instruction::V128Store(at),
        ValType::I32 | ValType::Ref(_) => Instruction::I32Store(at),
    };
    instruction.encode(out);
}

/// Writes the operator that loads a number; its address lies on the stack.
pub(super) fn load(ty: ValType, memory: u32, offset: u32, out: &mut Vec<u8>) {
    let at = place(memory, offset);
    let instruction = match ty {
        ValType::I64 => Instruction::I64Load(at),
        ValType::F32 => Instruction::F32Load(at),
        ValType::F64 => Instruction::F64Load(at),
        ValType::V128 => Instruction::V128Load(at),
        ValType::I32 | ValType::Ref(_) => Instruction::I32Load(at),
    };
    instruction.encode(out);
}

/// Writes a value of this type, whichever.
pub(super) fn dummy(ty: ValType, out: &mut Vec<u8>) {
    let instruction = match ty {
        ValType::I32 => Instruction::I32Const(0),
        ValType::I64 => Instruction::I64Const(0),
        ValType::F32 => Instruction::F32Const(0.0),
        ValType::F64 => Instruction::F64Const(0.0),
        ValType::V128 => Instruction::V128Const(0),
        ValType::Ref(ty) => Instruction::RefNull(ty.heap_type),
    };
    instruction.encode(out);
}

/// Writes the declaration of locals, grouped by type.
pub(super) fn declare(locals: &[ValType], out: &mut Vec<u8>) {
    let mut groups: Vec<(u32, ValType)> = Vec::new();
    for ty in locals {
        match groups.last_mut() {
            Some((count, same)) if same == ty => *count += 1,
            _ => groups.push((1, *ty)),
        }
    }
    groups.len().encode(out);
    for (count, ty) in groups {
        count.encode(out);
        ty.encode(out);
    }
}

/// Refuses a function with more locals than the interpreter is sure to take, by its index.
///
/// # Errors
/// [`Error::NotFreezable`].
pub(super) fn check_locals(function: u32, locals: usize) -> Result<(), Error> {
    if locals > LOCALS_MAX {
        return Err(Error::NotFreezable {
            reason: alloc::format!(
                "function {function} would have {locals} locals, more than {LOCALS_MAX}"
            ),
        });
    }
    Ok(())
}

/// Whether what is written of a copy is in proportion to its module: what is kept of operands is written at each call.
///
/// # Errors
/// [`Error::NotFreezable`].
pub(super) fn check_copy(function: u32, bytes: usize, module_bytes: usize) -> Result<(), Error> {
    let max = module_bytes.saturating_mul(COPY_RATIO_MAX).saturating_add(COPY_BYTES_MIN);
    if bytes > max {
        return Err(Error::NotFreezable {
            reason: alloc::format!(
                "with function {function} its copy would have more than {max} bytes, out of proportion to its {module_bytes}"
            ),
        });
    }
    Ok(())
}

fn place(memory: u32, offset: u32) -> MemArg {
    MemArg { offset: offset.into(), align: 0, memory_index: memory }
}

/// The interpreter numbers the places of a function's values with 16 bits, and a vector takes two.
const LOCALS_MAX: usize = 16_000;
/// How many times as large as its module a copy may be; those of interpreters are twice as large.
const COPY_RATIO_MAX: usize = 16;
/// What any copy may have.
const COPY_BYTES_MIN: usize = 4 << 20;
