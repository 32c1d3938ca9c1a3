//! The catalogue of runtimes as data for the npm package.

use runtimes::{Artefact, Catalog, File, Language, Runtime, Stage, Tool, Warm};
use serde_json::{Map, Value, json};

use crate::chore::Outcome;

/// Where it is kept.
pub(crate) const PATH: &str = "bindings/js/src/runtimes/data.ts";

const HEAD: &str = "\
/** The runtimes: generated from runtimes/catalog.toml by `cargo xtask generate`. */

import type { RuntimeData } from \"./catalog.js\";

export const CATALOG: readonly RuntimeData[] = ";

/// Its text.
pub(crate) fn generate() -> Outcome<String> {
    let runtimes: Outcome<Vec<Value>> = Catalog::builtin().runtimes.iter().map(runtime).collect();
    let text = serde_json::to_string_pretty(&runtimes?)
        .map_err(|error| format!("cannot write {PATH}: {error}"))?;
    Ok(format!("{HEAD}{text};\n"))
}

fn runtime(runtime: &Runtime) -> Outcome<Value> {
    let mut support = Map::new();
    for file in &runtime.support {
        support.insert(file.path.clone(), text(&file.file, file.text())?.into());
    }
    let languages: Outcome<Vec<Value>> = runtime.languages.iter().map(language).collect();
    Ok(json!({
        "name": runtime.name,
        "version": runtime.version,
        "isDefault": runtime.default,
        "licence": runtime.licence,
        "files": runtime.files.iter().map(|one| file(runtime, one)).collect::<Vec<_>>(),
        "support": support,
        "languages": languages?,
    }))
}

fn file(runtime: &Runtime, file: &File) -> Value {
    let served = file.served();
    json!({
        "role": file.role.to_string(),
        "name": file.served_name(runtime),
        "bytes": served.bytes,
        "sha256": served.sha256,
        "original": file.kept_sha256(),
    })
}

fn language(language: &Language) -> Outcome<Value> {
    let warm = language.warm.as_ref().map(warm).transpose()?;
    Ok(json!({
        "name": language.name,
        "aliases": language.aliases,
        "extensions": language.extensions,
        "artefacts": language.artefacts.iter().map(artefact).collect::<Vec<_>>(),
        "stages": language.stages.iter().map(stage).collect::<Vec<_>>(),
        "warm": warm,
    }))
}

fn artefact(artefact: &Artefact) -> Value {
    json!({
        "argv": artefact.argv,
        "output": artefact.output,
        "headers": artefact.headers,
        "use": artefact.arguments,
    })
}

fn stage(stage: &Stage) -> Value {
    let tool = match stage.tool {
        Tool::Module => "module",
        Tool::Linker => "linker",
        Tool::Output => "output",
    };
    json!({ "tool": tool, "argv": stage.argv, "env": stage.env })
}

fn warm(warm: &Warm) -> Outcome<Value> {
    Ok(json!({
        "prelude": text(&warm.prelude, warm.text())?,
        "place": warm.place,
        "argv": warm.argv,
        "env": warm.env,
        "call": warm.call,
    }))
}

fn text<'a>(name: &str, text: Option<&'a str>) -> Outcome<&'a str> {
    text.ok_or_else(|| format!("the catalogue has no file {name}"))
}
