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
            rest: Rest {
                text: Text::Guest(path.as_str()),
                at: 0,
            },
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
        Found {
            dir: self.here,
            name: None,
            node: Some(self.here),
            wants_directory: true,
        }
    }

    /// Goes into a directory, or on with the target of a link.
    fn down(&mut self, name: &Name<'a>) -> Result<(), Errno> {
        let named = self.lookup(name)?;
        let node = self.namespace.uncover(named);
        match self.file_type(node)? {
            FileType::Directory => {
                self.above.push(self.here);
                self.here = node;
                Ok(())
            }
            FileType::SymbolicLink => self.expand(node),
            _ => Err(Errno::Notdir),
        }
    }

    /// Finds the last component; `None` if it is a link, with whose target the walk goes on.
    fn last(&mut self, name: &Name<'a>) -> Result<Option<Found<'a>>, Errno> {
        self.wants_directory |= self.rest.is_left();
        let node = match self.lookup(name) {
            Ok(named) => Some(self.namespace.uncover(named)),
            Err(Errno::Noent) => None,
            Err(errno) => return Err(errno),
        };
        let found = Found {
            dir: self.here,
            name: Some(name.to_cow()),
            node,
            wants_directory: self.wants_directory,
        };
        let Some(node) = node else {
            return Ok(Some(found));
        };
        if node.mount != self.here.mount {
            return Ok(Some(Found {
                dir: node,
                name: None,
                ..found
            }));
        }
        if self.follow == Follow::Yes || self.wants_directory {
            match self.file_type(node)? {
                FileType::SymbolicLink => return self.expand(node).map(|()| None),
                FileType::Directory => {}
                _ if self.wants_directory => return Err(Errno::Notdir),
                _ => {}
            }
        }
        Ok(Some(found))
    }

    fn lookup(&mut self, name: &Name<'a>) -> Result<Node, Errno> {
        let Node { mount, ino } = self.here;
        let ino = self.namespace.fs(mount).lookup(ino, name.as_str())?;
        Ok(Node { mount, ino })
    }

    fn file_type(&mut self, node: Node) -> Result<FileType, Errno> {
        Ok(self.namespace.fs(node.mount).stat(node.ino)?.file_type)
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
        let rest = core::mem::replace(
            &mut self.rest,
            Rest {
                text: Text::Target(target),
                at: 0,
            },
        );
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
        let end = start
            + rest
                .bytes()
                .position(|byte| byte == b'/')
                .unwrap_or(rest.len());
        self.at = end;
        Some(Name {
            text: self.text.clone(),
            range: start..end,
        })
    }

    /// Whether no component is left, though there may be slashes.
    fn is_spent(&self) -> bool {
        self.text.as_str()[self.at..]
            .bytes()
            .all(|byte| byte == b'/')
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
