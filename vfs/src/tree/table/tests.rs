use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::Timestamp;
use crate::content::Content;
use crate::tree::Kind;

type Model = BTreeMap<u64, u32>;

/// An inode that can be told from others by its mode.
fn inode(mode: u32) -> Inode {
    Inode { mode, ..Inode::new(Kind::File(Content::default()), Timestamp(0)) }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u64, u32),
    Remove(u64),
    Change(u64, u32),
    Fork,
}

/// Mostly small numbers, so that they meet, and some of any size.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..80u64, 2 => 0..5_000u64, 1 => (0..64u32).prop_map(|bit| 1 << bit)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (number(), any::<u32>()).prop_map(|(ino, mode)| Step::Insert(ino, mode)),
        3 => number().prop_map(Step::Remove),
        2 => (number(), any::<u32>()).prop_map(|(ino, mode)| Step::Change(ino, mode)),
        1 => Just(Step::Fork),
    ]
}

fn apply(step: &Step, inodes: &mut Inodes, model: &mut Model) {
    match *step {
        Step::Insert(ino, mode) => {
            inodes.insert(ino, inode(mode));
            model.insert(ino, mode);
        }
        Step::Remove(ino) => {
            inodes.remove(&ino);
            model.remove(&ino);
        }
        Step::Change(ino, mode) => {
            let (ours, theirs) = (inodes.get_mut(&ino), model.get_mut(&ino));
            assert_eq!(ours.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                (ours.mode, *theirs) = (mode, mode);
            }
        }
        Step::Fork => {}
    }
}

fn check_diff(old: &(Inodes, Model), new: &(Inodes, Model)) {
    let mut found = Vec::new();
    Inodes::diff(&old.0, &new.0, |ino, old, new| {
        let (old, new) = (old.map(|old| old.mode), new.map(|new| new.mode));
        found.push((ino, old, new));
    });
    assert!(found.is_sorted_by(|a, b| a.0 < b.0), "in order, and each number once");
    for (ino, a, b) in &found {
        assert_eq!((old.1.get(ino), new.1.get(ino)), (a.as_ref(), b.as_ref()));
    }
    for ino in old.1.keys().chain(new.1.keys()) {
        let is_found = found.binary_search_by_key(ino, |row| row.0).is_ok();
        assert!(is_found || old.1.get(ino) == new.1.get(ino), "{ino} differs");
    }
}

proptest! {
    #[test]
    fn a_table_and_its_clones_behave_like_std_maps(
        steps in proptest::collection::vec(step(), 1..80),
        probes in proptest::collection::vec(number(), 8),
    ) {
        let (mut inodes, mut model) = (Inodes::default(), Model::new());
        let mut forks = Vec::new();
        for step in &steps {
            if matches!(step, Step::Fork) {
                forks.push((inodes.clone(), model.clone()));
            }
            apply(step, &mut inodes, &mut model);
        }
        forks.push((inodes, model));
        for (inodes, model) in &forks {
            prop_assert_eq!(inodes.len(), model.len());
            prop_assert_eq!(inodes.root.is_none(), model.is_empty());
            for ino in probes.iter().chain(model.keys()) {
                prop_assert_eq!(inodes.get(ino).map(|inode| inode.mode), model.get(ino).copied());
            }
        }
        for old in &forks {
            for new in &forks {
                check_diff(old, new);
            }
        }
    }
}

#[test]
fn two_clones_differ_in_what_was_changed() {
    let mut old = Inodes::default();
    for ino in 0..40_000 {
        old.insert(ino, inode(0));
    }
    let mut new = old.clone();
    new.insert(40_000, inode(1));
    new.remove(&7);
    assert!(new.get_mut(&20_000).is_some());
    let mut found = Vec::new();
    Inodes::diff(&old, &new, |ino, old, new| found.push((ino, old.is_some(), new.is_some())));
    assert_eq!(found, [(7, true, false), (20_000, true, true), (40_000, false, true)]);
}
