//! A copy of a module in which every function does something more when it is entered and when it is left.
//!
//! ```text
//! body:    enter; block (result R) <body> end; leave; end         `return` in <body> leaves first, as do tail calls
//! ```
//!
//! The added block stands where the function's own label stood, so no branch changes. The added types come last in their
//! index space, so no index changes. Nothing that is added costs a step.

use alloc::vec::Vec;

use wasm_encoder::{BlockType, Encode, Instruction, SectionId};
use wasmparser::{FuncType, FunctionBody, Operator, Parser, Payload, ValType};

use crate::Error;
use crate::rewrite::sections::{Sections, invalid};
use crate::rewrite::shape::{Shape, encodable};

/// What the functions do.
pub(super) trait Hooks {
    /// Writes what this function, which has these operators, does when it is entered.
    fn enter(&mut self, function: u32, operators: &[u8], out: &mut Vec<u8>);

    /// Writes what any function does when it is left, other than by a trap. Its results lie on the stack.
    fn leave(&mut self, out: &mut Vec<u8>);
}

/// Puts what the functions do into the bodies of a module.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`].
pub(super) fn wrap(
    wasm: &[u8],
    shape: &Shape,
    sections: &mut Sections<'_>,
    hooks: &mut impl Hooks,
) -> Result<(), Error> {
    let block_types = block_types(shape, sections, |ty| ty.results().to_vec())?;
    let mut code = Vec::with_capacity(wasm.len());
    let mut function = shape.imported_functions;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.map_err(invalid)? else { continue };
        let ty = shape.functions.get(function as usize).copied().unwrap_or_default();
        let empty = Vec::new();
        let block_type = block_types.get(ty as usize).unwrap_or(&empty);
        let wrapped = wrap_body(wasm, &body, function, block_type, hooks)?;
        wrapped.len().encode(&mut code);
        code.extend_from_slice(&wrapped);
        function += 1;
    }
    if !code.is_empty() {
        sections.replace(SectionId::Code, code);
    }
    Ok(())
}

/// For each type of a module the encoded block type without parameters and with some of the type's values as results,
/// adding types where the short form will not do.
pub(super) fn block_types(
    shape: &Shape,
    sections: &mut Sections<'_>,
    values: impl Fn(&FuncType) -> Vec<ValType>,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut block_types = Vec::with_capacity(shape.types.len());
    for ty in &shape.types {
        let results = ty.iter().flat_map(&values);
        let results = results.map(encodable).collect::<Result<Vec<_>, _>>()?;
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

fn wrap_body(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    function: u32,
    block_type: &[u8],
    hooks: &mut impl Hooks,
) -> Result<Vec<u8>, Error> {
    let operators = body.get_operators_reader().map_err(invalid)?;
    let (start, end) = (operators.original_position(), body.range().end);
    let mut out = Vec::with_capacity(body.range().len() + 48);
    out.extend_from_slice(&wasm[body.range().start..start]);
    hooks.enter(function, &wasm[start..end], &mut out);
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
            hooks.leave(&mut out);
            copied = offset;
        }
    }
    // The body's own `end` closes the block.
    out.extend_from_slice(&wasm[copied..end]);
    hooks.leave(&mut out);
    Instruction::End.encode(&mut out);
    Ok(out)
}

/// The opcode of `block`.
const BLOCK: u8 = 0x02;
