//! A look at the files of a process.

use vfs::Namespace;

use crate::Process;

impl Process {
    /// The mounts as they are now, to be looked at and forked. Unlike [`Process::fs`], that changes nothing of the run: it
    /// can still be repeated.
    #[must_use]
    pub fn files(&self) -> &Namespace {
        self.store().0.data().context.files()
    }
}
