//! An image as bytes and back.
//!
//! ```text
//! mark      "stepwell image 1\n"
//! state     which module, by which passes; counters, limits, the stack, globals, tables             postcard
//! pages     of each memory those of 4 KiB that differ from what the module itself puts there
//! context   the host's side: files, descriptors, streams, clock, entropy                   see Context::save
//! module    the module as it was given, or nothing
//! checksum  CRC-32 of all before it, u32                                                  little-endian
//! ```
//!
//! Each of the parts after the mark has its length in front, as u64. The same image gives the same bytes on every host.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::{Buf, Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use syscalls::Context;
use vfs::Base;

use super::pages;
use super::{Counters, Image, Inner};
use crate::rewrite::prepared;
use crate::unwind::{Frame, Guest, Scalar};
use crate::{Error, Limit, Limits, Module, Value};

/// What the bytes start with.
const MARK: &[u8] = b"stepwell image 1\n";
pub(crate) const CHECKSUM_BYTES: usize = 4;

/// What is written in the first part. Every field is part of the format: a change is another version of the mark.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) module: [u8; 32],
    /// By which passes the module was prepared: operators are known by their numbers in what these have written.
    preparation: Vec<u8>,
    counters: [u64; 4],
    growth_refused: Option<u8>,
    queue: Vec<(String, Vec<(u8, u64)>)>,
    limits: [u64; 7],
    listeners: Vec<u32>,
    origin: String,
    frames: Vec<(u32, u32, Vec<u8>)>,
    import: u32,
    args: Vec<u64>,
    globals: Vec<(u32, u8, u128)>,
    tables: Vec<(u32, Vec<u32>)>,
    dropped: Vec<bool>,
}

impl Image {
    /// Writes the image as bytes, which any host can [load](Image::load) that has the same module.
    ///
    /// Trees are written as the difference to that one of `bases` that they have most in common with, and whole if there is
    /// none. It takes time in proportion to the memories.
    ///
    /// # Errors
    /// [`Error::NotFreezable`]: a mount is above a directory of the host's; the clock or the entropy is the host's. [`Error::Image`]:
    /// it is of another module.
    pub fn save(&self, module: &Module, bases: &[Base]) -> Result<Vec<u8>, Error> {
        self.save_with(module, bases, &[])
    }

    /// As [`Image::save`], with the module's own bytes in it, as they were given: see [`Image::embedded`].
    ///
    /// # Errors
    /// As [`Image::save`]; [`Error::Image`]: the bytes are not the module's.
    pub fn save_whole(
        &self,
        module: &Module,
        wasm: &[u8],
        bases: &[Base],
    ) -> Result<Vec<u8>, Error> {
        if Sha256::digest(wasm)[..] != module.sha256 {
            return Err(damaged("it is of another module"));
        }
        self.save_with(module, bases, wasm)
    }

    fn save_with(
        &self,
        module: &Module,
        bases: &[Base],
        embedded: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let inner = &self.inner;
        if inner.module != module.sha256 {
            return Err(damaged("it is of another module"));
        }
        let context = inner.context.save(bases);
        let context = context.map_err(|reason| crate::freeze::not_freezable(reason.to_string()))?;
        let state = State::of(inner).write()?;
        let initial = pages::initial(module, usize::MAX)?;
        let mut out = Vec::from(MARK);
        part(&state, &mut out);
        part(&pages::difference(&initial, &inner.guest.memories), &mut out);
        part(&context, &mut out);
        part(embedded, &mut out);
        seal(&mut out);
        Ok(out)
    }

    /// Reads an image. `bases` are the trees that it may be a difference to, and `limits` the most that its processes may use,
    /// in place of those that it was frozen with: its memories have to fit.
    ///
    /// The bytes may come from anywhere: whatever they hold, the result is an error or an image whose processes stay in
    /// their limits. Contents of files are not copied, so the bytes are kept as long as the image.
    ///
    /// # Errors
    /// [`Error::Image`].
    pub fn load(
        bytes: Bytes,
        module: &Module,
        bases: &[Base],
        limits: Option<Limits>,
    ) -> Result<Self, Error> {
        let mut rest = checked(&bytes)?;
        let state = State::read(&take(&mut rest)?)?;
        if state.module != module.sha256 {
            return Err(damaged("it is of another module"));
        }
        let limits = limits.unwrap_or_else(|| state.limits());
        let memories = take(&mut rest)?;
        let memories = pages::apply(
            &pages::initial(module, limits.memory_bytes_max)?,
            &memories,
            limits.memory_bytes_max,
        )?;
        let context = take(&mut rest)?;
        take(&mut rest)?;
        if !rest.is_empty() {
            return Err(damaged("there is something behind its end"));
        }
        let context =
            Context::load(&context, bases).map_err(|error| damaged(&error.to_string()))?;
        let inner = state.into_inner(memories, context, limits)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The module that lies in the bytes of an image, if one does, as it was given.
    ///
    /// # Errors
    /// [`Error::Image`].
    pub fn embedded(bytes: &Bytes) -> Result<Option<Bytes>, Error> {
        let mut rest = checked(bytes)?;
        for _ in 0..3 {
            take(&mut rest)?;
        }
        let wasm = take(&mut rest)?;
        Ok(Some(wasm).filter(|wasm| !wasm.is_empty()))
    }

    /// What [`Image::origin`] is of the image in these bytes, without loading it.
    ///
    /// # Errors
    /// [`Error::Image`].
    pub fn origin_of(bytes: &Bytes) -> Result<String, Error> {
        let state = take(&mut checked(bytes)?)?;
        postcard::take_from_bytes::<State>(&state)
            .map(|(state, _)| state.origin)
            .map_err(|_| malformed())
    }

    /// Whether bytes start as those of an image do.
    #[must_use]
    pub fn is_image(bytes: &[u8]) -> bool {
        bytes.starts_with(b"stepwell image ")
    }
}

/// The parts, after the mark and the checksum have been looked at.
fn checked(bytes: &Bytes) -> Result<Bytes, Error> {
    if !Image::is_image(bytes) {
        return Err(damaged("it does not start as an image does"));
    }
    if !bytes.starts_with(MARK) {
        return Err(damaged("it is of another version of the format"));
    }
    intact(bytes, MARK)
}

/// What stands between a mark, which was looked at, and the checksum, which is looked at.
pub(crate) fn intact(bytes: &Bytes, mark: &[u8]) -> Result<Bytes, Error> {
    let end = bytes.len().checked_sub(CHECKSUM_BYTES).filter(|end| *end >= mark.len());
    let (whole, checksum) = bytes.split_at(end.ok_or_else(|| damaged("it is cut off"))?);
    if crc32fast::hash(whole).to_le_bytes() != checksum {
        return Err(damaged("its checksum is another one: it is cut off or was changed"));
    }
    Ok(bytes.slice(mark.len()..whole.len()))
}

/// Appends the checksum of what is there.
pub(crate) fn seal(out: &mut Vec<u8>) {
    let checksum = crc32fast::hash(out);
    out.extend_from_slice(&checksum.to_le_bytes());
}

pub(crate) fn part(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

pub(crate) fn take(rest: &mut Bytes) -> Result<Bytes, Error> {
    let cut = || damaged("it is cut off");
    if rest.len() < size_of::<u64>() {
        return Err(cut());
    }
    let len = usize::try_from(rest.get_u64_le()).map_err(|_| cut())?;
    if len > rest.len() {
        return Err(cut());
    }
    Ok(rest.split_to(len))
}

impl State {
    pub(crate) fn write(&self) -> Result<Vec<u8>, Error> {
        postcard::to_allocvec(self).map_err(|_| damaged("too large"))
    }

    /// Reads what the same version of the passes has written.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let (state, end) = postcard::take_from_bytes::<Self>(bytes).map_err(|_| malformed())?;
        if !end.is_empty() {
            return Err(malformed());
        }
        if state.preparation != prepared::mark() {
            return Err(damaged("it was frozen by another version of Stepwell; freeze it anew"));
        }
        Ok(state)
    }

    pub(crate) fn of(inner: &Inner) -> Self {
        let Guest { frames, import, args, globals, tables, dropped, .. } = &inner.guest;
        let Counters { steps, owed, charged, calls, growth_refused } = inner.counters;
        let values = |values: &[Value]| values.iter().map(|value| bits(*value)).collect();
        let frame = |frame: &Frame| (frame.function, frame.number, frame.values.clone());
        let limits = &inner.limits;
        Self {
            module: inner.module,
            preparation: prepared::mark(),
            counters: [steps, owed, charged, calls],
            growth_refused: growth_refused.map(limit_number),
            queue: inner.queue.iter().map(|(name, args)| (name.clone(), values(args))).collect(),
            limits: [
                limits.steps_max,
                limits.memory_bytes_max as u64,
                limits.table_elements_max as u64,
                limits.output_bytes_max,
                limits.output_queue_bytes_max as u64,
                limits.fds_max.into(),
                limits.args_bytes_max,
            ],
            listeners: inner.listeners.clone(),
            origin: inner.origin.clone(),
            frames: frames.iter().map(frame).collect(),
            import: *import,
            args: args.clone(),
            globals: globals.iter().map(|(index, value)| scalar_bits(*index, *value)).collect(),
            tables: tables.clone(),
            dropped: dropped.clone(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        let [steps, memory, table, output, queue, fds, args] = self.limits;
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Limits {
            steps_max: steps,
            memory_bytes_max: size(memory),
            table_elements_max: size(table),
            output_bytes_max: output,
            output_queue_bytes_max: size(queue),
            fds_max: u32::try_from(fds).unwrap_or(u32::MAX),
            args_bytes_max: args,
        }
    }

    pub(crate) fn into_inner(
        self,
        memories: Vec<Bytes>,
        context: Context,
        limits: Limits,
    ) -> Result<Inner, Error> {
        let [steps, owed, charged, calls] = self.counters;
        if owed > steps || charged > steps || calls > CALLS_MAX {
            return Err(malformed());
        }
        let growth_refused = self.growth_refused.map(limit).transpose()?;
        let queue = self.queue.into_iter().map(|(name, args)| {
            let args = args.into_iter().map(|(ty, bits)| value(ty, bits).ok_or_else(malformed));
            Ok((name, args.collect::<Result<_, Error>>()?))
        });
        let globals = self
            .globals
            .into_iter()
            .map(|(index, ty, bits)| Ok((index, scalar(ty, bits).ok_or_else(malformed)?)));
        let frames = self.frames.into_iter();
        let frames = frames.map(|(function, number, values)| Frame { function, number, values });
        Ok(Inner {
            module: self.module,
            counters: Counters { steps, owed, charged, calls, growth_refused },
            queue: queue.collect::<Result<_, Error>>()?,
            guest: Guest {
                frames: frames.collect(),
                import: self.import,
                args: self.args,
                globals: globals.collect::<Result<_, Error>>()?,
                memories,
                tables: self.tables,
                dropped: self.dropped,
            },
            context: Arc::new(context),
            limits,
            listeners: self.listeners,
            origin: self.origin,
        })
    }
}

/// A number as its type and its bits.
fn bits(value: Value) -> (u8, u64) {
    let ty = match value {
        Value::I32(_) => 0,
        Value::I64(_) => 1,
        Value::F32(_) => 2,
        Value::F64(_) => 3,
    };
    (ty, value.bits())
}

fn value(ty: u8, bits: u64) -> Option<Value> {
    let short = || u32::try_from(bits).ok();
    Some(match ty {
        0 => Value::I32(short()?.cast_signed()),
        1 => Value::I64(bits.cast_signed()),
        2 => Value::F32(f32::from_bits(short()?)),
        3 => Value::F64(f64::from_bits(bits)),
        _ => return None,
    })
}

fn scalar_bits(index: u32, value: Scalar) -> (u32, u8, u128) {
    let (ty, bits) = match value {
        Scalar::I32(value) => (0, value.into()),
        Scalar::I64(value) => (1, value.into()),
        Scalar::F32(value) => (2, value.into()),
        Scalar::F64(value) => (3, value.into()),
        Scalar::V128(value) => (4, value),
        Scalar::Func(value) => (5, value.into()),
        Scalar::Extern => (6, 0),
    };
    (index, ty, bits)
}

fn scalar(ty: u8, bits: u128) -> Option<Scalar> {
    let (short, long) = (|| u32::try_from(bits).ok(), || u64::try_from(bits).ok());
    Some(match ty {
        0 => Scalar::I32(short()?),
        1 => Scalar::I64(long()?),
        2 => Scalar::F32(short()?),
        3 => Scalar::F64(long()?),
        4 => Scalar::V128(bits),
        5 => Scalar::Func(short()?),
        6 => Scalar::Extern,
        _ => return None,
    })
}

/// More syscalls no process makes.
const CALLS_MAX: u64 = 1 << 62;

/// The limits that a growth can be refused for.
const LIMITS: [Limit; 3] = [Limit::Memory, Limit::Table, Limit::HostMemory];

fn limit_number(limit: Limit) -> u8 {
    (0..).zip(LIMITS).find(|(_, known)| *known == limit).map_or(0, |(number, _)| number)
}

fn limit(number: u8) -> Result<Limit, Error> {
    let limit = LIMITS.get(usize::from(number)).copied();
    limit.ok_or_else(malformed)
}

fn malformed() -> Error {
    damaged("its state is malformed")
}

pub(crate) fn damaged(reason: &str) -> Error {
    Error::Image { reason: reason.into() }
}
