//! What all handles have in common: their type, and who is inside.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::panicking;

use crate::status::STEPWELL_PANIC;
use crate::status::{Failure, Outcome, STEPWELL_BAD_HANDLE, STEPWELL_BUSY, STEPWELL_NULL};

/// A type of the header: what lies behind it, and how it is told from the others.
pub(crate) trait Noun {
    /// What a handle owns.
    type Value: Send;
    /// What every handle of this type starts with, and no other.
    const TAG: u32;
    /// The type's name in the header.
    const NAME: &'static str;
}

/// A noun that never changes, so that any number of threads may use one handle.
pub(crate) trait Shared: Noun<Value: Sync> {}

/// What a pointer of the header points to. The tag comes first in every one of them, so that it can be read before the type
/// is known.
#[repr(C)]
struct Handle<T> {
    tag: AtomicU32,
    state: AtomicU32,
    value: UnsafeCell<T>,
}

/// Nobody is inside.
const FREE: u32 = 0;
/// A thread is inside.
const BUSY: u32 = 1;
/// A thread is inside, and another has freed it: it is dropped when the first one leaves.
const DOOMED: u32 = 2;
/// A panic has come out of it.
const BROKEN: u32 = 3;
/// The tag of what has been freed.
const GONE: u32 = 0;

/// Hands a value to the caller.
pub(crate) fn give<N: Noun>(value: N::Value) -> *mut N {
    let handle = Handle {
        tag: AtomicU32::new(N::TAG),
        state: AtomicU32::new(FREE),
        value: UnsafeCell::new(value),
    };
    Box::into_raw(Box::new(handle)).cast()
}

/// Finds the handle behind a pointer.
///
/// # Safety
/// `pointer` is NULL or what [`give`] returned for any noun and was not freed.
unsafe fn find<N: Noun>(pointer: *const N) -> Outcome<NonNull<Handle<N::Value>>> {
    let Some(handle) = NonNull::new(pointer.cast_mut().cast::<Handle<N::Value>>()) else {
        return Err(Failure::about(STEPWELL_NULL, N::NAME, "is NULL"));
    };
    // SAFETY: by this function's contract there is a handle, and every handle starts with its tag.
    let tag = unsafe { handle.cast::<AtomicU32>().as_ref() };
    if tag.load(Ordering::Relaxed) != N::TAG {
        return Err(Failure::about(
            STEPWELL_BAD_HANDLE,
            N::NAME,
            "is another type than the handle's",
        ));
    }
    Ok(handle)
}

/// The value behind a handle of a noun that never changes.
///
/// # Safety
/// As for [`find`], and the handle is not freed while the reference is used.
pub(crate) unsafe fn shared<'a, N: Shared>(pointer: *const N) -> Outcome<&'a N::Value> {
    // SAFETY: this function's contract.
    let handle = unsafe { find(pointer) }?;
    // SAFETY: the tag says that the type is right, and nothing ever makes a mutable reference for a `Shared` noun.
    Ok(unsafe { &*handle.as_ref().value.get() })
}

/// The value behind a handle, for one thread alone.
///
/// # Safety
/// As for [`find`].
pub(crate) unsafe fn exclusive<N: Noun>(pointer: *const N) -> Outcome<Guard<N>> {
    // SAFETY: this function's contract.
    let handle = unsafe { find(pointer) }?;
    // SAFETY: there is a handle of this type.
    let state = unsafe { &handle.as_ref().state };
    match state.compare_exchange(FREE, BUSY, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Ok(Guard { handle, was_panicking: panicking() }),
        Err(BROKEN) => Err(Failure::about(STEPWELL_PANIC, N::NAME, "was left broken by a panic")),
        Err(_) => Err(Failure::about(STEPWELL_BUSY, N::NAME, "is in use")),
    }
}

/// Takes a handle back. NULL and what is of another type are left alone; one that a thread is inside is dropped when that
/// thread leaves.
///
/// # Safety
/// As for [`find`], and nobody uses the pointer again.
pub(crate) unsafe fn free<N: Noun>(pointer: *mut N) {
    // SAFETY: this function's contract.
    let Ok(handle) = (unsafe { find(pointer.cast_const()) }) else { return };
    // SAFETY: there is a handle of this type.
    let state = unsafe { &handle.as_ref().state };
    // From here on nobody comes in.
    match state.swap(DOOMED, Ordering::AcqRel) {
        // Whoever is inside drops it; freed twice meanwhile, it is dropped once.
        BUSY | DOOMED => {}
        // SAFETY: nobody is inside, and nobody comes in.
        _ => unsafe { drop_handle::<N>(handle) },
    }
}

/// Takes the value out of a handle, which is gone afterwards. A failure leaves it as it is.
///
/// # Safety
/// As for [`find`], and nobody uses the pointer again if it succeeds.
pub(crate) unsafe fn take<N: Noun>(pointer: *mut N) -> Outcome<N::Value> {
    // SAFETY: this function's contract.
    let guard = unsafe { exclusive(pointer.cast_const()) }?;
    let handle = guard.handle;
    // Nobody comes in any more, and nobody is to be let in.
    std::mem::forget(guard);
    // SAFETY: `give` made it from a box, and this thread alone is inside.
    let handle = unsafe { Box::from_raw(handle.as_ptr()) };
    handle.tag.store(GONE, Ordering::Relaxed);
    Ok(handle.value.into_inner())
}

/// # Safety
/// The handle is live and nobody is inside.
unsafe fn drop_handle<N: Noun>(handle: NonNull<Handle<N::Value>>) {
    // SAFETY: `give` made it from a box, and it is live.
    let handle = unsafe { Box::from_raw(handle.as_ptr()) };
    handle.tag.store(GONE, Ordering::Relaxed);
    // There is nobody to tell of a panic.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(handle)));
}

/// One thread's stay inside a handle.
pub(crate) struct Guard<N: Noun> {
    handle: NonNull<Handle<N::Value>>,
    /// Whether the thread was unwinding already when it came in: what it has thrown does not come out of here.
    was_panicking: bool,
}

impl<N: Noun> Deref for Guard<N> {
    type Target = N::Value;

    fn deref(&self) -> &N::Value {
        // SAFETY: the handle lives until the guard is dropped, and its state keeps others out.
        unsafe { &*self.handle.as_ref().value.get() }
    }
}

impl<N: Noun> DerefMut for Guard<N> {
    fn deref_mut(&mut self) -> &mut N::Value {
        // SAFETY: the handle lives until the guard is dropped, and its state keeps others out.
        unsafe { &mut *self.handle.as_ref().value.get() }
    }
}

impl<N: Noun> Drop for Guard<N> {
    fn drop(&mut self) {
        let next = if panicking() && !self.was_panicking { BROKEN } else { FREE };
        // SAFETY: the handle is live.
        let state = unsafe { &self.handle.as_ref().state };
        if state.compare_exchange(BUSY, next, Ordering::Release, Ordering::Acquire).is_err() {
            // SAFETY: another thread has freed it while this one was inside, and this one leaves now.
            unsafe { drop_handle::<N>(self.handle) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_handle_that_is_freed_twice_while_a_thread_is_inside_is_dropped_when_it_leaves() {
        let value = Arc::new(());
        let pointer = give::<Kept>(value.clone());
        // SAFETY: the handle is live until the guard is dropped.
        unsafe {
            let guard = exclusive::<Kept>(pointer).expect("nobody is inside");
            free(pointer);
            free(pointer);
            assert_eq!(Arc::strong_count(&value), 2, "it is still there");
            drop(guard);
        }
        assert_eq!(Arc::strong_count(&value), 1);
    }

    struct Kept;

    impl Noun for Kept {
        type Value = Arc<()>;
        const TAG: u32 = 1;
        const NAME: &'static str = "kept";
    }

    struct Other;

    impl Noun for Other {
        type Value = ();
        const TAG: u32 = 2;
        const NAME: &'static str = "other";
    }

    /// A status, as the caller gets it.
    fn status<T>(outcome: Outcome<T>) -> u32 {
        outcome.err().map_or(0, |failure| failure.status as u32)
    }

    #[test]
    fn a_handle_admits_one_thread_of_the_right_type() {
        let pointer: *mut Kept = give(Arc::default());
        // SAFETY: the handle is live until it is freed at the end.
        unsafe {
            let inside = exclusive(pointer).expect("nobody is inside");
            assert_eq!(status(exclusive(pointer)), STEPWELL_BUSY as u32);
            assert_eq!(status(exclusive(pointer.cast::<Other>())), STEPWELL_BAD_HANDLE as u32);
            assert_eq!(status(exclusive::<Kept>(std::ptr::null())), STEPWELL_NULL as u32);
            drop(inside);
            assert_eq!(status(exclusive(pointer)), 0);
            free(pointer.cast::<Other>());
            assert_eq!(status(exclusive(pointer)), 0);
            free(pointer);
        }
    }

    #[test]
    fn what_is_freed_while_a_thread_is_inside_goes_when_it_leaves() {
        let value = Arc::new(());
        let pointer: *mut Kept = give(Arc::clone(&value));
        // SAFETY: the handle is live until the guard is dropped.
        unsafe {
            let inside = exclusive(pointer).expect("nobody is inside");
            free(pointer);
            assert_eq!(Arc::strong_count(&value), 2);
            drop(inside);
        }
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_handle_that_is_used_while_its_thread_unwinds_is_not_broken() {
        struct Uses(*mut Kept);

        impl Drop for Uses {
            fn drop(&mut self) {
                // SAFETY: the handle is live until it is freed at the end.
                assert_eq!(status(unsafe { exclusive(self.0) }), 0);
            }
        }

        let pointer: *mut Kept = give(Arc::default());
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _uses = Uses(pointer);
            panic!("of the caller's");
        }));
        assert!(caught.is_err());
        // SAFETY: the handle is live until it is freed.
        unsafe {
            assert_eq!(status(exclusive(pointer)), 0);
            free(pointer);
        }
    }

    #[test]
    fn what_is_taken_out_of_a_handle_is_not_dropped_with_it() {
        let value = Arc::new(());
        let pointer: *mut Kept = give(Arc::clone(&value));
        // SAFETY: the handle is live until its value is taken.
        unsafe {
            let inside = exclusive(pointer).expect("nobody is inside");
            assert_eq!(status(take(pointer)), STEPWELL_BUSY as u32);
            drop(inside);
            let taken = take(pointer).expect("nobody is inside");
            assert_eq!(Arc::strong_count(&value), 2);
            drop(taken);
        }
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn what_a_panic_has_left_can_only_be_freed() {
        let value = Arc::new(());
        let pointer: *mut Kept = give(Arc::clone(&value));
        // SAFETY: the handle is live until it is freed at the end.
        unsafe {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let _inside = exclusive(pointer);
                panic!("a bug");
            }));
            assert!(caught.is_err());
            assert_eq!(status(exclusive(pointer)), STEPWELL_PANIC as u32);
            free(pointer);
        }
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
