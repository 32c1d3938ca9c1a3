//! The code by which a function writes its frame down and returns, when the host has the stack unwind.
//!
//! ```text
//! block $unwind
//!   block (result R)  <body>  end   return          each call that control can reach is followed by
//! end                                                 i32.const <its number>  local.set $site
//! <write the frame>  <values of the result's types>   global.get $unwinding   br_if $unwind
//! ```

use alloc::vec::Vec;

use wasm_encoder::{BlockType, Encode, Instruction, MemArg, ValType};

use super::FRAME_HEADER_BYTES;
use super::frame::{self, Values};
use super::visible::Module;
use crate::Error;

/// The indices of what is added to a module that can be frozen.
#[derive(Clone, Copy, Default)]
pub(super) struct Added {
    pub(super) memory: u32,
    pub(super) unwinding: u32,
    pub(super) top: u32,
    pub(super) references: u32,
    pub(super) references_top: u32,
}

/// A function, or a clone of one, that can write its frame down.
pub(super) struct Unwinding<'a> {
    pub(super) module: &'a Module,
    pub(super) added: Added,
    /// The function; of a clone, its original.
    pub(super) function: u32,
    pub(super) values: &'a Values,
    pub(super) site_local: u32,
}

/// Writes what follows a call with this number: if the stack is to unwind, control leaves to the label at this depth.
pub(super) fn look(number: u32, site_local: u32, unwinding: u32, depth: u32, out: &mut Vec<u8>) {
    Instruction::I32Const(number.cast_signed()).encode(out);
    Instruction::LocalSet(site_local).encode(out);
    Instruction::GlobalGet(unwinding).encode(out);
    Instruction::BrIf(depth).encode(out);
}

/// Writes what follows the dropping of a segment: it is noted in the byte of the memory that stands for it.
pub(super) fn note_drop(flag: u32, memory: u32, out: &mut Vec<u8>) {
    Instruction::I32Const(flag.cast_signed()).encode(out);
    Instruction::I32Const(1).encode(out);
    Instruction::I32Store8(MemArg { offset: 0, align: 0, memory_index: memory }).encode(out);
}

impl Unwinding<'_> {
    /// Writes the operators of a body, with its own `end`, and what surrounds them.
    ///
    /// # Errors
    /// [`Error::Unsupported`].
    pub(super) fn wrap(&self, operators: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let results = self.module.results_of(self.function)?;
        Instruction::Block(BlockType::Empty).encode(out);
        out.push(BLOCK);
        out.extend_from_slice(self.module.block_type(self.function));
        // Their own `end` closes the inner block.
        out.extend_from_slice(operators);
        Instruction::Return.encode(out);
        Instruction::End.encode(out);
        self.write_frame(out);
        for ty in results {
            frame::dummy(ty, out);
        }
        Instruction::End.encode(out);
        Ok(())
    }

    fn write_frame(&self, out: &mut Vec<u8>) {
        let Added { memory, top, .. } = self.added;
        let header = u32::try_from(FRAME_HEADER_BYTES).unwrap_or(u32::MAX);
        let size = header + self.values.bytes();
        let constants = [(0, Some(size)), (4, Some(self.function)), (8, None)];
        for (offset, constant) in constants {
            Instruction::GlobalGet(top).encode(out);
            match constant {
                Some(value) => Instruction::I32Const(value.cast_signed()).encode(out),
                None => Instruction::LocalGet(self.site_local).encode(out),
            }
            frame::store(ValType::I32, memory, offset, out);
        }
        for (index, ty) in (0..).zip(self.values.types()) {
            let offset = header + self.values.offset(index as usize);
            self.write_value(index, *ty, offset, out);
        }
        add(top, size, out);
    }

    fn write_value(&self, local: u32, ty: ValType, offset: u32, out: &mut Vec<u8>) {
        let Added { memory, top, references, references_top, .. } = self.added;
        match ty {
            ValType::Ref(_) if ty == ValType::FUNCREF => {
                Instruction::GlobalGet(references_top).encode(out);
                Instruction::LocalGet(local).encode(out);
                Instruction::TableSet(references).encode(out);
                Instruction::GlobalGet(top).encode(out);
                Instruction::GlobalGet(references_top).encode(out);
                frame::store(ValType::I32, memory, offset, out);
                add(references_top, 1, out);
            }
            ValType::Ref(_) => {}
            _ => {
                Instruction::GlobalGet(top).encode(out);
                Instruction::LocalGet(local).encode(out);
                frame::store(ty, memory, offset, out);
            }
        }
    }
}

/// Writes operators that add to a global.
pub(super) fn add(global: u32, number: u32, out: &mut Vec<u8>) {
    Instruction::GlobalGet(global).encode(out);
    Instruction::I32Const(number.cast_signed()).encode(out);
    Instruction::I32Add.encode(out);
    Instruction::GlobalSet(global).encode(out);
}

/// The opcode of `block`.
const BLOCK: u8 = 0x02;
