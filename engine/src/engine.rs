//! The settings that modules are compiled with.

use alloc::string::String;

use wasmi::{CompilationMode, Config, CustomFuelCosts};

use crate::{cost, free_operators};

/// The settings that modules are compiled with. Cheap to copy; each [`Module`](crate::Module) owns its compiled code, so
/// dropping the module frees it.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    pub(crate) call_depth_max: usize,
    pub(crate) stack_bytes_max: usize,
}

impl Default for Engine {
    /// 100 000 frames and 64 MiB of operands and locals: what CPython's deepest recursion needs, several times over.
    fn default() -> Self {
        Self { call_depth_max: 100_000, stack_bytes_max: 64 << 20 }
    }
}

impl Engine {
    /// Frames that may be active at once; one more traps with a stack overflow.
    #[must_use]
    pub fn call_depth_max(self, frames: usize) -> Self {
        Self { call_depth_max: frames, ..self }
    }

    /// Bytes that the locals and operands of all active frames may take; beyond it a call traps with a stack overflow.
    #[must_use]
    pub fn stack_bytes_max(self, bytes: usize) -> Self {
        Self { stack_bytes_max: bytes.max(STACK_BYTES_MIN), ..self }
    }

    /// The SHA-256 of the cost model, in hexadecimal, as receipts have it: engines with another one count other steps.
    #[must_use]
    pub fn cost_model() -> String {
        crate::json::hex(&cost::model_hash())
    }

    /// The interpreter's own engine for one module.
    pub(crate) fn interpreter(self) -> wasmi::Engine {
        let mut config = Config::default();
        config
            .operator_cost(free_operators::prices())
            .compilation_mode(CompilationMode::Lazy)
            .consume_fuel(true)
            // Translating a function on its first call must not cost the guest anything, or a run's count would depend
            // on what ran before it.
            .fuel_cost(CustomFuelCosts {
                bytes_copied_per_fuel: cost::COPIED_BYTES_PER_STEP,
                fuel_per_bytes_translated: 0,
                fuel_per_bytes_validated: 0,
            })
            .ignore_custom_sections(true)
            .wasm_relaxed_simd(false)
            .allow_start_fn(false)
            .set_max_recursion_depth(self.call_depth_max)
            .set_max_stack_height(self.stack_bytes_max);
        wasmi::Engine::new(&config)
    }
}

/// The interpreter refuses a maximum below the size that a stack starts with.
const STACK_BYTES_MIN: usize = 64 << 10;
