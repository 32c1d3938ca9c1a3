//! What of a file is written: all of it, or the ranges that are not zeros.

use alloc::vec::Vec;
use core::ops::Range;
use std::io::{self, Write};

use tar::{EntryType, GnuExtSparseHeader, GnuSparseHeader, Header};

use crate::{Errno, Stat, Tree};

/// The ranges of a file that are not zeros, if enough of it is.
pub(super) fn ranges(tree: &mut Tree, stat: Stat) -> Result<Option<Vec<Range<u64>>>, Errno> {
    if stat.size < ZEROS_BYTES_MIN {
        return Ok(None);
    }
    let mut ranges: Vec<Range<u64>> = Vec::new();
    tree.segments(stat.ino, &mut |offset, bytes| {
        for (start, piece) in pieces(offset, bytes) {
            let block = start - start % ZEROS_BLOCK_BYTES;
            if piece.iter().any(|byte| *byte != 0) {
                let end = block.saturating_add(ZEROS_BLOCK_BYTES).min(stat.size);
                match ranges.last_mut() {
                    Some(last) if last.end >= block => last.end = end,
                    _ => ranges.push(block..end),
                }
            }
        }
    })?;
    let data = ranges.iter().map(|range| range.end - range.start).sum::<u64>();
    Ok((stat.size - data >= ZEROS_BYTES_MIN).then_some(ranges))
}

/// A file with fewer zeros in whole blocks is written whole.
const ZEROS_BYTES_MIN: u64 = 64 << 10;
/// The blocks that are looked at; a multiple of the archive's own.
const ZEROS_BLOCK_BYTES: u64 = 4096;

/// `bytes` cut where blocks begin, with the offset of each piece.
fn pieces(offset: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let (mut at, mut rest) = (offset, bytes);
    core::iter::from_fn(move || {
        let room = usize::try_from(ZEROS_BLOCK_BYTES - at % ZEROS_BLOCK_BYTES).ok()?;
        let (piece, tail) = rest.split_at(room.min(rest.len()));
        let start = at;
        at += piece.len() as u64;
        rest = tail;
        (!piece.is_empty()).then_some((start, piece))
    })
}

/// Writes where a file's ranges lie into `header`, and what does not fit there into the blocks that are returned.
pub(super) fn write_map(header: &mut Header, ranges: &[Range<u64>], size: u64) -> Vec<u8> {
    header.set_entry_type(EntryType::GNUSparse);
    // An empty range at the end says where the file ends.
    let end = size..size;
    let mut ranges = ranges.iter().chain([&end]).peekable();
    let mut put = |fields: &mut [GnuSparseHeader]| {
        for (field, range) in fields.iter_mut().zip(&mut ranges) {
            field.set_offset(range.start);
            field.set_length(range.end - range.start);
        }
        ranges.peek().is_some()
    };
    let mut blocks = Vec::new();
    let Some(gnu) = header.as_gnu_mut() else {
        return blocks;
    };
    gnu.set_real_size(size);
    let mut more = put(&mut gnu.sparse);
    gnu.set_is_extended(more);
    while more {
        let mut block = GnuExtSparseHeader::new();
        more = put(block.sparse_mut());
        block.set_is_extended(more);
        blocks.extend_from_slice(block.as_bytes());
    }
    blocks
}

/// Copies ranges of a file out of its segments, with zeros where a range has holes.
pub(super) struct Copy<'o> {
    out: &'o mut dyn Write,
    /// What is left to write.
    ranges: &'o [Range<u64>],
    /// Up to where the file is written, as far as ranges want it.
    at: u64,
    result: io::Result<()>,
}

impl<'o> Copy<'o> {
    pub(super) fn new(out: &'o mut dyn Write, ranges: &'o [Range<u64>]) -> Self {
        Self { out, ranges, at: 0, result: Ok(()) }
    }

    /// Takes the next segment. After an error the rest is passed over.
    pub(super) fn segment(&mut self, offset: u64, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = self.write(offset, bytes);
        }
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        while let Some(range) = self.ranges.first() {
            self.at = self.at.max(range.start);
            let hole_end = offset.min(range.end);
            if hole_end > self.at {
                zeros(self.out, hole_end - self.at)?;
                self.at = hole_end;
            }
            let stop = end.min(range.end);
            if stop > self.at {
                let index = |at: u64| usize::try_from(at - offset).unwrap_or(bytes.len());
                self.out.write_all(&bytes[index(self.at)..index(stop)])?;
                self.at = stop;
            }
            if self.at < range.end {
                return Ok(());
            }
            self.ranges = &self.ranges[1..];
        }
        Ok(())
    }

    /// Fills up what no segment had.
    pub(super) fn finish(self) -> io::Result<()> {
        self.result?;
        for range in self.ranges {
            zeros(self.out, range.end - range.start.max(self.at))?;
        }
        Ok(())
    }
}

pub(super) fn zeros(out: &mut dyn Write, mut count: u64) -> io::Result<()> {
    const ZEROS: &[u8] = &[0; 4096];
    while count > 0 {
        let n = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
        out.write_all(&ZEROS[..n])?;
        count -= n as u64;
    }
    Ok(())
}
