//! Paths through links, dots and mounts: the walk must do what the host's own directories do, and stay inside.

mod kernel;
mod layout;
mod reference;
mod world;

use std::collections::BTreeMap;

use stepwell_vfs::{Errno, Follow, GuestPath};
use tempfile::TempDir;

use self::layout::{Entry, any_layout, any_path, dump};
use self::reference::{End, LINKS_MAX, resolve};
use self::world::{Action, MOUNT, World};
use crate::choices::Choices;

/// What lies beside the directories, and must stay as it is.
const SECRET: &str = "secret";
const QUERIES_MAX: usize = 24;
/// A path of a tree is limited as a whole, which one of the host is not.
const DEPTH_BYTES_MAX: usize = 3000;

/// A random layout of directories, files and links, and random paths through it, in four places: a tree, a host
/// directory read and written, a tree above a host directory, and a host directory mounted on a tree. Each walk must
/// end where the kernel's ends (as far as it can confine one) and where a plain resolution through the standard library
/// ends. What is then done at that place must have the same result everywhere, and nothing beside the directories may
/// change.
///
/// # Panics
/// If one of that does not hold.
pub fn path_walk(data: &[u8]) {
    let mut choices = Choices::new(data);
    let outer = TempDir::new().expect("a directory for the test");
    std::fs::write(outer.path().join(SECRET), "untouched").expect("a file beside");
    let entries = any_layout(&mut choices);
    let mut worlds = World::all(outer.path(), &entries);
    let base = any_base(&mut choices, &entries);
    let beside = beside(&outer);
    let below = dump(&outer.path().join(world::BELOW), true);
    for _ in 0..QUERIES_MAX {
        if choices.is_empty() {
            break;
        }
        step(&mut choices, &outer, &mut worlds, &base);
    }
    let expected = dump(&outer.path().join(world::CHANGED), false);
    for world in &mut worlds {
        assert_eq!(world.dump(), expected, "{}: what is left", world.name);
    }
    assert_eq!(dump(&outer.path().join(world::BELOW), true), below, "the host below a tree");
    assert_eq!(self::beside(&outer), beside, "what lies beside");
}

/// One path, in every world.
fn step(choices: &mut Choices<'_>, outer: &TempDir, worlds: &mut [World], base: &[String]) {
    let text = any_path(choices);
    let follow = if choices.once_in(2) { Follow::No } else { Follow::Yes };
    let action = Action::any(choices);
    let Ok(path) = GuestPath::parse(text.as_bytes()) else {
        return;
    };
    let root = outer.path().join(world::CHANGED);
    let inside = |mount| resolve(&root, base, &text, follow, mount, LINKS_MAX);
    let expected = inside(None);
    // Linux starts over with some paths and goes on counting links then.
    let half = resolve(&root, base, &text, follow, None, LINKS_MAX / 2);
    if half != Err(Errno::Loop) || expected == Err(Errno::Loop) {
        kernel::check(&root, base, &text, follow, &expected);
    }
    // Where the path leads if an absolute link of the mount starts there.
    let mounted = inside(Some(MOUNT));
    let touches = [&expected, &mounted].map(|end| end.as_ref().ok().map(End::path));
    let is_fixed = |path: &Option<Vec<String>>| {
        path.as_ref().is_some_and(|path| *path == [MOUNT] || base.starts_with(path))
    };
    let is_deep = |path: &Option<Vec<String>>| {
        path.as_ref()
            .is_some_and(|path| path.iter().map(String::len).sum::<usize>() > DEPTH_BYTES_MAX)
    };
    let acts = expected == mounted && !touches.iter().any(|path| is_fixed(path) || is_deep(path));
    let mut results = Vec::new();
    for world in worlds {
        let expected = if world.is_mounted { &mounted } else { &expected };
        let found = world.check(base, path, follow, expected);
        if acts && let Some(found) = found {
            results.push((world.act(&found, action), world.name));
        }
    }
    let is_same = results.iter().all(|result| result.0 == results[0].0);
    assert!(is_same, "{text:?} {action:?}: {results:?}");
}

/// The directory that the paths start from.
fn any_base(choices: &mut Choices<'_>, entries: &[Entry]) -> Vec<String> {
    let dirs: Vec<_> = entries.iter().filter(|entry| entry.is_dir()).collect();
    match choices.below(2 * dirs.len() + 1) {
        index if index < dirs.len() => dirs[index].path.clone(),
        _ => Vec::new(),
    }
}

/// What lies beside the directories that are worked on.
fn beside(outer: &TempDir) -> (Vec<String>, BTreeMap<String, String>) {
    let mut all = dump(outer.path(), true);
    let top = all.keys().filter(|path| !path.contains('/')).cloned().collect();
    all.retain(|path, _| path == SECRET);
    (top, all)
}
