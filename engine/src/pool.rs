//! Processes of one template that are used again.
//!
//! ```text
//!           thaw                    run                   recycle
//! spare ──────────> process at the syscall ──> … ──> over, or not ──────────> spare
//!   ^                                                     │ its memories the image's again, its host new
//!   └── a new instance, where there is no spare           └──> dropped, where that cannot be had
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;
use wasmi::Instance;

use crate::limits::Growth;
use crate::process::Execution;
use crate::store::ProcessStore;
use crate::{Backing, Error, Limits, MemoryImage, Process, State, Template, Trap, TrapKind};

/// Thaws processes of one [`Template`], and uses again what it is given back. Cheap to clone; any number of threads may use
/// one pool.
///
/// A process of a pool is one of the template in everything that it does: only time and memory differ.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    template: Template,
    /// For each memory of the image, what it is mapped from; nothing where it is copied.
    images: Vec<Option<Box<dyn MemoryImage>>>,
    spares: Mutex<Vec<Spare>>,
    spares_max: usize,
}

/// An instance that waits for its next process: its memories are the image's, and its host has not been used.
struct Spare {
    store: ProcessStore,
    instance: Instance,
    origin: Origin,
}

/// What a process of a pool began with.
#[derive(Clone)]
struct Origin {
    /// What its memories and tables had.
    growth: Growth,
    /// What they may grow to where they lie.
    memory_bytes_max: usize,
}

/// Where a process came from.
pub(crate) struct Home {
    pool: Arc<Inner>,
    origin: Origin,
}

impl Pool {
    /// A pool without spares, which keeps at most so many. The image's memories are put where `backing` says.
    #[must_use]
    pub fn new(template: &Template, backing: &Backing, spares_max: usize) -> Self {
        let images = template.memories().iter().map(|memory| backing.image(memory)).collect();
        let spares = Mutex::new(Vec::new());
        let template = template.clone();
        Self { inner: Arc::new(Inner { template, images, spares, spares_max }) }
    }

    /// The template whose processes it thaws.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.inner.template
    }

    /// Instances that wait for their next process.
    #[must_use]
    pub fn spares(&self) -> usize {
        self.inner.spares.lock().len()
    }

    /// Whether some memory of the image is mapped, and not copied for each process.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.inner.images.iter().any(Option::is_some)
    }

    /// As [`Template::thaw`].
    ///
    /// # Errors
    /// As [`Template::thaw_with`].
    pub fn thaw(&self) -> Result<Process, Error> {
        self.thaw_with(self.inner.template.image().limits())
    }

    /// As [`Template::thaw_with`].
    ///
    /// # Errors
    /// As [`Template::thaw_with`].
    pub fn thaw_with(&self, limits: Limits) -> Result<Process, Error> {
        if let Some((mut spare, growth)) = self.inner.take(&limits) {
            let host = spare.store.data_mut();
            host.growth = growth;
            // It was made under the limits of the image.
            let Limits { fds_max, output_queue_bytes_max, output_bytes_max, .. } = limits;
            host.context.limit(fds_max, output_queue_bytes_max, output_bytes_max);
            let process = self.inner.template.stand(spare.store, spare.instance, limits)?;
            return Ok(self.at_home(process, spare.origin));
        }
        let template = &self.inner.template;
        let is_mapped = self.is_mapped();
        let instantiate =
            |images: &[_]| template.instantiate(template.host(&limits)?, &limits, images);
        let mapped = is_mapped.then(|| instantiate(&self.inner.images).ok());
        let (store, instance) = match mapped.flatten() {
            Some(made) => made,
            // Where a mapping fails, it goes without; and where something else has, it fails again.
            None => instantiate(&[])?,
        };
        let process = template.stand(store, instance, limits)?;
        let growth = process.store.data().growth.clone();
        let memory_bytes_max = if is_mapped { limits.memory_bytes_max } else { usize::MAX };
        Ok(self.at_home(process, Origin { growth, memory_bytes_max }))
    }

    fn at_home(&self, process: Process, origin: Origin) -> Process {
        Process { home: Some(Home { pool: self.inner.clone(), origin }), ..process }
    }

    /// Ends a process, in whatever state it is, and keeps its instance as a spare. Nothing of it is left in the memories.
    ///
    /// Gives false where it was dropped instead: it is not of this pool; a memory or a table of it has grown, which the
    /// interpreter does not undo; its module drops segments; a bug of the host's ended it; there are spares enough.
    pub fn recycle(&self, process: Process) -> bool {
        // The lock is not held while anything is dropped or reset.
        let Some(spare) = self.strip(process) else { return false };
        let left = self.inner.put(spare);
        left.is_none()
    }

    fn strip(&self, process: Process) -> Option<Spare> {
        let is_sound = !matches!(
            process.execution,
            Execution::Ended(State::Trapped(Trap { kind: TrapKind::HostPanic(_) }))
                | Execution::Frozen
        );
        let Process { mut store, instance, home, execution, .. } = process;
        // Gives the interpreter its stack back.
        drop(execution);
        let (instance, Home { pool, origin }) = (instance?, home?);
        let template = &self.inner.template;
        let is_own = Arc::ptr_eq(&pool, &self.inner);
        let has_grown = store.data().growth.has_grown_since(&origin.growth);
        if !is_own || has_grown || !is_sound || !template.can_recycle() {
            return None;
        }
        *store.data_mut() = template.host(&template.image().limits()).ok()?;
        store.reset(template.memories()).then_some(Spare { store, instance, origin })
    }
}

impl Inner {
    /// The spare that was used last of those that can grow as far as these limits allow, with its growth under them.
    fn take(&self, limits: &Limits) -> Option<(Spare, Growth)> {
        let mut spares = self.spares.lock();
        let at = spares
            .iter()
            .rposition(|spare| spare.origin.memory_bytes_max >= limits.memory_bytes_max)?;
        let growth = spares[at].origin.growth.under(limits)?;
        Some((spares.swap_remove(at), growth))
    }

    /// Keeps a spare, or gives it back if there are enough.
    fn put(&self, spare: Spare) -> Option<Spare> {
        let mut spares = self.spares.lock();
        if spares.len() >= self.spares_max {
            return Some(spare);
        }
        spares.push(spare);
        None
    }
}
