//! A process's side as bytes and back.
//!
//! ```text
//! mark   "stepwell context state 1\n"
//! state  arguments, environment, files, clock, entropy, streams, descriptors, connections, the pending call
//! ```
//!
//! Everything that a guest can see of its host goes on as it was. What is the host's own cannot be carried: its
//! directories, its clock, its entropy.

mod descriptor;
mod standard;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_bytes::Bytes as Raw;
use vfs::{Base, Input, LoadError, Namespace, Node, Output, VirtualClock};

use self::descriptor::DescriptorState;
pub use self::standard::NotStandard;
use crate::context::{Began, PendingCall};
use crate::fd_table::{Descriptor, FdTable, Object};
use crate::order::Order;
use crate::socket::Connections;
use crate::{ConnectionId, Context, SeededEntropy, Socket};

/// What the bytes start with.
const MARK: &[u8] = b"stepwell context state 1\n";

/// Why a process's side cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsaved {
    /// What is mounted there is a directory of the host, or a tree above one.
    Mount {
        /// The mount's path.
        path: String,
        /// The first descriptor that the guest has opened there, and the path of what it opened, if that has one.
        open: Option<(u32, Option<String>)>,
    },
    /// The mount point at this path has been removed by the embedder.
    MountPoint(String),
    /// The clock is not a virtual one.
    Clock,
    /// The entropy does not follow from a seed.
    Entropy,
}

impl fmt::Display for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mount { path, open } => {
                write!(f, "{path} is a directory of the host")?;
                match open {
                    Some((fd, Some(file))) => write!(f, "; descriptor {fd} is {file}"),
                    Some((fd, None)) => write!(f, "; descriptor {fd} is open there"),
                    None => Ok(()),
                }
            }
            Self::MountPoint(path) => write!(f, "{path} is mounted on a directory that is gone"),
            Self::Clock => f.write_str("the clock is the host's"),
            Self::Entropy => f.write_str("the entropy is the host's"),
        }
    }
}

impl core::error::Error for Unsaved {}

/// What is written. Every field is part of the format: a change is another version of the mark.
#[derive(Serialize, Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    args: Vec<&'a Raw>,
    #[serde(borrow)]
    env: Vec<&'a Raw>,
    #[serde(borrow)]
    fs: &'a Raw,
    clock: Cow<'a, VirtualClock>,
    entropy: Cow<'a, SeededEntropy>,
    stdin: Cow<'a, Input>,
    stdout: Cow<'a, Output>,
    stderr: Cow<'a, Output>,
    fds_max: u32,
    /// By number, up to the last one that is open.
    #[serde(borrow)]
    descriptors: Vec<Option<DescriptorState<'a>>>,
    /// How many connections were offered.
    offered: u32,
    sockets: Vec<(u32, Cow<'a, Input>, Cow<'a, Output>)>,
    pending: Option<PendingState>,
    computed: u64,
}

/// A [`PendingCall`], the clocks in the order of their numbers.
#[derive(Serialize, Deserialize)]
struct PendingState {
    began: Option<[u64; 2]>,
    deadline: Option<u64>,
}

impl Context {
    /// The process's side as bytes, from which [`Context::load`] makes one that behaves in no way differently. The same
    /// state gives the same bytes.
    ///
    /// A tree that has much of one of `bases` is written as the difference to that.
    ///
    /// # Errors
    /// [`Unsaved::Mount`] and [`Unsaved::MountPoint`], of the first mount; [`Unsaved::Clock`], [`Unsaved::Entropy`].
    pub fn save(&self, bases: &[Base]) -> Result<Vec<u8>, Unsaved> {
        let fs = self.fs.save(bases).map_err(|unsaved| self.unsaved(unsaved))?;
        let sockets = self.connections.sockets.iter();
        let state = State {
            args: self.args.iter().map(|arg| Raw::new(arg)).collect(),
            env: self.env.iter().map(|variable| Raw::new(variable)).collect(),
            fs: Raw::new(&fs),
            clock: Cow::Borrowed(self.clock.as_virtual().ok_or(Unsaved::Clock)?),
            entropy: Cow::Borrowed(self.entropy.as_seeded().ok_or(Unsaved::Entropy)?),
            stdin: Cow::Borrowed(&self.stdin),
            stdout: Cow::Borrowed(&self.stdout),
            stderr: Cow::Borrowed(&self.stderr),
            fds_max: self.fds.fds_max(),
            descriptors: self
                .fds
                .slots()
                .iter()
                .map(|slot| slot.as_ref().map(DescriptorState::of))
                .collect(),
            offered: self.connections.offered,
            sockets: sockets
                .map(|(id, socket)| {
                    (id.0, Cow::Borrowed(&socket.input), Cow::Borrowed(&socket.output))
                })
                .collect(),
            pending: self.pending.map(|call| PendingState {
                began: call.began.map(|began| [began.realtime, began.monotonic]),
                deadline: call.deadline,
            }),
            computed: self.computed,
        };
        let state = postcard::to_allocvec(&state);
        Ok([MARK, &state.expect("the state has values of known lengths only")].concat())
    }

    /// The reason with what only the descriptors know.
    fn unsaved(&self, unsaved: vfs::Unsaved) -> Unsaved {
        match unsaved {
            vfs::Unsaved::MountPoint(path) => Unsaved::MountPoint(path),
            vfs::Unsaved::Mount(path) => Unsaved::Mount { open: self.opened_in(&path), path },
            _ => Unsaved::Mount { path: String::from("/"), open: None },
        }
    }

    /// The first descriptor that was opened in the mount at `path`, with the path of what it stands for.
    fn opened_in(&self, path: &str) -> Option<(u32, Option<String>)> {
        let index = self.fs.mounts().position(|(mounted, _)| mounted == path)?;
        let opened = |(fd, slot): (u32, &Option<Descriptor>)| match &slot.as_ref()?.object {
            Object::File { node, .. } | Object::Dir { node, preopen: None }
                if usize::from(node.mount.0) == index =>
            {
                Some((fd, self.path_of(*node)))
            }
            _ => None,
        };
        (0..).zip(self.fds.slots()).find_map(opened)
    }

    /// The path of what is at a node, if it has one.
    pub(crate) fn path_of(&self, node: Node) -> Option<String> {
        let (path, mount) = self.fs.mounts().nth(node.mount.0.into())?;
        let below = mount.fs.path_of(node.ino)?;
        Some(alloc::format!("{}/{below}", path.trim_end_matches('/')))
    }

    /// The process's side that was saved. The contents of files are slices of `bytes`.
    ///
    /// `bases` must have each base that a difference was written to. Limits are those of the bytes as well: the embedder
    /// that does not trust them sets quotas anew. Whatever the bytes are, what is loaded is consistent.
    ///
    /// # Errors
    /// [`LoadError::Version`], [`LoadError::Malformed`], then as [`Namespace::load`], [`LoadError::Inconsistent`].
    pub fn load(bytes: &Bytes, bases: &[Base]) -> Result<Self, LoadError> {
        let rest = bytes.strip_prefix(MARK).ok_or(LoadError::Version)?;
        let (state, rest): (State<'_>, _) =
            postcard::take_from_bytes(rest).map_err(|_| LoadError::Malformed)?;
        if !rest.is_empty() {
            return Err(LoadError::Malformed);
        }
        let mut fs = Namespace::load(&bytes.slice_ref(state.fs), bases)?;
        let connections = connections(state.offered, state.sockets)?;
        let descriptors = descriptors(state.fds_max, state.descriptors)?;
        check_descriptors(&descriptors, &mut fs, &connections)?;
        let strings = |strings: Vec<&Raw>| strings.into_iter().map(|text| text.to_vec()).collect();
        let context = Self {
            args: strings(state.args),
            env: strings(state.env),
            fs,
            clock: Box::new(state.clock.into_owned()),
            entropy: Box::new(state.entropy.into_owned()),
            stdin: state.stdin.into_owned(),
            stdout: state.stdout.into_owned(),
            stderr: state.stderr.into_owned(),
            order: Order::default(),
            fds: FdTable::of(state.fds_max, descriptors),
            connections,
            pending: state.pending.map(|call| PendingCall {
                began: call.began.map(|[realtime, monotonic]| Began { realtime, monotonic }),
                deadline: call.deadline,
            }),
            computed: state.computed,
        };
        Ok(context)
    }
}

/// Refuses what does not hold.
///
/// # Errors
/// [`LoadError::Inconsistent`].
fn check(holds: bool, otherwise: &'static str) -> Result<(), LoadError> {
    if holds { Ok(()) } else { Err(LoadError::Inconsistent(otherwise)) }
}

fn connections(
    offered: u32,
    rows: Vec<(u32, Cow<'_, Input>, Cow<'_, Output>)>,
) -> Result<Connections, LoadError> {
    let mut sockets = BTreeMap::new();
    for (id, input, output) in rows {
        check(id < offered, "a connection was not offered")?;
        let socket = Socket { input: input.into_owned(), output: output.into_owned() };
        let before = sockets.insert(ConnectionId(id), socket);
        check(before.is_none(), "a connection is there twice")?;
    }
    Ok(Connections { sockets, offered })
}

fn descriptors(
    fds_max: u32,
    slots: Vec<Option<DescriptorState<'_>>>,
) -> Result<Vec<Option<Descriptor>>, LoadError> {
    let fits = u32::try_from(slots.len()).is_ok_and(|len| len <= fds_max);
    check(fits, "there are more descriptors than there may be")?;
    slots.into_iter().map(|slot| slot.map(DescriptorState::descriptor).transpose()).collect()
}

/// What descriptors stand for exists, is what they say, and is held for them.
fn check_descriptors(
    slots: &[Option<Descriptor>],
    fs: &mut Namespace,
    connections: &Connections,
) -> Result<(), LoadError> {
    let mut holds: BTreeMap<(u16, vfs::Ino), u64> = BTreeMap::new();
    let mut accepted = BTreeSet::new();
    let mut streams = [false; 3];
    for descriptor in slots.iter().flatten() {
        match &descriptor.object {
            Object::Stdin => check(!core::mem::replace(&mut streams[0], true), TWICE)?,
            Object::Stdout => check(!core::mem::replace(&mut streams[1], true), TWICE)?,
            Object::Stderr => check(!core::mem::replace(&mut streams[2], true), TWICE)?,
            Object::File { node, file_type, .. } => {
                check(descriptor::file_type(fs, *node) == Some(*file_type), "a file is none")?;
                *holds.entry((node.mount.0, node.ino)).or_default() += 1;
            }
            Object::Dir { node, .. } => {
                let directory = Some(vfs::FileType::Directory);
                check(descriptor::file_type(fs, *node) == directory, "a directory is none")?;
                *holds.entry((node.mount.0, node.ino)).or_default() += 1;
            }
            Object::Listener(queue) => {
                for id in queue {
                    check(id.0 < connections.offered, "a connection was not offered")?;
                    check(accepted.insert(*id), TWICE)?;
                }
            }
            Object::Socket(id) => {
                check(id.0 < connections.offered, "a connection was not offered")?;
                check(accepted.insert(*id), TWICE)?;
            }
        }
    }
    // A tree may be a fork of one in which more was held, so more is no contradiction.
    for ((mount, ino), count) in holds {
        let tree = fs.mounts().nth(mount.into()).and_then(|(_, mount)| mount.fs.as_tree());
        let is_held = tree.is_some_and(|tree| tree.holds(ino) >= count);
        check(is_held, "what a descriptor stands for is not held")?;
    }
    Ok(())
}

const TWICE: &str = "two descriptors stand for one stream or connection";
