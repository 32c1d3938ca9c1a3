//! What makes a catalogue sound, beyond its shape.

use std::collections::BTreeSet;

use crate::argv::PLACES;
use crate::catalog::{Catalog, Content, File, Language, Role, Runtime, Tool};
use crate::error::CatalogError;

/// Checks every rule that the rest of the crate relies on.
pub(crate) fn check(catalog: &Catalog) -> Result<(), CatalogError> {
    unique("package", catalog.packages.iter().map(|package| package.id.as_str()))?;
    let references: Vec<String> = catalog.runtimes.iter().map(Runtime::reference).collect();
    unique("runtime", references.iter().map(String::as_str))?;
    for runtime in &catalog.runtimes {
        runtime_is_sound(catalog, runtime).map_err(|what| row(&runtime.to_string(), &what))?;
    }
    let defaults = || catalog.runtimes.iter().filter(|runtime| runtime.default);
    for runtime in &catalog.runtimes {
        let count = defaults().filter(|other| other.name == runtime.name).count();
        if count != 1 {
            return Err(row(&runtime.name, "exactly one version must be the default"));
        }
    }
    let languages = || defaults().flat_map(|runtime| &runtime.languages);
    unique("extension", languages().flat_map(|one| &one.extensions).map(String::as_str))?;
    names_are_unique(catalog)
}

/// A name must lead to one place: it may be shared only by versions of the same runtime and by a runtime and its own
/// first language.
fn names_are_unique(catalog: &Catalog) -> Result<(), CatalogError> {
    let mut names = Vec::new();
    for runtime in catalog.runtimes.iter().filter(|runtime| runtime.default) {
        let mut own: BTreeSet<&str> = BTreeSet::from([runtime.name.as_str()]);
        if let Some(first) = runtime.languages.first() {
            own.insert(&first.name);
        }
        names.extend(own);
        names.extend(runtime.languages.iter().skip(1).map(|language| language.name.as_str()));
        names.extend(runtime.languages.iter().flat_map(|one| &one.aliases).map(String::as_str));
    }
    unique("name", names.into_iter())
}

fn runtime_is_sound(catalog: &Catalog, runtime: &Runtime) -> Result<(), String> {
    if catalog.package(runtime).is_none() {
        return Err(format!("there is no package {:?}", runtime.package));
    }
    if runtime.licence.is_empty() || runtime.version.is_empty() || runtime.name.is_empty() {
        return Err("name, version and licence must not be empty".into());
    }
    let roles: BTreeSet<Role> = runtime.files.iter().map(|file| file.role).collect();
    if roles.len() != runtime.files.len() || !roles.contains(&Role::Module) {
        return Err("it needs one module, and at most one file for each other role".into());
    }
    runtime.files.iter().try_for_each(file_is_sound)?;
    if runtime.languages.is_empty() {
        return Err("it has no language".into());
    }
    runtime.languages.iter().try_for_each(|language| language_is_sound(language, &roles))
}

fn file_is_sound(file: &File) -> Result<(), String> {
    let served = file.served();
    let served = Content { bytes: served.bytes, sha256: &served.sha256 };
    for content in [file.packed(), file.kept(), served] {
        let hex = content.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if content.sha256.len() != 64 || !hex {
            return Err(format!("{}: a SHA-256 has 64 lower-case hexadecimal digits", file.path));
        }
    }
    if file.path.ends_with(".gz") != file.unpacked.is_some() {
        return Err(format!("{}: gzipped files, and only those, are unpacked", file.path));
    }
    if file.stripped.is_some() && file.role == Role::Base {
        return Err(format!("{}: only modules have debugging sections", file.path));
    }
    Ok(())
}

fn language_is_sound(language: &Language, roles: &BTreeSet<Role>) -> Result<(), String> {
    let Some((last, earlier)) = language.stages.split_last() else {
        return Err(format!("{} has no stage", language.name));
    };
    if earlier.iter().any(|stage| stage.tool == Tool::Output)
        || earlier.is_empty() == (last.tool == Tool::Output)
    {
        return Err(format!(
            "{}: one stage interprets; of several, only the last runs the output",
            language.name
        ));
    }
    let linker = language.stages.iter().any(|stage| stage.tool == Tool::Linker);
    if linker && !roles.contains(&Role::Linker) {
        return Err(format!("{}: there is no file for the linker", language.name));
    }
    if let Some(warm) = &language.warm {
        if warm.text().is_none() {
            return Err(format!("{}: there is no prelude {:?}", language.name, warm.prelude));
        }
        if !earlier.is_empty() || warm.argv.is_empty() {
            return Err(format!("{}: only an interpreter can be started warm", language.name));
        }
    }
    let stages = language.stages.iter().map(|stage| &stage.argv);
    let artefacts = language.artefacts.iter().map(|artefact| &artefact.argv);
    stages.chain(artefacts).try_for_each(|argv| argv_is_sound(argv))
}

fn argv_is_sound(argv: &[String]) -> Result<(), String> {
    if argv.is_empty() {
        return Err("a stage has no argv".into());
    }
    for template in argv {
        let mut rest = template.clone();
        for place in PLACES {
            // The user's arguments are many, so they cannot be a part of one.
            if place != "{args}" || template == place {
                rest = rest.replace(place, "");
            }
        }
        if rest.contains(['{', '}']) {
            return Err(format!("{template:?} holds an unknown place"));
        }
    }
    Ok(())
}

fn unique<'a>(what: &str, items: impl Iterator<Item = &'a str>) -> Result<(), CatalogError> {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            return Err(row(item, &format!("this {what} is given twice")));
        }
    }
    Ok(())
}

fn row(row: &str, what: &str) -> CatalogError {
    CatalogError::Row { row: row.to_string(), what: what.to_string() }
}
