//! A bar that shows how far it is.

use std::sync::OnceLock;

use grade::{Origin, Verdict};
use indicatif::{ProgressBar, ProgressStyle};

use crate::console;

const TEMPLATE: &str = "{bar:30} {pos}/{len} cases, {per_sec}, {eta} left{msg}";

/// How far it is, on standard error, if that is a terminal.
#[derive(Default)]
pub(crate) struct Progress {
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// One line for the user, above the bar.
    pub(crate) fn say(&self, message: &str) {
        match self.bar.get() {
            Some(bar) => bar.suspend(|| console::say(message)),
            None => console::say(message),
        }
    }

    /// So many cases are to be graded.
    pub(crate) fn planned(&self, cases: usize) {
        // A bar draws nothing where standard error is no terminal.
        let bar = self.bar.get_or_init(|| ProgressBar::new(0));
        bar.set_length(cases as u64);
        bar.set_style(ProgressStyle::with_template(TEMPLATE).expect("the template is right"));
    }

    /// One of them has been.
    pub(crate) fn finished(&self, verdict: Verdict, origin: Origin) {
        let Some(bar) = self.bar.get() else { return };
        bar.inc(1);
        if verdict.is_fault() {
            bar.set_message(", with faults");
        } else if origin != Origin::Run && bar.message().is_empty() {
            bar.set_message(", some known");
        }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
