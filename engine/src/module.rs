//! A checked module: valid, of supported proposals only, importing only what the syscall table has.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use syscalls::{Syscall, ValType, WASMEDGE};
use wasmi::ExternType;

use crate::rewrite::start;
use crate::{Engine, Error, proposal};

/// A module that can be run. Cheap to clone; clones share the compiled code, which the last one frees.
#[derive(Clone)]
pub struct Module {
    pub(crate) engine: Engine,
    pub(crate) bytes: Bytes,
    pub(crate) compiled: wasmi::Module,
    /// Whether a start function is waiting under its reserved name.
    pub(crate) has_start: bool,
    /// The syscall behind each import, in the order of the imports.
    pub(crate) imports: Vec<&'static Syscall>,
}

impl Module {
    /// Checks a module and prepares it for running. Function bodies are translated when they are first called.
    ///
    /// `bytes` is kept without a copy: a backtrace is made from it.
    ///
    /// # Errors
    /// In this order: [`Error::NotWasm`], [`Error::Unsupported`] or [`Error::Invalid`], [`Error::UnknownImport`],
    /// [`Error::ImportType`].
    pub fn new(engine: &Engine, bytes: Bytes) -> Result<Self, Error> {
        proposal::validate(&bytes)?;
        Self::new_validated(engine, bytes)
    }

    /// As [`Module::new`] for bytes that it has accepted before, which saves the time of checking each function body.
    ///
    /// Bytes that were never checked are safe too, but an invalid body is found when it is first called, as a trap.
    ///
    /// # Errors
    /// As [`Module::new`], except for what stands in function bodies.
    pub fn new_validated(engine: &Engine, bytes: Bytes) -> Result<Self, Error> {
        proposal::recognise(&bytes)?;
        let without_start = start::export(&bytes)?;
        let wasm = without_start.as_deref().unwrap_or(&bytes);
        let compiled = wasmi::Module::new(&engine.interpreter(), wasm)
            .map_err(|error| from_interpreter(&error))?;
        let imports =
            compiled.imports().map(|import| resolve(&import)).collect::<Result<_, _>>()?;
        let has_start = without_start.is_some();
        Ok(Self { engine: *engine, bytes, compiled, has_start, imports })
    }

    /// The module as it was given.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether it exports a function called `name`.
    #[must_use]
    pub fn exports_function(&self, name: &str) -> bool {
        matches!(self.compiled.get_export(name), Some(ExternType::Func(_)))
    }

    /// The names of the functions that it exports, in the module's order.
    #[must_use]
    pub fn exported_functions(&self) -> Vec<String> {
        self.compiled
            .exports()
            .filter(|export| matches!(export.ty(), ExternType::Func(_)))
            .filter(|export| export.name() != start::EXPORT)
            .map(|export| export.name().to_string())
            .collect()
    }
}

/// Finds the syscall that an import means, by its name and its type.
fn resolve(import: &wasmi::ImportType<'_>) -> Result<&'static Syscall, Error> {
    let (module, name) = (import.module().to_string(), import.name().to_string());
    let ExternType::Func(ty) = import.ty() else {
        return Err(Error::UnknownImport { module, name });
    };
    let own = syscalls::find(&module, &name);
    let extension =
        WASMEDGE.iter().find(|syscall| syscall.name == name && module == "wasi_snapshot_preview1");
    let mut candidates = own.into_iter().chain(extension).peekable();
    if candidates.peek().is_none() {
        return Err(Error::UnknownImport { module, name });
    }
    candidates.find(|syscall| fits(syscall, ty)).ok_or(Error::ImportType { module, name })
}

/// Whether a function type is a syscall's.
fn fits(syscall: &Syscall, ty: &wasmi::FuncType) -> bool {
    let results: &[wasmi::ValType] =
        if syscall.returns_errno { &[wasmi::ValType::I32] } else { &[] };
    let params = syscall.params.iter().map(|param| value_type(param.ty));
    params.eq(ty.params().iter().copied()) && ty.results() == results
}

/// A type of the table as the interpreter has it.
pub(crate) fn value_type(ty: ValType) -> wasmi::ValType {
    match ty {
        ValType::I32 => wasmi::ValType::I32,
        ValType::I64 => wasmi::ValType::I64,
    }
}

/// The interpreter's refusal as ours.
pub(crate) fn from_interpreter(error: &wasmi::Error) -> Error {
    Error::Interpreter { message: error.to_string() }
}
