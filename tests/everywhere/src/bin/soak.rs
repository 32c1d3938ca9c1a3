//! `everywhere-soak FOLDER NAME RUNS SEED`: one program again and again, in random pieces, on a busy machine.
//!
//! Every run has a seed of its own, which decides over its slices of steps, the pieces of its standard input, and which
//! slices run on another thread. All must give the row that the program gives in one piece.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{env, fs, hint, thread};

use engine::{Process, State};
use stepwell_everywhere::{Bundle, Guest, Row, Schedule, Whole};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [folder, name, runs, seed] = &args[..] else {
        eprintln!("usage: everywhere-soak FOLDER NAME RUNS SEED");
        return ExitCode::FAILURE;
    };
    let (Ok(runs), Ok(seed)) = (runs.parse(), seed.parse()) else {
        eprintln!("everywhere-soak: RUNS and SEED are numbers");
        return ExitCode::FAILURE;
    };
    match soak(Path::new(folder), name, runs, seed) {
        Ok(row) => {
            println!("{row}");
            println!("{runs} runs from seed {seed}, one row");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("everywhere-soak: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The row that every run has given.
fn soak(folder: &Path, name: &str, runs: u64, seed: u64) -> Result<Row, String> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let list = String::from_utf8(read("list.txt")?).map_err(|error| error.to_string())?;
    let line = list.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    let guest =
        Guest::load(read(line.ok_or_else(|| format!("no program is called {name}"))?)?.into());
    let bundle = Bundle::decode(read(&format!("{name}.bundle"))?.into())
        .map_err(|malformed| malformed.to_string())?;
    let expected = Row::of(&guest, &bundle, &mut Whole);
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let (next, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let worker = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= runs {
                return Ok(());
            }
            let seed = seed.wrapping_add(at);
            let row = Row::of(&guest, &bundle, &mut Random::new(seed));
            if row != expected {
                next.store(runs, Ordering::Relaxed);
                return Err(format!(
                    "seed {seed} gives another row; replay: everywhere-soak FOLDER {name} 1 {seed}\n\
                     in one piece  {expected}\nin pieces     {row}"
                ));
            }
        }
    };
    thread::scope(|scope| {
        // As many as there are cores just get in the way.
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        let workers: Vec<_> = (0..2 * cores).map(|_| scope.spawn(worker)).collect();
        let results: Vec<Result<(), String>> = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err("a run has panicked".into())))
            .collect();
        done.store(true, Ordering::Relaxed);
        results.into_iter().collect::<Result<(), String>>()
    })?;
    Ok(expected)
}

/// Pieces of all sizes, from a seed; and now and then a slice on a thread of its own.
#[derive(Clone, Copy, Debug)]
struct Random {
    state: u64,
}

impl Random {
    /// The schedule of `seed`.
    fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next of a sequence whose period is longer than any run: a counter, scrambled.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// At most `max`, and each order of magnitude as often as the others.
    fn size(&mut self, max: u64) -> u64 {
        let magnitudes = u64::from(u64::BITS - max.leading_zeros()) + 1;
        let bits = self.next() % magnitudes;
        self.next() % (1 << bits.min(63)).min(max + 1)
    }
}

impl Schedule for Random {
    fn steps(&mut self) -> u64 {
        self.size(1 << 22)
    }

    fn feed(&mut self, left: usize) -> usize {
        let max = left.min(1 << 12);
        usize::try_from(self.size(max as u64)).map_or(left, |bytes| bytes.min(left))
    }

    fn turn(&mut self, process: &mut Process, steps: u64) -> State {
        // The guest's stack, memory and files go to another thread and come back.
        if self.next().is_multiple_of(8) {
            return std::thread::scope(|scope| {
                let turn = scope.spawn(|| process.run(steps));
                turn.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
        }
        process.run(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_of_every_magnitude_and_within_the_maximum() {
        let mut random = Random::new(1);
        let sizes: Vec<u64> = (0..2000).map(|_| random.size(1000)).collect();
        assert!(sizes.iter().all(|size| *size <= 1000));
        for range in [0..1, 1..2, 8..16, 256..512, 512..1001] {
            assert!(sizes.iter().any(|size| range.contains(size)), "{range:?}");
        }
        assert_eq!(Random::new(7).size(0), 0);
    }
}
