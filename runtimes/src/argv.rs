//! Argument templates: the catalogue writes `{program}` where a path belongs.

use crate::catalog::Stage;

/// What the places of a stage's argument templates stand for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fill<'a> {
    /// `{program}`: the guest path of the user's program; in a last stage of a compiler, the program's name. `{quoted}`: the
    /// same as one word of a line of SQLite's shell.
    pub program: &'a str,
    /// `{object}`: the guest path that a compile stage writes and the link stage reads.
    pub object: &'a str,
    /// `{output}`: the guest path of the module that the link stage writes.
    pub output: &'a str,
    /// `{colour}`: the option that turns the compiler's colours on or off.
    pub colour: &'a str,
    /// `{args}`: the user's arguments, each its own.
    pub args: &'a [String],
}

/// The places that a template may hold.
pub(crate) const PLACES: [&str; 6] =
    ["{program}", "{quoted}", "{object}", "{output}", "{colour}", "{args}"];

impl Stage {
    /// The stage's arguments with every place filled. What a place is filled with is not looked at again.
    pub fn argv(&self, fill: &Fill<'_>) -> Vec<String> {
        let mut argv = Vec::new();
        for template in &self.argv {
            if template == "{args}" {
                argv.extend_from_slice(fill.args);
            } else {
                argv.push(filled(template, fill));
            }
        }
        argv
    }
}

fn filled(template: &str, fill: &Fill<'_>) -> String {
    let quoted = quoted(fill.program);
    let places = [
        ("{program}", fill.program),
        ("{quoted}", &quoted),
        ("{object}", fill.object),
        ("{output}", fill.output),
        ("{colour}", fill.colour),
    ];
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (taken, value) = places
            .iter()
            .find(|(place, _)| rest.starts_with(place))
            .map_or((1, "{"), |(place, value)| (place.len(), *value));
        text.push_str(value);
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text
}

/// A path as one word of a line of SQLite's shell, which ends a word at white space and takes a backslash for an escape.
fn quoted(path: &str) -> String {
    let is_special = |byte: u8| b" \t\n\r\x0b\x0c\\".contains(&byte);
    if path.bytes().any(is_special) {
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        path.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::catalog::Tool;

    #[test]
    fn places_are_filled_once() {
        let args = ["{program}".to_string(), "b".to_string()];
        let fill =
            Fill { program: "/p{output}", object: "/o", output: "/w", colour: "-c", args: &args };
        let rows: &[(&[&str], &[&str])] = &[
            (&["python", "{program}", "{args}"], &["python", "/p{output}", "{program}", "b"]),
            (&[".read {program}"], &[".read /p{output}"]),
            (&["-o{object}{output}", "a{b", "{"], &["-o/o/w", "a{b", "{"]),
        ];
        for (template, expected) in rows {
            let stage = Stage {
                tool: Tool::Module,
                argv: template.iter().map(ToString::to_string).collect(),
                env: BTreeMap::new(),
            };
            assert_eq!(stage.argv(&fill), *expected, "{template:?}");
        }
    }

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        let rows = [
            ("/a-b'c\"é.sql", "/a-b'c\"é.sql"),
            ("/a b.sql", "\"/a b.sql\""),
            ("/a\n.sql", "\"/a\n.sql\""),
            ("/a\\b\".sql", "\"/a\\\\b\\\".sql\""),
        ];
        for (program, expected) in rows {
            let fill = Fill { program, ..Fill::default() };
            assert_eq!(filled(".read {quoted}", &fill), format!(".read {expected}"));
        }
    }

    #[test]
    fn without_arguments_their_place_vanishes() {
        let stage = Stage {
            tool: Tool::Output,
            argv: vec!["{program}".into(), "{args}".into()],
            env: BTreeMap::new(),
        };
        assert_eq!(stage.argv(&Fill { program: "a", ..Fill::default() }), ["a"]);
    }
}
