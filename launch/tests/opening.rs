//! Interpreters that are kept where they open the program. Skipped where QuickJS is not installed.

use std::path::Path;

use engine::Engine;
use engine::vfs::StreamKind;
use launch::warm::{self, Command, Start, Waiting};
use runtimes::Cache;

struct Silent;

impl Waiting for Silent {
    fn say(&mut self, _: &str) {}

    fn goes_on(&mut self) -> bool {
        true
    }
}

#[test]
fn an_interpreter_without_a_prelude_stands_where_it_opens_the_program() {
    let cache = Cache::open(None).expect("there is a home");
    let program = "/a.js";
    let selection = launch::select(None, Path::new(program), b"").expect("it is a language");
    if !cache.is_installed(selection.runtime) {
        return;
    }
    let stdio = [StreamKind::File, StreamKind::Pipe, StreamKind::Pipe];
    let start = Start { engine: Engine::default(), seed: 0, stdio };
    let command = Command { program, args: &[], env: &[] };
    let opened = warm::opening(start, &cache, selection, command, &mut Silent);
    let (template, _) = opened.expect("it starts").expect("it opens the program");
    assert!(template.image().steps() > 1_000_000, "it has started");
}
