//! Ruby, JavaScript, PHP and SQL, and the examples of every language. Runtimes are installed by the first test that needs
//! them.

mod common;

use std::path::Path;

use common::Folder;

#[test]
fn the_examples_greet() {
    let folder = Folder::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for (name, greeting) in [
        ("hello.py", "Hello from Python 3.12"),
        ("hello.rb", "Hello from Ruby 3.2"),
        ("hello.js", "Hello from JavaScript. 25! is 15511210043330985984000000."),
        ("hello.php", "Hello from PHP 8.2"),
        ("hello.sql", "Hello from SQLite 3.26.0."),
        ("hello.c", "Hello from C"),
        ("hello.cpp", "Hello, C++!"),
    ] {
        let program = examples.join(name).into_os_string();
        let ran = folder.run(["run".into(), program]);
        assert!(ran.succeeds().starts_with(greeting), "{name}: {}", ran.stdout());
    }
}

#[test]
fn ruby_reads_writes_and_exits() {
    let folder = Folder::new();
    folder.write(
        "prog.rb",
        "p ARGV, ENV.to_h, $stdin.read, File.exist?('/missing')\nFile.write('/made', 'text'); puts File.read('/made')\n\
         begin; File.open('/missing'); rescue Errno::ENOENT; puts 'no such file'; end\n$stderr.puts 'said'; exit 7",
    );
    let ran = folder.run_with(["run", "--env", "A=1", "prog.rb", "x", "-y"], b"input");
    let expected = "[\"x\", \"-y\"]\n{\"A\"=>\"1\"}\n\"input\"\nfalse\ntext\nno such file\n";
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(7), expected), "{}", ran.stderr());
    assert_eq!(ran.stderr(), "said\n");
    folder.write("prog.rb", "raise 'why'");
    let ran = folder.run(["run", "prog.rb"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr().contains("why (RuntimeError)"), "{}", ran.stderr());
}

#[test]
fn javascript_prints_throws_and_exits() {
    let folder = Folder::new();
    folder.write(
        "prog.js",
        "console.log([1, 2].map((n) => n * 2).join(), JSON.stringify({ a: `ü` }));",
    );
    assert_eq!(folder.run(["run", "prog.js"]).succeeds(), "2,4 {\"a\":\"ü\"}\n");
    folder.write(
        "prog.mjs",
        "import * as std from 'std'; export const five = 5; console.log(five, typeof std.exit);",
    );
    assert_eq!(folder.run(["run", "prog.mjs"]).succeeds(), "5 function\n");
    // This interpreter tells of an uncaught error, and exits with 0 all the same.
    folder.write("prog.js", "throw new Error('why');");
    let ran = folder.run(["run", "prog.js"]);
    assert!(ran.stderr().contains("Error: why") && ran.stderr().contains("/prog.js"), "{ran:?}");
    // Not of one behind a promise.
    folder.write("prog.js", "async function f() { throw new Error('why'); }\nf();");
    let ran = folder.run(["run", "prog.js"]);
    assert_eq!((ran.status, ran.stderr().as_str()), (Some(0), ""));
    folder.write("prog.js", "exit(7);");
    assert_eq!(folder.run(["run", "prog.js"]).status, Some(7));
}

#[test]
fn php_prints_without_headers_and_exits() {
    let folder = Folder::new();
    folder.write("prog.php", "<?php echo json_encode([1, 'a' => strrev('abc')]), \"\\n\"; file_put_contents('/made', 'text'); echo file_get_contents('/made'); exit(3);");
    let ran = folder.run(["run", "prog.php"]);
    assert_eq!(
        (ran.status, ran.stdout().as_str()),
        (Some(3), "{\"0\":1,\"a\":\"cba\"}\ntext"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn sql_is_run_and_its_errors_are_told() {
    let folder = Folder::new();
    folder.write(
        "prog.sql",
        "create table t (n); insert into t values (1), (2); select sum(n), count(*) from t;",
    );
    assert_eq!(folder.run(["run", "prog.sql"]).succeeds(), "3|2\n");
    folder.write("prog.sql", "select * from missing;");
    let ran = folder.run(["run", "prog.sql"]);
    assert!(ran.stderr().contains("no such table: missing"), "{ran:?}");
    assert_eq!(ran.status, Some(0));
    // Unless the statement comes from standard input.
    assert_eq!(folder.run_with(["run", "prog.sql"], b"nosql;").status, Some(1));
}

#[test]
fn sql_may_have_any_name() {
    let folder = Folder::new();
    for name in ["two words.sql", "back\\slash.sql", "line\nfeed.sql", "quo'te\" s.sql"] {
        folder.write(name, "select 6 * 7;");
        assert_eq!(folder.run(["run", name]).succeeds(), "42\n", "{name:?}");
    }
}

#[test]
fn an_empty_program_does_nothing() {
    let folder = Folder::new();
    for name in ["empty.py", "empty.rb", "empty.js", "empty.php", "empty.sql"] {
        folder.write(name, "");
        assert_eq!(folder.run(["run", name]).succeeds(), "", "{name}");
    }
}

#[test]
fn the_first_line_chooses_the_runtime() {
    let folder = Folder::new();
    for (line, text, expected) in [
        ("#!/usr/bin/env python3", "print(2 ** 10)", "1024\n"),
        ("#!/usr/bin/ruby", "puts 2 ** 10", "1024\n"),
        ("#!/usr/bin/env -S ruby -w", "puts 2 ** 11", "2048\n"),
        ("#!/usr/bin/env qjs", "console.log(2 ** 12)", "4096\n"),
        ("#!/usr/bin/env php", "<?= 2 ** 13 ?>", "8192"),
    ] {
        folder.write("tool", format!("{line}\n{text}\n"));
        let ran = folder.run(["run", "tool"]);
        assert_eq!(ran.succeeds().trim_end(), expected.trim_end(), "{line}");
    }
    folder.write("lying.py", "#!/usr/bin/env ruby\nputs 'ruby'\n");
    assert_eq!(folder.run(["run", "lying.py"]).succeeds(), "ruby\n");
    assert!(folder.run(["run", "-r", "python", "lying.py"]).stderr().contains("SyntaxError"));
}

#[test]
fn what_is_installed_is_listed_found_and_whole() {
    let folder = Folder::new();
    folder.write("empty.sql", "");
    folder.run(["run", "empty.sql"]).succeeds();
    let list = folder.run(["runtimes", "list"]).succeeds();
    let line = list.lines().find(|line| line.starts_with("sqlite@")).expect("it is listed");
    assert!(line.contains(".sql") && line.ends_with("installed"), "{line}");
    assert_eq!(list.lines().count(), 9, "{list}");
    assert_eq!(folder.run(["runtimes", "verify", "sqlite"]).succeeds(), "sqlite@3.26.0 is whole\n");
    let path = folder.run(["runtimes", "path", "sqlite"]).succeeds();
    assert!(std::fs::metadata(path.trim_end()).expect("it is there").is_file());
}
