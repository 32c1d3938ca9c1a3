//! Programs that are frozen, looked at, and go on: as often as one likes, with input of their own.

mod common;

use std::process::Command;

use common::{Folder, Ran, guests};

#[test]
fn a_module_goes_on_from_its_image_with_new_input() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let ran = folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]);
    assert_eq!(ran.succeeds(), "");
    for input in ["one\n", "another\n"] {
        assert_eq!(folder.run_with(["run", "copy.img"], input.as_bytes()).succeeds(), input);
    }
    folder.write("input.txt", "from a file\n");
    let ran = folder.run(["run", "--stdin", "input.txt", "copy.img"]);
    assert_eq!(ran.succeeds(), "from a file\n");
    let shown = folder.run(["inspect", "copy.img"]).succeeds();
    assert!(shown.contains("its own module") && shown.contains("fd_read"), "{shown}");
}

#[test]
fn an_image_is_written_as_a_module() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]).succeeds();
    folder.run(["export", "-o", "on.wasm", "copy.img"]).succeeds();
    for input in ["one\n", "another\n"] {
        assert_eq!(folder.run_with(["run", "on.wasm"], input.as_bytes()).succeeds(), input);
    }
    let closes = r#"(module
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (drop (call $close (i32.const 1))) (drop (call $yield))))"#;
    folder.module("closes.wasm", closes);
    let freeze = ["freeze", "--at", "call:sched_yield", "-o", "closes.img", "closes.wasm"];
    folder.run(freeze).succeeds();
    folder
        .run(["export", "-o", "x.wasm", "closes.img"])
        .fails(125, "closes.img: no other engine can go on from the image: descriptor 1 is closed");
    assert!(!folder.path().join("x.wasm").exists());
}

#[test]
fn steps_of_the_frozen_part_count() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let freeze = ["freeze", "--at", "call:fd_write:1", "-o", "copy.img", "copy.wasm"];
    folder.run_with(freeze, b"a line\n").succeeds();
    let steps = |args: &[&str], input: &[u8]| {
        let ran = folder.run_with(args.iter().copied(), input);
        let stderr = ran.stderr();
        assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), "a line\n"), "{stderr}");
        stderr.lines().find(|line| line.contains("steps")).expect("the statistics").to_owned()
    };
    let plain = steps(&["run", "--stats", "copy.wasm"], b"a line\n");
    assert_eq!(steps(&["run", "--stats", "copy.img"], b""), plain);
}

#[test]
fn an_image_is_frozen_once_more_and_profiled() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let freeze = ["freeze", "--at", "stdin", "-o", "first.img", "copy.wasm"];
    folder.run(freeze).succeeds();
    let freeze = ["freeze", "--at", "call:fd_write:1", "-o", "second.img", "first.img"];
    assert_eq!(folder.run_with(freeze, b"a line\n").succeeds(), "");
    assert_eq!(folder.run(["run", "second.img"]).succeeds(), "a line\n");
    let profile = ["run", "--profile", "profile.txt", "second.img"];
    assert_eq!(folder.run(profile).succeeds(), "a line\n");
    let profile = String::from_utf8(folder.read("profile.txt")).expect("text");
    assert!(profile.starts_with("[frozen] "), "{profile}");
    let freeze = ["freeze", "--trace", "--at", "call:fd_write:1", "-o", "x.img", "first.img"];
    let ran = folder.run_with(freeze, b"a line\n");
    assert!(ran.stderr().contains("fd_read(fd=0"), "{}", ran.stderr());
    let ran = folder.run(["freeze", "--at", "stdin", "-o", "x.img", "--seed", "1", "first.img"]);
    assert_eq!(ran.status, Some(125));
    assert!(ran.stderr().contains("--seed"), "{}", ran.stderr());
}

#[test]
fn what_an_image_cannot_take_is_refused_by_name() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]).succeeds();
    let cases: &[(&[&str], &str)] = &[
        (&["run", "copy.img", "argument"], "arguments"),
        (&["run", "--env", "A=b", "copy.img"], "--env"),
        (&["run", "--seed", "1", "copy.img"], "--seed"),
        (&["run", "--dir", ".::/x", "copy.img"], "--dir"),
        (&["run", "--args-bytes", "9", "copy.img"], "--args-bytes"),
        (&["run", "--profile", "copy.img", "copy.img"], "it is to hold two things"),
        (&["freeze", "--at", "stdin", "-o", "copy.wasm", "copy.wasm"], "it is to hold two things"),
        (
            &["freeze", "--at", "stdin", "-o", "x.img", "--clock", "host", "copy.wasm"],
            "--clock host",
        ),
        (&["freeze", "--at", "stdin", "-o", "no/x.img", "copy.wasm"], "its folder does not exist"),
        (
            &["freeze", "--at", "call:no_such", "-o", "x.img", "copy.wasm"],
            "does not import no_such",
        ),
        (&["freeze", "--at", "stdout", "-o", "x.img", "copy.wasm"], "a point is written"),
        (&["inspect", "copy.wasm"], "is not an image"),
    ];
    for (args, message) in cases {
        let ran = folder.run(args.iter().copied());
        assert_eq!(ran.status, Some(125), "{args:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(message), "{args:?}: {}", ran.stderr());
    }
    assert!(!folder.path().join("x.img").exists());
}

#[test]
fn directories_of_the_host_are_opened_again() {
    let folder = Folder::new();
    let program = "import sys
file = open('/data/lines.txt', 'rb', buffering=0)
print(file.readline().decode().strip(), flush=True)
sys.stdin.read()
print(file.read().decode().strip())
open('/data/made.txt', 'w').write('made')
";
    folder.write("reads.py", program);
    for (name, lines) in [("first", "one\ntwo\n"), ("second", "one\nthree\n")] {
        std::fs::create_dir(folder.path().join(name)).expect("it is new");
        folder.write(&format!("{name}/lines.txt"), lines);
    }
    let freeze = |options: &[&str]| {
        let freeze = [&["freeze", "--at", "stdin", "-o", "reads.img"], options, &["reads.py"]];
        folder.run(freeze.concat())
    };
    let refused = [
        (&["--dir", "first::/data:rw"][..], "as /data is: add --reopen-dirs"),
        (&["--reopen-dirs", "--dir", "first::/data"], "/data is mounted copy-on-write"),
    ];
    for (options, reason) in refused {
        // Before anything is run.
        let ran = freeze(options);
        assert_eq!((ran.status, ran.stdout().as_str()), (Some(125), ""), "{}", ran.stderr());
        assert!(ran.stderr().contains(reason), "{}", ran.stderr());
    }
    let frozen = freeze(&["--reopen-dirs", "--dir", "first::/data:rw"]);
    assert_eq!(frozen.succeeds(), "one\n");
    let shown = folder.run(["inspect", "reads.img"]).succeeds();
    assert!(shown.contains("dirs     /data"), "{shown}");
    let ran = folder.run(["run", "--dir", "second::/data:rw", "reads.img"]);
    assert_eq!(ran.succeeds(), "three\n");
    assert_eq!(folder.read("second/made.txt"), b"made");
    let missing = folder.run(["run", "reads.img"]);
    missing.fails(125, "a directory of the host is missing at /data; --dir gives");
    let receipt = ["run", "--receipt", "r.json", "--dir", "second::/data:rw", "reads.img"];
    folder.run(receipt).fails(125, "--receipt");
}

#[cfg(unix)]
#[test]
fn a_program_that_comes_through_a_pipe_is_read_whole() {
    let folder = Folder::new();
    folder.module("exits.wasm", &guests::exits_with(7));
    let ran = folder.run_with(["run", "/dev/stdin"], &folder.read("exits.wasm"));
    assert_eq!(ran.status, Some(7), "{}", ran.stderr());
}

#[test]
fn a_program_that_is_stopped_before_the_point_says_by_what() {
    let folder = Folder::new();
    folder.write("loop.py", "while True: pass");
    let rows = [
        (["--timeout", "0.1"], 124, "stopped by --timeout before it came to the point"),
        (
            ["--steps", "100"],
            125,
            "the program reached the limit of steps before it came to the point",
        ),
    ];
    for (limit, status, reason) in rows {
        let freeze = ["freeze", "--at", "stdin", "-o", "x.img"];
        folder.run(freeze.iter().chain(&limit).chain(&["loop.py"])).fails(status, reason);
    }
}

#[test]
fn a_frozen_run_says_its_steps_if_it_is_asked() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let ran = folder.run(["freeze", "--stats", "--at", "stdin", "-o", "copy.img", "copy.wasm"]);
    assert!(ran.stderr().contains(" steps, 196608 bytes of memory, 0 calls"), "{ran:?}");
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), ""));
}

#[test]
fn a_damaged_image_is_refused() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]).succeeds();
    let whole = folder.read("copy.img");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for (bytes, message) in [(&changed[..], "checksum"), (&whole[..whole.len() / 2], "checksum")] {
        folder.write("bad.img", bytes);
        let ran = folder.run(["run", "bad.img"]);
        assert_eq!(ran.status, Some(126), "{}", ran.stderr());
        assert!(ran.stderr().contains(message), "{}", ran.stderr());
    }
}

/// A small file may speak of a memory that the host does not have.
#[cfg(target_os = "linux")]
#[test]
fn an_image_that_the_host_has_no_memory_for_is_refused() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]).succeeds();
    let mut bytes = folder.read("copy.img");
    let pages = (3 * 65_536_u64).to_le_bytes();
    let at = bytes.windows(pages.len()).position(|found| found == pages).expect("its memory");
    bytes[at..at + pages.len()]
        .copy_from_slice(&(2_000_000_000_u64 / 65_536 * 65_536).to_le_bytes());
    let body = bytes.len() - 4;
    let checksum = crc32fast::hash(&bytes[..body]);
    bytes[body..].copy_from_slice(&checksum.to_le_bytes());
    folder.write("large.img", &bytes);
    for action in ["run", "inspect"] {
        let stepwell = folder.stepwell([action, "large.img"]);
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 1500000; exec \"$@\"", "sh"]).arg(stepwell.get_program());
        command.args(stepwell.get_args()).current_dir(folder.path());
        Ran::of(command.output()).fails(126, "the host has no memory for it");
    }
}

#[test]
fn limits_below_what_an_image_has_are_named() {
    let folder = Folder::new();
    let program = "def f(n): return f(n - 1) if n else input()\nf(9)\n";
    folder.write("deep.py", program);
    folder.run(["freeze", "--at", "stdin", "-o", "deep.img", "deep.py"]).succeeds();
    let rows = [
        (["--call-depth", "10"], "its stack is deeper than the limits allow"),
        (["--memory", "9M"], "more memory"),
    ];
    for (limit, reason) in rows {
        folder.run(["run"].iter().chain(&limit).chain(&["deep.img"])).fails(126, reason);
    }
}

#[test]
fn files_that_are_added_are_there_and_changes_are_kept() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    let frozen = ["freeze", "--at", "open:/f", "-o", "f.img", "--fs-bytes", "1M", "files.wasm"];
    let frozen = frozen.iter().chain(&["f", "text"]);
    folder.run(frozen).succeeds();
    folder.run(["run", "--save-diff", "diff.tar", "f.img"]).succeeds();
    let listed = std::process::Command::new("tar")
        .args(["-xOf", "diff.tar", "f"])
        .current_dir(folder.path())
        .output()
        .expect("there is tar");
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "text");
}

#[test]
fn the_receipt_of_a_run_that_goes_on_names_the_image_and_is_verified() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.run(["freeze", "--at", "stdin", "-o", "copy.img", "copy.wasm"]).succeeds();
    let receipt = |name: &str, program: &str| -> serde_json::Value {
        let args = ["run", "--receipt", name, program];
        assert_eq!(folder.run_with(args, b"a line\n").succeeds(), "a line\n");
        serde_json::from_slice(&folder.read(name)).expect("a receipt is JSON")
    };
    let (whole, part) = (receipt("w.json", "copy.wasm"), receipt("p.json", "copy.img"));
    assert!(part["inputs"]["image"]["sha256"].is_string() && whole["inputs"]["image"].is_null());
    assert_eq!(part["inputs"]["module"], whole["inputs"]["module"]);
    assert_eq!(part["result"]["steps"], whole["result"]["steps"], "of both parts");
    assert_eq!(part["result"]["outcome"], whole["result"]["outcome"]);
    assert_eq!(part["deterministic"], true, "{}", part["reasons"]);
    let verify = ["verify", "p.json", "copy.img"];
    assert!(folder.run_with(verify, b"a line\n").succeeds().starts_with("the same: "));
    let other = folder.run_with(verify, b"another\n");
    assert_eq!(other.status, Some(1), "{}", other.stderr());
    assert!(other.stdout().contains("inputs.stdin.sha256"), "{}", other.stdout());
    let rows = [
        (
            "p.json",
            "copy.wasm",
            "p.json is the receipt of a run of an image, and copy.wasm is none",
        ),
        (
            "w.json",
            "copy.img",
            "w.json is the receipt of a run of a program, and copy.img is an image",
        ),
    ];
    for (receipt, program, reason) in rows {
        folder.run(["verify", receipt, program]).fails(125, reason);
    }
}

/// What short programs import is imported before the program is known.
const WARM: &str = r#"
import collections, json, sys
compile("1", "warm", "exec")
exec(compile(sys.stdin.read(), "program.py", "exec"))
"#;

/// Runs a module with node's own WASI, a folder as its root.
const NODE: &str = "
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
const wasi = new WASI({ version: 'preview1', preopens: { '/': 'root' } });
const module = await WebAssembly.compile(readFileSync(process.argv[2]));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
";

#[test]
fn python_goes_on_in_another_engine() {
    let folder = Folder::new();
    folder.write("warm.py", WARM);
    folder.run(["freeze", "--at", "stdin", "-o", "python.img", "warm.py"]).succeeds();
    folder.run(["export", "-o", "python.wasm", "python.img"]).succeeds();
    folder.write("run.mjs", NODE);
    std::fs::create_dir(folder.path().join("root")).expect("the folder is new");
    let mut node = Command::new("node");
    node.args(["--no-warnings", "run.mjs", "python.wasm"]).current_dir(folder.path());
    let program =
        b"import sys; print(json.dumps(sorted(collections.Counter('abca')))); sys.exit(3)";
    let ran = common::feed(node, program);
    assert_eq!(ran.stdout(), "[\"a\", \"b\", \"c\"]\n", "{}", ran.stderr());
    assert_eq!(ran.status, Some(3), "{}", ran.stderr());
}

#[test]
fn python_goes_on_with_its_imports_made() {
    let folder = Folder::new();
    folder.write("warm.py", WARM);
    folder.run(["freeze", "--at", "stdin", "-o", "python.img", "warm.py"]).succeeds();
    let program = b"print(json.dumps(collections.Counter('abca'), sort_keys=True))";
    assert_eq!(
        folder.run_with(["run", "python.img"], program).succeeds(),
        "{\"a\": 2, \"b\": 1, \"c\": 1}\n"
    );
    let ran = folder.run_with(["run", "python.img"], b"import sys; sys.exit(3)");
    assert_eq!(ran.status, Some(3), "{}", ran.stderr());
    let shown = folder.run(["inspect", "python.img"]).succeeds();
    assert!(shown.contains("python@3.12.0"), "{shown}");
    assert!(shown.contains("next     fd_read"), "{shown}");
}
