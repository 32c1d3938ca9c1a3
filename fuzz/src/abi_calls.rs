//! The C ABI: any calls with any handles, NULL and those of other nouns included, against a model of what is live.

mod answers;
mod builder;
mod image;
mod make;
mod process;
mod saved;
mod tree;

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::LazyLock;

use stepwell_c::stepwell_status::*;
use stepwell_c::*;

use crate::choices::Choices;
use crate::memory;

const CALLS_MAX: usize = 64;
const HANDLES_MAX: usize = 24;
const HOST_BYTES_MAX: usize = 96 << 20;
/// The guests of the ABI's own tests.
static GUESTS: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| {
    [
        include_str!("../../bindings/c/tests/guests/hello.wat"),
        include_str!("../../bindings/c/tests/guests/echo.wat"),
        include_str!("../../bindings/c/tests/guests/trap.wat"),
        include_str!("../../bindings/c/tests/guests/spin.wat"),
        include_str!("../../bindings/c/tests/guests/serve.wat"),
    ]
    .map(|text| wat::parse_str(text).expect("the guests are good"))
});
const NAMES: &[&CStr] = &[c"a", c"a/b", c"c", c"/", c"..", c"a/b/c", c"c/"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noun {
    Engine,
    Module,
    Limits,
    Tree,
    Bases,
    Builder,
    Process,
    Interrupt,
    Image,
    Template,
    Pool,
    Mounts,
}

/// A handle that was not freed, and what is known of it.
struct Live {
    noun: Noun,
    handle: *mut (),
    /// Whether a builder has made its process, or mounts were given to one.
    used: bool,
    /// The files that were written to a tree, by name. `None` if something else has changed it.
    files: Option<Files>,
}

type Files = BTreeMap<&'static CStr, Vec<u8>>;

/// What a call is given: a handle, and the place of the one that the model has.
#[derive(Clone, Copy)]
struct Given {
    handle: *mut (),
    /// `None` if it is NULL or of another noun.
    at: Option<usize>,
}

impl Given {
    fn is_right(self) -> bool {
        self.at.is_some()
    }
}

/// Makes a call, and checks that its error says what its status does. The arguments are NULL or live handles, and variables and
/// bytes that outlive the call.
macro_rules! call {
    ($name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: this macro's contract.
        $crate::abi_calls::fallible(|error| unsafe { stepwell_c::$name($($argument,)* error) })
    };
}
use call;

/// Any sequence of calls: one with a handle that is NULL, of another noun, or used up fails and changes nothing; a failure is one
/// that the header names, and has an error that says the same; a tree holds what was written to it; everything that was made
/// can be freed.
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
        let (right, wrong): (Vec<_>, Vec<_>) =
            self.live.iter().enumerate().partition(|(_, live)| live.noun == noun);
        if choices.once_in(12) || right.is_empty() {
            return Given { handle: null_mut(), at: None };
        }
        if choices.once_in(12) && !wrong.is_empty() {
            return Given { handle: wrong[choices.below(wrong.len())].1.handle, at: None };
        }
        let (at, live) = right[choices.below(right.len())];
        Given { handle: live.handle, at: Some(at) }
    }

    /// NULL, where that is fine, or as [`World::given`]: the handle, and whether it is a right one.
    fn optional(&self, noun: Noun, choices: &mut Choices<'_>) -> (*mut (), bool) {
        if choices.once_in(2) {
            return (null_mut(), true);
        }
        let given = self.given(noun, choices);
        (given.handle, given.is_right() || given.handle.is_null())
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        if self.live.len() >= HANDLES_MAX || choices.once_in(8) {
            if !self.live.is_empty() {
                self.free(choices.below(self.live.len()));
            }
            return;
        }
        match choices.below(9) {
            0 | 1 => self.make(choices),
            2 => self.use_tree(choices),
            3 => self.use_two_trees(choices),
            4 if choices.once_in(4) => self.use_mounts(choices),
            4 => self.use_builder(choices),
            5 | 6 => self.use_process(choices),
            7 => self.use_image(choices),
            _ => self.use_the_rest(choices),
        }
    }

    /// Notes that a call has taken the value of a handle away: whether another had before.
    fn use_up(&mut self, given: Given) -> bool {
        given.at.is_some_and(|at| std::mem::replace(&mut self.live[at].used, true))
    }

    /// Sees that no call has succeeded with a handle that was used up.
    fn refuses_if_used(&self, given: Given, status: stepwell_status) {
        let is_used = given.at.is_some_and(|at| self.live[at].used);
        assert!(!is_used || status != STEPWELL_OK, "used up, and used again");
    }

    fn add(&mut self, noun: Noun, handle: *mut ()) {
        assert!(!handle.is_null(), "a call that succeeds gives a handle");
        let files = (noun == Noun::Tree).then(BTreeMap::new);
        self.live.push(Live { noun, handle, used: false, files });
    }

    /// Keeps the handle that a call has given, or sees that one that failed has given none.
    fn keep(&mut self, noun: Noun, handle: *mut (), status: stepwell_status) {
        match status {
            STEPWELL_OK => self.add(noun, handle),
            _ => assert!(handle.is_null(), "a call that fails writes nothing"),
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
                Noun::Bases => stepwell_bases_free(handle.cast()),
                Noun::Builder => stepwell_process_builder_free(handle.cast()),
                Noun::Process => stepwell_process_free(handle.cast()),
                Noun::Interrupt => stepwell_interrupt_free(handle.cast()),
                Noun::Image => stepwell_image_free(handle.cast()),
                Noun::Template => stepwell_template_free(handle.cast()),
                Noun::Pool => stepwell_pool_free(handle.cast()),
                Noun::Mounts => stepwell_mounts_free(handle.cast()),
            }
        }
    }
}

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
        assert_eq!(stepwell_error_errno(error) != 0, has_errno(status, error));
        stepwell_error_free(error);
    }
    status
}

/// Whether a failure comes with the number of one: that of a file operation always, others may.
///
/// # Safety
/// The error is live.
unsafe fn has_errno(status: stepwell_status, error: *mut stepwell_error) -> bool {
    match status {
        STEPWELL_ERRNO => true,
        // SAFETY: this function's contract.
        STEPWELL_ARCHIVE | STEPWELL_FILES => unsafe { stepwell_error_errno(error) != 0 },
        _ => false,
    }
}

/// Checks how a call went whose handles are right, or not all of them: it succeeds or fails as its function says.
fn judge(what: &str, status: stepwell_status, is_right: bool, failures: &[stepwell_status]) {
    if is_right {
        assert!(status == STEPWELL_OK || failures.contains(&status), "{what}: {status:?}");
    } else {
        let is_refusal = matches!(status, STEPWELL_NULL | STEPWELL_BAD_HANDLE);
        let is_other = status != STEPWELL_OK && failures.contains(&status);
        assert!(is_refusal || is_other, "{what} with something else: {status:?}");
    }
}
