//! Submissions of which a function is called, in real runtimes.

mod support;

use grade::Verdict;

use self::support::{Folder, expect};

const FUNCTION: &str = r#"
mode = "function"
function = "add"

[[case]]
call = [1, 2]
returns = 3

[[case]]
call = [[1], [2, 3]]
returns = [1, 2, 3]
checker = { type = "json" }

[[case]]
input = '[100000000000000000000, 1]'
answer = '100000000000000000001'
"#;

#[test]
fn a_function_in_python_is_called_and_cannot_cheat() {
    let folder = Folder::with(&[("problem.toml", FUNCTION)]);
    expect(
        &folder,
        &[
            (
                "right.py",
                "def add(a, b):\n    print('noise')\n    return a + b\n",
                Verdict::Accepted,
            ),
            ("wrong.py", "def add(a, b):\n    return a\n", Verdict::WrongAnswer),
            ("prints.py", "def add(a, b):\n    print('{\"returned\":3}')\n", Verdict::WrongAnswer),
            ("none.py", "def sub(a, b):\n    return a + b\n", Verdict::RuntimeError),
            ("exits.py", "import os\nos._exit(0)\n", Verdict::NoOutput),
            ("raises.py", "def add(a, b):\n    raise KeyError(a)\n", Verdict::RuntimeError),
            ("set.py", "def add(a, b):\n    return {a}\n", Verdict::WrongAnswer),
            (
                // Whatever it makes equal to everything is compared outside.
                "equal.py",
                "class E(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\ndef add(a, b):\n    return E(7)\n",
                Verdict::WrongAnswer,
            ),
            (
                "patches.py",
                "import json, builtins\njson.dumps = lambda *a, **k: '3'\nbuiltins.print = None\ndef add(a, b): return 4\n",
                Verdict::WrongAnswer,
            ),
            (
                // The only thing that is left: to give the result by another way. It must be right all the same.
                "forges.py",
                "import os\nopen('/.stepwell-result.json', 'w').write('{\"returned\":3}')\nos._exit(0)\n",
                Verdict::WrongAnswer,
            ),
        ],
    );
}

#[test]
fn a_function_in_javascript_is_called() {
    let folder = Folder::with(&[(
        "problem.toml",
        "mode = \"function\"\nfunction = \"add\"\n[[case]]\ncall = [1, 2]\nreturns = 3\n[[case]]\ncall = [\"a\", \"b\"]\nreturns = \"ab\"\n",
    )]);
    expect(
        &folder,
        &[
            (
                "script.js",
                "function add(a, b) { console.log('noise'); return a + b; }",
                Verdict::Accepted,
            ),
            ("arrow.js", "const add = (a, b) => a + b;", Verdict::Accepted),
            ("module.mjs", "export function add(a, b) { return a + b; }", Verdict::Accepted),
            ("export.js", "export const add = async (a, b) => a + b;", Verdict::Accepted),
            ("wrong.js", "function add(a, b) { return a - b; }", Verdict::WrongAnswer),
            ("nan.js", "function add(a, b) { return NaN; }", Verdict::WrongAnswer),
            ("none.js", "function sum(a, b) { return a + b; }", Verdict::RuntimeError),
            ("other.js", "function other(x){return x}", Verdict::RuntimeError),
            ("number.js", "const add = 3;", Verdict::RuntimeError),
            ("throws.js", "function add(a, b) { throw new Error('no'); }", Verdict::RuntimeError),
            (
                "patches.js",
                "JSON.stringify = () => '3'; function add(a, b) { return 4; }",
                Verdict::WrongAnswer,
            ),
        ],
    );
}

#[test]
fn what_json_does_not_have_is_a_wrong_answer_and_no_failure() {
    let problem = "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 3\n";
    let deep = "const f = () => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; };";
    let rows = [
        ("cycle.js", "const f = () => { const a = [1]; a.push({ a }); return a; };", "inside"),
        ("itself.js", "const f = () => { const a = {}; a.a = a; return a; };", "inside"),
        ("deep.js", deep, "levels"),
        ("nan.js", "const f = () => [{ a: NaN }];", "NaN"),
        ("map.js", "const f = () => [new Map()];", "Map"),
        ("big.js", "const f = () => 3n;", "bigint"),
        ("cycle.py", "def f():\n    a = []\n    a.append(a)\n    return a\n", "Circular"),
        (
            "deep.py",
            "def f():\n    a = []\n    for i in range(100000): a = [a]\n    return a\n",
            "list: ",
        ),
        ("nan.py", "def f(): return float('nan')\n", "float: "),
    ];
    let folder = Folder::with(&[("problem.toml", problem)]);
    rows.iter().for_each(|(name, text, _)| folder.write(name, text.as_bytes()));
    let report = folder.grade(&rows.map(|(name, ..)| name));
    for (submission, (name, _, what)) in report.submissions.iter().zip(rows) {
        let case = &submission.cases[0];
        assert_eq!(case.verdict, Verdict::WrongAnswer, "{name}: {case:#?}");
        let note = case.difference.as_ref().and_then(|one| one.note.clone()).unwrap_or_default();
        let is_said = note.starts_with("it returned what JSON does not have: ");
        assert!(is_said && note.contains(what), "{name}: {note}");
    }
}

#[test]
fn what_is_nested_and_shared_is_returned_as_it_is() {
    let mut deep = "3".to_owned();
    (0..100).for_each(|_| deep = format!("[{deep}]"));
    let problem = format!(
        "mode = \"function\"\nfunction = \"f\"\n[[case]]\ninput = '[{deep}]'\nanswer = '[{deep}, {deep}]'\n"
    );
    let folder = Folder::with(&[("problem.toml", &problem)]);
    let rows = [
        ("a.js", "const f = (a) => [a, a];", Verdict::Accepted),
        ("a.py", "def f(a): return [a, a]\n", Verdict::Accepted),
    ];
    expect(&folder, &rows);
}

#[test]
fn integers_of_python_have_no_limit_on_their_way_and_the_usual_one_inside() {
    let ones = "1".repeat(5000);
    let problem = format!(
        "mode = \"function\"\nfunction = \"f\"\n[[case]]\ninput = '[{ones}]'\nanswer = '{}'\n",
        "2".repeat(5000)
    );
    let folder = Folder::with(&[("problem.toml", &problem)]);
    let own = "import sys\ndef f(a):\n    assert sys.get_int_max_str_digits() == 4300\n    return 2 * a\n";
    let patches =
        "import sys\nsys.set_int_max_str_digits = lambda digits: 1 / 0\ndef f(a): return 2 * a\n";
    let rows = [
        ("right.py", "def f(a): return 2 * a\n", Verdict::Accepted),
        ("wrong.py", "def f(a): return 2 * a + 1\n", Verdict::WrongAnswer),
        ("own.py", own, Verdict::Accepted),
        ("patches.py", patches, Verdict::Accepted),
        ("converts.py", "def f(a): return int(str(2 * a))\n", Verdict::RuntimeError),
    ];
    expect(&folder, &rows);
}

#[test]
fn a_module_that_does_not_export_the_function_by_its_name_is_told_to() {
    let problem = "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 3\n";
    let folder = Folder::with(&[("problem.toml", problem)]);
    let rows = [
        ("hidden.mjs", "function f() { return 3; }\nexport const g = 1;", true),
        ("default.js", "export default function f() { return 3; }", true),
        ("imports.js", "import * as std from 'std';\nfunction f() { return 3; }", true),
        ("script.js", "function g() { return 3; }", false),
    ];
    rows.iter().for_each(|(name, text, _)| folder.write(name, text.as_bytes()));
    let report = folder.grade(&rows.map(|(name, ..)| name));
    for (submission, (name, _, is_module)) in report.submissions.iter().zip(rows) {
        let case = &submission.cases[0];
        assert_eq!(case.verdict, Verdict::RuntimeError, "{case:#?}");
        assert!(case.stderr.contains("has no function f"), "{name}: {}", case.stderr);
        let is_told = case.stderr.contains("it is a module, which must export it by that name");
        assert_eq!(is_told, is_module, "{name}: {}", case.stderr);
    }
}

#[test]
fn a_function_that_is_missing_is_named() {
    let call = "[[case]]\ncall = [1]\nreturns = 1\n";
    let other = "function other(x){return x}\n";
    let files = [
        ("nofn.js", other),
        ("two.js", "function other(x){return x}\nfunction b(){}\n"),
        ("number.js", "const solve = 3, f = 3, sol = 3;\n"),
        ("module.mjs", "export function other(x){return x}\n"),
        ("other.py", "def other(x): return x\n"),
    ];
    for function in ["solve", "f", "sol"] {
        let problem = format!("mode = \"function\"\nfunction = \"{function}\"\n{call}");
        let folder = Folder::with(&[("problem.toml", &problem)]);
        files.iter().for_each(|(name, text)| folder.write(name, text.as_bytes()));
        for submission in folder.grade(&files.map(|(name, _)| name)).submissions {
            let case = &submission.cases[0];
            assert_eq!(case.verdict, Verdict::RuntimeError, "{case:?}");
            let why = format!("has no function {function}");
            assert!(case.stderr.contains(&why), "{case:?}");
        }
    }
}

#[test]
fn a_function_is_found_wherever_it_lies_in_memory() {
    // The interpreter has read memory that is not its own, and whether that is a trap depends on all that was there before.
    let problem = "mode = \"function\"\nfunction = \"solve\"\n[[case]]\ncall = [1]\nreturns = 1\n";
    let folder = Folder::with(&[("problem.toml", problem)]);
    let names: Vec<String> = (0..24).map(|at| format!("has{at}.js")).collect();
    for (at, name) in names.iter().enumerate() {
        let others: String =
            (0..at / 2).map(|at| format!("function b{at}(x){{return x+{at}}}\n")).collect();
        let solve = ["function solve(x){return x}\n", "const solve = (x) => x\n"][at % 2];
        folder.write(name, format!("{others}{solve}").as_bytes());
    }
    let report = folder.grade(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for submission in &report.submissions {
        assert_eq!(submission.verdict, Verdict::Accepted, "{submission:?}");
    }
}
