//! Text from a submission, where it cannot do harm; and what a case got, in words.

use crate::Verdict;

use super::{CaseReport, Difference};

/// Text with what has no picture of its own made visible, but for line feeds and tabs: control characters, which a terminal would
/// obey and XML cannot hold, and characters that change the direction of what follows.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|char| if matches!(char, '\n' | '\t') { Shown::Char(char) } else { shown(char) })
        .collect()
}

/// Text with all of it visible, in one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// Steps or bytes for people: nothing where they are not known.
#[must_use]
pub fn amount(number: u64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

/// How a character is shown.
enum Shown {
    Char(char),
    Escape(u32),
}

fn shown(char: char) -> Shown {
    let code = u32::from(char);
    let picture = |code| Shown::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    match char {
        '\0'..='\x1f' => picture(0x2400 + code),
        '\x7f' => picture(0x2421),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => Shown::Escape(code),
        _ if code & 0xfffe == 0xfffe => Shown::Escape(code),
        _ => Shown::Char(char),
    }
}

impl FromIterator<Shown> for String {
    fn from_iter<I: IntoIterator<Item = Shown>>(shown: I) -> Self {
        let mut text = Self::new();
        for one in shown {
            match one {
                Shown::Char(char) => text.push(char),
                Shown::Escape(code) => text.push_str(&format!("\\u{{{code:x}}}")),
            }
        }
        text
    }
}

impl CaseReport {
    /// How it came to its verdict, in a few words; nothing where the verdict says it all.
    #[must_use]
    pub fn reason(&self) -> String {
        let limit = self.limit.as_ref().map(|hit| match hit.name.as_str() {
            "steps" => format!("more than {} steps", hit.max),
            name => format!("more than {} bytes ({name})", hit.max),
        });
        let exit = self.exit_code.filter(|code| *code != 0);
        let exit = exit.map(|code| format!("exit status {code}"));
        let trap = self.trap.as_ref().map(|kind| format!("trap: {kind}"));
        let words = match self.verdict {
            Verdict::Accepted | Verdict::Partial => None,
            Verdict::Skipped => Some("an earlier case has decided".into()),
            Verdict::CompileError => Some("there is no program".into()),
            Verdict::JudgeError => Some("the checker failed".into()),
            Verdict::InfrastructureError => Some("the machine failed".into()),
            Verdict::ConfigError => Some("the problem is wrong".into()),
            Verdict::NoOutput => Some("it wrote nothing".into()),
            _ => None,
        };
        let parts = [limit, exit, trap, words, self.difference.as_ref().map(Difference::place)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Everything about it, for people: lines of plain text.
    pub(crate) fn details(&self) -> String {
        let mut lines = Vec::new();
        let reason = self.reason();
        if !reason.is_empty() {
            lines.push(reason);
        }
        if let Some(difference) = &self.difference {
            let side = |side: &Option<String>| {
                side.as_deref().map_or("nothing".into(), |text| format!("{text:?}"))
            };
            lines.push(format!("expected: {}", side(&difference.expected)));
            lines.push(format!("actual:   {}", side(&difference.actual)));
            lines.extend(difference.note.clone());
        }
        lines.extend(self.team_message.iter().map(|text| format!("checker: {text}")));
        lines.extend(self.judge_message.iter().map(|text| format!("for the judge: {text}")));
        visible(&lines.join("\n"))
    }
}

impl Difference {
    /// Where it is.
    pub(crate) fn place(&self) -> String {
        let file = self.file.as_ref().map(|file| format!("{file}, ")).unwrap_or_default();
        format!("{file}line {}, column {}", self.line, self.column)
    }
}

/// A number as people write it: `3`, `2.5`.
#[must_use]
pub fn points(points: f64) -> String {
    let text = format!("{points:.3}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let rows = [
            ("a\tb\n", "a\tb\n", "a␉b␊"),
            ("\x1b[2J\0\x7f", "␛[2J␀␡", "␛[2J␀␡"),
            ("\u{9b}1m\u{202e}evil", "\\u{9b}1m\\u{202e}evil", "\\u{9b}1m\\u{202e}evil"),
            ("é€🦀\u{fffd}", "é€🦀\u{fffd}", "é€🦀\u{fffd}"),
            ("\u{ffff}\u{1fffe}", "\\u{ffff}\\u{1fffe}", "\\u{ffff}\\u{1fffe}"),
        ];
        for (text, lines, line) in rows {
            assert_eq!(visible(text), lines, "{text:?}");
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn points_have_no_more_digits_than_they_need() {
        for (number, text) in [(0.0, "0"), (10.0, "10"), (2.5, "2.5"), (1.0 / 3.0, "0.333")] {
            assert_eq!(points(number), text);
        }
    }
}
