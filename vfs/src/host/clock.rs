//! Real time, for embedders that ask for it.

use std::boxed::Box;
use std::time::{Instant, SystemTime};

use super::attributes::timestamp;
use crate::{Clock, ClockId};

/// The host's calendar and monotonic time. Time passes by itself, so a run with it is not reproducible.
///
/// The clocks of computing time count what is computed, as on a [`VirtualClock`](crate::VirtualClock).
#[derive(Clone, Debug)]
pub struct HostClock {
    origin: Instant,
    computed: u64,
}

impl HostClock {
    /// A clock whose monotonic time starts at 0.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that others take")]
    pub fn new() -> Self {
        Self { origin: Instant::now(), computed: 0 }
    }
}

impl Default for HostClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HostClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that others take")]
    fn now(&mut self, id: ClockId) -> u64 {
        match id {
            ClockId::Realtime => timestamp(SystemTime::now()).0,
            ClockId::Monotonic => {
                let elapsed = Instant::now().saturating_duration_since(self.origin);
                u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
            }
            ClockId::ProcessCputime | ClockId::ThreadCputime => self.computed,
        }
    }

    fn resolution(&self, _: ClockId) -> u64 {
        1
    }

    fn advance(&mut self, nanoseconds: u64) {
        self.computed = self.computed.saturating_add(nanoseconds);
    }

    fn skip(&mut self, _: u64) -> bool {
        false
    }

    fn fork(&self) -> Box<dyn Clock> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_by_itself_and_cannot_be_skipped() {
        let mut clock = HostClock::new();
        let before = clock.now(ClockId::Monotonic);
        assert!(!clock.skip(u64::MAX));
        clock.advance(5);
        assert!(clock.now(ClockId::Monotonic) >= before);
        assert_eq!(clock.fork().now(ClockId::ProcessCputime), 5);
        assert!(clock.now(ClockId::Realtime) > crate::EPOCH.0 / 2);
    }
}
