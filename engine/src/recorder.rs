//! What a process remembers for its receipt: its inputs as they were at the start, and hashes of its streams as they
//! pass, so that neither pieces nor slices nor the time of draining show.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use syscalls::Context;
use vfs::{Errno, Input, Namespace, Output, StreamKind, Timestamp, Tree};

use crate::receipt::kind;
use crate::replay::Event;
use crate::{Error, Limit, Limits, Module, Process, Receipt, State, json, outcome};

/// What a process is started with, as far as a receipt holds it.
pub(crate) struct Start<'a> {
    /// The SHA-256 of the module as it was given.
    pub(crate) sha256: [u8; 32],
    /// The SHA-256 of the image that it goes on from, if it does.
    pub(crate) image: Option<[u8; 32]>,
    pub(crate) module: &'a Module,
    pub(crate) invoke: Option<&'a (String, Vec<String>)>,
    pub(crate) args: &'a [Vec<u8>],
    pub(crate) env: &'a [Vec<u8>],
    pub(crate) has_root: bool,
    pub(crate) seed: Option<u64>,
    pub(crate) epoch: Option<Timestamp>,
    pub(crate) stdio: [StreamKind; 3],
    pub(crate) limits: &'a Limits,
}

/// What a process remembers for its receipt.
pub(crate) struct Recorder {
    inputs: Value,
    /// Whether the guest can reach any files.
    has_root: bool,
    stdio: [StreamKind; 3],
    /// What the guest has read of standard input.
    stdin: StreamHash,
    /// What was fed and not seen to be read yet; shared with the stream.
    fed: VecDeque<Bytes>,
    fed_bytes: usize,
    /// What was drained.
    stdout: StreamHash,
    stderr: StreamHash,
    /// Why the run may not be the same again.
    reasons: BTreeSet<&'static str>,
}

/// The hash of the bytes of a stream so far.
#[derive(Clone, Default)]
struct StreamHash {
    hash: Sha256,
    bytes: u64,
}

impl StreamHash {
    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn to_json(&self) -> Value {
        let hash = self.hash.clone().finalize().into();
        json!({ "bytes": json::number(self.bytes), "sha256": json::hex(&hash) })
    }

    /// The same with what lies in a queue behind it.
    fn with(&self, output: &Output) -> Self {
        let mut whole = self.clone();
        whole.add(&output.clone().drain());
        whole
    }
}

impl Recorder {
    /// Remembers what a process starts with. Trees are read as a whole, in a copy.
    ///
    /// # Errors
    /// Whatever reading a lower directory or file gives.
    pub(crate) fn new(start: &Start<'_>, fs: &mut Namespace) -> Result<Self, Errno> {
        let mut reasons = BTreeSet::new();
        // An image has a clock and entropy of its own.
        if start.epoch.is_none() && start.image.is_none() {
            reasons.insert("clock");
        }
        if start.seed.is_none() && start.image.is_none() {
            reasons.insert("entropy");
        }
        if start.has_root && fs.mounts_mut().any(|(_, mount)| mount.fs.as_tree().is_none()) {
            reasons.insert("host_directory");
        }
        let invoke = start
            .invoke
            .map(|(function, arguments)| json!({ "function": function, "arguments": arguments }));
        let list = |items: &[Vec<u8>]| items.iter().map(|item| json::bytes(item)).collect();
        let (args, env): (Vec<Value>, Vec<Value>) = (list(start.args), list(start.env));
        let [_, stdout, stderr] = start.stdio;
        let mut inputs = json!({
            "module": { "sha256": json::hex(&start.sha256) },
            "invoke": invoke,
            "arguments": args,
            "environment": env,
            "seed": start.seed.map(json::number),
            "epoch": start.epoch.map(|epoch| json::number(epoch.0)),
            "stdout": { "kind": kind(stdout) },
            "stderr": { "kind": kind(stderr) },
            "limits": limits(start.limits, start.module),
            "trees": if start.has_root { trees(fs, true)? } else { Vec::new() },
        });
        if let Some(image) = start.image {
            inputs["image"] = json!({ "sha256": json::hex(&image) });
        }
        Ok(Self {
            inputs,
            has_root: start.has_root,
            stdio: start.stdio,
            stdin: StreamHash::default(),
            fed: VecDeque::new(),
            fed_bytes: 0,
            stdout: StreamHash::default(),
            stderr: StreamHash::default(),
            reasons,
        })
    }

    /// Remembers what the host is about to do to the process, which may be over.
    pub(crate) fn undergo(&mut self, event: &Event, is_over: bool, context: &mut Context) {
        match event {
            Event::Feed(bytes) if !context.stdin().is_closed() => {
                self.settle(context.stdin());
                self.fed_bytes += bytes.len();
                self.fed.push_back(bytes.clone());
            }
            Event::Feed(_) | Event::CloseStdin => {}
            _ if is_over => {}
            Event::CloseStdout | Event::CloseStderr => {
                self.reasons.insert("closed_output");
            }
            // Only a wait for something of the host's can be cut short, and it is seen when the call finishes.
            Event::Elapse => {}
            _ => {
                self.reasons.insert("connection");
            }
        }
    }

    /// Hashes what the guest has read since the last time.
    fn settle(&mut self, stdin: &Input) {
        let mut read = self.fed_bytes.saturating_sub(stdin.queued());
        self.fed_bytes -= read;
        while let Some(front) = self.fed.front_mut().filter(|_| read > 0) {
            let piece = front.split_to(read.min(front.len()));
            self.stdin.add(&piece);
            read -= piece.len();
            if front.is_empty() {
                self.fed.pop_front();
            }
        }
    }

    pub(crate) fn drained_stdout(&mut self, bytes: &[u8]) {
        self.stdout.add(bytes);
    }

    pub(crate) fn drained_stderr(&mut self, bytes: &[u8]) {
        self.stderr.add(bytes);
    }

    /// The receipt of the run as it stands now.
    fn receipt(&mut self, run: &Run, context: &mut Context) -> Result<Receipt, Errno> {
        self.settle(context.stdin());
        let mut inputs = self.inputs.clone();
        inputs["stdin"] = self.stdin.to_json();
        inputs["stdin"]["kind"] = kind(self.stdio[0]).into();
        let mut reasons = self.reasons.clone();
        reasons.extend(&run.reasons);
        match &run.state {
            None => {
                reasons.insert("unfinished");
            }
            Some(State::Exhausted(Limit::HostMemory)) => {
                reasons.insert("host_memory");
            }
            Some(_) => {}
        }
        let result = json!({
            "outcome": outcome::to_json(run.state.as_ref()),
            "results": run.results,
            "steps": json::number(run.steps),
            "syscalls": json::number(run.syscalls),
            "memory_peak_bytes": json::number(run.memory_peak_bytes),
            "growth_refused": run.growth_refused.map(Limit::name),
            "stdout": self.stdout.with(context.stdout()).to_json(),
            "stderr": self.stderr.with(context.stderr()).to_json(),
            "trees": if self.has_root { trees(context.fs(), false)? } else { Vec::new() },
        });
        Ok(Receipt::new(inputs, result, &reasons))
    }
}

/// What a receipt takes from the process itself.
struct Run {
    /// How it ended, if it has.
    state: Option<State>,
    results: Vec<String>,
    steps: u64,
    syscalls: u64,
    memory_peak_bytes: u64,
    growth_refused: Option<Limit>,
    reasons: BTreeSet<&'static str>,
}

impl Process {
    /// Has a process that was thawed, and has not run since, write a [`Receipt`], which [`Process::receipt`] gives. `image` is
    /// the SHA-256 of the image as it was saved. Its files may have been changed: the receipt has them as they are now.
    ///
    /// The receipt names the image; its steps are those of both parts, and its streams those of what goes on.
    ///
    /// # Errors
    /// [`Error::NotFresh`]: it was not thawed, or has run, or was fed, drained or offered something since: what passed then is
    /// not known any more. [`Error::Files`].
    pub fn keep_receipt(&mut self, image: [u8; 32]) -> Result<(), Error> {
        self.begin_receipt(self.module.sha256, Some(image), None)
    }

    /// As [`Process::keep_receipt`], where the image was frozen before its first syscall: the receipt is that of the run from its
    /// start, and names no image. Only a stack that comes near the limit of its bytes can tell: see
    /// [`ProcessBuilder::freezable`](crate::ProcessBuilder::freezable).
    ///
    /// `module` is the SHA-256 of the module's bytes as they were before [`Module::prepare`], and `seed` and `epoch` are those
    /// that the frozen process was started with. That has seen no file yet, so those of now are what it starts with, and it
    /// has to have been under the limits of now.
    ///
    /// # Errors
    /// As [`Process::keep_receipt`]. [`Error::NotFresh`]: also if a syscall had finished.
    pub fn keep_receipt_from_start(
        &mut self,
        module: [u8; 32],
        seed: u64,
        epoch: Timestamp,
    ) -> Result<(), Error> {
        if self.syscalls() > 0 {
            return Err(Error::NotFresh);
        }
        self.begin_receipt(module, None, Some((seed, epoch)))
    }

    /// Has a process that was thawed, and has not run since, write a receipt.
    fn begin_receipt(
        &mut self,
        sha256: [u8; 32],
        image: Option<[u8; 32]>,
        start: Option<(u64, Timestamp)>,
    ) -> Result<(), Error> {
        if !self.is_fresh {
            return Err(Error::NotFresh);
        }
        let (module, limits) = (self.module.clone(), *self.limits());
        let context = self.context_mut();
        let (args, env) = (context.args().to_vec(), context.env().to_vec());
        let stdio = [context.stdin().kind(), context.stdout().kind(), context.stderr().kind()];
        let start = Start {
            sha256,
            image,
            module: &module,
            invoke: None,
            args: &args,
            env: &env,
            has_root: true,
            seed: start.map(|(seed, _)| seed),
            epoch: start.map(|(_, epoch)| epoch),
            stdio,
            limits: &limits,
        };
        let recorder = Recorder::new(&start, context.fs());
        self.recorder = Some(recorder.map_err(|errno| Error::Files { errno })?);
        self.store.data_mut().watch.get_or_insert_default();
        Ok(())
    }

    /// The receipt of the run as it stands now, if [`ProcessBuilder::receipt`](crate::ProcessBuilder::receipt) asked for
    /// one. Ask before the files are taken away.
    ///
    /// It does not depend on how the host cut the run into slices, cut the input into pieces or drained the output. Of
    /// standard input it has what the guest has read, so feeding more afterwards changes nothing. What was written to a
    /// stream and lies in its queue counts as if it had been drained.
    ///
    /// # Errors
    /// Whatever reading the files of a host directory gives.
    pub fn receipt(&mut self) -> Result<Option<Receipt>, Errno> {
        let Some(mut recorder) = self.recorder.take() else { return Ok(None) };
        let run = Run {
            state: self.end_state().cloned(),
            results: self.results().iter().map(ToString::to_string).collect(),
            steps: self.steps(),
            syscalls: self.syscalls(),
            memory_peak_bytes: self.memory_bytes(),
            growth_refused: self.growth_refused(),
            reasons: self.unrepeatable(),
        };
        let receipt = recorder.receipt(&run, self.context_mut());
        self.recorder = Some(recorder);
        receipt.map(Some)
    }
}

fn limits(limits: &Limits, module: &Module) -> Value {
    let size = |size: usize| json::number(size as u64);
    let optional = |max: u64| (max != u64::MAX).then(|| json::number(max));
    json!({
        "steps": optional(limits.steps_max),
        "memory_bytes": size(limits.memory_bytes_max),
        "table_elements": size(limits.table_elements_max),
        "output_bytes": optional(limits.output_bytes_max),
        "output_queue_bytes": size(limits.output_queue_bytes_max),
        "fds": limits.fds_max,
        "args_bytes": json::number(limits.args_bytes_max),
        "call_depth": size(module.engine.call_depth_max),
        "stack_bytes": size(module.engine.stack_bytes_max),
    })
}

/// The digests of all trees in the order of mounting; `None` for what is none.
fn trees(fs: &mut Namespace, is_start: bool) -> Result<Vec<Value>, Errno> {
    let mut trees = Vec::new();
    for (path, mount) in fs.mounts_mut() {
        let tree = mount.fs.as_tree();
        // In a copy: what is loaded first gets the lower number, and a guest must not see that a receipt was asked for.
        let digest = tree.map(|tree| tree.fork().digest()).transpose()?;
        let mut value = json!({ "mount": path, "sha256": digest.map(|digest| json::hex(&digest)) });
        if is_start {
            value["read_only"] = mount.read_only.into();
            value["limits"] = tree.map_or(Value::Null, quota);
        }
        trees.push(value);
    }
    Ok(trees)
}

fn quota(tree: &Tree) -> Value {
    let quota = tree.quota();
    json!({
        "bytes": json::number(quota.bytes_max),
        "inodes": json::number(quota.inodes_max),
        "file_bytes": json::number(quota.file_bytes_max),
    })
}
