//! The functions of the header, as far as C can be read without a parser.

use std::fs;

/// A function of the header.
pub(crate) struct Function {
    pub(crate) returns_status: bool,
    pub(crate) name: String,
    pub(crate) params: Vec<Param>,
}

/// A parameter.
pub(crate) struct Param {
    /// Without `struct`, and with one space before the stars: `const stepwell_tree *`.
    pub(crate) ty: String,
    pub(crate) name: String,
}

impl Param {
    /// The noun that it is a handle of.
    pub(crate) fn handle(&self) -> Option<&str> {
        let noun = self.ty.strip_prefix("const ").unwrap_or(&self.ty).strip_suffix(" *")?;
        let is_number =
            ["state", "limit", "trap"].iter().any(|name| noun == format!("stepwell_{name}"));
        (noun.starts_with("stepwell_") && !is_number).then_some(noun)
    }

    pub(crate) fn is_pointer(&self) -> bool {
        self.ty.ends_with('*')
    }
}

/// All functions that every build has.
pub(crate) fn functions() -> Vec<Function> {
    let text = fs::read_to_string(super::folder().join("include/stepwell.h")).unwrap();
    let mut code = String::new();
    for (at, part) in text.split("/*").enumerate() {
        code += if at == 0 { part } else { part.split_once("*/").unwrap().1 };
    }
    // What only stepwell.wasm has is between these.
    let wasm_only = code.split("#if defined(__wasm__)").skip(1);
    let wasm_only: String = wasm_only.filter_map(|part| part.split("#endif").next()).collect();
    let lines = code.lines().filter(|line| !line.starts_with('#'));
    let code: String = lines.collect::<Vec<_>>().join(" ");
    let functions = code.split(';').filter_map(function);
    functions.filter(|function| !wasm_only.contains(&format!("{}(", function.name))).collect()
}

/// The names of all statuses.
pub(crate) fn statuses() -> Vec<String> {
    let text = fs::read_to_string(super::folder().join("include/stepwell.h")).unwrap();
    let (_, list) = text.split_once("enum stepwell_status").unwrap();
    let (list, _) = list.split_once("};").unwrap();
    let names = list.lines().filter_map(|line| line.trim().split_once(" = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

fn function(text: &str) -> Option<Function> {
    let (start, params) = text.split_once('(')?;
    let params = params.strip_suffix(')')?;
    let name = start.rsplit([' ', '*']).next()?;
    if !name.starts_with("stepwell_") {
        return None;
    }
    let returns_status = start.contains("stepwell_status ");
    let params = params.split(',').map(str::trim).filter(|param| *param != "void").map(param);
    Some(Function { returns_status, name: name.to_owned(), params: params.collect() })
}

fn param(text: &str) -> Param {
    let text: Vec<&str> = text.split_whitespace().filter(|word| *word != "struct").collect();
    let text = text.join(" ");
    let at = text.rfind([' ', '*']).unwrap() + 1;
    Param { ty: text[..at].trim_end().to_owned(), name: text[at..].to_owned() }
}
