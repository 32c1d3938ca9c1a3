//! The C ABI: any calls with any handles, NULL and those of other nouns included, against a model of what is live.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;

use stepwell_c::stepwell_status::*;
use stepwell_c::*;

use crate::choices::Choices;
use crate::memory;

const CALLS_MAX: usize = 64;
const HANDLES_MAX: usize = 24;
const HOST_BYTES_MAX: usize = 96 << 20;
/// The guests of the ABI's own tests.
static GUESTS: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
    [
        include_str!("../../bindings/c/tests/guests/hello.wat"),
        include_str!("../../bindings/c/tests/guests/echo.wat"),
        include_str!("../../bindings/c/tests/guests/trap.wat"),
        include_str!("../../bindings/c/tests/guests/spin.wat"),
    ]
    .map(|text| wat::parse_str(text).expect("the guests are good"))
});
const NAMES: &[&str] = &["a", "a/b", "c", "/", "..", "a/b/c"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noun {
    Engine,
    Module,
    Limits,
    Tree,
    Builder,
    Process,
    Interrupt,
    Image,
    Template,
}

const NOUNS: &[Noun] = &[
    Noun::Engine,
    Noun::Module,
    Noun::Limits,
    Noun::Tree,
    Noun::Builder,
    Noun::Process,
    Noun::Interrupt,
    Noun::Image,
    Noun::Template,
];

/// A handle that was not freed, and what is known of it.
struct Live {
    noun: Noun,
    handle: *mut (),
    /// Whether a builder has made its process.
    used: bool,
    /// The files that were written to a tree, by name. `None` if something else has changed it.
    files: Option<BTreeMap<&'static str, Vec<u8>>>,
}

/// What a call is given: a handle, and the place of the one that the model has.
#[derive(Clone, Copy)]
struct Given {
    handle: *mut (),
    /// `None` if it is NULL or of another noun.
    at: Option<usize>,
}

/// Any sequence of calls: one with a handle that is NULL, of another noun, or used up fails and changes nothing; every failure
/// has an error that says the same; a tree holds what was written to it; everything that was made can be freed.
///
/// # Panics
/// If one of that does not hold.
pub fn abi_calls(data: &[u8]) {
    let mut choices = Choices::new(data);
    LazyLock::force(&GUESTS);
    memory::within(HOST_BYTES_MAX, || {
        let mut world = World { live: Vec::new() };
        for _ in 0..CALLS_MAX {
            if choices.is_empty() {
                break;
            }
            world.step(&mut choices);
        }
        while !world.live.is_empty() {
            world.free(0);
        }
    });
}

struct World {
    live: Vec<Live>,
}

impl World {
    /// A handle of this noun, or now and then something else.
    fn given(&self, noun: Noun, choices: &mut Choices<'_>) -> Given {
        let right = |live: &&(usize, &Live)| live.1.noun == noun;
        let all: Vec<(usize, &Live)> = self.live.iter().enumerate().collect();
        let fitting: Vec<_> = all.iter().filter(right).collect();
        if choices.once_in(12) {
            return Given { handle: null_mut(), at: None };
        }
        let wrong: Vec<_> = all.iter().filter(|live| !right(live)).collect();
        if choices.once_in(12) && !wrong.is_empty() {
            return Given { handle: wrong[choices.below(wrong.len())].1.handle, at: None };
        }
        match fitting.len() {
            0 => Given { handle: null_mut(), at: None },
            count => {
                let (at, live) = fitting[choices.below(count)];
                Given { handle: live.handle, at: Some(*at) }
            }
        }
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        if self.live.len() >= HANDLES_MAX || choices.once_in(8) {
            if !self.live.is_empty() {
                self.free(choices.below(self.live.len()));
            }
            return;
        }
        match choices.below(4) {
            0 => self.make(choices),
            1 => self.use_tree(choices),
            2 => self.use_builder(choices),
            _ => self.use_process(choices),
        }
    }

    fn add(&mut self, noun: Noun, handle: *mut ()) {
        assert!(!handle.is_null(), "a call that succeeds gives a handle");
        let files = (noun == Noun::Tree).then(BTreeMap::new);
        self.live.push(Live { noun, handle, used: false, files });
    }

    /// Makes a handle of any noun out of others.
    fn make(&mut self, choices: &mut Choices<'_>) {
        let noun = choices.one_of(NOUNS);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let guest = &GUESTS[choices.below(GUESTS.len())];
        let (first, second) = match noun {
            Noun::Module => (Some(Noun::Engine), None),
            Noun::Builder => (Some(Noun::Module), None),
            Noun::Process if choices.once_in(2) => (Some(Noun::Template), None),
            Noun::Process => (Some(Noun::Builder), None),
            Noun::Interrupt | Noun::Image => (Some(Noun::Process), None),
            Noun::Template => (Some(Noun::Image), Some(Noun::Module)),
            Noun::Engine | Noun::Limits | Noun::Tree => (None, None),
        };
        let one = first.map(|noun| self.given(noun, choices));
        let two = second.map(|noun| self.given(noun, choices));
        let handle = one.map_or(null_mut(), |given| given.handle);
        let module = two.map_or(null_mut(), |given| given.handle);
        // SAFETY: every handle is NULL or live, and `out` outlives the call.
        let status = fallible(|error| unsafe {
            match (noun, first) {
                (Noun::Engine, _) => stepwell_engine_new(to.cast(), error),
                (Noun::Limits, _) => stepwell_limits_new(to.cast(), error),
                (Noun::Tree, _) => stepwell_tree_new(to.cast(), error),
                (Noun::Module, _) => stepwell_module_new(
                    handle.cast(),
                    guest.as_ptr(),
                    guest.len(),
                    to.cast(),
                    error,
                ),
                (Noun::Builder, _) => stepwell_process_builder_new(handle.cast(), to.cast(), error),
                (Noun::Process, Some(Noun::Template)) => {
                    stepwell_template_thaw(handle.cast(), null(), to.cast(), error)
                }
                (Noun::Process, _) => {
                    stepwell_process_builder_spawn(handle.cast(), to.cast(), error)
                }
                (Noun::Interrupt, _) => stepwell_process_interrupt(handle.cast(), to.cast(), error),
                (Noun::Image, _) => stepwell_process_freeze(handle.cast(), to.cast(), error),
                (Noun::Template, _) => {
                    stepwell_image_prepare(handle.cast(), module.cast(), to.cast(), error)
                }
            }
        });
        let is_right = [one, two].into_iter().flatten().all(|given| given.at.is_some());
        let used = match one.and_then(|given| given.at) {
            Some(at) if first == Some(Noun::Builder) => {
                std::mem::replace(&mut self.live[at].used, true)
            }
            _ => false,
        };
        if !is_right {
            assert!(is_refusal(status), "{noun:?} of something else: {status:?}");
        }
        assert!(!used || status == STEPWELL_USED, "a builder again: {status:?}");
        match status {
            STEPWELL_OK => self.add(noun, out),
            _ => assert!(out.is_null(), "a call that fails writes nothing"),
        }
    }

    fn use_tree(&mut self, choices: &mut Choices<'_>) {
        let tree = self.given(Noun::Tree, choices);
        let name = choices.one_of(NAMES);
        let path = CString::new(name).expect("names have no NUL");
        let (path, handle) = (path.as_ptr(), tree.handle);
        let content = choices.bytes(32);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let what = choices.below(5);
        // SAFETY: every handle is NULL or live, and everything else outlives the call.
        let status = fallible(|error| unsafe {
            match what {
                0 => {
                    stepwell_tree_write(handle.cast(), path, content.as_ptr(), content.len(), error)
                }
                1 => stepwell_tree_read(handle.cast(), path, to.cast(), error),
                2 => stepwell_tree_remove_all(handle.cast(), path, error),
                3 => stepwell_tree_fork(handle.cast(), to.cast(), error),
                _ => {
                    stepwell_tree_import_tar(handle.cast(), content.as_ptr(), content.len(), error)
                }
            }
        });
        let Some(at) = tree.at else {
            return assert!(is_refusal(status), "no tree: {status:?}");
        };
        let files = self.live[at].files.clone();
        let is_ok = status == STEPWELL_OK;
        match (what, is_ok) {
            (0, true) => {
                if let Some(files) = &mut self.live[at].files {
                    files.insert(name, content.to_vec());
                }
            }
            (1, _) => {
                let found = is_ok.then(|| take_bytes(out));
                if let Some(files) = files {
                    assert_eq!(found.as_ref(), files.get(name), "the file {name}");
                }
            }
            (2 | 4, true) => self.live[at].files = None,
            (3, true) => {
                self.add(Noun::Tree, out);
                self.live.last_mut().expect("it was added").files = files;
            }
            _ => {}
        }
    }

    fn use_builder(&mut self, choices: &mut Choices<'_>) {
        let builder = self.given(Noun::Builder, choices);
        let (limits, tree) = (self.given(Noun::Limits, choices), self.given(Noun::Tree, choices));
        let handle = builder.handle;
        let what = choices.below(7);
        let number = choices.u64();
        let kind = u32::from(choices.byte()) % 4;
        // SAFETY: every handle is NULL or live, and the texts are constants.
        let status = fallible(|error| unsafe {
            match what {
                0 => stepwell_process_builder_arg(handle.cast(), c"argument".as_ptr(), error),
                1 => stepwell_process_builder_limits(handle.cast(), limits.handle.cast(), error),
                2 => stepwell_process_builder_seed(handle.cast(), number, error),
                3 => stepwell_process_builder_mount_tree(
                    handle.cast(),
                    c"/".as_ptr(),
                    tree.handle.cast(),
                    number % 2 == 0,
                    error,
                ),
                4 => stepwell_process_builder_stdio(handle.cast(), kind, kind, error),
                5 => stepwell_process_builder_freezable(handle.cast(), error),
                _ => stepwell_process_builder_receipt(handle.cast(), error),
            }
        });
        let also = match what {
            1 => limits.at,
            3 => tree.at,
            _ => builder.at,
        };
        match builder.at {
            Some(at) if also.is_some() && self.live[at].used => assert!(
                matches!(status, STEPWELL_USED | STEPWELL_INVALID_ARGUMENT),
                "a builder again: {status:?}"
            ),
            Some(_) if also.is_some() => {
                // There is no stream with the number 3, and there may be a mount already.
                let is_fine = match what {
                    3 => matches!(status, STEPWELL_OK | STEPWELL_ERRNO),
                    4 => matches!(status, STEPWELL_OK | STEPWELL_INVALID_ARGUMENT),
                    _ => status == STEPWELL_OK,
                };
                assert!(is_fine, "a builder: {status:?}");
            }
            _ => assert!(is_refusal(status), "no builder: {status:?}"),
        }
    }

    fn use_process(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let handle = process.handle;
        let what = choices.below(8);
        let steps = choices.u64() % 20_000;
        let content = choices.bytes(16);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let (mut state, mut count) = (stepwell_state::STEPWELL_STATE_YIELDED, 0_u64);
        let interrupt = self.given(Noun::Interrupt, choices);
        // SAFETY: every handle is NULL or live, and everything else outlives the call.
        let status = fallible(|error| unsafe {
            match what {
                0 | 1 => stepwell_process_run(handle.cast(), steps, &raw mut state, error),
                2 => stepwell_process_feed_stdin(
                    handle.cast(),
                    content.as_ptr(),
                    content.len(),
                    error,
                ),
                3 => stepwell_process_drain_stdout(handle.cast(), to.cast(), error),
                4 => stepwell_process_close_stdin(handle.cast(), error),
                5 => stepwell_process_steps(handle.cast(), &raw mut count, error),
                6 => stepwell_process_freeze_at(
                    handle.cast(),
                    steps as u32 % 6,
                    null(),
                    steps,
                    error,
                ),
                _ => stepwell_interrupt_raise(interrupt.handle.cast(), error),
            }
        });
        let given = if what == 7 { interrupt } else { process };
        match given.at {
            None => assert!(is_refusal(status), "no process: {status:?}"),
            // A point that takes a name was given none.
            Some(_) if what == 6 => {}
            Some(_) => assert_eq!(status, STEPWELL_OK),
        }
        if !out.is_null() {
            take_bytes(out);
        }
    }

    fn free(&mut self, at: usize) {
        let Live { noun, handle, .. } = self.live.swap_remove(at);
        // SAFETY: the handle is live and of this noun, and is forgotten here.
        unsafe {
            match noun {
                Noun::Engine => stepwell_engine_free(handle.cast()),
                Noun::Module => stepwell_module_free(handle.cast()),
                Noun::Limits => stepwell_limits_free(handle.cast()),
                Noun::Tree => stepwell_tree_free(handle.cast()),
                Noun::Builder => stepwell_process_builder_free(handle.cast()),
                Noun::Process => stepwell_process_free(handle.cast()),
                Noun::Interrupt => stepwell_interrupt_free(handle.cast()),
                Noun::Image => stepwell_image_free(handle.cast()),
                Noun::Template => stepwell_template_free(handle.cast()),
            }
        }
    }
}

/// Makes a call, and checks that its error says what its status does.
fn fallible(call: impl FnOnce(*mut *mut stepwell_error) -> stepwell_status) -> stepwell_status {
    let mut error = null_mut();
    let status = call(&raw mut error);
    if status == STEPWELL_OK {
        assert!(error.is_null(), "a call that succeeds gives no error");
        return status;
    }
    assert_ne!(status, STEPWELL_PANIC);
    // SAFETY: a call that fails gives an error, which is freed once.
    unsafe {
        assert_eq!(stepwell_error_status(error), status);
        assert!(!CStr::from_ptr(stepwell_error_message(error)).to_bytes().is_empty());
        stepwell_error_free(error);
    }
    status
}

fn is_refusal(status: stepwell_status) -> bool {
    matches!(status, STEPWELL_NULL | STEPWELL_BAD_HANDLE | STEPWELL_INVALID_ARGUMENT)
}

/// Copies what a handle of bytes holds, and frees it.
fn take_bytes(handle: *mut ()) -> Vec<u8> {
    let bytes: *mut stepwell_bytes = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        let data =
            std::slice::from_raw_parts(stepwell_bytes_data(bytes), stepwell_bytes_len(bytes));
        let copy = data.to_vec();
        stepwell_bytes_free(bytes);
        copy
    }
}
