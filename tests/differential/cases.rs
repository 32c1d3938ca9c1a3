//! The guests that are run on both sides.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use engine::{Engine, Module};
use stepwell_tests::{Entry, SCRIPT_BASE, Script, compile_wasm};

/// One run of a guest.
pub(crate) struct Case<'a> {
    /// What the list calls it.
    pub(crate) name: String,
    pub(crate) module: &'a Module,
    pub(crate) wasm: &'a [u8],
    pub(crate) argv: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    /// What is in standard input, which ends behind that.
    pub(crate) stdin: &'a [u8],
    pub(crate) entries: &'a [Entry<'a>],
    /// Whether what it leaves is compared.
    pub(crate) leaves: bool,
}

impl Case<'static> {
    fn new(name: String, guest: &'static Guest) -> Self {
        Self {
            module: &guest.module,
            wasm: &guest.wasm,
            argv: vec![name.clone()],
            env: BTreeMap::new(),
            stdin: b"",
            entries: &[],
            leaves: true,
            name,
        }
    }
}

/// A module for our table, and its bytes for the other.
struct Guest {
    module: Module,
    wasm: Vec<u8>,
}

impl Guest {
    fn new(wasm: Vec<u8>) -> Self {
        let module = Module::new(&Engine::default(), wasm.clone().into());
        Self { module: module.expect("the module is valid"), wasm }
    }
}

/// Compiles a guest that begins with what the checking ones share.
macro_rules! guest {
    ($name:literal) => {{
        const TEXT: &str = concat!(
            include_str!("../guests/check.h"),
            "#line 1 \"",
            $name,
            "\"\n",
            include_str!(concat!("../guests/", $name))
        );
        LazyLock::new(|| Guest::new(compile_wasm($name, TEXT)))
    }};
}

static PROBE: LazyLock<Guest> =
    LazyLock::new(|| Guest::new(compile_wasm("probe.c", include_str!("../guests/probe.c"))));
static FSOPS: LazyLock<Guest> =
    LazyLock::new(|| Guest::new(compile_wasm("fsops.c", include_str!("../guests/fsops.c"))));
static CONTRACT: LazyLock<Guest> =
    LazyLock::new(|| Guest::new(compile_wasm("contract.c", include_str!("../guests/contract.c"))));
static FD: LazyLock<Guest> = guest!("fd.c");
static PATH: LazyLock<Guest> = guest!("path.c");
static LIBC: LazyLock<Guest> = guest!("libc.c");

/// Questions whose answer under wasi-common depends on the host: the order in which it lists, and how many files it
/// lets a program have open.
const HOSTS_OWN: [&str; 2] = ["readdir", "many_fds"];

/// The questions, each a run of its own.
pub(crate) fn probes() -> Vec<Case<'static>> {
    let golden = include_str!("../probes.golden").lines().filter(|line| !line.starts_with('#'));
    let questions = golden.map(|line| line.split_once(": ").expect("a question and its answer").0);
    let case = |question: &'static str| {
        let argv = vec!["probe".to_owned(), question.to_owned()];
        // Which half of the files wasi-common leaves depends on the order in which the host lists them.
        let leaves = question != "readdir_unlink";
        Case { argv, stdin: b"hello", leaves, ..Case::new(format!("probe {question}"), &PROBE) }
    };
    let cases: Vec<_> = questions.filter(|name| !HOSTS_OWN.contains(name)).map(case).collect();
    assert_eq!(cases.len(), 104, "every question but two");
    cases
}

/// The guests that check one group of functions each, but for two: wasmi binds wasi-common to the newer import module
/// alone, and what rest.c asks about an input that stays open cannot be asked of wasi-common's input in memory.
pub(crate) fn guests() -> Vec<Case<'static>> {
    let checked = [("fd.c", &FD), ("path.c", &PATH), ("libc.c", &LIBC)];
    let mut cases: Vec<_> = checked.map(|(name, guest)| Case::new(name.to_owned(), guest)).into();
    for argv in [&["show"][..], &["read", "/f"], &["write", "/f", "new"], &["exit", "33"]] {
        let name = format!("{} contract.c", argv.join(" "));
        let argv = [&["contract"], argv].concat().into_iter().map(str::to_owned).collect();
        let entries = &[Entry::File("f", b"old\n")];
        cases.push(Case { argv, entries, ..Case::new(name, &CONTRACT) });
    }
    cases
}

/// Small modules in the text format.
static MODULES: LazyLock<Vec<(&str, Guest)>> = LazyLock::new(|| {
    let texts = [
        ("arguments.wat", include_str!("../guests/arguments.wat")),
        ("cat.wat", include_str!("../guests/cat.wat")),
        ("exit_in_start.wat", include_str!("../guests/exit_in_start.wat")),
        ("make_file.wat", include_str!("../guests/make_file.wat")),
        ("open_to_append.wat", include_str!("../guests/open_to_append.wat")),
        ("no_memory.wat", include_str!("../guests/no_memory.wat")),
        ("write_then_trap.wat", include_str!("../guests/write_then_trap.wat")),
    ];
    let module = |(name, text)| {
        let wasm = wat::parse_str(text).expect("the text is a module");
        (name, Guest::new(wasm))
    };
    texts.map(module).into()
});

/// The small modules.
pub(crate) fn modules() -> Vec<Case<'static>> {
    let case = |(name, guest): &'static (&str, Guest)| {
        let env = BTreeMap::from(["B=1", "A=", "\u{e4}=x=y"].map(|pair| {
            let (name, value) = pair.split_once('=').expect("a variable");
            (name.to_owned(), value.to_owned())
        }));
        let argv = [*name, "", "two words"].map(str::to_owned).into();
        Case { argv, env, stdin: b"ten bytes\n", ..Case::new((*name).to_owned(), guest) }
    };
    MODULES.iter().map(case).collect()
}

/// The scripts, as far as they can be compared.
static SCRIPTS: LazyLock<Vec<Script>> = LazyLock::new(|| {
    let mut scripts = stepwell_tests::scripts();
    for script in &mut scripts {
        let lines = script.text.lines().flat_map(|line| [comparable(line), "\n".into()]);
        script.text = lines.collect();
    }
    scripts
});

/// An operation that can be compared. wasi-common refuses to open with APPEND and either TRUNC or DIRECTORY, and
/// everything that follows in a script would differ; so APPEND is left out there. open_to_append.wat asks for it.
fn comparable(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["open", fd, path, how, mode, "1", follow] if how.contains(['t', 'd']) => {
            format!("open {fd} {path} {how} {mode} 0 {follow}")
        }
        _ => line.to_owned(),
    }
}

/// The scripts of file operations, over the files that each of them starts with.
pub(crate) fn scripts() -> Vec<Case<'static>> {
    let entries = &SCRIPT_BASE;
    let case = |script: &'static Script| {
        let argv = vec!["fsops".to_owned()];
        let name = format!("script {}", script.name);
        Case { argv, stdin: script.text.as_bytes(), entries, ..Case::new(name, &FSOPS) }
    };
    SCRIPTS.iter().map(case).collect()
}
