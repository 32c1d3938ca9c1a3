//! Inodes by number.
//!
//! ```text
//! 0b…_00010_00011   the root's child 2, of it row 3: five bits a level, no comparisons
//! ```
//!
//! Numbers are given one after the other, so nodes fill up. One that has become empty goes. An inode is behind a
//! pointer of its own: a change after a fork copies one inode and a few rows of pointers.

#[cfg(test)]
mod tests;

use alloc::sync::Arc;

use super::Inode;

/// How many bits of a number each level takes.
const BITS: u32 = 5;
/// How many rows or children a node has.
const WIDTH: usize = 1 << BITS;

/// The inodes of a tree. A clone takes constant time and shares everything until one side changes.
#[derive(Clone, Default)]
pub(crate) struct Inodes {
    root: Option<Arc<Node>>,
    /// How many levels of branches there are.
    branches: u32,
    len: usize,
}

#[derive(Clone)]
enum Node {
    Leaf([Option<Arc<Inode>>; WIDTH]),
    Branch([Option<Arc<Self>>; WIDTH]),
}

impl Inodes {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, ino: &u64) -> Option<&Inode> {
        let mut node = self.root.as_ref().filter(|_| self.fits(*ino))?;
        let mut level = self.branches;
        loop {
            match &**node {
                Node::Leaf(rows) => return rows[index(*ino, 0)].as_deref(),
                Node::Branch(children) => node = children[index(*ino, level)].as_ref()?,
            }
            level -= 1;
        }
    }

    pub(crate) fn get_mut(&mut self, ino: &u64) -> Option<&mut Inode> {
        // A number that is not there must not cost a copy of the way to it.
        self.get(ino)?;
        let mut node = self.root.as_mut()?;
        let mut level = self.branches;
        loop {
            match Arc::make_mut(node) {
                Node::Leaf(rows) => return rows[index(*ino, 0)].as_mut().map(Arc::make_mut),
                Node::Branch(children) => node = children[index(*ino, level)].as_mut()?,
            }
            level -= 1;
        }
    }

    /// Adds an inode, or replaces the one that has the number.
    pub(crate) fn insert(&mut self, ino: u64, inode: Inode) {
        while !self.fits(ino) {
            if let Some(root) = self.root.take() {
                let mut children = [const { None }; WIDTH];
                children[0] = Some(root);
                self.root = Some(Arc::new(Node::Branch(children)));
            }
            self.branches += 1;
        }
        let mut level = self.branches;
        let mut node = self.root.get_or_insert_with(|| Node::empty(level));
        loop {
            match Arc::make_mut(node) {
                Node::Leaf(rows) => {
                    let old = rows[index(ino, 0)].replace(Arc::new(inode));
                    self.len += usize::from(old.is_none());
                    return;
                }
                Node::Branch(children) => {
                    let child = &mut children[index(ino, level)];
                    level -= 1;
                    node = child.get_or_insert_with(|| Node::empty(level));
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, ino: &u64) {
        if self.get(ino).is_some()
            && let Some(root) = &mut self.root
        {
            self.len -= 1;
            if remove_below(root, *ino, self.branches) {
                self.root = None;
            }
        }
    }

    /// Visits, in order, every number whose inode only one of two tables has, or that the two do not share. What they
    /// share is skipped.
    pub(crate) fn diff(
        old: &Self,
        new: &Self,
        mut visit: impl FnMut(u64, Option<&Inode>, Option<&Inode>),
    ) {
        let level = old.branches.max(new.branches);
        diff_below([old.side(), new.side()], level, 0, &mut visit);
    }

    fn side(&self) -> Side<'_> {
        Side { node: self.root.as_ref(), level: self.branches }
    }

    /// Whether a number has no more bits than there are levels for.
    fn fits(&self, ino: u64) -> bool {
        ino.checked_shr(BITS * (self.branches + 1)).is_none_or(|rest| rest == 0)
    }
}

impl Node {
    /// A node with so many levels below it.
    fn empty(level: u32) -> Arc<Self> {
        Arc::new(match level {
            0 => Self::Leaf([const { None }; WIDTH]),
            _ => Self::Branch([const { None }; WIDTH]),
        })
    }
}

/// Which row or child of a node with `level` levels below it a number is in.
fn index(ino: u64, level: u32) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "five bits are left")]
    let index = (ino >> (BITS * level)) as usize % WIDTH;
    index
}

/// Removes a number that is there: whether the node is empty now.
fn remove_below(node: &mut Arc<Node>, ino: u64, level: u32) -> bool {
    match Arc::make_mut(node) {
        Node::Leaf(rows) => {
            rows[index(ino, 0)] = None;
            rows.iter().all(Option::is_none)
        }
        Node::Branch(children) => {
            let child = &mut children[index(ino, level)];
            if child.as_mut().is_some_and(|child| remove_below(child, ino, level - 1)) {
                *child = None;
            }
            children.iter().all(Option::is_none)
        }
    }
}

/// A subtree of one of two tables. Where it has fewer levels than the other, it is in the other's place as a first
/// child.
#[derive(Clone, Copy)]
struct Side<'a> {
    node: Option<&'a Arc<Node>>,
    level: u32,
}

impl<'a> Side<'a> {
    /// The child of this side at `index`, seen from `level`.
    fn child(self, level: u32, index: usize) -> Self {
        let node = match self.node.map(|node| &**node) {
            _ if self.level < level => self.node.filter(|_| index == 0),
            Some(Node::Branch(children)) => children[index].as_ref(),
            _ => None,
        };
        Self { node, level: self.level.min(level - 1) }
    }

    /// The row of this side, which is a leaf, at `index`.
    fn row(self, index: usize) -> Option<&'a Arc<Inode>> {
        match self.node.map(|node| &**node) {
            Some(Node::Leaf(rows)) => rows[index].as_ref(),
            _ => None,
        }
    }
}

/// Is given a number and what the two tables have for it.
type Visit<'a> = dyn FnMut(u64, Option<&Inode>, Option<&Inode>) + 'a;

/// Compares what two tables have at one place: so many levels, and numbers from `first` on.
fn diff_below(sides: [Side<'_>; 2], level: u32, first: u64, visit: &mut Visit<'_>) {
    match sides.map(|side| side.node) {
        [None, None] => return,
        [Some(old), Some(new)] if Arc::ptr_eq(old, new) => return,
        _ => {}
    }
    for (index, digit) in (0..WIDTH).zip(0u64..) {
        let ino = first | (digit << (BITS * level));
        if level > 0 {
            diff_below(sides.map(|side| side.child(level, index)), level - 1, ino, visit);
            continue;
        }
        match sides.map(|side| side.row(index)) {
            [None, None] => {}
            [Some(old), Some(new)] if Arc::ptr_eq(old, new) => {}
            [old, new] => visit(ino, old.map(|old| &**old), new.map(|new| &**new)),
        }
    }
}
