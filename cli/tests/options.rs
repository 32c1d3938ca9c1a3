//! The command line: what it takes, what it refuses and how it says so. No runtime is needed.

mod common;

use common::{Folder, guests};

#[test]
fn a_bad_command_line_is_refused_in_one_line() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    folder.write("plain", "text");
    folder.write("folder/file", "text");
    folder.write("folder/file.py", "");
    let cases: &[(&[&str], i32, &str)] = &[
        (&[], 125, "run, freeze, inspect, export, verify, grade, runtimes, completions"),
        (&["runtimes"], 125, "list, install, verify, path, export, remove"),
        (&["walk"], 125, "'walk'"),
        (&["run"], 125, "PROGRAM"),
        (&["run", ""], 127, "no such file"),
        (&["run", "--nope", "ok.wasm"], 125, "'--nope'"),
        (&["run", "--steps", "0", "ok.wasm"], 125, "--steps"),
        (&["run", "--steps", "many", "ok.wasm"], 125, "--steps"),
        (&["run", "--memory", "1X", "ok.wasm"], 125, "64K"),
        (&["run", "--call-depth", "0", "ok.wasm"], 125, "--call-depth"),
        (&["run", "--stack-bytes", "65535", "ok.wasm"], 125, "at least 64K"),
        (&["run", "--fds", "-1", "ok.wasm"], 125, "-1"),
        (&["run", "--timeout", "soon", "ok.wasm"], 125, "0.5"),
        (&["run", "--timeout", "0", "ok.wasm"], 125, "above 0"),
        (&["verify"], 125, "RECEIPT"),
        (&["run", "--env", "NAME", "ok.wasm"], 125, "NAME=VALUE"),
        (&["run", "--env", "=VALUE", "ok.wasm"], 125, "NAME=VALUE"),
        (&["run", "--dir", "folder", "ok.wasm"], 125, "HOST::GUEST"),
        (&["run", "--dir", "folder::/f:wo", "ok.wasm"], 125, "wo"),
        (&["run", "--dir", "folder::/a/../b", "ok.wasm"], 125, ".."),
        (&["run", "--dir", "missing::/f", "ok.wasm"], 125, "missing"),
        (&["run", "--dir", "plain::/f", "ok.wasm"], 125, "plain"),
        (&["run", "--dir", "folder::/", "--dir", ".::/", "ok.wasm"], 125, "both"),
        (&["run", "--dir", "folder::/f", "--dir", ".::f/.", "ok.wasm"], 125, "both"),
        (&["run", "--fs", "missing.tar", "ok.wasm"], 125, "missing.tar"),
        (&["run", "--fs", "plain", "ok.wasm"], 125, "--fs"),
        (&["run", "--stdin", "missing", "ok.wasm"], 125, "missing"),
        (&["run", "--stdin", "folder", "ok.wasm"], 125, "folder"),
        (&["run", "--save-fs", "folder", "ok.wasm"], 125, "folder"),
        (&["run", "--save-diff", "missing/x.tar", "ok.wasm"], 125, "missing/x.tar"),
        (&["run", "--receipt", "ok.wasm", "ok.wasm"], 125, "it is to hold two things"),
        (&["run", "--invoke", "nope", "ok.wasm"], 126, "nope"),
        (&["run", "--invoke", "f", "--runtime", "python", "plain"], 125, "--invoke"),
        (&["run", "missing.py"], 127, "missing.py"),
        (&["run", "missing.wasm"], 127, "missing.wasm"),
        (&["run", "plain"], 127, "--runtime"),
        (&["run", "--runtime", "cobol", "plain"], 127, "cobol"),
        (&["run", "--runtime", "python@1.5", "plain"], 127, "python@1.5"),
        (&["run", "folder"], 125, "directory"),
        (&["run", "."], 125, "directory"),
        (&["runtimes", "path", "cobol"], 127, "cobol"),
        (&["--home", ".", "runtimes", "path", "ruby"], 127, "ruby 3.2.0 is not installed"),
        (&["--home", "plain", "run", "folder/file.py"], 125, "cannot make"),
        (&["completions", "nosh"], 125, "'nosh'"),
    ];
    for (args, status, reason) in cases {
        println!("stepwell {}", args.join(" "));
        folder.run(args.iter()).fails(*status, reason);
    }
}

#[test]
fn a_refused_run_leaves_no_file_behind() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    folder.run(["run", "--save-fs", "all.tar", "--fs", "missing", "ok.wasm"]).fails(125, "missing");
    let left: Vec<_> = folder.path().read_dir().expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn help_names_every_option_and_every_exit_status() {
    let help = Folder::new().run(["run", "--help"]).succeeds();
    for option in [
        "--runtime <NAME[@VERSION]>",
        "--argv0 <NAME>",
        "--env <NAME=VALUE>",
        "--invoke <NAME>",
        "--stdin <FILE>",
        "--dir <HOST::GUEST[:ro|:cow|:rw]>",
        "--fs <FILE.tar>",
        "--save-fs <FILE.tar>",
        "--save-diff <FILE.tar>",
        "--steps <N>",
        "--memory <BYTES>",
        "--table-elements <N>",
        "--call-depth <N>",
        "--stack-bytes <BYTES>",
        "--output-bytes <BYTES>",
        "--fs-bytes <BYTES>",
        "--fs-inodes <N>",
        "--fds <N>",
        "--args-bytes <BYTES>",
        "--timeout <SECONDS>",
        "--clock <CLOCK>",
        "--entropy <ENTROPY>",
        "--seed <N>",
        "--receipt <FILE>",
        "--profile <FILE>",
        "--json",
        "--stats",
        "--trace",
    ] {
        assert!(help.contains(option), "{option} is not in:\n{help}");
    }
    for status in [124, 125, 126, 127, 130, 134, 141] {
        assert!(help.contains(&format!("\n  {status}  ")), "{status} is not in:\n{help}");
    }
    let lines = help.lines().map(|line| line.chars().count());
    assert!(lines.max() <= Some(100), "{help}");
}

#[test]
fn help_names_every_subcommand() {
    let folder = Folder::new();
    let help = folder.run(["--help"]).succeeds();
    for command in ["run", "verify", "runtimes", "completions"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in:\n{help}");
    }
    let help = folder.run(["runtimes", "--help"]).succeeds();
    for command in ["list", "install", "verify", "path", "remove"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in:\n{help}");
    }
    assert!(folder.run(["--version"]).succeeds().starts_with("stepwell "));
}

#[test]
fn there_are_completions_for_every_shell() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.run(["completions", shell]).succeeds();
        assert!(script.contains("save-diff"), "{shell}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_a_failure_of_its_own() {
    let folder = Folder::new();
    folder.module("yes.wasm", &guests::writes_for_ever_to(1));
    for args in [&["completions", "bash"][..], &["runtimes", "list"], &["run", "yes.wasm"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it exists");
        let output = folder.stepwell(args).stdout(full).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(125), "{stderr}");
        assert!(stderr.starts_with("stepwell: cannot write standard output"), "{stderr}");
    }
}

#[test]
fn a_home_that_is_empty_is_none() {
    let folder = Folder::new();
    let listed = folder.run(["--home", "", "runtimes", "list"]).succeeds();
    assert!(listed.starts_with("RUNTIME"), "{listed}");
    let removed = folder.run(["--home", ".", "runtimes", "remove", "ruby"]).succeeds();
    assert_eq!(removed, "ruby@3.2.0 is not installed\n");
}

#[cfg(unix)]
#[test]
fn two_names_of_one_file_that_is_not_there_yet_are_seen() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    let link = |to, name| std::os::unix::fs::symlink(to, folder.path().join(name)).expect("a link");
    link("made", "link");
    link("link", "chain");
    link("loop", "loop");
    for other in ["link", "chain"] {
        let run = ["run", "--receipt", "made", "--save-fs", other, "ok.wasm"];
        folder.run(run).fails(125, "it is to hold two things");
    }
    folder.run(["run", "--receipt", "loop", "ok.wasm"]).succeeds();
    folder.run(["run", "--receipt", "chain", "ok.wasm"]).succeeds();
    assert!(folder.read("made").starts_with(b"{"));
}

#[test]
fn everything_after_the_program_is_an_argument() {
    let folder = Folder::new();
    folder.module("args.wasm", &guests::writes("args"));
    let cases: &[(&[&str], &str)] = &[
        (&["args.wasm"], "args.wasm\0"),
        (&["./args.wasm", "a", "", "b c"], "args.wasm\0a\0\0b c\0"),
        (
            &["args.wasm", "--help", "-x", "--", "--steps", "1"],
            "args.wasm\0--help\0-x\0--\0--steps\x001\0",
        ),
        (&["--", "args.wasm", "-"], "args.wasm\0-\0"),
        (&["--argv0", "other name", "args.wasm", "ü"], "other name\0ü\0"),
        (&["--argv0", "", "args.wasm"], "\0"),
    ];
    for (args, expected) in cases {
        let args = ["run"].iter().chain(args.iter());
        assert_eq!(folder.run(args).succeeds(), *expected);
    }
}

#[test]
fn a_long_argument_arrives_whole() {
    let folder = Folder::new();
    folder.module("args.wasm", &guests::writes("args"));
    let long = "a".repeat(50_000);
    let echoed = folder.run(["run", "args.wasm", &long]).succeeds();
    assert!(echoed == format!("args.wasm\0{long}\0"), "{} bytes", echoed.len());
}

#[test]
fn the_environment_is_exactly_what_is_given() {
    let folder = Folder::new();
    folder.module("environ.wasm", &guests::writes("environ"));
    let cases: &[(&[&str], &str)] = &[
        (&[], ""),
        (&["--env", "A=1"], "A=1\0"),
        (&["--env", "B=x=y", "-e", "A="], "B=x=y\0A=\0"),
    ];
    for (options, expected) in cases {
        let args = ["run"].iter().chain(options.iter()).chain(&["environ.wasm"]);
        let mut command = folder.stepwell(args);
        command.env("FROM_THE_CALLER", "1");
        assert_eq!(common::feed(command, b"").succeeds(), *expected);
    }
}

#[test]
fn a_limit_stops_the_guest_with_124() {
    let folder = Folder::new();
    folder.module("loop.wasm", guests::LOOPS);
    folder.module("yes.wasm", &guests::writes_for_ever_to(1));
    let cases: &[(&[&str], &str)] = &[
        (&["--steps", "100000", "loop.wasm"], "limit of steps"),
        (&["--memory", "60K", "loop.wasm"], "limit of linear memory"),
        (&["--output-bytes", "1000", "yes.wasm"], "limit of output bytes"),
    ];
    for (args, reason) in cases {
        let ran = folder.run(["run"].iter().chain(args.iter()));
        assert_eq!(ran.status, Some(124), "{}", ran.stderr());
        assert!(ran.stderr().starts_with("stepwell: stopped by the "), "{}", ran.stderr());
        assert!(ran.stderr().contains(reason), "{}", ran.stderr());
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_text_is_refused_or_shown_but_never_a_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    folder.module("args.wasm", &guests::writes("args"));
    let odd = OsStr::from_bytes(b"odd\xff");
    folder.run([OsStr::new("run"), OsStr::new("args.wasm"), odd]).fails(125, "UTF-8");
    for option in ["--env", "--dir", "--argv0", "--runtime", "--invoke"] {
        let args = [OsStr::new("run"), OsStr::new(option), odd, OsStr::new("args.wasm")];
        folder.run(args).fails(125, "UTF-8");
    }
    std::fs::rename(folder.path().join("args.wasm"), folder.path().join(odd)).expect("renamed");
    assert_eq!(folder.run([OsStr::new("run"), odd]).succeeds(), "odd\u{fffd}\0");
}
