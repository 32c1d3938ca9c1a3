//! `poll_oneoff`: waiting for time and for streams.
//!
//! On a clock that the host can move, a sleep takes no time: it passes at once, unless a stream could be ready before.
//! See docs/RATIONALE.md, "Sleeping".

use alloc::vec::Vec;

use vfs::{Access, ClockId, Errno, Input, Output};

use crate::abi::{EVENT_BYTES, Rights, SubclockFlags, clock_id};
use crate::context::{Began, PendingCall};
use crate::fd_table::Object;
use crate::memory::{u16_at, u32_at, u64_at};
use crate::{Context, GuestMemory, Stop, Wait};

/// Waits until one of the subscriptions has something to report, and reports all that do.
///
/// A descriptor that cannot be polled is an error in its own event; see docs/RATIONALE.md, "Polling a bad descriptor".
///
/// # Errors
/// - [`Errno::Inval`]: there are no subscriptions, or one has an unknown tag, clock or flag, or a clock of computing
///   time.
pub(crate) fn poll_oneoff(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    r#in: u32,
    out: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result<(), Stop> {
    poll(ctx, memory, [r#in, out, nsubscriptions, nevents], &SUBSCRIPTION)
}

/// Where the fields of a `subscription` are. `userdata` is at 0, `tag` at 8, a descriptor at 16.
pub(crate) struct SubscriptionLayout {
    pub(crate) bytes: usize,
    pub(crate) clock_id: usize,
    pub(crate) timeout: usize,
    pub(crate) flags: usize,
}

/// That of preview1.
const SUBSCRIPTION: SubscriptionLayout =
    SubscriptionLayout { bytes: 48, clock_id: 16, timeout: 24, flags: 40 };

/// [`poll_oneoff`] in either layout of the subscriptions.
pub(crate) fn poll(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    [r#in, out, count, nevents]: [u32; 4],
    layout: &SubscriptionLayout,
) -> Result<(), Stop> {
    if count == 0 {
        return Err(Errno::Inval.into());
    }
    let array = memory.place("in", r#in, u64::from(count) * layout.bytes as u64)?;
    let out = memory.place("out", out, u64::from(count) * EVENT_BYTES as u64)?;
    let nevents = memory.place("nevents", nevents, 4)?;
    let began = ctx.began();
    let subscriptions = memory.bytes(array).chunks_exact(layout.bytes);
    let subscriptions: Vec<_> =
        subscriptions.map(|bytes| parse(bytes, layout, began)).collect::<Result<_, _>>()?;
    let events = wait(ctx, &subscriptions, began)?;
    for (i, event) in events.iter().enumerate() {
        memory.put(out.part(i * EVENT_BYTES, EVENT_BYTES), &event.to_bytes());
    }
    // There are no more events than subscriptions.
    memory.put_u32(nevents, u32::try_from(events.len()).map_err(|_| Errno::Overflow)?);
    Ok(())
}

/// What the guest waits for.
struct Subscription {
    userdata: u64,
    event: EventType,
}

#[derive(Clone, Copy)]
enum EventType {
    /// The clock reaches the deadline.
    Clock { id: ClockId, deadline: u64 },
    /// The descriptor can be read.
    Read { fd: u32 },
    /// The descriptor can be written.
    Write { fd: u32 },
}

fn parse(bytes: &[u8], layout: &SubscriptionLayout, began: Began) -> Result<Subscription, Errno> {
    let userdata = u64_at(bytes, 0);
    let event = match bytes[8] {
        0 => {
            let (id, now) = match clock_id(u32_at(bytes, layout.clock_id))? {
                ClockId::Realtime => (ClockId::Realtime, began.realtime),
                ClockId::Monotonic => (ClockId::Monotonic, began.monotonic),
                // Computing time stands still while the process waits.
                ClockId::ProcessCputime | ClockId::ThreadCputime => return Err(Errno::Inval),
            };
            let timeout = u64_at(bytes, layout.timeout);
            let flags = SubclockFlags::parse(u16_at(bytes, layout.flags).into())?;
            let absolute = flags.contains(SubclockFlags::ABSTIME);
            let deadline = if absolute { timeout } else { now.saturating_add(timeout) };
            EventType::Clock { id, deadline }
        }
        1 => EventType::Read { fd: u32_at(bytes, 16) },
        2 => EventType::Write { fd: u32_at(bytes, 16) },
        _ => return Err(Errno::Inval),
    };
    Ok(Subscription { userdata, event })
}

/// What has happened to one subscription.
struct Event {
    userdata: u64,
    error: Option<Errno>,
    tag: u8,
    ready: Ready,
}

/// How much can be read or written without waiting.
#[derive(Clone, Copy, Default)]
struct Ready {
    nbytes: u64,
    hangup: bool,
}

impl Event {
    fn to_bytes(&self) -> [u8; EVENT_BYTES] {
        let mut bytes = [0; EVENT_BYTES];
        bytes[0..8].copy_from_slice(&self.userdata.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.error.map_or(0, |errno| errno as u16).to_le_bytes());
        bytes[10] = self.tag;
        bytes[16..24].copy_from_slice(&self.ready.nbytes.to_le_bytes());
        bytes[24] = u8::from(self.ready.hangup);
        bytes
    }
}

/// The events, after the time that has to pass has passed; or a wait that only the host can end.
fn wait(
    ctx: &mut Context,
    subscriptions: &[Subscription],
    began: Began,
) -> Result<Vec<Event>, Stop> {
    let mut pending = Wait::default();
    let mut events = look(ctx, subscriptions, &mut pending);
    let only_time = pending == Wait::default();
    let mut left = time_left(ctx, subscriptions);
    if let Some(nanoseconds) = left
        && events.is_empty()
        && only_time
        && ctx.clock.skip(nanoseconds)
    {
        events = look(ctx, subscriptions, &mut pending);
        left = time_left(ctx, subscriptions);
    }
    if events.is_empty() {
        pending.nanoseconds = left;
        let now = ctx.clock.now(ClockId::Monotonic);
        let deadline = left.map(|left| now.saturating_add(left));
        ctx.pending = Some(PendingCall { began: Some(began), deadline });
        return Err(Stop::Pending(pending));
    }
    Ok(events)
}

/// How long it takes until the first deadline, if there is one.
fn time_left(ctx: &mut Context, subscriptions: &[Subscription]) -> Option<u64> {
    let left = |subscription: &Subscription| match subscription.event {
        EventType::Clock { id, deadline } => Some(deadline.saturating_sub(ctx.clock.now(id))),
        EventType::Read { .. } | EventType::Write { .. } => None,
    };
    subscriptions.iter().filter_map(left).min()
}

/// Reports what there is now; what could make the rest report goes into `pending`.
fn look(ctx: &mut Context, subscriptions: &[Subscription], pending: &mut Wait) -> Vec<Event> {
    let mut events = Vec::new();
    for &Subscription { userdata, event } in subscriptions {
        let (tag, ready) = match event {
            EventType::Clock { id, deadline } => {
                (0, Ok((ctx.clock.now(id) >= deadline).then(Ready::default)))
            }
            EventType::Read { fd } => (1, can_read(ctx, fd, pending)),
            EventType::Write { fd } => (2, can_write(ctx, fd, pending)),
        };
        match ready {
            Ok(None) => {}
            Ok(Some(ready)) => events.push(Event { userdata, error: None, tag, ready }),
            Err(errno) => {
                let ready = Ready::default();
                events.push(Event { userdata, error: Some(errno), tag, ready });
            }
        }
    }
    events
}

/// How much can be read from `fd`; a file is always ready, with the bytes that remain.
fn can_read(ctx: &mut Context, fd: u32, pending: &mut Wait) -> Result<Option<Ready>, Errno> {
    let descriptor = ctx.fds.need(fd, Rights::POLL_FD_READWRITE)?;
    match &descriptor.object {
        Object::Stdin => {
            pending.input = true;
            Ok(input_ready(&ctx.stdin))
        }
        Object::Socket(id) => {
            pending.socket = true;
            Ok(input_ready(&ctx.connections.get_mut(*id)?.input))
        }
        Object::Listener(queue) => {
            pending.socket = true;
            let nbytes = queue.len() as u64;
            Ok((nbytes > 0).then_some(Ready { nbytes, hangup: false }))
        }
        Object::File { node, access: Access { read: true, .. }, .. } => {
            let size = ctx.fs.fs(node.mount).stat(node.ino)?.size;
            let nbytes = size.saturating_sub(descriptor.offset);
            Ok(Some(Ready { nbytes, hangup: false }))
        }
        _ => Err(Errno::Badf),
    }
}

/// How much can be written to `fd`; a file is always ready, up to the largest offset.
fn can_write(ctx: &mut Context, fd: u32, pending: &mut Wait) -> Result<Option<Ready>, Errno> {
    let descriptor = ctx.fds.need(fd, Rights::POLL_FD_READWRITE)?;
    match &descriptor.object {
        Object::Stdout => {
            pending.output = true;
            Ok(output_ready(&ctx.stdout))
        }
        Object::Stderr => {
            pending.output = true;
            Ok(output_ready(&ctx.stderr))
        }
        Object::Socket(id) => {
            pending.socket = true;
            Ok(output_ready(&ctx.connections.get_mut(*id)?.output))
        }
        Object::File { access: Access { write: true, .. }, .. } => {
            let nbytes = (i64::MAX as u64).saturating_sub(descriptor.offset);
            Ok(Some(Ready { nbytes, hangup: false }))
        }
        _ => Err(Errno::Badf),
    }
}

fn input_ready(input: &Input) -> Option<Ready> {
    let ready = Ready { nbytes: input.queued() as u64, hangup: input.queued() == 0 };
    input.is_ready().then_some(ready)
}

fn output_ready(output: &Output) -> Option<Ready> {
    let ready = Ready { nbytes: output.queue_bytes_max() as u64, hangup: output.is_closed() };
    output.is_ready().then_some(ready)
}

impl Context {
    /// When the wait began: now, unless it is one that is made again.
    fn began(&mut self) -> Began {
        match self.pending.and_then(|call| call.began) {
            Some(began) => began,
            None => Began {
                realtime: self.clock.now(ClockId::Realtime),
                monotonic: self.clock.now(ClockId::Monotonic),
            },
        }
    }
}
