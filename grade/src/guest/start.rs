//! Starting a program: from its beginning, or from where it was started before.

use bytes::Bytes;
use engine::vfs::{EPOCH, Mount, Namespace, StreamKind};
use engine::{Limits, Process};
use launch::{ErrorKind, files};
use runtimes::{Fill, Kind, Selection, Warm};

use super::workshop::{Receipts, Started};
use super::{Begun, Code, Guest, Job, Plain, hash, own_fault};
use crate::lock;

impl Guest {
    /// Starts it with these files for its own.
    pub(super) fn begin_with(
        &self,
        own: &[(String, Bytes)],
        job: &Job<'_>,
    ) -> Result<Begun, launch::Error> {
        match &self.code {
            Code::Plain(plain) => self.spawn(plain, own, job),
            Code::Warm(started, warm) => self.thaw(started, Some(warm), own, job),
            Code::Opening(started) => self.thaw(started, None, own, job),
            Code::FirstCall(started) => {
                let started = lock(started).clone();
                let started = started.ok_or_else(|| own_fault("it was let go"))?;
                self.thaw(&started, None, own, job)
            }
        }
    }

    /// Bytes of memory that its interpreter has when it goes on from where it was started before.
    pub(super) fn least_memory_bytes(&self) -> Option<u64> {
        let bytes = |started: &Started| started.pool.template().image().memory_bytes();
        match &self.code {
            // What stands at its first syscall was started under the limits of its runs.
            Code::Plain(_) | Code::FirstCall(_) => None,
            Code::Warm(started, _) | Code::Opening(started) => Some(bytes(started)),
        }
    }

    /// Lets go of what no other program uses: no case is left. A memory of 8 MiB for each of many submissions is too much.
    pub(crate) fn release(&self) {
        if let Code::FirstCall(started) = &self.code {
            *lock(started) = None;
        }
    }

    /// Ends a process and lets the next use what it leaves.
    pub(crate) fn finish(&self, process: Process) {
        let started = match &self.code {
            Code::Plain(_) => None,
            Code::Warm(started, _) | Code::Opening(started) => Some(started.clone()),
            Code::FirstCall(started) => lock(started).clone(),
        };
        if let Some(started) = started {
            started.pool.recycle(process);
        }
    }

    fn spawn(
        &self,
        plain: &Plain,
        own: &[(String, Bytes)],
        job: &Job<'_>,
    ) -> Result<Begun, launch::Error> {
        let Plain { checked, selection, base } = plain;
        let mut tree = base.fork();
        tree.set_quota(job.quota);
        let mut namespace = Namespace::new(Mount { fs: Box::new(tree), read_only: false });
        furnish(&mut namespace, own, job)?;
        let argv = match selection {
            Some(selection) if selection.language.kind() != Kind::Compile => {
                let program = format!("/{}", self.name);
                let fill = Fill { program: &program, args: job.args, ..Fill::default() };
                selection.language.stages[0].argv(&fill)
            }
            own => own_argv(*own, &self.name, job.args),
        };
        let mut builder = Process::builder(&checked.module)
            .args(argv.into_iter().map(String::into_bytes))
            .fs(namespace)
            .stdio(job.stdin, StreamKind::Pipe, StreamKind::Pipe)
            .seed(job.seed)
            .limits(job.limits);
        let own = selection.as_ref().map(|selection| &selection.language.stages[0].env);
        let is_interpreter =
            |selection: &Selection<'_>| selection.language.kind() == Kind::Interpret;
        let own = own.filter(|_| selection.as_ref().is_some_and(is_interpreter));
        for (name, value) in own.into_iter().flatten() {
            builder = builder.env(name, value);
        }
        for (name, value) in job.env {
            builder = builder.env(name, value);
        }
        if job.receipt {
            builder = builder.receipt(hash(&checked.sha256));
        }
        let process = builder.spawn().map_err(|error| match error {
            // The module's own, whatever it is given.
            engine::Error::MissingExport { .. }
            | engine::Error::EntryType { .. }
            | engine::Error::Interpreter { .. } => launch::Error::new(ErrorKind::Refused, error),
            error => own_fault(error),
        })?;
        Ok(Begun { process, steps_before: 0 })
    }

    /// A process that goes on from an image: told what to run and with which arguments, or as it was started. In the second
    /// case it is the same run as from its start, so all of its steps are its own.
    fn thaw(
        &self,
        started: &Started,
        warm: Option<&Warm>,
        own: &[(String, Bytes)],
        job: &Job<'_>,
    ) -> Result<Begun, launch::Error> {
        let path = format!("/{}", self.name);
        let steps_before = if warm.is_some() { started.pool.template().image().steps() } else { 0 };
        let steps_max = job.limits.steps_max.saturating_add(steps_before);
        let limits = Limits { steps_max, ..job.limits };
        let mut process = started.pool.thaw_with(limits).map_err(own_fault)?;
        let namespace = process.fs();
        if let Ok(tree) = files::root(namespace) {
            tree.set_quota(job.quota);
        }
        furnish(namespace, own, job)?;
        if let Some(warm) = warm {
            let bytes = warm.job(&path, job.args, job.env);
            let nul = || own_fault("an argument or a variable holds a NUL");
            files::put(namespace, Warm::JOB, bytes.ok_or_else(nul)?.into())?;
        }
        if job.receipt {
            let kept = match started.receipts {
                Receipts::Image(sha256) => process.keep_receipt(sha256),
                Receipts::Module(sha256, seed) => {
                    process.keep_receipt_from_start(sha256, seed, EPOCH)
                }
            };
            kept.map_err(own_fault)?;
        }
        Ok(Begun { process, steps_before })
    }
}

/// The arguments of a program of its author's own, with its name.
pub(super) fn own_argv(
    selection: Option<Selection<'_>>,
    name: &str,
    args: &[String],
) -> Vec<String> {
    match selection {
        None => {
            std::iter::once(name).chain(args.iter().map(String::as_str)).map(String::from).collect()
        }
        Some(selection) => launch::compile::argv(selection, name, args),
    }
}

/// Puts the files of a program and those of a run into its tree.
fn furnish(
    namespace: &mut Namespace,
    own: &[(String, Bytes)],
    job: &Job<'_>,
) -> Result<(), launch::Error> {
    for (path, bytes) in own.iter().chain(&job.files) {
        files::put(namespace, path, bytes.clone())?;
    }
    job.folders.iter().try_for_each(|path| files::make_folder(namespace, path))
}
