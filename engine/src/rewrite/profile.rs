//! A copy of a prepared module that tells the host whenever a function is entered or left, for a profile.
//!
//! The host's functions are called through an added table, which comes last in its index space, so no index changes.

use alloc::vec::Vec;

use wasm_encoder::{Encode, ExportKind, Instruction, RefType, SectionId, TableType, ValType};

use crate::Error;
use crate::rewrite::sections::Sections;
use crate::rewrite::shape::Shape;
use crate::rewrite::wrap::{self, Hooks};

/// The table of the host's functions.
pub(crate) const TABLE_EXPORT: &str = "stepwell:profile";
/// Where in it the host's function is that a function calls with its index when it is entered.
pub(crate) const ENTER: u32 = 0;
/// Where in it the host's function is that a function calls when it is left.
pub(crate) const LEAVE: u32 = 1;
/// Functions in it.
pub(crate) const SLOTS: u32 = 2;

/// A module that tells the host.
pub(crate) struct Instrumented {
    pub(crate) wasm: Vec<u8>,
    /// For each function, imports first: the steps that are taken for it at its start, before it tells the host.
    pub(crate) entry_steps: Vec<u64>,
}

/// The calls that are added.
struct Calls {
    table: u32,
    enter_type: u32,
    leave_type: u32,
    entry_steps: Vec<u64>,
}

/// Rewrites a prepared module so that it tells the host. It takes the same steps as before.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`].
pub(crate) fn instrument(prepared: &[u8]) -> Result<Instrumented, Error> {
    let shape = Shape::of(prepared)?;
    let mut sections = Sections::parse(prepared)?;
    let table = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: SLOTS.into(),
        maximum: Some(SLOTS.into()),
        shared: false,
    };
    sections.push(SectionId::Table, |entry| table.encode(entry));
    let mut calls = Calls {
        table: u32::try_from(shape.tables.len()).unwrap_or(u32::MAX),
        enter_type: sections.push_function_type(&[ValType::I32], &[]),
        leave_type: sections.push_function_type(&[], &[]),
        entry_steps: alloc::vec![0; shape.imported_functions as usize],
    };
    sections.push_export(TABLE_EXPORT, ExportKind::Table, calls.table);
    wrap::wrap(prepared, &shape, &mut sections, &mut calls)?;
    Ok(Instrumented { wasm: sections.encode(), entry_steps: calls.entry_steps })
}

impl Hooks for Calls {
    fn enter(&mut self, function: u32, operators: &[u8], out: &mut Vec<u8>) {
        // The interpreter takes one step by itself and one for each `nop` that the metering pass has put here, all at
        // once and before anything else.
        let nops = operators.iter().take_while(|operator| **operator == NOP).count();
        self.entry_steps.push(1 + nops as u64);
        Instruction::I32Const(function.cast_signed()).encode(out);
        self.call(ENTER, self.enter_type, out);
    }

    fn leave(&mut self, out: &mut Vec<u8>) {
        self.call(LEAVE, self.leave_type, out);
    }
}

impl Calls {
    fn call(&self, slot: u32, type_index: u32, out: &mut Vec<u8>) {
        Instruction::I32Const(slot.cast_signed()).encode(out);
        Instruction::CallIndirect { type_index, table_index: self.table }.encode(out);
    }
}

const NOP: u8 = 0x01;
