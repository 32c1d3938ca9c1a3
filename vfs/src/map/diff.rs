//! Comparing two maps that share subtrees.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{Key, Map, Node};

impl<K: Key, V: Clone> Map<K, V> {
    /// Visits, in order, every key that only one of two maps has, or that both have in nodes that they do not share.
    /// The values of the latter may still be equal.
    ///
    /// The time grows with the number of nodes that the two do not share, where one is a changed clone of the other.
    pub(crate) fn diff<'a>(
        old: &'a Self,
        new: &'a Self,
        mut visit: impl FnMut(&'a K, Option<&'a V>, Option<&'a V>),
    ) {
        if let (Some(old), Some(new)) = (&old.root, &new.root)
            && Arc::ptr_eq(old, new)
        {
            return;
        }
        let (mut old, mut new) = (Cursor::new(old), Cursor::new(new));
        loop {
            match (old.here(), new.here()) {
                (Here::End, Here::End) => return,
                (Here::Tree(a), Here::Tree(b)) if Arc::ptr_eq(a.node, b.node) => {
                    old.step();
                    new.step();
                }
                (Here::Tree(a), Here::Tree(b)) => {
                    // The one that starts first may end before the other starts; the taller one may hold the other.
                    let order = a.first.cmp(b.first).then(b.height.cmp(&a.height));
                    if order.is_le() {
                        old.enter(a.node);
                    }
                    if order.is_ge() {
                        new.enter(b.node);
                    }
                }
                (Here::Row(key, a), Here::Row(other, b)) => match key.cmp(other) {
                    Ordering::Less => {
                        visit(key, Some(a), None);
                        old.step();
                    }
                    Ordering::Greater => {
                        visit(other, None, Some(b));
                        new.step();
                    }
                    Ordering::Equal => {
                        visit(key, Some(a), Some(b));
                        old.step();
                        new.step();
                    }
                },
                (Here::Row(key, _), Here::Tree(b)) if key >= b.first => new.enter(b.node),
                (Here::Row(key, a), Here::Tree(_) | Here::End) => {
                    visit(key, Some(a), None);
                    old.step();
                }
                (Here::Tree(a), Here::Row(key, _)) if key >= a.first => old.enter(a.node),
                (Here::Tree(_) | Here::End, Here::Row(key, b)) => {
                    visit(key, None, Some(b));
                    new.step();
                }
                (Here::Tree(a), Here::End) => old.enter(a.node),
                (Here::End, Here::Tree(b)) => new.enter(b.node),
            }
        }
    }
}

/// A place in a map: before a row, or before a subtree that has not been entered.
struct Cursor<'a, K, V> {
    /// The nodes that have been entered, each with an index that is in its range.
    way: Vec<(&'a Node<K, V>, usize)>,
    /// How many nodes there are from the root to a leaf.
    levels: usize,
}

enum Here<'a, K, V> {
    Row(&'a K, &'a V),
    Tree(Subtree<'a, K, V>),
    End,
}

struct Subtree<'a, K, V> {
    first: &'a K,
    node: &'a Arc<Node<K, V>>,
    height: usize,
}

impl<'a, K: Key, V: Clone> Cursor<'a, K, V> {
    fn new(map: &'a Map<K, V>) -> Self {
        let Some(root) = &map.root else {
            return Self { way: Vec::new(), levels: 0 };
        };
        let mut levels = 1;
        let mut node = root;
        while let Node::Branch(children) = &**node {
            levels += 1;
            node = &children[0].node;
        }
        Self { way: Vec::from([(&**root, 0)]), levels }
    }

    fn here(&self) -> Here<'a, K, V> {
        match self.way.last() {
            None => Here::End,
            Some((Node::Leaf(rows), at)) => Here::Row(&rows[*at].0, &rows[*at].1),
            Some((Node::Branch(children), at)) => {
                let child = &children[*at];
                let height = self.levels - self.way.len();
                Here::Tree(Subtree { first: &child.first, node: &child.node, height })
            }
        }
    }

    fn enter(&mut self, node: &'a Node<K, V>) {
        self.way.push((node, 0));
    }

    /// Past the row or the subtree that is next.
    fn step(&mut self) {
        while let Some((node, at)) = self.way.last_mut() {
            *at += 1;
            if *at < node.width() {
                return;
            }
            self.way.pop();
        }
    }
}
