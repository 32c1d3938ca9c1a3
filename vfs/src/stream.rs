//! Standard streams as queues: the host feeds [`Input`] and drains [`Output`]; nobody waits in here.

mod state;

use alloc::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::{Errno, FileType};

/// What the embedder attached, as the guest is told it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamKind {
    /// A pipe: no offset, no terminal. The default.
    #[default]
    Pipe,
    /// A terminal: a character device, for which the guest's `isatty` is true.
    Terminal,
    /// A file of the host, redirected: a regular file that is only read or written in sequence.
    File,
}

impl StreamKind {
    /// The file type that the guest sees.
    #[must_use]
    pub fn file_type(self) -> FileType {
        match self {
            Self::Pipe => FileType::Unknown,
            Self::Terminal => FileType::CharacterDevice,
            Self::File => FileType::RegularFile,
        }
    }
}

/// A stream that the host writes and the guest reads.
#[derive(Clone, Debug, Default)]
pub struct Input {
    kind: StreamKind,
    queue: VecDeque<Bytes>,
    queued: usize,
    /// Bytes at the front that are known to hold no line feed.
    searched: usize,
    closed: bool,
}

impl Input {
    /// An open stream with nothing in it.
    #[must_use]
    pub fn new(kind: StreamKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// What the guest sees attached.
    #[must_use]
    pub fn kind(&self) -> StreamKind {
        self.kind
    }

    /// Appends bytes, without copying them. Bytes after [`Input::close`] are dropped.
    pub fn feed(&mut self, bytes: Bytes) {
        if !self.closed && !bytes.is_empty() {
            self.queued += bytes.len();
            self.queue.push_back(bytes);
        }
    }

    /// Ends the stream: after what is queued, the guest reads end of file.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether [`Input::close`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Bytes queued and not yet read.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// Whether a read would not have to wait.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.queued > 0 || self.closed
    }

    /// How many bytes a read of `wanted` gives: all, or fewer at the end of a line or of the stream. Of a file, a line's end
    /// is nothing special.
    ///
    /// It depends on what is fed and never on how that is cut into pieces, so neither does what the guest does with it.
    ///
    /// # Errors
    /// [`Errno::Again`]: what is queued does not tell yet, and the stream is open.
    pub fn admit(&mut self, wanted: usize) -> Result<usize, Errno> {
        let line = match self.kind {
            StreamKind::File => None,
            StreamKind::Pipe | StreamKind::Terminal => self.line_feed(wanted),
        };
        match line {
            Some(end) => Ok(wanted.min(end)),
            None if self.queued >= wanted || self.closed => Ok(wanted.min(self.queued)),
            None => Err(Errno::Again),
        }
    }

    /// Where the first line ends, if that is queued and may matter to a read of `wanted` bytes.
    fn line_feed(&mut self, wanted: usize) -> Option<usize> {
        let mut start = 0;
        for piece in &self.queue {
            if start >= wanted {
                return None;
            }
            // No further than it matters: a line may be long and be read a byte at a time.
            let fresh = self.searched.saturating_sub(start).min(piece.len());
            let end = piece.len().min(wanted - start).max(fresh);
            if let Some(at) = piece[fresh..end].iter().position(|byte| *byte == b'\n') {
                return Some(start + fresh + at + 1);
            }
            self.searched = self.searched.max(start + end);
            start += piece.len();
        }
        None
    }

    /// Takes queued bytes: how many, 0 at the end of the stream or for an empty `out`.
    ///
    /// # Errors
    /// [`Errno::Again`]: nothing is queued and the stream is open.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, Errno> {
        if !self.is_ready() && !out.is_empty() {
            return Err(Errno::Again);
        }
        let mut filled = 0;
        while filled < out.len() {
            let Some(front) = self.queue.front_mut() else {
                break;
            };
            let n = front.len().min(out.len() - filled);
            out[filled..filled + n].copy_from_slice(&front[..n]);
            front.advance(n);
            if front.is_empty() {
                self.queue.pop_front();
            }
            filled += n;
        }
        self.queued -= filled;
        self.searched = self.searched.saturating_sub(filled);
        Ok(filled)
    }
}

/// A stream that the guest writes and the host reads, holding at most so many bytes until they are drained.
#[derive(Clone, Debug)]
pub struct Output {
    kind: StreamKind,
    queue: BytesMut,
    queue_bytes_max: usize,
    bytes_max: u64,
    written: u64,
    closed: bool,
}

impl Output {
    /// An open stream that holds `queue_bytes_max` bytes before the writer must wait.
    #[must_use]
    pub fn new(kind: StreamKind, queue_bytes_max: usize) -> Self {
        Self {
            kind,
            queue: BytesMut::new(),
            queue_bytes_max,
            bytes_max: u64::MAX,
            written: 0,
            closed: false,
        }
    }

    /// The same stream, of which at most `bytes` reach the host; more are dropped, and [`Output::is_exceeded`] tells.
    #[must_use]
    pub fn limited(self, bytes: u64) -> Self {
        Self { bytes_max: bytes, ..self }
    }

    /// Sets how many bytes it holds until they are drained, and how many reach the host in all. What is queued stays.
    pub fn limit(&mut self, queue_bytes_max: usize, bytes_max: u64) {
        (self.queue_bytes_max, self.bytes_max) = (queue_bytes_max, bytes_max);
    }

    /// Whether the guest has written more than the limit.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.written > self.bytes_max
    }

    /// What the guest sees attached.
    #[must_use]
    pub fn kind(&self) -> StreamKind {
        self.kind
    }

    /// Bytes that it holds until they are drained.
    #[must_use]
    pub fn queue_bytes_max(&self) -> usize {
        self.queue_bytes_max
    }

    /// Bytes that have not been drained.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Bytes that can be written before the writer must wait.
    #[must_use]
    pub fn room(&self) -> usize {
        self.queue_bytes_max.saturating_sub(self.queued())
    }

    /// Bytes that the guest has written since the start, drained and dropped ones included.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many bytes a write of `wanted` takes: all, or as many as the queue holds when it is empty.
    ///
    /// It is the same whenever the host drains, so a run's output does not depend on that.
    ///
    /// # Errors
    /// [`Errno::Pipe`] (the host has closed the stream), [`Errno::Again`] (there is no room for so many now).
    pub fn admit(&self, wanted: usize) -> Result<usize, Errno> {
        if self.closed {
            return Err(Errno::Pipe);
        }
        let granted = wanted.min(self.queue_bytes_max);
        if granted > self.room() || (granted == 0 && wanted > 0) {
            return Err(Errno::Again);
        }
        Ok(granted)
    }

    /// Takes as much of `bytes` as [`Output::admit`] says: how many.
    ///
    /// # Errors
    /// As [`Output::admit`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Errno> {
        let granted = self.admit(bytes.len())?;
        let allowed = self.bytes_max.saturating_sub(self.written);
        let kept = usize::try_from(allowed).map_or(granted, |allowed| allowed.min(granted));
        self.queue.extend_from_slice(&bytes[..kept]);
        self.written += granted as u64;
        Ok(granted)
    }

    /// Whether a write of any size would not have to wait: [`Output::admit`] takes the whole queue or what fits in it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.closed || (self.queue.is_empty() && self.queue_bytes_max > 0)
    }

    /// Takes everything that is queued, without copying it.
    pub fn drain(&mut self) -> Bytes {
        self.drain_at_most(usize::MAX)
    }

    /// Takes the first bytes that are queued, at most so many, without copying them.
    pub fn drain_at_most(&mut self, bytes: usize) -> Bytes {
        self.queue.split_to(bytes.min(self.queue.len())).freeze()
    }

    /// Says that nobody will read any more: writes give [`Errno::Pipe`] from now on.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether [`Output::close`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_admits_a_line_or_what_was_wanted() {
        let cases = [
            (StreamKind::Pipe, "ab\ncd", false, 100, Ok(3)),
            (StreamKind::Pipe, "ab\ncd", false, 2, Ok(2)),
            (StreamKind::Pipe, "abcd", false, 4, Ok(4)),
            (StreamKind::Pipe, "abcd", false, 5, Err(Errno::Again)),
            (StreamKind::Pipe, "abcd", true, 5, Ok(4)),
            (StreamKind::Terminal, "\nab", false, 9, Ok(1)),
            (StreamKind::File, "ab\ncd", false, 4, Ok(4)),
            (StreamKind::File, "ab\ncd", false, 9, Err(Errno::Again)),
            (StreamKind::File, "ab\ncd", true, 9, Ok(5)),
            (StreamKind::Pipe, "", false, 0, Ok(0)),
            (StreamKind::Pipe, "", true, 9, Ok(0)),
        ];
        for (kind, text, closed, wanted, expected) in cases {
            // However it is cut into pieces, and however often the read was tried before.
            for piece in 1..=text.len().max(1) {
                let mut input = Input::new(kind);
                for bytes in text.as_bytes().chunks(piece) {
                    let _ = input.admit(wanted + 1);
                    input.feed(Bytes::copy_from_slice(bytes));
                }
                if closed {
                    input.close();
                }
                assert_eq!(input.admit(wanted), expected, "{text:?} by {piece}, {wanted}");
            }
        }
    }

    #[test]
    fn input_is_the_same_in_any_chunking() {
        let mut whole = Input::new(StreamKind::Pipe);
        whole.feed(Bytes::from_static(b"abcdef"));
        let mut chunks = Input::new(StreamKind::Pipe);
        for chunk in ["a", "", "bcd", "ef"] {
            chunks.feed(Bytes::from_static(chunk.as_bytes()));
        }
        for input in [&mut whole, &mut chunks] {
            let mut out = [b'?'; 8];
            assert_eq!(input.read(&mut out[..4]), Ok(4));
            assert_eq!(input.read(&mut out[4..]), Ok(2));
            assert_eq!(&out, b"abcdef??");
            assert_eq!(input.read(&mut out), Err(Errno::Again));
            input.close();
            assert_eq!(input.read(&mut out), Ok(0));
        }
    }

    #[test]
    fn output_takes_as_much_whenever_it_is_drained() {
        let mut output = Output::new(StreamKind::Pipe, 4);
        assert_eq!(output.write(b"abcdef"), Ok(4));
        assert_eq!(output.write(b"ef"), Err(Errno::Again));
        assert_eq!(output.drain(), &b"abcd"[..]);
        assert_eq!(output.write(b"ef"), Ok(2));
        assert_eq!(output.write(b"ghi"), Err(Errno::Again), "two of them would fit");
        output.close();
        assert_eq!(output.write(b"g"), Err(Errno::Pipe));
        assert_eq!(output.written(), 6);
        assert_eq!(output.drain(), &b"ef"[..]);
    }

    #[test]
    fn output_ends_exactly_at_its_limit() {
        let mut output = Output::new(StreamKind::Pipe, 8).limited(5);
        assert_eq!(output.write(b"abc"), Ok(3));
        assert!(!output.is_exceeded());
        assert_eq!(output.write(b"def"), Ok(3));
        assert!(output.is_exceeded());
        assert_eq!(output.drain(), &b"abcde"[..]);
    }
}
