//! In which pieces a process gets its steps and its standard input. Nothing of a run may depend on it.

use engine::{Process, State};

/// In which pieces a process gets its steps and its standard input.
pub trait Schedule {
    /// Steps of the next slice.
    fn steps(&mut self) -> u64;

    /// How many of the `left` bytes of standard input are fed before the next slice, 0 included.
    fn feed(&mut self, left: usize) -> usize;

    /// Lets the process have a slice.
    fn turn(&mut self, process: &mut Process, steps: u64) -> State {
        process.run(steps)
    }
}

/// Large slices, and all input at the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whole;

impl Schedule for Whole {
    fn steps(&mut self) -> u64 {
        100_000_000
    }

    fn feed(&mut self, left: usize) -> usize {
        left
    }
}
