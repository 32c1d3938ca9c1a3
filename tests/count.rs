//! Steps against an independent count: the same modules, with a counter before each operator, run by node.
//!
//! All guests return from `_start`, so that they are counted operator by operator, and none asks for what differs
//! between hosts: times, numbers of inodes, the order of a listing. What they print is compared too, as a proof that both
//! runs went the same way.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};

use engine::vfs::{Clock, ClockId, EPOCH, Mount, Namespace, Quota, StreamKind, Tree};
use engine::{Engine, Module, Process, State, Value};
use runtimes::{Cache, Catalog, Client, Fill, Quiet, Role, Source};
use stepwell_tests::{COUNT_EXPORT, COUNTED_EXPORT, compile_wasm, counting, rust_guest_wasm};
use tempfile::TempDir;

/// What the driver ends with if node's engine does not have what a module needs.
const UNSUPPORTED: i32 = 77;
/// A variable, because the C library of some guests takes an empty environment for an error in node.
const ENVIRONMENT: (&str, &str) = ("NAME", "value");

/// A guest and what it is run with.
struct Case<'a> {
    wasm: &'a [u8],
    argv: Vec<String>,
    stdin: &'a [u8],
    /// A file at the root, by its name.
    file: Option<(&'a str, &'a [u8])>,
    /// What the runtime needs besides, as an archive. Only Stepwell is given it.
    base: Option<Vec<u8>>,
}

impl<'a> Case<'a> {
    fn new(name: &str, wasm: &'a [u8]) -> Self {
        Self { wasm, argv: vec![name.to_owned()], stdin: b"", file: None, base: None }
    }

    /// Steps of operators and entries, and what was printed.
    fn in_stepwell(&self) -> (u64, Vec<u8>) {
        let (process, stdout) = self.run(self.wasm, None);
        (process.steps() - process.host_steps(), stdout)
    }

    /// What the counting copy counts for itself in Stepwell, and what it prints.
    fn counted_in_stepwell(&self) -> (u64, Vec<u8>) {
        let (process, stdout) = self.run(&counting(self.wasm), Some(COUNTED_EXPORT));
        let [Value::I64(count)] = process.results()[..] else { panic!("it returns its count") };
        (count.cast_unsigned(), stdout)
    }

    /// Runs a module to its end, by this export if it is not to be `_start`: its process, and what it has printed.
    ///
    /// The clock stands still: a copy that takes more steps must not see another time.
    fn run(&self, wasm: &[u8], export: Option<&str>) -> (Process, Vec<u8>) {
        let module = Module::new(&Engine::default(), wasm.to_vec().into());
        let mut tree = Tree::new(Quota::default(), EPOCH);
        if let Some(base) = &self.base {
            tree.import_tar(base.clone().into(), EPOCH).expect("it is an archive");
        }
        if let Some((name, bytes)) = self.file {
            tree.write_file(name, bytes.to_vec().into(), EPOCH).expect("there is room");
        }
        let fs = Namespace::new(Mount { fs: Box::new(tree), read_only: false });
        let module = module.expect("the guest is valid");
        let mut builder = Process::builder(&module)
            .args(self.argv.iter().map(String::as_bytes))
            .fs(fs)
            .env(ENVIRONMENT.0, ENVIRONMENT.1)
            .clock(Box::new(StillClock))
            .stdio(StreamKind::File, StreamKind::File, StreamKind::File);
        if let Some(export) = export {
            builder = builder.invoke(export, []);
        }
        let mut process = builder.spawn().expect("the guest is a command");
        process.feed_stdin(self.stdin.to_vec().into());
        process.close_stdin();
        let mut stdout = Vec::new();
        let state = loop {
            let state = process.run(u64::MAX);
            stdout.extend_from_slice(&process.drain_stdout());
            if !matches!(state, State::Blocked(_)) {
                break state;
            }
        };
        let stderr = process.drain_stderr();
        assert_eq!(state, State::Exited(0), "{}", String::from_utf8_lossy(&stderr));
        (process, stdout)
    }

    /// What the counting copy counts in node, and what it prints; `None` if node cannot run it.
    fn in_node(&self) -> Option<(u64, Vec<u8>)> {
        let folder = TempDir::new().expect("the host has room");
        let place = |name: &str| folder.path().join(name);
        let good = "the host has room";
        fs::write(place("module.wasm"), counting(self.wasm)).expect(good);
        fs::write(place("stdin"), self.stdin).expect(good);
        fs::create_dir(place("root")).expect(good);
        if let Some((name, bytes)) = self.file {
            fs::write(place("root").join(name), bytes).expect(good);
        }
        let status = Command::new("node")
            .arg("--no-warnings")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("count/run.mjs"))
            .args([place("module.wasm"), place("count"), place("root")])
            .args(&self.argv)
            .env_clear()
            .envs([ENVIRONMENT])
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdin(OpenOptions::new().read(true).open(place("stdin")).expect(good))
            .stdout(File::create(place("stdout")).expect(good))
            .stderr(Stdio::inherit())
            .status()
            .expect("this test needs node");
        if status.code() == Some(UNSUPPORTED) {
            return None;
        }
        assert!(status.success(), "node: {status}");
        let count = fs::read_to_string(place("count")).expect("the driver has written it");
        let stdout = fs::read(place("stdout")).expect("node has written it");
        Some((count.parse().expect("it is a number"), stdout))
    }

    /// What the counting copy of a module without imports counts on the interpreter, without our metering.
    fn in_interpreter(&self) -> u64 {
        let engine = wasmi::Engine::default();
        let module = wasmi::Module::new(&engine, counting(self.wasm)).expect("it is valid");
        let mut store = wasmi::Store::new(&engine, ());
        let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module);
        let instance = instance.expect("it imports nothing");
        let start = instance.get_typed_func::<(), ()>(&store, "_start").expect("it is a command");
        start.call(&mut store, ()).expect("it does not trap");
        let count = instance.get_global(&store, COUNT_EXPORT).expect("it counts").get(&store);
        count.i64().expect("a count has 64 bits").cast_unsigned()
    }

    /// The steps are those that the counting copy counts, in node too if the guest does not see which host it has.
    #[track_caller]
    fn agrees_with_itself(&self) {
        let (steps, stdout) = self.in_stepwell();
        let (count, printed) = self.counted_in_stepwell();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&printed), text(&stdout), "{}", self.argv[0]);
        assert!(steps > 1000, "{} does something", self.argv[0]);
        assert_eq!(steps, count, "{}: Stepwell's steps and the counter", self.argv[0]);
    }

    #[track_caller]
    fn agrees(&self) {
        self.agrees_with_itself();
        let (steps, stdout) = self.in_stepwell();
        let (count, printed) = self.in_node().expect("node has what guests of compilers need");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&printed), text(&stdout), "{}", self.argv[0]);
        assert_eq!(steps, count, "{}: Stepwell's steps and node's count", self.argv[0]);
    }
}

/// A clock on which no time passes.
struct StillClock;

impl Clock for StillClock {
    fn now(&mut self, _: ClockId) -> u64 {
        EPOCH.0
    }

    fn resolution(&self, _: ClockId) -> u64 {
        1
    }

    fn advance(&mut self, _: u64) {}

    fn skip(&mut self, _: u64) -> bool {
        true
    }

    fn fork(&self) -> Box<dyn Clock> {
        Box::new(Self)
    }
}

/// Kernels in text, for proposals of which compilers use little. Node may not have all of them.
#[test]
fn kernels_of_every_proposal_take_the_steps_that_are_counted() {
    let wide = "i32 ".repeat(600);
    let values = include_str!("count/values.wat")
        .replace("WIDE", &wide)
        .replace("LOCALS", &"i32 ".repeat(1100))
        .replace("CONSTANTS", &"(i32.const 1)".repeat(600))
        .replace("DROPS", &"(drop)".repeat(600));
    let cases = [
        ("simd", include_str!("count/simd.wat")),
        ("tail calls", include_str!("count/tail.wat")),
        ("many values", &values),
        ("bulk operators", include_str!("count/bulk.wat")),
        ("long addresses", include_str!("count/memory64.wat")),
        ("memories", include_str!("count/memories.wat")),
        ("control flow", include_str!("count/flow.wat")),
    ];
    for (name, text) in cases {
        let wasm = wat::parse_str(text).expect(name);
        let case = Case::new(name, &wasm);
        let steps = case.in_stepwell().0;
        assert_eq!(steps, case.in_interpreter(), "{name}: Stepwell's steps and the counter");
        match case.in_node() {
            Some((count, _)) => {
                assert_eq!(steps, count, "{name}: Stepwell's steps and node's count")
            }
            None => eprintln!("{name}: this node does not have it"),
        }
    }
}

#[test]
fn a_filter_takes_the_steps_that_are_counted() {
    let wasm = compile_wasm("words.c", include_str!("count/words.c"));
    Case { stdin: include_bytes!("count/text.txt"), ..Case::new("words", &wasm) }.agrees();
}

#[test]
fn arithmetic_takes_the_steps_that_are_counted() {
    Case::new("numbers", &compile_wasm("numbers.c", include_str!("count/numbers.c"))).agrees();
}

#[test]
fn files_and_tables_take_the_steps_that_are_counted() {
    let wasm = compile_wasm("machine.c", include_str!("count/machine.c"));
    let argv = ["machine", "one", "two words"].map(str::to_owned).to_vec();
    Case { argv, ..Case::new("machine", &wasm) }.agrees();
}

#[test]
fn rust_takes_the_steps_that_are_counted() {
    let wasm = rust_guest_wasm("std_rest");
    for command in [&["lines"][..], &["bytes"], &["overflow", "1"]] {
        let argv = ["std_rest"].iter().chain(command).map(|arg| (*arg).to_owned()).collect();
        Case { argv, stdin: b"a line\nanother\nno end", ..Case::new("std_rest", &wasm) }.agrees();
    }
}

/// Runs a script in a runtime of the catalogue, and checks its case.
#[track_caller]
fn script(language: &str, name: &str, text: &str, check: fn(&Case<'_>)) {
    #[expect(clippy::disallowed_methods, reason = "the same folder as that of the program")]
    let home = std::env::var("STEPWELL_HOME").ok().map(Into::into);
    let cache = Cache::open(home).expect("there is a cache folder");
    let selection = Catalog::builtin().resolve(language).expect("the catalogue has it");
    if !cache.is_installed(selection.runtime) {
        let clients = Client::new(std::env::var_os("PATH").unwrap_or_default());
        let source = Source::Registry(clients);
        cache.install(&[selection.runtime], &source, &mut Quiet).expect("it is installed");
    }
    let wasm = cache.load_module(selection.runtime, Role::Module).expect("its module");
    let program = format!("/{name}");
    let fill = Fill { program: &program, object: "", output: "", colour: "", args: &[] };
    let argv = selection.language.stages[0].argv(&fill);
    let file = Some((name, text.as_bytes()));
    let base = selection.runtime.file(Role::Base);
    let base = base.map(|_| cache.load(selection.runtime, Role::Base).expect("its files").to_vec());
    check(&Case { argv, file, base, ..Case::new(language, &wasm) });
}

#[test]
fn quickjs_takes_the_steps_that_are_counted() {
    script("javascript", "script.js", include_str!("count/script.js"), |case| case.agrees());
}

#[test]
fn sqlite_takes_the_steps_that_are_counted() {
    script("sql", "script.sql", include_str!("count/script.sql"), |case| case.agrees());
}

#[test]
fn php_takes_the_steps_that_are_counted() {
    script("php", "script.php", include_str!("count/script.php"), |case| case.agrees());
}

/// The interpreters of Python and Ruby look at numbers of inodes and the like when they start, so node's count is another.
#[test]
fn python_takes_the_steps_that_are_counted() {
    script("python", "script.py", include_str!("count/script.py"), |case| {
        case.agrees_with_itself()
    });
}

#[test]
fn ruby_takes_the_steps_that_are_counted() {
    script("ruby", "script.rb", include_str!("count/script.rb"), |case| case.agrees_with_itself());
}
