//! Files with holes: the map of what is stored, in GNU's older form and in its three extended ones.

use alloc::vec::Vec;

use bytes::Bytes;
use tar::GnuSparseHeader;

use super::{BLOCK_BYTES, pax};

/// Which ranges of a file are stored, in order; everything else is a hole.
#[derive(Default)]
pub(super) struct Map {
    /// The size of the file; `None` if it could not be read.
    size: Option<u64>,
    /// The first byte and the number of bytes of each; `None` if they make no sense.
    ranges: Option<Vec<(u64, u64)>>,
}

impl Map {
    pub(super) fn new(size: Option<u64>) -> Self {
        Self { size, ranges: Some(Vec::new()) }
    }

    fn push(&mut self, start: Option<u64>, len: Option<u64>) {
        match (&mut self.ranges, start, len) {
            (Some(ranges), Some(start), Some(len)) => ranges.push((start, len)),
            _ => self.ranges = None,
        }
    }

    /// Adds the ranges in a header.
    pub(super) fn read_gnu(&mut self, fields: &[GnuSparseHeader]) {
        for field in fields.iter().filter(|field| !field.is_empty()) {
            self.push(field.offset().ok(), field.length().ok());
        }
    }

    /// The file's size, and `stored` cut into its segments; `None` if the map does not fit it.
    pub(super) fn cut(self, mut stored: Bytes) -> Option<(u64, Vec<(u64, Bytes)>)> {
        let size = self.size?;
        let mut segments = Vec::new();
        let mut free = 0;
        for (start, len) in self.ranges? {
            let end = start.checked_add(len).filter(|end| *end <= size)?;
            let len = usize::try_from(len).ok().filter(|len| *len <= stored.len())?;
            if start < free {
                return None;
            }
            free = end;
            segments.push((start, stored.split_to(len)));
        }
        Some((size, segments))
    }
}

/// What extended headers say of a file with holes.
#[derive(Default)]
pub(super) struct Pax {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// The map is text in front of the contents (form 1.0).
    in_contents: bool,
    /// Starts and lengths in turn (forms 0.0 and 0.1).
    numbers: Option<Vec<Option<u64>>>,
}

impl Pax {
    pub(super) fn read(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"GNU.sparse.name" => self.name = Some(value.into()),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.size = pax::decimal(value),
            b"GNU.sparse.major" => self.in_contents = value == b"1",
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                self.numbers.get_or_insert_default().push(pax::decimal(value));
            }
            b"GNU.sparse.map" if value.is_empty() => self.numbers = Some(Vec::new()),
            b"GNU.sparse.map" => {
                self.numbers = Some(value.split(|byte| *byte == b',').map(pax::decimal).collect());
            }
            _ => {}
        }
    }

    /// The map and where the contents start, `None` for an ordinary file.
    pub(super) fn map(&self, contents: &Bytes) -> Option<(Map, usize)> {
        let mut map = Map::new(self.size);
        if self.in_contents {
            let start = map.read_text(contents).unwrap_or_else(|| {
                map.ranges = None;
                0
            });
            return Some((map, start));
        }
        for pair in self.numbers.as_ref()?.chunks(2) {
            map.push(pair[0], pair.get(1).copied().flatten());
        }
        Some((map, 0))
    }

    pub(super) fn into_name(self) -> Option<Vec<u8>> {
        self.name
    }
}

impl Map {
    /// Reads a map in form 1.0, lines of one number each, the first of which counts the ranges: where the contents
    /// start.
    fn read_text(&mut self, contents: &[u8]) -> Option<usize> {
        let mut at = 0;
        let mut number = || {
            let rest = &contents[at..];
            let len = rest.iter().position(|byte| *byte == b'\n')?;
            at += len + 1;
            pax::decimal(&rest[..len])
        };
        let count = number()?;
        for _ in 0..count {
            let (start, len) = (number()?, number()?);
            self.push(Some(start), Some(len));
        }
        Some(at.next_multiple_of(BLOCK_BYTES)).filter(|start| *start <= contents.len())
    }
}
