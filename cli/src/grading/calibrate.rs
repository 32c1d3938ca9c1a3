//! `grade calibrate`: a limit of steps from what the jury's submissions take.

use comfy_table::CellAlignment;
use grade::calibrate::{Calibration, Measured, Role};

use super::table;

/// What a calibration found, for people.
pub(crate) fn text(found: &Calibration) -> String {
    let mut rows = table::new(&["submission", "must", "verdict", "most steps", "case"], &[3]);
    for one in &found.submissions {
        rows.add_row([
            table::short(&one.submission.name),
            role(one.role).into(),
            one.verdict.to_string(),
            steps(one),
            table::short(&one.case),
        ]);
    }
    let mut facts = table::new(&[], &[]);
    let mut fact = |name: &str, value: String| {
        facts.add_row([name.to_owned(), value]);
    };
    let named = |one: &Measured| format!("{}, {}", steps(one), table::short(&one.submission.name));
    if let Some(slowest) = &found.slowest_accepted {
        fact("slowest accepted", named(slowest));
    }
    if let Some(fastest) = &found.fastest_exceeding {
        fact("fastest that must exceed", named(fastest));
    }
    fact("limit so far", found.steps_max.to_string());
    fact("safety factor", found.factor.to_string());
    if let Some(proposal) = &found.proposal {
        fact("proposed limit", proposal.steps_max.to_string());
        fact("limit / slowest accepted", proposal.above_slowest.to_string());
        if let Some(ratio) = proposal.below_fastest {
            let is_bound = found.fastest_exceeding.as_ref().is_some_and(|one| one.exceeds_ceiling);
            let at_least = if is_bound { "at least " } else { "" };
            fact("fastest that must exceed / limit", format!("{at_least}{ratio}"));
        }
    }
    if let Some(column) = facts.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    let obstacles = found.obstacles.iter().map(|why| format!("no proposal: {why}\n"));
    format!("{}\n\n{}\n{}", rows.trim_fmt(), facts.trim_fmt(), obstacles.collect::<String>())
}

fn role(role: Role) -> &'static str {
    match role {
        Role::MustPass => "pass",
        Role::MustExceed => "exceed",
        Role::Other => "",
    }
}

fn steps(one: &Measured) -> String {
    format!("{}{}", if one.exceeds_ceiling { "over " } else { "" }, one.steps)
}
