//! What decides a result, as one hash: what has the same key has the same result.

use engine::{Engine, Module};
use runtimes::Catalog;
use serde::Serialize;

use crate::check::Checker;
use crate::problem::{Case, GuestFile, Limits, Mode, Problem};

/// The version of the results that are kept: it goes up when the same inputs give another record.
const FORMAT: u32 = 2;

/// Everything that decides what a submission gets for a case.
#[derive(Serialize)]
struct Decisive<'a> {
    format: u32,
    host: &'a str,
    runtime: &'a str,
    submission: &'a [GuestFile],
    mode: &'a Mode,
    limits: &'a Limits,
    args: &'a [String],
    env: &'a [(String, String)],
    seed: u64,
    files: &'a [GuestFile],
    checker: &'a Checker,
    case: &'a Case,
    judges: &'a [String],
}

/// What is the same for all cases of a submission.
pub(crate) struct Keys<'a> {
    problem: &'a Problem,
    submission: &'a [GuestFile],
    host: String,
    runtime: String,
    judges: Vec<String>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(
        problem: &'a Problem,
        submission: &'a [GuestFile],
        runtime: &str,
        judges: Vec<String>,
    ) -> Self {
        Self { problem, submission, host: host(), runtime: runtime_identity(runtime), judges }
    }

    /// The key of a case.
    pub(crate) fn of(&self, case: &Case) -> String {
        let Problem { mode, limits, args, env, seed, files, .. } = self.problem;
        let decisive = Decisive {
            format: FORMAT,
            host: &self.host,
            runtime: &self.runtime,
            submission: self.submission,
            mode,
            limits,
            args,
            env,
            seed: *seed,
            files,
            checker: self.problem.checker_of(case),
            case,
            judges: &self.judges,
        };
        let json = serde_json::to_vec(&decisive).expect("plain data is JSON");
        runtimes::sha256(&json)
    }

    /// The key of how the submission is compiled.
    pub(crate) fn of_compilation(&self) -> String {
        let Limits { compile_steps_max, compile_memory_bytes_max, .. } = self.problem.limits;
        let decisive = (
            (FORMAT, "compilation", &self.host, &self.runtime),
            (self.submission, compile_steps_max, compile_memory_bytes_max),
        );
        let json = serde_json::to_vec(&decisive).expect("plain data is JSON");
        runtimes::sha256(&json)
    }
}

/// The engine: its version, how it prepares modules, its model of costs, and its own limits.
fn host() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{version} {} {} {:?}", Module::preparation(), Engine::cost_model(), Engine::default())
}

/// A runtime with everything that it is made of: the catalogue has the hash of each file.
pub(crate) fn runtime_identity(reference: &str) -> String {
    let Ok(selection) = Catalog::builtin().resolve(reference) else { return reference.into() };
    let runtime = selection.runtime;
    let own = runtime.support.iter().filter_map(|support| support.text());
    let warm = runtime.languages.iter().filter_map(|language| language.warm.as_ref()?.text());
    let texts: Vec<&str> = own.chain(warm).collect();
    runtimes::sha256(format!("{runtime:?} {texts:?}").as_bytes())
}
