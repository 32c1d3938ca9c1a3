//! The guest's files: host directories in their three modes, archives in and out. No runtime is needed.

mod common;

use std::fs;

use common::{Folder, Ran, archived, guests, names};

/// preview1's number of "bad file descriptor".
const BADF: i32 = 8;
/// preview1's number of "read-only file system".
const ROFS: i32 = 69;

/// A folder with the guest that reads and writes files, and a directory `host` with a file in it.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    folder.write("host/old", "old text");
    folder
}

/// Runs that guest with `options` before it and `args` behind it.
fn files(folder: &Folder, options: &[&str], args: &[&str]) -> Ran {
    folder.run(["run"].iter().chain(options).chain(&["files.wasm"]).chain(args))
}

#[test]
fn a_guest_sees_nothing_of_the_host() {
    let folder = folder();
    for path in ["files.wasm", "host/old", "etc/passwd", "../etc/passwd"] {
        let ran = files(&folder, &["--save-fs", "out.tar"], &[path]);
        assert!(matches!(ran.status, Some(44 | 63)), "{path}");
    }
}

#[test]
fn a_module_has_files_if_an_option_is_about_them() {
    let folder = folder();
    assert_eq!(files(&folder, &[], &["made", "text"]).status, Some(BADF));
    assert_eq!(files(&folder, &["--steps", "9999"], &["made", "text"]).status, Some(BADF));
    files(&folder, &["--save-diff", "out.tar"], &["made", "text"]).succeeds();
    for (option, value) in [
        ("--dir", "host::/"),
        ("--dir", "host::/data"),
        ("--fs", "out.tar"),
        ("--save-fs", "out.tar"),
        ("--fs-bytes", "1M"),
        ("--fs-inodes", "9"),
    ] {
        let ran = files(&folder, &[option, value], &["made", "text"]);
        assert_eq!(ran.status, Some(0), "{option}: {}", ran.stderr());
    }
}

#[test]
fn a_host_directory_is_read_in_every_mode() {
    let folder = folder();
    for mode in ["", ":ro", ":cow", ":rw"] {
        let option = format!("host::/data{mode}");
        assert_eq!(files(&folder, &["--dir", &option], &["data/old"]).succeeds(), "old text");
    }
    for root in ["host::/", "host::.", "host::/:ro", "host::/:rw"] {
        assert_eq!(files(&folder, &["--dir", root], &["old"]).succeeds(), "old text", "{root}");
    }
}

#[test]
fn only_a_read_write_directory_is_written_through() {
    for (mode, status, on_the_host) in
        [("", 0, "old text"), (":cow", 0, "old text"), (":ro", ROFS, "old text"), (":rw", 0, "new")]
    {
        let folder = folder();
        let option = format!("host::/data{mode}");
        let ran = files(&folder, &["--dir", &option], &["data/old", "new"]);
        assert_eq!(ran.status, Some(status), "{mode}: {}", ran.stderr());
        assert_eq!(folder.read("host/old"), on_the_host.as_bytes(), "{mode}");
        let ran = files(&folder, &["--dir", &option], &["data/added", "more"]);
        assert_eq!(ran.status, Some(status), "{mode}: {}", ran.stderr());
        assert_eq!(folder.path().join("host/added").exists(), mode == ":rw", "{mode}");
    }
}

#[test]
fn an_inner_directory_shows_through_an_outer_one_in_any_order() {
    let folder = folder();
    folder.write("inner/deep", "deep text");
    let cases = [["host::/data", "inner::/data/in"], ["inner::/data/in", "host::/data"]];
    for [first, second] in cases {
        let options = ["--dir", first, "--dir", second];
        assert_eq!(files(&folder, &options, &["data/old"]).succeeds(), "old text");
        assert_eq!(files(&folder, &options, &["data/in/deep"]).succeeds(), "deep text");
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_does_not_lead_out_of_a_host_directory() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    folder.write("secret", "secret");
    let host = folder.path().join("host");
    symlink("../secret", host.join("up")).expect("a link");
    symlink(folder.path().join("secret"), host.join("absolute")).expect("a link");
    symlink("..", host.join("parent")).expect("a link");
    symlink("old", host.join("inside")).expect("a link");
    for mode in ["ro", "cow", "rw"] {
        let option = format!("host::/data:{mode}");
        for path in ["data/up", "data/absolute", "data/parent/secret", "data/../../secret"] {
            let ran = files(&folder, &["--dir", &option], &[path]);
            assert!(matches!(ran.status, Some(44 | 63)), "{mode} {path}: {ran:?}");
            assert_eq!(ran.stdout(), "", "{mode} {path}");
        }
        let through = files(&folder, &["--dir", &option], &["data/inside"]).succeeds();
        assert_eq!(through, "old text");
    }
}

#[test]
fn the_difference_holds_what_was_written_and_nothing_else() {
    let folder = folder();
    let ran = files(&folder, &["--save-diff", "out.tar"], &["made", "text"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr());
    let expected = [("made".to_string(), b"text".to_vec())];
    assert_eq!(archived(&folder.read("out.tar")), expected);

    let options = ["--save-diff", "none.tar", "--dir", "host::/"];
    assert_eq!(files(&folder, &options, &["old"]).succeeds(), "old text");
    assert_eq!(names(&folder.read("none.tar")), [""; 0]);
}

#[test]
fn what_is_written_to_a_host_directory_is_kept_under_its_guest_path() {
    let folder = folder();
    let options = ["--save-diff", "diff.tar", "--save-fs", "all.tar", "--dir", "host::/data/host"];
    let ran = files(&folder, &options, &["data/host/made", "text"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr());
    let expected = [("data/host/made".to_string(), b"text".to_vec())];
    assert_eq!(archived(&folder.read("diff.tar")), expected);
    let all = archived(&folder.read("all.tar"));
    for (name, text) in [("data/host/made", "text"), ("data/host/old", "old text")] {
        assert!(all.contains(&(name.into(), text.into())), "{name}: {all:?}");
    }
}

#[test]
fn a_tree_that_was_saved_is_the_next_runs_start() {
    let folder = folder();
    let saved = files(&folder, &["--save-fs", "one.tar"], &["first", "1"]);
    assert_eq!(saved.status, Some(0), "{}", saved.stderr());
    let saved = files(&folder, &["--fs", "one.tar", "--save-fs", "two.tar"], &["second", "2"]);
    assert_eq!(saved.status, Some(0), "{}", saved.stderr());
    assert_eq!(names(&folder.read("two.tar")), ["first", "second"]);
    for (path, text) in [("first", "1"), ("second", "2")] {
        assert_eq!(files(&folder, &["--fs", "two.tar"], &[path]).succeeds(), text);
    }
}

#[test]
fn saving_twice_gives_the_same_archive() {
    let folder = folder();
    for name in ["one.tar", "two.tar"] {
        files(&folder, &["--save-fs", name, "--dir", "host::/data"], &["made", "text"]);
    }
    assert!(folder.read("one.tar") == folder.read("two.tar"));
}

#[test]
fn files_are_saved_after_a_trap_and_a_limit() {
    let folder = folder();
    folder.module("trap.wasm", r#"(module (func (export "_start") unreachable))"#);
    folder.module("loop.wasm", guests::LOOPS);
    let cases: &[(&[&str], i32)] =
        &[(&["trap.wasm"], 134), (&["--steps", "1000000", "loop.wasm"], 124)];
    for (args, status) in cases {
        let options = ["run", "--save-fs", "out.tar", "--dir", "host::/data"];
        assert_eq!(folder.run(options.iter().chain(*args)).status, Some(*status));
        assert!(names(&folder.read("out.tar")).contains(&"data/old".to_string()));
        fs::remove_file(folder.path().join("out.tar")).expect("it was written");
    }
}

#[test]
fn a_limit_of_bytes_holds_for_files() {
    let folder = folder();
    let ran = files(&folder, &["--fs-bytes", "2"], &["made", "text"]);
    // A short count is not an error, so the guest ends well; what it wrote is cut.
    assert!(matches!(ran.status, Some(0 | 51)), "{ran:?}");
    let options = ["--fs-bytes", "2", "--save-fs", "out.tar"];
    files(&folder, &options, &["made", "text"]);
    let bytes: usize = archived(&folder.read("out.tar")).iter().map(|(_, text)| text.len()).sum();
    assert!(bytes <= 2, "{bytes}");
}

#[cfg(unix)]
#[test]
fn an_archive_is_a_file_like_any_other() {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
    let folder = folder();
    // As readable as a file that the caller makes.
    folder.write("usual", "");
    files(&folder, &["--save-fs", "out.tar"], &["made", "text"]);
    let mode = |name| fs::metadata(folder.path().join(name)).expect("it is there").mode();
    assert_eq!(mode("out.tar"), mode("usual"));

    // Through a link, and not in its place.
    symlink("out.tar", folder.path().join("link.tar")).expect("a link");
    files(&folder, &["--save-fs", "link.tar"], &["other", "text"]);
    let link = fs::symlink_metadata(folder.path().join("link.tar")).expect("it is there");
    assert!(link.is_symlink());
    assert_eq!(names(&folder.read("out.tar")), ["other"]);

    // Into a pipe, and not in its place.
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).expect("the archive")
    });
    files(&folder, &["--save-fs", "pipe"], &["made", "text"]);
    assert_eq!(names(&reader.join().expect("it is read")), ["made"]);
    assert!(fs::metadata(pipe).expect("it is there").file_type().is_fifo());
}

#[test]
fn nothing_is_left_beside_an_archive() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    files(&folder, &["--save-fs", "out.tar"], &["made", "text"]);
    let entries = folder.path().read_dir().expect("a folder");
    let mut left: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["files.wasm", "out.tar"]);
}
