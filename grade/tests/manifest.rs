//! What is wrong with a problem.toml is named with its line and its key.

mod support;

use grade::Problem;

use self::support::Folder;

#[test]
fn errors_name_line_and_key() {
    let rows = [
        ("name = 1\n", "problem.toml:1:8: invalid type"),
        ("\nodd = 1\n[[case]]\n", "problem.toml:2:1: unknown field `odd`"),
        ("[limits]\nmemory = \"much\"\n", "problem.toml:2:10: invalid value"),
        ("[limits]\nsteps = -1\n", "problem.toml:2:9:"),
        (
            "mode = \"function\"\n[[case]]\ncall = []\n",
            "problem.toml:1:1: mode: the mode function needs",
        ),
        ("function = \"f\"\n[[case]]\n", "problem.toml:1:1: function: it is for the mode function"),
        (
            "[[case]]\nanswer = \"a\"\n[[case]]\ninput = \"b\"\n",
            "problem.toml:3:1: case[1].answer: the case has no answer",
        ),
        ("[[case]]\ninput_file = \"no.in\"\n", "problem.toml:2:1: case[0].input_file: cannot read"),
        (
            "[[case]]\nanswer = \"\"\nanswer_file = \"a\"\n",
            "problem.toml:3:1: case[0].answer_file: there is answer too",
        ),
        ("inputs = [\"*.in\"]\n", "problem.toml:1:11: inputs[0]: no file matches"),
        (
            "[checker]\ntype = \"regex\"\npattern = \"(\"\n[[case]]\n",
            "problem.toml:3:1: checker.pattern:",
        ),
        (
            "[checker]\npattern = \"a\"\n[[case]]\nanswer = \"\"\n",
            "problem.toml:2:1: checker.pattern: this type",
        ),
        (
            "[[case]]\nanswer = \"\"\n[submissions]\nperfect = []\n",
            "problem.toml:4:1: submissions.perfect: there is no such verdict",
        ),
        (
            "[[case]]\nanswer = \"\"\npoints = inf\n",
            "problem.toml:3:1: case[0].points: points are a number that is finite",
        ),
        (
            "[[case]]\nanswer = \"\"\npoints = -1\n",
            "problem.toml:3:1: case[0].points: points are a number that is finite",
        ),
        (
            "[[group]]\nname = \"g\"\npoints = nan\n[[group.case]]\nanswer = \"\"\n",
            "problem.toml:3:1: group[0].points: points are a number that is finite",
        ),
        ("", "problem.toml: "),
    ];
    for (text, expected) in rows {
        let folder = Folder::with(&[("problem.toml", text)]);
        let error = Problem::read(folder.path()).expect_err(text).to_string();
        assert!(error.contains(expected), "{text:?} gives {error}");
    }
}

#[test]
fn input_files_are_found_by_a_pattern_in_order() {
    let folder = Folder::with(&[
        (
            "problem.toml",
            "inputs = [\"tests/*.in\"]\n[[group]]\nname = \"g\"\ninputs = [\"more/*.in\"]\n",
        ),
        ("tests/b.in", ""),
        ("tests/b.ans", ""),
        ("tests/a.in", ""),
        ("tests/a.out", ""),
        ("more/a.in", ""),
        ("more/a.ans", ""),
    ]);
    let cases: Vec<_> = folder.problem().cases.into_iter().map(|case| case.id).collect();
    assert_eq!(cases, ["a", "b", "g/a"]);
}

#[test]
fn a_folder_without_a_problem_says_so() {
    let folder = Folder::with(&[]);
    let error = Problem::read(folder.path()).expect_err("there is none").to_string();
    assert!(error.contains("neither problem.toml nor problem.yaml"), "{error}");
}
