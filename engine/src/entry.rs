//! The functions that make up a run.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use wasmi::{Func, Instance, Store};

use crate::builder::missing_export;
use crate::host::Host;
use crate::rewrite::start;
use crate::{Error, Module, Value};

/// A function to be called.
pub(crate) struct Entry {
    /// The export that it is.
    pub(crate) name: String,
    pub(crate) func: Func,
    pub(crate) args: Vec<Value>,
}

/// Functions to be called, in order.
pub(crate) type Queue = VecDeque<Entry>;

/// The functions that make up a run, in order: the start function, `_initialize` of a reactor, the entry.
pub(crate) fn calls(
    store: &Store<Host>,
    instance: Instance,
    module: &Module,
    entry: &str,
    args: Vec<Value>,
) -> Result<Queue, Error> {
    let mut queue = Queue::new();
    let mut push = |name: &str, func: Func, args: Vec<Value>| {
        if func.ty(store).params().len() != args.len() {
            let reason = "takes parameters, which WASI does not allow";
            return Err(Error::EntryType { name: name.into(), reason });
        }
        queue.push_back(Entry { name: name.into(), func, args });
        Ok(())
    };
    let start = module.has_start.then_some(start::EXPORT);
    // A command that happens to export `_initialize` does not expect it to be called.
    let initialize = (entry != "_start").then_some("_initialize");
    for name in start.into_iter().chain(initialize) {
        if let Some(func) = instance.get_func(store, name) {
            push(name, func, Vec::new())?;
        }
    }
    let func = instance.get_func(store, entry).ok_or_else(|| missing_export(module, entry))?;
    push(entry, func, args)?;
    Ok(queue)
}
