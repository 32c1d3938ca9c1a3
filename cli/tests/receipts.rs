//! Receipts: written, verified, and refused. No runtime is needed.

mod common;

use common::{Folder, guests};
use engine::vfs::{EPOCH, Mount, Namespace, Quota, Tree};
use engine::{Engine, Module, Process, Receipt, State};
use serde_json::Value;

fn receipt(folder: &Folder, name: &str) -> Value {
    let text = folder.read(name);
    assert_eq!(text.last(), Some(&b'\n'));
    serde_json::from_slice(&text).expect("a receipt is JSON")
}

#[test]
fn a_run_is_verified_from_its_receipt() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    let options = ["--receipt", "r.json", "--save-diff", "diff.tar", "--seed", "5", "-e", "A=b"];
    let args = [&["run"], &options[..], &["files.wasm", "f", "text"]].concat();
    folder.run(&args).succeeds();
    let written = receipt(&folder, "r.json");
    assert_eq!(written["deterministic"], true);
    assert_eq!(written["inputs"]["arguments"], serde_json::json!(["files.wasm", "f", "text"]));
    let same = folder.run(["verify", "r.json", "files.wasm"]).succeeds();
    assert_eq!(same, format!("the same: {}\n", written["digest"].as_str().expect("text")));

    folder.run(&args).succeeds();
    assert_eq!(receipt(&folder, "r.json"), written, "a receipt does not depend on when it is made");
}

#[test]
fn a_module_without_files_has_none_when_it_is_verified() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    let ran = folder.run(["run", "--receipt", "r.json", "files.wasm", "f", "text"]);
    assert_eq!(ran.status, Some(8), "{}", ran.stderr());
    let written = receipt(&folder, "r.json");
    for side in ["inputs", "result"] {
        assert_eq!(written[side]["trees"], serde_json::json!([]), "{side}");
    }
    let verified = folder.run(["verify", "r.json", "files.wasm"]).succeeds();
    assert!(verified.starts_with("the same: "), "{verified}");
}

#[test]
fn verify_says_exactly_what_differs() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.module("other.wasm", &guests::copies_to(2));
    let ran = folder.run_with(["run", "--receipt", "r.json", "copy.wasm"], b"abc\n");
    assert_eq!(ran.succeeds(), "abc\n");
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("copy.wasm", b"abc\n", &[]),
        ("copy.wasm", b"abd\n", &["inputs.stdin.sha256", "result.stdout.sha256"]),
        (
            "other.wasm",
            b"abc\n",
            &[
                "inputs.module.sha256",
                "result.stderr.bytes",
                "result.stderr.sha256",
                "result.stdout.bytes",
                "result.stdout.sha256",
            ],
        ),
    ];
    for (program, input, fields) in cases {
        let ran = folder.run_with(["verify", "r.json", program], input);
        assert_eq!(ran.status, Some(i32::from(!fields.is_empty())), "{}", ran.stderr());
        let stdout = ran.stdout();
        let found: Vec<&str> = stdout
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(field, _)| field)
            .collect();
        let expected = if fields.is_empty() { &["the same"][..] } else { fields };
        assert_eq!(found, expected);
        assert!(stdout.lines().all(|line| fields.is_empty() || line.contains(", found ")));
    }
    folder.write("in", "abc\n");
    let from_file = folder.run(["verify", "--stdin", "in", "r.json", "copy.wasm"]);
    assert!(
        from_file.succeeds().starts_with("the same: "),
        "it is told that it reads a pipe again"
    );
}

#[test]
fn limits_and_an_invoked_export_come_from_the_receipt() {
    let folder = Folder::new();
    folder.module("loop.wasm", guests::LOOPS);
    folder.module("dive.wasm", guests::DIVES);
    let add = r#"(module (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))"#;
    folder.module("add.wasm", add);
    let cases: &[(&[&str], i32, &str, Value)] = &[
        (&["--steps", "1000", "loop.wasm"], 124, "loop.wasm", "steps".into()),
        (&["--call-depth", "50", "dive.wasm"], 134, "dive.wasm", "stack_overflow".into()),
        (&["--fs-inodes", "7", "--invoke", "add", "add.wasm", "2", "40"], 0, "add.wasm", 0.into()),
    ];
    for (args, status, program, end) in cases {
        let ran = folder.run(["run", "--receipt", "r.json"].iter().chain(args.iter()));
        assert_eq!(ran.status, Some(*status), "{}", ran.stderr());
        let outcome = &receipt(&folder, "r.json")["result"]["outcome"];
        let ends = ["limit", "trap", "exit_code"].map(|field| &outcome[field]);
        assert!(ends.contains(&end), "{outcome}");
        assert!(folder.run(["verify", "r.json", program]).succeeds().starts_with("the same: "));
    }
}

/// The receipt of a run that an embedder made, with a limit for which the program has no option.
fn receipt_of_embedder(wasm: Vec<u8>, quota: Quota) -> Receipt {
    let sha256 = runtimes::sha256(&wasm);
    let byte =
        |at: usize| u8::from_str_radix(&sha256[2 * at..2 * at + 2], 16).expect("hexadecimal");
    let module = Module::new(&Engine::default(), wasm.into()).expect("the guest is valid");
    let fs = Box::new(Tree::new(quota, EPOCH));
    let mut process = Process::builder(&module)
        .args(["files.wasm", "f", "text"])
        .fs(Namespace::new(Mount { fs, read_only: false }))
        .receipt(std::array::from_fn(byte))
        .spawn()
        .expect("the guest is a command");
    process.close_stdin();
    assert_eq!(process.run(u64::MAX), State::Exited(0));
    let (_, root) = process.fs().mounts_mut().next().expect("a root");
    let tree = root.fs.as_tree_mut().expect("the root is a tree");
    assert_eq!(tree.read_file("f").as_deref(), Ok(&b"tex"[..]), "no more fits into the file");
    process.receipt().expect("the tree can be read").expect("it was asked for")
}

#[test]
fn a_limit_that_only_embedders_have_comes_from_the_receipt() {
    let folder = Folder::new();
    let wasm = std::fs::read(folder.module("files.wasm", guests::FILES)).expect("the guest");
    let quota = Quota { file_bytes_max: 3, ..Quota::default() };
    folder.write("r.json", receipt_of_embedder(wasm, quota).to_json());
    assert!(folder.run(["verify", "r.json", "files.wasm"]).succeeds().starts_with("the same: "));
}

#[test]
fn what_may_differ_next_time_is_admitted() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    folder.module("loop.wasm", guests::LOOPS);
    folder.write("folder/file", "text");
    let cases: &[(&[&str], &[&str])] = &[
        (&["ok.wasm"], &[]),
        (&["--clock", "host", "ok.wasm"], &["clock"]),
        (&["--entropy", "host", "--clock", "host", "ok.wasm"], &["clock", "entropy"]),
        (&["--dir", "folder::/f:rw", "ok.wasm"], &["host_directory"]),
        (&["--dir", "folder::/f", "ok.wasm"], &[]),
        (&["--timeout", "0.2", "loop.wasm"], &["timeout", "unfinished"]),
    ];
    for (args, reasons) in cases {
        folder.run(["run", "--receipt", "r.json"].iter().chain(args.iter()));
        let receipt = receipt(&folder, "r.json");
        assert_eq!(receipt["reasons"], serde_json::json!(reasons), "{args:?}");
        assert_eq!(receipt["deterministic"], reasons.is_empty(), "{args:?}");
    }
    folder.run(["run", "--clock", "host", "--receipt", "r.json", "ok.wasm"]).succeeds();
    let ran = folder.run(["verify", "r.json", "ok.wasm"]);
    assert_eq!((ran.status, ran.stdout().starts_with("the same")), (Some(0), true));
    assert!(ran.stderr().contains("another run may differ: clock"), "{}", ran.stderr());
}

#[test]
fn a_folder_of_the_host_is_an_input_as_a_whole() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    folder.write("folder/a", "text");
    folder.write("folder/deep/b", "more");
    let mount = ["--dir", "folder::/f"];
    let args = ["run", "--receipt", "r.json"].iter().chain(&mount).chain(&["files.wasm", "f/a"]);
    assert_eq!(folder.run(args).succeeds(), "text");
    let verify = || folder.run(["verify"].iter().chain(&mount).chain(&["r.json", "files.wasm"]));
    assert!(verify().succeeds().starts_with("the same: "));
    folder.write("folder/deep/b", "less");
    let ran = verify();
    assert_eq!(ran.status, Some(1), "{}", ran.stderr());
    assert!(ran.stdout().contains("inputs.trees.1.sha256"), "{}", ran.stdout());
}

#[test]
fn what_is_no_receipt_of_this_version_is_refused() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    folder.run(["run", "--receipt", "r.json", "ok.wasm"]).succeeds();
    let text = String::from_utf8(folder.read("r.json")).expect("text");
    folder.write("changed", text.replace(r#""exit_code":0"#, r#""exit_code":1"#));
    folder.write("newer", text.replace(r#""stepwell_receipt":1"#, r#""stepwell_receipt":2"#));
    folder.write("cut", &text[..100]);
    let cases = [
        (&["missing", "ok.wasm"], 125, "missing"),
        (&["cut", "ok.wasm"], 125, "not a receipt"),
        (&["changed", "ok.wasm"], 125, "was changed"),
        (&["newer", "ok.wasm"], 125, "another version"),
        (&["ok.wasm", "ok.wasm"], 125, "ok.wasm"),
        (&["r.json", "missing.wasm"], 127, "missing.wasm"),
    ];
    for (args, status, reason) in cases {
        folder.run(["verify"].iter().chain(args)).fails(status, reason);
    }
    folder.run(["verify", "r.json"]).fails(125, "PROGRAM");
    folder.run(["run", "--receipt", "no/r.json", "ok.wasm"]).fails(125, "no/r.json");
    folder.run(["run", "--receipt", "x", "--save-fs", "x", "ok.wasm"]).fails(125, "two things");
}
