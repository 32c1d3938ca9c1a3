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
    above: Vec<Node>,
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
            above: Vec::new(),
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
            match name.as_str() {
                "." => {}
                ".." => self.here = self.above.pop().ok_or(Errno::Perm)?,
                long if long.len() > NAME_BYTES_MAX => return Err(Errno::Nametoolong),
                _ if self.outer.is_empty() && self.rest.is_spent() => {
                    if let Some(found) = self.last(&name)? {
                        return Ok(found);
                    }
                }
                _ => self.down(&name)?,
            }
        }
    }

    /// The path ended in dots, or at the root of a mount.
    fn ends_here(self) -> Found<'a> {
        Found { dir: self.here, name: None, node: Some(self.here), wants_directory: true }
    }

    /// Goes into a directory, or on with the target of a link.
    fn down(&mut self, name: &Name<'a>) -> Result<(), Errno> {
        let Node { mount, ino } = self.here;
        let (ino, file_type) = self.namespace.fs(mount).lookup_type(ino, name.as_str())?;
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
    fn last(&mut self, name: &Name<'a>) -> Result<Option<Found<'a>>, Errno> {
        self.wants_directory |= self.rest.is_left();
        let Node { mount, ino: dir } = self.here;
        let fs = self.namespace.fs(mount);
        // A look at what it is costs as much as finding it.
        let found = if self.follow == Follow::Yes || self.wants_directory {
            fs.lookup_type(dir, name.as_str()).map(|(ino, file_type)| (ino, Some(file_type)))
        } else {
            fs.lookup(dir, name.as_str()).map(|ino| (ino, None))
        };
        let node = match found {
            Ok((ino, Some(FileType::SymbolicLink))) => {
                return self.expand(Node { mount, ino }).map(|()| None);
            }
            Ok((_, Some(file_type)))
                if self.wants_directory && file_type != FileType::Directory =>
            {
                return Err(Errno::Notdir);
            }
            Ok((ino, _)) => Some(self.namespace.uncover(Node { mount, ino })),
            Err(Errno::Noent) => None,
            Err(errno) => return Err(errno),
        };
        if let Some(root) = node.filter(|node| node.mount != mount) {
            let wants_directory = self.wants_directory;
            return Ok(Some(Found { dir: root, name: None, node, wants_directory }));
        }
        Ok(Some(Found {
            dir: self.here,
            name: Some(name.to_cow()),
            node,
            wants_directory: self.wants_directory,
        }))
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

#[derive(Clone)]
enum Text<'a> {
    Guest(&'a str),
    Target(Arc<str>),
}

/// One component, where it stands.
struct Name<'a> {
    text: Text<'a>,
    range: Range<usize>,
}

impl<'a> Rest<'a> {
    /// The next component, `.` and `..` included.
    fn take(&mut self) -> Option<Name<'a>> {
        let text = self.text.as_str();
        let rest = &text[self.at..];
        let start = self.at + rest.bytes().position(|byte| byte != b'/')?;
        let rest = &text[start..];
        let end = start + rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
        self.at = end;
        Some(Name { text: self.text.clone(), range: start..end })
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

impl<'a> Name<'a> {
    fn as_str(&self) -> &str {
        &self.text.as_str()[self.range.clone()]
    }

    fn to_cow(&self) -> Cow<'a, str> {
        match &self.text {
            Text::Guest(text) => Cow::Borrowed(&text[self.range.clone()]),
            Text::Target(text) => Cow::Owned(text[self.range.clone()].into()),
        }
    }
}
