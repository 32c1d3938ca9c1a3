//! Calls as a guest makes them, through our table on our file system in memory, and through wasi-common on the same
//! interpreter: its streams in memory, its files on the host. Last, the interpreter's own part of it: host functions that
//! do nothing, or only copy what a read copies.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::{Engine, Limits, Module, Process, State};
use tempfile::TempDir;
use vfs::{EPOCH, Mount, Namespace, Quota, Tree};
use wasmi_wasi::wasi_common::pipe::WritePipe;
use wasmi_wasi::{Dir, WasiCtx, WasiCtxBuilder, ambient_authority};

/// A guest: its name, what it calls, how often, and its text.
type Guest = (&'static str, u64, &'static str);

const FD_WRITE: &str = include_str!("../guests/fd_write.wat");
const FD_READ: &str = include_str!("../guests/fd_read.wat");

const GUESTS: [Guest; 6] = [
    ("fd_write of 1 B to a stream", 10_000, FD_WRITE),
    ("fd_write of 100 B to a file", 5_000, include_str!("../guests/fd_write_file.wat")),
    ("fd_read of 4 KiB from a file", 10_240, FD_READ),
    ("path_open and fd_close", 10_000, include_str!("../guests/path_open.wat")),
    ("path_filestat_get", 10_000, include_str!("../guests/path_filestat_get.wat")),
    ("fd_readdir of 4 KiB", 1_000, include_str!("../guests/fd_readdir.wat")),
];
/// How many files there are beside the two that the guests open.
const FILES: usize = 1_000;
const FILE_BYTES: usize = 1 << 20;
const READ_BYTES: usize = 4 << 10;

/// What the guests find, made by a function that is given each path and its content.
fn fill(mut write: impl FnMut(&str, Vec<u8>)) {
    write("file", vec![b'x'; FILE_BYTES]);
    write("dir/file", Vec::new());
    for index in 0..FILES {
        write(&benches::file_name(index), Vec::new());
    }
}

fn ours(module: &Module, tree: &Tree) -> Process {
    let fs = Box::new(tree.fork());
    Process::builder(module)
        .arg("guest")
        .fs(Namespace::new(Mount { fs, read_only: false }))
        .limits(Limits::default())
        .spawn()
        .expect("the guests can be instantiated")
}

fn theirs(
    module: &wasmi::Module,
    root: &Path,
) -> (wasmi::Store<WasiCtx>, wasmi::TypedFunc<(), ()>) {
    let root = Dir::open_ambient_dir(root, ambient_authority()).expect("the directory is there");
    let mut context = WasiCtxBuilder::new();
    context.stdout(Box::new(WritePipe::new_in_memory()));
    context.preopened_dir(root, "/").expect("there is room for a descriptor");
    let mut store = wasmi::Store::new(module.engine(), context.build());
    let mut linker = wasmi::Linker::new(module.engine());
    wasmi_wasi::add_to_linker(&mut linker, |context: &mut WasiCtx| context)
        .expect("the names differ");
    let instance = linker.instantiate_and_start(&mut store, module);
    let instance = instance.expect("the guests can be instantiated");
    let start = instance.get_typed_func(&store, "_start").expect("the guests have it");
    (store, start)
}

fn syscalls(criterion: &mut Criterion) {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    fill(|path, bytes| {
        tree.write_file(path, bytes.into(), EPOCH).expect("there is room");
    });
    let root = TempDir::new().expect("the host has a directory for it");
    fill(|path, bytes| {
        let path = root.path().join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all).expect("the host has room");
        fs::write(path, bytes).expect("the host has room");
    });
    for (name, calls, text) in GUESTS {
        let wasm = wat::parse_str(text).expect("the guests are good");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(calls));
        let module = Module::new(&Engine::default(), wasm.clone().into()).expect("it is valid");
        group.bench_function("stepwell", |bencher| {
            bencher.iter_batched(
                || ours(&module, &tree),
                |mut process| {
                    assert_eq!(process.run(u64::MAX), State::Exited(0));
                    process
                },
                BatchSize::PerIteration,
            );
        });
        let module = wasmi::Module::new(&wasmi::Engine::default(), &wasm).expect("it is valid");
        group.bench_function("wasi-common", |bencher| {
            bencher.iter_batched(
                || theirs(&module, root.path()),
                |(mut store, start)| {
                    start.call(&mut store, ()).expect("the guests do not trap");
                    store
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

/// What a host function of [`floor`] works on.
struct Floor {
    memory: Option<wasmi::Memory>,
    file: Vec<u8>,
    at: usize,
}

/// A guest with host functions that do no more than it takes to satisfy it, metered as ours.
fn floor(module: &wasmi::Module) -> (wasmi::Store<Floor>, wasmi::TypedFunc<(), ()>) {
    let floor = Floor { memory: None, file: vec![b'x'; FILE_BYTES], at: 0 };
    let mut store = wasmi::Store::new(module.engine(), floor);
    store.set_fuel(u64::MAX).expect("it is metered");
    let mut linker = wasmi::Linker::new(module.engine());
    let wasi = "wasi_snapshot_preview1";
    linker
        .func_wrap(wasi, "fd_write", |_: i32, _: i32, _: i32, _: i32| 0)
        .and_then(|linker| linker.func_wrap(wasi, "fd_read", copy))
        .and_then(|linker| linker.func_wrap(wasi, "fd_seek", |_: i32, _: i64, _: i32, _: i32| 0))
        .and_then(|linker| {
            type I = i32;
            linker.func_wrap(
                wasi,
                "path_open",
                |_: I, _: I, _: I, _: I, _: I, _: i64, _: i64, _: I, _: I| 0,
            )
        })
        .expect("the names differ");
    let instance = linker.instantiate_and_start(&mut store, module);
    let instance = instance.expect("the guests can be instantiated");
    store.data_mut().memory = instance.get_memory(&store, "memory");
    let start = instance.get_typed_func(&store, "_start").expect("the guests have it");
    (store, start)
}

/// Copies the next piece of a file to where the guest wants it.
fn copy(mut caller: wasmi::Caller<'_, Floor>, _: i32, _: i32, _: i32, _: i32) -> i32 {
    let memory = caller.data().memory.expect("the guests have one");
    let (bytes, floor) = memory.data_and_store_mut(&mut caller);
    let to = &mut bytes[READ_BYTES..2 * READ_BYTES];
    to.copy_from_slice(&floor.file[floor.at..floor.at + READ_BYTES]);
    floor.at = (floor.at + READ_BYTES) % FILE_BYTES;
    bytes[8..12].copy_from_slice(&4096_u32.to_le_bytes());
    0
}

fn floors(criterion: &mut Criterion) {
    let mut config = wasmi::Config::default();
    config.consume_fuel(true);
    let guests = [("nothing", 10_000, FD_WRITE), ("a copy of 4 KiB", 10_240, FD_READ)];
    for (name, calls, text) in guests {
        let wasm = wat::parse_str(text).expect("the guests are good");
        let module = wasmi::Module::new(&wasmi::Engine::new(&config), &wasm);
        let module = module.expect("it is valid");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(calls));
        group.bench_function("wasmi", |bencher| {
            bencher.iter_batched(
                || floor(&module),
                |(mut store, start)| {
                    start.call(&mut store, ()).expect("the guests do not trap");
                    store
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = syscalls, floors
}
criterion_main!(benches);
