//! A checked module: valid, of supported proposals only, importing only what the syscall table has.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;
use spin::Once;
use syscalls::{Syscall, ValType, WASMEDGE};
use wasmi::ExternType;

use crate::rewrite::freeze::thaw;
use crate::rewrite::{prepared, start};
use crate::{Engine, Error, proposal, rewrite};

/// A module that can be run. Cheap to clone; clones share the compiled code, which the last one frees.
#[derive(Clone)]
pub struct Module {
    pub(crate) engine: Engine,
    /// The module as [`Module::prepare`] has made it.
    pub(crate) prepared: Bytes,
    pub(crate) compiled: wasmi::Module,
    /// Whether a start function is waiting under its reserved name.
    pub(crate) has_start: bool,
    /// The syscall behind each import, in the order of the imports.
    pub(crate) imports: Vec<&'static Syscall>,
    /// The SHA-256 of the module as it was given.
    pub(crate) sha256: [u8; 32],
    /// What copies of it that are thawed and can be frozen again have in common, once there was one.
    captured: Arc<Once<Bytes>>,
}

impl Module {
    /// Checks a module and makes it ready to run. Function bodies are translated when they are first called.
    ///
    /// # Errors
    /// As [`Module::prepare`], then as [`Module::from_prepared`].
    pub fn new(engine: &Engine, wasm: Bytes) -> Result<Self, Error> {
        Self::from_prepared(engine, Self::prepare(&wasm)?)
    }

    /// Checks a module and writes the copy of it that counts steps, which can be kept for [`Module::from_prepared`].
    ///
    /// The copy is itself a module in the binary format. It takes time and space in proportion to the module's.
    ///
    /// # Errors
    /// In this order: [`Error::NotWasm`], [`Error::Unsupported`] or [`Error::Invalid`].
    pub fn prepare(wasm: &[u8]) -> Result<Bytes, Error> {
        proposal::validate(wasm)?;
        prepared::prepare(wasm)
    }

    /// What distinguishes the copies that this version writes from those of others, for the key under which one is kept.
    #[must_use]
    pub fn preparation() -> String {
        prepared::mark().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Makes a module ready to run that [`Module::prepare`] has written.
    ///
    /// Function bodies are not checked again. A body that is not what was written is safe, but it is found when it is first
    /// called, as a trap, or its steps are not counted: whoever keeps such bytes should keep a checksum with them.
    ///
    /// # Errors
    /// In this order: [`Error::NotPrepared`], [`Error::Interpreter`], [`Error::UnknownImport`], [`Error::ImportType`].
    pub fn from_prepared(engine: &Engine, prepared: Bytes) -> Result<Self, Error> {
        let sha256 = prepared::recognise(&prepared)?;
        Ok(Self { sha256, ..Self::load(engine, prepared)? })
    }

    /// The SHA-256 of the module's bytes as they were before [`Module::prepare`].
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Makes bytes ready to run that the passes have written just now.
    pub(crate) fn load(engine: &Engine, prepared: Bytes) -> Result<Self, Error> {
        let compiled = compile(engine, &prepared)?;
        let imports =
            compiled.imports().map(|import| resolve(&import)).collect::<Result<_, _>>()?;
        Ok(Self::of(engine, prepared, compiled, imports))
    }

    /// Makes the copy of a module ready to run that the thaw pass has written before. It has no names.
    ///
    /// # Errors
    /// As [`Module::from_prepared`].
    pub(crate) fn load_kept(engine: &Engine, wasm: &[u8], sha256: [u8; 32]) -> Result<Self, Error> {
        let compiled = compile(engine, wasm)?;
        let is_memory =
            |import: &wasmi::ImportType<'_>| matches!(import.ty(), ExternType::Memory(_));
        let imports = compiled.imports().filter(|import| !is_memory(import));
        let imports = imports.map(|import| resolve(&import)).collect::<Result<_, _>>()?;
        Ok(Self { sha256, ..Self::of(engine, Bytes::new(), compiled, imports) })
    }

    /// Makes a copy of this module ready to run that a pass has written, in which memories may be imported too.
    ///
    /// # Errors
    /// [`Error::Interpreter`].
    pub(crate) fn load_thawed(&self, wasm: &[u8]) -> Result<Self, Error> {
        let compiled = compile(&self.engine, wasm)?;
        let (prepared, imports) = (self.prepared.clone(), self.imports.clone());
        let loaded = Self::of(&self.engine, prepared, compiled, imports);
        Ok(Self { has_start: self.has_start, sha256: self.sha256, ..loaded })
    }

    fn of(
        engine: &Engine,
        prepared: Bytes,
        compiled: wasmi::Module,
        imports: Vec<&'static Syscall>,
    ) -> Self {
        let has_start = compiled.get_export(start::EXPORT).is_some();
        Self {
            engine: *engine,
            prepared,
            compiled,
            has_start,
            imports,
            sha256: [0; 32],
            captured: Arc::default(),
        }
    }

    /// The code of its copies that are thawed and can be frozen again, which takes as long to write as all the rest.
    ///
    /// # Errors
    /// As [`thaw::captured`].
    pub(crate) fn captured(&self) -> Result<Bytes, Error> {
        let write = || thaw::captured(&self.prepared).map(Bytes::from);
        self.captured.try_call_once(write).cloned()
    }

    /// Whether it exports a function called `name`.
    #[must_use]
    pub fn exports_function(&self, name: &str) -> bool {
        matches!(self.compiled.get_export(name), Some(ExternType::Func(_)))
    }

    /// The names of the functions that it exports, in the order of the names.
    #[must_use]
    pub fn exported_functions(&self) -> Vec<String> {
        self.compiled
            .exports()
            .filter(|export| matches!(export.ty(), ExternType::Func(_)))
            .filter(|export| !export.name().starts_with(rewrite::RESERVED))
            .map(|export| export.name().to_string())
            .collect()
    }
}

/// Gives a module to an interpreter of its own, which translates bodies when they are first called.
fn compile(engine: &Engine, wasm: &[u8]) -> Result<wasmi::Module, Error> {
    wasmi::Module::new(&engine.interpreter(), wasm).map_err(|error| from_interpreter(&error))
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
