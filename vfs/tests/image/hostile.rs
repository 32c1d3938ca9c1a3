//! Archives that must be refused.

use stepwell_vfs::{EPOCH, Errno, FileSystem, ImageError, Quota, Tree};
use tar::{EntryType, Header};

use crate::pack::{DIR, FILE, LINK, SYMLINK, pack};
use crate::{empty, import};

#[test]
fn hostile_archives_are_refused_with_a_reason() {
    let gzip = [&[0x1f, 0x8b][..], &[0; 1022]].concat();
    let mut bad_sum = pack(&[(FILE, b"a", b"", b"x")]);
    bad_sum[0] = b'b';
    let cases: &[(Vec<u8>, &str)] = &[
        (pack(&[(FILE, b"a", b"", b""), (FILE, b"../etc/passwd", b"", b"x")]), "`..`"),
        (pack(&[(FILE, b"a/../b", b"", b"")]), "`..`"),
        (pack(&[(LINK, b"a", b"../b", b"")]), "`..`"),
        (pack(&[(FILE, b"\xff", b"", b"")]), "not UTF-8"),
        (pack(&[(SYMLINK, b"a", b"\xff", b"")]), "not UTF-8"),
        (
            pack(&[(EntryType::XHeader, b"x", b"", b"12 path=a\0b\n"), (FILE, b"a", b"", b"")]),
            "NUL",
        ),
        (pack(&[(EntryType::Fifo, b"a", b"", b"")]), "device"),
        (pack(&[(EntryType::Char, b"a", b"", b"")]), "device"),
        (pack(&[(EntryType::new(b'M'), b"a", b"", b"")]), "not known"),
        (pack(&[(LINK, b"a", b"nx", b"")]), "hard link"),
        (pack(&[(FILE, b"./", b"", b""), (FILE, b".", b"", b"")]), "root"),
        (pack(&[(FILE, b"a", b"", b""), (FILE, b"a/b", b"", b"")]), "no directory"),
        (pack(&[(SYMLINK, b"a", b"/etc", b""), (FILE, b"a/b", b"", b"")]), "no directory"),
        (pack(&[(FILE, b"a/b", b"", b""), (FILE, b"a", b"", b"")]), "not empty"),
        (pack(&[(DIR, b"a", b"", b""), (LINK, b"b", b"a", b"")]), "not permitted"),
        (pack(&[(EntryType::GNULongName, b"x", b"", &[b'n'; 256]), (FILE, b"a", b"", b"")]), "255"),
        (pack(&[(EntryType::GNULongName, b"x", b"", b"name\0")]), "does not follow"),
        (
            pack(&[(EntryType::XHeader, b"x", b"", b"13 path=a\n"), (FILE, b"a", b"", b"")]),
            "extended header",
        ),
        (gzip, "gzip"),
        (bad_sum, "checksum"),
        (vec![b'x'; 1024], "checksum"),
        (Vec::new(), "ends at byte 0"),
        (pack(&[(FILE, b"a", b"", b"x")])[..1024].to_vec(), "ends at byte 1024"),
        (pack(&[(FILE, b"a", b"", b"x")])[..513].to_vec(), "ends at byte 513"),
        (pack(&[(FILE, b"a", b"", b"x")])[..100].to_vec(), "ends at byte 100"),
    ];
    for (archive, reason) in cases {
        let mut tree = empty();
        let error = tree.import_tar(archive.clone().into(), EPOCH).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        let root = tree.root();
        assert_eq!(tree.lookup(root, "a"), Err(Errno::Noent), "{reason}: nothing is imported");
    }
    let second = pack(&[(FILE, b"a", b"", b""), (FILE, b"b/../c", b"", b"")]);
    let error = import(second).unwrap_err().to_string();
    assert!(error.contains("\"b/../c\" at byte 512"), "{error}");
}

#[test]
fn sizes_that_lie_are_refused() {
    let mut huge = Header::new_gnu();
    huge.set_size(u64::MAX - 5);
    huge.set_cksum();
    let mut sparse = Header::new_gnu();
    sparse.set_entry_type(EntryType::GNUSparse);
    let gnu = sparse.as_gnu_mut().unwrap();
    gnu.set_real_size(10);
    gnu.sparse[0].set_offset(u64::MAX - 1);
    gnu.sparse[0].set_length(512);
    sparse.set_size(512);
    sparse.set_cksum();
    for header in [huge, sparse] {
        let archive = [&header.as_bytes()[..], &[0; 2048]].concat();
        assert!(import(archive).is_err());
    }
}

#[test]
fn an_archive_that_does_not_fit_changes_nothing() {
    let quota = Quota { bytes_max: 4, ..Quota::default() };
    let mut tree = Tree::new(quota, EPOCH);
    let archive = pack(&[(FILE, b"a", b"", b"fits"), (FILE, b"b", b"", b"not")]);
    let error = tree.import_tar(archive.into(), EPOCH).unwrap_err();
    assert!(matches!(error, ImageError::Tree { errno: Errno::Nospc, .. }), "{error}");
    assert_eq!(tree.find("a"), Err(Errno::Noent));
    assert_eq!(tree.bytes_used(), 0);
}
