//! In which order a process has written to its two outputs.

use alloc::collections::VecDeque;

/// A standard output of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// As many turns are told apart: a guest that writes byte by byte to both in turn must not take more room for them than for
/// what it writes.
const TURNS_MAX: usize = 4096;

/// What was written to the outputs and has not been drained, in turns: to which, and how many bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    turns: VecDeque<(OutputStream, usize)>,
}

impl Order {
    /// So many bytes more are queued there.
    pub(crate) fn note(&mut self, stream: OutputStream, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let is_full = self.turns.len() >= TURNS_MAX;
        // Neighbours are of different outputs, so one of the last two is of this.
        let last = self.turns.iter_mut().rev().take(if is_full { 2 } else { 1 });
        match last.into_iter().find(|(of, _)| *of == stream) {
            Some((_, queued)) => *queued += bytes,
            None => self.turns.push_back((stream, bytes)),
        }
    }

    /// Everything that was queued there is drained.
    pub(crate) fn forget(&mut self, stream: OutputStream) {
        let others = self.turns.iter().filter(|(of, _)| *of != stream);
        let bytes = others.map(|(_, bytes)| bytes).sum();
        let other = match stream {
            OutputStream::Stdout => OutputStream::Stderr,
            OutputStream::Stderr => OutputStream::Stdout,
        };
        self.turns.clear();
        self.note(other, bytes);
    }

    /// The turn that comes first, which is drained next.
    pub(crate) fn next(&mut self) -> Option<(OutputStream, usize)> {
        self.turns.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use OutputStream::{Stderr, Stdout};

    use super::*;

    fn all(mut order: Order) -> alloc::vec::Vec<(OutputStream, usize)> {
        core::iter::from_fn(|| order.next()).collect()
    }

    #[test]
    fn turns_are_told_apart_until_they_are_drained() {
        let mut order = Order::default();
        for (stream, bytes) in
            [(Stdout, 1), (Stdout, 2), (Stderr, 3), (Stdout, 0), (Stderr, 4), (Stdout, 5)]
        {
            order.note(stream, bytes);
        }
        assert_eq!(all(order.clone()), [(Stdout, 3), (Stderr, 7), (Stdout, 5)]);
        order.forget(Stderr);
        assert_eq!(all(order), [(Stdout, 8)]);
    }

    #[test]
    fn no_byte_is_lost_beyond_the_most_turns() {
        let mut order = Order::default();
        for _ in 0..TURNS_MAX {
            order.note(Stdout, 1);
            order.note(Stderr, 2);
        }
        let turns = all(order);
        assert_eq!(turns.len(), TURNS_MAX);
        let bytes = |stream| turns.iter().filter(|(of, _)| *of == stream).map(|(_, n)| n).sum();
        let sums: [usize; 2] = [bytes(Stdout), bytes(Stderr)];
        assert_eq!(sums, [TURNS_MAX, 2 * TURNS_MAX]);
    }
}
