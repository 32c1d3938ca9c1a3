//! What a thawed module has in place of segments that were used and of memories that hold something.

use alloc::format;
use alloc::vec::Vec;

use wasm_encoder::{Encode, EntityType, ExportKind, MemoryType, SectionId};
use wasmparser::{Parser, Payload};

use super::FRAMES_EXPORT;
use super::thaw::Plan;
use super::visible::Module;
use crate::Error;
use crate::rewrite::sections::{Sections, invalid};

/// The module name of the memories that a thawed module imports; each is called by its index.
const MEMORY_IMPORT: &str = "stepwell:memory";

/// Leaves the data and element segments as they were when the process was frozen: what was dropped, and what was written
/// when the module was instantiated, is empty.
pub(super) fn leave(
    prepared: &[u8],
    module: &Module,
    dropped: &[bool],
    sections: &mut Sections<'_>,
) -> Result<(), Error> {
    let dropped = |flag: usize| dropped.get(flag).copied().unwrap_or(false);
    let has_count = !sections.body(SectionId::DataCount).is_empty();
    let (mut data, mut elements) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(prepared) {
        match payload.map_err(invalid)? {
            Payload::DataSection(segments) => {
                for (at, segment) in segments.into_iter().enumerate() {
                    let segment = segment.map_err(invalid)?;
                    if module.data[at] && !dropped(at) {
                        data.extend_from_slice(&prepared[segment.range]);
                    } else {
                        data.extend_from_slice(&EMPTY_DATA);
                    }
                }
            }
            Payload::ElementSection(segments) if module.has_references => {
                for (at, segment) in segments.into_iter().enumerate() {
                    let segment = segment.map_err(invalid)?;
                    let about = module.elements[at];
                    let is_whole = about.is_passive && !dropped(module.data.len() + at);
                    if is_whole || about.is_declared {
                        elements.extend_from_slice(&prepared[segment.range]);
                    } else {
                        elements.extend_from_slice(if about.is_extern {
                            &EMPTY_EXTERN
                        } else {
                            &EMPTY_FUNC
                        });
                    }
                }
            }
            _ => {}
        }
    }
    if !has_count {
        sections.remove(SectionId::Data);
    } else if !data.is_empty() {
        sections.replace(SectionId::Data, data);
    }
    if !elements.is_empty() {
        sections.replace(SectionId::Element, elements);
    }
    Ok(())
}

/// Makes the module's memories imports, with the sizes that they had, and adds that of the frames.
pub(super) fn import_memories(module: &Module, plan: &Plan<'_>, sections: &mut Sections<'_>) {
    for (index, (ty, pages)) in module.shape.memories.iter().zip(plan.pages).enumerate() {
        let ty = MemoryType {
            minimum: *pages,
            maximum: ty.maximum,
            memory64: ty.memory64,
            shared: false,
            page_size_log2: ty.page_size_log2,
        };
        sections.push(SectionId::Import, |entry| {
            MEMORY_IMPORT.encode(entry);
            format!("{index}").as_str().encode(entry);
            EntityType::Memory(ty).encode(entry);
        });
    }
    sections.remove(SectionId::Memory);
    let ty = MemoryType {
        minimum: plan.frames_bytes.max(module.flags()).div_ceil(PAGE_BYTES).max(1) as u64,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    sections.push(SectionId::Memory, |entry| ty.encode(entry));
    let index = u32::try_from(module.shape.memories.len()).unwrap_or(u32::MAX);
    sections.push_export(FRAMES_EXPORT, ExportKind::Memory, index);
}

const PAGE_BYTES: usize = 64 << 10;
/// A passive data segment without bytes.
const EMPTY_DATA: [u8; 2] = [1, 0];
/// A passive element segment without elements, of function and of external references.
const EMPTY_FUNC: [u8; 3] = [5, 0x70, 0];
const EMPTY_EXTERN: [u8; 3] = [5, 0x6f, 0];
