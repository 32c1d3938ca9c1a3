//! What both passes have to know of a prepared module.

use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{Encode, ExportKind, ValType};
use wasmparser::{
    BlockType, DataKind, ElementKind, ExternalKind, FuncType, Operator, Parser, Payload, RefType,
};

use super::{GLOBAL_EXPORT, MEMORY_EXPORT, MODULE_TABLE_EXPORT};
use crate::Error;
use crate::rewrite::meter::growth;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::{Shape, encodable};
use crate::rewrite::wrap;

/// A prepared module as both passes see it.
pub(super) struct Module {
    pub(super) shape: Shape,
    /// The table through which the module calls the host for growth; no place to freeze.
    host_table: Option<u32>,
    /// Whether it makes references to functions or changes tables.
    pub(super) has_references: bool,
    /// Its data segments, and whether each is passive.
    pub(super) data: Vec<bool>,
    /// Its element segments.
    pub(super) elements: Vec<Segment>,
    /// Whether it drops segments.
    drops: bool,
    /// The encoded block type `[] -> results` of each type.
    block_types: Vec<Vec<u8>>,
    /// The encoded block type `[] -> parameters` of each type.
    parameter_block_types: Vec<Vec<u8>>,
}

/// An element segment.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    pub(super) is_passive: bool,
    pub(super) is_declared: bool,
    pub(super) is_extern: bool,
}

/// What of a module an image has to hold: what it left out would keep what another process, or nobody, has put there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The mutable globals.
    pub(crate) globals: Vec<u32>,
    /// The tables that can have changed.
    pub(crate) tables: Vec<u32>,
    /// Bytes that the capture pass adds for segments.
    pub(crate) flags: usize,
}

impl Module {
    /// Looks through a module and adds the types to it that both passes need.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unsupported`].
    pub(super) fn of(prepared: &[u8], sections: &mut Sections<'_>) -> Result<Self, Error> {
        let shape = Shape::of(prepared)?;
        let results = |ty: &FuncType| ty.results().to_vec();
        let block_types = wrap::block_types(&shape, sections, results)?;
        let parameters = |ty: &FuncType| ty.params().to_vec();
        let parameter_block_types = wrap::block_types(&shape, sections, parameters)?;
        let mut module = Self {
            has_references: holds_references(&shape),
            shape,
            host_table: None,
            data: Vec::new(),
            elements: Vec::new(),
            drops: false,
            block_types,
            parameter_block_types,
        };
        for payload in Parser::new(0).parse_all(prepared) {
            module.take(payload.map_err(invalid)?)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(invalid)?;
                    if export.name == growth::TABLE_EXPORT {
                        self.host_table = Some(export.index);
                    }
                    let grown = export.name.starts_with(growth::GROWN_EXPORT);
                    self.has_references |= grown && export.kind == ExternalKind::Table;
                }
            }
            Payload::ElementSection(segments) => {
                for segment in segments {
                    let segment = segment.map_err(invalid)?;
                    let is_extern = matches!(
                        segment.items,
                        wasmparser::ElementItems::Expressions(ty, _) if ty == RefType::EXTERNREF
                    );
                    self.elements.push(Segment {
                        is_passive: matches!(segment.kind, ElementKind::Passive),
                        is_declared: matches!(segment.kind, ElementKind::Declared),
                        is_extern,
                    });
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment.map_err(invalid)?;
                    self.data.push(matches!(segment.kind, DataKind::Passive));
                }
            }
            Payload::CodeSectionEntry(body) => {
                if !self.has_references || !self.drops {
                    for operator in body.get_operators_reader().map_err(invalid)? {
                        self.look_at(&operator.map_err(invalid)?);
                    }
                }
                for local in body.get_locals_reader().map_err(invalid)? {
                    self.has_references |= local.map_err(invalid)?.1.is_reference_type();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn look_at(&mut self, operator: &Operator<'_>) {
        use Operator as O;
        match operator {
            O::DataDrop { .. } => self.drops = true,
            O::ElemDrop { .. } => (self.drops, self.has_references) = (true, true),
            O::TableSet { .. }
            | O::TableFill { .. }
            | O::TableCopy { .. }
            | O::TableInit { .. }
            | O::TableGet { .. }
            | O::RefFunc { .. }
            | O::RefNull { .. } => self.has_references = true,
            _ => {}
        }
    }

    /// The index of the type of what an operator calls, if it is a call at which the guest can be frozen.
    pub(super) fn callee(&self, operator: &Operator<'_>) -> Option<u32> {
        match *operator {
            Operator::Call { function_index } => {
                self.shape.functions.get(function_index as usize).copied()
            }
            Operator::CallIndirect { type_index, table_index } => {
                (Some(table_index) != self.host_table).then_some(type_index)
            }
            _ => None,
        }
    }

    /// The table through which the module calls the host for growth.
    pub(super) fn host_table(&self) -> Option<u32> {
        self.host_table
    }

    /// The types of a function's results.
    ///
    /// # Errors
    /// [`Error::Unsupported`].
    pub(super) fn results_of(&self, function: u32) -> Result<Vec<ValType>, Error> {
        let results = self.shape.function(function).into_iter().flat_map(|ty| ty.results());
        results.map(|ty| encodable(*ty)).collect()
    }

    /// The encoded block type without parameters and with a function's results.
    pub(super) fn block_type(&self, function: u32) -> &[u8] {
        let ty = self.shape.functions.get(function as usize).copied().unwrap_or_default();
        self.block_type_of(ty)
    }

    /// The encoded block type without parameters and with the results of a type.
    pub(super) fn block_type_of(&self, ty: u32) -> &[u8] {
        self.block_types.get(ty as usize).map_or(&[], Vec::as_slice)
    }

    /// The encoded block type without parameters and with the parameters of a type as results.
    pub(super) fn parameter_block_type(&self, ty: u32) -> &[u8] {
        self.parameter_block_types.get(ty as usize).map_or(&[], Vec::as_slice)
    }

    /// The encoded type of a construct without its parameters.
    ///
    /// # Errors
    /// [`Error::Unsupported`].
    pub(super) fn block_type_of_construct(&self, ty: BlockType) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        match ty {
            BlockType::Empty => wasm_encoder::BlockType::Empty.encode(&mut out),
            BlockType::Type(ty) => {
                wasm_encoder::BlockType::Result(encodable(ty)?).encode(&mut out);
            }
            BlockType::FuncType(index) => out.extend_from_slice(self.block_type_of(index)),
        }
        Ok(out)
    }

    /// Where in the added memory the byte lies that says that an operator has dropped a segment.
    pub(super) fn flag(&self, operator: &Operator<'_>) -> Option<u32> {
        match *operator {
            Operator::DataDrop { data_index } => Some(data_index),
            Operator::ElemDrop { elem_index } => {
                Some(elem_index.saturating_add(u32::try_from(self.data.len()).unwrap_or(u32::MAX)))
            }
            _ => None,
        }
    }

    /// How many such bytes there are.
    pub(super) fn flags(&self) -> usize {
        if self.drops { self.data.len() + self.elements.len() } else { 0 }
    }

    /// Exports memories, mutable globals, and the tables if they can change, by their indices.
    pub(super) fn export_all(&self, sections: &mut Sections<'_>) {
        let export = |sections: &mut Sections<'_>, prefix: &str, kind, index: usize| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            sections.push_export(&format!("{prefix}{index}"), kind, index);
        };
        for index in 0..self.shape.memories.len() {
            export(sections, MEMORY_EXPORT, ExportKind::Memory, index);
        }
        for (index, global) in self.shape.globals.iter().enumerate() {
            if global.mutable {
                export(sections, GLOBAL_EXPORT, ExportKind::Global, index);
            }
        }
        for index in self.changing_tables() {
            export(sections, MODULE_TABLE_EXPORT, ExportKind::Table, index);
        }
    }

    pub(super) fn held(&self) -> Held {
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let globals = self.shape.globals.iter().enumerate().filter(|(_, global)| global.mutable);
        Held {
            globals: globals.map(|(index, _)| number(index)).collect(),
            tables: self.changing_tables().map(number).collect(),
            flags: self.flags(),
        }
    }

    /// The tables whose elements have to be kept: all but the host's, if the module may change any.
    pub(super) fn changing_tables(&self) -> impl Iterator<Item = usize> {
        let host = self.host_table.map(|table| table as usize);
        let all = if self.has_references { self.shape.tables.len() } else { 0 };
        (0..all).filter(move |table| Some(*table) != host)
    }
}

/// Whether a parameter, a result or a global is a reference.
fn holds_references(shape: &Shape) -> bool {
    let types = shape.types.iter().flatten();
    let mut values = types.flat_map(|ty| ty.params().iter().chain(ty.results()));
    values.any(|ty| ty.is_reference_type())
        || shape.globals.iter().any(|global| global.content_type.is_reference_type())
}
