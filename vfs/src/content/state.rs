//! A file's bytes as plain data: what is needed to make a content that behaves the same, quota included.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Base, CHUNK, CHUNK_BYTES, Content, charge, chunk_start, to_usize};
use crate::map::Map;

impl Content {
    /// The bytes of the base as far as they show; where a chunk hides them in the middle, zeros. `None` for a file of a
    /// lower source that shows.
    pub(crate) fn shown_base(&self) -> Option<Cow<'_, [u8]>> {
        let end = self.shown_end();
        let bytes = match &self.base {
            _ if end == 0 => &[],
            Base::None => &[],
            Base::Shared(bytes) => &bytes[..to_usize(end).min(bytes.len())],
            Base::Lower(..) => return None,
        };
        let mut shown = Cow::Borrowed(bytes);
        for (index, _) in self.chunks.iter().take_while(|(index, _)| chunk_start(**index) < end) {
            let from = to_usize(chunk_start(*index));
            let to = (from + CHUNK_BYTES).min(bytes.len());
            shown.to_mut()[from..to].fill(0);
        }
        Some(shown)
    }

    /// Where the base shows for the last time.
    fn shown_end(&self) -> u64 {
        let mut end = self.base_len;
        while let Some(last) = end.checked_sub(1)
            && self.chunks.get(&(last / CHUNK)).is_some()
        {
            end = chunk_start(last / CHUNK);
        }
        end
    }

    /// The chunks that have been written, by their numbers.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.chunks.iter().map(|(index, chunk)| (*index, chunk.as_slice()))
    }

    /// Whether two contents behave the same from now on.
    pub(crate) fn is_same_state(a: &Self, b: &Self) -> bool {
        let mut same = a.len == b.len;
        Map::diff(&a.chunks, &b.chunks, |_, a, b| same = same && a == b);
        same && match (&a.base, &b.base) {
            (Base::Shared(x), Base::Shared(y))
                if x.as_ptr() == y.as_ptr() && x.len() == y.len() && a.base_len == b.base_len =>
            {
                true
            }
            _ => a.shown_base().zip(b.shown_base()).is_some_and(|(a, b)| a == b),
        }
    }

    /// A content of `len` bytes above a base, with chunks.
    ///
    /// # Errors
    /// What is wrong: no content looks like that.
    pub(crate) fn from_state<'a>(
        len: u64,
        base: Bytes,
        chunks: impl Iterator<Item = (u64, &'a [u8])>,
    ) -> Result<Self, &'static str> {
        let mut content = Self::shared(base);
        if content.len > len {
            return Err("a file is shorter than its bytes");
        }
        content.len = len;
        let mut next = 0;
        for (index, bytes) in chunks {
            let end = index.checked_mul(CHUNK).and_then(|at| at.checked_add(bytes.len() as u64));
            if index < next || bytes.is_empty() || bytes.len() > CHUNK_BYTES {
                return Err("a file has no such chunk");
            }
            if end.is_none_or(|end| end > len) {
                return Err("a file is shorter than its chunks");
            }
            next = index + 1;
            content.charged -= content.base_charge_in(index);
            content.charged += charge(index, bytes.len());
            content.chunks.insert(index, Arc::new(Vec::from(bytes)));
        }
        Ok(content)
    }
}
