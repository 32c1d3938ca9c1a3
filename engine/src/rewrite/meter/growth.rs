//! `memory.grow` and `table.grow` as calls of the host.
//!
//! A growth costs steps by its size, and the interpreter can neither take them in slices nor fail without a trace. So the
//! operators become indirect calls through an added table, which the host fills. No index of the module changes.

use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{Encode, ExportKind, Instruction, RefType, SectionId, TableType, ValType};

use crate::Error;
use crate::rewrite::sections::Sections;
use crate::rewrite::shape::Shape;

/// The table of the host's functions.
pub(crate) const TABLE_EXPORT: &str = "stepwell:host";
/// What the function in slot N of the table grows is exported as this and N.
pub(crate) const GROWN_EXPORT: &str = "stepwell:grow:";

/// What an operator grows, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grown {
    Memory(u32),
    Table(u32),
}

/// The host's functions that a module needs, in the order of their slots.
#[derive(Default)]
pub(super) struct Growth {
    slots: Vec<Grown>,
}

impl Growth {
    /// Writes the call of the host in place of the operator.
    pub(super) fn call(&mut self, grown: Grown, shape: &Shape, out: &mut Vec<u8>) {
        let known = self.slots.iter().position(|slot| *slot == grown);
        let slot = known.unwrap_or_else(|| {
            self.slots.push(grown);
            self.slots.len() - 1
        });
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Instruction::I32Const(index(slot).cast_signed()).encode(out);
        Instruction::CallIndirect {
            type_index: index(shape.types.len() + slot),
            table_index: index(shape.tables.len()),
        }
        .encode(out);
    }

    /// Adds the table, the types of its functions and the exports, if there is any such operator.
    ///
    /// # Errors
    /// [`Error::Unsupported`]: a table of a reference type that the interpreter does not have.
    pub(super) fn declare(&self, shape: &Shape, sections: &mut Sections<'_>) -> Result<(), Error> {
        if self.slots.is_empty() {
            return Ok(());
        }
        for (slot, grown) in self.slots.iter().enumerate() {
            let (params, kind, index) = match *grown {
                Grown::Memory(index) => {
                    let is_64 = shape.memories.get(index as usize).is_some_and(|ty| ty.memory64);
                    (alloc::vec![delta(is_64)], ExportKind::Memory, index)
                }
                Grown::Table(index) => {
                    let ty = shape.tables.get(index as usize);
                    let is_64 = ty.is_some_and(|ty| ty.table64);
                    let element = ty.map_or(Ok(RefType::FUNCREF), |ty| ty.element_type.try_into());
                    let element = element.map_err(|_| Error::Unsupported {
                        proposal: "typed function references",
                        offset: 0,
                    })?;
                    (alloc::vec![ValType::Ref(element), delta(is_64)], ExportKind::Table, index)
                }
            };
            sections.push_function_type(&params, &params[params.len() - 1..]);
            sections.push_export(&format!("{GROWN_EXPORT}{slot}"), kind, index);
        }
        let table = TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: self.slots.len() as u64,
            maximum: Some(self.slots.len() as u64),
            shared: false,
        };
        sections.push(SectionId::Table, |entry| table.encode(entry));
        let index = u32::try_from(shape.tables.len()).unwrap_or(u32::MAX);
        sections.push_export(TABLE_EXPORT, ExportKind::Table, index);
        Ok(())
    }
}

fn delta(is_64: bool) -> ValType {
    if is_64 { ValType::I64 } else { ValType::I32 }
}
