//! Randomness enters here and nowhere else.

use alloc::boxed::Box;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of random bytes.
pub trait Entropy: Send {
    /// Fills `out`.
    fn fill(&mut self, out: &mut [u8]);

    /// A copy that gives the same bytes from now on, for a fork of the process.
    fn fork(&self) -> Box<dyn Entropy>;
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
}
