//! A submission and an interactor, two guests joined by two pipes, in one thread and in turns that steps alone decide.

use engine::{Process, State};

use crate::case::Shown;
use crate::judge::keep;
use crate::run::{Slices, Stopped, Stream};

/// Steps of a turn. A turn ends earlier where a guest waits.
const TURN: u64 = 1_000_000;

/// How a conversation has ended.
pub(crate) struct Conversation {
    /// How the submission ended; blocked if both waited for each other.
    pub(crate) submission: State,
    /// How the interactor ended.
    pub(crate) interactor: State,
    /// Whether the interactor was over before the submission.
    pub(crate) interactor_first: bool,
    /// What the submission has written.
    pub(crate) shown: Shown,
    /// What the interactor has written to standard error.
    pub(crate) said: Vec<u8>,
}

/// One of the two.
struct Side<'a> {
    process: &'a mut Process,
    state: State,
}

impl Side<'_> {
    fn is_over(&self) -> bool {
        !matches!(self.state, State::Yielded | State::Blocked(_))
    }

    /// Whether it can do nothing without the other.
    fn waits(&self) -> bool {
        matches!(&self.state, State::Blocked(wait) if !wait.output)
    }

    /// The time after which it goes on without the other.
    fn timeout(&self) -> Option<u64> {
        match &self.state {
            State::Blocked(wait) => wait.nanoseconds,
            _ => None,
        }
    }
}

/// Has the two talk until both are over, or each waits for the other.
pub(crate) fn talk(
    submission: &mut Process,
    interactor: &mut Process,
    slices: &mut Slices<'_>,
) -> Result<Conversation, Stopped> {
    let (mut shown, mut said) = (Shown::default(), Vec::new());
    let mut own = Side { process: submission, state: State::Yielded };
    let mut other = Side { process: interactor, state: State::Yielded };
    let mut first = None;
    loop {
        let mut moved = turn(&mut own, &mut other, |stream, bytes| shown.add(stream, bytes));
        if own.is_over() {
            first.get_or_insert(false);
        }
        moved |= turn(&mut other, &mut own, |stream, bytes| {
            if stream == Stream::Error {
                keep(&mut said, bytes);
            }
        });
        if other.is_over() {
            first.get_or_insert(true);
        }
        if own.is_over() && other.is_over() {
            break;
        }
        let is_still = |side: &Side<'_>| side.is_over() || side.waits();
        if !moved && is_still(&own) && is_still(&other) {
            // Only time could help: the shorter wait first.
            let (one, another) = (own.timeout(), other.timeout());
            match (one, another) {
                (None, None) => break,
                (Some(one), another) if another.is_none_or(|another| one <= another) => {
                    own.process.elapse();
                }
                _ => other.process.elapse(),
            }
        }
        slices.check()?;
    }
    let (submission, interactor) = (own.state, other.state);
    let interactor_first = first.unwrap_or(false);
    Ok(Conversation { submission, interactor, interactor_first, shown, said })
}

/// One turn of `own`, after which what it wrote is the other's input. Whether anything happened.
fn turn(own: &mut Side<'_>, other: &mut Side<'_>, mut see: impl FnMut(Stream, &[u8])) -> bool {
    if own.is_over() {
        return false;
    }
    let steps = own.process.steps();
    own.state = own.process.run(TURN);
    let output = own.process.drain_stdout();
    let error = own.process.drain_stderr();
    see(Stream::Error, &error);
    let has_moved = own.process.steps() != steps || !output.is_empty() || own.is_over();
    if !output.is_empty() {
        see(Stream::Output, &output);
        if !other.is_over() {
            other.process.feed_stdin(output);
        }
    }
    if own.is_over() && !other.is_over() {
        // What the other writes from here on is dropped, and no error: neither fails only because it was not the first to end.
        other.process.close_stdin();
    }
    has_moved
}
