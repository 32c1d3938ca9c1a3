//! A process's side as bytes and back: the guest cannot tell that it was away.

mod common;
#[path = "common/random.rs"]
mod random;

use bytes::Bytes;
use common::{APPEND, CREAT, DIRECTORY, Guest, IOVS, NONBLOCK, OUT, RW};
use proptest::prelude::*;
use syscalls::{Context, Entropy, MODULES, Setup, Socket, Stop, Unsaved};
use vfs::{Base, Clock, ClockId, EPOCH, Input, LoadError, Mount, Output, StreamKind, VirtualClock};

use self::random::{argument, guest};

/// The same process by way of bytes, which a second time are the same.
fn again(ctx: &Context, bases: &[Base]) -> Context {
    let bytes = Bytes::from(ctx.save(bases).unwrap());
    let loaded = Context::load(&bytes, bases).unwrap();
    assert!(loaded.save(bases).unwrap() == bytes, "the bytes of what was loaded");
    loaded
}

fn thawed(guest: &Guest, bases: &[Base]) -> Guest {
    let ctx = again(&guest.ctx, bases);
    Guest { ctx, memory: guest.memory.clone(), module: guest.module }
}

/// What happens to a process.
#[derive(Clone, Debug)]
enum Event {
    Call(usize, Vec<u64>),
    Feed(Vec<u8>),
    FeedSocket(usize, Vec<u8>),
    Drain,
    Close,
    Elapse,
    Compute(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let text = || proptest::collection::vec(prop::sample::select(b"ab\n".to_vec()), 0..9);
    prop_oneof![
        12 => (0..46_usize, proptest::collection::vec(argument(), 9))
            .prop_map(|(index, args)| Event::Call(index, args)),
        2 => text().prop_map(Event::Feed),
        1 => (0..2_usize, text()).prop_map(|(index, text)| Event::FeedSocket(index, text)),
        1 => Just(Event::Drain),
        1 => Just(Event::Close),
        1 => Just(Event::Elapse),
        1 => (0..1_000_000_u64).prop_map(Event::Compute),
    ]
}

/// Lets it happen: what the guest and the host see of it.
fn happen(guest: &mut Guest, event: &Event) -> String {
    match event {
        Event::Call(index, args) => {
            let (_, table) = MODULES.iter().find(|row| row.0 == guest.module).unwrap();
            let syscall = &table[index % table.len()];
            format!("{:?}", guest.call(syscall.name, &args[..syscall.params.len()]))
        }
        Event::Feed(bytes) => {
            guest.ctx.stdin().feed(bytes.clone().into());
            String::new()
        }
        Event::FeedSocket(index, bytes) => {
            let id = guest.ctx.connections().nth(*index);
            if let Some(socket) = id.and_then(|id| guest.ctx.connection(id)) {
                socket.input.feed(bytes.clone().into());
                return format!("{:?}", socket.output.drain());
            }
            String::new()
        }
        Event::Drain => {
            let stdout = guest.ctx.stdout().drain();
            format!("{stdout:?} {:?}", guest.ctx.stderr().drain())
        }
        Event::Close => {
            guest.ctx.stdin().close();
            String::new()
        }
        Event::Elapse => format!("{}", guest.ctx.elapse()),
        Event::Compute(nanoseconds) => {
            guest.ctx.computed(*nanoseconds);
            String::new()
        }
    }
}

fn digest(guest: &mut Guest) -> [u8; 32] {
    let (_, mount) = guest.ctx.fs().mounts_mut().next().unwrap();
    mount.fs.as_tree_mut().unwrap().digest().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_session_goes_on_as_if_nothing_had_been(
        module in 0..2_usize,
        with_base in any::<bool>(),
        before in proptest::collection::vec(event(), 0..24),
        after in proptest::collection::vec(event(), 0..24),
    ) {
        let mut guest = guest(MODULES[module].0);
        let (_, root) = guest.ctx.fs().mounts().next().unwrap();
        let base = Base::new(root.fs.as_tree().unwrap()).unwrap();
        let bases = if with_base { vec![base] } else { Vec::new() };
        for event in &before {
            happen(&mut guest, event);
        }
        let mut thawed = thawed(&guest, &bases);
        for event in &after {
            prop_assert_eq!(happen(&mut guest, event), happen(&mut thawed, event), "{:?}", event);
            prop_assert!(guest.memory == thawed.memory, "{:?}", event);
        }
        prop_assert_eq!(digest(&mut guest), digest(&mut thawed));
        prop_assert_eq!(guest.ctx.walked(), thawed.ctx.walked());
        // Numbers, offsets, rights, holds, queues, the clock and the entropy too.
        prop_assert!(guest.ctx.save(&[]).unwrap() == thawed.ctx.save(&[]).unwrap());
    }

    #[test]
    fn a_damaged_process_is_refused_or_works(
        before in proptest::collection::vec(event(), 0..16),
        after in proptest::collection::vec(event(), 0..16),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3),
    ) {
        let mut guest = guest("wasi_snapshot_preview1");
        for event in &before {
            happen(&mut guest, event);
        }
        let mut bytes = guest.ctx.save(&[]).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(ctx) = Context::load(&bytes.into(), &[]) {
            guest.ctx = ctx;
            for event in &after {
                happen(&mut guest, event);
            }
            again(&guest.ctx, &[]);
        }
    }
}

/// A guest in the middle of something of everything.
fn busy() -> Guest {
    let mut guest = guest("wasi_snapshot_preview1");
    let appended = guest.open_at(3, 1, "log", [CREAT, RW, APPEND | NONBLOCK]).unwrap();
    guest.write(appended, "a line\n").unwrap();
    guest.unlink("log").unwrap();
    let removed = guest.open("gone", 0, 0).err().map(|_| guest.mkdir("gone"));
    assert_eq!(removed, Some(Ok(())));
    guest.open("gone", DIRECTORY, 0).unwrap();
    guest.rmdir("gone").unwrap();
    guest.errno("fd_fdstat_set_rights", &[appended, RW, RW]).unwrap();
    guest.write(1, "not drained").unwrap();
    guest.errno("random_get", &[OUT, 5]).unwrap();
    guest.ctx.computed(77);
    guest.ctx.stdin().feed(Bytes::from_static(b"ab"));
    guest.ctx.stdin().feed(Bytes::from_static(b"c"));
    let [iovs, iovs_len] = guest.iovec(9);
    let pending = guest.call("fd_read", &[0, iovs, iovs_len, OUT]);
    assert!(matches!(pending, Err(Stop::Pending(_))), "{pending:?}");
    guest
}

#[test]
fn every_single_damaged_byte_and_every_cut_is_refused_or_works() {
    let mut guest = busy();
    let bytes = guest.ctx.save(&[]).unwrap();
    let suffix = [("fd_read", [0, IOVS, 1, OUT]), ("fd_write", [1, IOVS, 1, OUT])];
    for at in 0..bytes.len() {
        let cut = Bytes::copy_from_slice(&bytes[..at]);
        assert!(Context::load(&cut, &[]).is_err(), "cut at {at}");
        for byte in [0, 1, 2, 3, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(1)] {
            let mut damaged = bytes.clone();
            damaged[at] = byte;
            let Ok(ctx) = Context::load(&damaged.into(), &[]) else {
                continue;
            };
            guest.ctx = ctx;
            again(&guest.ctx, &[]);
            for (name, args) in suffix {
                let _ = guest.call(name, &args);
            }
            for fd in 0..16 {
                for name in ["fd_filestat_get", "fd_prestat_get", "fd_fdstat_get", "fd_tell"] {
                    let _ = guest.call(name, &[fd, OUT]);
                }
                let _ = guest.call("fd_readdir", &[fd, OUT, 400, 0, OUT]);
                let _ = guest.call("fd_close", &[fd]);
            }
        }
    }
    let more = [&bytes[..], b"\0"].concat();
    assert_eq!(Context::load(&more.into(), &[]).err(), Some(LoadError::Malformed));
}

/// A read that waits for the rest of its line gets it after the thaw, and a sleep is as long as it was.
#[test]
fn a_pending_call_goes_on() {
    let mut guest = thawed(&busy(), &[]);
    guest.ctx.stdin().feed(Bytes::from_static(b"\nrest"));
    assert_eq!(guest.read(0, 9), Ok("abc\\n".to_owned()));
    assert_eq!(guest.ctx.stdout().drain(), &b"not drained"[..]);
    assert_eq!(guest.ctx.clock().now(ClockId::ProcessCputime), 77);
}

/// A wait for input or 100 nanoseconds lasts as long as it would have.
#[test]
fn a_pending_wait_goes_on() {
    let mut guest = Guest::new();
    guest.memory[0x400..0x460].fill(0);
    guest.put(0x408, &[1]);
    guest.put(0x430 + 8, &[0]);
    guest.put(0x430 + 16, &1_u32.to_le_bytes());
    guest.put(0x430 + 24, &100_u64.to_le_bytes());
    let args = [0x400, 0x600, 2, OUT];
    let pending = guest.call("poll_oneoff", &args);
    assert!(
        matches!(&pending, Err(Stop::Pending(wait)) if wait.nanoseconds == Some(100)),
        "{pending:?}"
    );
    guest.ctx.computed(30);
    let mut guest = thawed(&guest, &[]);
    assert!(guest.ctx.elapse());
    assert_eq!(guest.ctx.clock().now(ClockId::Monotonic), 100);
    assert_eq!(guest.call("poll_oneoff", &args), Ok(()));
    assert_eq!((guest.u32(OUT), guest.memory[0x60a]), (1, 0), "one event, the clock's");
}

/// A clock or entropy that is the host's, in effect.
struct Foreign;

impl Clock for Foreign {
    fn now(&mut self, _: ClockId) -> u64 {
        0
    }
    fn resolution(&self, _: ClockId) -> u64 {
        1
    }
    fn advance(&mut self, _: u64) {}
    fn skip(&mut self, _: u64) -> bool {
        false
    }
    fn fork(&self) -> Box<dyn Clock> {
        Box::new(Self)
    }
}

impl Entropy for Foreign {
    fn fill(&mut self, _: &mut [u8]) {}
    fn fork(&self) -> Box<dyn Entropy> {
        Box::new(Self)
    }
}

#[test]
fn what_is_the_hosts_is_refused_with_a_reason() {
    let clock = Guest::with(|setup| setup.clock = Box::new(Foreign));
    assert_eq!(clock.ctx.save(&[]), Err(Unsaved::Clock));
    let entropy = Guest::with(|setup| setup.entropy = Box::new(Foreign));
    assert_eq!(entropy.ctx.save(&[]), Err(Unsaved::Entropy));
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("below")).unwrap();
    std::fs::write(dir.path().join("below/file"), "content").unwrap();
    let host = vfs::host::HostFs::open(dir.path()).unwrap();
    let above = vfs::host::HostDir::open(dir.path()).unwrap();
    let above = vfs::Tree::above(std::sync::Arc::new(above), vfs::Quota::default(), EPOCH);
    let mounts: [Box<dyn vfs::FileSystem>; 2] = [Box::new(host), Box::new(above)];
    for fs in mounts {
        let mut setup = Setup::new(common::namespace(common::tree()));
        setup.fs.mount("/mounted", Mount { fs, read_only: false }, EPOCH).unwrap();
        let mut guest = Guest::of(setup);
        let path = "/mounted".to_owned();
        let refused = |open| Err(Unsaved::Mount { path: path.clone(), open });
        assert_eq!(guest.ctx.save(&[]), refused(None));
        let fd = guest.open("mounted/below/file", 0, common::READ).unwrap();
        let file = Some("/mounted/below/file".to_owned());
        assert_eq!(guest.ctx.save(&[]), refused(Some((u32::try_from(fd).unwrap(), file))));
    }
}

#[test]
fn limits_and_streams_come_back() {
    let mut guest = Guest::with(|setup| {
        setup.fds_max = 5;
        setup.stdin = Input::new(StreamKind::Terminal);
        setup.stdout = Output::new(StreamKind::File, 8).limited(5);
        setup.env = vec![b"A=b".to_vec(), Vec::new()];
        setup.clock = Box::new(VirtualClock::new(vfs::Timestamp(9)));
    });
    guest.write(1, "abcdefg").unwrap();
    guest.ctx.stderr().close();
    guest.ctx.stdin().close();
    let mut guest = thawed(&guest, &[]);
    assert!(guest.ctx.stdout().is_exceeded());
    assert!(guest.ctx.stderr().is_closed() && guest.ctx.stdin().is_closed());
    assert_eq!(guest.ctx.stdin().kind(), StreamKind::Terminal);
    assert_eq!(guest.ctx.stdout().kind(), StreamKind::File);
    assert_eq!(guest.ctx.stdout().queue_bytes_max(), 8);
    assert_eq!(guest.ctx.env_bytes(), 3 + 5 + 5);
    assert_eq!(guest.ctx.clock().now(ClockId::Realtime), 9);
    assert_eq!(guest.open("f", CREAT, RW), Ok(4));
    assert_eq!(guest.open("f", CREAT, RW), Err(vfs::Errno::Mfile));
}

#[test]
fn connections_come_back_in_their_order() {
    let mut guest = Guest::new();
    let listener = guest.ctx.add_listener().unwrap();
    let socket = |text: &'static str| {
        let mut input = Input::new(StreamKind::Pipe);
        input.feed(Bytes::from_static(text.as_bytes()));
        Socket { input, output: Output::new(StreamKind::Pipe, 64) }
    };
    for text in ["first\n", "taken\n", "second\n"] {
        guest.ctx.offer(listener, socket(text)).unwrap();
    }
    let taken = guest.ctx.connections().nth(1).unwrap();
    guest.ctx.take_connection(taken).unwrap();
    let mut guest = thawed(&guest, &[]);
    assert_eq!(guest.ctx.connections().count(), 2);
    for expected in [Ok("first\\n"), Err(vfs::Errno::Connreset), Ok("second\\n")] {
        guest.errno("sock_accept", &[listener.into(), 0, OUT]).unwrap();
        let fd = guest.u32(OUT).into();
        assert_eq!(guest.read(fd, 9), expected.map(str::to_owned));
    }
}
