//! How much memory 1 000 live thawed processes of CPython take, each after its run, and how many runs a second one and two
//! threads make. Linux only; fails where the goal of 4 GiB is missed.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use benches::frozen::{self, HELLO, finish};
use engine::{Pool, Process};

const PROCESSES: usize = 1_000;
const GOAL_BYTES: u64 = 4 << 30;
const TIME: Duration = Duration::from_secs(3);

fn main() -> io::Result<ExitCode> {
    let Some(template) = frozen::python() else {
        println!("CPython is not installed: stepwell runtimes install python");
        return Ok(ExitCode::SUCCESS);
    };
    println!("the image: {} bytes of memory", template.image().memory_bytes());
    let pool = Pool::new(&template, &pool::copy_on_write(), PROCESSES);
    for threads in [1, 2] {
        let each = |pool: Pool| thread::spawn(move || runs(&pool));
        let running: Vec<_> = (0..threads).map(|_| each(pool.clone())).collect();
        let runs: usize = running.into_iter().filter_map(|thread| thread.join().ok()).sum();
        println!("{threads} threads: {} runs a second", runs as f64 / TIME.as_secs_f64());
    }
    let before = memory("Pss:")?;
    let processes: Vec<Process> = (0..PROCESSES).map(|_| live(&pool)).collect();
    let (proportional, resident) = (memory("Pss:")?, memory("Rss:")?);
    println!("{} live processes:", processes.len());
    println!("  memory in use (PSS): {} MiB, {} MiB before", proportional >> 20, before >> 20);
    println!(
        "  resident (RSS), pages of the image counted for each process: {} MiB",
        resident >> 20
    );
    println!("  each: {} KiB", ((proportional - before) / PROCESSES as u64) >> 10);
    let kept = |process| pool.recycle(process).then_some(());
    let recycled = processes.into_iter().filter_map(kept).count();
    println!("{recycled} spares: {} MiB", memory("Pss:")? >> 20);
    Ok(if proportional <= GOAL_BYTES { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many runs are made.
fn runs(pool: &Pool) -> usize {
    let began = Instant::now();
    let mut runs = 0;
    while began.elapsed() < TIME {
        let mut process = pool.thaw().expect("it thaws");
        finish(&mut process, HELLO);
        pool.recycle(process);
        runs += 1;
    }
    runs
}

/// A process that has written what it writes, and is kept.
fn live(pool: &Pool) -> Process {
    let mut process = pool.thaw().expect("it thaws");
    finish(&mut process, HELLO);
    process
}

/// A figure of the system's about this process's memory.
fn memory(name: &str) -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.map(|kibibytes| kibibytes << 10).ok_or(io::ErrorKind::InvalidData.into())
}
