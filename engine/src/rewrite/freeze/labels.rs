//! The constructs that are open while a clone is written, and the labels that branches of the original mean in it.

use alloc::vec::Vec;

use wasm_encoder::{Encode, Instruction};
use wasmparser::Operator;

/// A construct of the original that is open in the clone.
pub(super) struct Open {
    pub(super) kind: Kind,
    /// The label in the clone that its branches go to, counted from the function's own, which is 0.
    label: u32,
    /// Whether control can branch to it.
    pub(super) targeted: bool,
    /// Whether control never comes to the operators that are next in it.
    pub(super) dead: bool,
}

/// What an open construct is in the clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A block.
    Block,
    /// The rest of a block, of an arm of an `if`, or of a loop that is not repeated; and whether it has results.
    Rest(bool),
    /// The rest of the first round of a loop, with the operator that starts it. The loop itself follows.
    Round(usize),
    /// A loop. If it follows its own first round: whether the end of that is dead.
    Loop(Option<bool>),
    /// The first arm of an `if`.
    Then,
    /// The second arm, and whether the end of the first is dead.
    Else(bool),
}

/// All of them, the outermost first.
#[derive(Default)]
pub(super) struct Labels {
    open: Vec<Open>,
    /// Labels that are open in the clone.
    depth: u32,
}

impl Labels {
    /// Labels that are open in the clone.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Opens one label in the clone that no branch of the original means.
    pub(super) fn add(&mut self) {
        self.depth += 1;
    }

    /// Closes such a label.
    pub(super) fn remove(&mut self) {
        self.depth -= 1;
    }

    /// Opens a construct with a label.
    pub(super) fn open(&mut self, kind: Kind) {
        self.open.push(Open { kind, label: self.depth, targeted: false, dead: false });
        self.depth += 1;
    }

    /// Closes the innermost construct and its label.
    pub(super) fn close(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.depth -= 1;
        Some(open)
    }

    pub(super) fn top(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn is_dead(&self) -> bool {
        self.open.last().is_none_or(|open| open.dead)
    }

    pub(super) fn die(&mut self) {
        if let Some(top) = self.open.last_mut() {
            top.dead = true;
        }
    }

    /// Writes an operator that branches: `None` if it is none.
    pub(super) fn branch(&mut self, operator: &Operator<'_>, out: &mut Vec<u8>) -> Option<()> {
        match operator {
            Operator::Br { relative_depth } => {
                Instruction::Br(self.target(*relative_depth)).encode(out);
                self.die();
            }
            Operator::BrIf { relative_depth } => {
                Instruction::BrIf(self.target(*relative_depth)).encode(out);
            }
            Operator::BrTable { targets } => {
                let depths = targets.targets().flatten().chain([targets.default()]);
                let mut depths: Vec<u32> = depths.map(|depth| self.target(depth)).collect();
                let default = depths.pop().unwrap_or_default();
                Instruction::BrTable(depths.into(), default).encode(out);
                self.die();
            }
            _ => return None,
        }
        Some(())
    }

    /// The depth in the clone of a label of the original, which is branched to.
    fn target(&mut self, depth: u32) -> u32 {
        // The original is valid, so it has the label.
        let place = self.open.len().saturating_sub(1).saturating_sub(depth as usize);
        let Some(open) = self.open.get_mut(place) else { return 0 };
        open.targeted = true;
        self.depth - 1 - open.label
    }
}
