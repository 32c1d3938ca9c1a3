//! Stepwell beside other engines: the same guests and programs, in turn, and docs/BENCHMARKS.md from what was measured.
//!
//! ```text
//! programs.rs   which programs, and what each must print
//! guests.rs     the modules and files that a program needs, as every peer takes them
//! stubs.rs      a copy of a module without the imports that no peer has
//! install.rs    the peers, from their registries
//! peers.rs      how each peer is called
//! measure.rs    one run: processor time, wall time, peak of memory
//! data.rs       what was measured, on which machine; docs/benchmarks/results.json
//! report.rs     the document
//! ```

mod data;
mod guests;
mod install;
mod measure;
mod peers;
mod programs;
mod report;
mod stubs;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::data::{Cell, Results, Row};
use self::guests::Guests;
use self::peers::Peer;
use self::programs::{PROGRAMS, Program};
use crate::chore::{Outcome, cargo, must_succeed, root};

/// What of the chore is wanted.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this program; may be given again
    #[arg(long, value_name = "PROGRAM")]
    only: Vec<String>,
    /// Only these peers
    #[arg(long, value_name = "PEER,…", value_delimiter = ',')]
    peers: Vec<String>,
    /// How often each program is run on each peer, after a first time that does not count
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Once each, to see whether everything works
    #[arg(long)]
    quick: bool,
    /// Use this build of stepwell instead of making one
    #[arg(long, value_name = "PATH", env = "STEPWELL_COMPARE_STEPWELL")]
    stepwell: Option<PathBuf>,
    /// Measure nothing: write the document again from docs/benchmarks/results.json
    #[arg(long)]
    render: bool,
}

impl Options {
    /// Whether something is left out, so that the document must stay as it is.
    fn is_partial(&self) -> bool {
        self.quick || !self.only.is_empty() || !self.peers.is_empty()
    }

    /// The command, as the document repeats it.
    fn line(&self) -> String {
        let mut line = format!("cargo xtask compare --rounds {}", self.rounds);
        for name in &self.only {
            line += &format!(" --only {name}");
        }
        if !self.peers.is_empty() {
            line += &format!(" --peers {}", self.peers.join(","));
        }
        if self.stepwell.is_some() {
            line += " --stepwell PATH";
        }
        line
    }
}

/// Measures, and writes the document; or into `target` what is only a part of it.
pub(crate) fn run(options: &Options) -> Outcome {
    let document = root().join("docs/BENCHMARKS.md");
    let data = root().join("docs/benchmarks/results.json");
    if options.render {
        let results = Results::read(&data)?;
        return write(&document, &report::document(&results)?);
    }
    let folder = folder();
    make_folder(&folder)?;
    let results = measure(options, &folder)?;
    let (document, data) = match options.is_partial() {
        true => (folder.join("BENCHMARKS.md"), folder.join("results.json")),
        false => (document, data),
    };
    write(&data, &results.json()?)?;
    write(&document, &report::document(&results)?)?;
    println!("{}", report::table(&results));
    eprintln!("written: {}, {}", document.display(), data.display());
    Ok(())
}

fn measure(options: &Options, folder: &Path) -> Outcome<Results> {
    let stepwell = match &options.stepwell {
        Some(path) => path.clone(),
        None => build()?,
    };
    let programs = chosen(options)?;
    let guests = Guests::open(folder, &stepwell)?;
    guests.install(&programs)?;
    let mut results = Results::here(options.line(), options.rounds.max(1))?;
    if options.stepwell.is_some() {
        results.commit = "unknown, a build that was there".into();
    }
    let peers = installed(options, folder, &stepwell, &mut results)?;
    let mut jobs = Vec::new();
    for program in programs {
        eprintln!("preparing {}", program.name);
        let job = guests.prepare(program)?;
        for peer in &peers {
            if peer.runs(program) {
                peer.prepare(&job)?;
            }
        }
        jobs.push(job);
        results.rows.push(Row::of(program));
    }
    results.load_before = data::load();
    let rounds = if options.quick { 1 } else { options.rounds.max(1) };
    for round in 0..=rounds {
        eprintln!("round {round} of {rounds}");
        for (row, job) in results.rows.iter_mut().zip(&jobs) {
            // Nobody is always first after somebody else's work.
            for at in 0..peers.len() {
                let peer = &peers[(at + round) % peers.len()];
                let cell = row.cells.entry(peer.id().to_string()).or_default();
                if !peer.runs(job.program) {
                    *cell = Cell::left_out();
                } else if cell.failure.is_none() && round <= *peer.rounds().end() {
                    cell.add(
                        measure::run(peer.commands(job), &job.expected),
                        peer.rounds().contains(&round),
                    );
                }
            }
        }
    }
    results.load_after = data::load();
    Ok(results)
}

/// The peers that can be had; the results say why another cannot.
fn installed(
    options: &Options,
    folder: &Path,
    stepwell: &Path,
    results: &mut Results,
) -> Outcome<Vec<Peer>> {
    let mut peers = Vec::new();
    for kind in peers::KINDS {
        let name = kind.id();
        if name != peers::OURS
            && !options.peers.is_empty()
            && !options.peers.iter().any(|wanted| wanted == name)
        {
            continue;
        }
        match install::install(kind, folder, stepwell) {
            Ok(peer) => {
                results.peers.push(peer.description());
                peers.push(peer);
            }
            Err(reason) => {
                eprintln!("{name} is left out: {reason}");
                results.peers.push(data::PeerData::missing(kind, reason));
            }
        }
    }
    match options.peers.iter().find(|wanted| peers::KINDS.iter().all(|kind| kind.id() != **wanted))
    {
        Some(unknown) => Err(format!("there is no peer {unknown}")),
        None => Ok(peers),
    }
}

fn chosen(options: &Options) -> Outcome<Vec<&'static Program>> {
    let is_chosen = |program: &&Program| {
        options.only.is_empty() || options.only.iter().any(|name| name == program.name)
    };
    if let Some(unknown) =
        options.only.iter().find(|name| PROGRAMS.iter().all(|program| program.name != **name))
    {
        let names: Vec<_> = PROGRAMS.iter().map(|program| program.name).collect();
        return Err(format!("there is no program {unknown}, but {}", names.join(", ")));
    }
    Ok(PROGRAMS.iter().filter(is_chosen).collect())
}

/// Builds the program as a release has it: where it is.
fn build() -> Outcome<PathBuf> {
    must_succeed(cargo().args(["build", "--release", "--package", "stepwell-cli"]))?;
    let program =
        target().join("release").join(format!("stepwell{}", std::env::consts::EXE_SUFFIX));
    match program.is_file() {
        true => Ok(program),
        false => Err(format!("cargo has built no {}", program.display())),
    }
}

fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Where the peers, their modules and the programs' files are.
fn folder() -> PathBuf {
    target().join("compare")
}

fn make_folder(path: &Path) -> Outcome {
    fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
