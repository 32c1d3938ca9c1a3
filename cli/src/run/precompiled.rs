//! Precompiled headers: a compiler's common headers, parsed once and kept in the cache.

use bytes::Bytes;
use runtimes::{Language, Precompiled, Stage, Tool};
use sha2::{Digest, Sha256};

use crate::args::RunOptions;
use crate::console::{self, Console};
use crate::error::Failure;
use crate::run::compile::{Tools, fill, run_tool};
use crate::run::files::Files;
use crate::run::modules::hex;

/// What the guest calls the header and what it is compiled to, while the compiler runs.
const HEADER: &str = ".stepwell-header";
const PRECOMPILED: &str = ".stepwell-precompiled";

/// Puts the precompiled header into the tree, making it if need be: the arguments by which the compiler uses it, or
/// `None` where the program is better off without.
pub(crate) fn prepare(
    options: &RunOptions,
    tools: &mut Tools<'_>,
    language: &Language,
    source: &[u8],
    files: &mut Files,
    console: &mut Console,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(precompiled) = &language.precompiled else { return Ok(None) };
    if !is_wanted(&String::from_utf8_lossy(source), &precompiled.headers) {
        return Ok(None);
    }
    let key = key(tools, precompiled);
    let bytes = match tools.cache.derived(&key) {
        Some(bytes) => bytes,
        None => {
            console::say("precompiling the C++ standard headers, once");
            let Some(bytes) = make(options, tools, precompiled, files, console)? else {
                return Ok(None);
            };
            if let Err(error) = tools.cache.store_derived(&key, &bytes) {
                console::say(&format!("the precompiled headers cannot be kept: {error}"));
            }
            bytes
        }
    };
    files.put(PRECOMPILED, bytes)?;
    Ok(Some(precompiled.use_of(PRECOMPILED)))
}

/// Takes it out of the tree again.
pub(crate) fn clear(files: &mut Files) -> Result<(), Failure> {
    files.take(PRECOMPILED).map(|_| ())
}

/// Whether a program would include some of the headers anyway, and has defined nothing before that could change them.
fn is_wanted(source: &str, headers: &[String]) -> bool {
    let directives = source.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    let mut has_included = false;
    for directive in directives.map(str::trim_start) {
        let Some(included) = directive.strip_prefix("include") else {
            if !has_included && !directive.starts_with("pragma") {
                return false;
            }
            continue;
        };
        has_included = true;
        // The program's own headers may define what the standard ones look at.
        let Some((name, _)) =
            included.trim_start().strip_prefix('<').and_then(|name| name.split_once('>'))
        else {
            return false;
        };
        if headers.iter().any(|header| header == name.trim()) {
            return true;
        }
    }
    false
}

/// Names everything that the compiled header depends on.
fn key(tools: &Tools<'_>, precompiled: &Precompiled) -> String {
    let mut hash = Sha256::new();
    for file in &tools.selection.runtime.files {
        hash.update(&file.sha256);
    }
    for part in precompiled.argv.iter().chain(&precompiled.headers) {
        hash.update(part);
        hash.update([0]);
    }
    format!("precompiled-{}", hex(&hash.finalize()))
}

/// Compiles the headers: `None` after the compiler has said why it could not.
fn make(
    options: &RunOptions,
    tools: &mut Tools<'_>,
    precompiled: &Precompiled,
    files: &mut Files,
    console: &mut Console,
) -> Result<Option<Bytes>, Failure> {
    let text: String =
        precompiled.headers.iter().map(|header| format!("#include <{header}>\n")).collect();
    files.put(HEADER, text.into())?;
    let stage = Stage { tool: Tool::Module, argv: precompiled.argv.clone(), env: Default::default() };
    let fill = runtimes::Fill { output: PRECOMPILED, ..fill(HEADER, &[]) };
    let module = tools.module(stage.tool)?;
    let status = run_tool(options, &module, &stage.argv(&fill), &stage, files, console)?;
    files.take(HEADER)?;
    let compiled = files.take(PRECOMPILED)?;
    Ok(compiled.filter(|_| status == 0).map(Bytes::from))
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
            ("#define NDEBUG\n#include <vector>\n", false),
            ("#ifdef X\n#include <vector>\n#endif\n", false),
            ("int main() {}", false),
        ];
        for (source, wanted) in cases {
            assert_eq!(is_wanted(source, &headers), wanted, "{source}");
        }
    }
}
