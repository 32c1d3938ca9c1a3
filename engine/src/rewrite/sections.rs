//! The kit of the passes: a module as a list of raw sections to which entries can be appended.

use alloc::string::ToString;
use alloc::vec::Vec;

use wasm_encoder::{Encode, ExportKind, RawSection, SectionId, ValType};
use wasmparser::{BinaryReader, BinaryReaderError, Parser, Payload};

use crate::Error;

/// A module cut into its sections, custom ones left out.
pub(crate) struct Sections<'a> {
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    id: u8,
    /// Entries at the start of `body`.
    count: u32,
    /// The entries as they were, without the count in front.
    body: &'a [u8],
    /// Entries that a pass has added, encoded.
    added: Vec<u8>,
    added_count: u32,
    /// What stands in place of `body` instead.
    replaced: Option<Vec<u8>>,
}

/// The byte that starts a function type.
const FUNC_TYPE: u8 = 0x60;

/// The order in which the binary format wants the sections, by id.
const ORDER: [u8; 13] = [
    SectionId::Type as u8,
    SectionId::Import as u8,
    SectionId::Function as u8,
    SectionId::Table as u8,
    SectionId::Memory as u8,
    SectionId::Tag as u8,
    SectionId::Global as u8,
    SectionId::Export as u8,
    SectionId::Start as u8,
    SectionId::Element as u8,
    SectionId::DataCount as u8,
    SectionId::Code as u8,
    SectionId::Data as u8,
];

impl<'a> Sections<'a> {
    /// Cuts a module.
    ///
    /// # Errors
    /// [`Error::Invalid`]: a section's frame is malformed.
    pub(crate) fn parse(wasm: &'a [u8]) -> Result<Self, Error> {
        let mut sections = Vec::new();
        let mut parser = Parser::new(0);
        let mut rest = wasm;
        loop {
            let parsed = parser.parse(rest, true).map_err(invalid)?;
            let wasmparser::Chunk::Parsed { consumed, payload } = parsed else { break };
            rest = &rest[consumed..];
            if let Payload::End(_) = payload {
                break;
            }
            let Some((id, range)) = payload.as_section() else { continue };
            if let Payload::CodeSectionStart { size, .. } = payload {
                parser.skip_section();
                rest = rest.get(size as usize..).unwrap_or_default();
            }
            if id != SectionId::Custom as u8 {
                sections.push(Section::cut(id, &wasm[range.clone()], range.start)?);
            }
        }
        Ok(Self { sections })
    }

    /// The entries of a section as they were, without the count in front.
    pub(crate) fn body(&self, id: SectionId) -> &'a [u8] {
        self.get(id).map_or(&[], |section| section.body)
    }

    /// Appends one entry to a section, which is made if there is none: the entry's index in it.
    pub(crate) fn push(&mut self, id: SectionId, encode: impl FnOnce(&mut Vec<u8>)) -> u32 {
        let section = self.get_or_insert(id);
        encode(&mut section.added);
        section.added_count += 1;
        section.count + section.added_count - 1
    }

    /// Appends a function type: its index.
    pub(crate) fn push_function_type(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        self.push(SectionId::Type, |entry| {
            entry.push(FUNC_TYPE);
            params.encode(entry);
            results.encode(entry);
        })
    }

    /// Appends an export.
    pub(crate) fn push_export(&mut self, name: &str, kind: ExportKind, index: u32) {
        self.push(SectionId::Export, |entry| {
            name.encode(entry);
            kind.encode(entry);
            index.encode(entry);
        });
    }

    /// Puts other entries in the place of a section's own, as many as there were.
    pub(crate) fn replace(&mut self, id: SectionId, body: Vec<u8>) {
        self.get_or_insert(id).replaced = Some(body);
    }

    /// Leaves a section out.
    pub(crate) fn remove(&mut self, id: SectionId) {
        self.sections.retain(|section| section.id != id as u8);
    }

    /// The module with its changes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        for section in &self.sections {
            let mut data = Vec::with_capacity(section.body.len() + section.added.len() + 8);
            if section.has_count() {
                (section.count + section.added_count).encode(&mut data);
            }
            data.extend_from_slice(section.replaced.as_deref().unwrap_or(section.body));
            data.extend_from_slice(&section.added);
            module.section(&RawSection { id: section.id, data: &data });
        }
        module.finish()
    }

    fn get(&self, id: SectionId) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.id == id as u8)
    }

    fn get_or_insert(&mut self, id: SectionId) -> &mut Section<'a> {
        let id = id as u8;
        let rank = |id: u8| ORDER.iter().position(|other| *other == id).unwrap_or(ORDER.len());
        let place = self.sections.iter().position(|section| rank(section.id) >= rank(id));
        let place = place.unwrap_or(self.sections.len());
        if self.sections.get(place).is_none_or(|section| section.id != id) {
            self.sections.insert(place, Section::empty(id));
        }
        &mut self.sections[place]
    }
}

impl<'a> Section<'a> {
    fn empty(id: u8) -> Self {
        Self { id, count: 0, body: &[], added: Vec::new(), added_count: 0, replaced: None }
    }

    fn cut(id: u8, bytes: &'a [u8], offset: usize) -> Result<Self, Error> {
        let mut section = Self { body: bytes, ..Self::empty(id) };
        if section.has_count() {
            let mut reader = BinaryReader::new(bytes, offset);
            section.count = reader.read_var_u32().map_err(invalid)?;
            section.body = &bytes[reader.original_position() - offset..];
        }
        Ok(section)
    }

    /// Whether the section is a counted list; the start and the data count are single numbers.
    fn has_count(&self) -> bool {
        self.id != SectionId::Start as u8 && self.id != SectionId::DataCount as u8
    }
}

pub(crate) fn invalid(error: BinaryReaderError) -> Error {
    Error::Invalid { offset: error.offset() as u64, message: error.message().to_string() }
}
