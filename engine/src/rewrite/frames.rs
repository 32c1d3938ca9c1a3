//! A copy of a module that keeps a list of its active functions, for backtraces.
//!
//! ```text
//! memory:  | outermost | … | innermost | unused …      one function index (u32) per frame
//! global:                              ^ top           in bytes
//! body:    push(index); block (result R) <body> end; pop; end         `return` in <body> pops first, as do tail calls
//! ```
//!
//! The added block stands where the function's own label stood, so no branch changes. The added global, memory and types
//! come last in their index spaces, so no index changes.

use alloc::vec::Vec;

use wasm_encoder::{
    ConstExpr, Encode, ExportKind, GlobalType, Instruction, MemArg, MemoryType, SectionId, ValType,
};
use wasmparser::{CompositeInnerType, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::Error;
use crate::rewrite::sections::{Sections, invalid};

/// The list.
pub(crate) const MEMORY_EXPORT: &str = "stepwell:frames";
/// The length of the list in bytes.
pub(crate) const TOP_EXPORT: &str = "stepwell:top";
/// 64 KiB each: a million frames fit.
const PAGES: u64 = 64;

/// What has to be known of a module before its bodies are rewritten.
#[derive(Default)]
struct Shape {
    /// The results of each type; `None` for what is no function.
    results: Vec<Option<Vec<ValType>>>,
    /// The type of each function of the module itself, without imports.
    functions: Vec<u32>,
    imported_functions: u32,
    imported_globals: u32,
    imported_memories: u32,
}

/// The list of frames in the rewritten module.
struct List {
    memory: u32,
    top: u32,
}

/// Rewrites a module so that it keeps the list. Its function indices stay what they were.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn instrument(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let shape = Shape::of(wasm)?;
    let mut sections = Sections::parse(wasm)?;
    let memory = sections.push(SectionId::Memory, |entry| {
        let ty = MemoryType {
            minimum: PAGES,
            maximum: Some(PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        ty.encode(entry);
    });
    let top = sections.push(SectionId::Global, |entry| {
        GlobalType { val_type: ValType::I32, mutable: true, shared: false }.encode(entry);
        ConstExpr::i32_const(0).encode(entry);
    });
    let list = List { memory: shape.imported_memories + memory, top: shape.imported_globals + top };
    for (name, kind, index) in [
        (MEMORY_EXPORT, ExportKind::Memory, list.memory),
        (TOP_EXPORT, ExportKind::Global, list.top),
    ] {
        sections.push(SectionId::Export, |entry| {
            name.encode(entry);
            entry.push(kind as u8);
            index.encode(entry);
        });
    }
    let block_types = shape.block_types(&mut sections);
    let code = rewrite_bodies(wasm, &shape, &block_types, &list)?;
    sections.replace(SectionId::Code, code);
    Ok(sections.encode())
}

impl Shape {
    fn of(wasm: &[u8]) -> Result<Self, Error> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(invalid)? {
                Payload::TypeSection(types) => {
                    for group in types {
                        for ty in group.map_err(invalid)?.into_types() {
                            shape.results.push(match ty.composite_type.inner {
                                CompositeInnerType::Func(ty) => Some(encodable(ty.results())?),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports {
                        match import.map_err(invalid)?.ty {
                            TypeRef::Func(_) => shape.imported_functions += 1,
                            TypeRef::Global(_) => shape.imported_globals += 1,
                            TypeRef::Memory(_) => shape.imported_memories += 1,
                            TypeRef::Table(_) | TypeRef::Tag(_) => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        shape.functions.push(ty.map_err(invalid)?);
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    /// The encoded block type `[] -> results` for each type of the module, adding types where the short form will not do.
    fn block_types(&self, sections: &mut Sections<'_>) -> Vec<Vec<u8>> {
        let mut block_types = Vec::with_capacity(self.results.len());
        for results in &self.results {
            let mut encoded = Vec::new();
            match results.as_deref() {
                None | Some([]) => wasm_encoder::BlockType::Empty.encode(&mut encoded),
                Some([one]) => wasm_encoder::BlockType::Result(*one).encode(&mut encoded),
                Some(many) => {
                    let index = sections.push(SectionId::Type, |entry| {
                        entry.push(FUNC_TYPE);
                        0_u32.encode(entry);
                        many.len().encode(entry);
                        for ty in many {
                            ty.encode(entry);
                        }
                    });
                    wasm_encoder::BlockType::FunctionType(index).encode(&mut encoded);
                }
            }
            block_types.push(encoded);
        }
        block_types
    }
}

/// Value types in the encoder's terms.
fn encodable(types: &[wasmparser::ValType]) -> Result<Vec<ValType>, Error> {
    let unsupported = |_| Error::Unsupported { proposal: "typed function references", offset: 0 };
    types.iter().map(|ty| ValType::try_from(*ty).map_err(unsupported)).collect()
}

/// The byte that starts a function type.
const FUNC_TYPE: u8 = 0x60;

fn rewrite_bodies(
    wasm: &[u8],
    shape: &Shape,
    block_types: &[Vec<u8>],
    list: &List,
) -> Result<Vec<u8>, Error> {
    let mut code = Vec::with_capacity(wasm.len());
    let mut defined = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.map_err(invalid)? else { continue };
        let ty = shape.functions.get(defined as usize).copied().unwrap_or_default();
        let empty = Vec::new();
        let block_type = block_types.get(ty as usize).unwrap_or(&empty);
        let rewritten =
            rewrite_body(wasm, &body, shape.imported_functions + defined, block_type, list)?;
        rewritten.len().encode(&mut code);
        code.extend_from_slice(&rewritten);
        defined += 1;
    }
    Ok(code)
}

fn rewrite_body(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    function: u32,
    block_type: &[u8],
    list: &List,
) -> Result<Vec<u8>, Error> {
    let operators = body.get_operators_reader().map_err(invalid)?;
    let (start, end) = (operators.original_position(), body.range().end);
    let mut out = Vec::with_capacity(body.range().len() + 48);
    out.extend_from_slice(&wasm[body.range().start..start]);
    list.push(function, &mut out);
    out.push(BLOCK);
    out.extend_from_slice(block_type);
    let mut copied = start;
    for operator in operators.into_iter_with_offsets() {
        let (operator, offset) = operator.map_err(invalid)?;
        if matches!(
            operator,
            Operator::Return | Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. }
        ) {
            out.extend_from_slice(&wasm[copied..offset]);
            list.pop(&mut out);
            copied = offset;
        }
    }
    // The body's own `end` closes the block.
    out.extend_from_slice(&wasm[copied..end]);
    list.pop(&mut out);
    Instruction::End.encode(&mut out);
    Ok(out)
}

/// The opcode of `block`.
const BLOCK: u8 = 0x02;

impl List {
    fn push(&self, function: u32, out: &mut Vec<u8>) {
        Instruction::GlobalGet(self.top).encode(out);
        Instruction::I32Const(function.cast_signed()).encode(out);
        Instruction::I32Store(MemArg { offset: 0, align: 2, memory_index: self.memory })
            .encode(out);
        self.move_top(4, out);
    }

    fn pop(&self, out: &mut Vec<u8>) {
        self.move_top(-4, out);
    }

    fn move_top(&self, bytes: i32, out: &mut Vec<u8>) {
        Instruction::GlobalGet(self.top).encode(out);
        Instruction::I32Const(bytes).encode(out);
        Instruction::I32Add.encode(out);
        Instruction::GlobalSet(self.top).encode(out);
    }
}
