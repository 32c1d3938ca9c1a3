//! Thawing: a process for each run, or one of a pool, with memories that are copied or mapped.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::time::{Duration, Instant};

use benches::frozen::{self, HELLO, SUBMISSION, finish, ten_mebibytes};
use criterion::{Criterion, criterion_group, criterion_main};
use engine::{Backing, Pool, Process, Template};

/// How processes come and go.
struct Way {
    name: &'static str,
    thaw: Box<dyn Fn() -> Process>,
    end: Box<dyn Fn(Process)>,
}

fn ways(template: &Template) -> Vec<Way> {
    let plain = template.clone();
    let mut ways = vec![Way {
        name: "plain",
        thaw: Box::new(move || plain.thaw().expect("it thaws")),
        end: Box::new(drop),
    }];
    for (name, backing) in [("copied", Backing::copies()), ("mapped", pool::copy_on_write())] {
        let pool = Pool::new(template, &backing, 1);
        let again = pool.clone();
        ways.push(Way {
            name,
            thaw: Box::new(move || pool.thaw().expect("it thaws")),
            end: Box::new(move |process| assert!(again.recycle(process), "it can be used again")),
        });
    }
    ways
}

/// The thaw alone, and how long a process takes from its thaw to its end.
fn compare(criterion: &mut Criterion, name: &str, template: &Template, input: &'static str) {
    let mut group = criterion.benchmark_group(name);
    for Way { name, thaw, end } in ways(template) {
        // Functions are translated when they are first called.
        let mut first = thaw();
        finish(&mut first, input);
        end(first);
        group.bench_function(format!("{name}: thaw"), |bencher| {
            bencher.iter_custom(|times| {
                let mut taken = Duration::ZERO;
                for _ in 0..times {
                    let began = Instant::now();
                    let process = thaw();
                    taken += began.elapsed();
                    end(process);
                }
                taken
            });
        });
        group.bench_function(format!("{name}: thaw, run and end"), |bencher| {
            bencher.iter(|| {
                let mut process = thaw();
                finish(&mut process, input);
                end(process);
            });
        });
    }
    group.finish();
}

fn trivial(criterion: &mut Criterion) {
    compare(criterion, "10 MiB, one page written", &ten_mebibytes(1), "");
    compare(criterion, "10 MiB, 160 pages written", &ten_mebibytes(160), "");
}

fn python(criterion: &mut Criterion) {
    match frozen::python() {
        Some(template) => {
            compare(criterion, "CPython, hello", &template, HELLO);
            compare(criterion, "CPython, a submission", &template, SUBMISSION);
        }
        None => println!("CPython is not installed: stepwell runtimes install python"),
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    targets = trivial, python
}
criterion_main!(benches);
