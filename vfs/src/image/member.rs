//! An archive as a list of members, extended headers resolved. Nothing is copied but names.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use tar::{EntryType, GnuExtSparseHeader, Header};

use super::{BLOCK_BYTES, ImageError, pax, sparse};
use crate::Timestamp;

/// What to do about an archive that is not what it should be.
const PACK_AGAIN: &str = "is malformed; pack the archive again";

/// The members of an archive, one after the other.
pub(super) struct Members {
    archive: Bytes,
    at: usize,
}

/// One member.
pub(super) struct Member {
    /// Where its first header starts.
    pub(super) at: u64,
    pub(super) entry_type: EntryType,
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) mode: u32,
    pub(super) accessed: Timestamp,
    pub(super) modified: Timestamp,
    /// The size of the file, holes included.
    pub(super) size: u64,
    /// What is stored of it: from which offset in the file, and the bytes.
    pub(super) segments: Vec<(u64, Bytes)>,
}

/// What the headers before a member's own say of it.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    accessed: Option<Timestamp>,
    modified: Option<Timestamp>,
    sparse: sparse::Pax,
}

impl Members {
    pub(super) fn new(archive: Bytes) -> Self {
        Self { archive, at: 0 }
    }

    /// The next member, `None` at the end mark.
    pub(super) fn next(&mut self) -> Result<Option<Member>, ImageError> {
        let at = self.at;
        let mut extended = Extended::default();
        loop {
            let Some(header) = self.header()? else {
                return if self.at == at + BLOCK_BYTES {
                    Ok(None)
                } else {
                    Err(malformed(at, "it describes a file that does not follow; pack it again"))
                };
            };
            match header.entry_type() {
                EntryType::GNULongName => extended.path = Some(until_nul(&self.data(&header)?)),
                EntryType::GNULongLink => extended.link = Some(until_nul(&self.data(&header)?)),
                EntryType::XHeader => extended.read(&self.data(&header)?).ok_or_else(|| {
                    malformed(at, "the extended header is malformed; pack the archive again")
                })?,
                // Records for all members: in practice a comment.
                EntryType::XGlobalHeader => drop(self.data(&header)?),
                // A label for the whole archive.
                label if label.as_byte() == b'V' => drop(self.data(&header)?),
                _ => return self.member(at, &header, extended).map(Some),
            }
        }
    }

    /// Takes the next header, `None` for the end mark.
    fn header(&mut self) -> Result<Option<Header>, ImageError> {
        let at = self.at;
        let block = self.take(BLOCK_BYTES)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        match (at, &block[..4]) {
            (0, [0x1f, 0x8b, ..]) => {
                return Err(malformed(at, "it is compressed with gzip; decompress it first"));
            }
            (0, [0x28, 0xb5, 0x2f, 0xfd]) => {
                return Err(malformed(at, "it is compressed with zstd; decompress it first"));
            }
            _ => {}
        }
        let header = Header::from_byte_slice(&block).clone();
        let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
        let expected = sum(&block[..148]) + 8 * u32::from(b' ') + sum(&block[156..]);
        match header.cksum() {
            Ok(stored) if stored == expected => Ok(Some(header)),
            _ => Err(malformed(at, "the checksum is wrong; check that it is a tar archive")),
        }
    }

    /// Takes the contents that an extended header says follow it.
    fn data(&mut self, header: &Header) -> Result<Bytes, ImageError> {
        let at = self.at - BLOCK_BYTES;
        let size = header.entry_size().map_err(|_| malformed(at, "its size is no number"))?;
        self.contents(size)
    }

    fn member(
        &mut self,
        at: usize,
        header: &Header,
        extended: Extended,
    ) -> Result<Member, ImageError> {
        let mut entry_type = header.entry_type();
        let path = extended.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let link = extended.link.or_else(|| header.link_name_bytes().map(|link| link.into_owned()));
        // Before there was a type for it, a directory was a file with a slash at the end.
        if entry_type == EntryType::Regular && path.ends_with(b"/") {
            entry_type = EntryType::Directory;
        }
        let refused = |reason| entry_error(&path, at, reason);
        let stored = match (entry_type, extended.size, header.entry_size()) {
            // They have a size at times and no contents ever.
            (EntryType::Directory | EntryType::Symlink | EntryType::Link, ..) => 0,
            (_, Some(size), _) | (_, None, Ok(size)) => size,
            (_, None, Err(_)) => return Err(refused(PACK_AGAIN)),
        };
        let map = match entry_type {
            EntryType::GNUSparse => Some(self.gnu_map(header)?.ok_or_else(|| refused(PACK_AGAIN))?),
            _ => None,
        };
        let contents = self.contents(stored)?;
        let (size, segments) = match (map, extended.sparse.map(&contents)) {
            (Some(map), _) => map.cut(contents).ok_or_else(|| refused(PACK_AGAIN))?,
            (None, Some((map, start))) => {
                map.cut(contents.slice(start..)).ok_or_else(|| refused(PACK_AGAIN))?
            }
            (None, None) => (stored, Vec::from([(0, contents)])),
        };
        let modified = extended.modified.unwrap_or_else(|| header_time(header));
        Ok(Member {
            at: at as u64,
            entry_type,
            link: link.unwrap_or_default(),
            mode: header.mode().unwrap_or(0o644) & 0o7777,
            accessed: extended.accessed.unwrap_or(modified),
            modified,
            size,
            segments,
            path: extended.sparse.into_name().unwrap_or(path),
        })
    }

    /// Takes the map of holes that starts in `header`; `None` if it makes no sense.
    fn gnu_map(&mut self, header: &Header) -> Result<Option<sparse::Map>, ImageError> {
        let Some(gnu) = header.as_gnu() else {
            return Ok(None);
        };
        let mut map = sparse::Map::new(gnu.real_size().ok());
        map.read_gnu(&gnu.sparse);
        let mut extended = gnu.is_extended();
        while extended {
            let block = self.take(BLOCK_BYTES)?;
            let mut extension = GnuExtSparseHeader::new();
            extension.as_mut_bytes().copy_from_slice(&block);
            map.read_gnu(extension.sparse());
            extended = extension.is_extended();
        }
        Ok(Some(map))
    }

    /// Takes `size` bytes and what pads them to a block.
    fn contents(&mut self, size: u64) -> Result<Bytes, ImageError> {
        let truncated = ImageError::Truncated { at: self.archive.len() as u64 };
        let Ok(size) = usize::try_from(size) else {
            return Err(truncated);
        };
        let contents = self.take(size)?;
        let padding = size.next_multiple_of(BLOCK_BYTES) - size;
        self.take(padding)?;
        Ok(contents)
    }

    fn take(&mut self, len: usize) -> Result<Bytes, ImageError> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.archive.len());
        let end = end.ok_or(ImageError::Truncated { at: self.archive.len() as u64 })?;
        let taken = self.archive.slice(self.at..end);
        self.at = end;
        Ok(taken)
    }
}

impl Extended {
    /// Takes what the records say; `None` if they are malformed.
    fn read(&mut self, data: &[u8]) -> Option<()> {
        pax::records(data, |key, value| match key {
            b"path" => self.path = Some(value.into()),
            b"linkpath" => self.link = Some(value.into()),
            b"size" => self.size = pax::decimal(value),
            b"atime" => self.accessed = pax::parse_time(value),
            b"mtime" => self.modified = pax::parse_time(value),
            _ => self.sparse.read(key, value),
        })
    }
}

/// A base-256 number that is negative is before 1970; a blank one says nothing.
fn header_time(header: &Header) -> Timestamp {
    let negative = header.as_old().mtime[0] == 0xff;
    let seconds = if negative { 0 } else { header.mtime().unwrap_or(0) };
    Timestamp(seconds.saturating_mul(pax::SECOND))
}

fn until_nul(data: &[u8]) -> Vec<u8> {
    data.split(|byte| *byte == 0).next().unwrap_or_default().into()
}

fn malformed(at: usize, reason: &'static str) -> ImageError {
    ImageError::Malformed { at: at as u64, reason }
}

fn entry_error(path: &[u8], at: usize, reason: &'static str) -> ImageError {
    ImageError::Entry { path: String::from_utf8_lossy(path).into_owned(), at: at as u64, reason }
}
