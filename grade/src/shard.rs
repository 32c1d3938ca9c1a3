//! Which cases one of several machines grades.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::SubmissionId;

/// One of several parts into which the cases of all submissions are divided, by a hash of submission and case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which one, the first being 1.
    pub index: NonZeroU32,
    /// How many there are.
    pub count: NonZeroU32,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Self = Self { index: NonZeroU32::MIN, count: NonZeroU32::MIN };

    /// The shard with a number that counts from 1.
    ///
    /// # Errors
    /// Why there is no such shard.
    pub fn new(index: u64, count: u64) -> Result<Self, String> {
        let number = |value: u64| u32::try_from(value).ok().and_then(NonZeroU32::new);
        match (number(index), number(count)) {
            (Some(index), Some(count)) if index <= count => Ok(Self { index, count }),
            _ => Err(format!(
                "there is no shard {index} of {count}: shards count from 1 to their number"
            )),
        }
    }

    /// The shard of a job of a scheduler: `kubernetes/N`, `slurm`, `aws-batch`, `parallel/N`, or `auto[/N]`, which takes the
    /// one whose variables are there. `N`, where the scheduler says how many jobs there are, is for when the work is divided
    /// into fewer. `variable` gives the variables of the environment. With it comes a note for the user where it may be another
    /// than is meant.
    ///
    /// # Errors
    /// What is missing, or is no number.
    pub fn of_job(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, Option<String>), String> {
        let (name, count) = match text.split_once('/') {
            Some((name, count)) => (name, Some(number("the number of shards", count)?)),
            None => (text, None),
        };
        let scheduler = match name {
            "auto" => detected(&variable)?,
            name => SCHEDULERS.iter().find(|known| known.name == name).ok_or_else(|| {
                let names = SCHEDULERS.map(|known| known.name).join(", ");
                format!("{text:?} is neither I/N nor one of {names}, auto")
            })?,
        };
        let shard = scheduler.shard(count, &variable)?;
        Ok((shard, scheduler.note(shard, &variable)))
    }

    /// Whether a case of a submission belongs to this shard.
    #[must_use]
    pub fn holds(self, submission: &SubmissionId, case: &str) -> bool {
        if self.count.get() == 1 {
            return true;
        }
        let SubmissionId { name, runtime, sha256 } = submission;
        // No part can be confused with another: names have no NUL.
        let hash = runtimes::sha256(format!("{name}\0{runtime}\0{sha256}\0{case}").as_bytes());
        let number = u64::from_str_radix(&hash[..16], 16).expect("a hash is hexadecimal");
        number % u64::from(self.count.get()) == u64::from(self.index.get() - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (index, count) =
            text.split_once('/').ok_or("a shard is I/N: 2/7 is the second of seven")?;
        Self::new(number("a shard", index)?, number("the number of shards", count)?)
    }
}

/// Where a scheduler says which of its jobs this is.
struct Scheduler {
    name: &'static str,
    index: &'static str,
    /// The least index.
    first: First,
    /// How many jobs there are.
    count: Option<&'static str>,
}

enum First {
    Is(u64),
    Variable { first: &'static str, step: &'static str },
}

const SCHEDULERS: [Scheduler; 4] = [
    Scheduler {
        name: "kubernetes",
        index: "JOB_COMPLETION_INDEX",
        first: First::Is(0),
        count: None,
    },
    Scheduler {
        name: "slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Variable { first: "SLURM_ARRAY_TASK_MIN", step: "SLURM_ARRAY_TASK_STEP" },
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Scheduler {
        name: "aws-batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: First::Is(0),
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
    },
    Scheduler { name: "parallel", index: "PARALLEL_SEQ", first: First::Is(1), count: None },
];

impl Scheduler {
    fn shard(
        &self,
        count: Option<u64>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Shard, String> {
        let read = |name: &str| match variable(name) {
            Some(text) => number(name, &text),
            None => Err(format!("the environment has no {name}: is this a job of {}?", self.name)),
        };
        let index = read(self.index)?;
        let count = match (count, self.count) {
            (Some(count), _) => count,
            (None, Some(name)) => read(name)?,
            (None, None) => {
                let why = "say how many shards there are";
                return Err(format!("{} does not, so {why}: {}/N", self.name, self.name));
            }
        };
        let (first, step) = match self.first {
            First::Is(first) => (first, 1),
            First::Variable { first, step } => {
                (read(first)?, variable(step).map_or(Ok(1), |text| number(step, &text))?)
            }
        };
        let from_first = index.checked_sub(first).filter(|from| step > 0 && from % step == 0);
        let number = from_first.ok_or_else(|| {
            format!("{} is {index}, which is not in an array from {first}", self.index)
        })? / step;
        Shard::new(number.saturating_add(1), count)
            .map_err(|why| format!("{} is {index}: {why}", self.index))
    }

    /// An array whose first index is another than usual may be a part of one that runs again, of which the scheduler says nothing.
    fn note(&self, shard: Shard, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        let First::Variable { first, .. } = self.first else { return None };
        let least = variable(first)?;
        (!matches!(least.trim(), "0" | "1")).then(|| {
            format!(
                "this is shard {shard}, as {first} is {least}: if only some tasks of an array run again, say for each which shard it \
                 is, as --shard I/N"
            )
        })
    }
}

/// The scheduler whose variables are there.
fn detected(variable: impl Fn(&str) -> Option<String>) -> Result<&'static Scheduler, String> {
    static KNOWN: [Scheduler; 4] = SCHEDULERS;
    let present: Vec<_> = KNOWN.iter().filter(|known| variable(known.index).is_some()).collect();
    match present[..] {
        [scheduler] => Ok(scheduler),
        [] => {
            let names = KNOWN.iter().map(|known| known.index).collect::<Vec<_>>().join(", ");
            Err(format!("the environment has none of {names}"))
        }
        [first, second, ..] => Err(format!(
            "the environment has {} and {}: say {} or {}",
            first.index, second.index, first.name, second.name
        )),
    }
}

fn number(what: &str, text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("{what} is {text:?}, which is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_job(text: &str, environment: &[(&str, &str)]) -> Result<(Shard, Option<String>), String> {
        let variable = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        };
        Shard::of_job(text, variable)
    }

    #[test]
    fn a_part_of_an_array_that_runs_again_is_noted() {
        for (first, is_noted) in [("0", false), ("1", false), ("3", true)] {
            let environment = [
                ("SLURM_ARRAY_TASK_ID", "3"),
                ("SLURM_ARRAY_TASK_MIN", first),
                ("SLURM_ARRAY_TASK_COUNT", "8"),
            ];
            let (_, note) = of_job("slurm", &environment).expect("a shard");
            assert_eq!(note.is_some(), is_noted, "{first}: {note:?}");
        }
        let kubernetes = of_job("kubernetes/5", &[("JOB_COMPLETION_INDEX", "3")]);
        assert_eq!(kubernetes.expect("a shard").1, None);
    }

    #[test]
    fn schedulers_say_which_shard_it_is() {
        let slurm = |id, min, count| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ]
        };
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")];
        let stepped = [&slurm("7", "1", "4")[..], &[("SLURM_ARRAY_TASK_STEP", "2")]].concat();
        let both = [("JOB_COMPLETION_INDEX", "0"), ("PARALLEL_SEQ", "1")];
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<&'a str, &'a str>);
        let rows: &[Row<'_>] = &[
            ("kubernetes/5", &[("JOB_COMPLETION_INDEX", "0")], Ok("1/5")),
            ("kubernetes/5", &[("JOB_COMPLETION_INDEX", "4")], Ok("5/5")),
            (
                "kubernetes/5",
                &[("JOB_COMPLETION_INDEX", "5")],
                Err("JOB_COMPLETION_INDEX is 5: there is no shard 6 of 5"),
            ),
            ("kubernetes", &[("JOB_COMPLETION_INDEX", "0")], Err("kubernetes/N")),
            ("kubernetes/5", &[], Err("no JOB_COMPLETION_INDEX")),
            ("kubernetes/x", &[], Err("no number")),
            ("slurm", &slurm("3", "0", "8"), Ok("4/8")),
            ("slurm", &slurm("3", "1", "8"), Ok("3/8")),
            ("slurm", &slurm("12", "10", "3"), Ok("3/3")),
            ("slurm", &slurm("9", "10", "3"), Err("not in an array from 10")),
            ("slurm", &stepped, Ok("4/4")),
            ("slurm", &[("SLURM_ARRAY_TASK_ID", "1")], Err("SLURM_ARRAY_TASK_COUNT")),
            ("aws-batch", &batch, Ok("3/3")),
            ("parallel/7", &[("PARALLEL_SEQ", "1")], Ok("1/7")),
            ("parallel/7", &[("PARALLEL_SEQ", "one")], Err("no number")),
            ("auto", &batch, Ok("3/3")),
            ("auto/4", &[("PARALLEL_SEQ", "4")], Ok("4/4")),
            ("auto", &[], Err("none of")),
            ("auto/2", &both, Err("say kubernetes or parallel")),
            ("sge", &[], Err("neither I/N nor one of")),
        ];
        for (text, environment, expected) in rows {
            match (of_job(text, environment), expected) {
                (Ok((shard, _)), Ok(expected)) => {
                    assert_eq!(shard.to_string(), *expected, "{text}");
                }
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (given, _) => panic!("{text} {environment:?}: {given:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_shard_is_a_number_of_a_number() {
        for (text, is_shard) in [
            ("1/1", true),
            ("3/7", true),
            ("0/7", false),
            ("8/7", false),
            ("1/0", false),
            ("1", false),
        ] {
            assert_eq!(text.parse::<Shard>().is_ok(), is_shard, "{text}");
        }
    }

    #[test]
    fn each_case_is_in_one_shard_and_no_shard_has_most() {
        let id = SubmissionId { name: "a.py".into(), runtime: "python".into(), sha256: "0".into() };
        for count in [1, 2, 3, 7] {
            let shards: Vec<_> =
                (1..=count).map(|index| Shard::new(index, count).unwrap()).collect();
            let mut sizes = vec![0; shards.len()];
            for case in 0..1000 {
                let case = case.to_string();
                let holding: Vec<_> =
                    (0..shards.len()).filter(|at| shards[*at].holds(&id, &case)).collect();
                assert_eq!(holding.len(), 1, "case {case} of {count} shards");
                sizes[holding[0]] += 1;
            }
            let fair = 1000 / shards.len();
            assert!(sizes.iter().all(|size| *size > fair / 2), "{sizes:?}");
        }
    }
}
