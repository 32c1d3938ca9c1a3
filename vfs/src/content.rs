//! The bytes of one file: a base that is never copied as a whole, and the chunks that have been written over it.
//!
//! ```text
//!            0        16 Ki     32 Ki     48 Ki
//! base       aaaaaaaaa|aaaaaaaaa|aaaa     |            an archive's slice or a lower file, up to base_len
//! chunks              |aaaWWaaaa|         |0W          a chunk hides the base in its whole range
//! the file   aaaaaaaaa|aaaWWaaaa|aaaa00000|0W00000     what neither has is zero, up to len
//! ```
//!
//! A chunk is as long as what was written in it, so a small file costs its own size and a hole costs nothing.
//! Cutting a file lowers `base_len`, so what was cut does not come back when the file grows again.

mod state;
#[cfg(test)]
mod tests;

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Bound;

use bytes::Bytes;

use crate::map::Map;
use crate::{Errno, Lower, LowerId};

/// How much of a file is copied when its first byte is written over.
const CHUNK_BYTES: usize = 16 * 1024;
/// The same, for offsets.
const CHUNK: u64 = CHUNK_BYTES as u64;
/// How much of a lower file is in memory at once while its segments are visited.
const SEGMENT_BYTES: usize = 64 * 1024;

/// The bytes of one file. A clone takes constant time.
#[derive(Clone, Default)]
pub(crate) struct Content {
    len: u64,
    base: Base,
    /// How many bytes of the base still show where no chunk is. At most `len`.
    base_len: u64,
    chunks: Map<u64, Arc<Vec<u8>>>,
    /// The bytes that count against the quota: chunks, and a shared slice where it shows, but not a lower file.
    charged: u64,
}

#[derive(Clone, Default)]
enum Base {
    #[default]
    None,
    Shared(Bytes),
    Lower(Arc<dyn Lower>, LowerId),
}

impl Content {
    /// A file that shares `bytes`.
    pub(crate) fn shared(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        if len == 0 {
            return Self::default();
        }
        Self { len, base: Base::Shared(bytes), base_len: len, charged: len, ..Self::default() }
    }

    /// A lower file of `len` bytes.
    pub(crate) fn lower(source: Arc<dyn Lower>, id: LowerId, len: u64) -> Self {
        Self { len, base: Base::Lower(source, id), base_len: len, ..Self::default() }
    }

    /// The size of the file.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How many bytes count against the quota.
    pub(crate) fn charged(&self) -> u64 {
        self.charged
    }

    /// Reads into `out` from `offset`: how many bytes, fewer than asked only at the end.
    ///
    /// # Errors
    /// Those of [`Lower::read_at`].
    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        let count = to_usize(self.len.saturating_sub(offset)).min(out.len());
        if self.chunks.is_empty() {
            self.read_base(offset, &mut out[..count])?;
            return Ok(count);
        }
        let mut done = 0;
        while done < count {
            let at = offset + done as u64;
            let rest = &mut out[done..count];
            let (index, within) = place(at);
            done += if let Some(chunk) = self.chunks.get(&index) {
                let piece = rest.len().min(CHUNK_BYTES - within);
                let has = chunk.get(within..).unwrap_or_default();
                let has = &has[..has.len().min(piece)];
                rest[..has.len()].copy_from_slice(has);
                rest[has.len()..piece].fill(0);
                piece
            } else {
                let piece = to_usize(self.gap_end(index) - at).min(rest.len());
                self.read_base(at, &mut rest[..piece])?;
                piece
            };
        }
        Ok(count)
    }

    /// Writes at `offset`, taking at most `left` more bytes of quota: how many bytes were written. The caller has
    /// made sure that the end is no larger than the largest offset.
    ///
    /// # Errors
    /// [`Errno::Nospc`]: not one byte fits. Those of [`Lower::read_at`], if the first chunk cannot be read.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8], left: u64) -> Result<usize, Errno> {
        let charged_max = self.charged.saturating_add(left);
        let mut written = 0;
        while written < bytes.len() {
            let (index, within) = place(offset + written as u64);
            let piece = (bytes.len() - written).min(CHUNK_BYTES - within);
            let piece = &bytes[written..written + piece];
            match self.write_chunk(index, within, piece, charged_max - self.charged) {
                Ok(count) => {
                    written += count;
                    self.len = self.len.max(offset + written as u64);
                    if count < piece.len() {
                        break;
                    }
                }
                Err(errno) if written == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        Ok(written)
    }

    /// Cuts or grows the file. Never takes quota.
    pub(crate) fn set_len(&mut self, len: u64) {
        if len == 0 {
            *self = Self::default();
        } else if len < self.len {
            self.cut(len);
        }
        self.len = len;
    }

    /// Visits what is not a hole, in order: offset and bytes, which never overlap.
    ///
    /// # Errors
    /// Those of [`Lower::read_at`].
    pub(crate) fn segments(&self, visit: &mut dyn FnMut(u64, &[u8])) -> Result<(), Errno> {
        let mut at = 0;
        while at < self.len {
            let (index, _) = place(at);
            if let Some(chunk) = self.chunks.get(&index) {
                if !chunk.is_empty() {
                    visit(at, chunk);
                }
                at = chunk_start(index + 1);
            } else {
                let end = self.gap_end(index);
                self.base_segments(at, end.min(self.base_len), visit)?;
                at = end;
            }
        }
        Ok(())
    }

    /// Whether two files have the same bytes. Only what the two do not share is looked at; what cannot be read counts
    /// as different.
    pub(crate) fn same(a: &Self, b: &Self) -> bool {
        if a.len != b.len {
            return false;
        }
        let shown = a.base_len.max(b.base_len);
        let first = match (&a.base, &b.base) {
            (Base::None, Base::None) => shown,
            (Base::Shared(a_bytes), Base::Shared(b_bytes))
                if a_bytes.as_ptr() == b_bytes.as_ptr() && a_bytes.len() == b_bytes.len() =>
            {
                a.base_len.min(b.base_len)
            }
            (Base::Lower(a_source, a_id), Base::Lower(b_source, b_id))
                if Arc::ptr_eq(a_source, b_source) && a_id == b_id =>
            {
                a.base_len.min(b.base_len)
            }
            _ => 0,
        };
        let mut buffers = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
        let mut same_at = |index: u64| {
            let at = chunk_start(index);
            let counts = (a.read(at, &mut buffers.0), b.read(at, &mut buffers.1));
            let (Ok(count), Ok(_)) = counts else {
                return false;
            };
            buffers.0[..count] == buffers.1[..count]
        };
        let mut same = first >= shown || (first / CHUNK..shown.div_ceil(CHUNK)).all(&mut same_at);
        Map::diff(&a.chunks, &b.chunks, |index, a, b| {
            let shared = matches!((a, b), (Some(a), Some(b)) if Arc::ptr_eq(a, b));
            same = same && (shared || same_at(*index));
        });
        same
    }

    /// Where the next chunk after `index`, which is none, begins, or the file ends.
    fn gap_end(&self, index: u64) -> u64 {
        let next = self.chunks.range(Bound::Excluded(&index)).next();
        next.map_or(self.len, |(next, _)| chunk_start(*next).min(self.len))
    }

    /// Fills `out` from the base, with zeros where it does not show.
    fn read_base(&self, offset: u64, out: &mut [u8]) -> Result<(), Errno> {
        let shown = to_usize(self.base_len.saturating_sub(offset)).min(out.len());
        let (mut out, zeros) = out.split_at_mut(shown);
        // Nearly always there are none, and to fill nothing is a call too.
        if !zeros.is_empty() {
            zeros.fill(0);
        }
        match &self.base {
            Base::None => out.fill(0),
            Base::Shared(bytes) => {
                let at = to_usize(offset).min(bytes.len());
                out.copy_from_slice(&bytes[at..at + shown]);
            }
            Base::Lower(source, id) => {
                let mut at = offset;
                while !out.is_empty() {
                    let count = source.read_at(*id, at, out)?.min(out.len());
                    if count == 0 {
                        // It has become shorter than it was when it was listed.
                        out.fill(0);
                        break;
                    }
                    at += count as u64;
                    out = &mut out[count..];
                }
            }
        }
        Ok(())
    }

    fn base_segments(
        &self,
        from: u64,
        to: u64,
        visit: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<(), Errno> {
        if from >= to {
            return Ok(());
        }
        if let Base::Shared(bytes) = &self.base {
            visit(from, &bytes[to_usize(from)..to_usize(to)]);
            return Ok(());
        }
        let mut buffer = vec![0; SEGMENT_BYTES.min(to_usize(to - from))];
        let mut at = from;
        while at < to {
            let piece = buffer.len().min(to_usize(to - at));
            self.read_base(at, &mut buffer[..piece])?;
            visit(at, &buffer[..piece]);
            at += piece as u64;
        }
        Ok(())
    }

    /// How many bytes of chunk `index` the base shows, or would show without the chunk.
    fn base_in(&self, index: u64) -> usize {
        to_usize(self.base_len.saturating_sub(chunk_start(index))).min(CHUNK_BYTES)
    }

    /// What [`Content::base_in`] counts against the quota.
    fn base_charge_in(&self, index: u64) -> u64 {
        match self.base {
            Base::Shared(_) => self.base_in(index) as u64,
            Base::None | Base::Lower(..) => 0,
        }
    }

    /// Writes within one chunk: how many bytes fit into `left` more bytes of quota.
    fn write_chunk(
        &mut self,
        index: u64,
        within: usize,
        bytes: &[u8],
        left: u64,
    ) -> Result<usize, Errno> {
        let written = self.chunks.get(&index).map(|chunk| chunk.len());
        let len = written.unwrap_or_else(|| self.base_in(index));
        let charge = written.map_or_else(|| self.base_charge_in(index), |len| charge(index, len));
        let budget = charge.saturating_add(left);
        let len_max = if budget < charge_min(index) { 0 } else { to_usize(budget) };
        let count = len_max.saturating_sub(within).min(bytes.len());
        if len > len_max || count == 0 {
            return Err(Errno::Nospc);
        }
        if written.is_none() {
            let mut chunk = Vec::new();
            let is_hidden = within == 0 && count >= len;
            if !is_hidden {
                chunk.reserve_exact(len.max(within + count));
                chunk.resize(len, 0);
                self.read_base(chunk_start(index), &mut chunk)?;
            }
            self.chunks.insert(index, Arc::new(chunk));
        }
        if let Some(chunk) = self.chunks.get_mut(&index) {
            put(Arc::make_mut(chunk), within, &bytes[..count]);
        }
        self.charged = self.charged - charge + self::charge(index, len.max(within + count));
        Ok(count)
    }

    /// Removes what lies at `len` and beyond; `len` is neither 0 nor beyond the end.
    fn cut(&mut self, len: u64) {
        let (last, within) = place(len);
        let indices: Vec<u64> =
            self.chunks.range(Bound::Included(&last)).map(|(index, _)| *index).collect();
        for index in &indices {
            self.charged += self.base_charge_in(*index);
        }
        if matches!(self.base, Base::Shared(_)) {
            self.charged -= self.base_len.saturating_sub(len);
        }
        self.base_len = self.base_len.min(len);
        for index in &indices {
            self.charged -= self.base_charge_in(*index);
            if *index == last
                && within > 0
                && let Some(chunk) = self.chunks.get_mut(index)
            {
                self.charged -= charge(last, chunk.len());
                Arc::make_mut(chunk).truncate(within);
                self.charged += charge(last, chunk.len());
            } else if let Some(chunk) = self.chunks.remove(index) {
                self.charged -= charge(*index, chunk.len());
            }
        }
    }
}

/// What a written chunk counts against the quota: its bytes, but no less than what it costs to keep it.
fn charge(index: u64, len: usize) -> u64 {
    (len as u64).max(charge_min(index))
}

/// The least that a chunk counts, so that a file of many holes costs what the host pays for it. The first chunk has no
/// least: there are no more of them than inodes, which are counted too.
fn charge_min(index: u64) -> u64 {
    if index == 0 { 0 } else { 256 }
}

/// Which chunk `offset` is in, and where in it.
fn place(offset: u64) -> (u64, usize) {
    (offset / CHUNK, to_usize(offset % CHUNK))
}

/// The offset of a chunk's first byte, or the largest offset where there is no such chunk.
fn chunk_start(index: u64) -> u64 {
    index.saturating_mul(CHUNK)
}

/// A count of bytes that is compared with what is in memory, so that a larger one may as well be the largest.
fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Writes into a chunk. Its capacity doubles, up to the size of a chunk, so that appending byte by byte is not
/// quadratic.
fn put(chunk: &mut Vec<u8>, within: usize, bytes: &[u8]) {
    let end = within + bytes.len();
    if end > chunk.capacity() {
        let capacity = end.max(chunk.capacity() * 2).min(CHUNK_BYTES);
        chunk.reserve_exact(capacity - chunk.len());
    }
    if chunk.len() < within {
        chunk.resize(within, 0);
    }
    let (over, new) = bytes.split_at(bytes.len().min(chunk.len() - within));
    chunk[within..within + over.len()].copy_from_slice(over);
    chunk.extend_from_slice(new);
}
