//! What a package cannot say: `stepwell.toml` beside `problem.yaml`; and where judges keep time limits.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Error;
use crate::manifest::{At, Document, LimitTable, text_of};

const FILE: &str = "stepwell.toml";

/// What a package cannot say.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stepwell.toml")]
pub(crate) struct Tuning {
    /// Steps that a second of the package's time limit is taken for [default: 2 000 000 000].
    pub(crate) steps_per_second: Option<u64>,
    /// Limits in place of the package's.
    #[serde(default)]
    pub(crate) limits: LimitTable,
    /// The seed of the random numbers.
    #[serde(default)]
    pub(crate) seed: u64,
}

/// Reads the file, if it is there.
pub(super) fn read(folder: &Path) -> Result<Tuning, Error> {
    let path = folder.join(FILE);
    if !path.is_file() {
        return Ok(Tuning::default());
    }
    let text = text_of(&path)?;
    let document = Document { path: &path, text: &text };
    let tuning: Tuning = toml::from_str(&text).map_err(|error| document.refused(&error))?;
    if tuning.steps_per_second == Some(0) {
        let place = [At::Key("steps_per_second")];
        return Err(document.wrong(&place, "it is above 0: else nothing can run"));
    }
    tuning.limits.check(&document)?;
    Ok(tuning)
}

/// The time limit in seconds that a judge has put beside the package: Kattis in `.timelimit`, DOMjudge in
/// `domjudge-problem.ini`.
pub(super) fn time_limit(folder: &Path) -> Result<Option<f64>, Error> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let kattis = read(".timelimit").map(|text| (".timelimit", text));
    let ini = || {
        let text = read("domjudge-problem.ini")?;
        let mut pairs = text.lines().filter_map(|line| line.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim() == "timelimit")?;
        Some(("domjudge-problem.ini", value.trim().trim_matches(['\'', '"']).to_owned()))
    };
    let Some((name, text)) = kattis.or_else(ini) else { return Ok(None) };
    let seconds = text.trim().parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let wrong = || Error::Problem(format!("{}: no time in seconds", folder.join(name).display()));
    seconds.ok_or_else(wrong).map(Some)
}
