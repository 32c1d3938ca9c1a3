use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::record::{DirectoryRecord, FileRecord, Head, KindRecord, Record};
use super::{Base, MARK};
use crate::state::encode;
use crate::{LoadError, Tree};

type Rows<'a> = Vec<(u64, Option<(&'a str, u64)>)>;

fn directory(ino: u64, reach: u64, rows: Rows<'_>) -> Record<'_> {
    let kind = KindRecord::Directory(DirectoryRecord { next_cookie: 9, reach, rows });
    Record { ino, mode: 0, accessed: 0, modified: 0, changed: 0, kind }
}

fn file<'a>(ino: u64, len: u64, base: &'a [u8], chunks: &[(u64, &'a [u8])]) -> Record<'a> {
    let chunks = chunks.iter().map(|(index, chunk)| (*index, (*chunk).into())).collect();
    let kind = KindRecord::File(FileRecord { len, base, chunks });
    Record { kind, ..directory(ino, 0, Vec::new()) }
}

fn load(held: Vec<(u64, u64)>, records: &[Record<'_>]) -> Result<Tree, LoadError> {
    load_over(None, held, Vec::new(), records)
}

fn load_over(
    base: Option<&Base>,
    held: Vec<(u64, u64)>,
    gone: Vec<u64>,
    records: &[Record<'_>],
) -> Result<Tree, LoadError> {
    let head = Head {
        base: base.map(Base::digest),
        next_ino: 9,
        bytes_max: 1,
        inodes_max: 1,
        file_bytes_max: 1,
        held,
        gone,
        records: records.len() as u64,
    };
    let mut bytes = [MARK, &encode(&head)].concat();
    records.iter().for_each(|record| bytes.extend(encode(record)));
    Tree::load(&Bytes::from(bytes), base.map(core::slice::from_ref).unwrap_or_default())
}

fn whole() -> Tree {
    let records = [
        directory(1, 6, vec![(3, Some(("d", 2))), (4, Some(("f", 3)))]),
        directory(2, 4, vec![(3, Some(("abc", 3)))]),
        file(3, 20_000, b"ab", &[(0, b"x"), (1, b"y")]),
        file(4, 2, b"ab", &[]),
    ];
    load(vec![(4, 2)], &records).unwrap()
}

#[test]
fn what_holds_together_is_a_tree() {
    let tree = whole();
    assert_eq!(tree.inodes_used(), 5, "four, and a second name");
    assert_eq!(tree.bytes_used(), 1 + 256 + 2);
}

/// Each row is a tree of few inodes in which one thing does not hold.
#[test]
fn what_does_not_hold_together_is_refused() {
    let root = |rows| directory(1, 4000, rows);
    let some = |cookie, name, ino| (cookie, Some((name, ino)));
    let empty = |ino| file(ino, 0, b"", &[]);
    let long = core::str::from_utf8(&[b'n'; 256]).unwrap();
    let chunk = [1; 16_385];
    type Row<'a> = (&'static str, Vec<(u64, u64)>, Vec<Record<'a>>);
    let cases: Vec<Row<'_>> = vec![
        ("the root is no directory", vec![], vec![]),
        ("the root is no directory", vec![(1, 1)], vec![empty(1)]),
        ("a name leads nowhere", vec![], vec![root(vec![some(3, "a", 2)])]),
        ("a name is none", vec![], vec![root(vec![some(3, "", 2)]), empty(2)]),
        ("a name is none", vec![], vec![root(vec![some(3, "..", 2)]), empty(2)]),
        ("a name is none", vec![], vec![root(vec![some(3, "a/b", 2)]), empty(2)]),
        ("a name is none", vec![], vec![root(vec![some(3, long, 2)]), empty(2)]),
        (
            "a name is there twice",
            vec![],
            vec![root(vec![some(3, "a", 2), some(4, "a", 2)]), empty(2)],
        ),
        (
            "cookies are not in order",
            vec![],
            vec![root(vec![some(3, "a", 2), some(3, "b", 2)]), empty(2)],
        ),
        ("a cookie is not given yet", vec![], vec![root(vec![some(9, "a", 2)]), empty(2)]),
        ("a cookie is not given yet", vec![], vec![root(vec![some(2, "a", 2)]), empty(2)]),
        ("an inode has no name and is not held", vec![], vec![root(vec![]), empty(2)]),
        ("what is held does not exist", vec![(2, 1)], vec![root(vec![])]),
        ("an inode is held so often", vec![(1, 0)], vec![root(vec![])]),
        ("an inode is held twice", vec![(1, 1), (1, 1)], vec![root(vec![])]),
        ("numbers are not in order", vec![], vec![root(vec![]), root(vec![])]),
        ("numbers are not in order", vec![], vec![directory(0, 0, vec![])]),
        ("a number is not given yet", vec![], vec![root(vec![some(3, "a", 9)]), empty(9)]),
        (
            "a directory has two names",
            vec![],
            vec![root(vec![some(3, "a", 2), some(4, "b", 2)]), directory(2, 0, vec![])],
        ),
        ("a directory has two names", vec![], vec![root(vec![some(3, "a", 1)])]),
        (
            "a directory is removed and not empty",
            vec![(2, 1)],
            vec![root(vec![]), directory(2, 9, vec![some(3, "a", 3)]), empty(3)],
        ),
        (
            "a directory does not reach what is in it",
            vec![],
            vec![
                root(vec![]),
                directory(2, 9, vec![some(3, "a", 3)]),
                directory(3, 9, vec![some(3, "a", 2)]),
            ],
        ),
        (
            "a directory does not reach what is in it",
            vec![],
            vec![directory(1, 1, vec![some(3, "a", 2)]), empty(2)],
        ),
        ("a path is too long", vec![], vec![directory(1, 4096, vec![])]),
        (
            "a file is shorter than its bytes",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 1, b"ab", &[])],
        ),
        (
            "a file is shorter than its chunks",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 16_384, b"", &[(1, b"a")])],
        ),
        (
            "a file is shorter than its chunks",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 9, b"", &[(u64::MAX, b"a")])],
        ),
        (
            "a file has no such chunk",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 9, b"", &[(0, b"")])],
        ),
        (
            "a file has no such chunk",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 9, b"", &[(0, b"a"), (0, b"a")])],
        ),
        (
            "a file has no such chunk",
            vec![(2, 1)],
            vec![root(vec![]), file(2, 99_999, b"", &[(0, &chunk)])],
        ),
        (
            "an inode is not what it was",
            vec![],
            vec![root(vec![]), Record { kind: KindRecord::Kept, ..empty(2) }],
        ),
        (
            "there are no such permission bits",
            vec![],
            vec![Record { mode: 0o10000, ..root(vec![]) }],
        ),
    ];
    for (index, (expected, held, records)) in cases.into_iter().enumerate() {
        let result = load(held, &records).err();
        assert_eq!(result, Some(LoadError::Inconsistent(expected)), "case {index}");
    }
}

/// Each row is a difference to [`whole`] in which one thing does not hold.
#[test]
fn a_difference_that_does_not_hold_together_is_refused() {
    let base = Base::new(&whole()).unwrap();
    let root = |reach, rows| directory(1, reach, rows);
    let early = KindRecord::Directory(DirectoryRecord { next_cookie: 4, reach: 6, rows: vec![] });
    type Row<'a> = (&'static str, Vec<(u64, u64)>, Vec<u64>, Vec<Record<'a>>);
    let cases: Vec<Row<'_>> = vec![
        ("an inode has no name and is not held", vec![], vec![], vec![]),
        ("a name leads to what is gone", vec![], vec![3, 4], vec![]),
        ("what is held does not exist", vec![(4, 1)], vec![4], vec![]),
        ("what is gone was not there", vec![], vec![4, 7], vec![]),
        ("numbers are not in order", vec![], vec![4, 4], vec![]),
        ("the root is no directory", vec![(3, 1)], vec![1, 2, 4], vec![]),
        ("a number is given twice", vec![(3, 1)], vec![3, 4], vec![directory(3, 0, vec![])]),
        ("an inode is not what it was", vec![(4, 1)], vec![], vec![directory(3, 0, vec![])]),
        (
            "a cookie is not given yet",
            vec![],
            vec![4],
            vec![Record { kind: early, ..root(6, vec![]) }],
        ),
        ("a directory does not reach what is in it", vec![], vec![4], vec![root(5, vec![])]),
        (
            "a directory does not reach what is in it",
            vec![],
            vec![4],
            vec![directory(2, 5, vec![])],
        ),
        ("a name is there twice", vec![], vec![4], vec![root(6, vec![(5, Some(("d", 3)))])]),
        (
            "a directory is removed and not empty",
            vec![(2, 1)],
            vec![4],
            vec![root(6, vec![(3, None)])],
        ),
        (
            "a directory does not reach what is in it",
            vec![],
            vec![4],
            vec![root(6, vec![(3, None)]), directory(2, 9, vec![(4, Some(("d", 2)))])],
        ),
    ];
    for (index, (expected, held, gone, records)) in cases.into_iter().enumerate() {
        let result = load_over(Some(&base), held, gone, &records).err();
        assert_eq!(result, Some(LoadError::Inconsistent(expected)), "case {index}");
    }
    // The same without anything wrong.
    let moved = [root(9, vec![(3, None), (4, Some(("again", 3))), (7, Some(("d", 2)))])];
    let tree = load_over(Some(&base), vec![(3, 1)], vec![4], &moved).unwrap();
    assert_eq!((tree.inodes_used(), tree.bytes_used()), (4, 257));
}
