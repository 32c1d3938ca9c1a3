//! A compiled server that accepts the connections its host offers: what it answers does not depend on how the host feeds,
//! drains and runs it.

use std::sync::LazyLock;

use engine::{ConnectionId, Limits, Module, Process, State};
use stepwell_tests::compile;

static GUEST: LazyLock<Module> = LazyLock::new(|| compile("sock.c", include_str!("guests/sock.c")));

/// How a host goes about it.
#[derive(Clone, Copy, Debug)]
struct Host {
    /// Bytes that are fed at once.
    chunk: usize,
    /// Whether the guest runs after each chunk, or only when all connections were fed.
    runs_between: bool,
    /// Steps that it runs at once.
    slice: u64,
    /// Bytes that a connection holds until they are drained.
    queue_bytes_max: usize,
}

const PLAIN: Host =
    Host { chunk: usize::MAX, runs_between: false, slice: 1_000_000, queue_bytes_max: 64 << 10 };

/// A server and the connections to it.
struct Server {
    process: Process,
    slice: u64,
    connections: Vec<(ConnectionId, String)>,
    stdout: String,
}

impl Server {
    fn start(host: Host) -> Self {
        let limits = Limits { output_queue_bytes_max: host.queue_bytes_max, ..Limits::default() };
        let builder = Process::builder(&GUEST).args(["sock", "4"]).listener().limits(limits);
        let process = builder.spawn().expect("the guest is a command");
        assert_eq!(process.listeners(), [4]);
        Self { process, slice: host.slice, connections: Vec::new(), stdout: String::new() }
    }

    fn connect(&mut self) -> usize {
        let id = self.process.offer(4).expect("the guest listens");
        self.connections.push((id, String::new()));
        self.connections.len() - 1
    }

    fn feed(&mut self, connection: usize, bytes: &[u8]) {
        let (id, _) = self.connections[connection];
        self.process.connection(id).feed(bytes.to_vec().into());
    }

    fn close_input(&mut self, connection: usize) {
        let (id, _) = self.connections[connection];
        self.process.connection(id).close_input();
    }

    fn is_closed(&mut self, connection: usize) -> bool {
        let (id, _) = self.connections[connection];
        self.process.connection(id).is_closed()
    }

    fn reset(&mut self, connection: usize) {
        let (id, _) = self.connections[connection];
        self.process.connection(id).reset();
    }

    /// Runs until there is nothing that the guest could do without a new chunk.
    fn run(&mut self) -> State {
        loop {
            let state = self.process.run(self.slice);
            let drained = self.drain();
            match &state {
                State::Yielded => {}
                State::Blocked(_) if drained > 0 => {}
                _ => return state,
            }
        }
    }

    fn drain(&mut self) -> usize {
        let stdout = self.process.drain_stdout();
        self.stdout += str::from_utf8(&stdout).expect("text");
        let mut drained = stdout.len();
        for (id, text) in &mut self.connections {
            let sent = self.process.connection(*id).drain();
            *text += str::from_utf8(&sent).expect("text");
            drained += sent.len();
        }
        drained
    }

    /// Runs until it waits for a connection and nothing else.
    #[track_caller]
    fn waits(&mut self) {
        let state = self.run();
        let State::Blocked(wait) = &state else { panic!("{state:?}: {}", self.stdout) };
        assert!(wait.socket && !wait.input && wait.nanoseconds.is_none(), "{wait:?}");
    }

    /// Has one more connection tell it to quit: what it sent to each of them, and its report.
    fn quit(mut self) -> (Vec<String>, String) {
        let last = self.connect();
        self.feed(last, b"quit\n");
        assert_eq!(self.run(), State::Exited(0), "{}", self.stdout);
        assert!((0..=last).all(|connection| self.is_closed(connection)), "nobody is left to send");
        let texts = self.connections.into_iter().map(|(_, text)| text).collect();
        (texts, self.stdout)
    }
}

/// What three connections say. The second shuts one direction down, the third the other one.
const INPUTS: [&str; 3] = [
    "one\ntwo\n\nthe last without a line feed",
    "alpha\nbye\nnobody reads the answer\nnor this\n",
    "a line that is longer than the buffer that it is received in, so that it comes in pieces\ndeaf\n",
];

/// The conversation as `host` leads it.
fn converse(host: Host) -> (Vec<String>, String) {
    let mut server = Server::start(host);
    for _ in INPUTS {
        server.connect();
    }
    let mut rest = INPUTS.map(str::as_bytes);
    while rest.iter().any(|rest| !rest.is_empty()) {
        for (connection, rest) in rest.iter_mut().enumerate() {
            let (chunk, after) = rest.split_at(rest.len().min(host.chunk));
            server.feed(connection, chunk);
            *rest = after;
            if host.runs_between {
                server.waits();
            }
        }
    }
    server.waits();
    assert!(!server.is_closed(0));
    assert!(server.is_closed(1), "it has shut its sending side down");
    assert!(server.is_closed(2), "it has heard enough");
    server.close_input(0);
    server.close_input(1);
    server.waits();
    server.quit()
}

#[test]
fn a_server_of_lines_answers_the_same_however_it_is_fed() {
    let answers = [
        "0.0: one\n0.1: two\n0.2: \n0.3: the last without a line feed\n",
        "1.0: alpha\n1.1: bye\n",
        "2.0: a line that is longer than the buffer that it is received in, so that it comes in pieces\n\
         2.1: deaf\n",
        "3.0: quit\n",
    ];
    let report = "0: 4 lines, 37 bytes, 0 unsent, end of input\n\
                  1: 4 lines, 43 bytes, 43 unsent, end of input\n\
                  2: 2 lines, 94 bytes, 0 unsent, end of input\n\
                  3: 1 lines, 5 bytes, 0 unsent, open\n";
    let hosts = [
        PLAIN,
        Host { slice: 1000, ..PLAIN },
        Host { chunk: 1, ..PLAIN },
        Host { chunk: 1, runs_between: true, ..PLAIN },
        Host { chunk: 3, runs_between: true, slice: 777, ..PLAIN },
        Host { chunk: 7, runs_between: true, queue_bytes_max: 16, ..PLAIN },
        Host { chunk: 64, runs_between: true, queue_bytes_max: 1, slice: 5000 },
        Host { chunk: 20, runs_between: false, queue_bytes_max: 5, slice: 100 },
    ];
    for host in hosts {
        let (texts, stdout) = converse(host);
        assert_eq!(
            (texts.as_slice(), stdout.as_str()),
            (&answers.map(String::from)[..], report),
            "{host:?}"
        );
    }
}

#[test]
fn a_server_waits_for_its_first_connection_and_survives_one_that_is_taken_back() {
    let mut server = Server::start(PLAIN);
    server.waits();
    server.waits();
    let connections = [(); 4].map(|()| server.connect());
    server.waits();
    for connection in connections {
        server.feed(connection, b"here\n");
    }
    server.waits();
    // One of those that wait, and one of those that do not.
    server.reset(0);
    server.reset(3);
    server.waits();
    let (texts, stdout) = server.quit();
    assert_eq!(texts, ["0.0: here\n", "1.0: here\n", "2.0: here\n", "3.0: here\n", "4.0: quit\n"]);
    let ends: Vec<_> =
        stdout.lines().map(|line| line.rsplit_once(", ").expect("a row").1).collect();
    assert_eq!(ends, ["reset", "open", "open", "reset", "open"]);
}
