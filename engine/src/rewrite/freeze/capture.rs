//! The capture pass: a copy of a prepared module that can write its stack down.
//!
//! The host makes it unwind by setting the added global and returning from a syscall: every active function writes its
//! frame to the added memory and returns, until the entry function has returned.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use wasm_encoder::{
    ConstExpr, Encode, ExportKind, GlobalType, MemoryType, RefType, SectionId, TableType, ValType,
};
use wasmparser::{FuncValidatorAllocations, Parser, ValidPayload, Validator};

use super::frame;
use super::sites::Scan;
use super::spill::Added;
use super::visible::Module;
use super::{
    FRAMES_EXPORT, FUNCTIONS_EXPORT, REFERENCES_EXPORT, REFERENCES_TOP_EXPORT, TOP_EXPORT,
    UNWINDING_EXPORT,
};
use crate::Error;
use crate::proposal;
use crate::rewrite::sections::{Sections, invalid};

/// The copy of a prepared module that can be frozen.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`]: a body of a kept module has been damaged. [`Error::NotFreezable`].
pub(crate) fn capture(prepared: &[u8]) -> Result<Vec<u8>, Error> {
    let mut sections = Sections::parse(prepared)?;
    let module = Module::of(prepared, &mut sections)?;
    let added = add(&module, &mut sections);
    module.export_all(&mut sections);
    let code = bodies(prepared, &module, added)?;
    if !code.is_empty() {
        sections.replace(SectionId::Code, code);
    }
    Ok(sections.encode())
}

/// The copy of a prepared module whose memories, mutable globals and changing tables are exported.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`].
pub(crate) fn expose(prepared: &[u8]) -> Result<Vec<u8>, Error> {
    let mut sections = Sections::parse(prepared)?;
    let module = Module::of(prepared, &mut sections)?;
    module.export_all(&mut sections);
    Ok(sections.encode())
}

/// Rewrites all bodies: the entries of the code section.
pub(super) fn bodies(prepared: &[u8], module: &Module, added: Added) -> Result<Vec<u8>, Error> {
    let wanted = BTreeSet::new();
    let mut code = Vec::with_capacity(prepared.len() * 3 / 2);
    let mut function = module.shape.imported_functions;
    let mut validator = Validator::new_with_features(proposal::supported());
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(prepared) {
        let payload = payload.map_err(invalid)?;
        let ValidPayload::Func(checked, body) = validator.payload(&payload).map_err(invalid)?
        else {
            continue;
        };
        let checker = checked.into_validator(allocations);
        let (scanned, back) =
            Scan::of(prepared, (module, added), function, &body, checker, &wanted)?;
        allocations = back;
        let bytes = scanned.captured.as_deref().unwrap_or(&prepared[body.range()]);
        bytes.len().encode(&mut code);
        code.extend_from_slice(bytes);
        frame::check_copy(function, code.len(), prepared.len())?;
        function += 1;
    }
    Ok(code)
}

/// Adds the memory, the globals and the tables.
fn add(module: &Module, sections: &mut Sections<'_>) -> Added {
    let flags = module.flags();
    let pages = (flags as u64).div_ceil(PAGE_BYTES).max(1);
    let memory = MemoryType {
        minimum: pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    sections.push(SectionId::Memory, |entry| memory.encode(entry));
    let shape = &module.shape;
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let memory = index(shape.memories.len());
    sections.push_export(FRAMES_EXPORT, ExportKind::Memory, memory);
    let global = index(shape.globals.len());
    let references = index(shape.tables.len());
    push_global(TOP_EXPORT, i32::try_from(flags).unwrap_or(i32::MAX), global, sections);
    let added = Added {
        memory,
        top: global,
        unwinding: global + 1,
        references_top: global + 2,
        references,
    };
    add_unwinding(module, &added, sections);
    if module.has_references {
        add_functions(module, references + 1, sections);
    }
    added
}

/// Adds the globals and the table for unwinding, which come next in their index spaces.
pub(super) fn add_unwinding(module: &Module, added: &Added, sections: &mut Sections<'_>) {
    push_global(UNWINDING_EXPORT, 0, added.unwinding, sections);
    push_global(REFERENCES_TOP_EXPORT, 0, added.references_top, sections);
    if module.has_references {
        push_table(sections, 0);
        sections.push_export(REFERENCES_EXPORT, ExportKind::Table, added.references);
    }
}

/// Adds a mutable number, which comes next in its index space, and exports it.
pub(super) fn push_global(name: &str, start: i32, index: u32, sections: &mut Sections<'_>) {
    let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    sections.push(SectionId::Global, |entry| {
        ty.encode(entry);
        ConstExpr::i32_const(start).encode(entry);
    });
    sections.push_export(name, ExportKind::Global, index);
}

/// Adds a table of function references.
pub(super) fn push_table(sections: &mut Sections<'_>, minimum: usize) {
    let ty = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: minimum as u64,
        maximum: None,
        shared: false,
    };
    sections.push(SectionId::Table, |entry| ty.encode(entry));
}

/// Adds the table with null and then each function.
pub(super) fn add_functions(module: &Module, table: u32, sections: &mut Sections<'_>) {
    let count = module.shape.functions.len();
    push_table(sections, count + 1);
    sections.push_export(FUNCTIONS_EXPORT, ExportKind::Table, table);
    let functions = 0..u32::try_from(count).unwrap_or(u32::MAX);
    push_elements(sections, table, &ConstExpr::i32_const(1), functions);
}

/// Adds an active element segment that puts functions into a table from a place on.
pub(super) fn push_elements(
    sections: &mut Sections<'_>,
    table: u32,
    start: &ConstExpr,
    functions: impl ExactSizeIterator<Item = u32>,
) {
    sections.push(SectionId::Element, |entry| {
        entry.push(ACTIVE_IN_TABLE);
        table.encode(entry);
        start.encode(entry);
        entry.push(FUNCTIONS);
        functions.len().encode(entry);
        for function in functions {
            function.encode(entry);
        }
    });
}

const PAGE_BYTES: u64 = 64 << 10;
/// The kind of an active element segment that names its table.
const ACTIVE_IN_TABLE: u8 = 2;
/// The kind of elements that are functions by their indices.
const FUNCTIONS: u8 = 0;
