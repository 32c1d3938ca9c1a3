//! Python programs, by both versions. The runtime is installed by the first test that needs it.

mod common;

use common::{Folder, archived};

/// Runs a program with an empty standard input.
fn python(program: &str) -> common::Ran {
    let folder = Folder::new();
    folder.write("prog.py", program);
    folder.run(["run", "prog.py"])
}

#[test]
fn the_standard_library_works() {
    let cases = [
        (
            r#"import json; print(json.dumps({"b": [1, None, "ü"]}), json.loads("[1.5]"))"#,
            "{\"b\": [1, null, \"\\u00fc\"]} [1.5]\n",
        ),
        (r#"import re; print(re.sub(r"(\w+) (\w+)", r"\2 \1", "one two"))"#, "two one\n"),
        ("import hashlib; print(hashlib.sha256(b'').hexdigest()[:8])", "e3b0c442\n"),
        ("from decimal import Decimal; print(Decimal(1) / Decimal(8))", "0.125\n"),
        (
            "import zlib; print(zlib.decompress(zlib.compress(b'text' * 100)) == b'text' * 100)",
            "True\n",
        ),
        (
            "import datetime; print(datetime.date(2026, 2, 28) + datetime.timedelta(1))",
            "2026-03-01\n",
        ),
        (
            "import itertools, functools; print(functools.reduce(int.__mul__, itertools.islice(itertools.count(1), 25)))",
            "15511210043330985984000000\n",
        ),
    ];
    for (program, expected) in cases {
        assert_eq!(python(program).succeeds(), expected, "{program}");
    }
}

#[test]
fn errors_of_the_file_system_are_the_right_exceptions() {
    let program = r#"
import os
os.mkdir("d"); open("d/f", "w").close(); os.symlink("f", "d/l")
def tried(what, *args):
    try: what(*args); print("done")
    except OSError as error: print(type(error).__name__)
tried(open, "missing")
tried(open, "d")
tried(os.rmdir, "d")
tried(os.mkdir, "d")
tried(os.listdir, "d/f")
tried(open, "d/f/x")
tried(os.unlink, "missing")
tried(os.readlink, "d/f")
tried(os.rename, "missing", "x")
tried(open, "x" * 300, "w")
tried(os.unlink, "d/l")
tried(os.unlink, "d/f")
tried(os.rmdir, "d")
"#;
    let expected = "FileNotFoundError IsADirectoryError OSError FileExistsError NotADirectoryError \
                    NotADirectoryError FileNotFoundError OSError FileNotFoundError OSError done done done";
    let output = python(program).succeeds();
    assert_eq!(output.split_whitespace().collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn files_and_folders_are_made_moved_and_removed() {
    let program = r#"
import os, pathlib, shutil, tempfile
os.makedirs("a/b/c"); pathlib.Path("a/b/f").write_text("text")
os.symlink("b/f", "a/link"); print(os.readlink("a/link"), open("a/link").read())
os.link("a/b/f", "a/hard"); print(os.stat("a/hard").st_nlink)
open("new", "w").write("new"); os.replace("new", "a/b/f"); print(open("a/b/f").read(), os.path.exists("new"))
shutil.copytree("a", "copy", symlinks=True); print(sorted(os.listdir("copy")), os.path.islink("copy/link"))
for i in range(100): open(f"copy/b/{i}", "w").close()
shutil.rmtree("a"); shutil.rmtree("copy"); print(sorted(os.listdir("/")))
with tempfile.TemporaryDirectory(dir="/") as folder:
    with tempfile.NamedTemporaryFile("w+", dir=folder) as file:
        file.write("kept"); file.seek(0); print(file.read(), os.listdir(folder) != [])
    with tempfile.TemporaryFile(dir=folder) as file: file.write(b"x")
    print(os.listdir(folder))
print(sorted(os.listdir("/")))
"#;
    let expected = "b/f text\n2\nnew False\n['b', 'hard', 'link'] True\n['prog.py']\nkept True\n[]\n['prog.py']\n";
    assert_eq!(python(program).succeeds(), expected);
}

#[test]
fn deep_recursion_is_an_exception_or_an_answer() {
    let program = "def f(n): return 0 if n == 0 else 1 + f(n - 1)\n";
    let ran = python(&format!("{program}f(5000)\n"));
    assert_eq!(ran.status, Some(1), "{}", ran.stderr());
    assert!(ran.stderr().contains("RecursionError"), "{}", ran.stderr());
    let deeper = format!("import sys; sys.setrecursionlimit(10_000)\n{program}print(f(5000))\n");
    assert_eq!(python(&deeper).succeeds(), "5000\n");
}

#[test]
fn binary_input_of_a_mebibyte_arrives_whole() {
    let folder = Folder::new();
    folder.write(
        "prog.py",
        "import sys; b = sys.stdin.buffer.read(); sys.stdout.buffer.write(b[::-1])",
    );
    let mut input: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let ran = folder.run_with(["run", "prog.py"], &input);
    input.reverse();
    assert_eq!((ran.status, ran.stderr()), (Some(0), String::new()));
    assert!(ran.stdout == input, "{} bytes", ran.stdout.len());
}

#[test]
fn input_reads_lines_from_a_pipe() {
    let folder = Folder::new();
    folder.write(
        "prog.py",
        "a = input('? '); b = input(); print(a, b)\ntry: input()\nexcept EOFError: print('end')",
    );
    let ran = folder.run_with(["run", "prog.py"], "äh\nzwei".as_bytes());
    assert_eq!(ran.succeeds(), "? äh zwei\nend\n");
}

#[test]
fn an_uncaught_exception_goes_to_standard_error_with_status_1() {
    let ran = python("print('before', flush=True)\ndef f(): raise ValueError('why')\nf()\n");
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(1), "before\n"));
    let stderr = ran.stderr();
    assert!(stderr.starts_with("Traceback (most recent call last):\n"), "{stderr}");
    assert!(stderr.contains("File \"/prog.py\", line 2, in f"), "{stderr}");
    assert!(stderr.ends_with("ValueError: why\n"), "{stderr}");
    assert!(python("print(").stderr().contains("SyntaxError"));
}

#[test]
fn the_exit_status_is_what_the_program_says() {
    for (code, status) in [("0", 0), ("3", 3), ("255", 255), ("256", 0), ("None", 0), ("'text'", 1)]
    {
        let ran = python(&format!("import sys; sys.exit({code})"));
        assert_eq!(ran.status, Some(status), "{code}");
    }
}

#[test]
fn arguments_environment_and_folder_are_what_is_given_and_nothing_else() {
    let folder = Folder::new();
    folder.write(
        "prog.py",
        "import os, sys; print(sys.argv, dict(os.environ), os.getcwd(), os.listdir('/'))",
    );
    let ran = folder.run(["run", "prog.py"]);
    assert_eq!(ran.succeeds(), "['/prog.py'] {} / ['prog.py']\n");
    let ran = folder.run(["run", "--env", "A=b c", "prog.py", "--help", "", "ü", "--env"]);
    assert_eq!(
        ran.succeeds(),
        "['/prog.py', '--help', '', 'ü', '--env'] {'A': 'b c'} / ['prog.py']\n"
    );
}

#[test]
fn a_module_beside_the_program_is_imported_through_a_directory() {
    let folder = Folder::new();
    folder.write("lib/helper.py", "def greet(): return 'from the helper'");
    folder.write("lib/prog.py", "import helper; print(helper.greet())");
    folder.write(
        "main.py",
        "import sys; sys.path.insert(0, '/lib'); import helper; print(helper.greet())",
    );
    assert_eq!(
        folder.run(["run", "--dir", "lib::/lib", "main.py"]).succeeds(),
        "from the helper\n"
    );
    assert_eq!(
        folder.run(["run", "--dir", "lib::/", "lib/prog.py"]).succeeds(),
        "from the helper\n"
    );
    assert_eq!(
        folder.run(["run", "--dir", "lib::/:ro", "lib/prog.py"]).succeeds(),
        "from the helper\n"
    );
    let entries = folder.path().join("lib").read_dir().expect("a folder");
    assert_eq!(entries.count(), 2, "the host has no compiled files");
}

#[test]
fn a_program_that_writes_three_files_changes_exactly_these() {
    let folder = Folder::new();
    folder.write("prog.py", "import os\nopen('one', 'w').write('1')\nos.mkdir('d')\nopen('d/two', 'w').write('22')\nopen('d/three', 'w').write('')");
    assert_eq!(folder.run(["run", "--save-diff", "out.tar", "prog.py"]).succeeds(), "");
    let files: Vec<_> = archived(&folder.read("out.tar"))
        .into_iter()
        .filter(|(name, _)| !name.ends_with('/'))
        .collect();
    let expected = [("d/three", ""), ("d/two", "22"), ("one", "1")];
    assert_eq!(files, expected.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())));
}

#[test]
fn a_program_comes_from_standard_input_or_by_its_first_line() {
    let folder = Folder::new();
    let program = b"import sys; print(sys.argv, repr(sys.stdin.read()))";
    let ran = folder.run_with(["run", "--runtime", "python", "-", "a"], program);
    assert_eq!(ran.succeeds(), "['/stdin.py', 'a'] ''\n");
    folder.write("input", "text");
    let ran = folder.run_with(["run", "-r", "python@3.12", "--stdin", "input", "-"], program);
    assert_eq!(ran.succeeds(), "['/stdin.py'] 'text'\n");
    folder.write("tool", "#!/usr/bin/env python3\nprint('by its first line')");
    assert_eq!(folder.run(["run", "tool"]).succeeds(), "by its first line\n");
}

#[test]
fn odd_names_are_names() {
    let folder = Folder::new();
    for name in ["with space.py", "q'\"$.py", "ü.py", ".hidden.py", "X.PY", "a\nb.py"] {
        folder.write(name, "print(__file__)");
        assert_eq!(folder.run(["run", "--", name]).succeeds(), format!("/{name}\n"));
    }
    folder.write("-x.py", "print(__file__)");
    assert_eq!(folder.run(["run", "--", "-x.py"]).succeeds(), "/-x.py\n");
    assert_eq!(folder.run(["run", "./-x.py"]).succeeds(), "/-x.py\n");
}

#[test]
fn two_runs_are_the_same_until_the_caller_wants_otherwise() {
    let folder = Folder::new();
    folder.write("prog.py", "import os, random, time\nt = time.time(); time.sleep(1000)\nprint(time.gmtime(t)[:3], int(time.time() - t), os.urandom(8), random.random(), hash('x'), t, time.monotonic())");
    let run =
        |options: &[&str]| folder.run(["run"].iter().chain(options).chain(&["prog.py"])).succeeds();
    let first = run(&[]);
    assert!(first.starts_with("(2026, 1, 1) 1000 "), "{first}");
    assert_eq!(first, run(&[]));
    assert_eq!(first, run(&["--seed", "0"]));
    assert_ne!(first, run(&["--seed", "1"]));
    assert_ne!(first, run(&["--entropy", "host"]));
    folder.write(
        "prog.py",
        "import time\nprint(time.time() > 1767225600 + 86400, time.time_ns() < time.time_ns())",
    );
    assert_eq!(run(&["--clock", "host"]), "True True\n");
}

#[test]
fn a_loop_is_stopped_by_steps_and_its_files_are_kept() {
    let folder = Folder::new();
    folder.write(
        "prog.py",
        "open('kept', 'w').write('text')\nprint('ready', flush=True)\nwhile True: pass",
    );
    let ran = folder.run(["run", "--steps", "30000000000", "--save-diff", "out.tar", "prog.py"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(124), "ready\n"));
    assert!(
        ran.stderr().starts_with("stepwell: stopped by the limit of steps"),
        "{}",
        ran.stderr()
    );
    assert_eq!(archived(&folder.read("out.tar")), [("kept".to_string(), b"text".to_vec())]);
}

#[test]
fn python_3_11_runs_too() {
    let folder = Folder::new();
    folder.write("prog.py", "import json, re, sys; print(sys.version_info[:2], sys.argv[1:], json.dumps([re.findall('a', 'banana')]), sys.stdin.read())");
    let ran = folder.run_with(["run", "--runtime", "python@3.11", "prog.py", "x"], b"input");
    assert_eq!(ran.succeeds(), "(3, 11) ['x'] [[\"a\", \"a\", \"a\"]] input\n");
    folder.write("prog.py", "open('made', 'w').write('text')\nraise SystemExit(4)");
    let ran = folder.run(["run", "-r", "python@3.11", "--save-diff", "out.tar", "prog.py"]);
    assert_eq!(ran.status, Some(4), "{}", ran.stderr());
    assert_eq!(archived(&folder.read("out.tar")), [("made".to_string(), b"text".to_vec())]);
}
