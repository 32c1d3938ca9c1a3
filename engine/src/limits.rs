//! Every maximum of a process, and the interpreter's questions about memory.

use core::fmt;

use wasmi::ResourceLimiter;
use wasmi::errors::{MemoryError, TableError};
use wasmi_core::LimiterError;

use crate::growth::MEMORY_BYTES_END;

/// The most that one process may use. Every field is a maximum; the unit closes the name.
///
/// Files are limited by the [`Quota`](vfs::Quota) of their trees, call depth and stack by the [`Engine`](crate::Engine).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps in all. At the first operators that do not fit, the run is over: [`Limit::Steps`]. One last syscall may have
    /// cost more than there was left. Default: no limit.
    pub steps_max: u64,
    /// Bytes of all linear memories together; a single one has less than 4 GiB on every host. Growing beyond it fails as the specification has it: `memory.grow` gives -1, and the
    /// guest decides. A module that starts with more is [`Limit::Memory`]. Default: 2 GiB.
    pub memory_bytes_max: usize,
    /// Elements of all tables together; `table.grow` beyond it gives -1. Default: 10 million.
    pub table_elements_max: usize,
    /// Bytes that the guest may write to standard output, and to standard error: the first byte more is
    /// [`Limit::Output`], and so many are kept. Default: no limit.
    pub output_bytes_max: u64,
    /// Bytes of each output that may lie undrained; a guest that writes on is blocked. Default: 64 KiB.
    pub output_queue_bytes_max: usize,
    /// Open descriptors, standard streams and preopens included; one more is `EMFILE`. Default: 1024.
    pub fds_max: u32,
    /// Bytes of arguments and environment together, with a NUL behind each. A process with more is not made:
    /// [`Error::TooManyArguments`](crate::Error::TooManyArguments). Default: 2 MiB, what Linux allows.
    pub args_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps_max: u64::MAX,
            memory_bytes_max: 2 << 30,
            table_elements_max: 10_000_000,
            output_bytes_max: u64::MAX,
            output_queue_bytes_max: 64 << 10,
            fds_max: 1024,
            args_bytes_max: 2 << 20,
        }
    }
}

/// Which maximum ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::steps_max`].
    Steps,
    /// [`Limits::memory_bytes_max`], by what the module starts with.
    Memory,
    /// [`Limits::table_elements_max`], by what the module starts with.
    Table,
    /// [`Limits::output_bytes_max`].
    Output,
    /// The host itself had no more memory to give, within the process's limits. Not the guest's doing.
    HostMemory,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "the limit of steps",
            Self::Memory => "the limit of linear memory",
            Self::Table => "the limit of table elements",
            Self::Output => "the limit of output bytes",
            Self::HostMemory => "the host's memory",
        })
    }
}

/// Answers the interpreter's questions about growth.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    memory_bytes: Total,
    table_elements: Total,
    /// Bytes of memories of the engine's own.
    own_bytes: usize,
    /// Elements of tables of the engine's own.
    own_elements: usize,
    /// What stood in the way when something could not be made at all.
    pub(crate) refused: Option<Limit>,
}

/// What all memories, or all tables, have together.
#[derive(Clone, Debug)]
struct Total {
    used: usize,
    max: usize,
    /// The last growth that was granted, which the interpreter may report as failed.
    granted: usize,
}

impl Total {
    fn new(max: usize) -> Self {
        Self { used: 0, max, granted: 0 }
    }

    /// Grants `wanted` more, if they fit.
    fn grant(&mut self, wanted: usize) -> bool {
        let fits = wanted <= self.max.saturating_sub(self.used);
        self.granted = if fits { wanted } else { 0 };
        self.used += self.granted;
        fits
    }

    /// Takes the last grant back.
    fn failed(&mut self) {
        self.used -= core::mem::take(&mut self.granted);
    }
}

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: Total::new(limits.memory_bytes_max),
            table_elements: Total::new(limits.table_elements_max),
            own_bytes: 0,
            own_elements: 0,
            refused: None,
        }
    }

    /// Allows for a table of the engine's own, which must not count against the guest's.
    pub(crate) fn allow_table_elements(&mut self, elements: usize) {
        self.own_elements = self.own_elements.saturating_add(elements);
        self.table_elements.max = self.table_elements.max.saturating_add(elements);
    }

    /// Allows for bytes of a memory of the engine's own, which must not count against the guest's.
    pub(crate) fn allow_memory_bytes(&mut self, bytes: usize) {
        self.own_bytes = self.own_bytes.saturating_add(bytes);
        self.memory_bytes.max = self.memory_bytes.max.saturating_add(bytes);
    }

    /// The same memories and tables under other limits, if they fit.
    pub(crate) fn under(&self, limits: &Limits) -> Option<Self> {
        let mut growth = Self::new(limits);
        growth.allow_memory_bytes(self.own_bytes);
        growth.allow_table_elements(self.own_elements);
        let fits = growth.memory_bytes.grant(self.memory_bytes.used)
            && growth.table_elements.grant(self.table_elements.used);
        fits.then_some(growth)
    }

    /// Whether a memory or a table has grown since.
    pub(crate) fn has_grown_since(&self, before: &Self) -> bool {
        self.memory_bytes.used != before.memory_bytes.used
            || self.table_elements.used != before.table_elements.used
    }

    /// Bytes of all memories of the guest together.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.used.saturating_sub(self.own_bytes) as u64
    }

    /// What the host lacks must not look like an answer to the guest: it would depend on the host. The run ends.
    fn host_failed(&mut self, is_host: bool) -> Result<(), LimiterError> {
        if is_host {
            self.refused = Some(Limit::HostMemory);
            return Err(LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(())
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        // A declared maximum of 65 536 pages reads as 0 where a `usize` has 32 bits.
        if maximum.is_some_and(|maximum| maximum != 0 && desired > maximum) {
            return Ok(false);
        }
        // A host with 32 bits has no larger memory, and what the guest gets must not depend on the host.
        let fits = (desired as u64) < MEMORY_BYTES_END;
        let granted = fits && self.memory_bytes.grant(desired - current);
        if !granted {
            self.refused = Some(Limit::Memory);
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let granted = self.table_elements.grant(desired - current);
        if !granted {
            self.refused = Some(Limit::Table);
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        self.memory_bytes.failed();
        self.host_failed(matches!(error, MemoryError::OutOfSystemMemory))
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        self.table_elements.failed();
        self.host_failed(matches!(error, TableError::OutOfSystemMemory))
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1_000
    }

    fn memories(&self) -> usize {
        100
    }
}
