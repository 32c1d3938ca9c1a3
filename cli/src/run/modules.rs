//! Modules, checked once: the verdict about a big module is remembered by its hash.

use bytes::Bytes;
use engine::{Engine, Error, Module};
use runtimes::{Cache, LoadError, Role, Runtime};

use crate::error::{Failure, NOT_FOUND, REFUSED};

/// A smaller module is checked faster than its verdict is looked up.
const REMEMBERED_BYTES_MIN: usize = 1 << 20;

/// Prepares a module that the user, or a compiler, has made.
pub(crate) fn checked(name: &str, wasm: Bytes, cache: Option<&Cache>) -> Result<Module, Failure> {
    let engine = Engine::default();
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{name}: {error}"));
    let Some(cache) = cache.filter(|_| wasm.len() >= REMEMBERED_BYTES_MIN) else {
        return Module::new(&engine, wasm).map_err(refused);
    };
    // Another version of the engine may decide otherwise.
    let key = format!("valid-{}-{}", env!("CARGO_PKG_VERSION"), runtimes::sha256(&wasm));
    if cache.derived(&key).is_some() {
        return Module::new_validated(&engine, wasm).map_err(refused);
    }
    let module = Module::new(&engine, wasm).map_err(refused)?;
    // A verdict that cannot be kept is only found again.
    let _ = cache.store_derived(&key, b"valid");
    Ok(module)
}

/// Prepares a module of an installed runtime, which the catalogue vouches for.
pub(crate) fn catalogued(cache: &Cache, runtime: &Runtime, role: Role) -> Result<Module, Failure> {
    let wasm = cache
        .load_module(runtime, role)
        .map_err(|error: LoadError| Failure::new(NOT_FOUND, error))?;
    Module::new_validated(&Engine::default(), wasm)
        .map_err(|error| Failure::new(REFUSED, format_args!("{runtime}: {error}")))
}

/// Loads a file of an installed runtime.
pub(crate) fn load(cache: &Cache, runtime: &Runtime, role: Role) -> Result<Bytes, Failure> {
    cache.load(runtime, role).map_err(|error: LoadError| Failure::new(NOT_FOUND, error))
}
