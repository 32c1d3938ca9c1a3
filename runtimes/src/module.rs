//! Reading a module without what only a debugger needs.
//!
//! Interpreters are built with their debugging information, which is up to half of their file. Not reading it saves that
//! much memory and time in every run. Function names stay: backtraces show them.

use std::fs::File;
use std::io::{self, BufReader, Read};

/// Reads a module but for its custom sections whose names start with `.debug`.
///
/// What is not well-formed is kept as it is: judging a module is the engine's.
///
/// # Errors
/// Whatever reading gives.
pub(crate) fn read_without_debug(file: File) -> io::Result<Vec<u8>> {
    let len = file.metadata()?.len();
    // Memory that is not written to costs nothing.
    let mut module = Vec::with_capacity(usize::try_from(len).unwrap_or_default());
    let mut reader = BufReader::new(file);
    reader.by_ref().take(HEADER_BYTES).read_to_end(&mut module)?;
    loop {
        let start = module.len();
        let Some(section) = section_start(&mut reader, &mut module)? else {
            // The end, or something that is no section: the rest as it is.
            reader.read_to_end(&mut module)?;
            return Ok(module);
        };
        if section.is_debug {
            module.truncate(start);
            reader.seek_relative(section.rest)?;
        } else {
            let rest = u64::try_from(section.rest).unwrap_or_default();
            reader.by_ref().take(rest).read_to_end(&mut module)?;
        }
    }
}

/// The magic number and the version.
const HEADER_BYTES: u64 = 8;
/// The id of a custom section.
const CUSTOM: u8 = 0;
/// What the names of the sections start with that are left out.
const DEBUG: &[u8] = b".debug";

/// A section of which the start has been read.
struct Section {
    is_debug: bool,
    /// Bytes that have not been read yet.
    rest: i64,
}

/// Reads as much of a section as tells what it is, and appends it to `module`: `None` if there is no section.
fn section_start(reader: &mut impl Read, module: &mut Vec<u8>) -> io::Result<Option<Section>> {
    let Some(id) = byte(reader, module)? else { return Ok(None) };
    let Some(size) = leb128(reader, module)? else { return Ok(None) };
    let start = module.len();
    let mut is_debug = false;
    if id == CUSTOM
        && leb128(reader, module)?
            .is_some_and(|len| usize::try_from(len).is_ok_and(|len| len >= DEBUG.len()))
    {
        let name = module.len();
        reader.by_ref().take(DEBUG.len() as u64).read_to_end(module)?;
        is_debug = module[name..] == *DEBUG;
    }
    let read = i64::try_from(module.len() - start).unwrap_or(i64::MAX);
    let rest = i64::from(size) - read;
    Ok((rest >= 0).then_some(Section { is_debug, rest }))
}

fn byte(reader: &mut impl Read, module: &mut Vec<u8>) -> io::Result<Option<u8>> {
    let n = reader.by_ref().take(1).read_to_end(module)?;
    Ok((n == 1).then(|| module[module.len() - 1]))
}

/// A number of at most 32 bits in LEB128: `None` if there is none.
fn leb128(reader: &mut impl Read, module: &mut Vec<u8>) -> io::Result<Option<u32>> {
    let mut number = 0;
    for shift in [0, 7, 14, 21, 28] {
        let Some(byte) = byte(reader, module)? else { return Ok(None) };
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(u32::try_from(number).ok());
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        read_without_debug(file).unwrap()
    }

    #[test]
    fn debugging_sections_are_left_out_and_the_rest_stays() {
        let header = b"\0asm\x01\0\0\0";
        let ty = b"\x01\x04\x01\x60\0\0";
        let name = b"\0\x07\x04name\x01\0";
        let debug = b"\0\x0f\x0b.debug_infoxyz";
        type Pieces<'a> = &'a [&'a [u8]];
        let cases: &[(Pieces<'_>, Pieces<'_>)] = &[
            (&[header, ty, debug, name, debug], &[header, ty, name]),
            (&[header], &[header]),
            (&[b"no module"], &[b"no module"]),
            (&[b""], &[b""]),
            (&[header, b"\0\x01"], &[header, b"\0\x01"]),
            (
                &[header, b"\x0a\xff\xff\xff\xff\xff\xff", ty],
                &[header, b"\x0a\xff\xff\xff\xff\xff\xff", ty],
            ),
            (&[header, b"\x0a\x7f", ty], &[header, b"\x0a\x7f", ty]),
        ];
        for (given, expected) in cases {
            let (given, expected) = (given.concat(), expected.concat());
            assert_eq!(read(&given), expected, "{}", given.escape_ascii());
        }
    }
}
