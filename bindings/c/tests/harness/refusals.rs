//! Programs made from the header: each pointer of each function once NULL and once wrong, everything else being right; and
//! each function of a process while another thread is inside.

use super::header::{Function, Param};

/// Pointers that may be NULL, as their functions say.
const NULLABLE: &[(&str, &str)] = &[
    ("stepwell_tree_export_diff_tar", "removed"),
    ("stepwell_process_growth_refused", "limit"),
    ("stepwell_process_receipt", "reason"),
    ("stepwell_image_load", "limits"),
    ("stepwell_image_load_above", "bases"),
    ("stepwell_image_load_above", "limits"),
    ("stepwell_image_save_above", "bases"),
    ("stepwell_template_load", "limits"),
    ("stepwell_template_thaw", "limits"),
    ("stepwell_template_thaw_attached", "limits"),
    ("stepwell_pool_thaw", "limits"),
    ("stepwell_pool_recycle", "kept"),
    ("stepwell_tree_save", "base"),
    ("stepwell_tree_load", "bases"),
];

/// Texts that need not be UTF-8, as their functions say.
const ANY_BYTES: &[&str] = &["stepwell_process_builder_arg", "stepwell_tree_above"];

/// A program that makes every call of this kind.
pub(crate) fn program(functions: &[Function]) -> String {
    let mut calls = String::new();
    for function in functions.iter().filter(|function| function.returns_status) {
        if function.name == "stepwell_error_status" {
            continue;
        }
        for (at, param) in
            function.params.iter().enumerate().filter(|(_, param)| param.is_pointer())
        {
            if param.name == "error" {
                continue;
            }
            for (status, value) in wrong(function, param) {
                calls += &format!("    FAILS({status}, {});\n", call(function, at, value));
            }
        }
    }
    format!("{FIXTURE}\nint main(void)\n{{\n    make();\n{calls}    clear();\n    return 0;\n}}\n")
}

/// A function `check_busy`, which makes every call of a process.
pub(crate) fn busy(functions: &[Function]) -> String {
    let mut calls = String::new();
    for function in functions.iter().filter(|function| function.returns_status) {
        let is_of_process =
            function.params.first().is_some_and(|param| param.handle() == Some("stepwell_process"));
        if is_of_process {
            calls += &format!("    FAILS(STEPWELL_BUSY, {});\n", call(function, 0, "busy"));
        }
    }
    let fixture = FIXTURE.replace("#include \"check.h\"", "");
    format!(
        "{fixture}\nstatic void check_busy(stepwell_process *busy)\n{{\n    make();\n{calls}    clear();\n}}\n"
    )
}

/// Values that a parameter must not have, and what they give.
fn wrong(function: &Function, param: &Param) -> Vec<(&'static str, &'static str)> {
    let mut values = Vec::new();
    if !NULLABLE.contains(&(function.name.as_str(), param.name.as_str())) {
        values.push(("STEPWELL_NULL", "NULL"));
    }
    match param.handle() {
        // Errors and the like are never taken by what returns a status.
        Some("stepwell_engine") => values.push(("STEPWELL_BAD_HANDLE", "(void *) tree")),
        Some(_) => values.push(("STEPWELL_BAD_HANDLE", "(void *) engine")),
        None => {}
    }
    let any_bytes = ANY_BYTES.contains(&function.name.as_str()) || param.name == "host_path";
    if param.ty == "const char *" && !any_bytes {
        values.push(("STEPWELL_INVALID_UTF8", "\"\\xff\""));
    }
    values
}

/// A call in which one argument is something else than it should be.
fn call(function: &Function, at: usize, value: &str) -> String {
    let right = function.params.iter().map(|param| right(function, param));
    let arguments: Vec<String> = right
        .enumerate()
        .map(|(index, right)| if index == at { value.to_owned() } else { right })
        .collect();
    format!("{}({})", function.name, arguments.join(", "))
}

/// An argument that the call gets past.
fn right(function: &Function, param: &Param) -> String {
    if let Some(noun) = param.handle() {
        return noun.trim_start_matches("stepwell_").to_owned();
    }
    match (param.ty.as_str(), param.name.as_str()) {
        (_, "error") => "&error".to_owned(),
        // The point at which a process is frozen that takes a name.
        ("uint32_t", "point") => "STEPWELL_FREEZE_POINT_OPEN".to_owned(),
        ("const char *", "guest_path") => "\"/\"".to_owned(),
        ("const char *", _) => "\"name\"".to_owned(),
        ("const uint8_t *" | "uint8_t *", _) => "buffer".to_owned(),
        ("bool", _) => "false".to_owned(),
        ("size_t" | "uint32_t" | "uint64_t", _) => "1".to_owned(),
        (ty, _) if ty.ends_with('*') => format!("({ty}) any"),
        (ty, name) => panic!("{}: no value for {ty} {name}", function.name),
    }
}

/// One handle of each noun.
const FIXTURE: &str = r#"#include "check.h"

static uint8_t buffer[32];
static uint64_t any[4];
static stepwell_engine *engine;
static stepwell_module *module;
static stepwell_limits *limits;
static stepwell_tree *tree;
static stepwell_process_builder *process_builder;
static stepwell_process *process;
static stepwell_interrupt *interrupt;
static stepwell_image *image;
static stepwell_template *template;
static stepwell_pool *pool;
static stepwell_bases *bases;
static stepwell_mounts *mounts;

static void make(void)
{
    module = MODULE(echo);
    OK(stepwell_engine_new(&engine, &error));
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_tree_new(&tree, &error));
    OK(stepwell_process_builder_new(module, &process_builder, &error));
    OK(stepwell_process_builder_invoke(process_builder, "_start", &error));
    process = spawn(BUILDER(echo));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_interrupt(process, &interrupt, &error));
    OK(stepwell_process_freeze(process, &image, &error));
    OK(stepwell_image_prepare(image, module, &template, &error));
    OK(stepwell_pool_new(template, 1, &pool, &error));
    OK(stepwell_bases_new(&bases, &error));
    OK(stepwell_mounts_new(&mounts, &error));
}

static void clear(void)
{
    stepwell_mounts_free(mounts);
    stepwell_bases_free(bases);
    stepwell_pool_free(pool);
    stepwell_template_free(template);
    stepwell_image_free(image);
    stepwell_interrupt_free(interrupt);
    stepwell_process_free(process);
    stepwell_process_builder_free(process_builder);
    stepwell_tree_free(tree);
    stepwell_limits_free(limits);
    stepwell_module_free(module);
    stepwell_engine_free(engine);
    (void) buffer;
    (void) any;
}
"#;
