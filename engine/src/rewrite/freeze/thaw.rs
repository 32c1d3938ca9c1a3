//! The thaw pass: a prepared module with a clone for each place that was active when a process of it was frozen.
//!
//! Its memories are imported, so that the host decides what they lie on; its data and element segments are what they are
//! after instantiation. The host calls the clone in the first slot that the frames name, and each clone finds the next
//! one's slot in its frame.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{ConstExpr, Encode, ExportKind, Instruction, SectionId, ValType};
use wasmparser::{
    FuncValidatorAllocations, FunctionBody, Parser, Payload, ValidPayload, Validator,
};

use super::frame::{self, LINK_BYTES, Values};
use super::peel::{self, Budget, Capture, Rest};
use super::sites::{Scan, Scanned};
use super::spill::{Added, Unwinding, add};
use super::visible::{Held, Module};
use super::{CLONES_EXPORT, TOP_EXPORT, capture, segments};
use crate::Error;
use crate::proposal;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::{Shape, encodable};

/// A place where a function was active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The function.
    pub(crate) function: u32,
    /// The number of the call's operator in it.
    pub(crate) number: u32,
    /// The import that it has called, if it is the innermost.
    pub(crate) import: Option<u32>,
}

/// What a thawed module is made from.
pub(crate) struct Plan<'a> {
    /// Where it was active, without repetitions; each is the slot of its clone.
    pub(crate) places: &'a [Place],
    /// The import that the host had called without any function between, in place of all clones.
    pub(crate) bare: Option<u32>,
    /// Pages of each memory.
    pub(crate) pages: &'a [u64],
    /// Bytes that the frames take.
    pub(crate) frames_bytes: usize,
    /// For each byte that the capture pass has added for a segment, whether it was dropped.
    pub(crate) dropped: &'a [bool],
    /// If it is to be one that can be frozen again: what [`captured`] gives.
    pub(crate) captured: Option<&'a [u8]>,
}

/// A thawed module.
pub(crate) struct Thawed {
    pub(crate) wasm: Vec<u8>,
    /// The index of the first clone.
    pub(crate) first: u32,
    /// For each function that is active, how its frames lie in memory.
    pub(crate) values: BTreeMap<u32, Values>,
    /// What the image has to hold.
    pub(crate) held: Held,
}

/// Writes a thawed module.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::NotFreezable`]; [`Error::Image`]: a place is none where a function can
/// be frozen.
pub(crate) fn thaw(prepared: &[u8], plan: &Plan<'_>) -> Result<Thawed, Error> {
    let mut sections = Sections::parse(prepared)?;
    let module = Module::of(prepared, &mut sections)?;
    let top = u32::try_from(module.shape.globals.len()).unwrap_or(u32::MAX);
    let table = u32::try_from(module.shape.tables.len()).unwrap_or(u32::MAX);
    let added = plan.captured.map(|_| added(&module));
    if let Some(code) = plan.captured.filter(|code| !code.is_empty()) {
        sections.replace(SectionId::Code, code.to_vec());
    }
    let scans = scan_places(prepared, (&module, added.unwrap_or_default()), plan.places.iter())?;
    let (budget, types) = (Budget::new(), Types::new());
    let mut thawing = Thawing { prepared, module: &module, scans, top, added, types, budget };
    let first = u32::try_from(module.shape.functions.len()).unwrap_or(u32::MAX);
    let mut bytes = 0;
    for place in plan.places {
        let (ty, body) = thawing.clone_at(place, table, &mut sections)?;
        bytes += body.len();
        if bytes > CLONES_BYTES_MAX {
            return Err(Error::NotFreezable { reason: "its stack has too many places".into() });
        }
        push_function(&mut sections, ty, &body);
    }
    if let Some(import) = plan.bare {
        let (ty, body) = thawing.bare(import, &mut sections)?;
        push_function(&mut sections, ty, &body);
    }
    let clones = plan.places.len() + usize::from(plan.bare.is_some());
    capture::push_table(&mut sections, clones);
    sections.push_export(CLONES_EXPORT, ExportKind::Table, table);
    let slots = first..first.saturating_add(u32::try_from(clones).unwrap_or(u32::MAX));
    capture::push_global(TOP_EXPORT, 0, thawing.top, &mut sections);
    module.export_all(&mut sections);
    segments::leave(prepared, &module, plan.dropped, &mut sections)?;
    capture::push_elements(&mut sections, table, &ConstExpr::i32_const(0), slots);
    if module.has_references {
        capture::add_functions(&module, table + 1, &mut sections);
    }
    if let Some(added) = added {
        capture::add_unwinding(&module, &added, &mut sections);
    }
    segments::import_memories(&module, plan, &mut sections);
    let values =
        thawing.scans.into_iter().map(|(function, (scanned, _))| (function, scanned.values));
    Ok(Thawed { wasm: sections.encode(), first, values: values.collect(), held: module.held() })
}

/// Where what lies that has the stack unwind. The memory and its top are those of the frames that are read, which have been
/// read by the time that others are written.
fn added(module: &Module) -> Added {
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let top = index(module.shape.globals.len());
    Added {
        memory: index(module.shape.memories.len()),
        top,
        unwinding: top + 1,
        references_top: top + 2,
        // Behind the tables of clones and of functions.
        references: index(module.shape.tables.len()) + 2,
    }
}

/// The entries of the code section of all thawed modules that can be frozen again, but for the clones.
///
/// # Errors
/// As [`thaw`].
pub(crate) fn captured(prepared: &[u8]) -> Result<Vec<u8>, Error> {
    let module = Module::of(prepared, &mut Sections::parse(prepared)?)?;
    capture::bodies(prepared, &module, added(&module))
}

/// The making of clones.
struct Thawing<'a> {
    prepared: &'a [u8],
    module: &'a Module,
    scans: Scans<'a>,
    /// The global that says where the next frame lies.
    top: u32,
    /// If clones can be frozen: what that takes.
    added: Option<Added>,
    /// The types without parameters that were added, by their results.
    types: Types,
    budget: Budget,
}

/// Types without parameters, by their results.
pub(super) type Types = BTreeMap<Vec<ValType>, u32>;

/// The functions that were active.
pub(super) type Scans<'a> = BTreeMap<u32, (Scanned, FunctionBody<'a>)>;

impl<'a> Thawing<'a> {
    /// The type and the body of a clone.
    fn clone_at(
        &mut self,
        place: &Place,
        table: u32,
        sections: &mut Sections<'_>,
    ) -> Result<(u32, Vec<u8>), Error> {
        let unknown = || Error::Image {
            reason: format!(
                "function {} cannot be frozen at operator {}",
                place.function, place.number
            ),
        };
        let (scanned, original) = self.scans.get(&place.function).ok_or_else(unknown)?;
        let site = scanned.sites.get(&place.number).ok_or_else(unknown)?;
        let values = &scanned.values;
        let mut body = Vec::new();
        // The slot of the next clone comes last.
        let next = u32::try_from(values.len()).unwrap_or(u32::MAX);
        frame::declare(&[values.types(), &[ValType::I32][..]].concat(), &mut body);
        let mut call = Vec::new();
        match place.import {
            Some(import) => {
                self.same_results(import, site.ty).ok_or_else(unknown)?;
                self.read_values(values, None, &mut body);
                self.call_import(import, values.bytes(), &mut call)?;
            }
            None => {
                self.read_values(values, Some(next), &mut body);
                add(self.top, LINK_BYTES + values.bytes(), &mut body);
                let results = self.results(site.ty)?;
                let ty = push_type(&mut self.types, sections, results);
                Instruction::LocalGet(next).encode(&mut call);
                Instruction::CallIndirect { type_index: ty, table_index: table }.encode(&mut call);
            }
        }
        let operators = peel::operators(original)?;
        let rest = Rest {
            wasm: self.prepared,
            module: self.module,
            operators: &operators,
            end: original.range().end,
            number: place.number as usize,
            site,
            capture: self.added.map(|added| Capture {
                around: &scanned.around,
                unwinding: added.unwinding,
                site_local: scanned.site_local,
            }),
            budget: &self.budget,
        };
        self.write_rest(&rest, &call, (place.function, scanned), &mut body)?;
        let results = self.module.results_of(place.function)?;
        Ok((push_type(&mut self.types, sections, results), body))
    }

    /// What a clone does from its call on, and what unwinds it where that can be.
    fn write_rest(
        &self,
        rest: &Rest<'_>,
        call: &[u8],
        (function, scanned): (u32, &Scanned),
        body: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let Some(added) = self.added else { return peel::peel(rest, call, body) };
        let mut operators = Vec::new();
        peel::peel(rest, call, &mut operators)?;
        let Scanned { values, site_local, .. } = scanned;
        let (module, site_local) = (self.module, *site_local);
        Unwinding { module, added, function, values, site_local }.wrap(&operators, body)
    }

    /// The type and the body of a function that only calls an import.
    fn bare(&mut self, import: u32, sections: &mut Sections<'_>) -> Result<(u32, Vec<u8>), Error> {
        let mut body = Vec::new();
        frame::declare(&[], &mut body);
        self.call_import(import, 0, &mut body)?;
        Instruction::End.encode(&mut body);
        let results = self.module.results_of(import)?;
        Ok((push_type(&mut self.types, sections, results), body))
    }

    /// Writes operators that read the frame's values into their locals, and the next clone's slot into a local.
    fn read_values(&self, values: &Values, next: Option<u32>, out: &mut Vec<u8>) {
        let memory = self.memory();
        if let Some(next) = next {
            Instruction::GlobalGet(self.top).encode(out);
            frame::load(ValType::I32, memory, 0, out);
            Instruction::LocalSet(next).encode(out);
        }
        for (index, ty) in (0..).zip(values.types()) {
            if frame::bytes_of(*ty) == 0 {
                continue;
            }
            Instruction::GlobalGet(self.top).encode(out);
            frame::load(*ty, memory, LINK_BYTES + values.offset(index as usize), out);
            if *ty == ValType::FUNCREF {
                // The table of functions comes behind that of clones.
                let table = u32::try_from(self.module.shape.tables.len() + 1).unwrap_or(u32::MAX);
                Instruction::TableGet(table).encode(out);
            }
            Instruction::LocalSet(index).encode(out);
        }
    }

    /// Writes the call of an import with its arguments, which lie behind so many bytes of values.
    fn call_import(&self, import: u32, bytes: u32, out: &mut Vec<u8>) -> Result<(), Error> {
        let ty = self.module.shape.function(import);
        let params = ty.into_iter().flat_map(|ty| ty.params());
        let mut offset = LINK_BYTES + bytes;
        for ty in params {
            let ty = encodable(*ty)?;
            Instruction::GlobalGet(self.top).encode(out);
            frame::load(ty, self.memory(), offset, out);
            offset += frame::bytes_of(ty);
        }
        Instruction::Call(import).encode(out);
        Ok(())
    }

    fn memory(&self) -> u32 {
        u32::try_from(self.module.shape.memories.len()).unwrap_or(u32::MAX)
    }

    fn results(&self, ty: u32) -> Result<Vec<ValType>, Error> {
        let results = self.module.shape.ty(ty).into_iter().flat_map(|ty| ty.results());
        results.map(|ty| encodable(*ty)).collect()
    }

    /// Whether an import gives the results that a call of this type gives.
    fn same_results(&self, import: u32, ty: u32) -> Option<()> {
        let shape = &self.module.shape;
        let is_import = import < shape.imported_functions;
        let same = shape.function(import)?.results() == shape.ty(ty)?.results();
        (is_import && same).then_some(())
    }
}

/// Bytes of a page of each memory of a module.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn memory_page_bytes(prepared: &[u8]) -> Result<Vec<u64>, Error> {
    let memories = Shape::of(prepared)?.memories;
    Ok(memories.iter().map(|ty| 1 << ty.page_size_log2.unwrap_or(16).min(16)).collect())
}

/// How the frames of these functions lie in memory.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::NotFreezable`].
pub(crate) fn layouts(
    prepared: &[u8],
    functions: &BTreeSet<u32>,
) -> Result<BTreeMap<u32, Values>, Error> {
    let module = Module::of(prepared, &mut Sections::parse(prepared)?)?;
    let wanted = functions.iter().map(|function| (*function, BTreeSet::new())).collect();
    let scans = scan(prepared, (&module, Added::default()), &wanted)?;
    Ok(scans.into_iter().map(|(function, (scanned, _))| (function, scanned.values)).collect())
}

/// Scans the functions of these places, and describes the calls there.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::NotFreezable`].
pub(super) fn scan_places<'a, 'b>(
    prepared: &'a [u8],
    module: (&Module, Added),
    places: impl Iterator<Item = &'b Place>,
) -> Result<Scans<'a>, Error> {
    let mut wanted: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for place in places {
        wanted.entry(place.function).or_default().insert(place.number);
    }
    scan(prepared, module, &wanted)
}

/// Scans functions, and describes those of their calls that are wanted.
fn scan<'a>(
    prepared: &'a [u8],
    (module, added): (&Module, Added),
    wanted: &BTreeMap<u32, BTreeSet<u32>>,
) -> Result<Scans<'a>, Error> {
    let mut scans = BTreeMap::new();
    let mut function = module.shape.imported_functions;
    let mut validator = Validator::new_with_features(proposal::supported());
    for payload in Parser::new(0).parse_all(prepared) {
        let payload = payload.map_err(invalid)?;
        if let Payload::DataSection(_) = payload {
            break;
        }
        let ValidPayload::Func(checked, body) = validator.payload(&payload).map_err(invalid)?
        else {
            continue;
        };
        if let Some(numbers) = wanted.get(&function) {
            let checker = checked.into_validator(FuncValidatorAllocations::default());
            let (scanned, _) =
                Scan::of(prepared, (module, added), function, &body, checker, numbers)?;
            scans.insert(function, (scanned, body));
        }
        function += 1;
    }
    Ok(scans)
}

/// The index of the type `[] -> results`, which is added if there is none yet.
pub(super) fn push_type(
    types: &mut Types,
    sections: &mut Sections<'_>,
    results: Vec<ValType>,
) -> u32 {
    if let Some(known) = types.get(&results) {
        return *known;
    }
    let ty = sections.push_function_type(&[], &results);
    types.insert(results, ty);
    ty
}

pub(super) fn push_function(sections: &mut Sections<'_>, ty: u32, body: &[u8]) {
    sections.push(SectionId::Function, |entry| ty.encode(entry));
    sections.push(SectionId::Code, |entry| {
        body.len().encode(entry);
        entry.extend_from_slice(body);
    });
}

/// All clones of an image together; CPython's have a few hundred KiB.
pub(super) const CLONES_BYTES_MAX: usize = 128 << 20;
