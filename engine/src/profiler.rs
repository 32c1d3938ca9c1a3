//! Accounts for the steps of a run: a tree of the stacks that there have been, with the steps of each.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::profile::Entry;
use crate::{Profile, names};

/// What is known of a run so far: a tree of the stacks that there have been.
#[derive(Clone)]
pub(crate) struct Profiler {
    /// By function index, imports first.
    functions: Vec<Callee>,
    /// The name of each frame, by number. Functions of one name are one.
    names: Vec<Box<str>>,
    numbers: BTreeMap<Box<str>, u32>,
    /// The stacks, each after the one that it extends by a frame. The first is empty.
    stacks: Vec<Stack>,
    /// The stack that extends a stack by a name, both by number.
    calls: BTreeMap<(u32, u32), u32>,
    /// The stack that is active, or the part of it that there was room for.
    active: u32,
    /// Frames of the active stack that there was no room for.
    beyond: u64,
    /// Steps that were accounted for.
    accounted: u64,
    /// What all stacks take.
    bytes: usize,
}

#[derive(Clone, Copy)]
struct Callee {
    name: u32,
    /// Steps that are taken at its start before it says so.
    entry_steps: u64,
}

#[derive(Clone)]
struct Stack {
    /// The stack without its last frame.
    caller: u32,
    /// The name of its last frame.
    name: u32,
    /// Bytes of its text.
    text_bytes: usize,
    /// Frames in it.
    frames: usize,
    /// The last name by which it was extended, and the stack with it: mostly what is asked for next.
    latest: (u32, u32),
    /// Steps while it was the whole stack.
    steps: u64,
    /// Steps in frames above it that there was no room for.
    steps_beyond: u64,
}

/// What stands for calls that there was no room to tell apart.
const BEYOND: &str = "[…]";
/// The most frames of a stack that are told apart.
const FRAMES_MAX: usize = 1024;
/// The most that a profile may take: the bytes of its text, and for each stack what is kept of it besides.
const PROFILE_BYTES_MAX: usize = 512 << 20;
/// What is kept of a stack besides its text, roughly.
const STACK_BYTES: usize = 96;

impl Profiler {
    pub(crate) fn new(names: &BTreeMap<u32, String>, entry_steps: &[u64]) -> Self {
        let mut profiler = Self {
            functions: Vec::with_capacity(entry_steps.len()),
            names: Vec::new(),
            numbers: BTreeMap::new(),
            stacks: alloc::vec![Stack::new(0, NONE)],
            calls: BTreeMap::new(),
            active: 0,
            beyond: 0,
            accounted: 0,
            bytes: 0,
        };
        for (index, entry_steps) in (0..).zip(entry_steps) {
            let text = match names.get(&index).filter(|name| !name.is_empty()) {
                Some(name) => frame_text(name),
                None => unnamed(index),
            };
            let name = profiler.number(&text);
            profiler.functions.push(Callee { name, entry_steps: *entry_steps });
        }
        profiler
    }

    /// The number of a name.
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = index(self.names.len());
        self.names.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// A function has started. The steps of its start have been taken by then.
    pub(crate) fn enter(&mut self, function: u32, steps: u64) {
        let Some(&Callee { name, entry_steps }) = self.functions.get(function as usize) else {
            return;
        };
        self.account(steps.saturating_sub(entry_steps));
        if self.beyond > 0 {
            self.beyond += 1;
            return;
        }
        match self.extend(name) {
            Some(stack) => self.active = stack,
            None => self.beyond = 1,
        }
    }

    /// The innermost function is about to return.
    pub(crate) fn leave(&mut self, steps: u64) {
        self.account(steps);
        match self.beyond.checked_sub(1) {
            Some(beyond) => self.beyond = beyond,
            None => self.active = self.stacks[self.active as usize].caller,
        }
    }

    /// The host has done something for the guest that costs so many steps.
    pub(crate) fn charge(&mut self, what: &'static str, steps: u64) {
        let name = self.number(what);
        let stack = if self.beyond > 0 { None } else { self.extend(name) };
        match stack {
            Some(stack) => add(&mut self.stacks[stack as usize].steps, steps),
            None => add(&mut self.stacks[self.active as usize].steps_beyond, steps),
        }
        // The count of the run goes up by as much, and these steps must not be given to the active stack too.
        self.accounted = self.accounted.saturating_add(steps);
    }

    /// Gives the steps up to now to the active stack.
    fn account(&mut self, steps: u64) {
        let more = steps.saturating_sub(self.accounted);
        let stack = &mut self.stacks[self.active as usize];
        add(if self.beyond > 0 { &mut stack.steps_beyond } else { &mut stack.steps }, more);
        self.accounted = self.accounted.max(steps);
    }

    /// The active stack and one more frame, if there is room.
    fn extend(&mut self, name: u32) -> Option<u32> {
        let caller = self.active;
        let Stack { latest: (latest, stack), text_bytes, frames, .. } =
            self.stacks[caller as usize];
        if latest == name {
            return Some(stack);
        }
        let stack = match self.calls.get(&(caller, name)) {
            Some(stack) => *stack,
            None => {
                let text_bytes = text_bytes + self.names[name as usize].len() + 1;
                let bytes = self.bytes.checked_add(text_bytes)?.checked_add(STACK_BYTES)?;
                if bytes > PROFILE_BYTES_MAX || frames == FRAMES_MAX {
                    return None;
                }
                self.bytes = bytes;
                self.stacks.push(Stack {
                    text_bytes,
                    frames: frames + 1,
                    ..Stack::new(caller, name)
                });
                let stack = index(self.stacks.len() - 1);
                self.calls.insert((caller, name), stack);
                stack
            }
        };
        self.stacks[caller as usize].latest = (name, stack);
        Some(stack)
    }

    /// The profile of a run that has taken so many steps.
    pub(crate) fn profile(&self, steps: u64) -> Profile {
        let more = steps.saturating_sub(self.accounted);
        let mut names: Vec<(&str, u32)> = self.names.iter().map(|name| &**name).zip(0..).collect();
        names.push((BEYOND, NONE));
        names.sort_unstable();
        let mut ranks = alloc::vec![0; self.names.len()];
        let mut rank_beyond = 0;
        for (rank, (_, number)) in names.iter().enumerate() {
            *ranks.get_mut(*number as usize).unwrap_or(&mut rank_beyond) = rank;
        }
        let mut calls = Vec::with_capacity(self.stacks.len());
        for (number, stack) in (0..).zip(&self.stacks) {
            let active = if number == self.active { more } else { 0 };
            let (own, beyond) = if self.beyond > 0 { (0, active) } else { (active, 0) };
            let (mut own, mut beyond) = (stack.steps + own, stack.steps_beyond + beyond);
            if number == 0 {
                // The entry function's steps were taken, but there was no room on the guest's stack for it to start.
                beyond += core::mem::take(&mut own);
            } else {
                let name = ranks[stack.name as usize];
                let (caller, stack) = (stack.caller, Some(number));
                calls.push(Extension { caller, name, stack, steps: own });
            }
            if beyond > 0 {
                calls.push(Extension {
                    caller: number,
                    name: rank_beyond,
                    stack: None,
                    steps: beyond,
                });
            }
        }
        calls.sort_unstable();
        let names = names.into_iter().map(|(name, _)| name.into()).collect();
        Profile { names, entries: in_order(&calls) }
    }
}

/// A stack and one more frame. Sorted as these are, the frames above each stack are in order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Extension {
    caller: u32,
    name: usize,
    /// The stack that this makes, if it is known and may have frames above it.
    stack: Option<u32>,
    steps: u64,
}

/// All stacks, each before those that it is the start of.
fn in_order(calls: &[Extension]) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(calls.len());
    // For each open stack, what remains of the calls from it.
    let mut open = alloc::vec![from(calls, 0)];
    while let Some(calls_left) = open.last_mut() {
        let Some((&Extension { name, stack, steps, .. }, rest)) = calls_left.split_first() else {
            open.pop();
            continue;
        };
        *calls_left = rest;
        entries.push(Entry { depth: open.len() - 1, name, steps });
        open.push(stack.map_or(&[], |stack| from(calls, stack)));
    }
    entries
}

/// Those of a sorted list that are from this caller.
fn from(calls: &[Extension], caller: u32) -> &[Extension] {
    let start = calls.partition_point(|call| call.caller < caller);
    let end = calls.partition_point(|call| call.caller <= caller);
    &calls[start..end]
}

impl Stack {
    fn new(caller: u32, name: u32) -> Self {
        Self {
            caller,
            name,
            text_bytes: 0,
            frames: 0,
            latest: (NONE, 0),
            steps: 0,
            steps_beyond: 0,
        }
    }
}

/// Counts as the count of a run does.
fn add(steps: &mut u64, more: u64) {
    *steps = steps.saturating_add(more);
}

/// No name has this number.
const NONE: u32 = u32::MAX;

/// What stands for a function without a name.
pub(crate) fn unnamed(function: u32) -> String {
    format!("function[{function}]")
}

/// The number of something of which there are never so many.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// A name so that it can stand in a line with others.
fn frame_text(name: &str) -> String {
    names::shown(name).replace(';', ":")
}
