//! What a compiler makes once for all programs, precompiled headers above all, and the cache keeps from then on.

use bytes::Bytes;
use engine::vfs::Namespace;
use runtimes::{Artefact, Fill, Stage, Tool};

use crate::compile::{Toolchain, Tools, fill, run_tool};
use crate::files;

/// Puts what the program can use into the tree, making it if need be: the arguments that the compile stage gets for it.
pub(crate) fn prepare<T: Toolchain>(
    tools: &mut Tools<'_>,
    source: &[u8],
    files: &mut Namespace,
    toolchain: &mut T,
) -> Result<Vec<String>, T::Error> {
    let mut arguments = Vec::new();
    for artefact in &tools.selection.language.artefacts {
        if !is_wanted(&String::from_utf8_lossy(source), &artefact.headers) {
            continue;
        }
        let key = key(tools, artefact);
        let bytes = match tools.cache.derived(&key) {
            Some(bytes) => bytes,
            None => {
                toolchain.say(&format!("compiling {}, once", artefact.label));
                let Some(bytes) = make(tools, artefact, files, toolchain)? else {
                    continue;
                };
                if let Err(error) = tools.cache.store_derived(&key, &bytes) {
                    toolchain.say(&format!("{} cannot be kept: {error}", artefact.label));
                }
                bytes
            }
        };
        files::put(files, &artefact.output, bytes)?;
        arguments.extend_from_slice(&artefact.arguments);
    }
    Ok(arguments)
}

/// Takes it all out of the tree again.
pub(crate) fn clear(tools: &Tools<'_>, files: &mut Namespace) -> Result<(), crate::Error> {
    for artefact in &tools.selection.language.artefacts {
        files::remove(files, &artefact.output)?;
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
fn make<T: Toolchain>(
    tools: &mut Tools<'_>,
    artefact: &Artefact,
    files: &mut Namespace,
    toolchain: &mut T,
) -> Result<Option<Bytes>, T::Error> {
    let stage = Stage { tool: Tool::Module, argv: artefact.argv.clone(), env: Default::default() };
    let fill = Fill { output: &artefact.output, ..fill("", toolchain.has_colours()) };
    let module = tools.module(stage.tool)?;
    let status = run_tool(&module, &stage.argv(&fill), (&stage, true), files, toolchain)?;
    let made = files::remove(files, &artefact.output)?;
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
