//! The interpreter's store of one process, together with what its memories lie on.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use bytes::Bytes;
use wasmi::{
    AsContext, AsContextMut, Engine, Error, Memory, MemoryType, Store, StoreContext,
    StoreContextMut,
};

use crate::backing::MemorySlot;
use crate::host::Host;

/// A store that cannot outlive what its memories lie on.
pub(crate) struct ProcessStore {
    // Fields are dropped in their order: the store goes first, then the slots.
    store: Store<Host>,
    memories: Vec<Placed>,
}

/// A memory that was made from an image.
struct Placed {
    memory: Memory,
    /// What it lies on, if that is not the store's own.
    slot: Option<Box<dyn MemorySlot>>,
}

impl ProcessStore {
    /// A store whose growth is limited by its host.
    pub(crate) fn new(engine: &Engine, host: Host) -> Self {
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.growth);
        Self { store, memories: Vec::new() }
    }

    /// Makes a memory with these bytes: in the slot, if there is one.
    ///
    /// # Errors
    /// The interpreter's, or the slot does not become what it should: the store must be dropped then.
    pub(crate) fn place(
        &mut self,
        ty: MemoryType,
        bytes: &[u8],
        slot: Option<Box<dyn MemorySlot>>,
    ) -> Result<Memory, Error> {
        let Some(mut slot) = slot else {
            let memory = Memory::new(&mut self.store, ty)?;
            fill(memory.data_mut(&mut self.store), bytes);
            self.memories.push(Placed { memory, slot: None });
            return Ok(memory);
        };
        let buffer = slot.take_buffer().ok_or_else(|| Error::new(NO_SLOT))?;
        let memory = Memory::new_static(&mut self.store, ty, buffer)?;
        // The interpreter has filled it with zeros.
        let is_reset = slot.reset();
        self.memories.push(Placed { memory, slot: Some(slot) });
        if is_reset { Ok(memory) } else { Err(Error::new(NO_SLOT)) }
    }

    /// Makes all memories what they were when they were placed. They have not grown. False where the store must be dropped.
    #[must_use]
    pub(crate) fn reset(&mut self, images: &[Bytes]) -> bool {
        let Self { store, memories } = self;
        memories.iter_mut().zip(images).all(|(placed, bytes)| match &mut placed.slot {
            Some(slot) => slot.reset(),
            None => {
                placed.memory.data_mut(&mut *store).copy_from_slice(bytes);
                true
            }
        })
    }

    /// The host's side; the guest's is dropped, and what its memories lay on after it.
    pub(crate) fn into_data(self) -> Host {
        self.store.into_data()
    }
}

impl Deref for ProcessStore {
    type Target = Store<Host>;

    fn deref(&self) -> &Store<Host> {
        &self.store
    }
}

impl DerefMut for ProcessStore {
    fn deref_mut(&mut self) -> &mut Store<Host> {
        &mut self.store
    }
}

impl AsContext for ProcessStore {
    type Data = Host;

    fn as_context(&self) -> StoreContext<'_, Host> {
        self.store.as_context()
    }
}

impl AsContextMut for ProcessStore {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Host> {
        self.store.as_context_mut()
    }
}

/// Makes a memory, which is all zero, what an image has: pages that are zero there are not touched, so that a system that
/// gives memory when it is touched gives none for them.
///
/// # Panics
/// If they differ in length: whoever made the image's module has declared the memory as large as the image has it.
fn fill(memory: &mut [u8], bytes: &[u8]) {
    assert_eq!(memory.len(), bytes.len(), "a memory is as large as its image");
    for (memory, bytes) in memory.chunks_mut(PAGE_BYTES).zip(bytes.chunks(PAGE_BYTES)) {
        if bytes != &ZEROS[..bytes.len()] {
            memory.copy_from_slice(bytes);
        }
    }
}

const ZEROS: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// Bytes of the smallest page that a host has, a divisor of those of WebAssembly.
pub(crate) const PAGE_BYTES: usize = 4096;

const NO_SLOT: &str = "the host could not map a memory";

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec;

    use spin::Mutex;
    use syscalls::{Context, Setup};
    use vfs::{EPOCH, Mount, Namespace, Quota, Tree};
    use wasmi::ExternRef;

    use super::*;
    use crate::Limits;

    /// Writes its name down when it is dropped.
    struct Note {
        name: &'static str,
        list: Arc<Mutex<Vec<&'static str>>>,
    }

    impl Drop for Note {
        fn drop(&mut self) {
            self.list.lock().push(self.name);
        }
    }

    struct Leaked(#[expect(dead_code, reason = "it is there to be dropped")] Note);

    impl MemorySlot for Leaked {
        fn take_buffer(&mut self) -> Option<&'static mut [u8]> {
            Some(vec![7; 2 << 16].leak())
        }

        fn reset(&mut self) -> bool {
            true
        }
    }

    fn host() -> Host {
        let fs = Box::new(Tree::new(Quota::default(), EPOCH));
        let namespace = Namespace::new(Mount { fs, read_only: false });
        Host::new(Context::new(Setup::new(namespace)), &Limits::default(), None)
    }

    #[test]
    fn what_a_memory_lies_on_is_dropped_last() {
        for is_taken_apart in [false, true] {
            let list = Arc::new(Mutex::new(Vec::new()));
            let note = |name| Note { name, list: list.clone() };
            let mut store = ProcessStore::new(&Engine::default(), host());
            let slot = Box::new(Leaked(note("the slot")));
            let ty = MemoryType::new(1, None);
            let memory = store.place(ty, &[0; 1 << 16], Some(slot)).unwrap();
            assert_eq!(memory.data(&store).len(), 1 << 16);
            ExternRef::new(&mut store, note("the store"));
            if is_taken_apart {
                drop(store.into_data());
            } else {
                drop(store);
            }
            assert_eq!(*list.lock(), ["the store", "the slot"]);
        }
    }
}
