//! What all programs are made with: runtimes that are installed, modules that are checked, interpreters that are started,
//! each once for all workers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind, Tree};
use engine::{Engine, Pool};
use launch::warm::{self, Start, Waiting};
use launch::{Checked, files, modules};
use runtimes::{Cache, Quiet, Role, Runtime, Selection, Warm};

use crate::Observer;

/// What programs are made with.
pub(crate) struct Workshop<'a> {
    pub(super) cache: Cache,
    pub(super) observer: &'a dyn Observer,
    search_path: OsString,
    /// Instances that wait for their next process: as many as there are workers.
    spares_max: usize,
    started: Mutex<BTreeMap<String, Arc<Started>>>,
    interpreters: Mutex<BTreeMap<String, (Checked, Tree)>>,
}

/// An interpreter that has been started.
pub(super) struct Started {
    pub(super) pool: Pool,
    /// The SHA-256 of its image.
    pub(super) sha256: [u8; 32],
    /// How it is told what to run.
    pub(super) warm: Warm,
}

impl<'a> Workshop<'a> {
    pub(crate) fn new(
        cache: Cache,
        observer: &'a dyn Observer,
        search_path: OsString,
        spares_max: usize,
    ) -> Self {
        let (started, interpreters) = (Mutex::default(), Mutex::default());
        Self { cache, observer, search_path, spares_max, started, interpreters }
    }

    /// Installs a runtime that is not there yet.
    pub(super) fn install(&self, runtime: &Runtime) -> Result<(), launch::Error> {
        if !self.cache.is_installed(runtime) {
            self.observer.say(&format!("installing {runtime}"));
        }
        launch::ensure_installed(&self.cache, runtime, self.search_path.clone(), &mut Quiet)
    }

    /// A module of a submission's own.
    pub(super) fn module(&self, name: &str, wasm: Bytes) -> Result<Checked, launch::Error> {
        modules::checked(&Engine::default(), name, wasm, Some(&self.cache))
    }

    /// The module of an interpreter, and the files that come with it.
    pub(super) fn interpreter(&self, runtime: &Runtime) -> Result<(Checked, Tree), launch::Error> {
        let mut interpreters = self.interpreters.lock().unwrap_or_else(PoisonError::into_inner);
        let key = runtime.reference();
        if let Some((checked, tree)) = interpreters.get(&key) {
            return Ok((checked.clone(), tree.fork()));
        }
        let checked = modules::catalogued(&Engine::default(), &self.cache, runtime, Role::Module)?;
        let base = modules::base(&self.cache, runtime)?;
        let tree = files::root(&mut files::with_base(base, Quota::default())?)?.fork();
        interpreters.insert(key, (checked.clone(), tree.fork()));
        Ok((checked, tree))
    }

    /// An interpreter that has been started with this seed.
    pub(super) fn warm(
        &self,
        selection: Selection<'_>,
        warm: &Warm,
        seed: u64,
        stdin: StreamKind,
    ) -> Result<Arc<Started>, launch::Error> {
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{} {seed} {stdin:?}", selection.runtime.reference());
        if let Some(started) = all.get(&key) {
            return Ok(started.clone());
        }
        let stdio = [stdin, StreamKind::Pipe, StreamKind::Pipe];
        let start = Start { engine: Engine::default(), seed, stdio };
        let mut waiting = Patient(self.observer);
        let (template, bytes) = warm::image(start, &self.cache, selection, warm, &mut waiting)?;
        let pool = Pool::new(&template, &pool::copy_on_write(), self.spares_max);
        let sha256 = super::hash(&runtimes::sha256(&bytes));
        let started = Arc::new(Started { pool, sha256, warm: warm.clone() });
        all.insert(key, started.clone());
        Ok(started)
    }
}

/// Waits for an interpreter until the user has had enough.
struct Patient<'a>(&'a dyn Observer);

impl Waiting for Patient<'_> {
    fn say(&mut self, message: &str) {
        self.0.say(message);
    }

    fn goes_on(&mut self) -> bool {
        !self.0.is_interrupted()
    }
}
