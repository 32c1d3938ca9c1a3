//! Values as operators that push them.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use wasm_encoder::{Encode, Instruction, ValType};

/// Writes operators that push values, and keeps which functions they refer to: those have to be declared.
#[derive(Default)]
pub(super) struct Constants {
    pub(super) functions: BTreeSet<u32>,
}

impl Constants {
    /// Writes the operator that pushes a value, which lies in the first bytes: little-endian, a function reference as 0 for
    /// null or the function's index and one more. Missing bytes are 0, and external references are null.
    pub(super) fn push(&mut self, ty: ValType, bytes: &[u8], out: &mut Vec<u8>) {
        match ty {
            ValType::I32 => Instruction::I32Const(i32::from_le_bytes(first(bytes))).encode(out),
            ValType::I64 => Instruction::I64Const(i64::from_le_bytes(first(bytes))).encode(out),
            // By their bits: a float that passes through a register can lose those of a signalling NaN.
            ValType::F32 => {
                out.push(F32_CONST);
                out.extend_from_slice(&first::<4>(bytes));
            }
            ValType::F64 => {
                out.push(F64_CONST);
                out.extend_from_slice(&first::<8>(bytes));
            }
            ValType::V128 => {
                Instruction::V128Const(i128::from_le_bytes(first(bytes))).encode(out);
            }
            ValType::Ref(reference) => match u32::from_le_bytes(first(bytes)).checked_sub(1) {
                Some(function) if ty == ValType::FUNCREF => {
                    self.functions.insert(function);
                    Instruction::RefFunc(function).encode(out);
                }
                _ => Instruction::RefNull(reference.heap_type).encode(out),
            },
        }
    }
}

/// The first bytes, and 0 for those that are not there.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let len = bytes.len().min(N);
    out[..len].copy_from_slice(&bytes[..len]);
    out
}

const F32_CONST: u8 = 0x43;
const F64_CONST: u8 = 0x44;
