//! The programs of one call, each made ready by whoever needs it first: submissions, checkers, the interactor.

use std::sync::OnceLock;

use engine::vfs::StreamKind;

use crate::case;
use crate::guest::{
    CompileLimits, Guest, NotBegun, Setting, Unready, Workshop, function, runtime_of,
};
use crate::judge::Judge;
use crate::key::{self, runtime_identity};
use crate::problem::{Limits, Mode, Problem, Program};
use crate::{Error, Submission, Verdict};

/// The jury's programs that judge.
pub(crate) struct Judges<'a> {
    problem: &'a Problem,
    programs: Vec<One<'a>>,
}

/// One of them.
struct One<'a> {
    program: &'a Program,
    runtime: String,
    guest: OnceLock<Result<Guest, Unready>>,
}

impl<'a> Judges<'a> {
    /// Finds the runtime of each.
    pub(crate) fn new(problem: &'a Problem) -> Result<Self, Error> {
        let programs = problem.judges().into_iter().map(|program| {
            let main = &program.files[0];
            let text = main.content.load().map_err(Error::Problem)?;
            let runtime = runtime_of(&main.path, &text, program.runtime.as_deref());
            let runtime = runtime.map_err(|error| Error::Problem(error.to_string()))?;
            Ok(One { program, runtime, guest: OnceLock::new() })
        });
        Ok(Self { problem, programs: programs.collect::<Result<_, Error>>()? })
    }

    /// What runs them, to the byte.
    pub(crate) fn identities(&self) -> Vec<String> {
        self.programs.iter().map(|one| runtime_identity(&one.runtime)).collect()
    }

    /// One of them, ready to start; else the verdict and why.
    pub(crate) fn get<'b>(
        &'b self,
        workshop: &Workshop<'_>,
        wanted: &'b Program,
    ) -> Result<Judge<'b>, (Verdict, String)> {
        let found = self.programs.iter().find(|one| one.program.is_same(wanted));
        let One { program, runtime, guest } =
            found.ok_or_else(|| (Verdict::ConfigError, "a judge is missing".to_owned()))?;
        let limits = &self.problem.limits;
        let is_interactor =
            matches!(&self.problem.mode, Mode::Interactive(one) if one.is_same(program));
        let stdin = if is_interactor { StreamKind::Pipe } else { StreamKind::File };
        let made = guest.get_or_init(|| {
            let compile = compile_limits(&Limits::default());
            let kept = format!("grade-judge-{}", key::of_judge(&program.files, runtime));
            let (limits, kept, run_limits) = (compile, kept.as_str(), engine::Limits::default());
            let setting =
                Setting { seed: 0, stdin, args: None, env: &[], limits, kept, run_limits };
            Guest::prepare(workshop, &program.files, Some(runtime), &setting)
        });
        match made {
            Ok(guest) => Ok(Judge { guest, program: wanted, limits, seed: 0 }),
            Err(unready @ Unready::Refused(_)) => Err((Verdict::JudgeError, unready.why())),
            Err(unready) => Err((Verdict::InfrastructureError, unready.why())),
        }
    }
}

/// Makes a submission ready to run with this runtime, or only to be asked how it was compiled.
pub(crate) fn prepare(
    workshop: &Workshop<'_>,
    problem: &Problem,
    submission: &Submission,
    (runtime, runs): (&str, bool),
    kept: &str,
) -> Result<Guest, Unready> {
    let driven = match problem.mode {
        Mode::Function(_) => Some(function::driven(&submission.files, runtime)),
        _ => None,
    };
    let driven = driven.transpose().map_err(Unready::refused)?;
    let files = driven.as_ref().unwrap_or(&submission.files);
    let stdin = match problem.mode {
        Mode::Interactive(_) => StreamKind::Pipe,
        _ => StreamKind::File,
    };
    let limits = compile_limits(&problem.limits);
    let args = common_args(problem).filter(|_| runs);
    let run_limits = case::run_limits(&problem.limits);
    let (seed, env) = (problem.seed, problem.env.as_slice());
    let setting = Setting { seed, stdin, args, env, limits, kept, run_limits };
    let guest = Guest::prepare(workshop, files, Some(runtime), &setting)?;
    match case::try_on(problem, (&guest, &submission.main().path), stdin) {
        // What it has too little memory for, each case says.
        Ok(()) | Err(NotBegun::Memory(_)) => Ok(guest),
        Err(NotBegun::Unfit(why)) => Err(Unready::refused(why)),
        Err(NotBegun::Config(why)) => Err(Unready::Config(why)),
        Err(NotBegun::Fault(why)) => Err(Unready::Fault(why)),
    }
}

/// The arguments of all runs, if no case has more: then an interpreter can be started for all of them.
pub(crate) fn common_args(problem: &Problem) -> Option<&[String]> {
    let is_same = problem.cases.iter().all(|case| case.args.is_empty());
    is_same.then_some(problem.args.as_slice())
}

fn compile_limits(limits: &Limits) -> CompileLimits {
    CompileLimits {
        steps_max: limits.compile_steps_max,
        memory_bytes_max: limits.compile_memory_bytes_max,
    }
}
