//! Modules, checked and metered once: what was prepared of a big module is kept by the hash of its bytes.

use bytes::Bytes;
use engine::{Engine, Module};
use runtimes::{Cache, LoadError, Role, Runtime};

use crate::{Error, ErrorKind};

/// A smaller module is prepared faster than it is looked up.
const KEPT_BYTES_MIN: usize = 256 << 10;

/// A module that can be run, and the hash of the file that it came from.
#[derive(Clone)]
pub struct Checked {
    /// The module.
    pub module: Module,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Prepares a module that the user, or a compiler, has made. It is kept in `cache`, if it is big and there is one.
///
/// # Errors
/// [`ErrorKind::Refused`].
pub fn checked(
    engine: &Engine,
    name: &str,
    wasm: Bytes,
    cache: Option<&Cache>,
) -> Result<Checked, Error> {
    let refused =
        |error: engine::Error| Error::new(ErrorKind::Refused, format_args!("{name}: {error}"));
    let sha256 = runtimes::sha256(&wasm);
    let key = key(&sha256);
    let module = match cache.filter(|_| wasm.len() >= KEPT_BYTES_MIN) {
        None => Module::new(engine, wasm).map_err(refused)?,
        Some(cache) => match kept(engine, cache, &key) {
            Some(module) => module,
            None => prepare(engine, cache, &key, &wasm).map_err(refused)?,
        },
    };
    Ok(Checked { module, sha256 })
}

/// Prepares a module of an installed runtime.
///
/// # Errors
/// [`ErrorKind::NotFound`], [`ErrorKind::Refused`].
pub fn catalogued(
    engine: &Engine,
    cache: &Cache,
    runtime: &Runtime,
    role: Role,
) -> Result<Checked, Error> {
    let missing = |error: LoadError| Error::new(ErrorKind::NotFound, error);
    let refused =
        |error: engine::Error| Error::new(ErrorKind::Refused, format_args!("{runtime}: {error}"));
    let sha256 = cache.sha256(runtime, role).map_err(missing)?;
    let key = key(sha256);
    let module = match kept(engine, cache, &key) {
        Some(module) => module,
        None => {
            let wasm = cache.load_module(runtime, role).map_err(missing)?;
            prepare(engine, cache, &key, &wasm).map_err(refused)?
        }
    };
    Ok(Checked { module, sha256: sha256.into() })
}

/// Loads a file of an installed runtime.
///
/// # Errors
/// [`ErrorKind::NotFound`].
pub fn load(cache: &Cache, runtime: &Runtime, role: Role) -> Result<Bytes, Error> {
    cache.load(runtime, role).map_err(|error: LoadError| Error::new(ErrorKind::NotFound, error))
}

/// What the prepared copy of a module is kept under. Engines that write it in another way keep theirs beside it.
fn key(sha256: &str) -> String {
    format!("prepared-{}-{sha256}", Module::preparation())
}

/// The module that was prepared before, if it is there and whole.
fn kept(engine: &Engine, cache: &Cache, key: &str) -> Option<Module> {
    Module::from_prepared(engine, cache.derived(key)?).ok()
}

fn prepare(
    engine: &Engine,
    cache: &Cache,
    key: &str,
    wasm: &[u8],
) -> Result<Module, engine::Error> {
    let prepared = Module::prepare(wasm)?;
    // What cannot be kept is only made again.
    let _ = cache.store_derived(key, &prepared);
    Module::from_prepared(engine, prepared)
}

/// Loads the archive of the files that an installed runtime brings, if it brings any.
///
/// # Errors
/// [`ErrorKind::NotFound`].
pub fn base(cache: &Cache, runtime: &Runtime) -> Result<Option<Bytes>, Error> {
    runtime.file(Role::Base).map(|_| load(cache, runtime, Role::Base)).transpose()
}
