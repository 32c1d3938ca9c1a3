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
    BlockType, ConstExpr, Encode, ExportKind, GlobalType, Instruction, MemArg, MemoryType,
    SectionId, ValType,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

use crate::Error;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::{Shape, encodable};

/// The list.
pub(crate) const MEMORY_EXPORT: &str = "stepwell:frames";
/// The length of the list in bytes.
pub(crate) const TOP_EXPORT: &str = "stepwell:top";
/// 64 KiB each: a million frames fit.
const PAGES: u64 = 64;

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
    sections.push(SectionId::Memory, |entry| {
        let ty = MemoryType {
            minimum: PAGES,
            maximum: Some(PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        ty.encode(entry);
    });
    sections.push(SectionId::Global, |entry| {
        GlobalType { val_type: ValType::I32, mutable: true, shared: false }.encode(entry);
        ConstExpr::i32_const(0).encode(entry);
    });
    let next = |space: usize| u32::try_from(space).unwrap_or(u32::MAX);
    let list = List { memory: next(shape.memories.len()), top: next(shape.globals.len()) };
    sections.push_export(MEMORY_EXPORT, ExportKind::Memory, list.memory);
    sections.push_export(TOP_EXPORT, ExportKind::Global, list.top);
    let block_types = block_types(&shape, &mut sections)?;
    let code = rewrite_bodies(wasm, &shape, &block_types, &list)?;
    sections.replace(SectionId::Code, code);
    Ok(sections.encode())
}

/// The encoded block type `[] -> results` for each type of a module, adding types where the short form will not do.
fn block_types(shape: &Shape, sections: &mut Sections<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let mut block_types = Vec::with_capacity(shape.types.len());
    for ty in &shape.types {
        let results = ty.iter().flat_map(|ty| ty.results());
        let results = results.map(|ty| encodable(*ty)).collect::<Result<Vec<_>, _>>()?;
        let block_type = match results[..] {
            [] => BlockType::Empty,
            [one] => BlockType::Result(one),
            _ => BlockType::FunctionType(sections.push_function_type(&[], &results)),
        };
        let mut encoded = Vec::new();
        block_type.encode(&mut encoded);
        block_types.push(encoded);
    }
    Ok(block_types)
}

fn rewrite_bodies(
    wasm: &[u8],
    shape: &Shape,
    block_types: &[Vec<u8>],
    list: &List,
) -> Result<Vec<u8>, Error> {
    let mut code = Vec::with_capacity(wasm.len());
    let mut function = shape.imported_functions;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.map_err(invalid)? else { continue };
        let ty = shape.functions.get(function as usize).copied().unwrap_or_default();
        let empty = Vec::new();
        let block_type = block_types.get(ty as usize).unwrap_or(&empty);
        let rewritten = rewrite_body(wasm, &body, function, block_type, list)?;
        rewritten.len().encode(&mut code);
        code.extend_from_slice(&rewritten);
        function += 1;
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
