//! Where the steps of a run went, by function name and by who called it.
//!
//! [Rewritten functions](crate::rewrite::profile) tell the host when they are entered and left. The steps between two such
//! events belong to the function that was active, so no step is lost and none is counted twice.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use wasmi::{AsContext, Caller, Func, Instance, Nullable, Ref, Store};

use crate::host::Host;
use crate::profiler::Profiler;
use crate::rewrite::profile::{self, ENTER, LEAVE, SLOTS, TABLE_EXPORT};
use crate::{Error, Module, Process, names};

/// Where the steps of a run went, as [`Process::profile`] gives it. It displays as [`Profile::collapsed`], line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The names of frames, sorted.
    pub(crate) names: Vec<Box<str>>,
    /// Each stack, by its last frame, after the stack without that and what is before it.
    pub(crate) entries: Vec<Entry>,
}

/// The last frame of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Frames before it.
    pub(crate) depth: usize,
    /// By number.
    pub(crate) name: usize,
    /// Steps while it was the last frame.
    pub(crate) steps: u64,
}

impl Profile {
    /// Calls `show` with each stack of functions, the outermost first and with `;` between them, and with the steps that
    /// were taken while it was the whole stack, if there were any. Stacks are sorted by their frames.
    pub fn for_each(&self, mut show: impl FnMut(&str, u64)) {
        let shown = self.try_for_each(|stack, steps| {
            show(stack, steps);
            Ok(())
        });
        debug_assert!(shown.is_ok(), "nothing fails");
    }

    fn try_for_each(&self, mut show: impl FnMut(&str, u64) -> fmt::Result) -> fmt::Result {
        let mut stack = String::new();
        // Where each frame of it ends.
        let mut ends: Vec<usize> = Vec::new();
        for entry in &self.entries {
            ends.truncate(entry.depth);
            stack.truncate(ends.last().copied().unwrap_or(0));
            if !ends.is_empty() {
                stack.push(';');
            }
            stack.push_str(&self.names[entry.name]);
            ends.push(stack.len());
            if entry.steps > 0 {
                show(&stack, entry.steps)?;
            }
        }
        Ok(())
    }

    /// All steps of the run.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.steps))
    }

    /// The profile as flame-graph tools read it: a line `main;parse;fd_read 1234` for each stack.
    #[must_use]
    pub fn collapsed(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.try_for_each(|stack, steps| writeln!(f, "{stack} {steps}"))
    }
}

impl Process {
    /// Where the steps went that it has taken so far, if it was made with
    /// [`ProcessBuilder::profile`](crate::ProcessBuilder::profile). The steps of all stacks add up to [`Process::steps`].
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        let (store, _) = self.store();
        store.data().profiler.as_ref().map(|profiler| profiler.profile(self.steps()))
    }
}

/// The copy of a module that tells the host, and what the host needs to understand it.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`], [`Error::Interpreter`].
pub(crate) fn instrument(module: &Module) -> Result<(Module, Profiler), Error> {
    let profile::Instrumented { wasm, entry_steps } = profile::instrument(&module.prepared)?;
    let profiler = Profiler::new(&names::functions(&module.prepared), &entry_steps);
    // A backtrace repeats the run on a copy of its own, made from the module as it was.
    Ok((module.load_thawed(&wasm)?, profiler))
}

/// Allows for the table through which a module tells the host, if it does.
pub(crate) fn make_room(store: &mut Store<Host>, module: &Module) {
    if module.compiled.get_export(TABLE_EXPORT).is_some() {
        store.data_mut().growth.allow_table_elements(SLOTS as usize);
    }
}

/// Fills the table through which a module tells the host, if it does.
pub(crate) fn bind(store: &mut Store<Host>, instance: Instance) {
    let Some(table) = instance.get_table(&*store, TABLE_EXPORT) else { return };
    let enter = Func::wrap(&mut *store, |mut caller: Caller<'_, Host>, function: u32| {
        let steps = steps(&caller);
        if let Some(profiler) = &mut caller.data_mut().profiler {
            profiler.enter(function, steps);
        }
    });
    let leave = Func::wrap(&mut *store, |mut caller: Caller<'_, Host>| {
        let steps = steps(&caller);
        if let Some(profiler) = &mut caller.data_mut().profiler {
            profiler.leave(steps);
        }
    });
    for (slot, function) in [(ENTER, enter), (LEAVE, leave)] {
        let filled = table.set(&mut *store, slot.into(), Ref::Func(Nullable::Val(function)));
        debug_assert!(filled.is_ok(), "the pass has made the table large enough");
    }
}

fn steps(caller: &Caller<'_, Host>) -> u64 {
    // The engine always meters, so the interpreter always knows.
    let fuel = caller.as_context().get_fuel().unwrap_or(0);
    caller.data().steps(fuel)
}
