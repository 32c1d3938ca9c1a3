//! Runs the README: each ```` ```sh ```` block, in order, in a copy of the examples; what it prints must be the
//! ```` ```text ```` block that follows it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::chore::{Outcome, root};

/// A block of commands and what they print, if the README says so.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    line: usize,
    commands: String,
    printed: Option<String>,
}

/// Runs the README's commands with `program` as `stepwell`.
pub(crate) fn run(program: &Path) -> Outcome {
    let text = fs::read_to_string(root().join("README.md"))
        .map_err(|error| format!("cannot read README.md: {error}"))?;
    let blocks = blocks(&text);
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    copy_examples(folder.path())?;
    let mut failed = 0;
    for block in &blocks {
        if let Err(reason) = check(block, folder.path(), program) {
            failed += 1;
            eprintln!("README.md, line {}: {reason}\n{}", block.line, block.commands);
        }
    }
    println!("README: {} passed, {failed} failed", blocks.len() - failed);
    if failed > 0 { Err("the README says what is not so".into()) } else { Ok(()) }
}

fn check(block: &Block, folder: &Path, program: &Path) -> Outcome {
    let mut path = program.parent().expect("a file is in a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    // One pipe for both streams, so that they are compared in the order in which they come.
    let output = Command::new("sh")
        .args(["-ec", &format!("exec 2>&1\n{}", block.commands)])
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start sh: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    match &block.printed {
        Some(expected) if printed.trim_end() == expected.trim_end() => Ok(()),
        Some(expected) => Err(format!("prints\n{printed}\ninstead of\n{expected}")),
        None if output.status.success() => Ok(()),
        None => Err(format!("{} after\n{printed}", output.status)),
    }
}

fn copy_examples(folder: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("cannot copy the examples: {error}");
    for entry in fs::read_dir(root().join("examples")).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name())).map_err(failed)?;
        }
    }
    Ok(())
}

/// Finds the blocks of a Markdown text.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = text.lines().enumerate();
    // Whether nothing but empty lines came since the last block of commands.
    let mut follows = false;
    while let Some((at, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            follows &= line.is_empty();
            continue;
        };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let body = body.join("\n");
        match (language, blocks.last_mut()) {
            ("sh", _) => {
                blocks.push(Block { line: at + 1, commands: body, printed: None });
                follows = true;
                continue;
            }
            ("text", Some(block)) if follows => block.printed = Some(body),
            _ => {}
        }
        follows = false;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_what_they_print() {
        let text = "a\n```sh\none\ntwo\n```\n\n```text\nout\n```\n```sh\nthree\n```\nb\n```text\nno\n```\n";
        let block = |line, commands: &str, printed: Option<&str>| Block {
            line,
            commands: commands.into(),
            printed: printed.map(Into::into),
        };
        assert_eq!(blocks(text), [block(2, "one\ntwo", Some("out")), block(10, "three", None)]);
    }
}
