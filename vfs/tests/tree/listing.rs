//! Reading directories while they change.

use stepwell_vfs::{Cookie, FileSystem, FileType};

use crate::common::{NOW, entries, names};
use crate::tree_of;

#[test]
fn removing_every_file_while_listing_removes_them_all() {
    for step in 1..7 {
        let paths: Vec<String> = (0..20).map(|n| format!("f{n}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let mut tree = tree_of(&paths);
        let root = tree.root();
        let mut at = Cookie::START;
        loop {
            let page: Vec<_> = entries(&mut tree, root, at).into_iter().take(step).collect();
            let Some(last) = page.last() else { break };
            at = last.0;
            for (_, _, _, name) in &page {
                tree.unlink(root, name, NOW).unwrap();
            }
        }
        assert_eq!(names(&mut tree, ""), [""; 0], "{step} at a time");
    }
}

#[test]
fn renaming_every_file_while_listing_comes_to_an_end() {
    let mut tree = tree_of(&["a", "b", "c"]);
    let root = tree.root();
    let mut at = Cookie::START;
    let mut steps = 0;
    while let Some((cookie, _, _, name)) = entries(&mut tree, root, at).into_iter().next() {
        at = cookie;
        // As a program that replaces each file safely: write another one and rename it over the first.
        tree.create_file(root, "new", NOW).unwrap();
        tree.rename(root, "new", root, &name, NOW).unwrap();
        tree.rename(root, &name, root, &format!("{name}.bak"), NOW).unwrap();
        steps += 1;
        assert!(steps <= 3);
    }
    assert_eq!(names(&mut tree, ""), ["a.bak", "b.bak", "c.bak"]);
}

#[test]
fn a_listing_goes_on_after_any_cookie() {
    let mut tree = tree_of(&["c", "a", "b/"]);
    let root = tree.root();
    let all = entries(&mut tree, root, Cookie::START);
    let rows: Vec<_> = all.iter().map(|row| (row.0.0, row.2, row.3.as_str())).collect();
    let (file, dir) = (FileType::RegularFile, FileType::Directory);
    assert_eq!(rows, [(3, file, "c"), (4, file, "a"), (5, dir, "b")]);
    for (index, row) in all.iter().enumerate() {
        assert_eq!(entries(&mut tree, root, row.0), all[index + 1..]);
    }
    assert_eq!(entries(&mut tree, root, Cookie(u64::MAX)), []);
}
