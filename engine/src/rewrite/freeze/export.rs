//! A module that goes on from an image on any engine: the clones have their values in themselves, and the memories, globals
//! and tables are in its own sections.
//!
//! As in a [thawed](super::thaw) module each active function has a clone, but none is shared, so that a clone calls the next
//! one directly. `_start` calls the outermost and then what the process would have called.

use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{ConstExpr, Encode, GlobalType, Instruction, MemoryType, SectionId, TableType};
use wasmparser::{Parser, Payload, Validator};

use super::constants::Constants;
use super::frame;
use super::peel::{self, Budget, Rest};
use super::spill::Added;
use super::thaw::{self, CLONES_BYTES_MAX, Place, Scans};
use super::visible::{Held, Module};
use super::{capture, misfit, plain, segments};
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::encodable;
use crate::{Error, proposal};

/// Where a process stands, and what it holds.
pub(crate) struct Standing<'a> {
    /// The active functions, the outermost first, with their values as they lie in memory.
    pub(crate) frames: Vec<(Place, &'a [u8])>,
    /// The import that was called, and its arguments.
    pub(crate) import: u32,
    pub(crate) args: &'a [u64],
    /// Pages of each memory.
    pub(crate) pages: &'a [u64],
    /// What the memories hold: which, from where on, and the bytes.
    pub(crate) data: Vec<(u32, u64, &'a [u8])>,
    /// The bits of each mutable global.
    pub(crate) globals: Vec<(u32, u128)>,
    /// Tables that can have changed: each element as 0 for null, or a function's index and one more.
    pub(crate) tables: &'a [(u32, Vec<u32>)],
    /// Whether each segment was dropped.
    pub(crate) dropped: &'a [bool],
    /// Which globals, tables and segments these are.
    pub(crate) held: Held,
    /// The exports that are called afterwards, with the bits of their arguments.
    pub(crate) queue: Vec<(&'a str, Vec<u64>)>,
}

/// Writes the module.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::NotFreezable`]; [`Error::Image`]: it does not fit the module;
/// [`Error::NotPortable`]: what would be written is not valid, or more than engines take.
pub(crate) fn export(prepared: &[u8], standing: &Standing<'_>) -> Result<Vec<u8>, Error> {
    let mut sections = Sections::parse(prepared)?;
    let module = Module::of(prepared, &mut sections)?;
    if module.held() != standing.held || standing.import >= module.shape.imported_functions {
        return Err(misfit());
    }
    let scans = thaw::scan_places(
        prepared,
        (&module, Added::default()),
        standing.frames.iter().map(|(place, _)| place),
    )?;
    let mut exporting = Exporting {
        prepared,
        module: &module,
        standing,
        scans,
        constants: Constants::default(),
        types: thaw::Types::new(),
        budget: Budget::new(),
        first: u32::try_from(module.shape.functions.len()).unwrap_or(u32::MAX),
    };
    exporting.clones(&mut sections)?;
    let start = exporting.start(&mut sections)?;
    exporting.globals(&mut sections)?;
    exporting.memories(&mut sections);
    segments::leave(prepared, &module, standing.dropped, &mut sections)?;
    exporting.data(&mut sections);
    exporting.tables(&mut sections)?;
    exporting.declare(&mut sections);
    let wasm = plain::plain(&sections.encode(), module.host_table(), start)?;
    // What is written for others is checked here: an image from anywhere may not fit the module.
    let checked = Validator::new_with_features(proposal::supported()).validate_all(&wasm);
    match checked {
        Ok(_) => Ok(wasm),
        Err(error) => Err(Error::NotPortable {
            reason: format!("the module would not be valid: {}", error.message()),
        }),
    }
}

struct Exporting<'a> {
    prepared: &'a [u8],
    module: &'a Module,
    standing: &'a Standing<'a>,
    scans: Scans<'a>,
    constants: Constants,
    types: thaw::Types,
    budget: Budget,
    /// The index of the outermost clone.
    first: u32,
}

impl Exporting<'_> {
    /// Adds a clone for each active function.
    fn clones(&mut self, sections: &mut Sections<'_>) -> Result<(), Error> {
        let mut bytes = 0;
        for (at, (place, values)) in (0..).zip(&self.standing.frames) {
            let body = self.clone_of(at, place, values)?;
            bytes += body.len();
            if bytes > CLONES_BYTES_MAX {
                return Err(Error::NotFreezable { reason: "its stack is too deep".into() });
            }
            let results = self.module.results_of(place.function)?;
            let ty = thaw::push_type(&mut self.types, sections, results);
            thaw::push_function(sections, ty, &body);
        }
        Ok(())
    }

    /// The body of the clone of the active function with this number, the outermost being 0.
    fn clone_of(&mut self, at: u32, place: &Place, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut call = Vec::new();
        match place.import {
            Some(_) => self.call_import(&mut call)?,
            None => Instruction::Call(self.first.saturating_add(at + 1)).encode(&mut call),
        }
        let (scanned, original) = self.scans.get(&place.function).ok_or_else(misfit)?;
        let site = scanned.sites.get(&place.number).ok_or_else(misfit)?;
        let values = &scanned.values;
        if values.bytes() as usize != bytes.len() {
            return Err(misfit());
        }
        let mut body = Vec::new();
        frame::declare(values.types(), &mut body);
        for (index, ty) in (0..).zip(values.types()) {
            let value = bytes.get(values.offset(index as usize) as usize..).unwrap_or_default();
            self.constants.push(*ty, value, &mut body);
            Instruction::LocalSet(index).encode(&mut body);
        }
        let operators = peel::operators(original)?;
        let rest = Rest {
            wasm: self.prepared,
            module: self.module,
            operators: &operators,
            end: original.range().end,
            number: place.number as usize,
            site,
            capture: None,
            budget: &self.budget,
        };
        peel::peel(&rest, &call, &mut body)?;
        Ok(body)
    }

    /// Writes the call at which the process stood, with its arguments.
    fn call_import(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.call(self.standing.import, self.standing.args, out)
    }

    /// Writes a call with arguments by their bits.
    fn call(&mut self, function: u32, args: &[u64], out: &mut Vec<u8>) -> Result<(), Error> {
        let params = self.module.shape.function(function).ok_or_else(misfit)?.params();
        if params.len() != args.len() {
            return Err(misfit());
        }
        for (ty, arg) in params.iter().zip(args) {
            self.constants.push(encodable(*ty)?, &arg.to_le_bytes(), out);
        }
        Instruction::Call(function).encode(out);
        Ok(())
    }

    /// Adds the function that goes on and then calls what the process would have called: its index.
    fn start(&mut self, sections: &mut Sections<'_>) -> Result<u32, Error> {
        let mut body = Vec::new();
        frame::declare(&[], &mut body);
        let outermost = self.standing.frames.first().map(|(place, _)| place.function);
        match outermost {
            Some(_) => Instruction::Call(self.first).encode(&mut body),
            None => self.call_import(&mut body)?,
        }
        self.drop_results(outermost.unwrap_or(self.standing.import), &mut body)?;
        for (name, args) in &self.standing.queue {
            let function = exported(self.prepared, name)?.ok_or_else(misfit)?;
            self.call(function, args, &mut body)?;
            self.drop_results(function, &mut body)?;
        }
        Instruction::End.encode(&mut body);
        let ty = thaw::push_type(&mut self.types, sections, Vec::new());
        thaw::push_function(sections, ty, &body);
        let clones = u32::try_from(self.standing.frames.len()).unwrap_or(u32::MAX);
        Ok(self.first.saturating_add(clones))
    }

    fn drop_results(&self, function: u32, out: &mut Vec<u8>) -> Result<(), Error> {
        for _ in self.module.results_of(function)? {
            Instruction::Drop.encode(out);
        }
        Ok(())
    }

    /// Has the mutable globals start with what they hold.
    fn globals(&mut self, sections: &mut Sections<'_>) -> Result<(), Error> {
        sections.remove(SectionId::Global);
        let mut index = 0;
        for payload in Parser::new(0).parse_all(self.prepared) {
            let Payload::GlobalSection(globals) = payload.map_err(invalid)? else { continue };
            for global in globals {
                let global = global.map_err(invalid)?;
                let ty = encodable(global.ty.content_type)?;
                let mut entry = Vec::new();
                let global_type =
                    GlobalType { val_type: ty, mutable: global.ty.mutable, shared: false };
                global_type.encode(&mut entry);
                if global.ty.mutable {
                    let held = self.standing.globals.iter().find(|(known, _)| *known == index);
                    let (_, bits) = held.ok_or_else(misfit)?;
                    self.constants.push(ty, &bits.to_le_bytes(), &mut entry);
                    Instruction::End.encode(&mut entry);
                } else {
                    let init = global.init_expr.get_binary_reader().range();
                    entry.extend_from_slice(&self.prepared[init]);
                }
                sections.push(SectionId::Global, |out| out.extend_from_slice(&entry));
                index += 1;
            }
        }
        Ok(())
    }

    /// Has the memories start with the sizes that they have.
    fn memories(&self, sections: &mut Sections<'_>) {
        sections.remove(SectionId::Memory);
        for (ty, pages) in self.module.shape.memories.iter().zip(self.standing.pages) {
            let ty = MemoryType {
                minimum: *pages,
                maximum: ty.maximum,
                memory64: ty.memory64,
                shared: false,
                page_size_log2: ty.page_size_log2,
            };
            sections.push(SectionId::Memory, |entry| ty.encode(entry));
        }
    }

    /// Adds what the memories hold, behind the segments that operators may name.
    fn data(&self, sections: &mut Sections<'_>) {
        for (memory, offset, bytes) in &self.standing.data {
            let ty = self.module.shape.memories.get(*memory as usize);
            let start = address(*offset, ty.is_some_and(|ty| ty.memory64));
            sections.push(SectionId::Data, |entry| {
                // The form that names its memory is younger.
                match *memory {
                    0 => entry.push(DATA),
                    memory => {
                        entry.push(DATA_IN_MEMORY);
                        memory.encode(entry);
                    }
                }
                start.encode(entry);
                bytes.encode(entry);
            });
        }
        if !sections.body(SectionId::DataCount).is_empty() {
            let count = self.module.data.len() + self.standing.data.len();
            let mut body = Vec::new();
            count.encode(&mut body);
            sections.replace(SectionId::DataCount, body);
        }
    }

    /// Has the tables be as large as they are, and hold what they hold.
    fn tables(&self, sections: &mut Sections<'_>) -> Result<(), Error> {
        sections.remove(SectionId::Table);
        for (index, ty) in (0..).zip(&self.module.shape.tables) {
            if self.module.host_table() == Some(index) {
                continue;
            }
            let held = self.standing.tables.iter().find(|(known, _)| *known == index);
            let element_type = ty.element_type.try_into().map_err(|_| misfit())?;
            let ty = TableType {
                element_type,
                table64: ty.table64,
                minimum: held.map_or(ty.initial, |(_, elements)| elements.len() as u64),
                maximum: ty.maximum,
                shared: false,
            };
            sections.push(SectionId::Table, |entry| ty.encode(entry));
            for (start, run) in held.iter().flat_map(|(_, elements)| runs(elements)) {
                let functions = run.iter().map(|element| element.saturating_sub(1));
                let start = address(start, ty.table64);
                capture::push_elements(sections, index, &start, functions);
            }
        }
        Ok(())
    }

    /// Declares the functions that the clones refer to.
    fn declare(&self, sections: &mut Sections<'_>) {
        if self.constants.functions.is_empty() {
            return;
        }
        sections.push(SectionId::Element, |entry| {
            entry.push(DECLARED);
            entry.push(FUNCTIONS);
            self.constants.functions.len().encode(entry);
            for function in &self.constants.functions {
                function.encode(entry);
            }
        });
    }
}

/// The place in a memory or table where a segment goes.
fn address(at: u64, is_64: bool) -> ConstExpr {
    if is_64 {
        ConstExpr::i64_const(at.cast_signed())
    } else {
        ConstExpr::i32_const(u32::try_from(at).unwrap_or(u32::MAX).cast_signed())
    }
}

/// The elements that are not null, as runs: where each starts.
fn runs(elements: &[u32]) -> impl Iterator<Item = (u64, &[u32])> {
    let mut start = 0;
    let runs = elements.chunk_by(|a, b| (*a == 0) == (*b == 0)).map(move |run| {
        let at = start;
        start += run.len() as u64;
        (at, run)
    });
    runs.filter(|(_, run)| run[0] != 0)
}

/// The function that is exported by a name.
fn exported(wasm: &[u8], name: &str) -> Result<Option<u32>, Error> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload.map_err(invalid)? {
            for export in exports {
                let export = export.map_err(invalid)?;
                if export.name == name {
                    return Ok(Some(export.index));
                }
            }
        }
    }
    Ok(None)
}

/// The kinds of active data segments: of memory 0, and with the memory's index.
const DATA: u8 = 0;
const DATA_IN_MEMORY: u8 = 2;
/// The kind of a declarative element segment, and of elements that are functions by their indices.
const DECLARED: u8 = 3;
const FUNCTIONS: u8 = 0;
