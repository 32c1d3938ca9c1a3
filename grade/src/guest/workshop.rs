//! What all programs are made with: runtimes that are installed, modules that are checked, interpreters that are started,
//! each once for all workers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind, Tree};
use engine::{Engine, Pool, Template};
use launch::warm::{self, Command, Program, Start, Waiting};
use launch::{Checked, files, modules};
use runtimes::{Cache, Quiet, Role, Runtime, Selection, Warm};

use crate::{Observer, lock};

/// What programs are made with.
pub(crate) struct Workshop<'a> {
    pub(super) cache: Cache,
    pub(super) observer: &'a dyn Observer,
    search_path: OsString,
    /// Whether what compilers have made is taken from the cache and kept there.
    pub(super) keeps: bool,
    /// Instances that wait for their next process: as many as there are workers.
    spares_max: usize,
    started: Mutex<BTreeMap<String, Arc<Started>>>,
    interpreters: Mutex<BTreeMap<String, (Checked, Tree)>>,
}

/// A program that has been started.
pub(super) struct Started {
    pub(super) pool: Pool,
    pub(super) receipts: Receipts,
}

/// What the receipts of runs that go on from an image name.
#[derive(Clone, Copy)]
pub(super) enum Receipts {
    /// The image, by its SHA-256.
    Image([u8; 32]),
    /// The module, by its SHA-256: they are those of whole runs, with this seed.
    Module([u8; 32], u64),
}

impl<'a> Workshop<'a> {
    pub(crate) fn new(
        cache: Cache,
        observer: &'a dyn Observer,
        search_path: OsString,
        keeps: bool,
        spares_max: usize,
    ) -> Self {
        let (started, interpreters) = (Mutex::default(), Mutex::default());
        Self { cache, observer, search_path, keeps, spares_max, started, interpreters }
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
        let mut interpreters = lock(&self.interpreters);
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

    /// An interpreter that has been started with this seed, for all programs.
    pub(super) fn warm(
        &self,
        selection: Selection<'_>,
        warm: &Warm,
        seed: u64,
        stdin: StreamKind,
    ) -> Result<Arc<Started>, launch::Error> {
        let key = format!("{} {seed} {stdin:?}", selection.runtime.reference());
        let made = self.started(key, || {
            let mut waiting = Patient(self.observer);
            warm::image(start(seed, stdin), &self.cache, selection, warm, &mut waiting).map(Some)
        })?;
        // It is made, or that has failed.
        made.ok_or_else(|| launch::Error::new(launch::ErrorKind::Own, "it did not start"))
    }

    /// An interpreter that has been started as far as it opens this program, if it can be.
    pub(super) fn opening(
        &self,
        selection: Selection<'_>,
        command: Command<'_>,
        seed: u64,
        stdin: StreamKind,
    ) -> Result<Option<Arc<Started>>, launch::Error> {
        let key = format!("{} {seed} {stdin:?} {command:?}", selection.runtime.reference());
        self.started(key, || {
            let mut waiting = Patient(self.observer);
            warm::opening(start(seed, stdin), &self.cache, selection, command, &mut waiting)
        })
    }

    /// A program of its author's own that stands at its first syscall, if it comes there soon.
    pub(super) fn first_call(
        &self,
        program: Program<'_>,
        sha256: [u8; 32],
        seed: u64,
        stdin: StreamKind,
    ) -> Result<Option<Started>, launch::Error> {
        let mut waiting = Patient(self.observer);
        let template = warm::first_call(start(seed, stdin), program, &mut waiting)?;
        let receipts = Receipts::Module(sha256, seed);
        Ok(template.map(|template| Started { pool: self.pool(&template), receipts }))
    }

    fn pool(&self, template: &Template) -> Pool {
        Pool::new(template, &pool::copy_on_write(), self.spares_max)
    }

    fn started(
        &self,
        key: String,
        make: impl FnOnce() -> Result<Option<(Template, Bytes)>, launch::Error>,
    ) -> Result<Option<Arc<Started>>, launch::Error> {
        let mut all = lock(&self.started);
        if let Some(started) = all.get(&key) {
            return Ok(Some(started.clone()));
        }
        let Some((template, bytes)) = make()? else { return Ok(None) };
        let receipts = Receipts::Image(super::hash(&runtimes::sha256(&bytes)));
        let started = Arc::new(Started { pool: self.pool(&template), receipts });
        all.insert(key, started.clone());
        Ok(Some(started))
    }
}

fn start(seed: u64, stdin: StreamKind) -> Start {
    let stdio = [stdin, StreamKind::Pipe, StreamKind::Pipe];
    Start { engine: Engine::default(), seed, stdio }
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
