//! Trees: forks, names, listings, differences and bytes.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use benches::{file_name, files_of, flat_tree, guest_path, shuffled, tree_of_one_file};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vfs::{Cookie, EPOCH, FileSystem, Follow, Mount, Namespace, Quota, Tree, diff};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// At most a microsecond, however many files there are.
fn fork(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fork");
    for files in [10, 10_000, 1_000_000] {
        let tree = flat_tree(files);
        group.bench_function(BenchmarkId::from_parameter(files), |bencher| {
            bencher.iter(|| black_box(&tree).fork());
        });
    }
    group.finish();
}

/// Copies one chunk, not the file.
fn first_write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("first write after a fork");
    for mib in [1, 100] {
        let (tree, file) = tree_of_one_file(mib * MIB);
        group.bench_function(format!("1 B in {mib} MiB"), |bencher| {
            bencher.iter_batched(
                || tree.fork(),
                |mut fork| {
                    let written = fork.write_at(file, mib * MIB / 2, b"y", EPOCH);
                    assert_eq!(written, Ok(1));
                    fork
                },
                BatchSize::SmallInput,
            );
        });
    }
    let tree = flat_tree(100_000);
    let file = files_of(&mut tree.fork())[50_000];
    group.bench_function("1 B, one of 100000 files", |bencher| {
        bencher.iter_batched(
            || tree.fork(),
            |mut fork| {
                assert_eq!(fork.write_at(file, 0, b"y", EPOCH), Ok(1));
                fork
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// At most a microsecond among 100 000 names.
fn stat(criterion: &mut Criterion) {
    let files = 100_000;
    let tree = flat_tree(files);
    let fs = Box::new(tree);
    let mut namespace = Namespace::new(Mount { fs, read_only: false });
    let base = namespace.root();
    let mut group = criterion.benchmark_group("stat among 100000");
    for (name, suffix) in [("present", ""), ("missing", "~")] {
        let path = |index| format!("dir/{}{suffix}", file_name(index));
        let paths: Vec<String> = shuffled(files).into_iter().map(path).collect();
        let mut next = (0..files).cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let path = &paths[next.next()?];
                let found = namespace.walk(base, guest_path(path), Follow::Yes).ok()?;
                let node = found.node?;
                namespace.fs(node.mount).stat(node.ino).ok()
            });
        });
    }
    group.finish();
}

/// At least five million entries in a second.
fn list(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list");
    for files in [1_000, 100_000] {
        let mut tree = flat_tree(files);
        let dir = tree.find("dir").unwrap();
        group.throughput(Throughput::Elements(files as u64));
        group.bench_function(BenchmarkId::from_parameter(files), |bencher| {
            bencher.iter(|| {
                let mut bytes = 0;
                let mut visit = |entry: vfs::DirEntry<'_>| {
                    bytes += entry.name.len() + usize::from(entry.file_type as u8);
                    ControlFlow::Continue(())
                };
                tree.read_dir(dir, Cookie::START, &mut visit).unwrap();
                bytes
            });
        });
    }
    group.finish();
}

/// As the changes, not as the tree.
fn difference(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diff of 100000");
    let base = flat_tree(100_000);
    let files = files_of(&mut base.fork());
    for changes in [1, 10, 100, 1_000] {
        let mut now = base.fork();
        for index in &shuffled(files.len())[..changes] {
            now.write_at(files[*index], 0, b"y", EPOCH).unwrap();
        }
        group.throughput(Throughput::Elements(changes as u64));
        group.bench_function(BenchmarkId::from_parameter(changes), |bencher| {
            bencher.iter(|| diff(&base, &now));
        });
    }
    group.finish();
}

/// At least 2 GB in a second; beside it what the memory itself can do.
fn overwrite(criterion: &mut Criterion) {
    const PIECE: u64 = 4 << 10;
    let size = 64 * MIB;
    let piece = [b'y'; 4 << 10];
    let mut group = criterion.benchmark_group("overwrite 4 KiB of 64 MiB");
    group.throughput(Throughput::Bytes(PIECE));
    let count = usize::try_from(size / PIECE).unwrap();
    let places: Vec<u64> = shuffled(count).iter().map(|place| *place as u64 * PIECE).collect();
    let (mut tree, file) = tree_of_one_file(size);
    let mut next = places.iter().cycle();
    group.bench_function("tree", |bencher| {
        bencher.iter(|| tree.write_at(file, *next.next().unwrap_or(&0), black_box(&piece), EPOCH));
    });
    let mut memory = vec![b'x'; usize::try_from(size).unwrap()];
    let mut next = places.iter().cycle();
    group.bench_function("memory", |bencher| {
        bencher.iter(|| {
            let at = usize::try_from(*next.next().unwrap_or(&0)).unwrap();
            memory[at..at + piece.len()].copy_from_slice(black_box(&piece));
        });
    });
    group.finish();
}

/// 5000 of them in less than 20 milliseconds.
fn append(criterion: &mut Criterion) {
    let tree = flat_tree(1_000);
    let file = files_of(&mut tree.fork())[500];
    criterion.bench_function("append 5000 times 100 B", |bencher| {
        bencher.iter_batched(
            || tree.fork(),
            |mut fork| {
                for index in 0..5_000 {
                    assert_eq!(fork.write_at(file, index * 100, &[b'y'; 100], EPOCH), Ok(100));
                }
                fork
            },
            BatchSize::SmallInput,
        );
    });
}

/// Takes one chunk.
fn far_write(criterion: &mut Criterion) {
    let quota = Quota { bytes_max: GIB, ..Quota::default() };
    let mut tree = Tree::new(quota, EPOCH);
    let root = tree.root();
    let file = tree.create_file(root, "file", EPOCH).unwrap();
    criterion.bench_function("write 1 B at 1 TiB", |bencher| {
        bencher.iter_batched(
            || tree.fork(),
            |mut fork| {
                assert_eq!(fork.write_at(file, 1 << 40, b"y", EPOCH), Ok(1));
                assert!(fork.bytes_used() <= 16 << 10, "{}", fork.bytes_used());
                fork
            },
            BatchSize::SmallInput,
        );
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = fork, first_write, stat, list, difference, overwrite, append, far_write
}
criterion_main!(benches);
