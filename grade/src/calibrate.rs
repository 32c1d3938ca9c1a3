//! Proposes a limit of steps from what the jury's submissions take. Steps are exact, so the ratios are too.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Jury, Problem};
use crate::report::{ProblemId, SubmissionId, SubmissionReport};
use crate::{Error, Observer, Options, Verdict, grade, manifest};

/// By how much more the jury's submissions may take than the limit of the problem, while they are measured.
const CEILING_FACTOR: u64 = 4;
/// Digits of a proposal that are not 0.
const DIGITS: u32 = 2;

/// What the jury's submissions take, and the limit that follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "A calibration of stepwell grade")]
pub struct Calibration {
    /// The version of Stepwell, whose steps these are.
    pub stepwell: String,
    /// The problem, with the limit that it has.
    pub problem: ProblemId,
    /// The limit of steps that it has.
    pub steps_max: u64,
    /// The limit that they were measured with.
    pub ceiling: u64,
    /// How far the limit has to be from the slowest accepted submission.
    pub factor: Ratio,
    /// The jury's submissions.
    pub submissions: Vec<Measured>,
    /// The slowest that must be accepted.
    pub slowest_accepted: Option<Measured>,
    /// The fastest that must exceed the limit.
    pub fastest_exceeding: Option<Measured>,
    /// The limit, if there is one that keeps to the factor.
    pub proposal: Option<Proposal>,
    /// Why there is none.
    pub obstacles: Vec<String>,
}

/// What a submission of the jury's takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Which submission.
    #[serde(flatten)]
    pub submission: SubmissionId,
    /// What the limit has to do with it.
    pub role: Role,
    /// Its verdict under the ceiling.
    pub verdict: Verdict,
    /// Its steps in the case that takes the most.
    pub steps: u64,
    /// That case.
    pub case: String,
    /// Whether it would have taken more than the ceiling.
    pub exceeds_ceiling: bool,
}

/// What a limit of steps has to do with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It must be accepted, and so stay below.
    MustPass,
    /// It must get `step_limit`, and so exceed the limit in some case. In a package, `deadlock` would do as well.
    MustExceed,
    /// It fails by something else.
    Other,
}

/// A limit of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The limit.
    pub steps_max: u64,
    /// It, divided by the steps of the slowest accepted submission.
    pub above_slowest: Ratio,
    /// The steps of the fastest that must exceed it, divided by it; a lower bound if that exceeds the ceiling, and none if there is no
    /// such submission.
    pub below_fastest: Option<Ratio>,
}

/// An exact ratio of two numbers, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ratio {
    /// What is divided.
    pub numerator: u64,
    /// By what.
    pub denominator: u64,
}

impl Ratio {
    /// The ratio of two numbers, the second of which is not 0.
    fn new(numerator: u64, denominator: u64) -> Self {
        let (mut one, mut other) = (numerator, denominator);
        while other != 0 {
            (one, other) = (other, one % other);
        }
        let divisor = one.max(1);
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// A number times this, rounded up.
    fn of(self, number: u64) -> u64 {
        let product = u128::from(number) * u128::from(self.numerator);
        u64::try_from(product.div_ceil(u128::from(self.denominator))).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { numerator, denominator } = self;
        let rounded = *numerator as f64 / *denominator as f64;
        match denominator {
            1 => write!(f, "{numerator}"),
            _ => write!(f, "{rounded:.3} ({numerator}/{denominator})"),
        }
    }
}

impl FromStr for Ratio {
    type Err = String;

    /// `2`, `1.5` or `3/2`, and at least 1.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no factor: 2, 1.5 and 3/2 are, and none is below 1");
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (numerator, denominator) = match (text.split_once('/'), text.split_once('.')) {
            (Some((above, below)), _) => (number(above)?, number(below)?),
            (None, Some((whole, digits))) => {
                let scale =
                    u32::try_from(digits.len()).ok().and_then(|count| 10_u32.checked_pow(count));
                (number(&format!("{whole}{digits}"))?, scale.ok_or_else(wrong)?)
            }
            (None, None) => (number(text)?, 1),
        };
        match numerator >= denominator && denominator > 0 {
            true => Ok(Self::new(numerator.into(), denominator.into())),
            false => Err(wrong()),
        }
    }
}

/// Measures the jury's submissions and proposes a limit of steps. The problem is not changed.
///
/// `ceiling` is the limit that they are measured with; without it, four times the limit of the problem.
///
/// # Errors
/// [`Error::Problem`]: there are no submissions of the jury's. Else as [`grade`].
pub fn calibrate(
    problem: &Problem,
    factor: Ratio,
    ceiling: Option<u64>,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Calibration, Error> {
    let jury = problem.jury.iter().map(Jury::submission).collect::<Result<Vec<_>, _>>()?;
    if jury.is_empty() {
        let folder = problem.folder.display();
        return Err(Error::Problem(format!("{folder} has no submissions of the jury's")));
    }
    let ceiling = ceiling.unwrap_or(problem.limits.steps_max.saturating_mul(CEILING_FACTOR));
    let mut roomy = problem.clone();
    roomy.limits.steps_max = ceiling;
    // Each case is measured, also behind a failure.
    roomy.groups.iter_mut().for_each(|group| group.stops_at_failure = false);
    let report = grade(&roomy, &jury, options, observer)?;
    let submissions: Vec<Measured> = report.submissions.iter().map(measured).collect();
    let (steps_max, stepwell) = (problem.limits.steps_max, report.stepwell);
    let problem = problem.id();
    let mut calibration = Calibration {
        stepwell,
        problem,
        steps_max,
        ceiling,
        factor,
        submissions,
        slowest_accepted: None,
        fastest_exceeding: None,
        proposal: None,
        obstacles: Vec::new(),
    };
    calibration.conclude();
    Ok(calibration)
}

fn measured(report: &SubmissionReport) -> Measured {
    let role = role(report.expected.as_deref().unwrap_or_default(), report.verdict);
    let most = report.cases.iter().max_by_key(|case| case.steps);
    Measured {
        submission: report.submission.clone(),
        role,
        verdict: report.verdict,
        steps: most.map_or(0, |case| case.steps),
        case: most.map(|case| case.case.clone()).unwrap_or_default(),
        exceeds_ceiling: most.is_some_and(|case| case.verdict == Verdict::StepLimit),
    }
}

/// What the limit has to do with a submission that must get one of these, and got this.
fn role(expected: &[Verdict], got: Verdict) -> Role {
    let is_slow = |verdict: &Verdict| matches!(verdict, Verdict::StepLimit | Verdict::Deadlock);
    match expected {
        [Verdict::Accepted] => Role::MustPass,
        // One that waits for what does not come fails as it must, whatever the limit.
        [_, ..] if got == Verdict::Deadlock && expected.contains(&got) => Role::Other,
        _ if expected.contains(&Verdict::StepLimit) && expected.iter().all(is_slow) => {
            Role::MustExceed
        }
        _ => Role::Other,
    }
}

impl Calibration {
    /// What follows from what was measured.
    fn conclude(&mut self) {
        let with = |role| self.submissions.iter().filter(move |one| one.role == role);
        self.slowest_accepted = with(Role::MustPass).max_by_key(|one| one.steps).cloned();
        self.fastest_exceeding = with(Role::MustExceed).min_by_key(|one| one.steps).cloned();
        for one in &self.submissions {
            let name = &one.submission.name;
            let obstacle = match one.role {
                _ if one.verdict.is_fault() => format!("{name} is {}", one.verdict),
                Role::MustPass if one.exceeds_ceiling => {
                    format!(
                        "{name} takes more than {} steps: measure with a higher --ceiling",
                        self.ceiling
                    )
                }
                Role::MustPass if !one.verdict.is_accepted() => {
                    format!("{name} is {}, whatever the limit", one.verdict)
                }
                _ => continue,
            };
            self.obstacles.push(obstacle);
        }
        let Some(slowest) = self.slowest_accepted.as_ref().filter(|slowest| slowest.steps > 0)
        else {
            self.obstacles.push("no submission of the jury's must be accepted".into());
            return;
        };
        let steps_max = rounded_up(self.factor.of(slowest.steps));
        if let Some(fastest) = self.fastest_exceeding.as_ref()
            && fastest.steps <= steps_max
        {
            let between = Ratio::new(fastest.steps, slowest.steps);
            self.obstacles.push(match fastest.exceeds_ceiling {
                true => format!(
                    "the ceiling of {} steps is below the limit that would be proposed, {steps_max}: measure with a higher --ceiling",
                    self.ceiling
                ),
                false => format!(
                    "{} has to exceed the limit, but takes only {between} times as many steps as {}: with the factor {}, no limit is \
                     between them",
                    fastest.submission.name, slowest.submission.name, self.factor
                ),
            });
        }
        if self.obstacles.is_empty() {
            let below = self.fastest_exceeding.as_ref().map(|one| Ratio::new(one.steps, steps_max));
            self.proposal = Some(Proposal {
                steps_max,
                above_slowest: Ratio::new(steps_max, slowest.steps),
                below_fastest: below,
            });
        }
    }
}

/// A number with few digits that are not 0, and not below this one.
fn rounded_up(number: u64) -> u64 {
    let digits = number.checked_ilog10().unwrap_or(0) + 1;
    let unit = 10_u64.pow(digits.saturating_sub(DIGITS));
    number.div_ceil(unit).saturating_mul(unit)
}

/// The problem.toml of a problem with another limit of steps, and all the rest of it as it was: where it lies, and its text.
///
/// # Errors
/// [`Error::Usage`]: the problem is in a package, which has a limit in seconds. [`Error::Problem`]: the file cannot be read.
pub fn with_steps(problem: &Problem, steps_max: u64) -> Result<(PathBuf, String), Error> {
    let path = problem.folder.join(manifest::FILE);
    if !path.is_file() {
        let why =
            format!("{} has no {} to write a limit to", problem.folder.display(), manifest::FILE);
        return Err(Error::Usage(why));
    }
    let text =
        std::fs::read_to_string(&path).map_err(|error| Error::file(&path, "read", &error))?;
    let wrong = |error: &dyn fmt::Display| Error::file(&path, "change", error);
    let mut document: toml_edit::DocumentMut = text.parse().map_err(|error| wrong(&error))?;
    let steps = i64::try_from(steps_max).map_err(|error| wrong(&error))?;
    let limits = document.entry("limits").or_insert_with(toml_edit::table);
    let limits = limits.as_table_like_mut().ok_or_else(|| wrong(&"limits is no table"))?;
    match limits.get_mut("steps").and_then(toml_edit::Item::as_value_mut) {
        // What stands around the number stays.
        Some(value) => {
            let decor = value.decor().clone();
            *value = steps.into();
            *value.decor_mut() = decor;
        }
        None => drop(limits.insert("steps", toml_edit::value(steps))),
    }
    Ok((path.clone(), document.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, role: Role, steps: u64, ceiling: u64) -> Measured {
        let exceeds_ceiling = steps > ceiling;
        let verdict = match (role, exceeds_ceiling) {
            (_, true) => Verdict::StepLimit,
            (Role::Other, _) => Verdict::WrongAnswer,
            _ => Verdict::Accepted,
        };
        Measured {
            submission: SubmissionId {
                name: name.into(),
                runtime: "wasm".into(),
                sha256: "0".into(),
            },
            role,
            verdict,
            steps: steps.min(ceiling),
            case: "1".into(),
            exceeds_ceiling,
        }
    }

    fn calibration(factor: &str, submissions: &[(&str, Role, u64)]) -> Calibration {
        let ceiling = 1_000_000;
        let submissions =
            submissions.iter().map(|(name, role, steps)| measured(name, *role, *steps, ceiling));
        let mut calibration = Calibration {
            stepwell: "0.1.0".into(),
            problem: ProblemId { name: "p".into(), sha256: None },
            steps_max: 250_000,
            ceiling,
            factor: factor.parse().expect("a factor"),
            submissions: submissions.collect(),
            slowest_accepted: None,
            fastest_exceeding: None,
            proposal: None,
            obstacles: Vec::new(),
        };
        calibration.conclude();
        calibration
    }

    #[test]
    fn a_limit_lies_between_the_slowest_right_and_the_fastest_slow_submission() {
        use Role::{MustExceed, MustPass, Other};
        let jury = [
            ("a", MustPass, 1_000),
            ("b", MustPass, 123_456),
            ("c", Other, 999_999),
            ("d", MustExceed, 500_000),
            ("e", MustExceed, 2_000_000),
        ];
        let found = calibration("2", &jury);
        let proposal = found.proposal.expect("a limit");
        assert_eq!(proposal.steps_max, 250_000);
        assert_eq!(proposal.above_slowest, Ratio { numerator: 15_625, denominator: 7_716 });
        assert_eq!(proposal.below_fastest, Some(Ratio { numerator: 2, denominator: 1 }));
        assert_eq!(calibration("1.5", &jury).proposal.map(|one| one.steps_max), Some(190_000));
    }

    #[test]
    fn what_stands_in_the_way_of_a_limit_is_said() {
        use Role::{MustExceed, MustPass, Other};
        type Row<'a> = (&'a str, &'a [(&'a str, Role, u64)], &'a str);
        let rows: [Row<'_>; 5] = [
            (
                "2",
                &[("a", MustPass, 300), ("b", MustExceed, 500)],
                "b has to exceed the limit, but takes only 1.667 (5/3) times",
            ),
            ("2", &[("a", MustPass, 2_000_000)], "a takes more than 1000000 steps"),
            ("2", &[("a", Other, 5)], "no submission of the jury's must be accepted"),
            (
                "3",
                &[("a", MustPass, 400_000), ("b", MustExceed, 2_000_000)],
                "the ceiling of 1000000 steps is below",
            ),
            ("2", &[("a", MustPass, 0)], "no submission"),
        ];
        for (factor, jury, expected) in rows {
            let found = calibration(factor, jury);
            assert_eq!(found.proposal, None, "{jury:?}");
            let why = found.obstacles.join("; ");
            assert!(why.contains(expected), "{why:?} has no {expected:?}");
        }
    }

    #[test]
    fn submissions_of_packages_have_their_roles_too() {
        use Verdict::{Accepted, Deadlock, Partial, RuntimeError, StepLimit, WrongAnswer};
        let rows: [(&[Verdict], Verdict, Role); 8] = [
            (&[Accepted], WrongAnswer, Role::MustPass),
            (&[StepLimit], Accepted, Role::MustExceed),
            (&[StepLimit, Deadlock], StepLimit, Role::MustExceed),
            (&[StepLimit, Deadlock], Accepted, Role::MustExceed),
            (&[StepLimit, Deadlock], Deadlock, Role::Other),
            (&[StepLimit, RuntimeError], StepLimit, Role::Other),
            (&[Partial, Accepted], Accepted, Role::Other),
            (&[], StepLimit, Role::Other),
        ];
        for (expected, got, wanted) in rows {
            assert_eq!(role(expected, got), wanted, "{expected:?} {got}");
        }
    }

    #[test]
    fn factors_are_exact() {
        for (text, expected) in
            [("2", (2, 1)), ("1.5", (3, 2)), ("3/2", (3, 2)), ("1.25", (5, 4)), ("1", (1, 1))]
        {
            let ratio: Ratio = text.parse().expect("a factor");
            assert_eq!((ratio.numerator, ratio.denominator), expected, "{text}");
        }
        for text in ["", "0.5", "x", "1/0", "2/3", "-2", "1.5.5"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
        assert_eq!("1.1".parse::<Ratio>().expect("a factor").of(10), 11);
    }

    #[test]
    fn limits_are_round_and_never_below() {
        for (number, expected) in
            [(0, 0), (7, 7), (99, 99), (100, 100), (101, 110), (246_912, 250_000), (991, 1000)]
        {
            assert_eq!(rounded_up(number), expected, "{number}");
        }
    }
}
