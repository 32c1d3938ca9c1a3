//! Scripts of file operations whose outcome was recorded on a real directory, replayed in every kind of file system.
//!
//! guests/fsops.c replays a script on descriptor 3 and prints what every operation gave, then everything that is there.
//! The base is the same for all scripts; the golden output does not depend on times, inode numbers or listing order.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use engine::vfs::Namespace;
use engine::{Module, State};
use stepwell_tests::{Entry, Mode, Place, Run, compile};

static GUEST: LazyLock<Module> =
    LazyLock::new(|| compile("fsops.c", include_str!("guests/fsops.c")));

/// What every script starts with.
fn base<T>(make: impl FnOnce(&[Entry<'_>]) -> T) -> T {
    make(&[
        Entry::Directory("a"),
        Entry::Directory("a/b"),
        Entry::Directory("b"),
        Entry::Directory("emp"),
        Entry::File("a/f", b"0123456789"),
        Entry::File("b/g", &[b'G'; 5000]),
        Entry::File("big", &b"big!".repeat(17_500)),
        Entry::File("a/b/x", b"x"),
        Entry::Symlink("l", "a/f"),
        Entry::Symlink("ld", "b"),
    ])
}

/// The scripts with their golden outputs, by name.
fn scripts() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/fsops");
    let entries = std::fs::read_dir(folder).expect("the scripts are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a script").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let read = |path: PathBuf| {
        let golden = std::fs::read_to_string(path.with_extension("golden")).expect("its output");
        let script = std::fs::read_to_string(&path).expect("a script");
        (path.file_stem().expect("its name").to_string_lossy().into_owned(), script, golden)
    };
    paths.into_iter().map(read).collect()
}

fn replay(script: &str, files: Namespace) -> (String, Namespace) {
    let argv = ["fsops".to_owned()];
    let run = Run { stdin: script.as_bytes(), ..Run::new(&GUEST, &argv) };
    let (ran, files) = run.over(files);
    assert_eq!(ran.state, State::Exited(0), "{}", ran.text());
    (ran.text(), files)
}

/// Fails with the first line that differs.
#[track_caller]
fn assert_same(found: &str, golden: &str, what: &str) {
    for (found, golden) in found.lines().zip(golden.lines()) {
        assert_eq!(found, golden, "{what}");
    }
    assert_eq!(found.lines().count(), golden.lines().count(), "{what}");
}

#[test]
fn every_script_gives_its_golden_output_in_every_file_system() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 60);
    for (name, script, golden) in &scripts {
        for mode in Mode::ALL {
            let place = base(|entries| Place::new(mode, entries));
            let (found, _) = replay(script, place.namespace());
            assert_same(&found, golden, &format!("{name}, {mode:?}"));
        }
    }
}
