//! What decides a result, as one hash: what has the same key has the same result.

use engine::{Engine, Module};
use runtimes::Catalog;
use serde::Serialize;

use crate::check::Checker;
use crate::guest::function;
use crate::problem::{Case, GuestFile, Limits, Mode, Problem};
use crate::programs::common_args;

/// The version of the results that are kept: it goes up when the same inputs give another record.
const FORMAT: u32 = 6;

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
    /// Whether programs go on from where they were started before: an interpreter's receipt then names its image.
    opens: bool,
    /// What calls the function, if one is called.
    driver: Option<String>,
}

/// What is the same for all cases of a submission.
pub(crate) struct Keys<'a> {
    problem: &'a Problem,
    submission: &'a [GuestFile],
    host: String,
    runtime: String,
    judges: Vec<String>,
    opens: bool,
    driver: Option<String>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(
        problem: &'a Problem,
        submission: &'a [GuestFile],
        runtime: &str,
        judges: Vec<String>,
    ) -> Self {
        let opens = common_args(problem).is_some();
        let driver = match problem.mode {
            Mode::Function(_) => function::driver(runtime),
            _ => None,
        };
        let driver = driver.map(|(_, text)| runtimes::sha256(text.as_bytes()));
        let (host, runtime) = (host(), runtime_identity(runtime));
        Self { problem, submission, host, runtime, judges, opens, driver }
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
            opens: self.opens,
            driver: self.driver.clone(),
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

/// The key of how a program of the jury's is compiled, which has no limits of the problem's.
pub(crate) fn of_judge(files: &[GuestFile], runtime: &str) -> String {
    let decisive = ((FORMAT, "judge", host(), runtime_identity(runtime)), files);
    let json = serde_json::to_vec(&decisive).expect("plain data is JSON");
    runtimes::sha256(&json)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the first case of a problem.toml for some runtimes.
    fn keys(problem: &str, runtimes: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("problem.toml"), problem).expect("a file");
        let problem = Problem::read(folder.path()).expect("a problem");
        let key = |runtime: &&str| Keys::new(&problem, &[], runtime, Vec::new());
        runtimes.iter().map(|runtime| key(runtime).of(&problem.cases[0])).collect()
    }

    #[test]
    fn how_programs_are_started_is_in_the_key() {
        let one = "[[case]]\nanswer = \"\"\n";
        let runtimes = ["quickjs"];
        let same = keys(&format!("{one}[[case]]\nanswer = \"x\"\n"), &runtimes);
        let other = keys(&format!("{one}[[case]]\nargs = [\"x\"]\nanswer = \"x\"\n"), &runtimes);
        assert_eq!(keys(one, &runtimes), same);
        assert_ne!(same, other);
    }

    #[test]
    fn the_driver_of_a_function_is_in_the_key() {
        let text = "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 1\n";
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("problem.toml"), text).expect("a file");
        let problem = Problem::read(folder.path()).expect("a problem");
        let keys = Keys::new(&problem, &[], "quickjs@0", Vec::new());
        let of = |driver: Option<&str>| {
            let driver = driver.map(str::to_owned);
            let (host, runtime) = (keys.host.clone(), keys.runtime.clone());
            let judges = Vec::new();
            Keys { problem: &problem, submission: &[], host, runtime, judges, driver, ..keys }
                .of(&problem.cases[0])
        };
        let own = keys.driver.clone().expect("a driver");
        assert_eq!(of(Some(&own)), keys.of(&problem.cases[0]));
        assert_ne!(of(Some("0")), of(Some(&own)));
    }
}
