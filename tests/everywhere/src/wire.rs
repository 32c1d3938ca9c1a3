//! Numbers and byte strings one after the other: how a bundle is written down.

use std::fmt;

use bytes::Bytes;

/// The bytes are no bundle of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bundle is damaged or of another version; make the bundles again")
    }
}

impl std::error::Error for Malformed {}

/// Writes down.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// Reads what [`Writer`] has written; strings are slices, not copies.
pub(crate) struct Reader(pub(crate) Bytes);

impl Reader {
    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes[..].try_into().map_err(|_| Malformed)?))
    }

    pub(crate) fn bytes(&mut self) -> Result<Bytes, Malformed> {
        let len = self.number()?;
        self.take(usize::try_from(len).map_err(|_| Malformed)?)
    }

    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Malformed)
    }

    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        // Nothing is reserved: a damaged count ends where the bytes do.
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }

    fn take(&mut self, len: usize) -> Result<Bytes, Malformed> {
        if len > self.0.len() { Err(Malformed) } else { Ok(self.0.split_to(len)) }
    }
}
