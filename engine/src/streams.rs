//! What the host does to a process between its runs: feeds, drains and closes its streams, and lets time pass.

use bytes::Bytes;
use syscalls::OutputStream;

use crate::Process;
use crate::replay::Event;

impl Process {
    /// Appends to the guest's standard input, without a copy.
    pub fn feed_stdin(&mut self, bytes: Bytes) {
        self.undergo(Event::Feed(bytes));
    }

    /// Ends the guest's standard input after what was fed.
    pub fn close_stdin(&mut self) {
        self.undergo(Event::CloseStdin);
    }

    /// Takes what the guest has written to standard output since the last call.
    pub fn drain_stdout(&mut self) -> Bytes {
        let bytes = self.context_mut().drain(OutputStream::Stdout);
        self.drained(OutputStream::Stdout, &bytes);
        bytes
    }

    /// Takes what the guest has written to standard error since the last call.
    pub fn drain_stderr(&mut self) -> Bytes {
        let bytes = self.context_mut().drain(OutputStream::Stderr);
        self.drained(OutputStream::Stderr, &bytes);
        bytes
    }

    /// Takes what the guest has written to one output before it wrote to the other again; `None` if there is no more. For a host
    /// that shows both in one place: taken so, they come in the order in which they were written.
    pub fn drain_next(&mut self) -> Option<(OutputStream, Bytes)> {
        let (stream, bytes) = self.context_mut().drain_next()?;
        self.drained(stream, &bytes);
        Some((stream, bytes))
    }

    fn drained(&mut self, stream: OutputStream, bytes: &Bytes) {
        self.is_fresh &= bytes.is_empty();
        match (&mut self.recorder, stream) {
            (None, _) => {}
            (Some(recorder), OutputStream::Stdout) => recorder.drained_stdout(bytes),
            (Some(recorder), OutputStream::Stderr) => recorder.drained_stderr(bytes),
        }
    }

    /// Says that nobody reads standard output any more: the guest's writes fail with `EPIPE`.
    pub fn close_stdout(&mut self) {
        self.undergo(Event::CloseStdout);
    }

    /// Says that nobody reads standard error any more.
    pub fn close_stderr(&mut self) {
        self.undergo(Event::CloseStderr);
    }

    /// While the process is blocked with a timeout: lets the virtual time of the timeout pass, as if nothing had come.
    pub fn elapse(&mut self) {
        self.undergo(Event::Elapse);
    }

    /// Does to the process what the host does, and remembers it.
    pub(crate) fn undergo(&mut self, event: Event) {
        self.record(event.clone());
        event.apply(self.context_mut());
    }

    pub(crate) fn record(&mut self, event: Event) {
        self.is_fresh = false;
        let is_over = self.is_over();
        if let Some(recorder) = &mut self.recorder {
            recorder.undergo(&event, is_over, &mut self.store.data_mut().context);
        }
        let blocked = self.is_at_call() && !self.untried;
        self.recording.push(self.store.data().calls, blocked, event);
    }
}
