//! A process with a directory of the host goes on from an image: what it has open there is opened again.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use engine::vfs::host::{HostDir, HostFs};
use engine::vfs::{EPOCH, FileSystem, Mount, Namespace, Quota, Tree};
use engine::{Engine, Error, FreezePoint, Image, Limits, Module, Process, State};
use tempfile::TempDir;

/// Opens `d/f` and the directory `d`, reads four bytes of the file, yields, copies the rest to standard output, appends
/// `end` to `d/log`, and opens `f` through the directory.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\00\02\00\00\04\00\00\00") (data (i32.const 16) "\00\02\00\00\40\00\00\00")
    (data (i32.const 32) "\40\01\00\00\03\00\00\00")
    (data (i32.const 256) "m/d/f") (data (i32.const 272) "m/d") (data (i32.const 288) "m/d/log")
    (data (i32.const 320) "end")
    (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
    (func $open_at (param $dir i32) (param $path i32) (param $len i32) (param $flags i32) (param $rights i64)
        (call $check (call $open (local.get $dir) (i32.const 0) (local.get $path) (local.get $len)
            (i32.const 0) (local.get $rights) (i64.const -1) (local.get $flags) (i32.const 128))))
    (func (export "_start")
        (call $open_at (i32.const 3) (i32.const 256) (i32.const 5) (i32.const 0) (i64.const 0x2))
        (call $open_at (i32.const 3) (i32.const 272) (i32.const 3) (i32.const 0) (i64.const 0x2))
        (call $open_at (i32.const 3) (i32.const 288) (i32.const 7) (i32.const 1) (i64.const 0x40))
        (call $check (call $read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 128)))
        (drop (call $yield))
        (call $check (call $read (i32.const 4) (i32.const 16) (i32.const 1) (i32.const 20)))
        (i32.store (i32.const 20) (i32.load (i32.const 20)))
        (call $check (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 128)))
        (call $check (call $write (i32.const 6) (i32.const 32) (i32.const 1) (i32.const 128)))
        (call $open_at (i32.const 5) (i32.const 260) (i32.const 1) (i32.const 0) (i64.const 0x2))))"#;

fn module() -> Module {
    let wasm = wat::parse_str(GUEST).expect("the guest is valid");
    Module::new(&Engine::default(), wasm.into()).expect("the guest is accepted")
}

/// A directory with what the guest opens.
fn directory(file: &str) -> TempDir {
    let folder = TempDir::new().expect("there is room");
    fs::create_dir(folder.path().join("d")).expect("it is new");
    fs::write(folder.path().join("d/f"), file).expect("there is room");
    fs::write(folder.path().join("d/log"), "log:").expect("there is room");
    folder
}

fn mount(path: &Path) -> Mount {
    Mount { fs: Box::new(HostFs::open(path).expect("it is there")), read_only: false }
}

fn start(module: &Module, at_m: Mount) -> Process {
    let root = Tree::new(Quota::default(), EPOCH);
    let mut namespace = Namespace::new(Mount { fs: Box::new(root), read_only: false });
    namespace.mount("/m", at_m, EPOCH).expect("nothing is mounted there");
    // A mount below the directory of the host, which is made there, or in the tree above it.
    let inner = Tree::new(Quota::default(), EPOCH);
    let inner = Mount { fs: Box::new(inner), read_only: false };
    namespace.mount("/m/d/inner", inner, EPOCH).expect("nothing is mounted there");
    let builder = Process::builder(module).fs(namespace).freezable(true);
    let mut process = builder.spawn().expect("the guest is a command");
    let point = FreezePoint::Call { name: "sched_yield".into(), nth: 1 };
    process.freeze_at(point).expect("it imports that");
    process
}

/// The image of the guest where it yields, as it comes from a file.
fn image(module: &Module, folder: &Path) -> Image {
    let mut process = start(module, mount(folder));
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let image = process.freeze_detached().expect("it can be frozen so");
    let bytes = image.save(module, &[]).expect("nothing of the host's is left");
    Image::load(bytes.into(), module, &[], None).expect("it is whole")
}

fn thaw(image: &Image, module: &Module, mounts: Vec<(String, Mount)>) -> Result<Process, Error> {
    image.prepare(module)?.thaw_attached(Limits::default(), mounts)
}

#[test]
fn files_are_read_on_from_where_they_were_and_written() {
    let (module, first) = (module(), directory("one two"));
    let image = image(&module, first.path());
    assert_eq!(image.absent().collect::<Vec<_>>(), ["/m"]);
    let mut whole = start(&module, mount(first.path()));
    assert_eq!(whole.run(u64::MAX), State::FreezePoint);
    let end = whole.run(u64::MAX);
    assert_eq!((end, &whole.drain_stdout()[..]), (State::Exited(0), &b"two"[..]));
    for (file, rest) in [("one two", "two"), ("abc defg", "defg")] {
        let other = directory(file);
        let mut process = thaw(&image, &module, vec![("/m".into(), mount(other.path()))]).unwrap();
        assert_eq!(process.run(u64::MAX), State::Exited(0));
        assert_eq!(&process.drain_stdout()[..], rest.as_bytes());
        assert_eq!(process.steps(), whole.steps());
        let log = fs::read_to_string(other.path().join("d/log")).expect("it is there");
        assert_eq!(log, "log:end", "at its end, as the flag of the descriptor says");
        assert!(other.path().join("d/inner").is_dir(), "what another is mounted on is made");
    }
}

#[test]
fn what_is_not_there_again_is_named() {
    let (module, first) = (module(), directory("one two"));
    let image = image(&module, first.path());
    let error = |mounts| thaw(&image, &module, mounts).err().expect("it is refused").to_string();
    assert_eq!(error(Vec::new()), "a directory of the host is missing at /m");
    let other = directory("one two");
    let unwanted = error(vec![("/x".into(), mount(other.path()))]);
    assert_eq!(unwanted, "no directory of the host was left out at /x");
    fs::remove_file(other.path().join("d/f")).expect("it was there");
    let without_file = error(vec![("/m".into(), mount(other.path()))]);
    assert!(without_file.starts_with("/m/d/f cannot be opened again"), "{without_file}");
    fs::create_dir(other.path().join("d/f")).expect("it is new");
    let other_kind = error(vec![("/m".into(), mount(other.path()))]);
    assert!(other_kind.starts_with("/m/d/f cannot be opened again"), "{other_kind}");
    assert!(image.prepare(&module).unwrap().thaw().is_err(), "a plain thaw has no directory");
}

#[test]
fn a_tree_above_a_directory_is_left_out_only_if_it_cannot_change() {
    let (module, folder) = (module(), directory("one two"));
    for read_only in [false, true] {
        let above = || -> Box<dyn FileSystem> {
            let lower = HostDir::open(folder.path()).expect("it is there");
            Box::new(Tree::above(Arc::new(lower), Quota::default(), EPOCH))
        };
        let mut process = start(&module, Mount { fs: above(), read_only: false });
        assert_eq!(process.run(u64::MAX), State::FreezePoint);
        for (_, mount) in process.fs().mounts_mut().filter(|(path, _)| *path == "/m") {
            mount.read_only = read_only;
        }
        match process.freeze_detached() {
            Ok(image) => {
                assert!(read_only);
                let mounts = vec![("/m".into(), Mount { fs: above(), read_only })];
                let mut process = thaw(&image, &module, mounts).expect("all is there");
                process.run(u64::MAX);
                assert_eq!(&process.drain_stdout()[..], b"two");
            }
            Err(error) => {
                assert!(!read_only, "{error}");
                assert!(error.to_string().contains("/m is a directory of the host"), "{error}");
            }
        }
    }
}

#[test]
fn a_process_that_was_given_a_directory_says_why_it_cannot_be_repeated() {
    let (module, folder) = (module(), directory("one two"));
    let image = image(&module, folder.path());
    let mounts = vec![("/m".into(), mount(folder.path()))];
    let mut process = thaw(&image, &module, mounts).expect("all is there");
    let error = process.freeze_detached().err().expect("it is refused").to_string();
    assert!(!error.contains("missing"), "{error}");
    assert!(error.contains("/m is a directory of the host"), "{error}");
}

#[test]
fn a_file_without_a_name_cannot_be_opened_again() {
    let (module, folder) = (module(), directory("one two"));
    let mut process = start(&module, mount(folder.path()));
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    let root = process.fs().mounts_mut().nth(1).expect("the mount").1.fs.root();
    for (_, mount) in process.fs().mounts_mut().filter(|(path, _)| *path == "/m") {
        let dir = mount.fs.lookup(root, "d").expect("it is there");
        mount.fs.unlink(dir, "f", EPOCH).expect("it is there");
    }
    let error = process.freeze_detached().err().expect("it is refused").to_string();
    assert!(error.contains("has been removed from /m"), "{error}");
}
