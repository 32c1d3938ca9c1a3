//! The code of a template: the thawed module, the frames that its clones read, and what it is for.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use syscalls::Syscall;

use super::damaged;
use crate::profiler::{self, Profiler};
use crate::rewrite::frames;
use crate::rewrite::freeze::thaw::{self, Place, Plan};
use crate::rewrite::freeze::{Held, misfit};
use crate::rewrite::profile::{self, Instrumented};
use crate::unwind::{Frame, Guest};
use crate::{Error, Image, Module, names};

/// The code of a template, and how it is entered.
pub(super) struct Code {
    pub(super) wasm: Vec<u8>,
    pub(super) entrance: Entrance,
}

/// How the code of a template is entered.
pub(crate) struct Entrance {
    /// The frames as the clones read them.
    pub(super) frames: Vec<u8>,
    /// The slot of the outermost clone.
    pub(super) entry: u32,
    /// Clones that are called until the stack stands again.
    pub(super) clones: u64,
    /// The function that each clone is of, by its slot.
    originals: Vec<u32>,
    /// The index of the first clone, where somebody may ask what a clone is of.
    first: Option<u32>,
    /// What a profile has to know.
    pub(super) profiler: Option<Profiler>,
}

/// What the processes of a template are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To go on.
    Plain,
    /// To be frozen again.
    Freezable,
    /// To list the functions that are active.
    Backtrace,
    /// To tell where their steps go.
    Profile,
}

impl Entrance {
    /// How the code that was written for a guest is entered. `imports` are those of its module.
    pub(super) fn of(guest: &Guest, imports: &[&'static Syscall]) -> Result<Self, Error> {
        let places = Places::of(guest);
        Ok(Self {
            frames: frames_of(guest, &places, imports)?,
            entry: places.slots.first().copied().unwrap_or(0),
            clones: guest.frames.len().max(1) as u64,
            originals: places.list.iter().map(|place| place.function).collect(),
            first: None,
            profiler: None,
        })
    }

    /// The function that a function is, or is a clone of.
    pub(super) fn original(&self, function: u32) -> u32 {
        let slot = self.first.and_then(|first| function.checked_sub(first));
        slot.and_then(|slot| self.originals.get(slot as usize)).copied().unwrap_or(function)
    }
}

impl Code {
    /// Writes the copy of a module that starts where an image stands.
    pub(super) fn write(image: &Image, module: &Module, purpose: Purpose) -> Result<Self, Error> {
        let inner = &image.inner;
        if inner.module != module.sha256 {
            return Err(damaged("it is of another module"));
        }
        let guest = &inner.guest;
        let places = Places::of(guest);
        let pages = page_counts(guest, module)?;
        let captured = match purpose {
            Purpose::Freezable => Some(module.captured()?),
            _ => None,
        };
        let plan = Plan {
            places: &places.list,
            bare: guest.frames.is_empty().then_some(guest.import),
            pages: &pages,
            frames_bytes: frames_bytes(guest),
            dropped: &guest.dropped,
            captured: captured.as_deref(),
        };
        let thawed = thaw::thaw(&module.prepared, &plan)?;
        if thawed.held != held_by(guest) {
            return Err(misfit());
        }
        for frame in &guest.frames {
            let values = thawed.values.get(&frame.function).ok_or_else(misfit)?;
            if values.bytes() as usize != frame.values.len() {
                return Err(misfit());
            }
        }
        let mut entrance = Entrance::of(guest, &module.imports)?;
        entrance.first = Some(thawed.first);
        let wasm = match purpose {
            Purpose::Plain | Purpose::Freezable => thawed.wasm,
            Purpose::Backtrace => frames::instrument(&thawed.wasm)?,
            Purpose::Profile => {
                let Instrumented { wasm, entry_steps } = profile::instrument(&thawed.wasm)?;
                entrance.profiler = Some(entrance.profiler_of(image, module, &entry_steps));
                wasm
            }
        };
        Ok(Self { wasm, entrance })
    }
}

impl Entrance {
    /// A profiler that has the steps of the frozen part, and knows what functions and clones are called.
    fn profiler_of(&self, image: &Image, module: &Module, entry_steps: &[u64]) -> Profiler {
        let mut names = names::functions(&module.prepared);
        for (clone, original) in
            self.first.into_iter().flat_map(|first| first..).zip(&self.originals)
        {
            let name = names.get(original).cloned();
            names.insert(clone, name.unwrap_or_else(|| profiler::unnamed(*original)));
        }
        let mut profiler = Profiler::new(&names, entry_steps);
        profiler.charge(FROZEN, image.inner.counters.steps);
        profiler
    }
}

/// What of its module a guest holds.
pub(crate) fn held_by(guest: &Guest) -> Held {
    Held {
        globals: guest.globals.iter().map(|(index, _)| *index).collect(),
        tables: guest.tables.iter().map(|(index, _)| *index).collect(),
        flags: guest.dropped.len(),
    }
}

/// What stands for the steps before the image in a profile.
const FROZEN: &str = "[frozen]";

/// The places where functions are active.
pub(crate) struct Places {
    /// Each once, in order.
    list: Vec<Place>,
    /// That of each frame.
    slots: Vec<u32>,
}

impl Places {
    /// The place of each frame, the outermost first.
    pub(crate) fn of_each(guest: &Guest) -> impl Iterator<Item = Place> {
        let last = guest.frames.len().saturating_sub(1);
        let place = move |(at, frame): (usize, &Frame)| Place {
            function: frame.function,
            number: frame.number,
            import: (at == last).then_some(guest.import),
        };
        guest.frames.iter().enumerate().map(place)
    }

    fn of(guest: &Guest) -> Self {
        let all: Vec<Place> = Self::of_each(guest).collect();
        let mut slots: BTreeMap<Place, u32> = all.iter().map(|place| (*place, 0)).collect();
        for (slot, known) in (0..).zip(slots.values_mut()) {
            *known = slot;
        }
        let list = slots.keys().copied().collect();
        Self { list, slots: all.iter().map(|place| slots[place]).collect() }
    }
}

/// The frames as the clones read them: each begins with the next one's slot, and the import's arguments come last.
fn frames_of(
    guest: &Guest,
    places: &Places,
    imports: &[&'static Syscall],
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(frames_bytes(guest));
    let next = places.slots.iter().skip(1).chain([&0]);
    for (frame, next) in guest.frames.iter().zip(next) {
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend_from_slice(&frame.values);
    }
    if guest.frames.is_empty() {
        bytes.extend_from_slice(&0_u32.to_le_bytes());
    }
    let syscall = imports.get(guest.import as usize).ok_or_else(misfit)?;
    if syscall.params.len() != guest.args.len() {
        return Err(misfit());
    }
    for (param, arg) in syscall.params.iter().zip(&guest.args) {
        let arg = arg.to_le_bytes();
        let is_long = param.ty == syscalls::ValType::I64;
        bytes.extend_from_slice(&arg[..if is_long { 8 } else { 4 }]);
    }
    Ok(bytes)
}

fn frames_bytes(guest: &Guest) -> usize {
    let frames = guest.frames.iter().map(|frame| frame.values.len() + 4);
    4 + frames.sum::<usize>() + guest.args.len() * 8
}

/// The size of each memory in pages.
pub(crate) fn page_counts(guest: &Guest, module: &Module) -> Result<Vec<u64>, Error> {
    let sizes = thaw::memory_page_bytes(&module.prepared)?;
    if sizes.len() != guest.memories.len() {
        return Err(misfit());
    }
    let pages = sizes.iter().zip(&guest.memories).map(|(page, memory)| {
        let bytes = memory.len() as u64;
        if bytes.is_multiple_of(*page) { Ok(bytes / page) } else { Err(misfit()) }
    });
    pages.collect()
}
