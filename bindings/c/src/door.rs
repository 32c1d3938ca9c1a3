//! The one way in: pointers become references here, and neither a failure nor a panic gets out as anything but a status.

use std::ffi::{CStr, c_char};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use crate::error::stepwell_error;
use crate::handle::{self, Guard, Noun, Shared};
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, STEPWELL_INVALID_UTF8};
use crate::status::{STEPWELL_NULL, STEPWELL_OK, STEPWELL_PANIC, stepwell_status};

/// One call from outside, whose caller has promised to keep the rules of the header.
///
/// That promise is what lets its methods be safe: each pointer that they are given is one that the function got from its
/// caller, in the place where the header has such a pointer.
pub(crate) struct Door {
    error: *mut *mut stepwell_error,
}

impl Door {
    /// # Safety
    /// The door's methods are given nothing but pointers of one call, whose caller keeps the rules at the top of the header:
    /// each is NULL, or live and of its type for the whole call, and buffers do not overlap what is written.
    pub(crate) unsafe fn new(error: *mut *mut stepwell_error) -> Self {
        Self { error }
    }

    /// Does the work of the call, and says how it went.
    pub(crate) fn pass(self, work: impl FnOnce(&Self) -> Outcome) -> stepwell_status {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&self)));
        if let Ok(Ok(())) = outcome {
            return STEPWELL_OK;
        }
        // To put a failure into words, and to drop what was thrown, may fail in its turn.
        let told = catch_unwind(AssertUnwindSafe(|| self.tell(outcome)));
        told.unwrap_or_else(|thrown| {
            forget(thrown);
            STEPWELL_PANIC
        })
    }

    /// Gives the caller an error, if one is wanted, and the status.
    fn tell(&self, outcome: std::thread::Result<Outcome>) -> stepwell_status {
        let failure = match outcome {
            Ok(Ok(())) => return STEPWELL_OK,
            Ok(Err(failure)) => failure,
            Err(thrown) => {
                let text = thrown.downcast_ref::<&str>().map(ToString::to_string);
                let text = text.or_else(|| thrown.downcast_ref::<String>().cloned());
                // Its destructor is not this library's.
                forget(thrown);
                Failure::new(STEPWELL_PANIC, text.unwrap_or_default())
            }
        };
        let status = failure.status;
        if let Some(error) = NonNull::new(self.error) {
            // SAFETY: the promise of `Door::new`: it is not NULL, so it is the caller's variable.
            unsafe { error.write(stepwell_error::give(&failure)) };
        }
        status
    }

    /// The value of a handle that never changes.
    pub(crate) fn shared<N: Shared>(&self, handle: *const N) -> Outcome<&N::Value> {
        // SAFETY: the promise of `Door::new`, for as long as the call.
        unsafe { handle::shared(handle) }
    }

    /// The value of a handle, for this call alone.
    pub(crate) fn exclusive<N: Noun>(&self, handle: *const N) -> Outcome<Guard<N>> {
        // SAFETY: the promise of `Door::new`.
        unsafe { handle::exclusive(handle) }
    }

    /// The value of a handle that is gone afterwards, unless this fails.
    pub(crate) fn take<N: Noun>(&self, handle: *mut N) -> Outcome<N::Value> {
        // SAFETY: the promise of `Door::new`, and by the header the handle was this call's.
        unsafe { handle::take(handle) }
    }

    /// The variable that an answer goes to. Ask for it before anything is done.
    pub(crate) fn output<T>(&self, out: *mut T) -> Outcome<Output<T>> {
        match NonNull::new(out) {
            Some(out) if out.is_aligned() => Ok(Output(out)),
            Some(_) => {
                Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the output", "is not aligned"))
            }
            None => Err(Failure::about(STEPWELL_NULL, "the output", "is NULL")),
        }
    }

    /// Bytes of the caller's, for the call. NULL with length 0 is empty.
    pub(crate) fn slice(&self, data: *const u8, len: usize) -> Outcome<&[u8]> {
        if len == 0 {
            return Ok(&[]);
        }
        if data.is_null() {
            return Err(Failure::about(STEPWELL_NULL, "the data", "is NULL"));
        }
        if isize::try_from(len).is_err() {
            return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the length", "is too large"));
        }
        // SAFETY: the promise of `Door::new`: it is not NULL, so it is valid for `len` bytes during the call.
        Ok(unsafe { std::slice::from_raw_parts(data, len) })
    }

    /// A buffer of the caller's to write to.
    #[expect(clippy::mut_from_ref, reason = "the buffer is the caller's")]
    pub(crate) fn buffer(&self, data: *mut u8, len: usize) -> Outcome<&mut [u8]> {
        self.slice(data.cast_const(), len)?;
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: as for `slice`, and nothing else refers to it during the call.
        Ok(unsafe { std::slice::from_raw_parts_mut(data, len) })
    }

    /// A text that ends in NUL, as bytes without it.
    pub(crate) fn bytes(&self, text: *const c_char, name: &'static str) -> Outcome<&[u8]> {
        if text.is_null() {
            return Err(Failure::about(STEPWELL_NULL, name, "is NULL"));
        }
        // SAFETY: the promise of `Door::new`: it is not NULL, so it ends in NUL and does not change during the call.
        Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
    }

    /// A text in UTF-8 that ends in NUL.
    pub(crate) fn text(&self, text: *const c_char, name: &'static str) -> Outcome<&str> {
        std::str::from_utf8(self.bytes(text, name)?)
            .map_err(|_| Failure::about(STEPWELL_INVALID_UTF8, name, "is not UTF-8"))
    }
}

/// A variable of the caller's that is good to be written to.
pub(crate) struct Output<T>(NonNull<T>);

impl<T> Output<T> {
    /// Writes the answer.
    #[expect(clippy::unnecessary_wraps, reason = "it is what calls end with")]
    pub(crate) fn write(self, value: T) -> Outcome {
        // SAFETY: `Door::output` has checked it, and the promise of `Door::new` holds for the rest of the call.
        unsafe { self.0.write(value) };
        Ok(())
    }
}

impl<N: Noun> Output<*mut N> {
    /// Hands a new handle to the caller.
    pub(crate) fn give(self, value: N::Value) -> Outcome {
        self.write(handle::give(value))
    }
}

/// The value of a handle that never changes, for functions that answer NULL with nothing.
///
/// # Safety
/// As for [`handle::shared`].
pub(crate) unsafe fn peek<'a, N: Shared>(handle: *const N) -> Option<&'a N::Value> {
    // SAFETY: this function's contract.
    unsafe { handle::shared(handle) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{stepwell_error_free, stepwell_error_message};

    #[test]
    fn panics_stop_here() {
        let mut error = std::ptr::null_mut();
        // SAFETY: the variable is live.
        let door = unsafe { Door::new(&raw mut error) };
        let status = door.pass(|_| panic!("no {}", "way"));
        assert_eq!(status, STEPWELL_PANIC);
        // SAFETY: a failure has written an error, which is freed once.
        unsafe {
            let message = CStr::from_ptr(stepwell_error_message(error));
            assert_eq!(message.to_str(), Ok("no way"));
            stepwell_error_free(error);
        }
    }

    #[test]
    fn what_is_thrown_may_throw_when_it_is_dropped() {
        struct Bomb;

        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("it went off");
            }
        }

        let mut error = std::ptr::null_mut();
        // SAFETY: the variable is live.
        let door = unsafe { Door::new(&raw mut error) };
        assert_eq!(door.pass(|_| std::panic::panic_any(Bomb)), STEPWELL_PANIC);
        // SAFETY: a failure has written an error, which is freed once.
        unsafe {
            assert_eq!(CStr::from_ptr(stepwell_error_message(error)), c"");
            stepwell_error_free(error);
        }
    }

    #[test]
    fn sizes_that_no_buffer_has_are_refused() {
        // SAFETY: what the door is given is refused before it is looked at.
        let door = unsafe { Door::new(std::ptr::null_mut()) };
        let byte = 0_u8;
        let cases = [
            (std::ptr::null(), 0, None),
            (std::ptr::null(), 1, Some(STEPWELL_NULL)),
            (&raw const byte, usize::MAX, Some(STEPWELL_INVALID_ARGUMENT)),
        ];
        for (data, len, expected) in cases {
            assert_eq!(
                door.slice(data, len).err().map(|failure| failure.status),
                expected,
                "{len}"
            );
        }
    }
}
