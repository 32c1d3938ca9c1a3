//! What a compiler makes once for all programs, precompiled headers above all, and the cache keeps from then on.

use bytes::Bytes;
use engine::vfs::{Namespace, Quota};
use runtimes::{Artefact, Fill, Stage, Tool};

use crate::compile::{Toolchain, Tools, fill, put_support, run_tool};
use crate::{files, modules};

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
                let Some(bytes) = make(tools, artefact, toolchain)? else {
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
    format!("artefact-2-{}", runtimes::sha256(&all))
}

/// Makes an artefact: `None` after the compiler has said why it could not.
///
/// What one program's files make of it would be kept for all others, so it is made where there are none of them: over a tree
/// of what [`key`] covers.
fn make<T: Toolchain>(
    tools: &mut Tools<'_>,
    artefact: &Artefact,
    toolchain: &mut T,
) -> Result<Option<Bytes>, T::Error> {
    let runtime = tools.selection.runtime;
    let mut files = files::with_base(modules::base(tools.cache, runtime)?, Quota::default())?;
    put_support(runtime, &mut files)?;
    let stage = Stage { tool: Tool::Module, argv: artefact.argv.clone(), env: Default::default() };
    let fill = Fill { output: &artefact.output, ..fill("", toolchain.has_colours()) };
    let module = tools.module(stage.tool)?;
    let status = run_tool(&module, &stage.argv(&fill), (&stage, true), &mut files, toolchain)?;
    let made = files::remove(&mut files, &artefact.output)?;
    Ok(made.filter(|_| status == 0).map(Bytes::from))
}

#[cfg(test)]
mod tests {
    use runtimes::{Cache, Catalog};

    use super::*;
    use crate::Error;
    use crate::compile::{Compiled, ToolRun, compile};

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
    /// A compiler of which nothing is run.
    const CATALOG: &str = r#"
[[package]]
id = "p"
registry = "npm"
name = "p"
version = "1.0.0"
archive = "p-1.0.0.tgz"
archive_bytes = 1

[[runtime]]
name = "toy"
version = "1.0.0"
default = true
package = "p"
licence = "MIT"
abi = "wasi_snapshot_preview1"

[[runtime.file]]
role = "module"
path = "toy.wasm"
bytes = BYTES
sha256 = "SHA256"

[[runtime.support]]
file = "stdc++.h"
path = "include/support.h"

[[runtime.language]]
name = "toy"
extensions = ["toy"]

[[runtime.language.artefact]]
label = "the headers"
argv = ["cc", "-o", "{output}"]
output = "lib/headers.pch"
use = ["-include-pch"]

[[runtime.language.stage]]
tool = "module"
argv = ["cc", "{program}", "-o", "{output}"]

[[runtime.language.stage]]
tool = "output"
argv = ["{program}", "{args}"]
"#;

    /// Stands for a compiler: it makes of a tree what lies in it.
    struct Lister;

    impl Toolchain for Lister {
        type Error = Error;

        fn run(&mut self, run: ToolRun<'_>) -> Result<(u8, Namespace), Error> {
            let ToolRun { mut files, argv, .. } = run;
            let tree = files::root(&mut files)?;
            let names = ["program.toy", "include/own.h", "include/support.h", "lib/headers.pch"];
            let has = names.into_iter().filter(|name| tree.read_file(name).is_ok());
            let listed = has.collect::<Vec<_>>().join(" ");
            let output = argv.iter().skip_while(|word| *word != "-o").nth(1).expect("an output");
            files::put(&mut files, output, listed.into())?;
            Ok((0, files))
        }

        fn say(&mut self, _: &str) {}

        fn diagnose(&mut self, _: &str) {}

        fn has_colours(&self) -> bool {
            false
        }
    }

    #[test]
    fn what_is_made_once_for_all_is_made_without_the_files_of_a_program() {
        let home = tempfile::tempdir().expect("a folder");
        let wasm =
            wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"_start\")))")
                .expect("a module");
        let sha256 = runtimes::sha256(&wasm);
        let blobs = home.path().join("blobs/sha256");
        std::fs::create_dir_all(&blobs).expect("folders");
        std::fs::write(blobs.join(&sha256), &wasm).expect("a file");
        let text = CATALOG.replace("BYTES", &wasm.len().to_string()).replace("SHA256", &sha256);
        let catalog = Catalog::parse(&text).expect("a catalogue");
        let cache = Cache::open(Some(home.path().into())).expect("a cache");
        let cache = cache.with_catalog(catalog.clone());
        let selection = catalog.resolve("toy").expect("a runtime");

        let mut files = files::with_base(None, Quota::default()).expect("a tree");
        for path in ["program.toy", "include/own.h"] {
            files::put(&mut files, path, "own".into()).expect("a file");
        }
        let program = ("program.toy", &b"own"[..]);
        let made = compile(&cache, selection, program, &mut files, &mut Lister).expect("it runs");
        let Compiled::Module(listed) = made else { panic!("it does not compile") };
        assert_eq!(listed, "program.toy include/own.h include/support.h lib/headers.pch");
        let tools = Tools { cache: &cache, selection, loaded: Vec::new() };
        let key = key(&tools, &selection.language.artefacts[0]);
        assert_eq!(cache.derived(&key).expect("an artefact that is kept"), "include/support.h");
    }
}
