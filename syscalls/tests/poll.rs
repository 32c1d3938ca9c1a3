//! `poll_oneoff`.

mod common;

use bytes::Bytes;
use common::{CREAT, Guest, OUT, READ, RW, WRITE};
use syscalls::{Stop, Wait};
use vfs::{Clock, ClockId, EPOCH, Errno, Output, StreamKind};

const IN: u64 = 0x1000;
const EVENTS: u64 = 0x2000;

/// A subscription: what, and for a clock its number, timeout and flags.
#[derive(Clone, Copy)]
enum Sub {
    Clock(u32, u64, u16),
    Read(u32),
    Write(u32),
    Tag(u8),
}
use Sub::{Read, Tag, Write};

/// An event: which subscription, errno, type, bytes, flags.
type Event = (u64, u16, u8, u64, u16);

fn put(guest: &mut Guest, subs: &[Sub]) {
    for (i, sub) in subs.iter().enumerate() {
        let mut bytes = [0; 48];
        bytes[0] = u8::try_from(i).unwrap();
        match *sub {
            Sub::Clock(id, timeout, flags) => {
                bytes[16..20].copy_from_slice(&id.to_le_bytes());
                bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
                bytes[40..42].copy_from_slice(&flags.to_le_bytes());
            }
            Read(fd) | Write(fd) => {
                bytes[8] = if matches!(sub, Read(_)) { 1 } else { 2 };
                bytes[16..20].copy_from_slice(&fd.to_le_bytes());
            }
            Tag(tag) => bytes[8] = tag,
        }
        guest.put(IN + 48 * i as u64, &bytes);
    }
}

fn poll(guest: &mut Guest, subs: &[Sub]) -> Result<Vec<Event>, Stop> {
    put(guest, subs);
    guest.put(EVENTS, &[b'?'; 0x200]);
    guest.call("poll_oneoff", &[IN, EVENTS, subs.len() as u64, OUT])?;
    let n = u64::from(guest.u32(OUT));
    assert_eq!(guest.text(EVENTS + 32 * n, 2), "??");
    let event = |i| {
        let at = EVENTS + 32 * i;
        let u16 = |at| u16::from_le_bytes(guest.get(at, 2).try_into().unwrap());
        (guest.u64(at), u16(at + 8), guest.get(at + 10, 1)[0], guest.u64(at + 16), u16(at + 24))
    };
    Ok((0..n).map(event).collect())
}

fn pending(guest: &mut Guest, subs: &[Sub]) -> Wait {
    let before = guest.memory.clone();
    match poll(guest, subs) {
        Err(Stop::Pending(wait)) => {
            assert!(guest.get(EVENTS, 64).iter().all(|byte| *byte == b'?'));
            guest.memory = before;
            wait
        }
        other => panic!("{other:?}"),
    }
}

fn now(guest: &mut Guest) -> u64 {
    guest.ctx.clock().now(ClockId::Monotonic)
}

const MS: u64 = 1_000_000;
const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;

#[test]
fn what_makes_no_sense_is_refused_as_a_whole() {
    let mut guest = Guest::new();
    assert_eq!(poll(&mut guest, &[]), Err(Errno::Inval.into()));
    assert_eq!(guest.errno("poll_oneoff", &[0xffff_fff0, 0, 0, 0]), Err(Errno::Inval));
    for bad in [Sub::Clock(9, 1, 0), Sub::Clock(2, 1, 0), Sub::Clock(0, 1, 2), Tag(3), Tag(255)] {
        let subs = [Sub::Clock(MONOTONIC, 1, 0), bad];
        assert_eq!(poll(&mut guest, &subs), Err(Errno::Inval.into()));
        assert!(now(&mut guest) < MS);
    }
    for args in
        [[0xfff0, 0, 1, 0], [0, 0xfff0, 1, 0], [0, 0x100, 1, 0xfffe], [0, 0, u32::MAX.into(), 0]]
    {
        assert!(matches!(guest.call("poll_oneoff", &args), Err(Stop::Fault(_))), "{args:?}");
    }
}

#[test]
fn a_sleep_passes_at_once_and_the_deadline_is_reached() {
    let mut guest = Guest::new();
    let start = now(&mut guest);
    assert_eq!(poll(&mut guest, &[Sub::Clock(MONOTONIC, 5 * MS, 0)]), Ok(vec![(0, 0, 0, 0, 0)]));
    // One microsecond is the call itself.
    assert_eq!(now(&mut guest) - start, 5 * MS);
}

#[test]
fn absolute_times_work_on_both_clocks() {
    let mut guest = Guest::new();
    let past = [
        Sub::Clock(MONOTONIC, 0, 0),
        Sub::Clock(MONOTONIC, 0, 1),
        Sub::Clock(REALTIME, 1, 1),
        Sub::Clock(REALTIME, EPOCH.0, 1),
    ];
    for sub in past {
        assert_eq!(poll(&mut guest, &[sub]), Ok(vec![(0, 0, 0, 0, 0)]));
        assert!(now(&mut guest) < MS);
    }
    poll(&mut guest, &[Sub::Clock(REALTIME, EPOCH.0 + 3 * MS, 1)]).unwrap();
    assert_eq!(now(&mut guest), 3 * MS);
    poll(&mut guest, &[Sub::Clock(MONOTONIC, 4 * MS, 1)]).unwrap();
    assert_eq!(now(&mut guest), 4 * MS);
    poll(&mut guest, &[Sub::Clock(REALTIME, 2 * MS, 0)]).unwrap();
    assert_eq!(now(&mut guest), 6 * MS);
}

#[test]
fn of_several_timers_only_the_elapsed_are_reported() {
    let mut guest = Guest::new();
    let subs = [
        Sub::Clock(MONOTONIC, 9 * MS, 0),
        Sub::Clock(MONOTONIC, 2 * MS, 0),
        Sub::Clock(REALTIME, 2 * MS, 0),
    ];
    assert_eq!(poll(&mut guest, &subs), Ok(vec![(1, 0, 0, 0, 0), (2, 0, 0, 0, 0)]));
    assert_eq!(now(&mut guest), 2 * MS);
}

#[test]
fn a_ready_stream_is_reported_without_time_passing() {
    let mut guest = Guest::with(|setup| setup.stdout = Output::new(StreamKind::Pipe, 100));
    guest.ctx.stdin().feed(Bytes::from_static(b"abc"));
    let subs = [Sub::Clock(MONOTONIC, 9 * MS, 0), Read(0), Write(1)];
    assert_eq!(poll(&mut guest, &subs), Ok(vec![(1, 0, 1, 3, 0), (2, 0, 2, 100, 0)]));
    assert_eq!(now(&mut guest), 0);
    guest.read(0, 3).unwrap();
    guest.ctx.stdin().close();
    guest.ctx.stdout().close();
    assert_eq!(poll(&mut guest, &subs), Ok(vec![(1, 0, 1, 0, 1), (2, 0, 2, 100, 1)]));
}

#[test]
fn a_stream_that_is_not_ready_is_waited_for() {
    let mut guest = Guest::with(|setup| setup.stdout = Output::new(StreamKind::Pipe, 0));
    let wait = pending(&mut guest, &[Read(0)]);
    assert_eq!(
        (wait.input, wait.output, wait.socket, wait.nanoseconds),
        (true, false, false, None)
    );
    assert!(!guest.ctx.elapse());
    let wait = pending(&mut guest, &[Read(0), Write(1)]);
    assert_eq!((wait.input, wait.output, wait.nanoseconds), (true, true, None));
    guest.ctx.stdin().feed(Bytes::from_static(b"x"));
    assert_eq!(poll(&mut guest, &[Read(0), Write(1)]), Ok(vec![(0, 0, 1, 1, 0)]));
}

#[test]
fn making_the_call_again_does_not_start_its_timeout_over() {
    let mut guest = Guest::new();
    let subs = [Read(0), Sub::Clock(MONOTONIC, 5 * MS, 0)];
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(5 * MS));
    // The host has let some time pass already, for another reason.
    guest.ctx.clock().advance(2 * MS);
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(3 * MS));
    assert!(guest.ctx.elapse());
    assert_eq!(now(&mut guest), 5 * MS);
    assert_eq!(poll(&mut guest, &subs), Ok(vec![(1, 0, 0, 0, 0)]));
    // The next one is new.
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(5 * MS));
    guest.ctx.clock().advance(MS);
    guest.ctx.forget_pending();
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(5 * MS));
}

#[test]
fn a_fork_waits_for_the_same_deadline() {
    let mut guest = Guest::new();
    let subs = [Read(0), Sub::Clock(MONOTONIC, 5 * MS, 0)];
    pending(&mut guest, &subs);
    let mut fork = Guest::new();
    fork.ctx = guest.ctx.fork().unwrap();
    for guest in [&mut guest, &mut fork] {
        assert!(guest.ctx.elapse());
        assert_eq!(poll(guest, &subs), Ok(vec![(1, 0, 0, 0, 0)]));
    }
}

#[test]
fn a_bad_descriptor_is_an_error_in_its_own_event() {
    let mut guest = Guest::new();
    let badf = Errno::Badf as u16;
    let cases = [Read(99), Write(99), Read(1), Write(0), Read(3), Write(3)];
    for sub in cases {
        let tag = if matches!(sub, Read(_)) { 1 } else { 2 };
        let subs = [Sub::Clock(MONOTONIC, 9 * MS, 0), sub, Write(2)];
        let events = poll(&mut guest, &subs).unwrap();
        assert_eq!((events.len(), events[0], events[1].0), (2, (1, badf, tag, 0, 0), 2));
    }
    assert!(now(&mut guest) < MS);
}

#[test]
fn a_file_is_always_ready_with_the_bytes_that_remain() {
    let mut guest = Guest::new();
    guest.file("f", "abcdef");
    let rw = u32::try_from(guest.open("f", 0, RW).unwrap()).unwrap();
    let read = u32::try_from(guest.open("f", 0, READ).unwrap()).unwrap();
    let write = u32::try_from(guest.open("g", CREAT, WRITE).unwrap()).unwrap();
    guest.read(rw.into(), 2).unwrap();
    let events = poll(&mut guest, &[Read(rw), Write(rw), Write(read), Read(write)]).unwrap();
    let badf = Errno::Badf as u16;
    assert_eq!(
        (events[0], events[2], events[3]),
        ((0, 0, 1, 4, 0), (2, badf, 2, 0, 0), (3, badf, 1, 0, 0))
    );
    assert_eq!((events[1].1, events[1].3 > 0), (0, true));
}

/// A clock of the host: it runs by itself and cannot be moved.
#[derive(Clone)]
struct Running(u64);

impl Clock for Running {
    fn now(&mut self, _: ClockId) -> u64 {
        self.0
    }

    fn resolution(&self, _: ClockId) -> u64 {
        1
    }

    fn advance(&mut self, _: u64) {
        self.0 += MS;
    }

    fn skip(&mut self, _: u64) -> bool {
        false
    }

    fn fork(&self) -> Box<dyn Clock> {
        Box::new(self.clone())
    }
}

#[test]
fn a_clock_that_runs_by_itself_is_waited_for_outside() {
    let mut guest = Guest::with(|setup| setup.clock = Box::new(Running(0)));
    let subs = [Sub::Clock(MONOTONIC, 3 * MS, 0)];
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(3 * MS));
    assert!(!guest.ctx.elapse());
    guest.ctx.clock().advance(0);
    assert_eq!(pending(&mut guest, &subs).nanoseconds, Some(2 * MS));
    guest.ctx.clock().advance(0);
    guest.ctx.clock().advance(0);
    assert_eq!(poll(&mut guest, &subs), Ok(vec![(0, 0, 0, 0, 0)]));
}

#[test]
fn events_may_overwrite_the_subscriptions_they_answer() {
    let mut guest = Guest::new();
    put(&mut guest, &[Write(1), Write(2)]);
    guest.errno("poll_oneoff", &[IN, IN + 8, 2, IN + 16]).unwrap();
    assert_eq!((guest.u32(IN + 16), guest.u64(IN + 8 + 32)), (2, 1));
}
