//! How each peer is called.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::data::PeerData;
use super::guests::{Job, Step};
use super::make_folder;
use super::programs::{Group, Program};
use crate::chore::{Outcome, must_succeed, root};

/// An engine, and a way to use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Stepwell,
    /// With interpreters that were started before.
    Warm,
    Wasmi,
    Wamr,
    /// wasmtime's interpreter.
    Pulley {
        is_compiled: bool,
    },
    /// wasmtime's machine code.
    Wasmtime {
        is_compiled: bool,
    },
    /// node's own WASI.
    Node,
    Runno,
    /// The host's own CPython.
    Cpython,
}

/// What Stepwell itself is called.
pub(super) const OURS: &str = "stepwell";

/// All of them, in the document's order.
pub(super) const KINDS: [Kind; 11] = [
    Kind::Stepwell,
    Kind::Warm,
    Kind::Wasmi,
    Kind::Wamr,
    Kind::Pulley { is_compiled: true },
    Kind::Pulley { is_compiled: false },
    Kind::Wasmtime { is_compiled: true },
    Kind::Wasmtime { is_compiled: false },
    Kind::Node,
    Kind::Runno,
    Kind::Cpython,
];

impl Kind {
    /// What `--peers` and the data call it.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Stepwell => OURS,
            Self::Warm => "stepwell-warm",
            Self::Wasmi => "wasmi",
            Self::Wamr => "wamr",
            Self::Pulley { is_compiled: true } => "pulley",
            Self::Pulley { is_compiled: false } => "pulley-cold",
            Self::Wasmtime { is_compiled: true } => "wasmtime",
            Self::Wasmtime { is_compiled: false } => "wasmtime-cold",
            Self::Node => "node",
            Self::Runno => "runno",
            Self::Cpython => "cpython",
        }
    }

    /// What the document says of it.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Stepwell => "interpreter, every step counted, prepared modules kept in its cache",
            Self::Warm => "the same with --warm: from an image of the started interpreter",
            Self::Wasmi => "the same interpreter by its own command line, nothing counted",
            Self::Wamr => "fast interpreter, built from the source in the crate wamr-sys",
            Self::Pulley { is_compiled: true } => {
                "wasmtime's interpreter, module compiled to it beforehand"
            }
            Self::Pulley { is_compiled: false } => {
                "wasmtime's interpreter, module compiled to it in each run"
            }
            Self::Wasmtime { is_compiled: true } => "machine code, module compiled beforehand",
            Self::Wasmtime { is_compiled: false } => "machine code, module compiled in each run",
            Self::Node => "V8 with node's own WASI",
            Self::Runno => "V8 with the files and calls of @runno/wasi, in node",
            Self::Cpython => "the host's own CPython, without WebAssembly",
        }
    }

    fn triple(self) -> Option<&'static str> {
        matches!(self, Self::Pulley { .. }).then_some("pulley64")
    }

    fn is_cold(self) -> bool {
        matches!(self, Self::Pulley { is_compiled: false } | Self::Wasmtime { is_compiled: false })
    }
}

/// An installed peer.
pub(super) struct Peer {
    pub(super) kind: Kind,
    pub(super) program: PathBuf,
    /// What it says that it is.
    pub(super) version: String,
    /// Where it may keep compiled modules.
    pub(super) folder: PathBuf,
}

/// WAMR's default of 16 KiB for the stack is too little for every interpreter, and its warnings go to standard output.
const WAMR_OPTIONS: [&str; 3] = ["--stack-size=8388608", "-v=0", "--dir=."];

impl Peer {
    pub(super) fn id(&self) -> &'static str {
        self.kind.id()
    }

    /// The peer as the document has it.
    pub(super) fn description(&self) -> PeerData {
        PeerData {
            id: self.id().into(),
            about: self.kind.about().into(),
            version: self.version.clone(),
            missing: None,
        }
    }

    /// Whether the program is tried on it. A peer that compiles each time shows that where little else is done.
    pub(super) fn runs(&self, program: &Program) -> bool {
        match self.kind {
            Kind::Warm => ["python", "ruby"].contains(&program.runtime),
            // Where the program writes is a folder of the guest's.
            Kind::Cpython => program.runtime == "python" && program.group != Group::Files,
            kind => !kind.is_cold() || program.group == Group::Start,
        }
    }

    /// The first and last round that count. Compiling takes very long, about the same each time, and warms nothing.
    pub(super) fn rounds(&self) -> RangeInclusive<usize> {
        if self.kind.is_cold() { 0..=0 } else { 1..=usize::MAX }
    }

    /// Compiles what can be compiled beforehand.
    pub(super) fn prepare(&self, job: &Job) -> Outcome {
        if !matches!(
            self.kind,
            Kind::Pulley { is_compiled: true } | Kind::Wasmtime { is_compiled: true }
        ) {
            return Ok(());
        }
        for step in job.steps.iter().filter(|step| !step.is_made) {
            let compiled = self.compiled(step);
            if is_newer(&compiled, &step.module) {
                continue;
            }
            if let Some(folder) = compiled.parent() {
                make_folder(folder)?;
            }
            let mut command = self.wasmtime("compile");
            must_succeed(command.arg("-o").arg(compiled).arg(&step.module))?;
        }
        Ok(())
    }

    /// The commands that run a program.
    pub(super) fn commands(&self, job: &Job) -> Vec<Command> {
        let each = |command: fn(&Self, &Job, &Step) -> Command| {
            job.steps.iter().map(|step| command(self, job, step)).collect()
        };
        match self.kind {
            Kind::Stepwell | Kind::Warm => {
                let mut command = Command::new(&self.program);
                command.arg("run");
                if self.kind == Kind::Warm {
                    command.arg("--warm");
                }
                command.arg(&job.source);
                vec![command]
            }
            Kind::Cpython => {
                let mut command = Command::new(&self.program);
                command.arg(&job.source);
                vec![command]
            }
            Kind::Wasmi | Kind::Wamr => each(Self::in_folder),
            Kind::Pulley { .. } | Kind::Wasmtime { .. } => each(Self::with_mount),
            Kind::Node => vec![self.script("node-wasi.mjs", job)],
            Kind::Runno => vec![self.script("runno.mjs", job)],
        }
    }

    /// For peers that can only give the guest the folder that they are in.
    fn in_folder(&self, job: &Job, step: &Step) -> Command {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Wamr => command.args(WAMR_OPTIONS),
            _ => command.args(["--dir", "."]),
        };
        command.current_dir(&job.root).arg(&step.module).args(&step.argv[1..]);
        command
    }

    fn with_mount(&self, job: &Job, step: &Step) -> Command {
        let mut command = self.wasmtime("run");
        // Modules for `wasi_unstable` look for relative paths in a directory of that name.
        for name in ["::/", "::."] {
            let mut mount = OsString::from(&job.root);
            mount.push(name);
            command.arg("--dir").arg(mount);
        }
        command.arg("--argv0").arg(&step.argv[0]);
        match self.kind.is_cold() || step.is_made {
            true => command.arg(&step.module),
            false => command.arg("--allow-precompiled").arg(self.compiled(step)),
        };
        command.args(&step.argv[1..]);
        command
    }

    fn wasmtime(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(subcommand);
        if let Some(triple) = self.kind.triple() {
            command.args(["--target", triple]);
        }
        command
    }

    /// Where the compiled form of a module is.
    fn compiled(&self, step: &Step) -> PathBuf {
        self.folder.join("compiled").join(self.kind.id()).join(format!("{}.cwasm", step.key))
    }

    fn script(&self, name: &str, job: &Job) -> Command {
        let steps: Vec<_> = job
            .steps
            .iter()
            .map(|step| serde_json::json!({ "module": step.module, "argv": job.absolute(step) }))
            .collect();
        let mut command = Command::new(&self.program);
        command.arg("--no-warnings").arg(root().join("xtask/src/compare").join(name));
        command.arg(&job.root).arg(serde_json::Value::from(steps).to_string());
        // Where the script finds the packages that npm has installed.
        command.arg(self.folder.join("npm/node_modules"));
        command
    }
}

fn is_newer(one: &Path, other: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    time(one).zip(time(other)).is_some_and(|(one, other)| one >= other)
}
