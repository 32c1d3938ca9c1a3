//! Modules, checked and metered once: what was prepared of a big module is kept by the hash of its bytes.

use bytes::Bytes;
use engine::{Engine, Error, Module};
use runtimes::{Cache, LoadError, Role, Runtime};

use crate::error::{Failure, NOT_FOUND, REFUSED};

/// A smaller module is prepared faster than it is looked up.
const KEPT_BYTES_MIN: usize = 256 << 10;

/// Prepares a module that the user, or a compiler, has made.
pub(crate) fn checked(name: &str, wasm: Bytes, cache: Option<&Cache>) -> Result<Module, Failure> {
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{name}: {error}"));
    let Some(cache) = cache.filter(|_| wasm.len() >= KEPT_BYTES_MIN) else {
        return Module::new(&Engine::default(), wasm).map_err(refused);
    };
    let key = key(&runtimes::sha256(&wasm));
    if let Some(module) = kept(cache, &key) {
        return Ok(module);
    }
    prepare(cache, &key, &wasm).map_err(refused)
}

/// Prepares a module of an installed runtime.
pub(crate) fn catalogued(cache: &Cache, runtime: &Runtime, role: Role) -> Result<Module, Failure> {
    let missing = |error: LoadError| Failure::new(NOT_FOUND, error);
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{runtime}: {error}"));
    let key = key(cache.sha256(runtime, role).map_err(missing)?);
    if let Some(module) = kept(cache, &key) {
        return Ok(module);
    }
    let wasm = cache.load_module(runtime, role).map_err(missing)?;
    prepare(cache, &key, &wasm).map_err(refused)
}

/// Loads a file of an installed runtime.
pub(crate) fn load(cache: &Cache, runtime: &Runtime, role: Role) -> Result<Bytes, Failure> {
    cache.load(runtime, role).map_err(|error: LoadError| Failure::new(NOT_FOUND, error))
}

/// What the prepared copy of a module is kept under. Another version of the engine may write another one.
fn key(sha256: &str) -> String {
    format!("prepared-{}-{sha256}", env!("CARGO_PKG_VERSION"))
}

/// The module that was prepared before, if it is there, whole, and of this version of the engine.
fn kept(cache: &Cache, key: &str) -> Option<Module> {
    Module::from_prepared(&Engine::default(), cache.derived(key)?).ok()
}

fn prepare(cache: &Cache, key: &str, wasm: &[u8]) -> Result<Module, Error> {
    let prepared = Module::prepare(wasm)?;
    // What cannot be kept is only made again.
    let _ = cache.store_derived(key, &prepared);
    Module::from_prepared(&Engine::default(), prepared)
}
