//! The caller's side of a run: messages, standard streams, Ctrl-C.

use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use engine::vfs::StreamKind;

use crate::error::{Failure, INTERRUPTED};

/// Says something to the user, on standard error.
pub(crate) fn say(message: &str) {
    // Nobody to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "stepwell: {message}");
}

/// Prints what the user asked for; nobody who reads it any more is no failure.
pub(crate) fn print(text: &[u8]) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::own(format_args!("cannot write standard output: {error}")))
        }
        _ => Ok(0),
    }
}

/// Something that a waiting run has to hear.
#[derive(Debug)]
enum Event {
    /// A piece of standard input; empty at its end.
    Input(io::Result<Vec<u8>>),
    /// What was to be written is.
    Written(io::Result<()>),
    /// Ctrl-C, or a request to terminate.
    Interrupt,
}

/// What a wait has brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// A piece of standard input.
    Input(Bytes),
    /// The end of standard input.
    EndOfInput,
    /// The time is over.
    Elapsed,
    /// The user wants it to stop.
    Interrupted,
}

/// One of the caller's streams for output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What has become of bytes that were to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// They are written.
    All,
    /// Nobody reads the stream any more.
    BrokenPipe,
    /// The user wants it to stop, and nobody has read them so far.
    Interrupted,
}

/// The caller's streams and Ctrl-C as one place to wait at.
pub(crate) struct Console {
    events: Receiver<Event>,
    sender: Sender<Event>,
    interrupted: Arc<AtomicBool>,
    source: Source,
    /// Input that came while something else was waited for.
    early: Option<io::Result<Vec<u8>>>,
    /// The thread that writes; `None` before the first output, and after an interrupt in the middle of one.
    writer: Option<Sender<(Stream, Bytes)>>,
    is_stuck: bool,
    /// Whether it was the guard in real time that has interrupted.
    timed_out: Arc<AtomicBool>,
    /// Output that is kept instead of passed on: standard output and standard error.
    captured: Option<Captured>,
}

/// Output that is not passed on.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Whether it is dropped.
    is_dropped: bool,
}

/// Where standard input comes from.
enum Source {
    /// Nobody has asked for it yet.
    Unread(StreamKind, Box<dyn Read + Send>),
    /// A thread reads a piece whenever it is asked to, and no earlier: what the guest does not want stays with the caller.
    Thread { wanted: Sender<()>, pending: bool },
}

impl Console {
    /// Takes over Ctrl-C; the first stops the guest, a second ends the program where it stands.
    pub(crate) fn new() -> Result<Self, Failure> {
        let (sender, events) = channel();
        let interrupted = Arc::new(AtomicBool::new(false));
        let (signals, flag) = (sender.clone(), Arc::clone(&interrupted));
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(INTERRUPTED));
            }
            // The receiver is gone when the run is over.
            let _ = signals.send(Event::Interrupt);
        })
        .map_err(|error| Failure::own(format_args!("cannot listen for Ctrl-C: {error}")))?;
        let source = Source::Unread(stdin_kind(), Box::new(io::stdin()));
        let timed_out = Arc::default();
        Ok(Self {
            events,
            sender,
            interrupted,
            source,
            early: None,
            writer: None,
            is_stuck: false,
            timed_out,
            captured: None,
        })
    }

    /// Interrupts, as Ctrl-C does, when so much real time has passed.
    pub(crate) fn interrupt_after(&self, duration: Duration) {
        let (sender, interrupted) = (self.sender.clone(), Arc::clone(&self.interrupted));
        let timed_out = Arc::clone(&self.timed_out);
        thread::spawn(move || {
            thread::sleep(duration);
            if !interrupted.swap(true, Ordering::SeqCst) {
                timed_out.store(true, Ordering::SeqCst);
            }
            // The receiver is gone when the run is over.
            let _ = sender.send(Event::Interrupt);
        });
    }

    /// Whether the guard of [`Console::interrupt_after`] has interrupted, and not the user.
    pub(crate) fn is_timed_out(&self) -> bool {
        self.timed_out.load(Ordering::SeqCst)
    }

    /// Keeps output from now on instead of passing it on.
    pub(crate) fn capture(&mut self) {
        self.captured = Some(Captured::default());
    }

    /// Drops output from now on.
    pub(crate) fn drop_output(&mut self) {
        self.captured = Some(Captured { is_dropped: true, ..Captured::default() });
    }

    /// What was kept.
    pub(crate) fn captured(&mut self) -> Captured {
        self.captured.take().unwrap_or_default()
    }

    /// Says that standard input is attached to this, whatever it is.
    pub(crate) fn attach_stdin(&mut self, kind: StreamKind) {
        if let Source::Unread(attached, _) = &mut self.source {
            *attached = kind;
        }
    }

    /// Takes standard input from a file instead.
    pub(crate) fn read_from(&mut self, path: &Path) -> Result<(), Failure> {
        let file = open(path)?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Failure::file(path, "read", "it is a directory"));
        }
        self.source = Source::Unread(StreamKind::File, Box::new(file));
        Ok(())
    }

    /// Gives an empty standard input.
    pub(crate) fn read_nothing(&mut self) {
        self.source = Source::Unread(StreamKind::Pipe, Box::new(io::empty()));
    }

    /// Whether standard input is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.source, Source::Unread(StreamKind::Terminal, _))
    }

    /// What the guest's standard input is attached to.
    pub(crate) fn stdin_kind(&self) -> StreamKind {
        match &self.source {
            Source::Unread(kind, _) => *kind,
            Source::Thread { .. } => StreamKind::Pipe,
        }
    }

    /// Reads all of standard input.
    pub(crate) fn read_all(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        loop {
            match self.wait(true, None)? {
                Woken::Input(piece) => bytes.extend_from_slice(&piece),
                Woken::EndOfInput | Woken::Elapsed => break,
                Woken::Interrupted => {
                    return Err(Failure::new(
                        INTERRUPTED,
                        "interrupted before the end of the source",
                    ));
                }
            }
        }
        self.read_nothing();
        Ok(bytes)
    }

    /// Writes to one of the caller's streams, and hears Ctrl-C while nobody reads it.
    pub(crate) fn write(&mut self, stream: Stream, bytes: Bytes) -> Result<Written, Failure> {
        if bytes.is_empty() {
            return Ok(Written::All);
        }
        if let Some(captured) = &mut self.captured {
            if !captured.is_dropped {
                captured.keep(stream, &bytes);
            }
            return Ok(Written::All);
        }
        if self.is_stuck {
            return Ok(Written::Interrupted);
        }
        let events = &self.sender;
        let writer = self.writer.get_or_insert_with(|| {
            let (writer, requests) = channel();
            let events = events.clone();
            thread::spawn(move || serve_output(&requests, &events));
            writer
        });
        // The thread lives as long as this sender.
        let _ = writer.send((stream, bytes));
        loop {
            // After an interrupt what can be written at once still is.
            let event = match self.is_interrupted() {
                true => self.events.recv_timeout(LAST_WRITE),
                false => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Interrupt) => {}
                Ok(Event::Input(piece)) => self.early = Some(piece),
                Ok(Event::Written(written)) => return outcome(stream, written),
                Err(_) => {
                    self.is_stuck = true;
                    return Ok(Written::Interrupted);
                }
            }
        }
    }

    /// Whether the user wants it to stop.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Waits for standard input if `input`, for at most `timeout`, and for Ctrl-C in any case.
    pub(crate) fn wait(
        &mut self,
        input: bool,
        timeout: Option<Duration>,
    ) -> Result<Woken, Failure> {
        if input {
            self.ask_for_input();
        }
        let event = match (self.early.take().filter(|_| input), timeout) {
            (Some(piece), _) => Ok(Event::Input(piece)),
            (None, None) => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            (None, Some(timeout)) => self.events.recv_timeout(timeout),
        };
        match event {
            Ok(Event::Interrupt | Event::Written(_)) | Err(RecvTimeoutError::Disconnected) => {
                Ok(Woken::Interrupted)
            }
            Err(RecvTimeoutError::Timeout) => Ok(Woken::Elapsed),
            Ok(Event::Input(piece)) => {
                if let Source::Thread { pending, .. } = &mut self.source {
                    *pending = false;
                }
                match piece {
                    Ok(piece) if piece.is_empty() => Ok(Woken::EndOfInput),
                    Ok(piece) => Ok(Woken::Input(piece.into())),
                    Err(error) => {
                        Err(Failure::own(format_args!("cannot read standard input: {error}")))
                    }
                }
            }
        }
    }

    fn ask_for_input(&mut self) {
        if let Source::Unread(_, reader) = &mut self.source {
            let reader = std::mem::replace(reader, Box::new(io::empty()));
            let (wanted, requests) = channel();
            let events = self.sender.clone();
            thread::spawn(move || serve_input(reader, &requests, &events));
            self.source = Source::Thread { wanted, pending: false };
        }
        if let Source::Thread { wanted, pending } = &mut self.source
            && !*pending
        {
            // The thread lives as long as this sender.
            *pending = wanted.send(()).is_ok();
        }
    }
}

impl Captured {
    fn keep(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Output => self.stdout.extend_from_slice(bytes),
            Stream::Error => self.stderr.extend_from_slice(bytes),
        }
    }
}

fn serve_input(mut reader: Box<dyn Read + Send>, requests: &Receiver<()>, events: &Sender<Event>) {
    let mut buffer = vec![0; 64 << 10];
    while requests.recv().is_ok() {
        let piece = loop {
            match reader.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.map(|n| buffer[..n].to_vec()),
            }
        };
        if events.send(Event::Input(piece)).is_err() {
            return;
        }
    }
}

fn serve_output(requests: &Receiver<(Stream, Bytes)>, events: &Sender<Event>) {
    while let Ok((stream, bytes)) = requests.recv() {
        let written = match stream {
            Stream::Output => write_all(io::stdout().lock(), &bytes),
            Stream::Error => write_all(io::stderr().lock(), &bytes),
        };
        if events.send(Event::Written(written)).is_err() {
            return;
        }
    }
}

fn write_all(mut stream: impl Write, bytes: &Bytes) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

fn outcome(stream: Stream, written: io::Result<()>) -> Result<Written, Failure> {
    let name = if stream == Stream::Output { "output" } else { "error" };
    match written {
        Ok(()) => Ok(Written::All),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Written::BrokenPipe),
        Err(error) => Err(Failure::own(format_args!("cannot write standard {name}: {error}"))),
    }
}

/// How long output may take that was on its way when the user pressed Ctrl-C.
const LAST_WRITE: Duration = Duration::from_millis(100);

/// Opens a file that the user named.
#[expect(clippy::disallowed_methods, reason = "the user named the file on the command line")]
pub(crate) fn open(path: &Path) -> Result<std::fs::File, Failure> {
    std::fs::File::open(path).map_err(|error| Failure::file(path, "open", error))
}

/// What the caller has attached to standard input.
fn stdin_kind() -> StreamKind {
    kind(io::stdin().is_terminal(), &io::stdin())
}

/// What the caller has attached to standard output.
pub(crate) fn stdout_kind() -> StreamKind {
    kind(io::stdout().is_terminal(), &io::stdout())
}

/// What the caller has attached to standard error.
pub(crate) fn stderr_kind() -> StreamKind {
    kind(io::stderr().is_terminal(), &io::stderr())
}

#[cfg(unix)]
fn kind(is_terminal: bool, stream: &impl std::os::fd::AsFd) -> StreamKind {
    let is_file = || {
        let file = std::fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
        Some(file.metadata().ok()?.is_file())
    };
    match is_terminal {
        true => StreamKind::Terminal,
        false if is_file() == Some(true) => StreamKind::File,
        false => StreamKind::Pipe,
    }
}

#[cfg(not(unix))]
fn kind<T>(is_terminal: bool, _: &T) -> StreamKind {
    if is_terminal { StreamKind::Terminal } else { StreamKind::Pipe }
}
