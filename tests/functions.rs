//! Guests that check every function of preview1, group by group, in every kind of file system.

use std::collections::BTreeMap;

use engine::{Module, State};
use stepwell_tests::{Entry, Mode, Place, Run, compile};

/// Compiles a guest that begins with what they all share.
macro_rules! guest {
    ($name:literal) => {
        compile(
            $name,
            concat!(
                include_str!("guests/check.h"),
                "#line 1 \"",
                $name,
                "\"\n",
                include_str!(concat!("guests/", $name))
            ),
        )
    };
}

/// Runs a guest in a fresh place of every kind, and fails with what it has to say.
#[track_caller]
fn passes_everywhere(guest: &Module, name: &str) {
    for mode in Mode::ALL {
        let argv = [name.to_owned()];
        let run = Run { stdin_stays_open: true, ..Run::new(guest, &argv) };
        let (ran, _) = run.over(Place::new(mode, &[]).namespace());
        assert_eq!((ran.text().as_str(), ran.state), ("", State::Exited(0)), "{mode:?}");
    }
}

#[test]
fn every_fd_function_answers_as_decided() {
    passes_everywhere(&guest!("fd.c"), "fd");
}

#[test]
fn every_path_function_answers_as_decided() {
    passes_everywhere(&guest!("path.c"), "path");
}

#[test]
fn the_older_import_module_has_its_own_layouts() {
    passes_everywhere(&guest!("unstable.c"), "unstable");
}

#[test]
fn the_c_library_finds_what_it_expects() {
    passes_everywhere(&guest!("libc.c"), "libc");
}

#[test]
fn clocks_polls_randomness_arguments_and_sockets_answer_as_decided() {
    let guest = guest!("rest.c");
    let argv = ["rest", "", "zwei \u{e4}"].map(str::to_owned);
    let env = BTreeMap::from([("NAME".to_owned(), "value".to_owned())]);
    for mode in Mode::ALL {
        let run = Run { env: &env, stdin_stays_open: true, ..Run::new(&guest, &argv) };
        let (ran, _) = run.over(Place::new(mode, &[]).namespace());
        assert_eq!((ran.text().as_str(), ran.state), ("", State::Exited(0x12345)), "{mode:?}");
    }
}

#[test]
fn read_only_mounts_change_nothing() {
    let guest = guest!("readonly.c");
    let argv = ["readonly".to_owned()];
    for mode in Mode::ALL {
        let entries = [Entry::File("f", b"text"), Entry::Directory("d"), Entry::Symlink("l", "f")];
        let place = Place::new(mode, &entries);
        let before = place.digest();
        let (ran, _) = Run::new(&guest, &argv).over(place.read_only());
        assert_eq!((ran.text().as_str(), ran.state), ("", State::Exited(0)), "{mode:?}");
        assert_eq!(place.digest(), before, "{mode:?}");
    }
}
