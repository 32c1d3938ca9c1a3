//! Where a function can be frozen, and the [code](super::spill) that has its frame written there.
//!
//! A branch to the writing drops the operands. So those that lie below a call, and those that lie below a construct from
//! its start on, are kept in *shadow* locals besides, one for each height of the stack and type. A call is known by its
//! number: how many operators of the prepared body stand before it.

use alloc::collections::btree_map::Entry;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use wasm_encoder::{Encode, Instruction, ValType};
use wasmparser::{
    FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, ValidatorResources,
};

use super::frame::{self, Values};
use super::peel;
use super::spill::{Added, Unwinding, look, note_drop};
use super::visible::Module;
use crate::Error;
use crate::rewrite::sections::invalid;
use crate::rewrite::shape::encodable;

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
    /// The local that says which call was made last.
    pub(super) site_local: u32,
    /// The body with its locals, or `None` if it calls nothing.
    pub(super) captured: Option<Vec<u8>>,
    pub(super) sites: BTreeMap<u32, Site>,
    /// What the capture pass writes around its operators, if any of its calls was wanted.
    pub(super) around: Around,
}

/// What the capture pass writes around the operators of a body, by their numbers.
#[derive(Default)]
pub(super) struct Around {
    /// Before the start of a construct: its operands are kept.
    pub(super) before: BTreeMap<usize, Vec<u8>>,
    /// Behind an operator. Each call that control can reach has an entry, and is followed by the look at the global.
    pub(super) behind: BTreeMap<usize, Vec<u8>>,
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
    around: Around,
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
            around: Around::default(),
            out: Vec::with_capacity(body.range().len() * 3 / 2),
        };
        let operators = peel::operators(body)?;
        for (number, (operator, at)) in operators.iter().enumerate() {
            let next = operators.get(number + 1).map_or(body.range().end, |(_, next)| *next);
            scan.operator(number, operator, *at, next, &mut checker)?;
            frame::check_copy(function, scan.out.len(), wasm.len())?;
        }
        frame::check_locals(function, scan.values.len())?;
        let captured = if scan.calls > 0 { Some(scan.finish(params)?) } else { None };
        let Self { values, site_local, sites, around, .. } = scan;
        let scanned = Scanned { values, site_local, captured, sites, around };
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
                    let start = self.out.len();
                    self.keep_operands(checker)?;
                    self.note(start, |around| around.before.entry(number));
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
        if let Some(flag) = self.module.flag(operator) {
            let start = self.out.len();
            note_drop(flag, self.added.memory, &mut self.out);
            self.note(start, |around| around.behind.entry(number));
        }
        Ok(())
    }

    /// Remembers what was written from a place on, if it will be wanted.
    fn note<'s>(
        &'s mut self,
        start: usize,
        entry: impl FnOnce(&'s mut Around) -> Entry<'s, usize, Vec<u8>>,
    ) {
        if !self.wanted.is_empty() {
            entry(&mut self.around).or_default().extend_from_slice(&self.out[start..]);
        }
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
        let start = self.out.len();
        if self.below(checker) > results {
            self.keep_operands(checker)?;
        }
        self.note(start, |around| around.behind.entry(number));
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if self.wanted.contains(&number) {
            let levels = self.levels(results, checker)?;
            let site = Site { chain: self.constructs.clone(), levels, ty };
            self.sites.insert(number, site);
        }
        // The added outer block is one further out than the function's own label.
        let depth = checker.control_stack_height();
        look(number, self.site_local, self.added.unwinding, depth, &mut self.out);
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

    /// The whole body with its locals.
    fn finish(&mut self, params: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::with_capacity(self.out.len() + 32 + 8 * self.values.len());
        frame::declare(&self.values.types()[params..], &mut body);
        let unwinding = Unwinding {
            module: self.module,
            added: self.added,
            function: self.function,
            values: &self.values,
            site_local: self.site_local,
        };
        unwinding.wrap(&self.out, &mut body)?;
        Ok(body)
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
