//! Randomness enters here and nowhere else.

use alloc::boxed::Box;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `out`.
    fn fill(&mut self, out: &mut [u8]);

    /// A copy that gives the same bytes from now on, for a fork of the process.
    fn fork(&self) -> Box<dyn Entropy>;

    /// This source as the seeded one that it is, or does not differ from: what a saved process has as its entropy.
    /// `None` where the bytes come from elsewhere.
    fn as_seeded(&self) -> Option<&SeededEntropy> {
        None
    }
}

/// Bytes that follow from a number: the key stream of ChaCha8 whose key is the number in little-endian, padded with
/// zeros to 32 bytes, with a nonce of zero. The same on every host, now and later.
#[derive(Clone, Debug)]
pub struct SeededEntropy(ChaCha8Rng);

impl SeededEntropy {
    /// The stream of `seed`, from its start.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }

    fn fork(&self) -> Box<dyn Entropy> {
        Box::new(self.clone())
    }

    fn as_seeded(&self) -> Option<&SeededEntropy> {
        Some(self)
    }
}

/// How many words of 32 bits there are before the stream starts over.
const WORDS: u128 = 1 << 68;

/// The seed, and how many words of 32 bits have been taken; a call takes whole ones.
impl Serialize for SeededEntropy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let key = self.0.get_seed();
        let seed = key.as_chunks().0.first().map_or(0, |seed| u64::from_le_bytes(*seed));
        (seed, self.0.get_word_pos()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SeededEntropy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (seed, words) = <(u64, u128)>::deserialize(deserializer)?;
        if words >= WORDS {
            return Err(D::Error::custom("more was taken than there is"));
        }
        let mut entropy = Self::new(seed);
        entropy.0.set_word_pos(words);
        Ok(entropy)
    }
}
