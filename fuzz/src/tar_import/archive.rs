//! Archives from the fuzzer's bytes: as they are, with the checksums put right, or made of members.

use tar::{EntryType, Header};

use crate::choices::Choices;

const BLOCK_BYTES: usize = 512;
const MEMBERS_MAX: usize = 16;
const NAMES: &[&[u8]] = &[
    b"a",
    b"b",
    b"d",
    b"d/f",
    b"d/e",
    b"d/e/g",
    b"./a//b/.",
    b"l",
    b"l/x",
    b"",
    b"./",
    b"..",
    b"a/../b",
    b"\xff",
    b"nul\0x",
    b"/a",
    b"d/",
];
const KEYS: &[&[u8]] = &[
    b"path",
    b"linkpath",
    b"size",
    b"atime",
    b"mtime",
    b"GNU.sparse.major",
    b"GNU.sparse.minor",
    b"GNU.sparse.name",
    b"GNU.sparse.realsize",
    b"GNU.sparse.size",
    b"GNU.sparse.map",
    b"GNU.sparse.numblocks",
    b"GNU.sparse.offset",
    b"GNU.sparse.numbytes",
    b"SCHILY.xattr.user.a",
];
const TYPES: &[u8] = b"00000000115552LKxxgSSV734\0";

/// The first byte says which.
pub(super) fn from_choices(choices: &mut Choices<'_>) -> Vec<u8> {
    match choices.byte() % 4 {
        0 => choices.rest().to_vec(),
        1 => with_checksums(choices.rest().to_vec()),
        _ => of_members(choices),
    }
}

/// Makes every block that stands where a header should be one whose checksum is right, and adds the end mark, or no
/// mutation would get past the first header.
fn with_checksums(mut archive: Vec<u8>) -> Vec<u8> {
    archive.resize(archive.len().next_multiple_of(BLOCK_BYTES), 0);
    let mut at = 0;
    while at < archive.len() {
        let block = &mut archive[at..at + BLOCK_BYTES];
        at += BLOCK_BYTES;
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        let mut header = Header::from_byte_slice(block).clone();
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
        let size = header.entry_size().ok().and_then(|size| usize::try_from(size).ok());
        let blocks = size.unwrap_or(0).div_ceil(BLOCK_BYTES);
        // A size that is a lie leads past the end.
        at = blocks.saturating_mul(BLOCK_BYTES).saturating_add(at);
    }
    archive.resize(archive.len() + 2 * BLOCK_BYTES, 0);
    archive
}

fn of_members(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut archive = Vec::new();
    for _ in 0..MEMBERS_MAX {
        if choices.is_empty() {
            break;
        }
        add_member(&mut archive, choices);
    }
    archive.resize(archive.len() + 2 * BLOCK_BYTES, 0);
    archive
}

fn add_member(archive: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let mut header = if choices.once_in(4) { Header::new_ustar() } else { Header::new_gnu() };
    let kind = choices.one_of(TYPES);
    header.set_entry_type(EntryType::new(kind));
    header.set_mode(u32::from(choices.byte()) << 4);
    header.set_mtime(any_number(choices));
    let contents = match kind {
        b'x' | b'g' => records(choices),
        b'L' | b'K' => long_name(choices),
        _ => choices.bytes(600).to_vec(),
    };
    let size = if choices.once_in(32) { choices.u64() } else { contents.len() as u64 };
    header.set_size(size);
    put(&mut header.as_old_mut().name, choices.one_of(NAMES));
    put(&mut header.as_old_mut().linkname, choices.one_of(NAMES));
    let mut extensions = Vec::new();
    if kind == b'S' {
        add_map(&mut header, &mut extensions, contents.len() as u64, choices);
    }
    header.set_cksum();
    archive.extend_from_slice(header.as_bytes());
    archive.extend_from_slice(&extensions);
    archive.extend_from_slice(&contents);
    archive.resize(archive.len().next_multiple_of(BLOCK_BYTES), 0);
}

/// A small number, or one of any size.
fn any_number(choices: &mut Choices<'_>) -> u64 {
    match choices.below(3) {
        0 => choices.byte().into(),
        1 => u64::from(choices.byte()) << choices.below(57),
        _ => choices.u64(),
    }
}

fn put(field: &mut [u8], text: &[u8]) {
    let len = text.len().min(field.len());
    field[..len].copy_from_slice(&text[..len]);
}

fn long_name(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut name = choices.one_of(NAMES).to_vec();
    name.resize(name.len() + choices.one_of(&[0, 0, 10, 120, 260]), b'n');
    for _ in 0..choices.below(3) {
        name.push(b'/');
        name.extend_from_slice(choices.one_of(NAMES));
    }
    name.push(0);
    name
}

/// Records of an extended header, now and then with a length that lies.
fn records(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut data = Vec::new();
    for _ in 0..choices.below(6) {
        let key = choices.one_of(KEYS);
        let value = match choices.below(5) {
            0 => choices.one_of(NAMES).to_vec(),
            1 => choices.bytes(16).to_vec(),
            2 => format!("{}.{:09}", any_number(choices), choices.byte()).into_bytes(),
            3 => {
                let numbers: Vec<_> =
                    (0..choices.below(6)).map(|_| any_number(choices).to_string()).collect();
                numbers.join(",").into_bytes()
            }
            _ => any_number(choices).to_string().into_bytes(),
        };
        let rest = [b" ", key, b"=", &value[..], b"\n"].concat();
        let mut len = rest.len() + 1;
        while len.to_string().len() + rest.len() > len {
            len += 1;
        }
        if choices.once_in(16) {
            len = choices.below(64);
        }
        data.extend_from_slice(len.to_string().as_bytes());
        data.extend_from_slice(&rest);
    }
    data
}

/// The map of a sparse file, mostly one that fits `stored` bytes.
fn add_map(header: &mut Header, extensions: &mut Vec<u8>, stored: u64, choices: &mut Choices<'_>) {
    let Some(gnu) = header.as_gnu_mut() else {
        return;
    };
    let (mut offset, mut left) = (0_u64, stored);
    for row in &mut gnu.sparse[..choices.below(5)] {
        let len =
            if choices.once_in(16) { any_number(choices) } else { left.min(choices.byte().into()) };
        offset = offset.wrapping_add(any_number(choices));
        row.set_offset(offset);
        row.set_length(len);
        (offset, left) = (offset.wrapping_add(len), left.saturating_sub(len));
    }
    gnu.set_real_size(if choices.once_in(4) { any_number(choices) } else { offset });
    if choices.once_in(8) {
        gnu.set_is_extended(true);
        let block = choices.bytes(BLOCK_BYTES);
        extensions.extend_from_slice(block);
        extensions.resize(BLOCK_BYTES, 0);
    }
}
