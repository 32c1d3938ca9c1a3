//! What the memories of thawed processes lie on, chosen by the host.

use alloc::boxed::Box;
use alloc::sync::Arc;

/// What the memories of a [`Pool`](crate::Pool)'s processes lie on. Cheap to clone.
///
/// The default is copies, which every host has. A facility of the operating system's is a [`MemoryImage`] with its
/// [`MemorySlot`]s; where it gives none, there are copies again. Nothing that a guest can see depends on it.
///
/// Whoever has a `Backing` cannot get at the slots in it: only the engine asks them for their buffers, and it drops a slot
/// after everything that uses its buffer.
#[derive(Clone, Default)]
pub struct Backing {
    maker: Option<Arc<Maker>>,
}

/// Takes a memory of an image over: nothing where it cannot.
type Maker = dyn Fn(&[u8]) -> Option<Box<dyn MemoryImage>> + Send + Sync;

impl Backing {
    /// Memories that are copied from the image.
    #[must_use]
    pub fn copies() -> Self {
        Self::default()
    }

    /// Memories that lie where `image` says, which is given each memory of an image once. What it cannot take, it answers
    /// with `None`, and it is copied.
    pub fn new(
        image: impl Fn(&[u8]) -> Option<Box<dyn MemoryImage>> + Send + Sync + 'static,
    ) -> Self {
        Self { maker: Some(Arc::new(image)) }
    }

    pub(crate) fn image(&self, memory: &[u8]) -> Option<Box<dyn MemoryImage>> {
        self.maker.as_ref()?(memory)
    }
}

/// One memory of an image, from which any number of slots start.
pub trait MemoryImage: Send + Sync {
    /// A place for the memory of one process, which can grow to so many bytes there; nothing where the host has none.
    fn slot(&self, bytes_max: usize) -> Option<Box<dyn MemorySlot>>;
}

/// Where the memory of one process lies.
pub trait MemorySlot: Send + Sync {
    /// The whole of it, whatever it holds, at most once: as many bytes as were asked for, or more.
    ///
    /// It is valid for as long as the slot lives, not longer. The engine keeps it no longer.
    fn take_buffer(&mut self) -> Option<&'static mut [u8]>;

    /// Makes its first bytes those of the image and all others zero, without moving it. Where that fails, it gives false, and
    /// the buffer is not used any more.
    ///
    /// The engine calls it while nothing else looks at the buffer.
    #[must_use]
    fn reset(&mut self) -> bool;
}
