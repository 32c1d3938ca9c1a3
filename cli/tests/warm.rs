//! `--warm`: programs on an interpreter that was started before do what they do on one that is started for them.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{Folder, Ran, archived};

/// What a program gives, as far as another run can give the same.
fn seen(ran: &Ran) -> (Option<i32>, String, String) {
    let lines = ran.stderr();
    let lines = lines.lines().filter(|line| !line.starts_with("stepwell: starting "));
    (ran.status, ran.stdout(), lines.collect::<Vec<_>>().join("\n"))
}

/// Runs each program cold and warm, with arguments, a variable and some lines of input, and compares.
fn compare(extension: &str, programs: &[(&str, &str)]) {
    let folder = Folder::new();
    for (name, text) in programs {
        let file = format!("{name}.{extension}");
        folder.write(&file, text);
        let run = |warm: &[&str]| {
            let options = ["run", "--env", "HOME=/home", "--save-diff", "files.tar"];
            let args = [file.as_str(), "-x", "two words", "é"];
            let all = options.iter().chain(warm).chain(&args).copied();
            let ran = folder.run_with(all, b"first line\nsecond line\n");
            (seen(&ran), archived(&folder.read("files.tar")))
        };
        let (cold, warm) = (run(&[]), run(&["--warm"]));
        assert_eq!(warm, cold, "{file}");
    }
}

#[test]
fn python_programs_cannot_tell() {
    compare(
        "py",
        &[
            (
                "main",
                "import sys, os, __main__\n\
                 print(sys.argv, sys.orig_argv, sys.path[0], __name__, __file__, list(globals()))\n\
                 print(__doc__, __package__, __spec__, __annotations__, __cached__, __builtins__)\n\
                 print(dict(os.environ), os.listdir('/'), sys.flags)\n\
                 import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)\n",
            ),
            ("input", "print(input('? ').upper())\nfor line in open(0): print(line, end='')\n"),
            (
                "trace",
                "def f(n):\n  if n == 0: raise ValueError('deep')\n  f(n - 1)\n\
                 try:\n  f(2)\nexcept ValueError as error:\n  raise RuntimeError('outer') from error\n",
            ),
            ("syntax", "x = 1\nif x:\nprint(x)\n"),
            ("group", "raise ExceptionGroup('g', [ValueError(1), TypeError('x')])\n"),
            ("exit_text", "import sys\nsys.exit('text')\n"),
            ("exit_300", "raise SystemExit(300)\n"),
            (
                "exit_broken",
                "import sys\nclass S:\n  def __str__(self): return 1/0\nsys.exit(S())\n",
            ),
            (
                "exit_broken_with_threads",
                "import sys, threading\nclass S:\n  def __str__(self): return 1/0\nsys.exit(S())\n",
            ),
            ("exit_without_stderr", "import sys\nsys.stderr = None\nsys.exit('text')\n"),
            ("interrupt", "raise KeyboardInterrupt\n"),
            (
                "atexit",
                "import atexit, sys\natexit.register(print, 'last')\n@atexit.register\ndef first(): print('first')\n\
                 f = open('/out.txt', 'w')\nf.write('not closed')\nsys.stdout.write('no newline')\n",
            ),
            (
                "destructors",
                "class A:\n  def __init__(self, n): self.n = n\n  def __del__(self): print('del', self.n)\n\
                 a = A(1)\nb = A(2)\nb.me = b\ndef f(): return a\n",
            ),
            (
                "globals",
                "import os, contextlib\nclass A:\n  def __del__(self): helper(os.path.basename('/a/gone'))\n\
                 def helper(text): print('del', text)\n\
                 def items():\n  try: yield 1\n  finally: helper(os.sep)\n\
                 @contextlib.contextmanager\ndef held():\n  try: yield\n  finally: helper('held')\n\
                 a, g, h = A(), items(), held()\nnext(g); h.__enter__()\n",
            ),
            (
                "held_elsewhere",
                "import json\nclass A:\n  def __del__(self): print('del')\na = A()\n\
                 def default(self, o): return 7\njson.JSONEncoder.default = default\nprint(json.dumps(a))\n",
            ),
            (
                "wrapped",
                "import sys\nclass Tee:\n  def __init__(self, to): self.to = to\n  def write(self, text): self.to.write(text)\n  \
                 def flush(self): self.to.flush()\nsys.stdout = Tee(sys.stdout)\nprint('hello')\n",
            ),
            (
                "no_flush",
                "import sys\nclass Broken:\n  def write(self, text): pass\n  def flush(self): raise OSError('full')\n\
                 sys.stderr = Broken()\nprint('hello')\n",
            ),
            ("detached", "import sys\nprint('hello')\nsys.stdout.detach()\n"),
            (
                "hook",
                "import sys\ndef hook(*a):\n  print('hooked', a[0].__name__, a[2].tb_lineno)\n  raise KeyError(1)\n\
                 sys.excepthook = hook\n1/0\n",
            ),
            (
                "random",
                "import random, os\nprint(random.random(), hash('a'), os.urandom(4).hex())\n",
            ),
            ("random", "import random\nprint(random.__file__)\n"),
            ("threading", "import threading\nprint(threading.__file__)\n"),
            (
                "strange",
                "import sys\nclass A: pass\nsys.modules['a'] = A\nsys.modules['b'] = 7\nglobals()[1] = 2\nprint('still')\n",
            ),
            ("no_stdout", "import sys\nsys.stdout = None\nsys.exit('text')\n"),
            ("closed", "import sys\nsys.stdout.close()\n"),
            ("warnings", "import warnings\nwarnings.warn('careful')\nassert (1, 'x')\n'\\d'\n"),
        ],
    );
}

#[test]
fn ruby_programs_cannot_tell() {
    compare(
        "rb",
        &[
            (
                "main",
                "p ARGV, $0, __FILE__, __dir__, __method__, self, ENV.to_h, Dir.entries('/').sort\n\
                 puts 'main' if __FILE__ == $0\np local_variables\nx = 1\np defined?(x)\n",
            ),
            ("input", "ARGV.clear\np gets, $stdin.read\n"),
            (
                "trace",
                "def f(n)\n  raise ArgumentError, 'deep' if n == 0\n  f(n - 1)\nend\n\
                 begin\n  f(2)\nrescue\n  raise 'outer'\nend\n",
            ),
            ("nothing", "nil.foo\n"),
            ("syntax", "def f\n"),
            ("throw", "throw :x\n"),
            (
                "exit",
                "at_exit { puts 'bye'; exit 7 }\nf = File.open('/out.txt', 'w')\nf.write 'not closed'\nexit 3\n",
            ),
            ("abort", "abort 'stop'\n"),
            ("end", "p DATA.read\n__END__"),
            ("data", "p DATA.read, DATA.lineno\n__END__\na\nb\n"),
            (
                "frozen",
                "# frozen_string_literal: true\nbegin\n  'a' << 'b'\nrescue => e\n  p e\nend\n\
                 BEGIN { puts 'begin' }\nEND { puts 'end' }\n",
            ),
        ],
    );
}

#[test]
fn a_warm_program_gets_the_files_limits_and_reports_that_are_asked_for() {
    let folder = Folder::new();
    folder.write("host/data.txt", "from the host");
    folder
        .write("read.py", "print(open('/data/data.txt').read())\nopen('/made', 'w').write('x')\n");
    let ran = folder.run(["run", "--warm", "--dir", "host::/data:ro", "read.py"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), "from the host\n"));
    folder.write("spin.py", "while True: pass\n");
    let ran = folder.run(["run", "--warm", "--steps", "1000000", "spin.py"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(124), ""), "{}", ran.stderr());
    assert!(ran.stderr().contains("those of the interpreter's start among them"), "{ran:?}");
    folder.write("trap.rb", "raise Interrupt\n");
    let ran = folder.run(["run", "--warm", "trap.rb"]);
    assert_eq!(ran.status, Some(134));
    assert!(ran.stderr().contains("it was thawed from an image"), "{}", ran.stderr());
    let ran = folder.run(["run", "--warm", "--memory", "1M", "read.py"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(126), ""), "{}", ran.stderr());
    assert!(ran.stderr().contains("--memory: the started interpreter alone has"), "{ran:?}");
    folder.write("host/own.py", "name = 'own'\n");
    folder.write("path.py", "import own\nprint(own.name)\n");
    let args = ["run", "--warm", "--env", "PYTHONPATH=/packages", "--dir", "host::/packages"];
    assert_eq!(folder.run(args.iter().chain(&["path.py"])).stdout(), "own\n");
    folder.write("json.py", "print(1)\n");
    let ran = folder.run(["run", "--warm", "--json", "json.py"]).stdout();
    assert!(ran.contains("\"stdout\":\"1\\n\""), "{ran}");
}

#[cfg(unix)]
#[test]
fn a_warm_image_that_has_rotted_is_made_again() {
    let folder = Folder::new();
    folder.write("hello.py", "print('hello')\n");
    folder.run(["runtimes", "install", "python"]).succeeds();
    let module = folder.run(["runtimes", "path", "python"]).succeeds();
    let blobs = Path::new(module.trim_end()).ancestors().nth(2).expect("the installed files");
    let home = folder.path().join("home");
    fs::create_dir(&home).expect("a folder");
    std::os::unix::fs::symlink(blobs, home.join("blobs")).expect("a link");
    let run = || {
        let mut command = folder.stepwell(["run", "--warm", "hello.py"]);
        Ran::of(command.env("STEPWELL_HOME", &home).stdin(Stdio::null()).output())
    };
    assert!(run().stderr().contains("to keep it warm"));
    assert_eq!(run().stderr(), "");
    for entry in fs::read_dir(home.join("derived")).expect("the folder of what was made") {
        let path = entry.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("a file is read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(&path).expect("a file is removed");
        fs::write(&path, bytes).expect("a file is written");
    }
    let ran = run();
    assert!(ran.stderr().contains("to keep it warm"), "{}", ran.stderr());
    assert_eq!(ran.stdout(), "hello\n");
}

#[test]
fn what_cannot_be_warm_is_refused_by_name() {
    let folder = Folder::new();
    folder.write("a.py", "");
    folder.write("a.js", "");
    folder.write("a.c", "");
    folder.write(".stepwell", "");
    folder.module("a.wasm", &common::guests::exits_with(0));
    let cases: &[(&[&str], &str)] = &[
        (&["run", "--warm", "a.js"], "javascript cannot be started warm"),
        (&["run", "--warm", "a.c"], "c cannot be started warm"),
        (&["run", "--warm", "a.wasm"], "--warm is for source files"),
        (&["run", "--warm", "--receipt", "r.json", "a.py"], "--receipt"),
        (&["run", "--warm", "--profile", "p.txt", "a.py"], "--profile"),
        (&["run", "--warm", "--argv0", "x", "a.py"], "--argv0"),
        (&["run", "--warm", "--clock", "host", "a.py"], "--clock host"),
        (&["run", "--warm", "--entropy", "host", "a.py"], "--entropy host"),
        (&["run", "--warm", "--dir", ".::/", "a.py"], "mount it below /"),
        (&["run", "--warm", "--args-bytes", "5", "a.py"], "bytes, and 5 are allowed"),
        (&["run", "--warm", "--call-depth", "9", "a.py"], "did not start warm: call stack"),
        (&["freeze", "--at", "stdin", "-o", "i", "--warm", "a.py"], "--warm"),
        (&["run", "--warm", "--runtime", "python", ".stepwell"], "cannot be called .stepwell"),
    ];
    for (args, message) in cases {
        let ran = folder.run(args.iter().copied());
        assert_eq!(ran.status, Some(125), "{args:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(message), "{args:?}: {}", ran.stderr());
    }
}
