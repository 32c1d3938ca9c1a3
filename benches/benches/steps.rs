//! What a step costs the host: guests that do one thing only, for as little as it can be had, and the price of counting.
//!
//! The first group has steps as its elements: no guest may cost the host more than 10 ns for one, or it would work
//! unmetered. The second runs kernels with the engine's metering, and as they are on the same interpreter without any.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::{Engine, Limits, Module, Process, State};
use vfs::{EPOCH, FileSystem, Mount, Namespace, Quota, Tree};

/// A guest: its name, how often it does what, its declarations, and what it does.
struct Guest {
    name: &'static str,
    times: u32,
    declares: String,
    /// Before the first time.
    first: String,
    /// Each time.
    each: String,
}

impl Guest {
    fn new(name: &'static str, times: u32, each: impl Into<String>) -> Self {
        Self { name, times, declares: String::new(), first: String::new(), each: each.into() }
    }

    fn with(self, declares: impl Into<String>) -> Self {
        Self { declares: declares.into(), ..self }
    }

    fn after(self, first: impl Into<String>) -> Self {
        Self { first: first.into(), ..self }
    }

    fn wasm(&self) -> Vec<u8> {
        let Self { times, declares, first, each, .. } = self;
        let text = format!(
            r#"(module {IMPORTS}
              (memory (export "memory") 16)
              (table $table 20000 funcref)
              {DATA} {declares}
              (func (export "_start") (local $left i32) (local $fd i32)
                {first}
                (local.set $left (i32.const {times}))
                (loop $next
                  {each}
                  (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"#
        );
        wat::parse_str(text).expect("the guests are good")
    }
}

const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $set_size (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory"
    (func $path_remove_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))"#;

/// Names at the start of memory. Lists of buffers start at 4096, what is read lies from 65 536 on, results at 1024.
const DATA: &str = r#"
  (data (i32.const 0) "link39file  dir   name  new   ")
  (func $check (param i32) (if (local.get 0) (then unreachable)))
  (func $open (param $name i32) (param $length i32) (param $flags i32) (result i32)
    (call $check (call $path_open (i32.const 3) (i32.const 1) (local.get $name) (local.get $length)
      (local.get $flags) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 1024)))
    (i32.load (i32.const 1024)))"#;
const OPEN_FILE: &str = "(local.set $fd (call $open (i32.const 6) (i32.const 4) (i32.const 0)))";
const FILES: usize = 1000;
const LINKS: usize = 40;

fn tree() -> Tree {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    tree.write_file("file", vec![b'x'; 1 << 20].into(), EPOCH).expect("there is room");
    tree.write_file("dir/file", Vec::new().into(), EPOCH).expect("there is room");
    tree.write_file("name", vec![b'x'; 10].into(), EPOCH).expect("there is room");
    for index in 0..FILES {
        tree.write_file(&benches::file_name(index), Vec::new().into(), EPOCH)
            .expect("there is room");
    }
    let root = tree.root();
    for link in 0..LINKS {
        let target = if link == 0 { "file".to_owned() } else { format!("link{:02}", link - 1) };
        tree.create_symlink(root, &format!("link{link:02}"), &target, EPOCH)
            .expect("there is room");
    }
    tree
}

/// A list of so many buffers of so many bytes, all at the same place.
fn buffers(count: u32, bytes: u32) -> String {
    format!(
        "(local.set $left (i32.const {count}))
         (loop $fill
           (local.set $left (i32.sub (local.get $left) (i32.const 1)))
           (i32.store (i32.add (i32.const 4096) (i32.shl (local.get $left) (i32.const 3))) (i32.const 65536))
           (i32.store (i32.add (i32.const 4100) (i32.shl (local.get $left) (i32.const 3))) (i32.const {bytes}))
           (br_if $fill (local.get $left)))"
    )
}

fn memory_operators() -> Vec<Guest> {
    let bytes = format!(r#"(data $bytes "{}")"#, "x".repeat(256 << 10));
    vec![
        Guest::new(
            "memory.fill of 256 KiB",
            200,
            "(memory.fill (i32.const 0) (i32.const 1) (i32.const 262144))",
        ),
        Guest::new(
            "memory.fill of 63 B",
            20_000,
            "(memory.fill (i32.const 0) (i32.const 1) (i32.const 63))",
        ),
        Guest::new(
            "memory.copy of 256 KiB",
            200,
            "(memory.copy (i32.const 1) (i32.const 300000) (i32.const 262144))",
        ),
        Guest::new(
            "memory.copy of 63 B",
            20_000,
            "(memory.copy (i32.const 1) (i32.const 9) (i32.const 63))",
        ),
        Guest::new(
            "memory.init of 256 KiB",
            200,
            "(memory.init $bytes (i32.const 1) (i32.const 0) (i32.const 262144))",
        )
        .with(&bytes),
        Guest::new(
            "memory.init of 63 B",
            20_000,
            "(memory.init $bytes (i32.const 1) (i32.const 0) (i32.const 63))",
        )
        .with(&bytes),
    ]
}

fn table_operators() -> Vec<Guest> {
    let list = format!("(elem $list func {})", "$check ".repeat(10_000));
    vec![
        Guest::new(
            "table.fill of 10 000",
            500,
            "(table.fill (i32.const 0) (ref.null func) (i32.const 10000))",
        ),
        Guest::new(
            "table.fill of 15",
            20_000,
            "(table.fill (i32.const 0) (ref.null func) (i32.const 15))",
        ),
        Guest::new(
            "table.copy of 10 000",
            500,
            "(table.copy (i32.const 1) (i32.const 0) (i32.const 10000))",
        ),
        Guest::new(
            "table.copy of 15",
            20_000,
            "(table.copy (i32.const 1) (i32.const 0) (i32.const 15))",
        ),
        Guest::new(
            "table.init of 10 000",
            500,
            "(table.init $list (i32.const 0) (i32.const 0) (i32.const 10000))",
        )
        .with(&list),
        Guest::new(
            "table.init of 15",
            20_000,
            "(table.init $list (i32.const 0) (i32.const 0) (i32.const 15))",
        )
        .with(&list),
    ]
}

fn growths() -> Vec<Guest> {
    vec![
        Guest::new("memory.grow by a page", 1000, "(drop (memory.grow (i32.const 1)))"),
        Guest::new("memory.grow that fails", 20_000, "(drop (memory.grow (i32.const 65000)))"),
        Guest::new("memory.grow by nothing", 20_000, "(drop (memory.grow (i32.const 0)))"),
        Guest::new(
            "table.grow by 100",
            1000,
            "(drop (table.grow $table (ref.null func) (i32.const 100)))",
        ),
        Guest::new(
            "table.grow by nothing",
            20_000,
            "(drop (table.grow $table (ref.null func) (i32.const 0)))",
        ),
    ]
}

fn values() -> Vec<Guest> {
    let i32s = |count: usize| "i32 ".repeat(count);
    let constants = "(i32.const 1)".repeat(511);
    let drops = "(drop)".repeat(511);
    vec![
        Guest::new(
            "an addition",
            100_000,
            "(local.set $fd (i32.add (local.get $fd) (local.get $left)))",
        ),
        Guest::new("calls with 511 locals", 20_000, "(call $many)")
            .with(format!("(func $many (local {}))", i32s(511))),
        Guest::new("calls with 2000 locals", 20_000, "(call $many)")
            .with(format!("(func $many (local {}))", i32s(2000))),
        Guest::new("branches with 511 values", 20_000, "(call $wide (i32.const 1))").with(format!(
            "(func $wide (param i32)
               (local.set 0 (i32.const 20))
               (block (result {0}) {constants}
                 (loop (param {0}) (result {0})
                   (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                   (br_if 0 (local.get 0)) (br_if 1 (i32.const 1))))
               {drops})",
            i32s(511)
        )),
    ]
}

fn descriptor_calls() -> Vec<Guest> {
    let poll = "(local.set $left (i32.const 1000))
         (loop $fill
           (local.set $left (i32.sub (local.get $left) (i32.const 1)))
           (i32.store offset=65552 (i32.mul (local.get $left) (i32.const 48)) (i32.const 1))
           (br_if $fill (local.get $left)))";
    vec![
        Guest::new("sched_yield", 20_000, "(drop (call $sched_yield))"),
        Guest::new("random_get of 1 B", 20_000, "(drop (call $random_get (i32.const 65536) (i32.const 1)))"),
        Guest::new("random_get of 64 KiB", 20, "(drop (call $random_get (i32.const 65536) (i32.const 65536)))"),
        Guest::new("fd_read of 64 KiB", 16,
            "(call $check (call $fd_read (local.get $fd) (i32.const 4096) (i32.const 1) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1, 65536))),
        Guest::new("fd_read of 1 B", 10_000,
            "(call $check (call $fd_read (local.get $fd) (i32.const 4096) (i32.const 1) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1, 1))),
        Guest::new("fd_pread of 64 KiB", 200,
            "(call $check (call $fd_pread (local.get $fd) (i32.const 4096) (i32.const 1) (i64.const 0) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1, 65536))),
        Guest::new("fd_pread of 1 B", 10_000,
            "(call $check (call $fd_pread (local.get $fd) (i32.const 4096) (i32.const 1) (i64.const 9) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1, 1))),
        Guest::new("fd_pread of 1000 times 1 B", 100,
            "(call $check (call $fd_pread (local.get $fd) (i32.const 4096) (i32.const 1000) (i64.const 9) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1000, 1))),
        Guest::new("fd_pwrite of 1000 times 1 B", 100,
            "(call $check (call $fd_pwrite (local.get $fd) (i32.const 4096) (i32.const 1000) (i64.const 9) (i32.const 1024)))")
            .after(format!("{OPEN_FILE} {}", buffers(1000, 1))),
        Guest::new("fd_readdir of 4 KiB", 200,
            "(call $check (call $fd_readdir (local.get $fd) (i32.const 65536) (i32.const 4096) (i64.const 0) (i32.const 1024)))")
            .after("(local.set $fd (i32.const 3))"),
        Guest::new("fd_readdir of 24 B", 5000,
            "(call $check (call $fd_readdir (local.get $fd) (i32.const 65536) (i32.const 24) (i64.const 0) (i32.const 1024)))")
            .after("(local.set $fd (i32.const 3))"),
        Guest::new("fd_filestat_set_size to 1 MiB and 0", 2000,
            "(call $check (call $set_size (local.get $fd) (i64.const 0)))
             (call $check (call $set_size (local.get $fd) (i64.const 1048576)))")
            .after(OPEN_FILE),
        Guest::new("poll_oneoff of 1000 clocks", 20,
            "(call $check (call $poll_oneoff (i32.const 65536) (i32.const 131072) (i32.const 1000) (i32.const 1024)))")
            .after(poll),
        Guest::new("poll_oneoff of 1 clock", 5000,
            "(call $check (call $poll_oneoff (i32.const 65536) (i32.const 131072) (i32.const 1) (i32.const 1024)))")
            .after(poll),
    ]
}

fn path_calls() -> Vec<Guest> {
    let long_path = "(memory.fill (i32.const 65536) (i32.const 46) (i32.const 1))
         (loop $fill
           (i32.store (i32.add (i32.const 65536) (local.get $left)) (i32.const 0x2f726964))
           (i32.store (i32.add (i32.const 65540) (local.get $left)) (i32.const 0x002f2e2e))
           (local.set $left (i32.add (local.get $left) (i32.const 7)))
           (br_if $fill (i32.lt_u (local.get $left) (i32.const 3990))))
         (i32.store (i32.add (i32.const 65536) (local.get $left)) (i32.const 0x656c6966))";
    vec![
        Guest::new("path_open and fd_close", 5000,
            "(call $check (call $fd_close (call $open (i32.const 6) (i32.const 4) (i32.const 0))))"),
        Guest::new("path_open of 40 links and fd_close", 1000,
            "(call $check (call $fd_close (call $open (i32.const 0) (i32.const 6) (i32.const 0))))"),
        Guest::new("path_open and fd_renumber", 5000,
            "(call $check (call $fd_renumber (call $open (i32.const 6) (i32.const 4) (i32.const 0)) (local.get $fd)))")
            .after(OPEN_FILE),
        Guest::new("path_filestat_get of 4 KB", 100,
            "(call $check (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 65536) (i32.const 3994) (i32.const 1024)))")
            .after(long_path),
        Guest::new("path_rename there and back", 2000,
            "(call $check (call $path_rename (i32.const 3) (i32.const 18) (i32.const 4) (i32.const 3) (i32.const 24) (i32.const 3)))
             (call $check (call $path_rename (i32.const 3) (i32.const 24) (i32.const 3) (i32.const 3) (i32.const 18) (i32.const 4)))"),
        Guest::new("path_create_directory and path_remove_directory", 2000,
            "(call $check (call $path_create_directory (i32.const 3) (i32.const 24) (i32.const 3)))
             (call $check (call $path_remove_directory (i32.const 3) (i32.const 24) (i32.const 3)))"),
    ]
}

fn process(module: &Module, tree: &Tree) -> Process {
    let fs = Box::new(tree.fork());
    Process::builder(module)
        .arg("guest")
        .fs(Namespace::new(Mount { fs, read_only: false }))
        .limits(Limits::default())
        .spawn()
        .expect("the guests can be instantiated")
}

fn run(mut process: Process) -> Process {
    assert_eq!(process.run(u64::MAX), State::Exited(0));
    process
}

fn work(criterion: &mut Criterion) {
    let tree = tree();
    let mut group = criterion.benchmark_group("a step");
    let operators = [memory_operators(), table_operators(), growths(), values()];
    let guests = operators.into_iter().chain([descriptor_calls(), path_calls()]);
    for guest in guests.flatten() {
        let module = Module::new(&Engine::default(), guest.wasm().into()).expect(guest.name);
        group.throughput(Throughput::Elements(run(process(&module, &tree)).steps()));
        group.bench_function(guest.name, |bencher| {
            bencher.iter_batched(|| process(&module, &tree), run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

const KERNELS: [(&str, &str); 4] = [
    ("calls", include_str!("../guests/kernel_calls.wat")),
    ("loops", include_str!("../guests/kernel_loops.wat")),
    ("branches", include_str!("../guests/kernel_branches.wat")),
    ("lines", include_str!("../guests/kernel_lines.wat")),
];

fn metering(criterion: &mut Criterion) {
    let tree = Tree::new(Quota::default(), EPOCH);
    for (name, text) in KERNELS {
        let wasm = wat::parse_str(text).expect(name);
        let mut group = criterion.benchmark_group(format!("the kernel of {name}"));
        let module = Module::new(&Engine::default(), wasm.clone().into()).expect(name);
        group.throughput(Throughput::Elements(run(process(&module, &tree)).steps()));
        group.bench_function("metered", |bencher| {
            bencher.iter_batched(|| process(&module, &tree), run, BatchSize::PerIteration);
        });
        let engine = wasmi::Engine::default();
        let module = wasmi::Module::new(&engine, &wasm).expect(name);
        let instantiate = || {
            let mut store = wasmi::Store::new(&engine, ());
            let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module);
            let start = instance.expect(name).get_typed_func::<(), ()>(&store, "_start");
            (store, start.expect(name))
        };
        group.bench_function("unmetered", |bencher| {
            bencher.iter_batched(
                instantiate,
                |(mut store, start)| {
                    start.call(&mut store, ()).expect(name);
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
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    targets = work, metering
}
criterion_main!(benches);
