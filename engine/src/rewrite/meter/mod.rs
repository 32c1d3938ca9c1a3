//! Exact steps: a copy of a module that charges for each operator of the original that it executes.
//!
//! The interpreter is told that `nop` costs one unit of fuel and everything else nothing. It takes the sum for a whole
//! construct where that starts, so each [region](regions) gets its own: as many `nop`s as it has steps, inside of a loop that
//! is never repeated, or without one where the interpreter charges anyway. See docs/STEPS.md.
//!
//! Function, type, memory, table and global indices stay what they were, and custom sections other than names are left out.

mod edits;
pub(crate) mod growth;
mod operands;
mod plan;
mod regions;

use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{Encode, SectionId};
use wasmparser::{FuncType, FunctionBody, Parser, Payload, ValType};

use crate::Error;
use crate::rewrite::RESERVED;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::{Shape, encodable};

use self::edits::Edits;
use self::growth::Growth;
use self::plan::Plan;
use self::regions::Scan;

/// Locals that a function may have, as the web's engines have agreed.
const LOCALS_MAX: usize = 50_000;
/// Scans of one function, so that no nesting of loops makes the pass slow.
const SCANS_MAX: usize = 16;

/// The metered copy of a valid module.
///
/// # Errors
/// [`Error::Invalid`]: it is malformed, or exports a reserved name. [`Error::Unsupported`].
pub(crate) fn meter(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    refuse_reserved_exports(wasm)?;
    let shape = Shape::of(wasm)?;
    let mut growth = Growth::default();
    let mut code = Vec::with_capacity(wasm.len());
    let mut function = shape.imported_functions;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.map_err(invalid)? else { continue };
        let metered = meter_body(wasm, &body, function, &shape, &mut growth)?;
        metered.len().encode(&mut code);
        code.extend_from_slice(&metered);
        function += 1;
    }
    let mut sections = Sections::parse(wasm)?;
    growth.declare(&shape, &mut sections)?;
    if !code.is_empty() {
        sections.replace(SectionId::Code, code);
    }
    Ok(sections.encode())
}

fn refuse_reserved_exports(wasm: &[u8]) -> Result<(), Error> {
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::ExportSection(exports) => {
                for export in exports.into_iter_with_offsets() {
                    let (offset, export) = export.map_err(invalid)?;
                    if export.name.starts_with(RESERVED) {
                        let message = format!(
                            "the export {:?} has a name that the engine needs for itself",
                            export.name
                        );
                        return Err(Error::Invalid { offset: offset as u64, message });
                    }
                }
                return Ok(());
            }
            Payload::CodeSectionStart { .. } => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}

/// The body of a function with its charges, without its length in front.
fn meter_body(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    function: u32,
    shape: &Shape,
    growth: &mut Growth,
) -> Result<Vec<u8>, Error> {
    let locals = Locals::of(body, shape.function(function))?;
    let results = shape.function(function).map_or(0, |ty| ty.results().len());
    let mut plan = Plan::default();
    let mut scans = 0;
    loop {
        let edits = Edits::new(shape, locals.count);
        let scan = Scan::new(shape, &plan, edits, locals.end, results, locals.count as usize);
        let scan = scan_body(body, scan)?;
        scans += 1;
        let mut better = plan.clone();
        if scans < SCANS_MAX && better.improve(&scan.problems, &scan.regions) {
            plan = better;
            continue;
        }
        let range = body.range();
        let mut out = Vec::with_capacity(range.len() * 3 / 2);
        locals.encode(wasm, function, scan.edits.scratch(), &mut out)?;
        scan.edits.apply(wasm, (locals.end, range.end), &scan.regions, growth, &mut out);
        return Ok(out);
    }
}

/// Reads the operators of a body.
fn scan_body<'a>(body: &FunctionBody<'a>, mut scan: Scan<'a>) -> Result<Scan<'a>, Error> {
    let mut operators = body.get_operators_reader().map_err(invalid)?;
    while !operators.eof() && !scan.is_done() {
        let (operator, at) = operators.read_with_offset().map_err(invalid)?;
        scan.operator(&operator, at, operators.original_position());
    }
    Ok(scan)
}

/// The declaration of a function's locals.
struct Locals {
    /// Parameters and declared locals.
    count: u32,
    groups: u32,
    /// Where the groups lie in the module.
    start: usize,
    end: usize,
}

impl Locals {
    fn of(body: &FunctionBody<'_>, ty: Option<&FuncType>) -> Result<Self, Error> {
        let mut reader = body.get_locals_reader().map_err(invalid)?;
        let (groups, start) = (reader.get_count(), reader.original_position());
        let mut count = ty.map_or(0, |ty| ty.params().len() as u64);
        for _ in 0..groups {
            let (more, _) = reader.read().map_err(invalid)?;
            count += u64::from(more);
        }
        let end = reader.original_position();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self { count, groups, start, end })
    }

    /// Writes the declaration with more locals at its end.
    fn encode(
        &self,
        wasm: &[u8],
        function: u32,
        scratch: &[ValType],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if !scratch.is_empty() && self.count as usize + scratch.len() > LOCALS_MAX {
            return Err(Error::Invalid {
                offset: self.start as u64,
                message: format!("function {function} has too many locals to be metered"),
            });
        }
        (self.groups as usize + scratch.len()).encode(out);
        out.extend_from_slice(&wasm[self.start..self.end]);
        for ty in scratch {
            1_u32.encode(out);
            encodable(*ty)?.encode(out);
        }
        Ok(())
    }
}
