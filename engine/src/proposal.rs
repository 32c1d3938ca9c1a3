//! Which proposal a refused module would have needed.

use alloc::format;
use alloc::string::{String, ToString};

use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

use crate::Error;

/// The proposals that the interpreter does not have, by the names of the WebAssembly community.
const PROPOSALS: &[(&str, WasmFeatures)] = &[
    ("exception handling", WasmFeatures::EXCEPTIONS),
    ("legacy exception handling", WasmFeatures::LEGACY_EXCEPTIONS),
    ("threads", WasmFeatures::THREADS),
    ("relaxed SIMD", WasmFeatures::RELAXED_SIMD),
    ("typed function references", WasmFeatures::FUNCTION_REFERENCES),
    (
        "garbage collection",
        WasmFeatures::GC.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::GC_TYPES),
    ),
    ("custom page sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("wide arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("memory control", WasmFeatures::MEMORY_CONTROL),
    ("stack switching", WasmFeatures::STACK_SWITCHING),
    (
        "shared-everything threads",
        WasmFeatures::SHARED_EVERYTHING_THREADS.union(WasmFeatures::THREADS),
    ),
];

/// What the interpreter has: WebAssembly 3.0 without exceptions, garbage collection and relaxed SIMD.
pub(crate) fn supported() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::FLOATS
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::MEMORY64
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::GC_TYPES
}

/// Checks a whole module, and says of a bad one what is wrong with it.
///
/// # Errors
/// [`Error::NotWasm`], [`Error::Unsupported`], [`Error::Invalid`].
pub(crate) fn validate(wasm: &[u8]) -> Result<(), Error> {
    recognise(wasm)?;
    let Err(error) = first_error(wasm, supported()) else { return Ok(()) };
    let offset = error.offset() as u64;
    // The proposal in question is the one with which the module would have got further. Of several, the first counts:
    // the list goes from the smallest to the ones that include others.
    for (proposal, features) in PROPOSALS {
        let further = match first_error(wasm, supported() | *features) {
            Ok(()) => true,
            Err(next) => next.offset() as u64 > offset,
        };
        if further {
            return Err(Error::Unsupported { proposal, offset });
        }
    }
    Err(Error::Invalid { offset, message: error.message().to_string() })
}

/// Refuses what is not a module at all.
///
/// # Errors
/// [`Error::NotWasm`], [`Error::Invalid`] (cut off in the header), [`Error::Unsupported`] (a component).
pub(crate) fn recognise(wasm: &[u8]) -> Result<(), Error> {
    const MAGIC: &[u8] = b"\0asm";
    const MODULE: &[u8] = &[1, 0, 0, 0];
    if wasm.is_empty() {
        return Err(Error::NotWasm { found: "it is empty".into() });
    }
    if !wasm.starts_with(MAGIC) {
        return if MAGIC.starts_with(wasm) {
            Err(Error::Invalid { offset: wasm.len() as u64, message: "unexpected end".into() })
        } else {
            Err(Error::NotWasm { found: describe(wasm) })
        };
    }
    match &wasm[MAGIC.len()..] {
        version if version.starts_with(MODULE) => Ok(()),
        version if version.len() < 4 => {
            Err(Error::Invalid { offset: wasm.len() as u64, message: "unexpected end".into() })
        }
        [_, _, 1, 0, ..] => Err(Error::Unsupported { proposal: "component model", offset: 4 }),
        version => Err(Error::Invalid {
            offset: 4,
            message: format!("unknown binary version {:02x?}", &version[..4]),
        }),
    }
}

fn describe(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(4)];
    match core::str::from_utf8(bytes.get(..64).unwrap_or(bytes)) {
        Ok(text) if !text.contains('\0') => {
            let line = text.lines().next().unwrap_or_default();
            let line: String = line.chars().take(40).collect();
            format!("it is text that starts with {line:?}")
        }
        _ => format!("it starts with the bytes {start:02x?} instead of \"\\0asm\""),
    }
}

fn first_error(wasm: &[u8], features: WasmFeatures) -> Result<(), BinaryReaderError> {
    Validator::new_with_features(features).validate_all(wasm).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_proposal() {
        let cases = [
            ("(module (memory 1 1 shared))", "threads"),
            ("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", "threads"),
            ("(module (tag $t) (func (throw $t)))", "exception handling"),
            (
                "(module (func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))",
                "relaxed SIMD",
            ),
            ("(module (type $s (struct (field i32))))", "garbage collection"),
            ("(component)", "component model"),
        ];
        for (text, expected) in cases {
            let wasm = wat::parse_str(text).unwrap();
            match validate(&wasm) {
                Err(Error::Unsupported { proposal, .. }) => {
                    assert_eq!(proposal, expected, "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_the_interpreter_has_is_valid() {
        let cases = [
            "(module (memory 1) (memory 1))",
            "(module (memory i64 1))",
            "(module (func $f (return_call $f)))",
            "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
            "(module (func (param externref) (drop (v128.const i64x2 0 0))))",
        ];
        for text in cases {
            assert_eq!(validate(&wat::parse_str(text).unwrap()), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_module_is_told_apart() {
        let cut = &wat::parse_str("(module (func (nop)))").unwrap();
        let cases: &[(&[u8], &str)] = &[
            (b"", "not a WebAssembly module: it is empty"),
            (b"hello\nworld", "not a WebAssembly module: it is text that starts with \"hello\""),
            (b"\x7fELF\x02\x01\0", "it starts with the bytes [7f, 45, 4c, 46]"),
            (b"\0as", "invalid module: unexpected end (at byte 0x3)"),
            (&cut[..cut.len() - 2], "invalid module: unexpected end"),
        ];
        for (bytes, expected) in cases {
            let message = validate(bytes).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
