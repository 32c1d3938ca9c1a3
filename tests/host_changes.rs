//! A guest over a directory of the host that others change while it waits: whatever it asks then, it gets an errno or what
//! was in the directory, and it changes nothing but what it may.
#![cfg(unix)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::LazyLock;

use engine::{Module, Process, State};
use stepwell_tests::{Entry, Mode, Place, compile};
use tempfile::TempDir;

static GUEST: LazyLock<Module> =
    LazyLock::new(|| compile("host_changes.c", include_str!("guests/host_changes.c")));

const BEFORE: &[u8] = b"0123456789012345678901234567890123456789";
const LATER: &[u8] = b"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij";
const SECRET: &[u8] = b"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!";

/// How a directory is given to the guest.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Given {
    CopyOnWrite,
    ReadOnly,
    ReadWrite,
}

fn place(given: Given) -> Place {
    let mode = if given == Given::ReadWrite { Mode::ReadWrite } else { Mode::CopyOnWrite };
    Place::new(
        mode,
        &[
            Entry::Directory("d"),
            Entry::Directory("d/e"),
            Entry::File("f", BEFORE),
            Entry::File("d/f", BEFORE),
            Entry::File("d/e/g", BEFORE),
            Entry::Symlink("l", "d/f"),
        ],
    )
}

/// What others do to the directory, which is the first, with the one beside it.
type Change = (&'static str, fn(&Path, &Path));

const CHANGES: &[Change] = &[
    ("nothing", |_, _| {}),
    ("files are removed", |inside, _| {
        fs::remove_file(inside.join("f")).unwrap();
        fs::remove_file(inside.join("d/f")).unwrap();
    }),
    ("files are cut", |inside, _| {
        for (path, len) in [("f", 0), ("d/f", 5)] {
            OpenOptions::new().write(true).open(inside.join(path)).unwrap().set_len(len).unwrap();
        }
    }),
    ("files grow", |inside, _| {
        for path in ["f", "d/f"] {
            let mut file = OpenOptions::new().append(true).open(inside.join(path)).unwrap();
            file.write_all(LATER).unwrap();
        }
    }),
    ("files become directories", |inside, _| {
        for path in ["f", "d/f"] {
            fs::remove_file(inside.join(path)).unwrap();
            fs::create_dir(inside.join(path)).unwrap();
            fs::write(inside.join(path).join("g"), LATER).unwrap();
        }
    }),
    ("files become links that lead out", |inside, outside| {
        for path in ["f", "d/f", "d/e/g"] {
            fs::remove_file(inside.join(path)).unwrap();
            symlink(outside.join("f"), inside.join(path)).unwrap();
        }
    }),
    ("a directory becomes a link that leads out", |inside, outside| {
        fs::remove_dir_all(inside.join("d")).unwrap();
        symlink(outside, inside.join("d")).unwrap();
    }),
    (
        "a directory inside another becomes a link that leads out by its parents",
        |inside, outside| {
            fs::remove_dir_all(inside.join("d/e")).unwrap();
            let name = outside.file_name().expect("it has a name");
            symlink(Path::new("../..").join(name), inside.join("d/e")).unwrap();
        },
    ),
    ("a directory becomes a file", |inside, _| {
        fs::remove_dir_all(inside.join("d")).unwrap();
        fs::write(inside.join("d"), LATER).unwrap();
    }),
    ("a directory is replaced", |inside, _| {
        fs::rename(inside.join("d"), inside.join("was")).unwrap();
        fs::create_dir_all(inside.join("d/e")).unwrap();
        fs::write(inside.join("d/f"), LATER).unwrap();
        fs::write(inside.join("d/e/g"), LATER).unwrap();
    }),
    ("a link leads out", |inside, outside| {
        fs::remove_file(inside.join("l")).unwrap();
        symlink(outside.join("f"), inside.join("l")).unwrap();
    }),
    ("everything is removed", |inside, _| {
        fs::remove_dir_all(inside.join("d")).unwrap();
        fs::remove_file(inside.join("f")).unwrap();
        fs::remove_file(inside.join("l")).unwrap();
    }),
    ("the directory itself is removed", |inside, _| fs::remove_dir_all(inside).unwrap()),
];

const LOOKS: &str =
    "list .\nlist d\nlist d/e\nstat f\nstat d/f\nstat l\nread f\nread d/f\nread d/e/g\nread l\n";
const HOLDS: &str = "hold f\nhold d/f\nhold d/e/g\n";
const ACTS: &str = "held\nwrite f\nappend d/f\nreplace d/e/g\nmake new\nmake d/new\nmkdir made\nmkdir d/made\n\
    link f linked\nrename d/f moved\nrename d/e f2\nremove f\nremove d/f\nremove d/e/g\nremove d/e\nremove d\n\
    remove l\nreplace l\nreplace d/f\n";

/// The guest's answers to some commands, after which it waits for more.
#[track_caller]
fn answers(process: &mut Process, commands: &'static str) -> Vec<String> {
    process.feed_stdin(commands.into());
    let mut text = Vec::new();
    loop {
        let state = process.run(10_000_000);
        text.extend_from_slice(&process.drain_stdout());
        match state {
            State::Yielded => {}
            State::Blocked(wait) if wait.input => break,
            state => panic!("{state:?} after {}", text.escape_ascii()),
        }
    }
    let text = String::from_utf8(text).expect("nothing but text is in the files");
    let answers: Vec<_> = text.lines().map(str::to_owned).collect();
    let first = |text: &str| text.split(':').next().map(str::to_owned);
    for command in commands.lines().filter(|command| *command != "held") {
        let answered = answers.iter().any(|answer| first(answer).as_deref() == Some(command));
        assert!(answered, "no answer to {command}: {answers:?}");
    }
    answers
}

/// An answer that could not be given: bytes or names that were never in the directory.
fn is_impossible(answer: &str) -> bool {
    let (_, answer) = answer.split_once(": ").expect("an answer");
    match answer.split_once(' ') {
        Some(("names", names)) => names.contains("secret"),
        Some((_, data)) if data.starts_with("bytes") => {
            let data = data["bytes".len()..].trim_start();
            data.contains(|byte| !matches!(byte, '0'..='9' | 'a'..='j' | 'A'..='J' | '.'))
        }
        _ => false,
    }
}

#[test]
fn a_directory_that_changes_meanwhile_is_an_errno_or_what_was_there() {
    for given in [Given::CopyOnWrite, Given::ReadOnly, Given::ReadWrite] {
        for (name, change) in CHANGES {
            for seen in ["", LOOKS, HOLDS] {
                let what = format!("{given:?}: {name} after {seen:?}");
                let outside = TempDir::new().unwrap();
                fs::write(outside.path().join("f"), SECRET).unwrap();
                fs::write(outside.path().join("secret"), SECRET).unwrap();
                let place = place(given);
                let inside = place.directory().expect("a directory of the host").to_path_buf();
                let files = match given {
                    Given::ReadOnly => place.read_only(),
                    _ => place.namespace(),
                };
                let mut process = Process::builder(&GUEST).arg("guest").fs(files).spawn().unwrap();
                let at_first = answers(&mut process, seen);
                change(&inside, outside.path());
                let left = snapshot(&inside);
                let mut found = at_first;
                for commands in [LOOKS, ACTS, LOOKS] {
                    found.extend(answers(&mut process, commands));
                }
                let impossible: Vec<_> =
                    found.iter().filter(|answer| is_impossible(answer)).collect();
                assert!(impossible.is_empty(), "{what}: {impossible:?}");
                if *name == "nothing" {
                    let whole = format!("read l: 40 bytes {}", str::from_utf8(BEFORE).unwrap());
                    assert!(found.contains(&whole), "{what}: {found:?}");
                }
                if given == Given::ReadOnly {
                    let rofs = |answer: &&String| answer.ends_with("errno 69");
                    assert!(found.iter().filter(rofs).count() >= 2, "{what}: {found:?}");
                }
                process.close_stdin();
                assert_eq!(process.run(u64::MAX), State::Exited(0), "{what}");
                assert_eq!(fs::read(outside.path().join("f")).unwrap(), SECRET, "{what}");
                assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2, "{what}");
                if given != Given::ReadWrite {
                    assert_eq!(snapshot(&inside), left, "{what}");
                }
            }
        }
    }
}

/// Every path of a directory with what is there, and when it changed last.
fn snapshot(dir: &Path) -> Vec<String> {
    let mut seen = Vec::new();
    let mut rest = vec![dir.to_path_buf()];
    while let Some(path) = rest.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if metadata.is_dir() {
            rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        seen.push(format!("{path:?} {:?} {content:?}", metadata.modified().unwrap()));
    }
    seen.sort();
    seen
}
