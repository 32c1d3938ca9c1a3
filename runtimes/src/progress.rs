//! Telling the user how far an installation has come.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Hears how far an installation has come. Tasks come one after the other.
pub trait Progress {
    /// A task begins. `total` is in bytes; `None` if nobody knows.
    fn start(&mut self, label: &str, total: Option<u64>);

    /// The task has come this many bytes further; zero says that it is still alive.
    fn advance(&mut self, bytes: u64);

    /// The task has ended, well or not.
    fn finish(&mut self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn start(&mut self, _: &str, _: Option<u64>) {}

    fn advance(&mut self, _: u64) {}

    fn finish(&mut self) {}
}

/// A bar on standard error if that is a terminal, else one line for each task.
#[derive(Debug)]
pub struct Bar {
    terminal: bool,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar for this process's standard error.
    pub fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), bar: None }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn start(&mut self, label: &str, total: Option<u64>) {
        self.finish();
        if !self.terminal {
            // Nobody to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "{label} ...");
            return;
        }
        // The label last: it is what a narrow terminal may cut.
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), "{bar:24} {bytes}/{total_bytes} {wide_msg}"),
            None => (ProgressBar::new_spinner(), "{spinner} {elapsed} {wide_msg}"),
        };
        let style = ProgressStyle::with_template(template);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(label.to_string());
        bar.enable_steady_tick(TICK);
        self.bar = Some(bar);
    }

    fn advance(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

const TICK: Duration = Duration::from_millis(100);
