//! `everywhere-bundle FOLDER`: makes the bundles of all programs of `programs.toml`.
//!
//! Runtimes come from `STEPWELL_HOME` or the platform's cache folder, and are installed if they are not there. C programs
//! are compiled by the catalogue's compiler, modules in the text format are encoded.

mod files;
mod guests;
mod table;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use stepwell_everywhere::{Bundle, Row};

use crate::guests::Guests;
use crate::table::Table;

fn main() -> ExitCode {
    let Some(folder) = env::args().nth(1) else {
        eprintln!("usage: everywhere-bundle FOLDER");
        return ExitCode::FAILURE;
    };
    match bundle_all(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("everywhere-bundle: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Writes each module once, each program's bundle, and the list of both.
fn bundle_all(folder: &Path) -> Result<(), String> {
    let table = Table::read()?;
    let mut guests = Guests::open()?;
    let mut modules = BTreeSet::new();
    let (mut list, mut quick) = (String::new(), String::new());
    fs::create_dir_all(folder).map_err(|error| format!("cannot make a folder: {error}"))?;
    for program in &table.program {
        let guest = guests.make(program).map_err(|why| format!("{}: {why}", program.name))?;
        let module = format!("{}.wasm", runtimes::sha256(&guest.wasm));
        if modules.insert(module.clone()) {
            write(&folder.join(&module), &guest.wasm)?;
        }
        let mut bundle = Bundle {
            name: program.name.clone(),
            argv: guest.argv,
            env: guest.env,
            stdin: program.input()?.into(),
            files: guest.files,
            steps_max: program.steps_max,
            memory_bytes_max: program.memory_bytes_max,
            output_bytes_max: program.output_bytes_max,
            ..Bundle::default()
        };
        if let Some(syscalls) = program.frozen_after {
            let loaded = stepwell_everywhere::Guest::load(guest.wasm.clone())?;
            bundle.image = loaded.image(&bundle, syscalls)?.into();
            (bundle.stdin, bundle.files) = Default::default();
        }
        write(&folder.join(format!("{}.bundle", program.name)), &bundle.encode())?;
        list += &format!("{} {module}\n", program.name);
        if program.quick {
            quick += &format!("{}\n", program.name);
        }
    }
    write(&folder.join("quick.txt"), quick.as_bytes())?;
    write(&folder.join("header.txt"), format!("# {}\n", Row::header()).as_bytes())?;
    // Last, so that there is a list only of what is whole.
    write(&folder.join("list.txt"), list.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
