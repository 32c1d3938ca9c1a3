//! The regions of a function: operators that are all executed whenever the first of them is, unless the run ends.
//!
//! ```text
//! region 1   a  b  if            c                region 1 goes on after the `if`, because nothing inside of it
//! region 2         then  d  br_if 1               branches past its end … but here something does, so `c` is region 4
//! region 3                         e  end
//! ```
//!
//! A region starts at the function's entry, at a loop, at both arms of an `if`, after a `br_if`, and after a construct from
//! inside of which a branch leaves for further out. Its steps are charged where it starts.

use alloc::vec::Vec;

use wasmparser::{BlockType, BrTable, FuncType, Operator};

use crate::cost;
use crate::rewrite::shape::Shape;

use super::edits::{Edits, Start};
use super::operands::Operands;
use super::plan::{Loop, Plan, Problems};

/// A place where steps are charged.
pub(super) struct Region {
    pub(super) start: Start,
    pub(super) steps: u64,
}

/// A construct that is open.
struct Frame {
    kind: Kind,
    /// The region that the code at this level belongs to now.
    region: usize,
    /// The outermost frame that a branch from inside of this one leaves for.
    escape: usize,
    /// Whether something branches to its label.
    targeted: bool,
    /// Whether control never comes here.
    dead: bool,
    /// Whether it stands in dead code as a whole.
    born_dead: bool,
    /// Values that a branch to its label carries.
    arity: usize,
    /// Values that it leaves.
    results: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    /// A loop, by its number in the function.
    Loop(u32),
    /// A loop that has been joined with the loop around it, whose frame this is.
    Joined(usize),
    /// An `if` and its first arm, by its number in the function.
    If(u32),
    /// The second arm of an `if`, and whether the end of the first is dead.
    Else(bool),
}

/// The scan of one function.
pub(super) struct Scan<'a> {
    shape: &'a Shape,
    plan: &'a Plan,
    pub(super) problems: Problems,
    pub(super) regions: Vec<Region>,
    pub(super) edits: Edits<'a>,
    frames: Vec<Frame>,
    /// The frames of the loops that are open and kept, with their numbers, both rising.
    open_loops: Vec<(u32, usize)>,
    operands: Operands,
    loops: u32,
    ifs: u32,
}

impl<'a> Scan<'a> {
    /// Starts at the first operator of a function, at byte `entry`, which has these many results, and values to be passed and
    /// cleared when it is called.
    pub(super) fn new(
        shape: &'a Shape,
        plan: &'a Plan,
        mut edits: Edits<'a>,
        entry: usize,
        results: usize,
        values: usize,
    ) -> Self {
        edits.charge(entry, 0);
        let function = Frame {
            kind: Kind::Block,
            region: 0,
            escape: usize::MAX,
            targeted: false,
            dead: false,
            born_dead: false,
            arity: results,
            results,
        };
        let steps = cost::ENTRY + cost::moving(values);
        Self {
            shape,
            plan,
            problems: Problems::default(),
            regions: alloc::vec![Region { start: Start::Native, steps }],
            edits,
            frames: alloc::vec![function],
            open_loops: Vec::new(),
            operands: Operands::default(),
            loops: 0,
            ifs: 0,
        }
    }

    /// Takes in the next operator, from byte `at` to byte `next`.
    pub(super) fn operator(&mut self, operator: &Operator<'a>, at: usize, next: usize) {
        match operator {
            Operator::Nop => self.edits.remove(at, next),
            Operator::Block { blockty } => self.open_block(*blockty, at, next),
            Operator::Loop { blockty } => self.open_loop(*blockty, at, next),
            Operator::If { blockty } => self.open_if(*blockty, at, next),
            Operator::Else => self.open_else(at, next),
            Operator::End => self.close(at, next),
            // It was checked against labels that may be others now.
            _ if self.is_dead() => self.edits.remove(at, next),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth, at, next);
                self.die();
            }
            Operator::BrIf { relative_depth } => {
                self.edits.shield(operator, &mut self.operands, at);
                self.operands.pop(1);
                self.branch(*relative_depth, at, next);
                self.begin_region(next, Start::Joined);
            }
            Operator::BrTable { targets } => {
                self.edits.shield(operator, &mut self.operands, at);
                self.branch_by_table(targets, at, next);
                self.die();
            }
            Operator::Return => {
                self.add(1 + cost::moving(self.frames[0].arity));
                self.leave(0);
                self.die();
            }
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => {
                self.add(1);
                self.leave(0);
                self.die();
            }
            Operator::Unreachable => {
                self.add(1);
                self.die();
            }
            Operator::Call { function_index } => self.call(self.shape.function(*function_index), 0),
            Operator::CallIndirect { type_index, .. } => self.call(self.shape.ty(*type_index), 1),
            _ => {
                self.add(1);
                self.edits.shield(operator, &mut self.operands, at);
                self.operands.apply(operator, &self.shape.globals);
                self.edits.replace_growth(operator, at, next);
                if self.edits.always_traps(operator) {
                    self.edits.unreachable(next);
                    self.die();
                }
            }
        }
    }

    /// Takes in a call, which has so many operands besides its parameters.
    fn call(&mut self, ty: Option<&FuncType>, others: usize) {
        self.add(1);
        let (params, results) = ty.map_or((0, 0), |ty| (ty.params().len(), ty.results().len()));
        self.operands.call(params + others, results);
    }

    /// Whether every construct has been closed.
    pub(super) fn is_done(&self) -> bool {
        self.frames.is_empty()
    }

    fn top(&mut self) -> &mut Frame {
        // The reader refuses operators after the function's end, so there is always a frame.
        self.frames.last_mut().expect("an open construct")
    }

    fn is_dead(&self) -> bool {
        self.frames.last().is_none_or(|frame| frame.dead)
    }

    fn die(&mut self) {
        self.top().dead = true;
        self.operands.clear();
    }

    /// The region of the code that comes next.
    fn region(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.region)
    }

    fn add(&mut self, steps: u64) {
        let region = self.region();
        self.regions[region].steps += steps;
    }

    fn begin_region(&mut self, at: usize, start: Start) {
        let region = self.regions.len();
        self.regions.push(Region { start, steps: 0 });
        self.edits.charge(at, region);
        self.top().region = region;
    }

    fn open(&mut self, kind: Kind, arity: usize, results: usize) {
        let (region, dead) = (self.region(), self.is_dead());
        self.frames.push(Frame {
            kind,
            region,
            escape: usize::MAX,
            targeted: false,
            dead,
            born_dead: dead,
            arity,
            results,
        });
        self.operands.clear();
    }

    fn open_block(&mut self, ty: BlockType, at: usize, next: usize) {
        let (params, results) = self.shape.arity(ty);
        if self.is_dead() {
            self.edits.remove(at, next);
        } else {
            self.edits.copy_locals(params, at);
        }
        self.open(Kind::Block, results, results);
    }

    fn open_loop(&mut self, ty: BlockType, at: usize, next: usize) {
        let number = self.loops;
        self.loops += 1;
        let (params, results) = self.shape.arity(ty);
        if self.is_dead() {
            self.edits.remove(at, next);
            return self.open(Kind::Block, params, results);
        }
        self.edits.copy_locals(params, at);
        let steps = if params > 0 { cost::LOOP_WITH_PARAMS } else { 0 };
        match self.plan.of_loop(number) {
            Loop::Kept => {
                let region = self.region();
                let is_free = self.regions[region].steps == 0;
                let around = self.problems.enclosing(region).filter(|_| is_free);
                self.open_loops.push((number, self.frames.len()));
                self.open(Kind::Loop(number), params, results);
                self.begin_region(next, Start::Native);
                self.add(steps);
                self.problems.open_loop(number, self.region(), around);
            }
            Loop::Block => {
                self.edits.loop_to_block(at);
                self.add(steps);
                self.open(Kind::Block, results, results);
            }
            Loop::JoinedTo(outer) => {
                self.edits.loop_to_block(at);
                let outer = self.open_loops.binary_search_by_key(&outer, |(number, _)| *number);
                let kind = outer.map_or(Kind::Block, |at| Kind::Joined(self.open_loops[at].1));
                self.open(kind, results, results);
            }
        }
    }

    fn open_if(&mut self, ty: BlockType, at: usize, next: usize) {
        let number = self.ifs;
        self.ifs += 1;
        let (params, results) = self.shape.arity(ty);
        if self.is_dead() {
            self.edits.remove(at, next);
            return self.open(Kind::If(number), results, results);
        }
        self.edits.copy_locals(params, at);
        self.edits.shield(&Operator::If { blockty: ty }, &mut self.operands, at);
        self.problems.open_if(number, self.region());
        let in_arms = self.plan.pays_in_arms(number);
        if !in_arms {
            self.add(1);
        }
        self.open(Kind::If(number), results, results);
        self.begin_region(next, Start::Native);
        self.add(u64::from(in_arms));
        self.problems.open_arm(number, self.region());
    }

    fn open_else(&mut self, at: usize, next: usize) {
        let Kind::If(number) = self.top().kind else { return };
        let then_dead = self.is_dead();
        self.top().kind = Kind::Else(then_dead);
        self.operands.clear();
        if self.top().born_dead {
            return self.edits.remove(at, next);
        }
        self.top().dead = false;
        self.begin_region(next, Start::Native);
        self.add(u64::from(self.plan.pays_in_arms(number)));
        self.problems.open_arm(number, self.region());
    }

    fn close(&mut self, at: usize, next: usize) {
        let Some(frame) = self.frames.pop() else { return };
        self.operands.clear();
        if self.frames.is_empty() {
            return;
        }
        if frame.born_dead {
            return self.edits.remove(at, next);
        }
        let mut dead = frame.dead;
        // Where control comes together, results are computed.
        let mut joins = frame.targeted;
        match frame.kind {
            Kind::If(number) => {
                (dead, joins) = (false, true);
                if self.plan.pays_in_arms(number) {
                    self.edits.insert_else(at);
                } else if frame.results > 0 {
                    self.problems.missing_arm(number);
                }
            }
            Kind::Else(then_dead) => {
                (dead, joins) = (dead && then_dead && !frame.targeted, true);
            }
            Kind::Block | Kind::Joined(_) => dead = dead && !frame.targeted,
            Kind::Loop(number) => {
                joins = false;
                self.open_loops.pop();
                self.problems.close_loop(number, frame.targeted);
            }
        }
        if joins {
            self.operands.call(0, frame.results);
        }
        let parent = self.frames.len() - 1;
        let top = self.top();
        top.dead = dead;
        top.escape = top.escape.min(frame.escape);
        if dead {
            // What follows is left out, and with it what would have used the construct's results.
            self.edits.unreachable(next);
        } else if frame.escape <= parent {
            self.begin_region(next, Start::Joined);
        }
    }

    /// Notes that control leaves for a frame.
    fn leave(&mut self, target: usize) {
        self.frames[target].targeted = true;
        let top = self.top();
        top.escape = top.escape.min(target);
    }

    /// The frame that a label means, and the depth to write in its place if that has changed.
    fn resolve(&self, depth: u32) -> (usize, Option<u32>) {
        let top = self.frames.len() - 1;
        let target = top.saturating_sub(depth as usize);
        match self.frames[target].kind {
            Kind::Joined(outer) => (outer, u32::try_from(top - outer).ok()),
            _ => (target, None),
        }
    }

    fn branch(&mut self, depth: u32, at: usize, next: usize) {
        let (target, changed) = self.resolve(depth);
        self.add(1 + cost::moving(self.frames[target].arity));
        self.leave(target);
        if let Some(depth) = changed {
            self.edits.redirect(at, next, depth);
        }
    }

    fn branch_by_table(&mut self, targets: &BrTable<'a>, at: usize, next: usize) {
        let depths = targets.targets().flatten().chain([targets.default()]);
        let mut changed = false;
        let mut written = Vec::new();
        let mut arity = 0;
        for depth in depths {
            let (target, new) = self.resolve(depth);
            arity = self.frames[target].arity;
            self.leave(target);
            changed |= new.is_some();
            written.push(new.unwrap_or(depth));
        }
        self.add(1 + cost::moving(arity));
        if changed {
            self.edits.redirect_table(at, next, &written);
        }
    }
}
