//! A process without an interpreter, and all that it can see.

use bytes::Bytes;
use stepwell_vfs::{Base, EPOCH, Input, Mount, Namespace, Output, Quota, StreamKind, Tree};
use syscalls::{ConnectionId, Context, GuestMemory, Setup, Socket, Stop, Syscall, find};

use crate::choices::Choices;

pub(super) const MEMORY_BYTES: usize = 1 << 16;
/// Where paths stand in memory at first, every 16 bytes.
pub(super) const PATHS: u64 = 0x100;
/// Where iovecs stand in memory at first.
pub(super) const IOVECS: u64 = 0x400;
const FDS_MAX: u32 = 12;
const QUEUE_BYTES_MAX: usize = 64;
const OUTPUT_BYTES_MAX: u64 = 300;
const QUOTA: Quota = Quota { bytes_max: 100_000, inodes_max: 16, file_bytes_max: 1 << 41 };
const MODULE: &str = "wasi_snapshot_preview1";

pub(crate) struct Guest {
    pub(crate) context: Context,
    memory: Vec<u8>,
    listener: u32,
    connections: Vec<ConnectionId>,
    drained: [u64; 2],
}

impl Guest {
    /// Something of everything among the first descriptors, and paths and iovecs in memory.
    pub(crate) fn new(choices: &mut Choices<'_>) -> Self {
        let mut tree = Tree::new(QUOTA, EPOCH);
        let root = Tree::create_dirs(&mut tree, "d/e", EPOCH).and_then(|_| tree.find(""));
        let root = root.expect("there is room");
        tree.write_file("f", "some content".into(), EPOCH).expect("there is room");
        stepwell_vfs::FileSystem::create_symlink(&mut tree, root, "l", "f", EPOCH)
            .expect("there is room");
        let mut fs = Namespace::new(Mount { fs: Box::new(tree), read_only: false });
        let archive = Tree::new(QUOTA, EPOCH);
        let read_only = Mount { fs: Box::new(archive), read_only: true };
        fs.mount("/d/ro", read_only, EPOCH).expect("a directory of the layout");
        let output = |kind| Output::new(kind, QUEUE_BYTES_MAX).limited(OUTPUT_BYTES_MAX);
        let mut context = Context::new(Setup {
            args: vec![b"prog".to_vec(), b"argument".to_vec()],
            env: vec![b"NAME=value".to_vec()],
            stdin: Input::new(choices.one_of(&[StreamKind::Pipe, StreamKind::Terminal])),
            stdout: output(StreamKind::Pipe),
            stderr: output(StreamKind::File),
            fds_max: FDS_MAX,
            ..Setup::new(fs)
        });
        let listener = context.add_listener().expect("a descriptor is free");
        let mut guest = Self {
            context,
            memory: vec![0; MEMORY_BYTES],
            listener,
            connections: Vec::new(),
            drained: [0; 2],
        };
        guest.lay_out();
        guest.open_some();
        guest
    }

    /// Paths, and iovecs of few bytes each.
    fn lay_out(&mut self) {
        const TEXTS: [&[u8]; 16] = [
            b"f", b"d", b"l", b"d/new", b".", b"..", b"new", b"/f", b"l/x", b"d/..", b"d/ro",
            b"d/ro/x", b"\xff", b"nx/y", b"f/", b"loop",
        ];
        for (at, text) in (PATHS..).step_by(16).zip(TEXTS) {
            self.put(at, text);
        }
        for index in 0..64_u32 {
            let at = IOVECS + 8 * u64::from(index);
            self.put(at, &(0x1000 + 7 * index).to_le_bytes());
            self.put(at + 4, &(index % 5).to_le_bytes());
        }
    }

    /// A file, a directory, a connection and one that is not accepted yet.
    fn open_some(&mut self) {
        const RW: u64 = (1 << 1) | (1 << 6);
        for args in [[3, 1, PATHS, 1, 0, RW, 0, 0, 0x80], [3, 1, PATHS + 16, 1, 2, 0, 0, 0, 0x80]] {
            let opened = self.call_by_name("path_open", &args);
            assert_eq!(opened, Ok(()), "{args:?}");
        }
        for _ in 0..2 {
            self.offer();
        }
        let accepted = self.call_by_name("sock_accept", &[self.listener.into(), 0, 0x80]);
        assert_eq!(accepted, Ok(()));
    }

    fn offer(&mut self) {
        let input = Input::new(StreamKind::Pipe);
        let output = Output::new(StreamKind::Pipe, QUEUE_BYTES_MAX);
        // The guest may have closed the listener.
        if let Ok(id) = self.context.offer(self.listener, Socket { input, output }) {
            self.connections.push(id);
        }
    }

    pub(crate) fn call(&mut self, syscall: &Syscall, args: &[u64]) -> Result<(), Stop> {
        let result = (syscall.call)(&mut self.context, &mut GuestMemory(&mut self.memory), args);
        // The next call is another one.
        self.context.forget_pending();
        result
    }

    fn call_by_name(&mut self, name: &str, args: &[u64]) -> Result<(), Stop> {
        let syscall = find(MODULE, name).expect("the name is in the table");
        self.call(syscall, args)
    }

    fn put(&mut self, at: u64, bytes: &[u8]) {
        let at = usize::try_from(at).expect("an address");
        let room = self.memory[at..].len().min(bytes.len());
        self.memory[at..at + room].copy_from_slice(&bytes[..room]);
    }

    /// Writes random bytes into memory.
    pub(crate) fn poke(&mut self, choices: &mut Choices<'_>) {
        let at = match choices.below(3) {
            0 => PATHS + choices.below(256) as u64,
            1 => IOVECS + choices.below(256) as u64,
            _ => choices.below(MEMORY_BYTES) as u64,
        };
        let bytes = choices.bytes(64);
        self.put(at, bytes);
    }

    /// Feeds, drains, closes, offers.
    pub(crate) fn act_as_host(&mut self, choices: &mut Choices<'_>) {
        let bytes = Bytes::copy_from_slice(choices.bytes(32));
        let id = match self.connections.len() {
            0 => None,
            len => Some(self.connections[choices.below(len)]),
        };
        let socket = id.and_then(|id| self.context.connection(id));
        match (choices.below(12), socket) {
            (0, _) => self.context.stdin().feed(bytes),
            (1, _) => self.drain(),
            (2, _) => self.offer(),
            (3, Some(socket)) => socket.input.feed(bytes),
            (4, Some(socket)) => socket.input.close(),
            (5, Some(socket)) => drop(socket.output.drain()),
            (6, Some(socket)) => socket.output.close(),
            (7, Some(_)) => drop(id.and_then(|id| self.context.take_connection(id))),
            (8, _) => self.context.stdin().close(),
            (9, _) => self.context.stdout().close(),
            (10, _) => self.context.clock().advance(1 << choices.below(40)),
            _ => {
                // A fork goes on in its place.
                let fork = self.context.fork().expect("everything is in memory");
                self.context = fork;
            }
        }
    }

    fn drain(&mut self) {
        self.drained[0] += self.context.stdout().drain().len() as u64;
        self.drained[1] += self.context.stderr().drain().len() as u64;
    }

    /// The trees as they are now, for differences to them.
    pub(crate) fn bases(&mut self) -> Vec<Base> {
        let trees = self.context.fs().mounts().filter_map(|(_, mount)| mount.fs.as_tree());
        trees.map(|tree| Base::new(tree).expect("it lies above nothing")).collect()
    }

    /// Everything that the guest can see: its memory, each descriptor, each file and each stream.
    pub(crate) fn see(&mut self) -> Vec<Vec<u8>> {
        let mut fork = self.context.fork().expect("everything is in memory");
        let mut seen = vec![self.memory.clone()];
        for mount in fork.fs().mounts_mut() {
            let tree = mount.1.fs.as_tree_mut().expect("every mount is a tree");
            seen.push(tree.digest().expect("it is in memory").to_vec());
        }
        for output in [fork.stdout().clone(), fork.stderr().clone()] {
            seen.push(format!("{} {}", output.written(), output.room()).into_bytes());
        }
        seen.push(format!("{}", fork.stdin().queued()).into_bytes());
        for id in &self.connections {
            seen.push(fork.connection(*id).map_or_else(Vec::new, see_socket));
        }
        std::mem::swap(&mut fork, &mut self.context);
        let memory = self.memory.clone();
        let random = self.call_by_name("random_get", &[0x8000, 16]);
        assert_eq!(random, Ok(()));
        seen.push(self.memory[0x8000..0x8010].to_vec());
        for fd in 0..=u64::from(FDS_MAX) {
            for (name, args) in [
                ("fd_fdstat_get", vec![fd, 0x8000]),
                ("fd_filestat_get", vec![fd, 0x8100]),
                ("fd_tell", vec![fd, 0x8200]),
                ("fd_readdir", vec![fd, 0x8300, 0x200, 0, 0x8208]),
                ("fd_prestat_get", vec![fd, 0x8210]),
            ] {
                let result = self.call_by_name(name, &args);
                seen.push(format!("{result:?}").into_bytes());
            }
            seen.push(self.memory[0x8000..0x8500].to_vec());
        }
        self.memory = memory;
        self.context = fork;
        seen
    }

    /// What the process holds is within its limits.
    pub(crate) fn check_limits(&mut self) {
        for (path, mount) in self.context.fs().mounts() {
            let tree = mount.fs.as_tree().expect("every mount is a tree");
            assert!(tree.bytes_used() <= QUOTA.bytes_max, "bytes in {path}");
            assert!(tree.inodes_used() <= QUOTA.inodes_max, "inodes in {path}");
        }
        let [out, err] = self.drained;
        for (output, drained) in
            [(self.context.stdout().clone(), out), (self.context.stderr().clone(), err)]
        {
            let held = output.queue_bytes_max() - output.room();
            assert!(drained + held as u64 <= OUTPUT_BYTES_MAX, "output that is kept");
        }
        let beyond = u64::from(FDS_MAX);
        let result = self.call_by_name("fd_fdstat_get", &[beyond, 0xfff0]);
        let is_free = matches!(result, Err(Stop::Errno(stepwell_vfs::Errno::Badf)));
        assert!(is_free, "a descriptor beyond the limit: {result:?}");
    }
}

/// What is in a connection, however that was cut into pieces.
fn see_socket(socket: &mut Socket) -> Vec<u8> {
    let (mut input, output) = (socket.input.clone(), socket.output.clone());
    let mut queue = vec![0; input.queued()];
    let read = input.read(&mut queue);
    let ends = (input.is_closed(), output.is_closed(), output.written(), output.room());
    format!("{read:?} {queue:?} {ends:?}").into_bytes()
}
