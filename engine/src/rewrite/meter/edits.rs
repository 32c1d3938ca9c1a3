//! The changes to one function's body, in the order of its bytes.

use alloc::vec::Vec;

use wasm_encoder::{Encode, Instruction};
use wasmparser::{Operator, ValType};

use crate::rewrite::shape::Shape;

use super::growth::{Grown, Growth};
use super::operands::{Access, Operand, Operands};
use super::regions::Region;

/// How the steps of a region are charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The interpreter charges one step here by itself; the others are added to it.
    Native,
    /// A loop that is never repeated is put here, for the sake of its charge.
    Joined,
}

/// A change of the bytes from `from` up to `to`.
struct Edit {
    from: usize,
    to: usize,
    what: What,
}

enum What {
    /// The steps of a region.
    Charge(usize),
    Bytes(Vec<u8>),
    Grow(Grown),
}

/// The changes to one function's body.
pub(super) struct Edits<'a> {
    shape: &'a Shape,
    edits: Vec<Edit>,
    /// Locals that are added, and the index of the first.
    scratch: Vec<ValType>,
    locals: u32,
}

impl<'a> Edits<'a> {
    /// No changes yet to a function that has this many locals, parameters included.
    pub(super) fn new(shape: &'a Shape, locals: u32) -> Self {
        Self { shape, edits: Vec::new(), scratch: Vec::new(), locals }
    }

    /// Charges the steps of a region.
    pub(super) fn charge(&mut self, at: usize, region: usize) {
        self.edits.push(Edit { from: at, to: at, what: What::Charge(region) });
    }

    /// Leaves an operator out: a `nop` of the module's own, which would be charged for, or dead code.
    pub(super) fn remove(&mut self, at: usize, next: usize) {
        self.bytes(at, next, Vec::new());
    }

    /// Says that nothing comes here, so that dead code can be left out.
    pub(super) fn unreachable(&mut self, at: usize) {
        self.bytes(at, at, alloc::vec![UNREACHABLE]);
    }

    /// Has the interpreter copy the locals on the stack, before a construct with these many parameters, if any.
    ///
    /// By itself it leaves out as many locals as the construct has parameters, wherever they lie. One that lies below, and is
    /// first set inside of the construct, is then copied there, which may not be executed, or more than once. A block
    /// without parameters has all of them copied, and is nothing itself when it runs.
    pub(super) fn copy_locals(&mut self, params: usize, at: usize) {
        if params > 0 {
            self.bytes(at, at, alloc::vec![BLOCK, EMPTY, END]);
        }
    }

    /// Turns the loop at this byte into a block.
    pub(super) fn loop_to_block(&mut self, at: usize) {
        self.bytes(at, at + 1, alloc::vec![BLOCK]);
    }

    /// Adds an empty second arm before the end of an `if`.
    pub(super) fn insert_else(&mut self, at: usize) {
        self.bytes(at, at, alloc::vec![ELSE]);
    }

    /// Gives a branch another label.
    pub(super) fn redirect(&mut self, at: usize, next: usize, depth: u32) {
        let mut bytes = Vec::new();
        depth.encode(&mut bytes);
        // The opcode of `br` and `br_if` is one byte.
        self.bytes(at + 1, next, bytes);
    }

    /// Gives a `br_table` other labels, the default last.
    pub(super) fn redirect_table(&mut self, at: usize, next: usize, depths: &[u32]) {
        let mut bytes = Vec::new();
        (depths.len() - 1).encode(&mut bytes);
        for depth in depths {
            depth.encode(&mut bytes);
        }
        self.bytes(at + 1, next, bytes);
    }

    /// Has a growth done by the host, which charges for it and can refuse it.
    pub(super) fn replace_growth(&mut self, operator: &Operator<'_>, at: usize, next: usize) {
        let grown = match operator {
            Operator::MemoryGrow { mem } => Grown::Memory(*mem),
            Operator::TableGrow { table } => Grown::Table(*table),
            _ => return,
        };
        self.edits.push(Edit { from: at, to: next, what: What::Grow(grown) });
    }

    /// Whether an access lies beyond what any host can have.
    pub(super) fn always_traps(&self, operator: &Operator<'_>) -> bool {
        Access::of(operator).is_some_and(|access| access.memarg.offset > u64::from(u32::MAX))
    }

    /// Passes an operand through a local, if the interpreter might find out while translating that the operator always
    /// branches or traps. Settles the condition of a `select`.
    pub(super) fn shield(&mut self, operator: &Operator<'_>, operands: &mut Operands, at: usize) {
        if matches!(operator, Operator::Select | Operator::TypedSelect { .. }) {
            return self.settle(operands.peek(0), at);
        }
        let Some((ty, above)) = self.exposed(operator, operands) else { return };
        let mut bytes = Vec::new();
        let depth = usize::from(above.is_some());
        // Where both have one type, they need two locals.
        let local = self.scratch_local(ty, usize::from(above == Some(ty)));
        let above = above.map(|ty| self.scratch_local(ty, 0));
        for index in above.into_iter().chain([local]) {
            Instruction::LocalSet(index).encode(&mut bytes);
        }
        for index in [local].into_iter().chain(above) {
            Instruction::LocalGet(index).encode(&mut bytes);
        }
        self.bytes(at, at, bytes);
        operands.hide(depth);
    }

    /// Has the interpreter write the comparison that a `select` depends on, if it might be holding it back.
    ///
    /// It makes one operator of the two where the comparison is one with zero, but then reads the register that the
    /// comparison would have written instead of the slot that was to be compared. At a `drop` it writes what it holds back,
    /// and the constant that is dropped is nothing when it runs.
    fn settle(&mut self, condition: Operand, at: usize) {
        if condition == Operand::Dynamic {
            return;
        }
        let mut bytes = Vec::new();
        Instruction::I32Const(0).encode(&mut bytes);
        Instruction::Drop.encode(&mut bytes);
        self.bytes(at, at, bytes);
    }

    /// The type of the operand that decides, and of the one above it.
    fn exposed(
        &self,
        operator: &Operator<'_>,
        operands: &Operands,
    ) -> Option<(ValType, Option<ValType>)> {
        use Operator as O;
        let dynamic = operands.peek(0).is_dynamic();
        let top = match operator {
            O::If { .. } | O::BrIf { .. } | O::BrTable { .. } => (!dynamic).then_some(ValType::I32),
            O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => {
                let harmless = |value| value != 0 && value != u64::from(u32::MAX);
                may_trap(operands.peek(0), harmless).then_some(ValType::I32)
            }
            O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => {
                let harmless = |value| value != 0 && value != u64::MAX;
                may_trap(operands.peek(0), harmless).then_some(ValType::I64)
            }
            O::I32TruncF32S | O::I32TruncF32U | O::I64TruncF32S | O::I64TruncF32U => {
                (!dynamic).then_some(ValType::F32)
            }
            O::I32TruncF64S | O::I32TruncF64U | O::I64TruncF64S | O::I64TruncF64U => {
                (!dynamic).then_some(ValType::F64)
            }
            _ => return self.exposed_address(operator, operands),
        };
        top.map(|ty| (ty, None))
    }

    /// The address of an access, if it might be found out of bounds.
    fn exposed_address(
        &self,
        operator: &Operator<'_>,
        operands: &Operands,
    ) -> Option<(ValType, Option<ValType>)> {
        let Access { memarg, depth, above, .. } = Access::of(operator)?;
        let memory = self.shape.memories.get(memarg.memory as usize)?;
        let page_bytes = 1_u64 << memory.page_size_log2.unwrap_or(16).min(32);
        let bytes = memory.initial.saturating_mul(page_bytes);
        let in_bounds = |address: u64| {
            address.checked_add(memarg.offset).is_some_and(|address| address < bytes)
        };
        let ty = if memory.memory64 { ValType::I64 } else { ValType::I32 };
        may_trap(operands.peek(depth), in_bounds).then_some((ty, above))
    }

    /// The added local for a type, the second of that type where `second` is 1 and the first is taken.
    fn scratch_local(&mut self, ty: ValType, second: usize) -> u32 {
        let mut same = (0_u32..).zip(&self.scratch).filter(|(_, known)| **known == ty);
        let found = same.nth(second).map(|(at, _)| at);
        let at = found.unwrap_or_else(|| {
            let missing = second + 1 - self.scratch.iter().filter(|known| **known == ty).count();
            self.scratch.extend(core::iter::repeat_n(ty, missing));
            u32::try_from(self.scratch.len() - 1).unwrap_or(u32::MAX)
        });
        self.locals + at
    }

    fn bytes(&mut self, from: usize, to: usize, bytes: Vec<u8>) {
        self.edits.push(Edit { from, to, what: What::Bytes(bytes) });
    }

    /// The types of the locals that the changes need besides the function's own.
    pub(super) fn scratch(&self) -> &[ValType] {
        &self.scratch
    }

    /// Writes the operators from byte `start` up to byte `end` of a module with the changes made.
    pub(super) fn apply(
        &self,
        wasm: &[u8],
        (start, end): (usize, usize),
        regions: &[Region],
        growth: &mut Growth,
        out: &mut Vec<u8>,
    ) {
        let mut copied = start;
        for edit in &self.edits {
            out.extend_from_slice(&wasm[copied..edit.from]);
            match &edit.what {
                What::Charge(region) => regions[*region].charge(out),
                What::Bytes(bytes) => out.extend_from_slice(bytes),
                What::Grow(grown) => growth.call(*grown, self.shape, out),
            }
            copied = edit.to;
        }
        out.extend_from_slice(&wasm[copied..end]);
    }
}

/// Whether an operand may be a constant that is not harmless.
fn may_trap(operand: Operand, is_harmless: impl Fn(u64) -> bool) -> bool {
    match operand {
        Operand::Dynamic | Operand::Compared => false,
        Operand::Constant(value) => !is_harmless(value),
        Operand::Folded => true,
    }
}

impl Region {
    /// Writes the operators that the interpreter charges the region's steps for.
    fn charge(&self, out: &mut Vec<u8>) {
        let Some(nops) = self.steps.checked_sub(1) else { return };
        if self.start == Start::Joined {
            out.extend_from_slice(&[LOOP, EMPTY]);
        }
        out.extend((0..nops).map(|_| NOP));
        if self.start == Start::Joined {
            out.push(END);
        }
    }
}

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const ELSE: u8 = 0x05;
const END: u8 = 0x0b;
/// The block type of a construct without parameters and results.
const EMPTY: u8 = 0x40;
