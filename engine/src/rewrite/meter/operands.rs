//! What is known at translation time about the operands on the stack.
//!
//! The interpreter folds constants, and what it finds can never run it leaves out; charges placed there would be added to
//! the code around it. So the pass has to know which operands may turn out constant.

use alloc::vec::Vec;

use wasmparser::{
    BlockType, ContType, FrameKind, FuncType, GlobalType, MemArg, ModuleArity, Operator, RefType,
    SubType, ValType,
};

/// One operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// The interpreter computes it when it runs.
    Dynamic,
    /// So, but it may be a comparison that the interpreter has not written yet, to make one operator of it and the next.
    Compared,
    /// A constant in the module.
    Constant(u64),
    /// The interpreter may find it constant.
    Folded,
}

impl Operand {
    /// Whether its value is not known before it runs.
    pub(super) fn is_dynamic(self) -> bool {
        matches!(self, Self::Dynamic | Self::Compared)
    }
}

/// The operands pushed since the last boundary of a construct. What lies below may be anything.
#[derive(Default)]
pub(super) struct Operands {
    stack: Vec<Operand>,
}

impl Operands {
    /// Forgets everything, at the boundary of a construct.
    pub(super) fn clear(&mut self) {
        self.stack.clear();
    }

    /// The operand at this depth, 0 for the top.
    pub(super) fn peek(&self, depth: usize) -> Operand {
        let at = self.stack.len().checked_sub(depth + 1);
        at.map_or(Operand::Folded, |at| self.stack[at])
    }

    pub(super) fn push(&mut self, operand: Operand) {
        self.stack.push(operand);
    }

    /// Puts an operand that is computed in the place of the one at this depth.
    pub(super) fn hide(&mut self, depth: usize) {
        while self.stack.len() <= depth {
            self.stack.insert(0, Operand::Folded);
        }
        let at = self.stack.len() - 1 - depth;
        self.stack[at] = Operand::Dynamic;
    }

    pub(super) fn pop(&mut self, count: usize) {
        self.stack.truncate(self.stack.len().saturating_sub(count));
    }

    /// Takes `params` operands and leaves `results` that are computed when it runs.
    pub(super) fn call(&mut self, params: usize, results: usize) {
        self.pop(params);
        self.stack.extend(core::iter::repeat_n(Operand::Dynamic, results));
    }

    /// The effect of an operator that neither branches nor calls, in a module with these globals.
    pub(super) fn apply(&mut self, operator: &Operator<'_>, globals: &[GlobalType]) {
        use Operator as O;
        match operator {
            O::I32Const { value } => self.push(Operand::Constant(u64::from(value.cast_unsigned()))),
            O::I64Const { value } => self.push(Operand::Constant(value.cast_unsigned())),
            O::F32Const { .. } | O::F64Const { .. } | O::V128Const { .. } => {
                self.push(Operand::Folded);
            }
            O::GlobalGet { global_index } => {
                // The value of a constant global is put in its place.
                let is_mutable = globals.get(*global_index as usize).is_some_and(|ty| ty.mutable);
                self.push(if is_mutable { Operand::Dynamic } else { Operand::Folded });
            }
            O::RefNull { .. } | O::RefFunc { .. } => self.push(Operand::Folded),
            O::LocalGet { .. } | O::MemorySize { .. } | O::TableSize { .. } => {
                self.push(Operand::Dynamic);
            }
            O::LocalSet { .. } | O::GlobalSet { .. } | O::Drop => self.pop(1),
            O::LocalTee { .. } => {}
            O::Select | O::TypedSelect { .. } => {
                // Of two constants that are the same, it does not matter which is selected.
                let folded = !self.peek(1).is_dynamic() && !self.peek(2).is_dynamic();
                self.pop(3);
                self.push(if folded { Operand::Folded } else { Operand::Dynamic });
            }
            O::MemoryFill { .. } | O::MemoryCopy { .. } | O::MemoryInit { .. } => self.pop(3),
            O::TableFill { .. } | O::TableCopy { .. } | O::TableInit { .. } => self.pop(3),
            O::TableSet { .. } => self.pop(2),
            O::TableGet { .. } | O::MemoryGrow { .. } => self.call(1, 1),
            O::TableGrow { .. } => self.call(2, 1),
            O::DataDrop { .. } | O::ElemDrop { .. } => {}
            _ => self.apply_by_arity(operator),
        }
    }

    /// The effect of loads, stores and computations, which the decoder knows the arity of.
    fn apply_by_arity(&mut self, operator: &Operator<'_>) {
        let Some((pops, pushes)) = operator.operator_arity(&NoModule) else {
            self.clear();
            return;
        };
        let pops = pops as usize;
        let folded = !is_load(operator) && (0..pops).all(|depth| !self.peek(depth).is_dynamic());
        let compared = self.compares(operator, pops);
        self.pop(pops);
        let result = match (folded, compared) {
            (true, _) => Operand::Folded,
            (false, true) => Operand::Compared,
            (false, false) => Operand::Dynamic,
        };
        self.stack.extend(core::iter::repeat_n(result, pushes as usize));
    }

    /// Whether the result of a computation with these many operands may be a comparison with zero that is held back.
    fn compares(&self, operator: &Operator<'_>, pops: usize) -> bool {
        use Operator as O;
        let any = |test: fn(Operand) -> bool| (0..pops).any(|depth| test(self.peek(depth)));
        match operator {
            O::I32Eqz | O::RefIsNull => true,
            O::I32Eq | O::I32Ne => any(|one| matches!(one, Operand::Constant(0) | Operand::Folded)),
            // Where the other operand is known, the result can be the comparison itself or its negation.
            _ => {
                let alone = pops == 1 || any(|other| !other.is_dynamic());
                alone && !is_load(operator) && any(|one| one == Operand::Compared)
            }
        }
    }
}

/// Whether an operator reads memory: its result is never known before.
fn is_load(operator: &Operator<'_>) -> bool {
    Access::of(operator).is_some_and(|access| access.stored.is_none())
}

/// A load or a store: where its address lies on the stack, and what it writes.
pub(super) struct Access {
    pub(super) memarg: MemArg,
    /// Operands above the address.
    pub(super) depth: usize,
    /// The type of the operand above the address.
    pub(super) above: Option<ValType>,
    /// What is written, for a store.
    stored: Option<ValType>,
}

impl Access {
    /// The access that an operator makes, if it is a load or a store.
    pub(super) fn of(operator: &Operator<'_>) -> Option<Self> {
        use Operator as O;
        let load = |memarg| Self { memarg, depth: 0, above: None, stored: None };
        let store = |memarg, ty| Self { memarg, depth: 1, above: Some(ty), stored: Some(ty) };
        Some(match *operator {
            O::I32Load { memarg }
            | O::I64Load { memarg }
            | O::F32Load { memarg }
            | O::F64Load { memarg }
            | O::I32Load8S { memarg }
            | O::I32Load8U { memarg }
            | O::I32Load16S { memarg }
            | O::I32Load16U { memarg }
            | O::I64Load8S { memarg }
            | O::I64Load8U { memarg }
            | O::I64Load16S { memarg }
            | O::I64Load16U { memarg }
            | O::I64Load32S { memarg }
            | O::I64Load32U { memarg }
            | O::V128Load { memarg }
            | O::V128Load8x8S { memarg }
            | O::V128Load8x8U { memarg }
            | O::V128Load16x4S { memarg }
            | O::V128Load16x4U { memarg }
            | O::V128Load32x2S { memarg }
            | O::V128Load32x2U { memarg }
            | O::V128Load8Splat { memarg }
            | O::V128Load16Splat { memarg }
            | O::V128Load32Splat { memarg }
            | O::V128Load64Splat { memarg }
            | O::V128Load32Zero { memarg }
            | O::V128Load64Zero { memarg } => load(memarg),
            O::V128Load8Lane { memarg, .. }
            | O::V128Load16Lane { memarg, .. }
            | O::V128Load32Lane { memarg, .. }
            | O::V128Load64Lane { memarg, .. } => {
                Self { depth: 1, above: Some(ValType::V128), ..load(memarg) }
            }
            O::I32Store { memarg } | O::I32Store8 { memarg } | O::I32Store16 { memarg } => {
                store(memarg, ValType::I32)
            }
            O::I64Store { memarg }
            | O::I64Store8 { memarg }
            | O::I64Store16 { memarg }
            | O::I64Store32 { memarg } => store(memarg, ValType::I64),
            O::F32Store { memarg } => store(memarg, ValType::F32),
            O::F64Store { memarg } => store(memarg, ValType::F64),
            O::V128Store { memarg }
            | O::V128Store8Lane { memarg, .. }
            | O::V128Store16Lane { memarg, .. }
            | O::V128Store32Lane { memarg, .. }
            | O::V128Store64Lane { memarg, .. } => store(memarg, ValType::V128),
            _ => return None,
        })
    }
}

/// The decoder's questions about a module, for operators whose arity does not depend on one.
struct NoModule;

impl ModuleArity for NoModule {
    fn sub_type_at(&self, _: u32) -> Option<&SubType> {
        None
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        0
    }

    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}
