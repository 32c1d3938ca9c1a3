//! The walk of one path: what is left of it, and the directories that it has come through.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::{Follow, Found, Namespace, Node};
use crate::path::{NAME_BYTES_MAX, PATH_BYTES_MAX, SYMLINKS_MAX};
use crate::{Errno, FileType, GuestPath};

pub(super) struct Walk<'n, 'a> {
    namespace: &'n mut Namespace,
    follow: Follow,
    /// The directory that the walk has reached.
    here: Node,
    /// The directories above `here`, from the base down: what `..` goes back to, mounts included.
    above: Trail,
    /// What is walked next.
    rest: Rest<'a>,
    /// What is walked after `rest`, the last first: the paths in which links were met. Each has a component left, so
    /// that a component is the path's last exactly if `rest` ends with it and `outer` is empty.
    outer: Vec<Rest<'a>>,
    wants_directory: bool,
    links: u32,
}

impl<'n, 'a> Walk<'n, 'a> {
    pub(super) fn new(
        namespace: &'n mut Namespace,
        base: Node,
        path: GuestPath<'a>,
        follow: Follow,
    ) -> Self {
        Self {
            namespace,
            follow,
            here: base,
            above: Trail::new(base),
            rest: Rest { text: Text::Guest(path.as_str()), at: 0 },
            outer: Vec::new(),
            wants_directory: false,
            links: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Found<'a>, Errno> {
        loop {
            let Some(name) = self.rest.take() else {
                let Some(rest) = self.outer.pop() else {
                    return Ok(self.ends_here());
                };
                self.rest = rest;
                continue;
            };
            self.namespace.walked += 1;
            match self.rest.name(&name) {
                "." => {}
                ".." => self.here = self.above.pop().ok_or(Errno::Perm)?,
                long if long.len() > NAME_BYTES_MAX => return Err(Errno::Nametoolong),
                _ if self.outer.is_empty() && self.rest.is_spent() => {
                    if let Some(found) = self.last(name)? {
                        return Ok(found);
                    }
                }
                _ => self.down(name)?,
            }
        }
    }

    /// The path ended in dots, or at the root of a mount.
    fn ends_here(self) -> Found<'a> {
        Found {
            dir: self.here,
            name: None,
            node: Some(self.here),
            file_type: Some(FileType::Directory),
            wants_directory: true,
        }
    }

    /// Goes into a directory, or on with the target of a link.
    fn down(&mut self, name: Range<usize>) -> Result<(), Errno> {
        let Node { mount, ino } = self.here;
        let (ino, file_type) = self.namespace.fs(mount).lookup_type(ino, self.rest.name(&name))?;
        let node = Node { mount, ino };
        match file_type {
            FileType::Directory => {
                self.above.push(self.here);
                self.here = self.namespace.uncover(node);
                Ok(())
            }
            FileType::SymbolicLink => self.expand(node),
            _ => Err(Errno::Notdir),
        }
    }

    /// Finds the last component; `None` if it is a link, with whose target the walk goes on.
    #[inline]
    fn last(&mut self, name: Range<usize>) -> Result<Option<Found<'a>>, Errno> {
        self.wants_directory |= self.rest.is_left();
        let wants_directory = self.wants_directory;
        let dir = self.here;
        let Node { mount, ino } = dir;
        let (node, file_type) =
            match self.namespace.fs(mount).lookup_type(ino, self.rest.name(&name)) {
                Ok((ino, FileType::SymbolicLink))
                    if self.follow == Follow::Yes || wants_directory =>
                {
                    return self.expand(Node { mount, ino }).map(|()| None);
                }
                Ok((_, file_type)) if wants_directory && file_type != FileType::Directory => {
                    return Err(Errno::Notdir);
                }
                Ok((ino, file_type)) => {
                    (Some(self.namespace.uncover(Node { mount, ino })), Some(file_type))
                }
                Err(Errno::Noent) => (None, None),
                Err(errno) => return Err(errno),
            };
        if let Some(root) = node.filter(|node| node.mount != mount) {
            return Ok(Some(Found { dir: root, name: None, node, file_type, wants_directory }));
        }
        let name = Some(self.rest.name_to_cow(&name));
        Ok(Some(Found { dir, name, node, file_type, wants_directory }))
    }

    /// Puts the target of a link in front of what is left.
    fn expand(&mut self, link: Node) -> Result<(), Errno> {
        self.links += 1;
        if self.links > SYMLINKS_MAX {
            return Err(Errno::Loop);
        }
        let target = self.namespace.fs(link.mount).read_link(link.ino)?;
        match target.len() {
            0 => return Err(Errno::Noent),
            PATH_BYTES_MAX.. => return Err(Errno::Nametoolong),
            _ if target.contains('\0') => return Err(Errno::Inval),
            _ => {}
        }
        if target.starts_with('/') {
            self.back_to(self.namespace.root_of(link.mount))?;
        }
        let rest = core::mem::replace(&mut self.rest, Rest { text: Text::Target(target), at: 0 });
        if !rest.is_spent() {
            self.outer.push(rest);
        }
        Ok(())
    }

    /// Goes back up to `root`, which the guest can only reach if the walk has come through it.
    fn back_to(&mut self, root: Node) -> Result<(), Errno> {
        while self.here != root {
            self.here = self.above.pop().ok_or(Errno::Perm)?;
        }
        Ok(())
    }
}

/// What is left of a path or of a link's target.
struct Rest<'a> {
    text: Text<'a>,
    /// The first byte that is not walked yet.
    at: usize,
}

enum Text<'a> {
    Guest(&'a str),
    Target(Arc<str>),
}

impl<'a> Rest<'a> {
    /// Where the next component is, `.` and `..` included.
    fn take(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_str().as_bytes();
        let rest = &bytes[self.at..];
        let start = self.at + rest.iter().position(|byte| *byte != b'/')?;
        let rest = &bytes[start..];
        let end = start + rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
        self.at = end;
        Some(start..end)
    }

    /// A component that [`Rest::take`] has found.
    fn name(&self, range: &Range<usize>) -> &str {
        &self.text.as_str()[range.clone()]
    }

    /// As [`Rest::name`], to be kept.
    fn name_to_cow(&self, range: &Range<usize>) -> Cow<'a, str> {
        match &self.text {
            Text::Guest(text) => Cow::Borrowed(&text[range.clone()]),
            Text::Target(text) => Cow::Owned(text[range.clone()].into()),
        }
    }

    /// Whether no component is left, though there may be slashes.
    fn is_spent(&self) -> bool {
        self.text.as_str()[self.at..].bytes().all(|byte| byte == b'/')
    }

    /// Whether anything is left, and be it slashes.
    fn is_left(&self) -> bool {
        self.at < self.text.as_str().len()
    }
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Guest(text) => text,
            Self::Target(text) => text,
        }
    }
}

/// How deep a walk goes without allocating.
const FEW: usize = 6;

/// The directories that a walk has come through. Few paths are deep.
struct Trail {
    len: usize,
    few: [Node; FEW],
    many: Vec<Node>,
}

impl Trail {
    /// An empty one. `any` fills the places that are never looked at.
    fn new(any: Node) -> Self {
        Self { len: 0, few: [any; FEW], many: Vec::new() }
    }

    fn push(&mut self, node: Node) {
        match self.few.get_mut(self.len) {
            Some(place) => *place = node,
            None => self.many.push(node),
        }
        self.len += 1;
    }

    fn pop(&mut self) -> Option<Node> {
        self.len = self.len.checked_sub(1)?;
        self.few.get(self.len).copied().or_else(|| self.many.pop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ino, MountId};

    #[test]
    fn a_trail_gives_back_the_last_first_however_long_it_is() {
        let node = |ino: usize| Node { mount: MountId(0), ino: Ino(ino as u64) };
        for len in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut trail = Trail::new(node(0));
            // Back by one and forth again in between, over the border too.
            for ino in 1..=len {
                trail.push(node(ino));
                assert_eq!(trail.pop(), Some(node(ino)), "{len}");
                trail.push(node(ino));
            }
            for ino in (1..=len).rev() {
                assert_eq!(trail.pop(), Some(node(ino)), "{len}");
            }
            assert_eq!(trail.pop(), None, "{len}");
        }
    }
}
