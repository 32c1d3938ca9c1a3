//! `stepwell verify`: makes a run again that a receipt tells of, and says what differs.

use std::path::PathBuf;

use engine::{Inputs, Receipt};
use runtimes::Cache;

use crate::args::limits::LimitOptions;
use crate::args::verify::VerifyOptions;
use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::{DIFFERS, Failure, INTERRUPTED, LIMIT};
use crate::run::compile::Outcome;
use crate::run::drive::{Ended, drive};
use crate::run::{execute, freeze, prepare, thaw};

/// Makes the run again, and gives the exit status.
pub(crate) fn verify(options: &VerifyOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let path = &options.receipt;
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::file(path, "read the receipt", error))?;
    let refused = |error| Failure::own(format_args!("{}: {error}", path.display()));
    let recorded = Receipt::parse(&text).map_err(refused)?;
    let inputs = recorded.inputs().map_err(refused)?;
    let run = run_options(options, &inputs);
    let mut console = Console::new()?;
    if options.stdin.is_none() && inputs.stdin_bytes == 0 {
        console.read_nothing();
    }
    let image = freeze::read_image(&options.program)?;
    if image.is_some() != inputs.image.is_some() {
        let (of, is) =
            if image.is_some() { ("a program", "an image") } else { ("an image", "none") };
        let program = options.program.display();
        let receipt = path.display();
        return Err(Failure::own(format_args!(
            "{receipt} is the receipt of a run of {of}, and {program} is {is}"
        )));
    }
    let mut process = match image {
        Some(bytes) => {
            if let Some(path) = &options.stdin {
                console.read_from(path)?;
            }
            thaw::start(&run, bytes, Cache::open(home).ok().as_ref(), Some(&inputs))?.0
        }
        None => match prepare(&run, home, &mut console)? {
            Outcome::Program(mut prepared) => {
                execute::start(&run, &mut prepared, Some(&inputs), &console)?
            }
            Outcome::Failed(status, _) => return Ok(status),
        },
    };
    console.attach_stdin(inputs.stdio[0]);
    console.drop_output();
    let driven = drive(&mut process, &mut console, Stream::Output)?;
    match driven.ended {
        Ended::State(_) | Ended::BrokenPipe => {}
        Ended::Interrupted => return Ok(INTERRUPTED),
        Ended::TimedOut => {
            console::say("stopped by --timeout before the end: neither the same nor different");
            return Ok(LIMIT);
        }
    }
    let found = execute::receipt(&mut process, &driven)?;
    let found = found.ok_or_else(|| Failure::own("the run has left no receipt"))?;
    if !recorded.is_deterministic() {
        let reasons: Vec<&str> = recorded.reasons().collect();
        let reasons = reasons.join(", ");
        console::say(&format!("the receipt says that another run may differ: {reasons}"));
    }
    compare(&recorded, &found)
}

/// What `run` would have been told.
fn run_options(options: &VerifyOptions, inputs: &Inputs) -> RunOptions {
    let quota = inputs.quota.unwrap_or_default();
    RunOptions {
        runtime: options.runtime.clone(),
        stdin: options.stdin.clone(),
        dir: options.dir.clone(),
        fs: options.fs.clone(),
        invoke: inputs.invoke.as_ref().map(|(function, _)| function.clone()),
        seed: inputs.seed.unwrap_or_default(),
        clock: if inputs.epoch.is_some() { ClockChoice::Virtual } else { ClockChoice::Host },
        entropy: if inputs.seed.is_some() { EntropyChoice::Seeded } else { EntropyChoice::Host },
        limits: LimitOptions {
            fs_bytes: Some(quota.bytes_max),
            fs_inodes: Some(quota.inodes_max),
            timeout: options.timeout,
            recorded: Some(inputs.engine),
            file_bytes_max: Some(quota.file_bytes_max),
            ..LimitOptions::default()
        },
        ..RunOptions::of(&options.program)
    }
}

/// Says what differs, a line for each field.
fn compare(recorded: &Receipt, found: &Receipt) -> Result<u8, Failure> {
    let differences = recorded.differences(found);
    if differences.is_empty() {
        let digest = found.digest_hex();
        return console::print(format!("the same: {digest}\n").as_bytes());
    }
    let lines = differences.iter().fold(String::new(), |lines, line| lines + &format!("{line}\n"));
    console::print(lines.as_bytes())?;
    Ok(DIFFERS)
}
