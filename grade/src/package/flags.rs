//! The arguments of the default output validator, and the flags of the default grader.

use crate::check::TokenRules;
use crate::problem::{ScoreRule, VerdictRule};

/// The default output validator with these arguments.
pub(super) fn validator(flags: &[String]) -> Result<TokenRules, String> {
    let mut rules = TokenRules::default();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let mut tolerance = || {
            let number = flags.next().and_then(|text| text.parse::<f64>().ok());
            let number = number.filter(|number| number.is_finite() && *number >= 0.0);
            number.map(Some).ok_or_else(|| format!("{flag} needs a number behind it"))
        };
        match flag.as_str() {
            "case_sensitive" => rules.case_sensitive = true,
            "space_change_sensitive" => rules.space_change_sensitive = true,
            "float_absolute_tolerance" => rules.absolute = tolerance()?,
            "float_relative_tolerance" => rules.relative = tolerance()?,
            "float_tolerance" => {
                rules.absolute = tolerance()?;
                rules.relative = rules.absolute;
            }
            _ => return Err(format!("the default output validator has no argument {flag}")),
        }
    }
    Ok(rules)
}

/// How a group becomes a result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grading {
    pub(super) verdict: VerdictRule,
    pub(super) score: ScoreRule,
    pub(super) accepts_any: bool,
    pub(super) ignores_sample: bool,
}

/// The default grader with these flags; of flags that contradict each other the last counts.
pub(super) fn grader(flags: &[String]) -> Result<Grading, String> {
    let mut grading = Grading {
        verdict: VerdictRule::WorstError,
        score: ScoreRule::Sum,
        accepts_any: false,
        ignores_sample: false,
    };
    for flag in flags {
        match flag.as_str() {
            "worst_error" => grading.verdict = VerdictRule::WorstError,
            "first_error" => grading.verdict = VerdictRule::FirstError,
            "always_accept" => grading.verdict = VerdictRule::AlwaysAccept,
            "sum" => grading.score = ScoreRule::Sum,
            "avg" => grading.score = ScoreRule::Average,
            "min" => grading.score = ScoreRule::Min,
            "max" => grading.score = ScoreRule::Max,
            "ignore_sample" => grading.ignores_sample = true,
            "accept_if_any_accepted" => grading.accepts_any = true,
            _ => return Err(format!("the default grader has no flag {flag}")),
        }
    }
    Ok(grading)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn arguments_of_the_validator_are_understood() {
        let rules = |text: &str| validator(&words(text));
        let near =
            TokenRules { absolute: Some(1e-6), relative: Some(1e-6), ..TokenRules::default() };
        assert_eq!(rules("float_tolerance 1e-6"), Ok(near));
        let strict =
            TokenRules { case_sensitive: true, relative: Some(0.5), ..TokenRules::default() };
        assert_eq!(rules("float_relative_tolerance 0.5 case_sensitive"), Ok(strict));
        for wrong in ["float_tolerance", "float_tolerance x", "float_tolerance -1", "tolerance 1"] {
            assert!(rules(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_flags_that_contradict_each_other_the_last_counts() {
        let grading = grader(&words("min first_error max ignore_sample")).expect("known flags");
        assert_eq!((grading.verdict, grading.score), (VerdictRule::FirstError, ScoreRule::Max));
        assert!(grading.ignores_sample && !grading.accepts_any);
        assert!(grader(&words("median")).is_err());
    }
}
