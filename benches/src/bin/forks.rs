//! How much memory forks take, as the system counts it. Linux only; fails where a goal is missed.
//!
//! | what | goal |
//! |---|---|
//! | a fork of a tree of 100 000 files before it writes | 1 KiB |
//! | 10 000 forks of it, each with one written file, beyond the first | 200 MiB |
//! | a fork of a file of 100 MiB with one written byte | 32 KiB: one chunk and the way to it |

use std::process::ExitCode;
use std::{fs, io};

use benches::{files_of, flat_tree, shuffled, tree_of_one_file};
use vfs::{EPOCH, FileSystem, Ino, Tree};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
/// That of every Linux machine that the project is built on.
const PAGE_BYTES: u64 = 4 << 10;

fn main() -> io::Result<ExitCode> {
    let mut tree = flat_tree(100_000);
    let files = files_of(&mut tree);
    let order = shuffled(files.len());

    let (idle, bytes) = grown(|| (0..100_000).map(|_| tree.fork()).collect())?;
    let mut is_good = report("a fork before it writes", bytes / 100_000, KIB);
    drop(idle);

    let first = written(&tree, files[order[0]], 0);
    let fork = |index: usize| written(&tree, files[order[index]], 0);
    let (forks, bytes) = grown(|| (1..10_000).map(fork).collect())?;
    is_good &= report("10000 forks, each with one written file", bytes, 200 * MIB);
    drop((first, forks));

    let (tree, file) = tree_of_one_file(100 * MIB);
    let fork = |index: u64| written(&tree, file, index * 100 * KIB);
    let (_forks, bytes) = grown(|| (0..1_000).map(fork).collect())?;
    is_good &= report("a fork with one written byte of 100 MiB", bytes / 1_000, 32 * KIB);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A fork in which one byte has been written.
fn written(tree: &Tree, file: Ino, offset: u64) -> Tree {
    let mut fork = tree.fork();
    assert_eq!(fork.write_at(file, offset, b"y", EPOCH), Ok(1));
    fork
}

/// What `make` makes, and by how much the process has grown for it.
fn grown(make: impl FnOnce() -> Vec<Tree>) -> io::Result<(Vec<Tree>, u64)> {
    let before = resident_bytes()?;
    let made = make();
    Ok((made, resident_bytes()?.saturating_sub(before)))
}

/// The memory that the process has in use.
fn resident_bytes() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.map(|pages| pages * PAGE_BYTES).ok_or(io::ErrorKind::InvalidData.into())
}

fn report(what: &str, bytes: u64, goal: u64) -> bool {
    let is_good = bytes <= goal;
    let verdict = if is_good { "at most" } else { "MORE THAN" };
    println!("{what}: {bytes} bytes, {verdict} {goal}");
    is_good
}
