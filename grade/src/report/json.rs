//! `--json`: the whole report as one document.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Audience, Report};

/// A report with what identifies it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "A report of stepwell grade")]
pub struct Document<'a> {
    /// For whom it is. In a report for students, what could show the data of hidden cases is absent, steps and bytes
    /// included.
    pub audience: Audience,
    /// The SHA-256 of the report, in hexadecimal: the same for the same problem, submissions, version of Stepwell and audience.
    pub digest: String,
    /// The report.
    #[serde(flatten)]
    pub report: Cow<'a, Report>,
}

impl Report {
    /// Writes the report as a JSON document, after docs/schema/report.json.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, audience: Audience, mut out: impl Write) -> io::Result<()> {
        let document = Document { audience, digest: self.digest(), report: Cow::Borrowed(self) };
        serde_json::to_writer_pretty(&mut out, &document)?;
        out.write_all(b"\n")
    }
}
