//! `everywhere-run FOLDER [NAME…]`: runs the bundles in a folder, all or the named ones, and prints their rows.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use stepwell_everywhere::{Bundle, Guest, Row, Whole};

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(folder) = args.next() else {
        eprintln!("usage: everywhere-run FOLDER [NAME…]");
        return ExitCode::FAILURE;
    };
    match run(Path::new(&folder), &args.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("everywhere-run: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The list has a line for each program: its name and its module's file.
fn run(folder: &Path, names: &[String]) -> Result<(), String> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let list = String::from_utf8(read("list.txt")?).map_err(|error| error.to_string())?;
    let mut loaded = None;
    for line in list.lines() {
        let (name, module) = line.split_once(' ').ok_or("the list is damaged")?;
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let bundle = Bundle::decode(read(&format!("{name}.bundle"))?.into())
            .map_err(|malformed| malformed.to_string())?;
        // Programs of one runtime follow each other in the list.
        let guest = match loaded.take() {
            Some((file, guest)) if file == module => guest,
            _ => Guest::load(read(module)?.into()),
        };
        println!("{}", Row::of(&guest, &bundle, &mut Whole));
        loaded = Some((module.to_owned(), guest));
    }
    Ok(())
}
