//! What is done about constructs whose start the interpreter charges for although nothing that counts stands there.
//!
//! It takes at least one step at each loop and each arm of an `if`. A function is scanned once more with a plan where that
//! would be too much:
//!
//! - a loop that nothing branches to is a block;
//! - a loop right at the start of another one is the same loop: a branch to it goes to the outer one instead;
//! - an `if` with an empty arm is itself paid for in its arms.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::regions::Region;

/// What becomes of the constructs of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    blocks: BTreeSet<u32>,
    joined: BTreeMap<u32, u32>,
    in_arms: BTreeSet<u32>,
}

/// What becomes of one loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    Kept,
    Block,
    /// The loop with this number takes its place.
    JoinedTo(u32),
}

impl Plan {
    pub(super) fn of_loop(&self, number: u32) -> Loop {
        match self.joined.get(&number) {
            _ if self.blocks.contains(&number) => Loop::Block,
            Some(outer) => Loop::JoinedTo(*outer),
            None => Loop::Kept,
        }
    }

    /// Whether the operator `if` itself is paid for in its arms.
    pub(super) fn pays_in_arms(&self, number: u32) -> bool {
        self.in_arms.contains(&number)
    }

    /// Takes in what a scan has found: whether there was anything new.
    pub(super) fn improve(&mut self, problems: &Problems, regions: &[Region]) -> bool {
        let is_free = |region: usize| regions[region].steps == 0;
        let mut improved = false;
        for (number, one) in &problems.loops {
            if !one.targeted {
                improved |= self.blocks.insert(*number);
            } else if is_free(one.region)
                && let Some(inner) = one.inner
            {
                // Of a chain of such loops, the outermost takes the place of all.
                let outer = self.joined.get(number).copied().unwrap_or(*number);
                improved |= self.joined.insert(inner, outer).is_none();
            }
        }
        // Such an `if` leaves one step less in the region that it stands in, which may be an arm too: that is earlier.
        let mut steps: Vec<u64> = regions.iter().map(|region| region.steps).collect();
        let empty_arms =
            problems.arms.iter().rev().map(|(region, number)| (Some(*region), *number));
        let missing_arms = problems.missing_arms.iter().map(|number| (None, *number));
        for (region, number) in missing_arms.chain(empty_arms) {
            if region.is_none_or(|region| steps[region] == 0) && self.in_arms.insert(number) {
                improved = true;
                if let Some(around) = problems.ifs.get(&number) {
                    steps[*around] -= 1;
                }
            }
        }
        improved
    }
}

/// What a scan has found about the constructs that the interpreter charges for.
#[derive(Default)]
pub(super) struct Problems {
    loops: BTreeMap<u32, Found>,
    /// The loop that each region starts.
    by_region: BTreeMap<usize, u32>,
    /// The `if` that each region is an arm of.
    arms: BTreeMap<usize, u32>,
    /// The region that each `if` stands in.
    ifs: BTreeMap<u32, usize>,
    /// The `if`s with results and without `else`, for which the interpreter adds one.
    missing_arms: BTreeSet<u32>,
}

struct Found {
    region: usize,
    targeted: bool,
    /// The first loop inside, if nothing that counts stands before it.
    inner: Option<u32>,
}

impl Problems {
    /// The loop that starts a region.
    pub(super) fn enclosing(&self, region: usize) -> Option<u32> {
        self.by_region.get(&region).copied()
    }

    pub(super) fn open_loop(&mut self, number: u32, region: usize, around: Option<u32>) {
        self.loops.insert(number, Found { region, targeted: false, inner: None });
        self.by_region.insert(region, number);
        if let Some(outer) = around.and_then(|outer| self.loops.get_mut(&outer)) {
            outer.inner.get_or_insert(number);
        }
    }

    pub(super) fn close_loop(&mut self, number: u32, targeted: bool) {
        if let Some(found) = self.loops.get_mut(&number) {
            found.targeted = targeted;
        }
    }

    pub(super) fn open_if(&mut self, number: u32, around: usize) {
        self.ifs.insert(number, around);
    }

    pub(super) fn open_arm(&mut self, number: u32, region: usize) {
        self.arms.insert(region, number);
    }

    pub(super) fn missing_arm(&mut self, number: u32) {
        self.missing_arms.insert(number);
    }
}
