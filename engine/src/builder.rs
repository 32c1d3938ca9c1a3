//! What a process starts with.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use syscalls::{Context, Entropy, SeededEntropy, Setup};
use vfs::{
    Clock, EPOCH, Input, Mount, Namespace, Output, Quota, StreamKind, Timestamp, Tree, VirtualClock,
};

use crate::recorder::{Recorder, Start};
use crate::watch::{Tracer, Watch};
use crate::{Error, Inputs, Limits, Module, Process, TracedCall, Value, freeze, profile};

/// What a process starts with; nothing of the host unless it is put in here.
///
/// Without further calls: no arguments, an empty environment, an empty tree at `/` as descriptor 3, pipes as standard
/// streams, a virtual clock that starts at 2026-01-01T00:00:00Z, entropy from seed 0.
#[must_use = "a builder does nothing until `spawn`"]
pub struct ProcessBuilder<'a> {
    module: &'a Module,
    args: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    fs: Option<Namespace>,
    /// Whether the guest is given `/`.
    has_root: bool,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    stdin: StreamKind,
    stdout: StreamKind,
    stderr: StreamKind,
    listeners: usize,
    limits: Limits,
    invoke: Option<(String, Vec<String>)>,
    replayable: Result<(), &'static str>,
    /// The seed and the start of the calendar, where entropy and clock are the engine's own.
    seed: Option<u64>,
    epoch: Option<Timestamp>,
    /// The hash of the module, if there is to be a receipt.
    receipt: Option<[u8; 32]>,
    tracer: Option<Tracer>,
    profile: bool,
    freezable: bool,
}

impl<'a> ProcessBuilder<'a> {
    pub(crate) fn new(module: &'a Module) -> Self {
        Self {
            module,
            args: Vec::new(),
            env: Vec::new(),
            fs: None,
            has_root: true,
            clock: Box::new(VirtualClock::default()),
            entropy: Box::new(SeededEntropy::new(0)),
            stdin: StreamKind::Pipe,
            stdout: StreamKind::Pipe,
            stderr: StreamKind::Pipe,
            listeners: 0,
            limits: Limits::default(),
            invoke: None,
            replayable: Ok(()),
            seed: Some(0),
            epoch: Some(EPOCH),
            receipt: None,
            tracer: None,
            profile: false,
            freezable: false,
        }
    }

    /// Appends an argument. The first is the name that the guest is called by.
    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Appends arguments.
    pub fn args<A: Into<Vec<u8>>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Appends an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        let pair = [name.as_bytes(), b"=", value.as_bytes()].concat();
        self.env.push(pair);
        self
    }

    /// The files that the guest sees; `/` is descriptor 3.
    pub fn fs(mut self, fs: Namespace) -> Self {
        self.fs = Some(fs);
        self
    }

    /// Gives the guest no directory: it can open nothing, and descriptor 3 is free.
    pub fn without_files(mut self) -> Self {
        self.has_root = false;
        self
    }

    /// A virtual calendar that starts at `epoch`.
    pub fn epoch(mut self, epoch: Timestamp) -> Self {
        self.clock = Box::new(VirtualClock::new(epoch));
        self.epoch = Some(epoch);
        self
    }

    /// The seed of the deterministic entropy.
    pub fn seed(mut self, seed: u64) -> Self {
        self.entropy = Box::new(SeededEntropy::new(seed));
        self.seed = Some(seed);
        self
    }

    /// A clock of the caller's, the host's for example. The run is then not repeatable.
    pub fn clock(mut self, clock: Box<dyn Clock>) -> Self {
        self.clock = clock;
        self.epoch = None;
        self.replayable = Err("it used a clock of the host");
        self
    }

    /// Entropy of the caller's, the host's for example. The run is then not repeatable.
    pub fn entropy(mut self, entropy: Box<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self.seed = None;
        self.replayable = Err("it used entropy of the host");
        self
    }

    /// What the guest is told that its standard input, output and error are attached to.
    pub fn stdio(mut self, stdin: StreamKind, stdout: StreamKind, stderr: StreamKind) -> Self {
        (self.stdin, self.stdout, self.stderr) = (stdin, stdout, stderr);
        self
    }

    /// Gives the guest one more socket to accept connections from, which [`Process::offer`] offers.
    ///
    /// It is open from the start, on the lowest free number after the directory: with `/` as descriptor 3 the first
    /// listener is 4, the second 5. [`Process::listeners`] has the numbers. There is no listener beyond
    /// [`Limits::fds_max`].
    pub fn listener(mut self) -> Self {
        self.listeners += 1;
        self
    }

    /// The most that the process may use.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Calls the export `name` instead of `_start`, after `_initialize` if there is one. The arguments are read by the
    /// types of its parameters; its results are in [`Process::results`] when it has returned.
    pub fn invoke(mut self, name: &str, args: impl IntoIterator<Item = String>) -> Self {
        self.invoke = Some((name.into(), args.into_iter().collect()));
        self
    }

    /// Has the process write a [`Receipt`](crate::Receipt), which [`Process::receipt`] gives.
    ///
    /// `module` is the SHA-256 of the module's bytes as they were before [`Module::prepare`]: a prepared module does not
    /// have them any more. All files are read at the start, those of copy-on-write host directories too, and everything
    /// that passes through the streams is hashed; without a receipt neither is done.
    pub fn receipt(mut self, module: [u8; 32]) -> Self {
        self.receipt = Some(module);
        self
    }

    /// Starts as a receipt says that another run has: arguments, environment, what streams are attached to, limits, and
    /// seed, epoch and the called export where the receipt has them. Files and standard input are not in a receipt.
    pub fn repeat(mut self, inputs: &Inputs) -> Self {
        self.args.clone_from(&inputs.args);
        self.env.clone_from(&inputs.env);
        self.invoke.clone_from(&inputs.invoke);
        self.has_root = inputs.has_root;
        let [stdin, stdout, stderr] = inputs.stdio;
        self = self.stdio(stdin, stdout, stderr).limits(inputs.limits);
        if let Some(seed) = inputs.seed {
            self = self.seed(seed);
        }
        match inputs.epoch {
            Some(epoch) => self.epoch(epoch),
            None => self,
        }
    }

    /// Shows each syscall to `tracer` when it has finished. A call that waits is shown once, when it is over.
    pub fn trace(mut self, tracer: impl FnMut(&TracedCall<'_>) + Send + 'static) -> Self {
        self.tracer = Some(Box::new(tracer));
        self
    }

    /// Has the process account for where its steps go, which [`Process::profile`] tells.
    ///
    /// It runs on a copy of the module that tells the host whenever a function is entered or left, which makes it several
    /// times slower. Its steps, its output and its receipt are the same as without. To make the copy takes time in
    /// proportion to the module's size, and it is not kept.
    pub fn profile(mut self, profile: bool) -> Self {
        self.profile = profile;
        self
    }

    /// Has the process run on a copy of the module that can be [frozen](Process::freeze) without repeating the run.
    ///
    /// That makes it up to half as slow again. Its steps, its output and its receipt are the same as without, unless its
    /// stack comes near the limit of its bytes, which functions of the copy reach a little earlier. To make the copy takes time in proportion to the module's size, and it is not kept.
    pub fn freezable(mut self, freezable: bool) -> Self {
        self.freezable = freezable;
        self
    }

    /// Makes the process, without running anything yet.
    ///
    /// # Errors
    /// [`Error::TooManyArguments`], [`Error::Files`], [`Error::MissingExport`], [`Error::EntryType`], [`Error::Arguments`],
    /// [`Error::Interpreter`]. With [`ProcessBuilder::profile`] also [`Error::Invalid`] and [`Error::Unsupported`], if a body
    /// of a kept module has been damaged.
    pub fn spawn(self) -> Result<Process, Error> {
        self.check_arguments()?;
        let Limits { output_queue_bytes_max, output_bytes_max, fds_max, .. } = self.limits;
        let output = |kind| Output::new(kind, output_queue_bytes_max).limited(output_bytes_max);
        let mut fs = self.fs.unwrap_or_else(|| {
            let tree = Tree::new(Quota::default(), EPOCH);
            Namespace::new(Mount { fs: Box::new(tree), read_only: false })
        });
        let recorder = match self.receipt {
            None => None,
            Some(sha256) => {
                let start = Start {
                    sha256,
                    image: None,
                    module: self.module,
                    invoke: self.invoke.as_ref(),
                    args: &self.args,
                    env: &self.env,
                    has_root: self.has_root,
                    seed: self.seed,
                    epoch: self.epoch,
                    stdio: [self.stdin, self.stdout, self.stderr],
                    limits: &self.limits,
                };
                let recorder = Recorder::new(&start, &mut fs);
                Some(recorder.map_err(|errno| Error::Files { errno })?)
            }
        };
        let mut setup = Setup::new(fs);
        if !self.has_root {
            setup.preopens.clear();
        }
        let mut context = Context::new(Setup {
            args: self.args,
            env: self.env,
            clock: self.clock,
            entropy: self.entropy,
            stdin: Input::new(self.stdin),
            stdout: output(self.stdout),
            stderr: output(self.stderr),
            fds_max,
            ..setup
        });
        let listeners = (0..self.listeners).map_while(|_| context.add_listener().ok()).collect();
        let (entry, args) = match self.invoke {
            None => (START.into(), Vec::new()),
            Some((name, args)) => {
                let values = parameters(self.module, &name, &args)?;
                (name, values)
            }
        };
        let instrumented = self.profile.then(|| profile::instrument(self.module)).transpose()?;
        let freezable = self.freezable && !self.profile;
        let freezable = freezable.then(|| freeze::instrument(self.module)).transpose()?;
        let profiled = instrumented.as_ref().map(|(module, _)| module);
        let module = profiled.or(freezable.as_ref()).unwrap_or(self.module);
        let mut process =
            Process::spawn(module, context, entry, args, self.limits, self.replayable)?;
        process.listeners = listeners;
        if recorder.is_some() || self.tracer.is_some() {
            process.watch(Watch { tracer: self.tracer, ..Watch::default() });
        }
        process.recorder = recorder;
        if let Some((_, profiler)) = instrumented {
            process.account(profiler);
        }
        Ok(process)
    }

    fn check_arguments(&self) -> Result<(), Error> {
        let strings = self.args.iter().chain(&self.env);
        let bytes = strings.fold(0_u64, |sum, string| sum.saturating_add(string.len() as u64 + 1));
        let bytes_max = self.limits.args_bytes_max;
        if bytes > bytes_max {
            return Err(Error::TooManyArguments { bytes, bytes_max });
        }
        Ok(())
    }
}

/// What a command exports.
const START: &str = "_start";

/// Reads the arguments of an export by the types of its parameters.
fn parameters(module: &Module, name: &str, args: &[String]) -> Result<Vec<Value>, Error> {
    let Some(wasmi::ExternType::Func(ty)) = module.compiled.get_export(name) else {
        return Err(missing_export(module, name));
    };
    if !ty.results().iter().all(|ty| Value::is_number(*ty)) {
        let reason = "returns something else than numbers";
        return Err(Error::EntryType { name: name.into(), reason });
    }
    let unfit = |argument| {
        let expected = names(ty.params());
        Error::Arguments { name: name.into(), expected, argument }
    };
    if ty.params().len() != args.len() {
        return Err(unfit(None));
    }
    let value = |(arg, ty): (&String, &wasmi::ValType)| {
        Value::parse(arg, *ty).ok_or_else(|| unfit(Some(arg.clone())))
    };
    args.iter().zip(ty.params()).map(value).collect()
}

/// Types as the text format spells them.
fn names(types: &[wasmi::ValType]) -> String {
    let names: Vec<_> = types.iter().map(|ty| alloc::format!("{ty:?}").to_lowercase()).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

/// The error for an export that is not there.
pub(crate) fn missing_export(module: &Module, name: &str) -> Error {
    let exported = module.exported_functions();
    let exported = if exported.is_empty() { "none".into() } else { exported.join(", ") };
    Error::MissingExport { name: name.into(), exported }
}
