//! `stepwell runtimes`: what is there, what is installed.

use std::path::{Path, PathBuf};

use runtimes::{Bar, Cache, Catalog, Client, InstallError, Runtime, Source};

use crate::args::RuntimesCommand;
use crate::console;
use crate::error::{Failure, NOT_FOUND, OWN};
use crate::run::ensure_installed;

/// Does what the subcommand says, and gives the exit status.
pub(crate) fn run(command: RuntimesCommand, home: Option<PathBuf>) -> Result<u8, Failure> {
    let cache = Cache::open(home).map_err(Failure::own)?;
    match command {
        RuntimesCommand::List => list(&cache),
        RuntimesCommand::Install { names, all, from } => install(&cache, &names, all, from),
        RuntimesCommand::Verify { names } => verify(&cache, &names),
        RuntimesCommand::Path { name } => path(&cache, &name),
        RuntimesCommand::Export { names, folder } => export(&cache, &names, &folder),
        RuntimesCommand::Remove { names } => remove(&cache, &names),
    }
}

fn resolve(name: &str) -> Result<&'static Runtime, Failure> {
    let found = Catalog::builtin().resolve(name).map_err(|error| Failure::new(NOT_FOUND, error))?;
    Ok(found.runtime)
}

fn resolve_all(names: &[String]) -> Result<Vec<&'static Runtime>, Failure> {
    names.iter().map(|name| resolve(name)).collect()
}

fn list(cache: &Cache) -> Result<u8, Failure> {
    let mut lines =
        vec![["RUNTIME", "LANGUAGES", "EXTENSIONS", "SIZE", "LICENCE", "STATE"].map(String::from)];
    for runtime in &Catalog::builtin().runtimes {
        let default = if runtime.default { " (default)" } else { "" };
        let languages: Vec<&str> =
            runtime.languages.iter().map(|language| language.name.as_str()).collect();
        let extensions: Vec<String> = runtime
            .languages
            .iter()
            .flat_map(|language| &language.extensions)
            .map(|extension| format!(".{extension}"))
            .collect();
        let state = if cache.is_installed(runtime) { "installed" } else { "" };
        lines.push([
            format!("{}{default}", runtime.reference()),
            languages.join(", "),
            extensions.join(" "),
            format!("{:.1} MB", runtime.installed_bytes() as f64 / 1e6),
            runtime.licence.clone(),
            state.into(),
        ]);
    }
    print(&table(&lines))
}

/// Columns as wide as their widest cell.
fn table<const N: usize>(lines: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let row: Vec<String> = cells.collect();
        text.push_str(row.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn print(text: &str) -> Result<u8, Failure> {
    console::print(text.as_bytes())
}

fn install(
    cache: &Cache,
    names: &[String],
    all: bool,
    from: Option<PathBuf>,
) -> Result<u8, Failure> {
    let runtimes = match all {
        true => Catalog::builtin().runtimes.iter().collect(),
        false => resolve_all(names)?,
    };
    let source = match from {
        Some(path) => Source::Local(path),
        None => Source::Registry(Client::new(std::env::var_os("PATH").unwrap_or_default())),
    };
    cache
        .install(&runtimes, &source, &mut Bar::new())
        .map_err(|error: InstallError| Failure::own(error))?;
    Ok(0)
}

fn verify(cache: &Cache, names: &[String]) -> Result<u8, Failure> {
    let runtimes = match names {
        [] => Catalog::builtin()
            .runtimes
            .iter()
            .filter(|runtime| cache.is_installed(runtime))
            .collect(),
        names => resolve_all(names)?,
    };
    let mut status = 0;
    for runtime in runtimes {
        match cache.verify(runtime) {
            Ok(()) => print(&format!("{} is whole\n", runtime.reference())).map(|_| ())?,
            Err(error) => status = Failure::new(OWN, error).report(),
        }
    }
    Ok(status)
}

fn path(cache: &Cache, name: &str) -> Result<u8, Failure> {
    let runtime = resolve(name)?;
    let installed = cache.path(runtime).filter(|_| cache.is_installed(runtime));
    let path = installed.ok_or_else(|| {
        Failure::new(
            NOT_FOUND,
            format_args!(
                "{runtime} is not installed; install it with: stepwell runtimes install {}",
                runtime.reference()
            ),
        )
    })?;
    print(&format!("{}\n", path.display()))
}

fn export(cache: &Cache, names: &[String], folder: &Path) -> Result<u8, Failure> {
    for runtime in resolve_all(names)? {
        ensure_installed(cache, runtime)?;
        let mut paths = Vec::new();
        let exported = cache.export(runtime, folder, |path| paths.push(path.to_path_buf()));
        for path in paths {
            let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            print(&format!("{}: {:.1} MB\n", path.display(), bytes as f64 / 1e6))?;
        }
        exported.map_err(Failure::own)?;
    }
    Ok(0)
}

fn remove(cache: &Cache, names: &[String]) -> Result<u8, Failure> {
    for runtime in resolve_all(names)? {
        let is_there = cache.is_installed(runtime);
        let freed = cache.remove(runtime).map_err(Failure::own)?;
        let name = runtime.reference();
        if is_there || freed > 0 {
            print(&format!("{name}: {:.1} MB freed\n", freed as f64 / 1e6))?;
        } else {
            print(&format!("{name} is not installed\n"))?;
        }
    }
    Ok(0)
}
