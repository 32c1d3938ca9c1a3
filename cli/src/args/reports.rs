//! Where reports of `grade` go, and for whom they are.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use grade::Audience;

/// Where reports go, and for whom they are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct ReportOptions {
    /// Write the report as a JSON document, after docs/schema/report.json
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write each result as a line of JSON, after docs/schema/results.json: what `grade merge` joins
    #[arg(long, value_name = "FILE")]
    pub(crate) jsonl: Option<PathBuf>,

    /// Write JUnit XML, which build servers show
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,

    /// Write Gradescope's results.json, of one submission
    #[arg(long, value_name = "FILE")]
    pub(crate) gradescope: Option<PathBuf>,

    /// Write a row of comma-separated values for each case
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,

    /// Write one HTML file, with the differences side by side
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Whom all of these, and what is printed, are for. Students see of hidden cases the verdict and the score, and nothing that
    /// could hold their data
    #[arg(long, value_enum, default_value_t = AudienceChoice::Staff)]
    pub(crate) audience: AudienceChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AudienceChoice {
    Staff,
    Student,
}

impl From<AudienceChoice> for Audience {
    fn from(choice: AudienceChoice) -> Self {
        match choice {
            AudienceChoice::Staff => Self::Staff,
            AudienceChoice::Student => Self::Student,
        }
    }
}
