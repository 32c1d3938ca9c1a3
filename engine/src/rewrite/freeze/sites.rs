//! Where a function can be frozen, and the code that writes its frame down.
//!
//! ```text
//! block $unwind
//!   block (result R)  <body>  end   return          each call that control can reach is followed by
//! end                                                 i32.const <its number>  local.set $site
//! <write the frame>  <values of the result's types>   global.get $unwinding   br_if $unwind
//! ```
//!
//! A branch to `$unwind` drops the operands. So those that lie below a call, and those that lie below a construct from its
//! start on, are kept in *shadow* locals besides, one for each height of the stack and type. A call is known by its
//! number: how many operators of the prepared body stand before it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::{
    FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, ValidatorResources,
};

use super::frame::{self, Values};
use super::visible::Module;
use super::{FRAME_HEADER_BYTES, peel};
use crate::Error;
use crate::rewrite::sections::invalid;
use crate::rewrite::shape::encodable;

/// The indices of what the capture pass adds.
#[derive(Clone, Copy, Default)]
pub(super) struct Added {
    pub(super) memory: u32,
    pub(super) unwinding: u32,
    pub(super) top: u32,
    pub(super) references: u32,
    pub(super) references_top: u32,
}

/// A call at which a function can be frozen.
pub(super) struct Site {
    /// The constructs around it by the numbers of their operators, the outermost first.
    pub(super) chain: Vec<usize>,
    /// The locals that keep the operands: first those of the function itself below the outermost construct, then those of
    /// each construct below the next one or the call.
    pub(super) levels: Vec<Vec<u32>>,
    /// The index of the callee's type.
    pub(super) ty: u32,
}

/// One function as the scan leaves it.
pub(super) struct Scanned {
    pub(super) values: Values,
    /// The body with its locals, or `None` if it calls nothing.
    pub(super) captured: Option<Vec<u8>>,
    pub(super) sites: BTreeMap<u32, Site>,
}

/// The scan of one body.
pub(super) struct Scan<'a> {
    wasm: &'a [u8],
    module: &'a Module,
    added: Added,
    wanted: &'a BTreeSet<u32>,
    function: u32,
    values: Values,
    site_local: u32,
    shadows: BTreeMap<(u32, ValType), u32>,
    constructs: Vec<usize>,
    calls: usize,
    sites: BTreeMap<u32, Site>,
    out: Vec<u8>,
}

type Checker = FuncValidator<ValidatorResources>;

impl<'a> Scan<'a> {
    /// Scans the body of a function, and describes those of its calls whose numbers are `wanted`.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unsupported`], [`Error::NotFreezable`].
    pub(super) fn of(
        wasm: &'a [u8],
        (module, added): (&'a Module, Added),
        function: u32,
        body: &FunctionBody<'a>,
        mut checker: Checker,
        wanted: &'a BTreeSet<u32>,
    ) -> Result<(Scanned, FuncValidatorAllocations), Error> {
        let params = module.shape.function(function).map_or(0, |ty| ty.params().len());
        let mut reader = body.get_binary_reader();
        checker.read_locals(&mut reader).map_err(invalid)?;
        let mut values = Values::default();
        for index in 0..checker.len_locals() {
            let ty = checker.get_local_type(index).unwrap_or(wasmparser::ValType::I32);
            values.push(encodable(ty)?);
            frame::check_locals(function, values.len())?;
        }
        let site_local = values.push(ValType::I32);
        let mut scan = Self {
            wasm,
            module,
            added,
            wanted,
            function,
            values,
            site_local,
            shadows: BTreeMap::new(),
            constructs: Vec::new(),
            calls: 0,
            sites: BTreeMap::new(),
            out: Vec::with_capacity(body.range().len() * 3 / 2),
        };
        let operators = peel::operators(body)?;
        for (number, (operator, at)) in operators.iter().enumerate() {
            let next = operators.get(number + 1).map_or(body.range().end, |(_, next)| *next);
            scan.operator(number, operator, *at, next, &mut checker)?;
        }
        frame::check_locals(function, scan.values.len())?;
        let captured = if scan.calls > 0 { Some(scan.finish(params)?) } else { None };
        let scanned = Scanned { values: scan.values, captured, sites: scan.sites };
        Ok((scanned, checker.into_allocations()))
    }

    fn operator(
        &mut self,
        number: usize,
        operator: &Operator<'_>,
        at: usize,
        next: usize,
        checker: &mut Checker,
    ) -> Result<(), Error> {
        let is_live = checker.get_control_frame(0).is_some_and(|frame| !frame.unreachable);
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                let condition = usize::from(matches!(operator, Operator::If { .. }));
                if is_live && self.below(checker) > condition {
                    self.keep_operands(checker)?;
                }
                self.constructs.push(number);
            }
            Operator::End => {
                self.constructs.pop();
            }
            _ => {}
        }
        self.out.extend_from_slice(&self.wasm[at..next]);
        checker.op(at, operator).map_err(invalid)?;
        if is_live && let Some(ty) = self.module.callee(operator) {
            self.calls += 1;
            self.after_call(number, ty, checker)?;
        }
        self.after_drop(operator);
        Ok(())
    }

    /// Operands of the innermost construct.
    fn below(&self, checker: &Checker) -> usize {
        let bottom = checker.get_control_frame(0).map_or(0, |frame| frame.height);
        (checker.operand_stack_height() as usize).saturating_sub(bottom)
    }

    /// Copies the operands of the innermost construct into their shadows.
    fn keep_operands(&mut self, checker: &Checker) -> Result<(), Error> {
        let height = checker.operand_stack_height();
        let bottom = height - u32::try_from(self.below(checker)).unwrap_or(height);
        let mut shadows = Vec::new();
        for position in bottom..height {
            shadows.push(self.shadow(position, height, checker)?);
        }
        for shadow in shadows.iter().rev() {
            Instruction::LocalSet(*shadow).encode(&mut self.out);
        }
        for shadow in &shadows {
            Instruction::LocalGet(*shadow).encode(&mut self.out);
        }
        Ok(())
    }

    /// The local that keeps the operand at this position of a stack of this height.
    fn shadow(&mut self, position: u32, height: u32, checker: &Checker) -> Result<u32, Error> {
        let depth = (height - 1 - position) as usize;
        // Where control comes, every operand has a type.
        let ty = checker.get_operand_type(depth).flatten().unwrap_or(wasmparser::ValType::I32);
        let ty = storable(ty)?;
        let values = &mut self.values;
        Ok(*self.shadows.entry((position, ty)).or_insert_with(|| values.push(ty)))
    }

    fn after_call(&mut self, number: usize, ty: u32, checker: &Checker) -> Result<(), Error> {
        let results = self.module.shape.ty(ty).map_or(0, |ty| ty.results().len());
        if self.below(checker) > results {
            self.keep_operands(checker)?;
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if self.wanted.contains(&number) {
            let levels = self.levels(results, checker)?;
            let site = Site { chain: self.constructs.clone(), levels, ty };
            self.sites.insert(number, site);
        }
        Instruction::I32Const(number.cast_signed()).encode(&mut self.out);
        Instruction::LocalSet(self.site_local).encode(&mut self.out);
        Instruction::GlobalGet(self.added.unwinding).encode(&mut self.out);
        // The added outer block is one further out than the function's own label.
        Instruction::BrIf(checker.control_stack_height()).encode(&mut self.out);
        Ok(())
    }

    /// The shadows of all operands below a call that has left so many results, by the constructs that they stand in.
    fn levels(&mut self, results: usize, checker: &Checker) -> Result<Vec<Vec<u32>>, Error> {
        let height = checker.operand_stack_height();
        let depth = checker.control_stack_height() as usize;
        let bottom = |level: usize| {
            let frame = checker.get_control_frame(depth - 1 - level);
            frame.map_or(0, |frame| u32::try_from(frame.height).unwrap_or(u32::MAX))
        };
        let mut levels = Vec::with_capacity(depth);
        for level in 0..depth {
            let end = if level + 1 < depth {
                bottom(level + 1)
            } else {
                height - u32::try_from(results).unwrap_or(height)
            };
            let positions = bottom(level)..end;
            let shadows = positions.map(|position| self.shadow(position, height, checker));
            levels.push(shadows.collect::<Result<_, _>>()?);
        }
        Ok(levels)
    }

    /// Notes that a segment was dropped, in the byte of the added memory that stands for it.
    fn after_drop(&mut self, operator: &Operator<'_>) {
        let Some(flag) = self.module.flag(operator) else { return };
        Instruction::I32Const(flag.cast_signed()).encode(&mut self.out);
        Instruction::I32Const(1).encode(&mut self.out);
        Instruction::I32Store8(wasm_encoder::MemArg {
            offset: 0,
            align: 0,
            memory_index: self.added.memory,
        })
        .encode(&mut self.out);
    }

    /// The whole body with its locals.
    fn finish(&mut self, params: usize) -> Result<Vec<u8>, Error> {
        let results = self.module.results_of(self.function)?;
        let mut body = Vec::with_capacity(self.out.len() + 32 + 8 * self.values.len());
        frame::declare(&self.values.types()[params..], &mut body);
        Instruction::Block(BlockType::Empty).encode(&mut body);
        body.push(BLOCK);
        body.extend_from_slice(self.module.block_type(self.function));
        body.append(&mut self.out);
        // The body's own `end` has closed the inner block.
        Instruction::Return.encode(&mut body);
        Instruction::End.encode(&mut body);
        self.write_frame(&mut body);
        for ty in results {
            frame::dummy(ty, &mut body);
        }
        Instruction::End.encode(&mut body);
        Ok(body)
    }

    fn write_frame(&self, out: &mut Vec<u8>) {
        let Added { memory, top, .. } = self.added;
        let header = u32::try_from(FRAME_HEADER_BYTES).unwrap_or(u32::MAX);
        let size = header + self.values.bytes();
        let constants = [(0, Some(size)), (4, Some(self.function)), (8, None)];
        for (offset, constant) in constants {
            Instruction::GlobalGet(top).encode(out);
            match constant {
                Some(value) => Instruction::I32Const(value.cast_signed()).encode(out),
                None => Instruction::LocalGet(self.site_local).encode(out),
            }
            frame::store(ValType::I32, memory, offset, out);
        }
        for (index, ty) in (0..).zip(self.values.types()) {
            let offset = header + self.values.offset(index as usize);
            self.write_value(index, *ty, offset, out);
        }
        add(top, size, out);
    }

    fn write_value(&self, local: u32, ty: ValType, offset: u32, out: &mut Vec<u8>) {
        let Added { memory, top, references, references_top, .. } = self.added;
        match ty {
            ValType::Ref(_) if ty == ValType::FUNCREF => {
                Instruction::GlobalGet(references_top).encode(out);
                Instruction::LocalGet(local).encode(out);
                Instruction::TableSet(references).encode(out);
                Instruction::GlobalGet(top).encode(out);
                Instruction::GlobalGet(references_top).encode(out);
                frame::store(ValType::I32, memory, offset, out);
                add(references_top, 1, out);
            }
            ValType::Ref(_) => {}
            _ => {
                Instruction::GlobalGet(top).encode(out);
                Instruction::LocalGet(local).encode(out);
                frame::store(ty, memory, offset, out);
            }
        }
    }
}

/// The type of a local that can hold an operand of this type: the validator knows of a reference which function it means.
fn storable(ty: wasmparser::ValType) -> Result<ValType, Error> {
    match ty {
        wasmparser::ValType::Ref(reference) if reference.is_extern_ref() => Ok(ValType::EXTERNREF),
        wasmparser::ValType::Ref(_) => Ok(ValType::FUNCREF),
        ty => encodable(ty),
    }
}

/// Writes operators that add to a global.
pub(super) fn add(global: u32, number: u32, out: &mut Vec<u8>) {
    Instruction::GlobalGet(global).encode(out);
    Instruction::I32Const(number.cast_signed()).encode(out);
    Instruction::I32Add.encode(out);
    Instruction::GlobalSet(global).encode(out);
}

/// The opcode of `block`.
const BLOCK: u8 = 0x02;
