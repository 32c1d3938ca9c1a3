//! What a compiler makes once for all programs, precompiled headers above all, and the cache keeps from then on.

use bytes::Bytes;
use runtimes::{Artefact, Fill, Stage, Tool};

use crate::args::RunOptions;
use crate::console::{self, Console};
use crate::error::Failure;
use crate::run::compile::{Tools, fill, run_tool};
use crate::run::files::Files;

/// Puts what the program can use into the tree, making it if need be: the arguments that the compile stage gets for it.
pub(crate) fn prepare(
    options: &RunOptions,
    tools: &mut Tools<'_>,
    source: &[u8],
    files: &mut Files,
    console: &mut Console,
) -> Result<Vec<String>, Failure> {
    let mut arguments = Vec::new();
    for artefact in &tools.selection.language.artefacts {
        if !is_wanted(&String::from_utf8_lossy(source), &artefact.headers) {
            continue;
        }
        let key = key(tools, artefact);
        let bytes = match tools.cache.derived(&key) {
            Some(bytes) => bytes,
            None => {
                console::say(&format!("compiling {}, once", artefact.label));
                let Some(bytes) = make(options, tools, artefact, files, console)? else {
                    continue;
                };
                if let Err(error) = tools.cache.store_derived(&key, &bytes) {
                    console::say(&format!("{} cannot be kept: {error}", artefact.label));
                }
                bytes
            }
        };
        files.put(&artefact.output, bytes)?;
        arguments.extend_from_slice(&artefact.arguments);
    }
    Ok(arguments)
}

/// Takes it all out of the tree again.
pub(crate) fn clear(tools: &Tools<'_>, files: &mut Files) -> Result<(), Failure> {
    for artefact in &tools.selection.language.artefacts {
        files.take(&artefact.output)?;
    }
    Ok(())
}

/// Whether a program would include one of the headers anyway, and has nothing before that could change what they mean: a
/// header of its own, or a macro with a reserved name.
fn is_wanted(source: &str, headers: &[String]) -> bool {
    if headers.is_empty() {
        return true;
    }
    let directives = source.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    for directive in directives.map(str::trim_start) {
        let (word, rest) = directive
            .split_at(directive.find(|c: char| !c.is_alphabetic()).unwrap_or(directive.len()));
        let rest = rest.trim_start();
        match word {
            "include" => match rest.strip_prefix('<').and_then(|name| name.split_once('>')) {
                None => return false,
                Some((name, _)) if headers.iter().any(|header| header == name.trim()) => {
                    return true;
                }
                Some(_) => {}
            },
            "define" | "undef" if rest.starts_with('_') => return false,
            _ => {}
        }
    }
    false
}

/// Names everything that an artefact depends on.
fn key(tools: &Tools<'_>, artefact: &Artefact) -> String {
    let runtime = tools.selection.runtime;
    let mut all = Vec::new();
    let files = runtime.files.iter().map(|file| file.sha256.as_str());
    let support = runtime.support.iter().filter_map(|support| support.text());
    for part in files.chain(support).chain(artefact.argv.iter().map(String::as_str)) {
        all.extend_from_slice(part.as_bytes());
        all.push(0);
    }
    format!("artefact-{}", runtimes::sha256(&all))
}

/// Makes an artefact: `None` after the compiler has said why it could not.
fn make(
    options: &RunOptions,
    tools: &mut Tools<'_>,
    artefact: &Artefact,
    files: &mut Files,
    console: &mut Console,
) -> Result<Option<Bytes>, Failure> {
    let stage = Stage { tool: Tool::Module, argv: artefact.argv.clone(), env: Default::default() };
    let fill = Fill { output: &artefact.output, ..fill("", &[]) };
    let module = tools.module(stage.tool)?;
    let status = run_tool(options, &module, &stage.argv(&fill), &stage, files, console)?;
    let made = files.take(&artefact.output)?;
    Ok(made.filter(|_| status == 0).map(Bytes::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_that_would_see_no_difference_get_the_precompiled_headers() {
        let headers = ["iostream".to_string(), "vector".to_string()];
        let cases = [
            ("#include <iostream>\nint main() {}", true),
            ("// c\n#pragma once\n  # include < vector >\n", true),
            ("#include <stdio.h>\n#include <vector>\n", true),
            ("#include \"own.h\"\n#include <vector>\n", false),
            ("#include <stdio.h>\nint main() {}", false),
            ("#define NDEBUG\n#include <vector>\n", true),
            ("#define _LIBCPP_DEBUG 1\n#include <vector>\n", false),
            ("int main() {}", false),
        ];
        for (source, wanted) in cases {
            assert_eq!(is_wanted(source, &headers), wanted, "{source}");
            assert!(is_wanted(source, &[]), "what is for every program");
        }
    }
}
