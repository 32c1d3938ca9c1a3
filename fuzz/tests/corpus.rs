//! Every input that is checked in, through its target.

use std::path::{Path, PathBuf};

/// One test, since the limit of memory that some targets set is the program's.
#[test]
fn nothing_is_found_in_the_corpora() {
    for (name, target) in fuzz::TARGETS {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
            .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{} has a corpus", dir.display());
        for file in files {
            println!("{}", file.display());
            target(&std::fs::read(&file).unwrap());
        }
    }
}
