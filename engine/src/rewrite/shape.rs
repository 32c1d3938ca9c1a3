//! What has to be known of a module before its bodies are rewritten.

use alloc::vec::Vec;

use wasm_encoder::ValType;
use wasmparser::{
    BlockType, CompositeInnerType, FuncType, GlobalType, MemoryType, Parser, Payload, TableType,
    TypeRef,
};

use crate::Error;
use crate::rewrite::sections::invalid;

/// The index spaces of a module, as far as the passes need them.
#[derive(Default)]
pub(crate) struct Shape {
    /// Each type; `None` for what is no function.
    pub(crate) types: Vec<Option<FuncType>>,
    /// The type of each function, imports first.
    pub(crate) functions: Vec<u32>,
    pub(crate) imported_functions: u32,
    /// Each table, imports first.
    pub(crate) tables: Vec<TableType>,
    /// Each memory, imports first.
    pub(crate) memories: Vec<MemoryType>,
    /// Each global, imports first.
    pub(crate) globals: Vec<GlobalType>,
}

impl Shape {
    /// Reads the sections before the code.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(crate) fn of(wasm: &[u8]) -> Result<Self, Error> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(invalid)? {
                Payload::TypeSection(types) => {
                    for group in types {
                        for ty in group.map_err(invalid)?.into_types() {
                            shape.types.push(match ty.composite_type.inner {
                                CompositeInnerType::Func(ty) => Some(ty),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports {
                        match import.map_err(invalid)?.ty {
                            TypeRef::Func(ty) => {
                                shape.functions.push(ty);
                                shape.imported_functions += 1;
                            }
                            TypeRef::Global(ty) => shape.globals.push(ty),
                            TypeRef::Memory(ty) => shape.memories.push(ty),
                            TypeRef::Table(ty) => shape.tables.push(ty),
                            TypeRef::Tag(_) => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        shape.functions.push(ty.map_err(invalid)?);
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        shape.tables.push(table.map_err(invalid)?.ty);
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        shape.memories.push(memory.map_err(invalid)?);
                    }
                }
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        shape.globals.push(global.map_err(invalid)?.ty);
                    }
                }
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        Ok(shape)
    }

    /// The type with this index, if it is a function's.
    pub(crate) fn ty(&self, index: u32) -> Option<&FuncType> {
        self.types.get(index as usize)?.as_ref()
    }

    /// Parameters and results of a construct.
    pub(crate) fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                self.ty(index).map_or((0, 0), |ty| (ty.params().len(), ty.results().len()))
            }
        }
    }

    /// The type of the function with this index, imports first.
    pub(crate) fn function(&self, index: u32) -> Option<&FuncType> {
        self.ty(*self.functions.get(index as usize)?)
    }
}

/// A value type in the encoder's terms.
///
/// # Errors
/// [`Error::Unsupported`]: a reference type that the interpreter does not have.
pub(crate) fn encodable(ty: wasmparser::ValType) -> Result<ValType, Error> {
    ValType::try_from(ty)
        .map_err(|_| Error::Unsupported { proposal: "typed function references", offset: 0 })
}
