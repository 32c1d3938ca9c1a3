//! Interpreters of the catalogue: what it takes to prepare, load and start one, and to run the shortest program to its end.
//!
//! What is not installed is left out: `stepwell runtimes install --all`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::time::Duration;

use benches::frozen::finish;
use benches::guests::Guest;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use engine::{Engine, Module};

/// Each runtime with its shortest program.
const PROGRAMS: [(&str, &str, &str); 4] = [
    ("python", "hello.py", include_str!("../programs/hello.py")),
    ("ruby", "hello.rb", include_str!("../programs/hello.rb")),
    ("quickjs", "hello.js", include_str!("../programs/hello.js")),
    ("php", "hello.php", include_str!("../programs/hello.php")),
];

fn guests(criterion: &mut Criterion) {
    let engine = Engine::default();
    for (runtime, name, program) in PROGRAMS {
        let Some(guest) = Guest::installed(runtime, name, program) else {
            eprintln!("{runtime} is not installed: left out");
            continue;
        };
        let mut group = criterion.benchmark_group(runtime);
        group.bench_function("prepare: check and meter", |bencher| {
            bencher.iter(|| Module::prepare(&guest.wasm).expect("it is a module"));
        });
        let prepared = Module::prepare(&guest.wasm).expect("it is a module");
        let load = || Module::from_prepared(&engine, prepared.clone()).expect("it was prepared");
        group.bench_function("load what was prepared", |bencher| bencher.iter(load));
        let module = load();
        group.bench_function("start: instantiate", |bencher| {
            bencher.iter(|| guest.process(&module).spawn().expect("it starts"));
        });
        // Functions are translated when they are first called: each run has a module of its own.
        group.bench_function("hello: load, start and run", |bencher| {
            bencher.iter_batched(
                load,
                |module| {
                    let mut process = guest.process(&module).spawn().expect("it starts");
                    finish(&mut process, "");
                    process
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
        .measurement_time(Duration::from_secs(3))
        .sample_size(10);
    targets = guests
}
criterion_main!(benches);
