//! Handles whose value is taken away by the call that it is for.

use std::ops::{Deref, DerefMut};

use crate::door::Door;
use crate::handle::{Guard, Noun};
use crate::status::{Failure, Outcome, STEPWELL_USED};

/// One thread's stay inside a handle whose value has not been taken.
pub(crate) struct Unused<N: Noun>(Guard<N>);

impl<T, N: Noun<Value = Option<T>>> Unused<N> {
    pub(crate) fn of(door: &Door, handle: *mut N) -> Outcome<Self> {
        let value = door.exclusive(handle)?;
        match value.is_some() {
            true => Ok(Self(value)),
            false => Err(Failure::about(STEPWELL_USED, N::NAME, "is used up")),
        }
    }

    /// Takes the value: the handle is used up.
    pub(crate) fn take(mut self) -> T {
        self.0.take().expect(LOOKED_AT)
    }
}

impl<T, N: Noun<Value = Option<T>>> Deref for Unused<N> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect(LOOKED_AT)
    }
}

impl<T, N: Noun<Value = Option<T>>> DerefMut for Unused<N> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect(LOOKED_AT)
    }
}

/// Why there is a value.
const LOOKED_AT: &str = "it was looked at when the stay began";
