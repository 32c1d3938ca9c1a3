//! Streams as plain data. A queue is what is in it, not how that was fed or how far it was searched.

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;

use super::{Input, Output, StreamKind};

/// More than is ever written.
const WRITTEN_MAX: u64 = 1 << 63;

#[derive(Serialize, Deserialize)]
struct InputState {
    kind: StreamKind,
    closed: bool,
    queue: ByteBuf,
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut queue = Vec::with_capacity(self.queued);
        self.queue.iter().for_each(|piece| queue.extend_from_slice(piece));
        let state = InputState { kind: self.kind, closed: self.closed, queue: queue.into() };
        state.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let state = InputState::deserialize(deserializer)?;
        let mut input = Self::new(state.kind);
        input.feed(Bytes::from(state.queue.into_vec()));
        input.closed = state.closed;
        Ok(input)
    }
}

#[derive(Serialize, Deserialize)]
struct OutputState {
    kind: StreamKind,
    closed: bool,
    /// The largest number stands for the largest of the host.
    queue_bytes_max: u64,
    bytes_max: u64,
    written: u64,
    queue: ByteBuf,
}

impl Serialize for Output {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let queue_bytes_max = match self.queue_bytes_max {
            usize::MAX => u64::MAX,
            max => max as u64,
        };
        let state = OutputState {
            kind: self.kind,
            closed: self.closed,
            queue_bytes_max,
            bytes_max: self.bytes_max,
            written: self.written,
            queue: ByteBuf::from(&self.queue[..]),
        };
        state.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Output {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let state = OutputState::deserialize(deserializer)?;
        let queue_bytes_max = match state.queue_bytes_max {
            u64::MAX => usize::MAX,
            max => usize::try_from(max).map_err(|_| D::Error::custom("a queue is too long"))?,
        };
        let queued = state.queue.len() as u64;
        if queued > state.queue_bytes_max
            || queued > state.written.min(state.bytes_max)
            || state.written > WRITTEN_MAX
        {
            return Err(D::Error::custom("a queue holds what was not written"));
        }
        Ok(Self {
            kind: state.kind,
            queue: BytesMut::from(&state.queue[..]),
            queue_bytes_max,
            bytes_max: state.bytes_max,
            written: state.written,
            closed: state.closed,
        })
    }
}
