//! What the tests that cross the packages share: guests compiled by Stepwell's own C compiler, every kind of file
//! system to run them over, and a run from start to end.

mod compile;
mod place;
mod run;

pub use self::compile::compile;
pub use self::place::{Entry, Mode, Place};
pub use self::run::{Ran, Run};
