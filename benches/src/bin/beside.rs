//! What a short program in Python takes beside other ways to start it, and a loop that goes on in a thawed frame beside
//! the same loop that was never frozen. Unix only. Medians of wall time, in turn, so that the ratios say more than the times;
//! of the loop, the least processor time.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use benches::frozen::{self, HELLO, PRELUDE, SUBMISSION, finish};
use engine::{Backing, Pool, Process, State};

const ROUNDS: usize = 41;
/// Adds up numbers in the frame that was active when the process was frozen.
const LOOP: &str = "import sys, os\nn = int(sys.stdin.read())\ntotal = 0\nfor i in range(n): total += i * i & 7\nos._exit(0)\n";
const LOOP_INPUT: &str = "30000\n";
const LOOP_ROUNDS: usize = 31;
/// It takes so long that few rounds are enough.
const COLD_ROUNDS: usize = 7;

/// What a way is called, and one run.
type Way<'a> = (&'a str, Box<dyn FnMut() + 'a>);

fn main() {
    let Some((template, mut start)) = frozen::python_running(PRELUDE) else {
        println!("CPython is not installed: stepwell runtimes install python");
        return;
    };
    let pool = Pool::new(&template, &pool::copy_on_write(), 1);
    let python3 = python3();
    let copies = Pool::new(&template, &Backing::copies(), 1);
    for (name, program) in [("hello", HELLO), ("a submission", SUBMISSION)] {
        let mut waiting = template.thaw().expect("it thaws");
        let from_pool = |pool: &Pool| {
            let mut process = pool.thaw().expect("it thaws");
            finish(&mut process, program);
            assert!(pool.recycle(process), "it can be used again");
        };
        let mut ways: Vec<Way<'_>> = vec![
            ("pool, mapped", Box::new(|| from_pool(&pool))),
            ("pool, copied", Box::new(|| from_pool(&copies))),
            ("plain", Box::new(|| finish(&mut template.thaw().expect("it thaws"), program))),
            ("fork of a process that has it warm", Box::new(|| forked(&mut waiting, program))),
            ("the host's own python3", Box::new(|| host_python(&python3, program))),
        ];
        println!("{name}: median of {ROUNDS}");
        let times = medians(ROUNDS, &mut ways);
        for ((way, _), time) in ways.iter().zip(&times) {
            let ratio = time.as_secs_f64() / times[0].as_secs_f64();
            println!("  {way}: {:.3} ms, {ratio:.2}", time.as_secs_f64() * 1e3);
        }
        let mut anew: [Way<'_>; 1] = [("anew", Box::new(|| finish(&mut start(), program)))];
        let cold = medians(COLD_ROUNDS, &mut anew)[0];
        let ratio = cold.as_secs_f64() / times[0].as_secs_f64();
        println!(
            "  started anew, with its imports: {:.3} ms, {ratio:.2}",
            cold.as_secs_f64() * 1e3
        );
    }
    steady();
}

/// Does each once to warm up, then all in turn: the median of each.
fn medians(rounds: usize, ways: &mut [Way<'_>]) -> Vec<Duration> {
    ways.iter_mut().for_each(|(_, run)| run());
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((_, run), times) in ways.iter_mut().zip(&mut times) {
            let began = Instant::now();
            run();
            times.push(began.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    times.iter().map(|times| times[times.len() / 2]).collect()
}

/// Runs the program in a child that is a copy of this process, in which the guest waits.
fn forked(waiting: &mut Process, program: &'static str) {
    // SAFETY: this process has one thread, so the child may do all that it might.
    match unsafe { libc::fork() } {
        0 => {
            finish(waiting, program);
            // SAFETY: it only ends the child, without what the parent will do at its end.
            unsafe { libc::_exit(0) }
        }
        child => {
            assert!(child > 0, "there is room for one more process");
            let mut status = 0;
            // SAFETY: the status is our own, and the child is too.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!((waited, status), (child, 0), "the child has run the program");
        }
    }
}

/// The host's own interpreter itself: what is on the path may be a script that looks for it.
fn python3() -> String {
    let print = ["-c", "import sys; print(sys.executable, end='')"];
    let output = Command::new("python3").args(print).output().expect("python3 is installed");
    String::from_utf8(output.stdout).expect("a path is text")
}

fn host_python(python3: &str, program: &str) {
    let mut python = Command::new(python3);
    python.arg("-").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = python.spawn().expect("python3 is installed");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(program.as_bytes()).expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

/// The loop, in a frame that was thawed and in one that never was frozen: the least of many, as all else only adds to it.
fn steady() {
    let Some((template, mut start)) = frozen::python_running(LOOP) else { return };
    let run = |mut process: Process| {
        let began = processor_time();
        finish(&mut process, LOOP_INPUT);
        processor_time() - began
    };
    let [mut thawed, mut plain] = [Duration::MAX; 2];
    for _ in 0..LOOP_ROUNDS {
        thawed = thawed.min(run(template.thaw().expect("it thaws")));
        let mut process = start();
        while matches!(process.run(u64::MAX), State::Yielded) {}
        plain = plain.min(run(process));
    }
    let [thawed, plain] = [thawed, plain].map(|time| time.as_secs_f64());
    println!(
        "a loop in the thawed frame: {thawed:.3} s of processor time, {:.3} of {plain:.3} s unfrozen",
        thawed / plain
    );
}

/// What this process has taken so far.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is our own, and written to once.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0, "every Unix counts it");
    Duration::from_secs(time.tv_sec.unsigned_abs())
        + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}
