//! Scripts of file operations whose outcome was recorded on a real directory, replayed in every kind of file system.
//!
//! guests/fsops.c replays a script on descriptor 3 and prints what every operation gave, then everything that is there.
//! The base is the same for all scripts; the golden output does not depend on times, inode numbers or listing order.

use std::sync::LazyLock;

use engine::vfs::Namespace;
use engine::{Module, State};
use stepwell_tests::{Entry, Mode, Place, Run, SCRIPT_BASE, Script, compile, scripts};

static GUEST: LazyLock<Module> =
    LazyLock::new(|| compile("fsops.c", include_str!("guests/fsops.c")));

/// What every script starts with, but two of the files have one more name each.
fn linked_base() -> Vec<Entry<'static>> {
    let mut entries = SCRIPT_BASE.to_vec();
    entries.extend([Entry::HardLink("b/h", "b/g"), Entry::HardLink("c", "a/f")]);
    entries
}

fn replay(script: &str, files: Namespace) -> (String, Namespace) {
    let argv = ["fsops".to_owned()];
    let run = Run { stdin: script.as_bytes(), ..Run::new(&GUEST, &argv) };
    let (ran, files) = run.over(files);
    assert_eq!(ran.state, State::Exited(0), "{}", ran.text());
    (ran.text(), files)
}

/// The lines of two outputs that differ.
fn differences(found: &str, golden: &str) -> Vec<String> {
    let (mut found, mut golden) = (found.lines(), golden.lines());
    let mut different = Vec::new();
    loop {
        match (found.next(), golden.next()) {
            (None, None) => return different,
            (found, golden) if found == golden => {}
            (found, golden) => {
                let [found, golden] = [found, golden].map(|line| line.unwrap_or("the end"));
                different.push(format!("found {found}, golden {golden}"));
            }
        }
    }
}

/// Lines that the golden output has otherwise, because the engine that recorded it does not let directories be synced.
/// Here they can be, as on Linux.
const SYNCED_DIRECTORIES: [(&str, &str); 3] =
    [("core_000", "78 sync 4"), ("core_015", "31 sync 3"), ("core_018", "90 sync 4")];

/// The golden output with the answers of this project.
fn decided(name: &str, golden: &str) -> String {
    let mut golden = golden.to_owned();
    for (_, line) in SYNCED_DIRECTORIES.iter().filter(|(script, _)| *script == name) {
        golden = golden.replace(&format!("{line}: BADFD\n"), &format!("{line}: ok\n"));
    }
    golden
}

#[test]
fn every_script_gives_its_golden_output_in_every_file_system() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 60);
    let mut wrong = Vec::new();
    for Script { name, text, golden } in &scripts {
        for mode in Mode::ALL {
            let place = Place::new(mode, &SCRIPT_BASE);
            let before = place.digest();
            let (found, _) = replay(text, place.namespace());
            let different = differences(&found, &decided(name, golden));
            wrong.extend(different.iter().map(|line| format!("{name}, {mode:?}: {line}")));
            if mode != Mode::ReadWrite {
                assert_eq!(place.digest(), before, "{name}, {mode:?}: the base has changed");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_script_over_files_with_several_names_does_as_on_a_real_directory() {
    let mut wrong = Vec::new();
    for Script { name, text, golden } in &scripts() {
        let place = |mode| Place::new(mode, &linked_base());
        let (real, _) = replay(text, place(Mode::ReadWrite).namespace());
        assert!(!differences(&real, golden).is_empty(), "{name}: the further names do not show");
        for mode in [Mode::Memory, Mode::CopyOnWrite] {
            let place = place(mode);
            let before = place.digest();
            let (found, _) = replay(text, place.namespace());
            let different = differences(&found, &real);
            wrong.extend(different.iter().map(|line| format!("{name}, {mode:?}: {line}")));
            assert_eq!(place.digest(), before, "{name}, {mode:?}: the base has changed");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_done_to_one_name_shows_under_the_others() {
    let steps = [
        ("stat c 0", "ok t4 size=10 nlink=2"),
        ("open 0 c - rw 0 1", "ok"),
        ("trunc 0 3", "ok"),
        ("stat a/f 0", "ok t4 size=3 nlink=2"),
        ("rename c b/moved", "ok"),
        ("stat b/moved 0", "ok t4 size=3 nlink=2"),
        ("unlink a/f", "ok"),
        ("fstat 0", "ok t4 size=3 nlink=1"),
        ("link b/moved a/f", "ok"),
        ("stat a/f 0", "ok t4 size=3 nlink=2"),
        ("rename b/h b/g", "ok"),
        ("stat b/h 0", "ok t4 size=5000 nlink=2"),
        ("rename b/moved b/g", "ok"),
        ("stat b/h 0", "ok t4 size=5000 nlink=1"),
        ("stat b/g 0", "ok t4 size=3 nlink=2"),
        ("unlink b/g", "ok"),
        ("unlink a/f", "ok"),
        ("fstat 0", "ok t4 size=3 nlink=0"),
        ("read 0 9", "ok 3 d5a06ab0"),
    ];
    let script = steps.map(|(step, _)| step).join("\n");
    for mode in Mode::ALL {
        let place = Place::new(mode, &linked_base());
        let (found, _) = replay(&script, place.namespace());
        for (number, ((step, answer), line)) in steps.iter().zip(found.lines()).enumerate() {
            assert_eq!(line, format!("{} {step}: {answer}", number + 1), "{mode:?}");
        }
    }
}

#[test]
fn a_fork_in_the_middle_of_a_script_goes_on_as_the_original() {
    // Any step will do, as long as it is another one in each script and the same in each run.
    let mut step = 7;
    for Script { name, text, .. } in scripts() {
        let lines: Vec<&str> = text.lines().collect();
        step = (step * 31 + 17) % lines.len();
        let (first, second) = (lines[..step].join("\n"), lines[step..].join("\n"));
        for mode in [Mode::Memory, Mode::CopyOnWrite] {
            let place = Place::new(mode, &SCRIPT_BASE);
            let (_, mut original) = replay(&first, place.namespace());
            let mut left_alone = original.fork().expect("a tree can be forked");
            let in_the_middle = digest(&mut original);
            let (by_fork, mut fork) = replay(&second, original.fork().expect("a tree"));
            assert_eq!(digest(&mut original), in_the_middle, "{name}, {mode:?}, {step}");
            let (by_original, mut original) = replay(&second, original);
            assert_eq!(by_fork, by_original, "{name}, {mode:?}, {step}");
            assert_eq!(digest(&mut fork), digest(&mut original), "{name}, {mode:?}, {step}");
            assert_eq!(digest(&mut left_alone), in_the_middle, "{name}, {mode:?}, {step}");
        }
    }
}

#[test]
fn the_same_script_ends_in_the_same_tree() {
    for Script { name, text, .. } in scripts().into_iter().step_by(7) {
        let place = Place::new(Mode::Memory, &SCRIPT_BASE);
        let mut ends = [(); 2].map(|()| replay(&text, place.namespace()).1);
        assert_eq!(digest(&mut ends[0]), digest(&mut ends[1]), "{name}");
    }
}

/// The hash of a guest's only file system, which is a tree.
fn digest(files: &mut Namespace) -> [u8; 32] {
    let (_, root) = files.mounts_mut().next().expect("a root");
    let tree = root.fs.as_tree_mut().expect("the root is a tree");
    tree.digest().expect("everything can be read")
}
