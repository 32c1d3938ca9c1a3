//! The rest of a function from one of its calls on, as a function of its own.
//!
//! ```text
//! original                  clone
//! block                     <read the locals>
//!   a                       block
//!   loop $again               block $out                    what stands before the call is left out, and so is
//!     b                         block $again                what control does not come to without it
//!     call $f                     <call the next clone>
//!     br_if $again                br_if $again
//!     c                           c
//!   end                           br $out
//!   d                           end
//! end                           loop $again  b  call $f  br_if $again  c  end
//!                             end
//!                             d
//!                           end
//! ```
//!
//! A loop that nothing branches back to is a plain block. Operands that lay below the call or a construct around it are
//! pushed where that starts, from locals: a constant there might be folded, and an `if` on it charged otherwise.

use alloc::vec::Vec;
use core::cell::Cell;

use wasm_encoder::{Encode, Instruction};
use wasmparser::{BlockType, FunctionBody, Operator};

use super::labels::{Kind, Labels};
use super::sites::{Around, Site};
use super::spill;
use super::visible::Module;
use crate::Error;
use crate::rewrite::sections::invalid;

/// The operators of a body and where they stand.
pub(super) type Operators<'a> = Vec<(Operator<'a>, usize)>;

/// Reads the operators of a body.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn operators<'a>(body: &FunctionBody<'a>) -> Result<Operators<'a>, Error> {
    let reader = body.get_operators_reader().map_err(invalid)?;
    reader.into_iter_with_offsets().collect::<Result<_, _>>().map_err(invalid)
}

/// What is peeled.
pub(super) struct Rest<'a> {
    pub(super) wasm: &'a [u8],
    pub(super) module: &'a Module,
    pub(super) operators: &'a Operators<'a>,
    /// Where the body ends.
    pub(super) end: usize,
    /// The number of the call.
    pub(super) number: usize,
    pub(super) site: &'a Site,
    /// If the clone can be frozen itself: what the capture pass writes around its operators.
    pub(super) capture: Option<Capture<'a>>,
    /// What it may take.
    pub(super) budget: &'a Budget,
}

/// What makes a clone one that can be frozen.
pub(super) struct Capture<'a> {
    pub(super) around: &'a Around,
    pub(super) unwinding: u32,
    pub(super) site_local: u32,
}

/// Writes the operators of the clone, from the outermost construct to the function's `end`. `call` writes what stands in
/// place of the call, with its operands.
///
/// # Errors
/// [`Error::Unsupported`], [`Error::NotFreezable`]: it would be too large, or takes more than is left of the budget.
pub(super) fn peel(rest: &Rest<'_>, call: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    // Whether each construct around the call is a loop that is branched back to, which is not known before the rest is
    // written. The fewer of them there are, the less is reached.
    let is_loop = |at: &usize| matches!(rest.operators[*at].0, Operator::Loop { .. });
    let mut repeated: Vec<bool> = rest.site.chain.iter().map(is_loop).collect();
    // It was read too, which counts: a clone can be much shorter than its original.
    rest.budget.spend(rest.end - rest.operators.first().map_or(rest.end, |(_, start)| *start))?;
    for _ in 0..ATTEMPTS_MAX {
        let start = out.len();
        let mut peeling = Peeling { rest, labels: Labels::default(), once: Vec::new(), out };
        peeling.write(&repeated, call)?;
        let once = peeling.once;
        rest.budget.spend(out.len() - start)?;
        if once.is_empty() {
            return Ok(());
        }
        out.truncate(start);
        for (at, repeated) in rest.site.chain.iter().zip(&mut repeated) {
            *repeated &= !once.contains(at);
        }
    }
    Err(too_deep())
}

fn too_deep() -> Error {
    Error::NotFreezable { reason: "the loops around a call are nested too deeply".into() }
}

/// What the clones of one stack may take together, attempts included: bytes that may still be read and written.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(BUDGET_BYTES))
    }

    fn spend(&self, bytes: usize) -> Result<(), Error> {
        let left = self.0.get().checked_sub(bytes).ok_or_else(|| Error::NotFreezable {
            reason: "the functions on its stack are too large together, or the loops around their calls too many".into(),
        })?;
        self.0.set(left);
        Ok(())
    }
}

/// One attempt.
struct Peeling<'a, 'o> {
    rest: &'a Rest<'a>,
    labels: Labels,
    /// Loops that were taken to be repeated and are not.
    once: Vec<usize>,
    out: &'o mut Vec<u8>,
}

impl Peeling<'_, '_> {
    fn write(&mut self, repeated: &[bool], call: &[u8]) -> Result<(), Error> {
        let start = self.out.len();
        self.labels.open(Kind::Rest(false));
        self.push(0);
        for (level, (at, repeated)) in self.rest.site.chain.iter().zip(repeated).enumerate() {
            self.enter(*at, *repeated)?;
            self.push(level + 1);
        }
        self.out.extend_from_slice(call);
        // What lies below it is in the shadows already.
        self.look(self.rest.number);
        let mut number = self.rest.number + 1;
        while number < self.rest.operators.len() && !self.labels.is_empty() {
            number = self.operator(number)?;
            if self.out.len() - start > CLONE_BYTES_MAX {
                return Err(too_deep());
            }
        }
        Ok(())
    }

    /// Pushes the operands of a level.
    fn push(&mut self, level: usize) {
        for local in self.rest.site.levels.get(level).into_iter().flatten() {
            Instruction::LocalGet(*local).encode(self.out);
        }
    }

    /// Opens a construct around the call again.
    fn enter(&mut self, at: usize, repeated: bool) -> Result<(), Error> {
        let (Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty }) =
            self.rest.operators[at].0
        else {
            return Ok(());
        };
        self.out.push(BLOCK);
        self.out.extend_from_slice(&self.rest.module.block_type_of_construct(blockty)?);
        if !repeated {
            self.labels.open(Kind::Rest(blockty != BlockType::Empty));
            return Ok(());
        }
        self.labels.add();
        self.out.push(BLOCK);
        self.block_type_of_round(blockty);
        self.labels.open(Kind::Round(at));
        Ok(())
    }

    /// Writes the type of the block that a branch back to a loop leaves: it gives the loop's parameters.
    fn block_type_of_round(&mut self, ty: BlockType) {
        match ty {
            BlockType::FuncType(index) => {
                let parameters = self.rest.module.parameter_block_type(index);
                self.out.extend_from_slice(parameters);
            }
            _ => wasm_encoder::BlockType::Empty.encode(self.out),
        }
    }

    /// Writes an operator: the number of the next.
    fn operator(&mut self, number: usize) -> Result<usize, Error> {
        let rest = self.rest;
        let (operator, _) = &rest.operators[number];
        if self.labels.is_dead() && !matches!(operator, Operator::End | Operator::Else) {
            let is_construct = matches!(
                operator,
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }
            );
            return Ok(if is_construct { self.end_of(number) + 1 } else { number + 1 });
        }
        if self.labels.branch(operator, self.out).is_some() {
            return Ok(number + 1);
        }
        match operator {
            Operator::End => return self.close(number),
            Operator::Else => return Ok(self.other_arm(number)),
            Operator::Block { .. } => self.labels.open(Kind::Block),
            Operator::Loop { .. } => self.labels.open(Kind::Loop(None)),
            Operator::If { .. } => self.labels.open(Kind::Then),
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => self.labels.die(),
            _ => {}
        }
        let around = rest.capture.as_ref().map(|capture| capture.around);
        if let Some(before) = around.and_then(|around| around.before.get(&number)) {
            self.out.extend_from_slice(before);
        }
        self.copy(number);
        if let Some(behind) = around.and_then(|around| around.behind.get(&number)) {
            self.out.extend_from_slice(behind);
            if self.rest.module.callee(operator).is_some() {
                self.look(number);
            }
        }
        Ok(number + 1)
    }

    /// Looks whether the stack is to unwind, if the clone can be frozen.
    fn look(&mut self, number: usize) {
        let Some(Capture { unwinding, site_local, .. }) = self.rest.capture else { return };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        spill::look(number, site_local, unwinding, self.labels.depth(), self.out);
    }

    fn copy(&mut self, number: usize) {
        let next = self.rest.operators.get(number + 1).map_or(self.rest.end, |(_, next)| *next);
        self.out.extend_from_slice(&self.rest.wasm[self.rest.operators[number].1..next]);
    }

    /// Deals with an `else`: the number of the next operator.
    fn other_arm(&mut self, number: usize) -> usize {
        let Some(top) = self.labels.top() else { return number + 1 };
        if top.kind != Kind::Then {
            // The call stood in the first arm, so the second is left out.
            return self.end_of(number);
        }
        top.kind = Kind::Else(top.dead);
        top.dead = false;
        self.copy(number);
        number + 1
    }

    /// Deals with an `end`: the number of the next operator.
    fn close(&mut self, number: usize) -> Result<usize, Error> {
        let Some(open) = self.labels.close() else { return Ok(number + 1) };
        if let Kind::Round(at) = open.kind {
            self.repeat(at, open.targeted, open.dead)?;
            // A loop's end is the end of its rounds too.
            return Ok(at + 1);
        }
        if open.kind == Kind::Rest(true) && !open.dead {
            // In the original, control comes together here, and what it brings is not known. Without a branch the interpreter
            // would see a constant through the block, fold an `if` on it, and charge for it otherwise.
            Instruction::Br(0).encode(self.out);
        }
        Instruction::End.encode(self.out);
        let dead = match open.kind {
            Kind::Block | Kind::Rest(_) | Kind::Round(_) => open.dead && !open.targeted,
            Kind::Loop(None) => open.dead,
            Kind::Loop(Some(round_dead)) => {
                // The added block around the loop and its first round.
                Instruction::End.encode(self.out);
                self.labels.remove();
                open.dead && round_dead
            }
            Kind::Then => false,
            Kind::Else(then_dead) => open.dead && then_dead && !open.targeted,
        };
        if dead && !self.labels.is_empty() {
            // The results that a dead construct has by its type would be used by what is left out.
            Instruction::Unreachable.encode(self.out);
            self.labels.die();
        }
        Ok(number + 1)
    }

    /// Ends the first round of a loop and starts the loop itself.
    fn repeat(&mut self, at: usize, targeted: bool, dead: bool) -> Result<(), Error> {
        if !targeted {
            self.once.push(at);
        }
        if !dead {
            Instruction::Br(1).encode(self.out);
        }
        Instruction::End.encode(self.out);
        self.labels.open(Kind::Loop(Some(dead)));
        self.copy(at);
        Ok(())
    }

    /// The number of the `end` of the construct that starts with an operator, or whose `else` it is.
    fn end_of(&self, number: usize) -> usize {
        let mut depth = 0_usize;
        for (at, (operator, _)) in self.rest.operators.iter().enumerate().skip(number + 1) {
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End if depth == 0 => return at,
                Operator::End => depth -= 1,
                _ => {}
            }
        }
        self.rest.operators.len()
    }
}

/// The opcode of `block`.
const BLOCK: u8 = 0x02;
/// Of a body of this size, no interpreter's loop is nested so deeply that its clones are larger.
const CLONE_BYTES_MAX: usize = 32 << 20;
/// So often a clone is written before it is known which of the loops around its call are repeated.
const ATTEMPTS_MAX: usize = 64;
/// All attempts for all clones of a stack: a few seconds' work.
const BUDGET_BYTES: usize = 256 << 20;
