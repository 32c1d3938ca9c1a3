//! A copy of a module in which the socket calls are functions of its own that answer ENOTSUP.
//!
//! QuickJS imports socket calls that only one engine ever had. Its programs, which open no socket, run elsewhere if
//! nothing but these is missing.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, ImportSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionSectionReader, Import, ImportSectionReader,
    Parser, TypeRef,
};

use crate::chore::Outcome;

/// What the socket calls of preview1 and their kin begin with.
const PREFIX: &str = "sock_";
/// The number that preview1 gives ENOTSUP.
const ENOTSUP: i32 = 58;

/// Makes the copy.
pub(super) fn without_sockets(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut copy = Module::new();
    Stubs::default()
        .parse_core_module(&mut copy, Parser::new(0), module)
        .map_err(|error| format!("cannot take the socket calls out of a module: {error}"))?;
    Ok(copy.finish())
}

/// Which functions move where: first the imports that stay, then the module's own, then the stubs.
#[derive(Default)]
struct Stubs {
    /// For each imported function, its type if it becomes a stub.
    imports: Vec<Option<u32>>,
    /// How many functions the module has of its own.
    own: u32,
}

impl Stubs {
    fn types(&self) -> impl Iterator<Item = u32> + '_ {
        self.imports.iter().filter_map(|stub| *stub)
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).expect("a module has fewer than 2^32 functions")
}

fn stub_type(import: Import<'_>) -> Option<u32> {
    match import.ty {
        TypeRef::Func(ty) if import.name.starts_with(PREFIX) => Some(ty),
        _ => None,
    }
}

impl Reencode for Stubs {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, func: u32) -> u32 {
        let imported = count(self.imports.iter());
        let stubs = count(self.types());
        let before = self.imports.iter().take(func as usize);
        match self.imports.get(func as usize) {
            None => func - stubs,
            Some(None) => count(before.filter(|stub| stub.is_none())),
            Some(Some(_)) => {
                imported - stubs + self.own + count(before.filter(|stub| stub.is_some()))
            }
        }
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for import in section {
            let import = import?;
            let stub = stub_type(import);
            if matches!(import.ty, TypeRef::Func(_)) {
                self.imports.push(stub);
            }
            if stub.is_none() {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        self.own = section.count();
        utils::parse_function_section(self, functions, section)?;
        for ty in self.types() {
            functions.function(ty);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_code_section(self, code, section)?;
        for _ in self.types() {
            let mut stub = Function::new([]);
            stub.instructions().i32_const(ENOTSUP).end();
            code.function(&stub);
        }
        Ok(())
    }

    /// Names of functions would be wrong, and nothing else of such a section matters.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_reach_the_same_functions_and_sockets_answer_enotsup() {
        let module = r#"(module
            (import "a" "sock_open" (func $open (param i32) (result i32)))
            (import "a" "args_get" (func $args (param i64)))
            (import "a" "sock_bind" (func $bind (result i32)))
            (func $own (result i32) (call $args (i64.const 1)) (call $bind))
            (func (export "run") (result i32) (drop (call $own)) (call $open (i32.const 7))))"#;
        let expected = r#"(module
            (type (func (param i32) (result i32)))
            (import "a" "args_get" (func $args (param i64)))
            (func $own (result i32) (call $args (i64.const 1)) (call $bind))
            (func (export "run") (result i32) (drop (call $own)) (call $open (i32.const 7)))
            (func $open (param i32) (result i32) (i32.const 58))
            (func $bind (result i32) (i32.const 58)))"#;
        let copy = without_sockets(&wat::parse_str(module).unwrap()).unwrap();
        let mut plain = Module::new();
        let bytes = wat::parse_str(expected).unwrap();
        // The text format's own encoding has the names of functions, which the copy leaves out.
        Stubs::default().parse_core_module(&mut plain, Parser::new(0), &bytes).unwrap();
        assert_eq!(copy, plain.finish());
    }
}
