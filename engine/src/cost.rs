//! What a syscall costs in steps, so that no sequence of guest operators makes the host work unmetered.
//!
//! A base for every call, a share for the bytes that it moves (paths, buffers, lists of buffers and subscriptions), and one
//! for the components of paths that it walks. It is charged when the call has finished. See docs/RATIONALE.md, "Exact steps by rewriting".

use alloc::format;
use alloc::string::String;

use sha2::{Digest as _, Sha256};
use syscalls::{Context, PREVIEW1, Syscall, UNSTABLE, WASMEDGE};

/// The version of the cost model. It goes up whenever the count of any run could change.
pub(crate) const MODEL_VERSION: u32 = 1;
/// Virtual time that a step takes.
pub(crate) const NANOSECONDS_PER_STEP: u64 = 1;
/// Bytes that an element of a table counts as.
pub(crate) const TABLE_ELEMENT_BYTES: u64 = 4;

/// Bytes that a bulk operator moves, clears or adds for one step more.
pub(crate) const COPIED_BYTES_PER_STEP: u32 = 64;
/// Steps of entering a function of the module, besides those of the call that did.
pub(crate) const ENTRY: u64 = 1;
/// Steps of a loop that has parameters, each time that control comes there.
pub(crate) const LOOP_WITH_PARAMS: u64 = 1;
/// Values that an operator may move or clear for its one step; each more of so many cost as many steps as they have
/// cache lines.
const VALUES_FREE: usize = 512;
const VALUES_STEPS: u64 = 64;

/// Steps, besides its own, of an operator that moves or clears many values: a call, a branch, a return.
pub(crate) fn moving(values: usize) -> u64 {
    (values / VALUES_FREE) as u64 * VALUES_STEPS
}

/// Steps of a `memory.grow` or `table.grow`, besides its own, that adds so many bytes.
pub(crate) fn growing(bytes: u64) -> u64 {
    BASE_STEPS + bytes / GROWN_BYTES_PER_STEP
}

/// Bytes that a growth adds for one step. The host has to find and clear them.
const GROWN_BYTES_PER_STEP: u64 = 8;
/// Steps that any call costs.
const BASE_STEPS: u64 = 64;
/// Steps that a call costs which takes a path, and those for each component that it walks, links followed.
const PATH_STEPS: u64 = 256;
const COMPONENT_STEPS: u64 = 16;
/// Bytes that are moved for one step.
const BYTES_PER_STEP: u64 = 8;
/// Bytes that an element of a list counts as: it is read, checked and looked up.
const ELEMENT_BYTES: u64 = 128;
/// An element of a list has at least so many bytes in the guest's memory.
const LISTED_BYTES: u64 = 8;
/// No syscall has more parameters that count.
const WEIGHTS_MAX: usize = 4;

/// How the arguments of one syscall make its cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    base: u64,
    weights: [Weight; WEIGHTS_MAX],
    /// Bytes of the process's arguments or environment, if those are what it asks for.
    strings: u64,
}

/// A parameter and what it says about the work.
#[derive(Clone, Copy, Debug)]
enum Weight {
    None,
    /// Its value is a number of bytes.
    Bytes(usize),
    /// Its value is a number of elements.
    Elements(usize),
    /// It points at the number of bytes that were moved.
    Moved(usize),
}

impl Meter {
    pub(crate) fn new(syscall: &Syscall) -> Self {
        let tells_moved = syscall.params.iter().any(|param| is_moved(param.name));
        let weights =
            syscall.params.iter().enumerate().filter_map(|(at, param)| match param.name {
                "path_len" | "old_path_len" | "new_path_len" => Some(Weight::Bytes(at)),
                "buf_len" if !tells_moved => Some(Weight::Bytes(at)),
                "iovs_len" | "ri_data_len" | "si_data_len" | "nsubscriptions" => {
                    Some(Weight::Elements(at))
                }
                name if is_moved(name) => Some(Weight::Moved(at)),
                _ => None,
            });
        let base = if syscall.name.starts_with("path_") { PATH_STEPS } else { BASE_STEPS };
        let mut meter = Self { base, weights: [Weight::None; WEIGHTS_MAX], strings: 0 };
        for (slot, weight) in meter.weights.iter_mut().zip(weights) {
            *slot = weight;
        }
        meter
    }

    /// The meter of a syscall for one process.
    pub(crate) fn of(syscall: &Syscall, context: &Context) -> Self {
        let strings = match syscall.name {
            "args_get" | "args_sizes_get" => context.args_bytes(),
            "environ_get" | "environ_sizes_get" => context.env_bytes(),
            _ => 0,
        };
        Self { strings, ..Self::new(syscall) }
    }

    /// The steps of a call with these arguments that has finished, successfully or not, and walked so many components.
    pub(crate) fn steps(&self, args: &[u64], memory: &[u8], succeeded: bool, walked: u64) -> u64 {
        // What lies outside memory is neither read nor written.
        let most = memory.len() as u64;
        let bytes = self.weights.iter().fold(self.strings, |sum, weight| {
            sum.saturating_add(match *weight {
                Weight::None => 0,
                Weight::Bytes(at) => args[at].min(most),
                Weight::Elements(at) => {
                    args[at].min(most / LISTED_BYTES).saturating_mul(ELEMENT_BYTES)
                }
                Weight::Moved(at) if succeeded => u32_at(memory, args[at]).into(),
                Weight::Moved(_) => 0,
            })
        });
        self.base + bytes / BYTES_PER_STEP + walked.saturating_mul(COMPONENT_STEPS)
    }
}

/// Whether a parameter of this name points at the number of bytes that a call has moved.
fn is_moved(name: &str) -> bool {
    matches!(name, "nread" | "nwritten" | "bufused" | "ro_datalen" | "so_datalen")
}

fn u32_at(memory: &[u8], address: u64) -> u32 {
    let start = usize::try_from(address).unwrap_or(usize::MAX);
    let bytes = memory.get(start..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// What distinguishes this model from any other.
pub(crate) fn model_hash() -> [u8; 32] {
    let hash = || Sha256::digest(describe()).into();
    #[cfg(feature = "std")]
    let hash = || {
        // It is asked for more than once at every start, and its text takes longer than reading a small program.
        static HASH: std::sync::OnceLock<[u8; 32]> = std::sync::OnceLock::new();
        *HASH.get_or_init(hash)
    };
    hash()
}

/// The model in full, as text that changes whenever any count might.
pub(crate) fn describe() -> String {
    let mut text = format!(
        "version {MODEL_VERSION}\n\
         operator 1, free: nop block loop end else\n\
         entry {ENTRY}, loop with parameters {LOOP_WITH_PARAMS}\n\
         values {VALUES_STEPS} for each {VALUES_FREE}\n\
         bulk 1 for each {COPIED_BYTES_PER_STEP} bytes, table elements of {TABLE_ELEMENT_BYTES} bytes\n\
         grow {BASE_STEPS} and 1 for each {GROWN_BYTES_PER_STEP} bytes\n\
         time {NANOSECONDS_PER_STEP} ns for each step\n\
         path {PATH_STEPS} and {COMPONENT_STEPS} for each component\n\
         syscall {BASE_STEPS} and 1 for each {BYTES_PER_STEP} bytes, list elements of {ELEMENT_BYTES} bytes\n\
         arguments, environment: their bytes, NULs and 4 for each pointer\n"
    );
    for syscall in PREVIEW1.iter().chain(UNSTABLE).chain(WASMEDGE) {
        let weights = Meter::new(syscall).weights;
        text.push_str(&format!("{} {weights:?}\n", syscall.name));
    }
    text
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn a_call_costs_what_it_moves() {
        let mut memory = [0; 16_384];
        memory[..4].copy_from_slice(&80_u32.to_le_bytes());
        let cases: &[(&str, &[u64], u64)] = &[
            ("sched_yield", &[], 64),
            ("random_get", &[0, 800], 64 + 100),
            ("fd_read", &[0, 0, 2, 0], 64 + 32 + 10),
            ("fd_readdir", &[3, 0, 4096, 0, 0], 64 + 10),
            ("path_open", &[3, 0, 0, 16, 0, 0, 0, 0, 0], 256 + 2 + 48),
            ("path_rename", &[3, 0, 16, 3, 0, 8], 256 + 3 + 48),
            ("poll_oneoff", &[0, 0, 1000, 0], 64 + 16_000),
            ("fd_write", &[1, 0, 0, u64::MAX], 64),
            ("fd_write", &[1, 0, 0xffff_ffff, 0], 64 + 32_768 + 10),
        ];
        for (name, args, steps) in cases {
            let syscall = syscalls::find("wasi_snapshot_preview1", name).unwrap();
            let walked = if name.starts_with("path_") { 3 } else { 0 };
            assert_eq!(Meter::new(syscall).steps(args, &memory, true, walked), *steps, "{name}");
        }
    }

    #[test]
    fn the_table_says_what_the_steps_of_a_call_grow_with() {
        for syscall in PREVIEW1.iter().chain(UNSTABLE).chain(WASMEDGE) {
            let weights = Meter::new(syscall).weights;
            let elements = weights.iter().find_map(|weight| match weight {
                Weight::Elements(at) if syscall.params[*at].name == "nsubscriptions" => {
                    Some("subscriptions")
                }
                Weight::Elements(_) => Some("buffers"),
                _ => None,
            });
            let walks = syscall.name.starts_with("path_");
            let moves = weights.iter().any(|weight| match weight {
                // The bytes of a path that is walked.
                Weight::Bytes(_) => !walks,
                Weight::Moved(_) => true,
                Weight::None | Weight::Elements(_) => false,
            });
            let strings = syscall.name.starts_with("args_") || syscall.name.starts_with("environ_");
            let words = [walks.then_some("path"), elements, (moves || strings).then_some("bytes")];
            let words: Vec<_> = words.into_iter().flatten().collect();
            assert_eq!(syscall.cost, words.join(", "), "{}", syscall.name);
        }
    }
}
