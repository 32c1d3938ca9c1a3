//! Directories, files and links on the host, made from rows; and what is there, as text.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use super::world::MOUNT;
use crate::choices::Choices;

/// One thing to make.
pub(super) struct Entry {
    pub(super) path: Vec<String>,
    kind: Kind,
}

enum Kind {
    Directory,
    File,
    Link(String),
}

impl Entry {
    pub(super) fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Directory)
    }
}

const ENTRIES_MAX: usize = 10;
const PARTS_MAX: usize = 8;
/// What the file systems of every host take as the target of a link.
const TARGET_BYTES_MAX: usize = 1000;

/// A name; the longest one and one that is longer are among them.
fn any_name(choices: &mut Choices<'_>) -> String {
    match choices.below(16) {
        index @ 0..10 => ["a", "b", "c", "m", "a", "b", "c", "m", "a", "b"][index].to_owned(),
        10 => "\u{e9}".to_owned(),
        11 => ".a".to_owned(),
        12 => "...".to_owned(),
        13 => "n".repeat(255),
        14 => "n".repeat(256),
        _ => "d".to_owned(),
    }
}

/// A path or a link's target, never empty.
pub(super) fn any_path(choices: &mut Choices<'_>) -> String {
    let mut text = String::from(if choices.once_in(8) { "/" } else { "" });
    for _ in 0..=choices.below(PARTS_MAX) {
        let part = match choices.below(8) {
            0..5 => any_name(choices),
            5 => ".".to_owned(),
            6 => "..".to_owned(),
            _ => String::new(),
        };
        // Often enough to come to the limit of links.
        let times = if choices.once_in(8) { choices.one_of(&[2, 3, 20, 40, 41]) } else { 1 };
        for _ in 0..times {
            text.push_str(&part);
            text.push('/');
        }
    }
    if !choices.once_in(4) && text.len() > 1 {
        text.pop();
    }
    text
}

/// Things to make in order, the directory of the mount first.
pub(super) fn any_layout(choices: &mut Choices<'_>) -> Vec<Entry> {
    let mut entries = vec![Entry { path: vec![MOUNT.to_owned()], kind: Kind::Directory }];
    for _ in 0..choices.below(ENTRIES_MAX + 1) {
        let dirs: Vec<_> = entries.iter().filter(|entry| entry.is_dir()).collect();
        let mut path = match choices.below(dirs.len() + 1) {
            index if index < dirs.len() => dirs[index].path.clone(),
            _ => Vec::new(),
        };
        path.push(any_name(choices));
        let kind = match choices.below(5) {
            0 | 1 => Kind::Directory,
            2 => Kind::File,
            _ => Kind::Link(any_path(choices)),
        };
        let fits = match &kind {
            Kind::Link(target) => target.len() <= TARGET_BYTES_MAX,
            _ => true,
        };
        let is_new = entries.iter().all(|entry| entry.path != path);
        if fits && is_new && path.iter().all(|name| name.len() <= 255) {
            entries.push(Entry { path, kind });
        }
    }
    entries
}

/// Makes the rows below `root`, which is made too.
pub(super) fn make(root: &Path, entries: &[Entry]) {
    fs::create_dir(root).expect("a new directory");
    for entry in entries {
        let path = root.join(entry.path.join("/"));
        let made = match &entry.kind {
            Kind::Directory => fs::create_dir(&path),
            Kind::File => fs::write(&path, entry.path.concat()),
            Kind::Link(target) => symlink(target, &path),
        };
        made.unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }
}

/// What is below a directory of the host: by path, what it is, with times if these must not change either.
pub(super) fn dump(root: &Path, times: bool) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    let mut rest = vec![String::new()];
    while let Some(prefix) = rest.pop() {
        for entry in fs::read_dir(root.join(&prefix)).expect("a directory") {
            let name = entry.expect("an entry").file_name().into_string().expect("a name of ours");
            let path = format!("{prefix}{name}");
            let metadata = fs::symlink_metadata(root.join(&path)).expect("it was listed");
            let mut text = if metadata.is_dir() {
                rest.push(format!("{path}/"));
                "directory".to_owned()
            } else if metadata.is_symlink() {
                let target = fs::read_link(root.join(&path)).expect("a link");
                format!("-> {}", target.display())
            } else {
                let bytes = fs::read(root.join(&path)).expect("a file");
                format!("file {}", bytes.escape_ascii())
            };
            if times {
                text.push_str(&format!(" {}.{}", metadata.mtime(), metadata.mtime_nsec()));
                text.push_str(&format!(" {} {:o}", metadata.nlink(), metadata.mode()));
            }
            seen.insert(path, text);
        }
    }
    seen
}
