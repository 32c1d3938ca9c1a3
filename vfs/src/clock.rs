//! Time enters here and nowhere else, so file times and the guest's clocks cannot disagree.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Where the virtual calendar starts: 2026-01-01T00:00:00Z.
pub const EPOCH: Timestamp = Timestamp(1_767_225_600_000_000_000);

/// Which clock is asked, with the numbers of preview1's `clockid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ClockId {
    /// The calendar: nanoseconds since 1970.
    Realtime = 0,
    /// Never goes back; its origin means nothing.
    Monotonic = 1,
    /// What this process has computed.
    ProcessCputime = 2,
    /// The same, since a process has one thread.
    ThreadCputime = 3,
}

/// A source of time.
///
/// The default is [`VirtualClock`]; [`host::HostClock`](crate::host) is opted into.
pub trait Clock: Send + Sync {
    /// Nanoseconds on clock `id`.
    fn now(&mut self, id: ClockId) -> u64;

    /// The smallest difference, in nanoseconds, that clock `id` can show.
    fn resolution(&self, id: ClockId) -> u64;

    /// Moves time ahead by `nanoseconds` of computation. A clock that runs by itself ignores it.
    fn advance(&mut self, nanoseconds: u64);

    /// Lets `nanoseconds` pass, if that is this clock's to do: true if they have passed on return, false if the
    /// caller must wait for them outside.
    fn skip(&mut self, nanoseconds: u64) -> bool;

    /// A copy that tells the same time from now on, for a fork of the process.
    fn fork(&self) -> alloc::boxed::Box<dyn Clock>;

    /// This clock as the virtual one that it is, or does not differ from: what a saved process has as its clock. `None`
    /// where the time comes from elsewhere.
    fn as_virtual(&self) -> Option<&VirtualClock> {
        None
    }

    /// The calendar as a file time.
    fn timestamp(&mut self) -> Timestamp {
        Timestamp(self.now(ClockId::Realtime))
    }
}

/// A clock that moves only when it is told to, so a run tells the same time on every host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualClock {
    epoch: Timestamp,
    elapsed: u64,
    computed: u64,
}

impl VirtualClock {
    /// A clock whose calendar stands at `epoch` and whose other clocks stand at 0.
    #[must_use]
    pub fn new(epoch: Timestamp) -> Self {
        Self { epoch, elapsed: 0, computed: 0 }
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new(EPOCH)
    }
}

impl Clock for VirtualClock {
    fn now(&mut self, id: ClockId) -> u64 {
        match id {
            ClockId::Realtime => self.epoch.0.saturating_add(self.elapsed),
            ClockId::Monotonic => self.elapsed,
            ClockId::ProcessCputime | ClockId::ThreadCputime => self.computed,
        }
    }

    fn resolution(&self, _: ClockId) -> u64 {
        1
    }

    fn advance(&mut self, nanoseconds: u64) {
        self.elapsed = self.elapsed.saturating_add(nanoseconds);
        self.computed = self.computed.saturating_add(nanoseconds);
    }

    fn skip(&mut self, nanoseconds: u64) -> bool {
        self.elapsed = self.elapsed.saturating_add(nanoseconds);
        true
    }

    fn fork(&self) -> alloc::boxed::Box<dyn Clock> {
        alloc::boxed::Box::new(self.clone())
    }

    fn as_virtual(&self) -> Option<&VirtualClock> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_moves_the_calendar_but_is_not_computing() {
        let mut clock = VirtualClock::default();
        clock.advance(5);
        assert!(clock.skip(7));
        assert_eq!(clock.now(ClockId::Realtime), EPOCH.0 + 12);
        assert_eq!(clock.now(ClockId::Monotonic), 12);
        assert_eq!(clock.now(ClockId::ProcessCputime), 5);
    }
}
