//! A copy of a module that keeps a list of its active functions, for backtraces.
//!
//! ```text
//! memory:  | outermost | … | innermost | unused …      one function index (u32) per frame
//! global:                              ^ top           in bytes
//! ```
//!
//! A function [pushes its index when it is entered and pops it when it is left](crate::rewrite::wrap). The added global and
//! memory come last in their index spaces, so no index changes.

use alloc::vec::Vec;

use wasm_encoder::{
    ConstExpr, Encode, ExportKind, GlobalType, Instruction, MemArg, MemoryType, SectionId, ValType,
};

use crate::Error;
use crate::rewrite::sections::Sections;
use crate::rewrite::shape::Shape;
use crate::rewrite::wrap::{self, Hooks};

/// The list.
pub(crate) const MEMORY_EXPORT: &str = "stepwell:frames";
/// The length of the list in bytes.
pub(crate) const TOP_EXPORT: &str = "stepwell:top";
/// 64 KiB each: a million frames fit.
const PAGES: u64 = 64;
/// What the list takes of the memory that a process may have.
pub(crate) const LIST_BYTES: usize = 64 << 16;

/// The list of frames in the rewritten module.
struct List {
    memory: u32,
    top: u32,
}

/// Rewrites a module so that it keeps the list. Its function indices stay what they were.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn instrument(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let shape = Shape::of(wasm)?;
    let mut sections = Sections::parse(wasm)?;
    sections.push(SectionId::Memory, |entry| {
        let ty = MemoryType {
            minimum: PAGES,
            maximum: Some(PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        ty.encode(entry);
    });
    sections.push(SectionId::Global, |entry| {
        GlobalType { val_type: ValType::I32, mutable: true, shared: false }.encode(entry);
        ConstExpr::i32_const(0).encode(entry);
    });
    let next = |space: usize| u32::try_from(space).unwrap_or(u32::MAX);
    let mut list = List { memory: next(shape.memories.len()), top: next(shape.globals.len()) };
    sections.push_export(MEMORY_EXPORT, ExportKind::Memory, list.memory);
    sections.push_export(TOP_EXPORT, ExportKind::Global, list.top);
    wrap::wrap(wasm, &shape, &mut sections, &mut list)?;
    Ok(sections.encode())
}

impl Hooks for List {
    fn enter(&mut self, function: u32, _: &[u8], out: &mut Vec<u8>) {
        Instruction::GlobalGet(self.top).encode(out);
        Instruction::I32Const(function.cast_signed()).encode(out);
        Instruction::I32Store(MemArg { offset: 0, align: 2, memory_index: self.memory })
            .encode(out);
        self.move_top(4, out);
    }

    fn leave(&mut self, out: &mut Vec<u8>) {
        self.move_top(-4, out);
    }
}

impl List {
    fn move_top(&self, bytes: i32, out: &mut Vec<u8>) {
        Instruction::GlobalGet(self.top).encode(out);
        Instruction::I32Const(bytes).encode(out);
        Instruction::I32Add.encode(out);
        Instruction::GlobalSet(self.top).encode(out);
    }
}
