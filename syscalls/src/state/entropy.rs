//! Seeded entropy as plain data.

use serde::{Deserialize, Serialize};
use vfs::LoadError;

use super::check;
use crate::SeededEntropy;

#[derive(Serialize, Deserialize)]
pub(super) struct EntropyState {
    seed: u64,
    /// How many words of 32 bits have been taken from the stream.
    words: u128,
}

/// How many words there are before the stream starts over.
const WORDS: u128 = 1 << 68;

impl EntropyState {
    pub(super) fn of(entropy: &SeededEntropy) -> Self {
        Self { seed: entropy.seed(), words: entropy.words() }
    }

    /// The stream, as far as it was.
    ///
    /// # Errors
    /// [`LoadError::Inconsistent`].
    pub(super) fn entropy(self) -> Result<SeededEntropy, LoadError> {
        check(self.words < WORDS, "more entropy was taken than there is")?;
        Ok(SeededEntropy::at(self.seed, self.words))
    }
}
