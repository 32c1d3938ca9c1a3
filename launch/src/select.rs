//! Which runtime a program wants, and having it installed.

use std::ffi::OsString;
use std::path::Path;

use runtimes::{Cache, Catalog, InstallError, Progress, Runtime, Selection, Source};

use crate::{Error, ErrorKind};

/// What every module starts with.
const MAGIC: &[u8] = b"\0asm";

/// Whether a program is a module: by `.wasm` or its first bytes.
#[must_use]
pub fn is_module(path: &Path, bytes: &[u8]) -> bool {
    path.extension().is_some_and(|extension| extension == "wasm") || bytes.starts_with(MAGIC)
}

/// The runtime of a source file: by name, else by the `#!` line, else by the extension.
///
/// # Errors
/// [`ErrorKind::NotFound`].
pub fn select(
    runtime: Option<&str>,
    path: &Path,
    text: &[u8],
) -> Result<Selection<'static>, Error> {
    let catalog = Catalog::builtin();
    let extension = path.extension().and_then(|extension| extension.to_str());
    if let Some(name) = runtime {
        return catalog
            .resolve_for(name, extension)
            .map_err(|error| Error::new(ErrorKind::NotFound, error));
    }
    let found = catalog
        .by_shebang(text)
        .or_else(|| extension.and_then(|extension| catalog.by_extension(extension)));
    found.ok_or_else(|| {
        let program = path.display();
        Error::new(
            ErrorKind::NotFound,
            format_args!(
                "no runtime for {program} by its #! line or extension; name one with --runtime"
            ),
        )
    })
}

/// Installs a runtime that is not there yet, with the clients of the registries that are on `search_path`.
///
/// # Errors
/// [`ErrorKind::NotFound`], with what to do by hand; [`ErrorKind::Own`]: the cache cannot be written.
pub fn ensure_installed(
    cache: &Cache,
    runtime: &Runtime,
    search_path: OsString,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    if cache.is_installed(runtime) {
        return Ok(());
    }
    let clients = runtimes::Client::new(search_path);
    cache.install(&[runtime], &Source::Registry(clients), progress).map_err(|error| match error {
        InstallError::Cache(_) => Error::own(error),
        _ => Error::new(ErrorKind::NotFound, error),
    })
}
