//! docs/BENCHMARKS.md: tables from the data, and a few words of ours for each peer.

use std::fmt::Write as _;
use std::fs;

use super::data::{Cell, LEFT_OUT, PeerData, Results, Row};
use super::peers::OURS;
use crate::chore::{Outcome, root};

/// What is compared.
#[derive(Clone, Copy)]
enum Measure {
    Cpu,
    Wall,
    Peak,
}

const MEASURES: [Measure; 3] = [Measure::Cpu, Measure::Wall, Measure::Peak];

impl Measure {
    fn title(self) -> &'static str {
        match self {
            Self::Cpu => "Processor time",
            Self::Wall => "Wall time",
            Self::Peak => "Peak of memory",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Cpu => "user and system time, seconds",
            Self::Wall => "seconds",
            Self::Peak => "resident set, MiB",
        }
    }

    /// The median of a cell, in the unit of the table.
    fn median(self, cell: &Cell) -> Option<f64> {
        let (values, per_unit) = match self {
            Self::Cpu => (&cell.cpu_us, 1e6),
            Self::Wall => (&cell.wall_us, 1e6),
            Self::Peak => (&cell.peak_kib, 1024.0),
        };
        let mut values = values.clone();
        values.sort_unstable();
        let upper = *values.get(values.len() / 2)?;
        let lower = *values.get((values.len() - 1) / 2)?;
        #[expect(clippy::cast_precision_loss, reason = "microseconds and KiB are far below 2^53")]
        let middle = (upper + lower) as f64 / 2.0;
        Some(middle / per_unit)
    }

    fn show(self, value: f64) -> String {
        match self {
            Self::Cpu | Self::Wall => format!("{value:.3}"),
            Self::Peak => format!("{value:.0}"),
        }
    }

    /// A peer's median by ours: above 1, ours is better.
    fn ratio(self, row: &Row, peer: &str) -> Option<f64> {
        let ours = self.median(row.cells.get(OURS)?)?;
        Some(self.median(row.cells.get(peer)?)? / ours)
    }
}

/// The whole document.
pub(super) fn document(results: &Results) -> Outcome<String> {
    let mut text = note("introduction")?;
    text += "\n";
    text += &conditions(results);
    for measure in MEASURES {
        let _ = write!(text, "\n## {}\n\n", measure.title());
        let _ = writeln!(
            text,
            "Medians, {}. In parentheses what the peer takes by what Stepwell takes; bold where Stepwell loses.\n",
            measure.unit()
        );
        text += &measured(results, measure);
    }
    text += "\n## What could not be run\n\n";
    text += &failures(results);
    text += "\n## Where Stepwell loses, and why\n";
    for peer in rivals(results) {
        let _ = write!(text, "\n### {}\n\n", peer.id);
        text += &losses(results, peer);
        text += "\n";
        text += &note(&peer.id)?;
    }
    for measured_otherwise in ["frozen", "grading", "chromium"] {
        text += "\n";
        text += &note(measured_otherwise)?;
    }
    Ok(text)
}

/// The table of processor time alone, for the terminal.
pub(super) fn table(results: &Results) -> String {
    measured(results, Measure::Cpu)
}

/// A few words of ours.
fn note(name: &str) -> Outcome<String> {
    let path = root().join("docs/benchmarks").join(format!("{name}.md"));
    fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn rivals(results: &Results) -> impl Iterator<Item = &PeerData> {
    results.present().filter(|peer| peer.id != OURS)
}

fn conditions(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = String::from("## Machine and versions\n\n");
    let rows = [
        ("date", results.date.clone()),
        ("processor", format!("{}, {} cores", machine.processor, machine.cores)),
        ("system", machine.system.clone()),
        ("load average", format!("{} before, {} after", results.load_before, results.load_after)),
        ("commit", results.commit.clone()),
        ("rounds", results.rounds.to_string()),
        ("command", format!("`{}`", results.command)),
    ];
    for (name, value) in rows {
        let _ = writeln!(text, "- {name}: {value}");
    }
    text += "\n| peer | version | what it is |\n|---|---|---|\n";
    for peer in &results.peers {
        let version = match &peer.missing {
            None => peer.version.clone(),
            Some(reason) => format!("not there: {}", plain(reason)),
        };
        let _ = writeln!(text, "| {} | {version} | {} |", peer.id, peer.about);
    }
    text
}

fn measured(results: &Results, measure: Measure) -> String {
    let mut text = String::from("| program |");
    for peer in results.present() {
        let _ = write!(text, " {} |", peer.id);
    }
    text += "\n|---|";
    text += &"---:|".repeat(results.present().count());
    text += "\n";
    for row in &results.rows {
        let _ = write!(text, "| {} |", row.program);
        for peer in results.present() {
            let value = row.cells.get(&peer.id).and_then(|cell| measure.median(cell));
            let _ = match (value, measure.ratio(row, &peer.id)) {
                (None, _) => write!(text, " – |"),
                (Some(value), Some(ratio)) if peer.id != OURS => {
                    let ratio = emphasised(ratio);
                    write!(text, " {} ({ratio}) |", measure.show(value))
                }
                (Some(value), _) => write!(text, " {} |", measure.show(value)),
            };
        }
        text += "\n";
    }
    text += "| geometric mean of the ratios |";
    for peer in results.present() {
        let ratios = results.rows.iter().filter_map(|row| measure.ratio(row, &peer.id));
        let mean = mean(ratios).filter(|_| peer.id != OURS);
        let _ = write!(text, " {} |", mean.map_or_else(String::new, emphasised));
    }
    text + "\n"
}

fn emphasised(ratio: f64) -> String {
    let text = format!("{ratio:.2}");
    if ratio < 1.0 { format!("**{text}**") } else { text }
}

/// The geometric mean, if there is anything.
fn mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) =
        ratios.fold((0.0, 0.0), |(count, sum), ratio| (count + 1.0, sum + ratio.ln()));
    (count > 0.0).then(|| f64::exp(sum / count))
}

/// What has no number, and why: one line for each reason.
fn failures(results: &Results) -> String {
    let mut text = String::new();
    for peer in results.present() {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for row in &results.rows {
            let failure = row.cells.get(&peer.id).and_then(|cell| cell.failure.as_deref());
            let Some(reason) = failure.filter(|reason| *reason != LEFT_OUT) else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, programs)) => programs.push(&row.program),
                None => reasons.push((reason, vec![&row.program])),
            }
        }
        for (reason, programs) in reasons {
            let _ = writeln!(text, "- {}: {}: `{}`", peer.id, programs.join(", "), plain(reason));
        }
    }
    if text.is_empty() { "Nothing.\n".into() } else { text }
}

/// The rows in which a peer needs less.
fn losses(results: &Results, peer: &PeerData) -> String {
    let mut text = String::new();
    for measure in MEASURES {
        let mut rows: Vec<(f64, &str)> = results
            .rows
            .iter()
            .filter_map(|row| Some((measure.ratio(row, &peer.id)?, row.program.as_str())))
            .collect();
        let measured = rows.len();
        rows.retain(|(ratio, _)| *ratio < 1.0);
        rows.sort_by(|one, other| one.0.total_cmp(&other.0));
        let rows: Vec<_> =
            rows.iter().map(|(ratio, program)| format!("{program} ({ratio:.2})")).collect();
        let title = measure.title();
        let _ = match rows.len() {
            0 => writeln!(text, "- {title}: none of {measured}."),
            count => writeln!(text, "- {title}: {count} of {measured}: {}.", rows.join(", ")),
        };
    }
    text
}

/// Text that cannot break a table or a span of code, and has no folder of this machine.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let path = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        match (path.len() > 1 && path.starts_with('/')).then(|| path.rsplit_once('/')).flatten() {
            Some((_, name)) => word.replace(path, name),
            None => word.to_string(),
        }
    });
    words.collect::<Vec<_>>().join(" ").replace('|', "/").replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(cpu_us: &[u64]) -> Cell {
        let peak_kib = vec![1024; cpu_us.len()];
        Cell { cpu_us: cpu_us.into(), wall_us: cpu_us.into(), peak_kib, failure: None }
    }

    fn results() -> Results {
        let peer = |id: &str| PeerData {
            id: id.into(),
            about: String::new(),
            version: "1".into(),
            missing: None,
        };
        let failure = Some("no `memory` for /a/b/c.wasm".to_string());
        let row = |program: &str, theirs: Cell| Row {
            program: program.into(),
            group: "work".into(),
            file: "a.py".into(),
            cells: [(OURS.to_string(), cell(&[3000, 1000, 2000])), ("wasmi".into(), theirs)].into(),
        };
        Results {
            peers: vec![peer(OURS), peer("wasmi")],
            rows: vec![
                row("slower", cell(&[1000, 1000])),
                row("faster", cell(&[3000, 5000])),
                row("none", Cell { failure, ..Cell::default() }),
            ],
            ..Results::default()
        }
    }

    #[test]
    fn the_table_has_medians_and_ratios() {
        let expected = "| program | stepwell | wasmi |\n|---|---:|---:|\n\
            | slower | 0.002 | 0.001 (**0.50**) |\n| faster | 0.002 | 0.004 (2.00) |\n| none | 0.002 | – |\n\
            | geometric mean of the ratios |  | 1.00 |\n";
        assert_eq!(table(&results()), expected);
    }

    #[test]
    fn losses_and_failures_are_named() {
        let results = results();
        let text = losses(&results, &results.peers[1]);
        assert!(text.starts_with("- Processor time: 1 of 2: slower (0.50).\n"), "{text}");
        assert!(text.ends_with("- Peak of memory: none of 2.\n"), "{text}");
        assert_eq!(failures(&results), "- wasmi: none: `no 'memory' for c.wasm`\n");
    }
}
