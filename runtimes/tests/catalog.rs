//! The shipped catalogue is sound, and its rows are found by what people call them.

use std::collections::BTreeSet;

use stepwell_runtimes::{Abi, Catalog, CatalogError, Fill, Kind, Role, Stdin};

#[test]
fn the_shipped_catalogue_is_sound() {
    // Panics with the broken rule if it is not: hashes, unique names, one default per name, known places.
    let catalog = Catalog::builtin();
    assert_eq!(catalog.runtimes.len(), 8);
    for runtime in &catalog.runtimes {
        assert!(catalog.package(runtime).is_some(), "{runtime}");
    }
}

#[test]
fn licences_are_spdx_expressions() {
    for runtime in &Catalog::builtin().runtimes {
        let parsed = spdx::Expression::parse(&runtime.licence);
        assert!(parsed.is_ok(), "{runtime}: {}", runtime.licence);
    }
}

#[test]
fn each_package_serves_some_runtime() {
    let catalog = Catalog::builtin();
    let used: BTreeSet<&str> = catalog.runtimes.iter().map(|one| one.package.as_str()).collect();
    for package in &catalog.packages {
        assert!(used.contains(package.id.as_str()), "{}", package.id);
    }
}

#[test]
fn names_find_runtimes() {
    let rows = [
        ("python", "python@3.12.0", "python"),
        ("Python", "python@3.12.0", "python"),
        ("py", "python@3.12.0", "python"),
        ("python3", "python@3.12.0", "python"),
        ("python@3", "python@3.12.0", "python"),
        ("python@3.11", "python@3.11.3", "python"),
        ("python3.11", "python@3.11.3", "python"),
        ("python@3.11.3", "python@3.11.3", "python"),
        ("ruby", "ruby@3.2.0", "ruby"),
        ("js", "quickjs@0.5.0-alpha", "javascript"),
        ("quickjs@0.5.0", "quickjs@0.5.0-alpha", "javascript"),
        ("php-cgi", "php@8.2.0", "php"),
        ("sqlite3", "sqlite@3.26.0", "sql"),
        ("clang", "clang@22.0.0", "c"),
        ("clang-8", "clang@8.0.1", "c"),
        ("c", "clang@22.0.0", "c"),
        ("c++", "clang@22.0.0", "c++"),
        ("cpp@8", "clang@8.0.1", "c++"),
        ("clang++-8", "clang@8.0.1", "c++"),
    ];
    for (name, runtime, language) in rows {
        let found = Catalog::builtin().resolve(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found.runtime.reference(), runtime, "{name}");
        assert_eq!(found.language.name, language, "{name}");
    }
}

#[test]
fn every_reference_finds_its_own_row() {
    let catalog = Catalog::builtin();
    for runtime in &catalog.runtimes {
        let found = catalog.resolve(&runtime.reference()).unwrap();
        assert!(std::ptr::eq(found.runtime, runtime), "{runtime}");
    }
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let rows = [
        ("pyhton", "did you mean python?"),
        ("rubyy", "did you mean ruby?"),
        ("python@2", "python has no such version"),
        ("python2.7", "python has no such version"),
        ("python@3.1", "python has no such version"),
        ("python@", "python has no such version"),
        ("cobol", "there is no runtime \"cobol\" (known: python@3.12.0, "),
        ("", "there is no runtime \"\" (known: "),
        ("@", "there is no runtime \"@\" (known: "),
        ("3", "there is no runtime \"3\" (known: "),
    ];
    for (name, expected) in rows {
        let message = Catalog::builtin().resolve(name).unwrap_err().to_string();
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn extensions_find_the_default() {
    let rows = [
        ("py", Some(("python@3.12.0", "python"))),
        ("PY", Some(("python@3.12.0", "python"))),
        ("rb", Some(("ruby@3.2.0", "ruby"))),
        ("mjs", Some(("quickjs@0.5.0-alpha", "javascript"))),
        ("php", Some(("php@8.2.0", "php"))),
        ("sql", Some(("sqlite@3.26.0", "sql"))),
        ("c", Some(("clang@22.0.0", "c"))),
        ("cxx", Some(("clang@22.0.0", "c++"))),
        ("wasm", None),
        ("", None),
    ];
    for (extension, expected) in rows {
        let found = Catalog::builtin().by_extension(extension);
        let found = found.map(|one| (one.runtime.reference(), one.language.name.as_str()));
        let found = found.as_ref().map(|(reference, language)| (reference.as_str(), *language));
        assert_eq!(found, expected, "{extension}");
    }
}

#[test]
fn a_runtimes_own_name_leaves_the_language_to_the_extension() {
    let rows = [
        ("clang", Some("cc"), "c++"),
        ("clang@8", Some("CPP"), "c++"),
        ("clang", Some("txt"), "c"),
        ("clang", None, "c"),
        ("c", Some("cc"), "c"),
        ("c++", Some("c"), "c++"),
    ];
    for (name, extension, language) in rows {
        let found = Catalog::builtin().resolve_for(name, extension).unwrap();
        assert_eq!(found.language.name, language, "{name} {extension:?}");
    }
}

#[test]
fn first_lines_find_interpreters() {
    let rows: &[(&[u8], Option<&str>)] = &[
        (b"#!/usr/bin/env python3\nprint()", Some("python@3.12.0")),
        (b"#!/usr/bin/env -S python3 -u\n", Some("python@3.12.0")),
        (b"#!/usr/bin/env -Spython3.11 -u\n", Some("python@3.11.3")),
        (b"#!/usr/bin/env -i PYTHONHASHSEED=0 python\n", Some("python@3.12.0")),
        (b"#! /usr/local/bin/python3.11 -O\r\n", Some("python@3.11.3")),
        (b"#!/usr/bin/ruby", Some("ruby@3.2.0")),
        (b"#!/usr/bin/qjs\n\xff", Some("quickjs@0.5.0-alpha")),
        (b"#!/usr/bin/sqlite3\n", Some("sqlite@3.26.0")),
        (b"#!/usr/bin/python2\n", None),
        (b"#!/usr/bin/env\npython", None),
        (b"#!/usr/bin/env -S\npython", None),
        (b"#!/bin/sh\n", None),
        (b"#!\xff\n", None),
        (b"#!", None),
        (b"print(1)\n#!/usr/bin/python3", None),
        (b"", None),
    ];
    for (program, expected) in rows {
        let found = Catalog::builtin().by_shebang(program).map(|one| one.runtime.reference());
        assert_eq!(found.as_deref(), *expected, "{}", program.escape_ascii());
    }
}

#[test]
fn stages_become_arguments() {
    let args = ["a b".to_string(), "{program}".to_string()];
    let fill = Fill { program: "/p", object: "/p.o", colour: "-c", output: "/p.wasm", args: &args };
    let rows: &[(&str, &[&str])] = &[
        ("python", &["python", "/p", "a b", "{program}"]),
        ("ruby", &["ruby", "-r", "/ruby-3.2.0/.rubyopts.rb", "/p", "a b", "{program}"]),
        ("sqlite", &["sqlite", "-batch", "-cmd", ".read /p", "a b", "{program}"]),
    ];
    for (name, expected) in rows {
        let language = Catalog::builtin().resolve(name).unwrap().language;
        assert_eq!(language.kind(), Kind::Interpret);
        assert_eq!(language.stages[0].argv(&fill), *expected, "{name}");
    }
}

#[test]
fn compilers_end_with_the_users_program() {
    let catalog = Catalog::builtin();
    for name in ["c", "c++", "c@8", "c++@8"] {
        let found = catalog.resolve(name).unwrap();
        assert_eq!(found.language.kind(), Kind::Compile, "{name}");
        let fill = Fill { program: "p", object: "p.o", colour: "-c", output: "p.wasm", args: &[] };
        let [compile, link, run] = found.language.stages.as_slice() else { panic!("{name}") };
        let has = |argv: Vec<String>, part: &str| {
            argv.iter().any(|argument| argument.trim_start_matches('/') == part)
        };
        assert!(has(compile.argv(&fill), "p") && has(compile.argv(&fill), "p.o"), "{name}");
        assert!(has(link.argv(&fill), "p.o") && has(link.argv(&fill), "p.wasm"), "{name}");
        assert_eq!(run.argv(&fill), ["p"], "{name}");
        assert!(found.runtime.file(Role::Base).is_some(), "{name}");
    }
}

#[test]
fn only_the_older_builds_import_snapshot_0() {
    for runtime in &Catalog::builtin().runtimes {
        let expected = match runtime.reference().as_str() {
            "sqlite@3.26.0" | "clang@8.0.1" => Abi::Unstable,
            _ => Abi::Preview1,
        };
        assert_eq!(runtime.abi, expected, "{runtime}");
    }
    let sql = Catalog::builtin().resolve("sql").unwrap().language;
    assert_eq!(sql.stdin, Stdin::Closed);
}

/// A catalogue of one sound row, with one text replaced.
fn with(from: &str, to: &str) -> Result<Catalog, CatalogError> {
    let sound = format!(
        r#"
        [[package]]
        id = "p"
        registry = "npm"
        name = "p"
        version = "1"
        archive = "p-1.tgz"
        archive_bytes = 1

        [[runtime]]
        name = "toy"
        version = "1.0"
        default = true
        package = "p"
        licence = "MIT"
        abi = "wasi_snapshot_preview1"
        file = [{{ role = "module", path = "toy.wasm", bytes = 1, sha256 = "{}" }}]

        [[runtime.language]]
        name = "toy"
        extensions = ["toy"]
        stage = [{{ tool = "module", argv = ["toy", "{{program}}", "{{args}}"] }}]
        "#,
        "ab".repeat(32)
    );
    assert!(sound.contains(from), "{from}");
    Catalog::parse(&sound.replace(from, to))
}

#[test]
fn unsound_catalogues_are_refused() {
    let rows = [
        ("abab", "ABAB", "64 lower-case hexadecimal digits"),
        ("abab", "ab", "64 lower-case hexadecimal digits"),
        ("default = true", "", "exactly one version must be the default"),
        ("package = \"p\"", "package = \"q\"", "there is no package \"q\""),
        ("licence = \"MIT\"", "licence = \"\"", "must not be empty"),
        ("licence = \"MIT\"", "", "missing field `licence`"),
        ("licence = \"MIT\"", "licence = \"MIT\"\nlicense = \"MIT\"", "unknown field `license`"),
        ("toy.wasm", "toy.tar.gz", "gzipped files, and only those, are unpacked"),
        ("\"module\", path", "\"base\", path", "it needs one module"),
        ("tool = \"module\"", "tool = \"output\"", "one stage interprets"),
        ("{program}", "{programme}", "unknown place"),
        ("\"{args}\"", "\"-{args}\"", "unknown place"),
        ("extensions = [\"toy\"]", "extensions = [\"a\", \"a\"]", "extension is given twice"),
        ("extensions = [\"toy\"]", "aliases = [\"toy\"]", "name is given twice"),
        ("\"npm\"", "\"other\"", "unknown variant `other`"),
    ];
    assert!(with("toy", "toy").is_ok());
    for (from, to, expected) in rows {
        let message = with(from, to).expect_err(from).to_string();
        assert!(message.contains(expected), "{from} -> {to}: {message}");
    }
}
