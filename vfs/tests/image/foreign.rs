//! Archives of other programs.

use stepwell_vfs::{EPOCH, FileSystem, FileType};
use tar::EntryType;

use crate::import;
use crate::pack::{DIR, FILE, LINK, SYMLINK, pack};

#[test]
fn archives_of_other_programs_are_read() {
    let archive = pack(&[
        (EntryType::XGlobalHeader, b"pax_global_header", b"", b"19 comment=ignored\n"),
        (FILE, b"./etc//./conf", b"", b"first"),
        (FILE, b"/bin/sh", b"", b"shell"),
        (EntryType::Continuous, b"etc/conf", b"", b"last wins"),
        (FILE, b"old/style/", b"", b""),
        (LINK, b"bin/dash", b"./bin/sh", b""),
        (SYMLINK, b"usr", b"/bin", b""),
        (DIR, b"usr", b"", b""),
        (DIR, b"bin/", b"", b""),
        (
            EntryType::XHeader,
            b"x",
            b"",
            b"20 mtime=12.0000345\n29 SCHILY.xattr.user.a=b\nc=d\n9 size=1\n",
        ),
        (FILE, b"pax", b"", b"p"),
        (EntryType::XHeader, b"x", b"", b"17 path=new\nline\n"),
        (FILE, b"ignored", b"", b""),
    ]);
    let mut tree = import(archive).unwrap();
    assert_eq!(tree.read_file("etc/conf").unwrap(), b"last wins");
    assert_eq!(tree.read_file("bin/dash").unwrap(), b"shell");
    assert_eq!(tree.find("bin/dash"), tree.find("bin/sh"));
    assert_eq!(tree.find("new\nline").map(|_| ()), Ok(()));
    for (path, file_type, mode, modified) in [
        ("bin", FileType::Directory, 0o640, 7_000_000_000),
        ("bin/sh", FileType::RegularFile, 0o640, 7_000_000_000),
        ("etc", FileType::Directory, 0o755, EPOCH.0 + 1),
        ("old/style", FileType::Directory, 0o640, 7_000_000_000),
        ("usr", FileType::Directory, 0o640, 7_000_000_000),
        ("pax", FileType::RegularFile, 0o640, 12_000_034_500),
    ] {
        let ino = tree.find(path).unwrap();
        let stat = tree.stat(ino).unwrap();
        assert_eq!((stat.file_type, stat.modified.0), (file_type, modified), "{path}");
        assert_eq!(tree.mode(ino), Ok(mode), "{path}");
    }
}

#[test]
fn the_extended_forms_of_sparse_files_are_read() {
    let mut in_contents = b"2\n4\n3\n600\n2\n".to_vec();
    in_contents.resize(512, 0);
    in_contents.extend_from_slice(b"abcde");
    let forms: [(&[u8], &[u8]); 3] = [
        (
            b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n24 GNU.sparse.name=name\n28 GNU.sparse.realsize=1000\n",
            &in_contents,
        ),
        (b"28 GNU.sparse.map=4,3,600,2\n24 GNU.sparse.size=1000\n24 GNU.sparse.name=name\n", b"abcde"),
        (
            b"24 GNU.sparse.size=1000\n23 GNU.sparse.offset=4\n25 GNU.sparse.numbytes=3\n\
              25 GNU.sparse.offset=600\n25 GNU.sparse.numbytes=2\n24 GNU.sparse.name=name\n",
            b"abcde",
        ),
    ];
    let mut expected = vec![0; 1000];
    expected[4..7].copy_from_slice(b"abc");
    expected[600..602].copy_from_slice(b"de");
    for (records, contents) in forms {
        let archive =
            pack(&[(EntryType::XHeader, b"x", b"", records), (FILE, b"other", b"", contents)]);
        let mut tree = import(archive).unwrap();
        let text = String::from_utf8_lossy(records);
        assert_eq!(tree.read_file("name").as_deref(), Ok(&expected[..]), "{text}");
    }
}
