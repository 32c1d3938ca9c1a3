//! Everything else of `std` that reaches the outside: `std_rest QUESTION…` answers one question.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, process};

use stepwell_guests::{show, tell};

fn main() {
    let question = env::args().nth(1).unwrap_or_default();
    match question.as_str() {
        "env" => environment(),
        "time" => time(),
        "lines" => lines(),
        "bytes" => bytes(),
        "many" => many(),
        "random" => random(),
        "threads" => threads(),
        "exit" => process::exit(argument()),
        "main" => println!("returns"),
        "abort" => process::abort(),
        "panic" => panic!("on purpose"),
        "overflow" => println!("{}", [1u8, 2][argument::<usize>()]),
        "allocate" => drop(vec![1u8; argument()]),
        question => panic!("no such question: {question}"),
    }
}

fn argument<T: std::str::FromStr>() -> T {
    env::args().nth(2).and_then(|text| text.parse().ok()).expect("a number")
}

fn environment() {
    show("args", env::args().collect::<Vec<_>>());
    show("vars", env::vars().collect::<Vec<_>>());
    show("var", env::var("NAME"));
    show("var that is missing", env::var("NX"));
    // SAFETY: nothing else runs.
    unsafe { env::set_var("NAME", "other") };
    show("set_var", env::var("NAME"));
    tell("current_dir", env::current_dir());
    tell("set_current_dir", env::set_current_dir("d"));
    tell("current_exe", env::current_exe());
    show("a terminal", (io::stdin().is_terminal(), io::stdout().is_terminal()));
    tell("a child process", process::Command::new("ls").status());
    tell("a connection", std::net::TcpStream::connect("127.0.0.1:80"));
    tell("a listener", std::net::TcpListener::bind("127.0.0.1:80"));
}

fn time() {
    let (instant, now) = (Instant::now(), SystemTime::now());
    show("after 2020", now.duration_since(UNIX_EPOCH).expect("later").as_secs() > 1_577_836_800);
    thread::sleep(Duration::from_millis(1500));
    show("slept", instant.elapsed().as_millis() / 10);
    show("both clocks", now.elapsed().expect("it goes on").as_millis() / 10);
    thread::sleep(Duration::ZERO);
    thread::yield_now();
    let mut last = Instant::now();
    show(
        "never back",
        (0..100).all(|_| {
            let next = Instant::now();
            next >= std::mem::replace(&mut last, next)
        }),
    );
    tell(
        "a file is not from the future",
        std::fs::write("timed", "x")
            .and_then(|()| Ok(std::fs::metadata("timed")?.modified()? <= SystemTime::now())),
    );
}

fn lines() {
    for line in io::stdin().lock().lines() {
        tell("line", line);
    }
    tell("behind the end", io::stdin().read(&mut [0; 4]));
}

fn bytes() {
    let mut bytes = Vec::new();
    tell("read_to_end", io::stdin().read_to_end(&mut bytes));
    let mut out = io::stdout().lock();
    tell("write_all", out.write_all(b"without a line's end, ").and_then(|()| out.flush()));
    drop(writeln!(out));
    tell("to standard error", io::stderr().write_all(b"an error\n"));
}

/// More than a stream's queue holds.
fn many() {
    let mut out = io::BufWriter::with_capacity(100_000, io::stdout().lock());
    for _ in 0..5 {
        out.write_all(&[b'x'; 99_999]).and_then(|()| out.write_all(b"\n")).expect("it is written");
    }
}

fn random() {
    let map: HashMap<_, _> = (0..100).map(|number| (number, number * number)).collect();
    show("a map with random keys", map.values().sum::<i32>());
    let [a, b] = [(); 2].map(|()| std::hash::RandomState::new());
    show("two states are the same", a.hash_one(1) == b.hash_one(1));
}

fn threads() {
    tell("a thread", thread::Builder::new().spawn(|| ()).map(drop));
    tell("how many at once", thread::available_parallelism());
    thread_local!(static LOCAL: u8 = const { 7 });
    show("a thread's own", LOCAL.with(|local| *local));
}
