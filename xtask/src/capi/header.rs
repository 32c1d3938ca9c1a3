//! `stepwell.h`, written from the crate's functions and their comments.

use cbindgen::{Builder, Config};

use crate::chore::{Outcome, root};

/// Where the header is kept.
pub(crate) const PATH: &str = "bindings/c/include/stepwell.h";

/// The header's text.
pub(crate) fn generate() -> Outcome<String> {
    let crate_folder = root().join("bindings/c");
    let mut config = Config::from_file(crate_folder.join("cbindgen.toml"))
        .map_err(|error| format!("cannot read cbindgen.toml: {error}"))?;
    config.header = Some(format!("{}\n", RULES.trim()));
    config.after_includes = Some(versions());
    let bindings = Builder::new()
        .with_crate(crate_folder)
        .with_config(config)
        .generate()
        .map_err(|error| format!("cannot generate {PATH}: {error}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).map_err(|error| format!("{PATH} is not UTF-8: {error}"))?;
    Ok(text.replace(FIXED_ENUMS, FIXED_ENUMS_AND_SWIFT))
}

/// Where cbindgen lets an enumeration name the integer that it is.
const FIXED_ENUMS: &str = "__STDC_VERSION__ >= 202311L";
/// Swift reads the header as C17 in which it has that too. Else it would be given two types of each name, the enumeration and
/// the integer, and could compare neither with the other's constants.
const FIXED_ENUMS_AND_SWIFT: &str = "(__STDC_VERSION__ >= 202311L || defined(__swift__))";

/// The version as macros. All packages have the same.
fn versions() -> String {
    let number = |name: &str, number: &str| format!("#define STEPWELL_VERSION_{name} {number}\n");
    [
        "\n/*\n The version of the library that this header came with.\n */\n",
        &format!("#define STEPWELL_VERSION \"{}\"\n", env!("CARGO_PKG_VERSION")),
        &number("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        &number("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        &number("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ]
    .concat()
}

/// What holds for every function, above all of them.
const RULES: &str = include_str!("rules.h");
