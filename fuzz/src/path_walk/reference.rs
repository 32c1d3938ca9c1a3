//! A plain resolution of paths, through the standard library: a link is replaced by its target in the text.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use stepwell_vfs::{Errno, Follow};

/// Where a path leads: components from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// To a directory, by dots or slashes.
    Directory(Vec<String>),
    /// To a name that there is.
    Name(Vec<String>, String),
    /// To a name that there is not; whether a slash follows.
    Missing(Vec<String>, String, bool),
}

impl End {
    /// The place as one path.
    pub(super) fn path(&self) -> Vec<String> {
        match self {
            Self::Directory(path) => path.clone(),
            Self::Name(dir, name) | Self::Missing(dir, name, _) => {
                dir.iter().chain([name]).cloned().collect()
            }
        }
    }
}

/// Links that are followed, as Linux has it.
pub(super) const LINKS_MAX: u32 = 40;

/// Resolves `text` from `base` below `root`. An absolute link starts at `root`, or at `mount` if it lies in there; it
/// may not lead above `base`, and neither may `..`.
pub(super) fn resolve(
    root: &Path,
    base: &[String],
    text: &str,
    follow: Follow,
    mount: Option<&str>,
    links_max: u32,
) -> Result<End, Errno> {
    let mut here = base.to_vec();
    let mut rest = text.to_owned();
    let mut links = 0;
    loop {
        let left = rest.trim_start_matches('/');
        if left.is_empty() {
            return Ok(End::Directory(here));
        }
        let (name, after) = left.split_at(left.find('/').unwrap_or(left.len()));
        let (name, after) = (name.to_owned(), after.to_owned());
        let is_last = after.bytes().all(|byte| byte == b'/');
        match name.as_str() {
            "." => {}
            ".." if here.len() == base.len() => return Err(Errno::Perm),
            ".." => drop(here.pop()),
            long if long.len() > 255 => return Err(Errno::Nametoolong),
            _ => {
                let path = root.join(here.join("/")).join(&name);
                let metadata = match fs::symlink_metadata(&path) {
                    Ok(metadata) => metadata,
                    Err(error) if error.kind() == ErrorKind::NotFound && is_last => {
                        return Ok(End::Missing(here, name, !after.is_empty()));
                    }
                    Err(error) if error.kind() == ErrorKind::NotFound => return Err(Errno::Noent),
                    Err(error) => panic!("{path:?}: {error}"),
                };
                if metadata.is_symlink() && !(after.is_empty() && follow == Follow::No) {
                    links += 1;
                    if links > links_max {
                        return Err(Errno::Loop);
                    }
                    let target = fs::read_link(&path).expect("a link");
                    let target = target.to_str().expect("a target of ours");
                    if target.starts_with('/') {
                        let start =
                            mount.filter(|mount| here.first().is_some_and(|it| it == mount));
                        let start: Vec<_> = start.into_iter().map(str::to_owned).collect();
                        if start.len() < base.len() {
                            return Err(Errno::Perm);
                        }
                        here = start;
                    }
                    rest = format!("{target}{after}");
                    continue;
                }
                match (is_last, metadata.is_dir()) {
                    (false, true) => here.push(name),
                    (true, is_dir) if is_dir || after.is_empty() => {
                        return Ok(End::Name(here, name));
                    }
                    _ => return Err(Errno::Notdir),
                }
            }
        }
        rest = after;
    }
}
