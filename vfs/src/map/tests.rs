use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

type Model = BTreeMap<u16, u32>;

impl Key for u16 {
    fn rank(&self) -> u64 {
        // Evenly, and then not at all: a search may not depend on it.
        u64::from(*self).min(2_000)
    }
}

impl Key for u32 {
    fn rank(&self) -> u64 {
        u64::from(*self)
    }
}

/// Every invariant of the tree, and its height.
fn check(map: &Map<u16, u32>) -> usize {
    fn walk(node: &Node<u16, u32>, low: Option<u16>, high: Option<u16>, is_root: bool) -> usize {
        let width = node.width();
        assert!(width <= WIDTH_MAX, "{width} is too wide");
        assert!(width >= if is_root { 1 } else { WIDTH_MIN }, "{width} is too narrow");
        match node {
            Node::Leaf(rows) => {
                assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
                assert!(low.is_none_or(|low| low <= rows[0].0));
                assert!(high.is_none_or(|high| rows[width - 1].0 < high));
                1
            }
            Node::Branch(children) => {
                assert!(width >= 2, "a branch branches");
                let heights: Vec<usize> = (0..width)
                    .map(|at| {
                        let next = children.get(at + 1).map(|child| child.first).or(high);
                        walk(&children[at].node, Some(children[at].first), next, false)
                    })
                    .collect();
                assert!(
                    heights.windows(2).all(|pair| pair[0] == pair[1]),
                    "leaves are equally deep"
                );
                heights[0] + 1
            }
        }
    }
    map.root.as_ref().map_or(0, |root| walk(root, None, None, true))
}

fn rows(map: &Map<u16, u32>) -> Vec<(u16, u32)> {
    map.iter().map(|(key, value)| (*key, *value)).collect()
}

fn model_rows(model: &Model) -> Vec<(u16, u32)> {
    model.iter().map(|(key, value)| (*key, *value)).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u16, u32),
    Remove(u16),
    Change(u16),
    /// Many keys in a row, to make the tree deep.
    Fill(u16, u16),
    /// Many keys out, to make it shallow.
    Drain(u16, u16),
    Fork,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4000u16, any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        4 => (0..4000u16).prop_map(Step::Remove),
        2 => (0..4000u16).prop_map(Step::Change),
        2 => (0..4000u16, 1..900u16).prop_map(|(from, count)| Step::Fill(from, count)),
        1 => (0..4000u16, 1..900u16).prop_map(|(from, count)| Step::Drain(from, count)),
        1 => Just(Step::Fork),
    ]
}

fn apply(step: &Step, map: &mut Map<u16, u32>, model: &mut Model) {
    match *step {
        Step::Insert(key, value) => assert_eq!(map.insert(key, value), model.insert(key, value)),
        Step::Remove(key) => assert_eq!(map.remove(&key), model.remove(&key)),
        Step::Change(key) => {
            let (ours, theirs) = (map.get_mut(&key), model.get_mut(&key));
            assert_eq!(ours, theirs);
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                *ours = ours.wrapping_add(1);
                *theirs = theirs.wrapping_add(1);
            }
        }
        Step::Fill(from, count) => {
            for key in from..from + count {
                assert_eq!(map.insert(key, 7), model.insert(key, 7));
            }
        }
        Step::Drain(from, count) => {
            for key in from..from + count {
                assert_eq!(map.remove(&key), model.remove(&key));
            }
        }
        Step::Fork => {}
    }
}

fn check_diff(old: (&Map<u16, u32>, &Model), new: (&Map<u16, u32>, &Model)) {
    let mut found = Vec::new();
    let mut last = None;
    Map::diff(old.0, new.0, |key, a, b| {
        assert!(last < Some(*key), "in order, and each key once");
        last = Some(*key);
        if a != b {
            found.push((*key, a.copied(), b.copied()));
        }
    });
    let keys: alloc::collections::BTreeSet<u16> =
        old.1.keys().chain(new.1.keys()).copied().collect();
    let expected: Vec<_> = keys
        .into_iter()
        .map(|key| (key, old.1.get(&key).copied(), new.1.get(&key).copied()))
        .filter(|(_, a, b)| a != b)
        .collect();
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn a_map_and_its_clones_behave_like_std_maps(
        steps in proptest::collection::vec(step(), 1..60),
        probes in proptest::collection::vec(0..4200u16, 8),
    ) {
        let (mut map, mut model) = (Map::default(), Model::new());
        let mut forks = Vec::new();
        for step in &steps {
            if matches!(step, Step::Fork) {
                forks.push((map.clone(), model.clone()));
            }
            apply(step, &mut map, &mut model);
        }
        forks.push((map, model));
        for (map, model) in &forks {
            prop_assert!(check(map) <= 5);
            prop_assert_eq!(map.len(), model.len());
            prop_assert_eq!(rows(map), model_rows(model));
            for probe in &probes {
                prop_assert_eq!(map.get(probe), model.get(probe));
                let ours: Vec<_> = map.range(Bound::Included(probe)).map(|row| *row.0).collect();
                let theirs: Vec<_> = model.range(probe..).map(|row| *row.0).collect();
                prop_assert_eq!(&ours, &theirs);
                let ours = map.range(Bound::Excluded(probe)).next().map(|row| *row.0);
                prop_assert_eq!(ours, theirs.into_iter().find(|key| key != probe));
            }
        }
        for old in &forks {
            for new in &forks {
                check_diff((&old.0, &old.1), (&new.0, &new.1));
            }
        }
    }
}

#[test]
fn comparing_two_large_clones_visits_little_more_than_what_differs() {
    let mut old = Map::default();
    for key in 0..100_000u32 {
        old.insert(key, 0);
    }
    let mut new = old.clone();
    new.insert(50_000, 1);
    new.remove(&70_000);
    new.insert(100_000, 1);
    let (mut visited, mut differ) = (0, Vec::new());
    Map::diff(&old, &new, |key, a, b| {
        visited += 1;
        if a != b {
            differ.push(*key);
        }
    });
    assert_eq!(differ, [50_000, 70_000, 100_000]);
    assert!(visited < 3 * WIDTH_MAX, "{visited} rows visited");
}

#[test]
fn a_diff_finds_shared_subtrees_again_after_splits_on_the_left() {
    let mut old = Map::default();
    for key in 1_000..50_000u32 {
        old.insert(key, 0);
    }
    let mut new = old.clone();
    for key in 0..1_000 {
        new.insert(key, 0);
    }
    let mut visited = 0;
    Map::diff(&old, &new, |_, _, _| visited += 1);
    assert!(visited < 1_000 + 2 * WIDTH_MAX, "{visited} rows visited");
}

#[test]
fn a_missing_key_costs_no_copy() {
    let mut map: Map<u16, u32> = Map::default();
    map.insert(1, 1);
    let clone = map.clone();
    assert!(map.get_mut(&2).is_none());
    assert!(map.remove(&2).is_none());
    let (Some(ours), Some(theirs)) = (&map.root, &clone.root) else { panic!("both have a row") };
    assert!(Arc::ptr_eq(ours, theirs));
}

#[test]
fn a_growing_series_fills_its_leaves() {
    let mut map = Map::default();
    for key in 0..10_000u16 {
        map.insert(key, 0);
    }
    assert_eq!(check(&map), 3);
}
