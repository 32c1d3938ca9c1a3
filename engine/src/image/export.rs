//! An image as a module for other engines.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::pages;
use crate::rewrite::freeze::export::{self, Standing};
use crate::template::code::{self, Places};
use crate::unwind::Scalar;
use crate::{Error, Image, Module, Value};

impl Image {
    /// Writes a module that goes on from here when its `_start` is called, on any engine with WASI preview1: the stack is in
    /// copies of the functions that were active, memories, globals and tables are its own, and nothing charges for steps.
    ///
    /// The host's side is the other engine's. So its arguments and environment are not asked for again, its clock goes on from
    /// where it is there, and what is mounted has to be mounted there, in the same order: see [`Image::preopens`]. Limits
    /// do not go along.
    ///
    /// # Errors
    /// [`Error::Image`]: it is of another module, or does not fit it. [`Error::NotPortable`]: as [`Image::preopens`],
    /// or what would be written is more than engines take. [`Error::NotFreezable`]: its stack is too deep.
    /// [`Error::Invalid`], [`Error::Unsupported`]: the module was kept and has been damaged.
    pub fn to_wasm(&self, module: &Module) -> Result<Vec<u8>, Error> {
        let inner = &self.inner;
        if inner.module != module.sha256 {
            return Err(Error::Image { reason: "it is of another module".into() });
        }
        self.preopens()?;
        let guest = &inner.guest;
        let frames = guest.frames.iter().map(|frame| &frame.values[..]);
        let places = Places::of_each(guest);
        let standing = Standing {
            frames: places.zip(frames).collect(),
            import: guest.import,
            args: &guest.args,
            pages: &code::page_counts(guest, module)?,
            data: pages::contents(&guest.memories, PIECES_MAX),
            globals: guest.globals.iter().map(|(index, value)| (*index, bits(*value))).collect(),
            tables: &guest.tables,
            dropped: &guest.dropped,
            held: code::held_by(guest),
            queue: inner.queue.iter().map(|(name, args)| (&name[..], numbers(args))).collect(),
        };
        export::export(&module.prepared, &standing)
    }

    /// The paths of the directories that are open from the start, from descriptor 3 on: an engine that runs what
    /// [`Image::to_wasm`] gives has to open as many, in this order.
    ///
    /// # Errors
    /// [`Error::NotPortable`]: something else is open, which is named, or there is input or output that the process or the
    /// host has not read.
    pub fn preopens(&self) -> Result<Vec<&str>, Error> {
        let preopens = self.inner.context.preopens_alone();
        preopens.map_err(|reason| Error::NotPortable { reason: reason.to_string() })
    }
}

/// Engines take 100 000 data segments, the module's own included.
const PIECES_MAX: usize = 50_000;

fn bits(value: Scalar) -> u128 {
    match value {
        Scalar::I32(bits) | Scalar::F32(bits) | Scalar::Func(bits) => bits.into(),
        Scalar::I64(bits) | Scalar::F64(bits) => bits.into(),
        Scalar::V128(bits) => bits,
        Scalar::Extern => 0,
    }
}

fn numbers(values: &[Value]) -> Vec<u64> {
    values.iter().map(|value| value.bits()).collect()
}
