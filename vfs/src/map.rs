//! A persistent ordered map: a clone takes constant time and shares everything until one side changes.
//!
//! It is a B+ tree whose nodes are behind [`Arc`]s. A change copies the nodes on the way from the root to the changed
//! row, but only those that another clone still uses, so an unshared map is changed in place. Two clones are compared
//! in time that grows with what differs ([`Map::diff`]), because a subtree that both share is skipped.

mod diff;
#[cfg(test)]
mod tests;

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Bound;
use core::slice;

/// The most rows of a leaf and children of a branch.
const WIDTH_MAX: usize = 32;
/// The fewest, except in the root.
const WIDTH_MIN: usize = 8;

/// What keys are made of.
pub(crate) trait Key: Ord + Clone {
    /// A number that never falls from one key to the next. A search guesses by it where a key is in a leaf, so the
    /// more evenly it grows the better.
    fn rank(&self) -> u64;
}

/// What a key can be looked for with: a key, or something that is ordered among keys as the one that it stands for.
pub(crate) trait Probe<K> {
    /// Where the wanted key is, seen from `key`.
    fn order(&self, key: &K) -> Ordering;

    /// The wanted key's [`Key::rank`].
    fn rank(&self) -> u64;
}

impl Key for u64 {
    fn rank(&self) -> u64 {
        *self
    }
}

impl<K: Key> Probe<K> for K {
    fn order(&self, key: &K) -> Ordering {
        self.cmp(key)
    }

    fn rank(&self) -> u64 {
        Key::rank(self)
    }
}

/// Keys in order, each with a value.
pub(crate) struct Map<K, V> {
    root: Option<Arc<Node<K, V>>>,
    len: usize,
}

/// All leaves are equally deep. No node is empty.
#[derive(Clone)]
enum Node<K, V> {
    Leaf(Vec<(K, V)>),
    Branch(Vec<Child<K, V>>),
}

/// A subtree and a key that is at most its smallest and greater than any before it.
#[derive(Clone)]
struct Child<K, V> {
    first: K,
    node: Arc<Node<K, V>>,
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), len: self.len }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { root: None, len: 0 }
    }
}

impl<K: Key, V: Clone> Map<K, V> {
    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &impl Probe<K>) -> Option<&V> {
        let mut node = self.root.as_ref()?;
        let (mut low, mut high) = (None, None);
        loop {
            match &**node {
                Node::Leaf(rows) => {
                    let at = match (low, high) {
                        (Some(low), Some(high)) => {
                            let guess = guess(Probe::<K>::rank(key), low, high, rows.len());
                            find_near(rows, key, guess)?
                        }
                        _ => find(rows, key).ok()?,
                    };
                    return Some(&rows[at].1);
                }
                Node::Branch(children) => {
                    let at = child_of(children, key);
                    low = Some(Key::rank(&children[at].first));
                    high = children.get(at + 1).map(|next| Key::rank(&next.first)).or(high);
                    node = &children[at].node;
                }
            }
        }
    }

    /// The value of `key`, to change it.
    pub(crate) fn get_mut(&mut self, key: &impl Probe<K>) -> Option<&mut V> {
        // A key that is not there must not cost a copy of the way to it.
        self.get(key)?;
        let mut node = self.root.as_mut()?;
        loop {
            match Arc::make_mut(node) {
                Node::Leaf(rows) => {
                    let at = find(rows, key).ok()?;
                    return Some(&mut rows[at].1);
                }
                Node::Branch(children) => {
                    let at = child_of(children, key);
                    node = &mut children[at].node;
                }
            }
        }
    }

    /// Gives `key` a value and returns the one that it had.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Some(root) = &mut self.root else {
            self.root = Some(Arc::new(Node::Leaf(vec![(key, value)])));
            self.len = 1;
            return None;
        };
        if root.is_full() {
            let first = root.first().clone();
            let right = Arc::make_mut(root).split(&key);
            let left = Child { first, node: Arc::clone(root) };
            *root = Arc::new(Node::Branch(vec![left, right]));
        }
        let old = insert_below(root, key, value);
        self.len += usize::from(old.is_none());
        old
    }

    /// Removes `key` and returns its value.
    pub(crate) fn remove(&mut self, key: &impl Probe<K>) -> Option<V> {
        self.get(key)?;
        let root = self.root.as_mut()?;
        let old = remove_below(root, key);
        self.len -= usize::from(old.is_some());
        if let Node::Branch(children) = &**root
            && let [only] = children.as_slice()
        {
            *root = Arc::clone(&only.node);
        } else if root.width() == 0 {
            self.root = None;
        }
        old
    }

    /// All rows in order.
    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        self.range(Bound::Unbounded)
    }

    /// The rows from a key upwards, in order.
    pub(crate) fn range(&self, from: Bound<&K>) -> Iter<'_, K, V> {
        let mut iter = Iter { branches: Vec::new(), rows: [].iter() };
        let Some(mut node) = self.root.as_ref() else {
            return iter;
        };
        loop {
            match &**node {
                Node::Leaf(rows) => {
                    let at = match from {
                        Bound::Unbounded => 0,
                        Bound::Included(key) => rows.partition_point(|row| row.0 < *key),
                        Bound::Excluded(key) => rows.partition_point(|row| row.0 <= *key),
                    };
                    iter.rows = rows[at..].iter();
                    return iter;
                }
                Node::Branch(children) => {
                    let at = match from {
                        Bound::Unbounded => 0,
                        Bound::Included(key) | Bound::Excluded(key) => child_of(children, key),
                    };
                    iter.branches.push(children[at + 1..].iter());
                    node = &children[at].node;
                }
            }
        }
    }
}

impl<K: Key, V: Clone> Node<K, V> {
    fn width(&self) -> usize {
        match self {
            Self::Leaf(rows) => rows.len(),
            Self::Branch(children) => children.len(),
        }
    }

    fn is_full(&self) -> bool {
        self.width() >= WIDTH_MAX
    }

    /// A key that is at most the smallest of this node.
    fn first(&self) -> &K {
        match self {
            Self::Leaf(rows) => &rows[0].0,
            Self::Branch(children) => &children[0].first,
        }
    }

    /// Splits a full node in two and returns the right one. `key` is about to be inserted: behind everything
    /// else, it most likely is one of a growing series, and then a left node that is rather full wastes less.
    fn split(&mut self, key: &K) -> Child<K, V> {
        let is_last = match self {
            Self::Leaf(rows) => rows.last().is_some_and(|row| row.0 < *key),
            Self::Branch(children) => children.last().is_some_and(|child| child.first < *key),
        };
        let width = self.width();
        self.split_at(if is_last { width - WIDTH_MIN } else { width / 2 })
    }

    fn split_at(&mut self, at: usize) -> Child<K, V> {
        let right = match self {
            Self::Leaf(rows) => Self::Leaf(rows.split_off(at)),
            Self::Branch(children) => Self::Branch(children.split_off(at)),
        };
        Child { first: right.first().clone(), node: Arc::new(right) }
    }

    /// Appends a node of the same height whose keys are greater.
    fn append(&mut self, right: Self) {
        match (self, right) {
            (Self::Leaf(left), Self::Leaf(mut right)) => left.append(&mut right),
            (Self::Branch(left), Self::Branch(mut right)) => left.append(&mut right),
            _ => unreachable!("siblings are equally deep"),
        }
    }
}

fn find<K, V>(rows: &[(K, V)], key: &impl Probe<K>) -> Result<usize, usize> {
    rows.binary_search_by(|row| key.order(&row.0).reverse())
}

/// As [`find`], from a row that is probably near, one by one. In a large map every row that is far from another costs
/// the processor a wait for its memory.
fn find_near<K, V>(rows: &[(K, V)], key: &impl Probe<K>, near: usize) -> Option<usize> {
    let mut at = near;
    let way = key.order(&rows[at].0);
    let mut order = way;
    while order == way && order.is_ne() {
        at = if way.is_lt() { at.checked_sub(1)? } else { at + 1 };
        order = key.order(&rows.get(at)?.0);
    }
    order.is_eq().then_some(at)
}

/// Which of `len` rows has `rank`, if ranks grow evenly from `low`, the first one's, to `high`, behind the last one's.
fn guess(rank: u64, low: u64, high: u64, len: usize) -> usize {
    // Of the difference, so many bits that its product with a count of rows fits.
    const BITS: u32 = u64::BITS - WIDTH_MAX.ilog2() - 1;
    let span = high.saturating_sub(low).max(1);
    let spare = (u64::BITS - BITS).saturating_sub(span.leading_zeros());
    let part = rank.saturating_sub(low).min(span) >> spare;
    let at = part * len as u64 / (span >> spare);
    usize::try_from(at).unwrap_or(len).min(len - 1)
}

/// Which child `key` is in, or would be.
fn child_of<K, V>(children: &[Child<K, V>], key: &impl Probe<K>) -> usize {
    children.partition_point(|child| key.order(&child.first).is_ge()).saturating_sub(1)
}

/// Inserts below a node that is not full. Full nodes on the way are split, so there is always room for one more
/// child.
fn insert_below<K: Key, V: Clone>(mut node: &mut Arc<Node<K, V>>, key: K, value: V) -> Option<V> {
    loop {
        match Arc::make_mut(node) {
            Node::Leaf(rows) => match find(rows, &key) {
                Ok(at) => return Some(core::mem::replace(&mut rows[at].1, value)),
                Err(at) => {
                    rows.insert(at, (key, value));
                    return None;
                }
            },
            Node::Branch(children) => {
                let mut at = child_of(children, &key);
                if key < children[at].first {
                    children[at].first = key.clone();
                }
                if children[at].node.is_full() {
                    let right = Arc::make_mut(&mut children[at].node).split(&key);
                    let goes_right = key >= right.first;
                    children.insert(at + 1, right);
                    at += usize::from(goes_right);
                }
                node = &mut children[at].node;
            }
        }
    }
}

fn remove_below<K: Key, V: Clone>(node: &mut Arc<Node<K, V>>, key: &impl Probe<K>) -> Option<V> {
    match Arc::make_mut(node) {
        Node::Leaf(rows) => find(rows, key).ok().map(|at| rows.remove(at).1),
        Node::Branch(children) => {
            let at = child_of(children, key);
            let old = remove_below(&mut children[at].node, key);
            if children[at].node.width() < WIDTH_MIN {
                mend(children, at);
            }
            old
        }
    }
}

/// Joins a child that has become narrow with a neighbour, and splits the two evenly if they are too wide for one.
fn mend<K: Key, V: Clone>(children: &mut Vec<Child<K, V>>, narrow: usize) {
    let left = narrow.saturating_sub(1);
    if left + 1 >= children.len() {
        return;
    }
    let right = children.remove(left + 1);
    let joined = Arc::make_mut(&mut children[left].node);
    joined.append(Arc::unwrap_or_clone(right.node));
    if joined.width() > WIDTH_MAX {
        let right = joined.split_at(joined.width() / 2);
        children.insert(left + 1, right);
    }
}

/// See [`Map::range`].
pub(crate) struct Iter<'a, K, V> {
    branches: Vec<slice::Iter<'a, Child<K, V>>>,
    rows: slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.rows.next() {
                return Some((key, value));
            }
            let Some(child) = self.branches.last_mut()?.next() else {
                self.branches.pop();
                continue;
            };
            let mut node = &child.node;
            while let Node::Branch(children) = &**node {
                let mut rest = children.iter();
                node = &rest.next()?.node;
                self.branches.push(rest);
            }
            if let Node::Leaf(rows) = &**node {
                self.rows = rows.iter();
            }
        }
    }
}
