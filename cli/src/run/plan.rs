//! What the user wants to be run: a module, or a source file and the runtime for it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use bytes::Bytes;
use runtimes::Selection;

use crate::args::RunOptions;
use crate::console::Console;
use crate::error::{Failure, NOT_FOUND};

/// A program that can be run once its runtime is there.
pub(crate) enum Program {
    /// A module.
    Module {
        /// Its file's name.
        name: String,
        /// Its bytes.
        wasm: Bytes,
    },
    /// A source file.
    Source {
        /// Its name in the guest's root directory.
        name: String,
        /// Its text.
        text: Bytes,
        /// The runtime and the language.
        selection: Selection<'static>,
    },
}

/// Finds out what the user wants to be run.
///
/// By `--runtime`, else by `.wasm` or the first bytes of a module, else by the `#!` line, else by the extension.
pub(crate) fn plan(options: &RunOptions, console: &mut Console) -> Result<Program, Failure> {
    let path = options.program();
    let from_stdin = path.as_os_str() == "-";
    let bytes = if from_stdin { console.read_all()? } else { read(path)? };
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = file_name.filter(|_| !from_stdin);
    if options.runtime.is_none() && launch::is_module(path, &bytes) {
        let name = name.unwrap_or_else(|| "stdin.wasm".into());
        return Ok(Program::Module { name, wasm: bytes.into() });
    }
    if options.invoke.is_some() {
        return Err(Failure::own("--invoke is for a .wasm module"));
    }
    let selection = launch::select(options.runtime.as_deref(), path, &bytes)?;
    let name = name.unwrap_or_else(|| {
        let extension = selection.language.extensions.first().map_or("", String::as_str);
        format!("stdin.{extension}")
    });
    Ok(Program::Source { name, text: bytes.into(), selection })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Failure::new(NOT_FOUND, format_args!("{}: no such file", path.display()))
        }
        ErrorKind::IsADirectory => {
            Failure::own(format_args!("{} is a directory, not a program", path.display()))
        }
        _ => Failure::file(path, "read", error),
    })
}
