//! A prepared module without what only this engine needs: charges, and growth as calls of the host.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::Range;

use wasm_encoder::{Encode, ExportKind, Instruction, SectionId};
use wasmparser::{BlockType, CompositeInnerType, ExternalKind, Operator, Parser, Payload};

use super::misfit;
use super::peel::{self, Operators};
use crate::Error;
use crate::rewrite::RESERVED;
use crate::rewrite::meter::growth::GROWN_EXPORT;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::Shape;

/// Exports that are entered before or in place of a command's start.
const ENTRIES: [&str; 2] = ["_start", "_initialize"];

/// Takes out of a module what only this engine needs. `host_table` is the one through which growth is called for, and
/// `start` becomes `_start`.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Image`]: growth is called for otherwise than by the passes.
pub(super) fn plain(wasm: &[u8], host_table: Option<u32>, start: u32) -> Result<Vec<u8>, Error> {
    let mut sections = Sections::parse(wasm)?;
    let mut grown = Vec::new();
    let shape = Shape::of(wasm)?;
    let mut used: BTreeSet<u32> = shape.functions.iter().copied().collect();
    let mut code = Vec::with_capacity(wasm.len());
    sections.remove(SectionId::Export);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(invalid)?;
                    if let Some(slot) = export.name.strip_prefix(GROWN_EXPORT) {
                        grown.push((slot.parse().ok(), (export.kind, export.index)));
                    }
                    if !export.name.starts_with(RESERVED) && !ENTRIES.contains(&export.name) {
                        sections.push_export(export.name, export.kind.into(), export.index);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let growing = Growing { host_table, grown: &grown };
                let body = growing.body(wasm, &peel::operators(&body)?, body.range(), &mut used)?;
                body.len().encode(&mut code);
                code.extend_from_slice(&body);
            }
            _ => {}
        }
    }
    sections.push_export("_start", ExportKind::Func, start);
    sections.replace(SectionId::Code, code);
    let types = types(wasm, &used)?;
    sections.replace(SectionId::Type, types);
    Ok(sections.encode())
}

/// The entries of the type section. A type that no one uses, and not every engine has, is one that every engine has: the
/// passes add those that they may need.
fn types(wasm: &[u8], used: &BTreeSet<u32>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::TypeSection(types) = payload.map_err(invalid)? else { continue };
        let end = types.range().end;
        let types: Vec<_> =
            types.into_iter_with_offsets().collect::<Result<_, _>>().map_err(invalid)?;
        for (index, (start, group)) in (0..).zip(&types) {
            let after = types.get(index as usize + 1).map_or(end, |(start, _)| *start);
            let mut groups = group.types();
            let is_new = groups.any(|ty| match &ty.composite_type.inner {
                CompositeInnerType::Func(ty) => ty.results().len() > 1,
                _ => false,
            });
            if is_new && !used.contains(&index) {
                out.extend_from_slice(&NOTHING_TO_NOTHING);
            } else {
                out.extend_from_slice(&wasm[*start..after]);
            }
        }
    }
    Ok(out)
}

/// The type that an operator names.
fn type_of(operator: &Operator<'_>) -> Option<u32> {
    match *operator {
        Operator::Block { blockty: BlockType::FuncType(ty) }
        | Operator::Loop { blockty: BlockType::FuncType(ty) }
        | Operator::If { blockty: BlockType::FuncType(ty) }
        | Operator::CallIndirect { type_index: ty, .. }
        | Operator::ReturnCallIndirect { type_index: ty, .. } => Some(ty),
        _ => None,
    }
}

/// A function type without parameters and results.
const NOTHING_TO_NOTHING: [u8; 3] = [0x60, 0, 0];

/// What a module grows, by its slot in the host's table.
struct Growing<'a> {
    host_table: Option<u32>,
    grown: &'a [(Option<i32>, (ExternalKind, u32))],
}

impl Growing<'_> {
    /// A body without charges, which are `nop`s and loops around them that go round once, and with growth by its operators.
    /// Adds the types that it uses.
    fn body(
        &self,
        wasm: &[u8],
        operators: &Operators<'_>,
        range: Range<usize>,
        used: &mut BTreeSet<u32>,
    ) -> Result<Vec<u8>, Error> {
        let start_of = |at: usize| operators.get(at).map_or(range.end, |(_, start)| *start);
        let mut out = wasm[range.start..start_of(0)].to_vec();
        let mut at = 0;
        while let Some((operator, start)) = operators.get(at) {
            let next = operators.get(at + 1).map(|(next, _)| next);
            used.extend(type_of(operator));
            match (operator, next) {
                (Operator::Nop, _) => at += 1,
                (
                    Operator::Loop { blockty: BlockType::Empty },
                    Some(Operator::Nop | Operator::End),
                ) => {
                    let is_nop =
                        |(operator, _): &&(Operator<'_>, usize)| matches!(operator, Operator::Nop);
                    let nops = operators[at + 1..].iter().take_while(is_nop).count();
                    let after = at + 1 + nops;
                    if matches!(operators.get(after), Some((Operator::End, _))) {
                        at = after + 1;
                    } else {
                        out.extend_from_slice(&wasm[*start..start_of(at + 1)]);
                        at = after;
                    }
                }
                (
                    Operator::I32Const { value },
                    Some(Operator::CallIndirect { table_index, .. }),
                ) if Some(*table_index) == self.host_table => {
                    self.grow(*value)?.encode(&mut out);
                    at += 2;
                }
                _ => {
                    out.extend_from_slice(&wasm[*start..start_of(at + 1)]);
                    at += 1;
                }
            }
        }
        Ok(out)
    }

    /// The operator in place of the call of a slot.
    fn grow(&self, slot: i32) -> Result<Instruction<'static>, Error> {
        let grown = self.grown.iter().find(|(known, _)| *known == Some(slot));
        match grown {
            Some((_, (ExternalKind::Memory, index))) => Ok(Instruction::MemoryGrow(*index)),
            Some((_, (ExternalKind::Table, index))) => Ok(Instruction::TableGrow(*index)),
            _ => Err(misfit()),
        }
    }
}
