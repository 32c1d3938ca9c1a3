//! `everywhere-freeze FOLDER POINTS [NAME…]`: freezes the programs of a folder of bundles at so many of their syscalls, evenly
//! spread, thaws them, and compares what they leave with runs that were not frozen. Without names, all programs. With `all`
//! in place of POINTS, each program is frozen at every syscall, and goes on from each image to the next.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use stepwell_everywhere::{Bundle, Guest, Left};

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let points = |text: String| match text.as_str() {
        "all" => Some(None),
        number => number.parse().ok().map(Some),
    };
    let (Some(folder), Some(points)) = (args.next(), args.next().and_then(points)) else {
        eprintln!("usage: everywhere-freeze FOLDER POINTS|all [NAME…]");
        return ExitCode::from(2);
    };
    let names: Vec<String> = args.collect();
    match run(&PathBuf::from(folder), points, &names) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failures) => {
            eprintln!("{failures} runs differ");
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, points: Option<u64>, names: &[String]) -> Result<u64, String> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let list = String::from_utf8_lossy(&read("list.txt")?).into_owned();
    let mut known: Option<(String, Guest)> = None;
    let mut failures = 0;
    for line in list.lines() {
        let Some((name, module)) = line.split_once(' ') else { continue };
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        // Programs of one runtime follow each other.
        if known.as_ref().is_none_or(|(loaded, _)| loaded != module) {
            // A module that is refused has nothing to freeze.
            known = Guest::load(read(module)?.into()).ok().map(|guest| (module.to_owned(), guest));
        }
        let Some((_, guest)) = &known else { continue };
        let bundle = Bundle::decode(read(&format!("{name}.bundle"))?.into())
            .map_err(|malformed| malformed.to_string())?;
        // What goes on from an image has no start to be compared with.
        if bundle.image.is_empty() {
            failures += match points {
                Some(points) => freeze(name, guest, &bundle, points)?,
                None => chain(name, guest, &bundle)?,
            };
        }
    }
    Ok(failures)
}

/// Freezes one program at every syscall: how many runs differ.
fn chain(name: &str, guest: &Guest, bundle: &Bundle) -> Result<u64, String> {
    let plain = guest.left(bundle)?;
    let left = guest.left_chained(bundle)?;
    if left != plain {
        println!("{name}: frozen at every syscall: {}", difference(&plain, &left));
    }
    println!("{name}: each of {} syscalls", plain.syscalls);
    Ok(u64::from(left != plain))
}

/// Freezes one program: how many runs differ.
fn freeze(name: &str, guest: &Guest, bundle: &Bundle, points: u64) -> Result<u64, String> {
    let plain = guest.left(bundle)?;
    let count = points.min(plain.syscalls);
    let mut failures = 0;
    let mut last = None;
    for point in 0..count {
        // The last of the points is the last syscall.
        let at = if count > 1 { point * (plain.syscalls - 1) / (count - 1) } else { 0 };
        if last.replace(at) == Some(at) {
            continue;
        }
        match guest.left_frozen(bundle, at)? {
            Some(left) if left == plain => {}
            Some(left) => {
                failures += 1;
                println!("{name}: frozen after {at} syscalls: {}", difference(&plain, &left));
            }
            None => {
                failures += 1;
                println!("{name}: it does not come to syscall {at}");
            }
        }
    }
    println!("{name}: {count} of {} syscalls", plain.syscalls);
    Ok(failures)
}

/// What two runs differ in.
fn difference(plain: &Left, left: &Left) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut found = Vec::new();
    if plain.state != left.state {
        found.push(format!("{:?} and not {:?}", left.state, plain.state));
    }
    if plain.steps != left.steps {
        let more = i128::from(left.steps) - i128::from(plain.steps);
        found.push(format!("{more:+} of {} steps", plain.steps));
    }
    if plain.syscalls != left.syscalls {
        found.push(format!("{} and not {} syscalls", left.syscalls, plain.syscalls));
    }
    if plain.memory_bytes != left.memory_bytes {
        found.push(format!("{} and not {} bytes of memory", left.memory_bytes, plain.memory_bytes));
    }
    if plain.memory != left.memory {
        found.push("the memory has other contents".to_owned());
    }
    if plain.stdout != left.stdout || plain.stderr != left.stderr {
        found.push(format!("it writes {}{}", text(&left.stdout), text(&left.stderr)));
    }
    if plain.tree != left.tree {
        found.push("the files are others".to_owned());
    }
    found.join(", ")
}
