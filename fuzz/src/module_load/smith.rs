//! Valid modules of any shape, with imports from the table of syscalls.

use std::sync::OnceLock;

use arbitrary::Unstructured;
use syscalls::{MODULES, ValType};
use wasm_encoder::{
    CodeSection, Encode, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, Instruction, Module, RawSection, SectionId, TypeSection,
};
use wasm_smith::Config;
use wasmparser::{Parser, Payload};

/// A module made from the fuzzer's bytes; the empty one if they do not make any.
pub(crate) fn module(data: &[u8]) -> Vec<u8> {
    let mut bytes = Unstructured::new(data);
    match wasm_smith::Module::new(config(), &mut bytes) {
        Ok(module) => with_memory_exported(&module.to_bytes()),
        Err(_) => Module::new().finish(),
    }
}

fn config() -> Config {
    static IMPORTS: OnceLock<Vec<u8>> = OnceLock::new();
    static EXPORTS: OnceLock<Vec<u8>> = OnceLock::new();

    Config {
        available_imports: Some(IMPORTS.get_or_init(imports).clone()),
        exports: Some(EXPORTS.get_or_init(exports).clone()),
        max_imports: 8,
        max_funcs: 12,
        max_memories: 3,
        max_tables: 3,
        max_table_elements: 1_000,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        min_funcs: 1,
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        tail_call_enabled: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// A module that imports everything there is.
fn imports() -> Vec<u8> {
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    for (module, table) in MODULES {
        for syscall in *table {
            let params = syscall.params.iter().map(|param| match param.ty {
                ValType::I32 => wasm_encoder::ValType::I32,
                ValType::I64 => wasm_encoder::ValType::I64,
            });
            let results = syscall.returns_errno.then_some(wasm_encoder::ValType::I32);
            imports.import(module, syscall.name, EntityType::Function(types.len()));
            types.ty().function(params, results);
        }
    }
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module.finish()
}

/// A module that exports what a command does, as far as functions go, and a function with parameters and results.
fn exports() -> Vec<u8> {
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    types.ty().function([], []);
    let (int, float) = (wasm_encoder::ValType::I32, wasm_encoder::ValType::F64);
    types.ty().function([int, float], [float, int]);
    for (index, name) in (0..).zip(["_start", "call"]) {
        functions.function(index);
        exports.export(name, ExportKind::Func, index);
        let mut body = Function::new([]);
        body.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.finish()
}

/// The module with its first memory exported, if it has one: otherwise no call could reach it.
fn with_memory_exported(wasm: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    let mut has_memory = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.expect("the generator makes valid modules");
        match &payload {
            Payload::MemorySection(memories) => has_memory = memories.count() > 0,
            Payload::ExportSection(exports) if has_memory => {
                let mut entries = Vec::new();
                (exports.count() + 1).encode(&mut entries);
                let mut rest = &wasm[exports.range()];
                // Past the count, a number in LEB128.
                while let [first, others @ ..] = rest {
                    rest = others;
                    if *first < 0x80 {
                        break;
                    }
                }
                "memory".encode(&mut entries);
                entries.push(ExportKind::Memory as u8);
                0_u32.encode(&mut entries);
                entries.extend_from_slice(rest);
                module.section(&RawSection { id: SectionId::Export.into(), data: &entries });
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    module.finish()
}
