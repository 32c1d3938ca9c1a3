//! What `grade` shows and writes.

pub(crate) mod calibrate;
mod merge;
mod outputs;
mod progress;
mod table;

pub(crate) use self::merge::merge;
pub(crate) use self::outputs::{Outputs, check_outputs};
pub(crate) use self::progress::Progress;

use grade::Report;

use crate::error::{FAILED, FAULT};

/// The exit status that a report has.
pub(crate) fn status(report: &Report) -> u8 {
    match report {
        report if report.has_faults() => FAULT,
        report if report.is_accepted() => 0,
        _ => FAILED,
    }
}
