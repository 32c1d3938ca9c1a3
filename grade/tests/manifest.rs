//! What is wrong with a problem.toml is named with its line and its key.

mod support;

use grade::Problem;

use self::support::Folder;

#[test]
fn errors_name_line_and_key() {
    let rows = [
        ("name = 1\n", "problem.toml:1:8: name: invalid type"),
        ("\nodd = 1\n[[case]]\n", "problem.toml:2:1: unknown field `odd`"),
        ("[limits]\nmemory = \"much\"\n", "problem.toml:2:10: limits.memory: invalid value"),
        ("[limits]\nsteps = -1\n", "problem.toml:2:9: limits.steps: "),
        ("[limits]\nodd = 1\n", "problem.toml:2:1: limits: unknown field `odd`"),
        ("[[case]]\n[[case]]\ninput = 1\n", "problem.toml:3:9: case[1].input: invalid type"),
        ("case = [{ points = 1 }, { points = \"a\" }]\n", "problem.toml:1:36: case[1].points: "),
        ("name = \n", "problem.toml:1:"),
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
        ("", "problem.toml: there is no case"),
    ];
    for (text, expected) in rows {
        let folder = Folder::with(&[("problem.toml", text)]);
        let error = Problem::read(folder.path()).expect_err(text).to_string();
        assert!(error.contains(expected), "{text:?} gives {error}");
    }
}

#[test]
fn what_no_submission_could_be_graded_with_is_refused() {
    let interactive = "mode = \"interactive\"\ninteractor = { path = \"ok.py\" }\n";
    let function = "mode = \"function\"\nfunction = \"f\"\n[[case]]\nreturns = 1\n";
    let json = "[checker]\ntype = \"json\"\n[[case]]\n";
    let regex = "[checker]\ntype = \"regex\"\n[[case]]\n";
    let case = "[[case]]\nanswer = \"\"\n";
    let (files, expect) = ("mode = \"files\"\n[[case]]\n", "expect = [");
    let many = "[[case]]\nanswer = \"\"\npoints = 1e308\n";
    let (group, in_group) = ("[[group]]\n", "[[group.case]]\nanswer = \"\"\n");
    let program =
        |path: &str| format!("{case}[checker]\ntype = \"program\"\nprogram = {{ {path} }}\n");
    let no_checker = "in the mode interactive the interactor decides, and there is no checker";
    let rows = [
        (format!("{interactive}[checker]\ntype = \"exact\"\n[[case]]\n"), "3:2: checker: in"),
        (
            format!(
                "{interactive}[[case]]\nchecker = {{ type = \"program\", program = {{ path = \"ok.py\" }} }}\n"
            ),
            no_checker,
        ),
        ("mode = \"function\"\nfunction = \"f;x\"\n".into(), "2:1: function: the name of a"),
        ("mode = \"function\"\nfunction = \"1f\"\n".into(), "starts with no digit"),
        (
            format!("{function}input = \"{{}}\"\n"),
            "5:1: case[0].input: the arguments of a call are",
        ),
        (format!("{function}input_file = \"bad.json\"\n"), "case[0].input_file: bad.json: the arg"),
        (format!("args = [\"a\", \"\\u0000\"]\n{case}"), "1:14: args[1]: an argument has no NUL"),
        (format!("{case}args = [\"\\u0000\"]\n"), "case[0].args[0]: an argument has no NUL"),
        (format!("{case}[env]\n\"\" = \"x\"\n"), "4:1: env.: a variable has a name"),
        (format!("{case}[env]\n\"A=B\" = \"x\"\n"), "env.A=B: a variable has a name without ="),
        (format!("{case}[env]\nA = \"\\u0000\"\n"), "env.A: a variable"),
        (format!("{case}[limits]\nfiles = 0\n"), "4:1: limits.files: it is above 0"),
        (format!("{case}[limits]\ninodes = 0\n"), "4:1: limits.inodes: it is above 0"),
        (
            format!(
                "file = [{{ path = \"a\", text = \"\" }}, {{ path = \"a/b\", text = \"\" }}]\n{case}"
            ),
            "file[1].path: a/b and a cannot both be files",
        ),
        (
            format!(
                "file = [{{ path = \"a\", text = \"\" }}, {{ path = \"/a\", text = \"\" }}]\n{case}"
            ),
            "file[1].path: there is another file a",
        ),
        (
            format!(
                "file = [{{ path = \"a/b\", text = \"\" }}]\n{case}file = [{{ path = \"a\", text = \"\" }}]\n"
            ),
            "case[0].file[0].path: a and a/b cannot both be files",
        ),
        (
            format!("file = [{{ path = \"a\\u0000\", text = \"\" }}]\n{case}"),
            "file[0].path: a path has",
        ),
        (format!("{json}answer = \"{{\"\n"), "4:1: case[0].answer: the answer: EOF"),
        (
            format!("{json}answer_file = \"bad.json\"\n"),
            "case[0].answer_file: bad.json: the answer: ",
        ),
        (format!("{regex}answer = \"(\"\n"), "4:1: case[0].answer: the pattern: "),
        ("[checker]\ntype = \"regex\"\npattern = \"(?x)a # b\"\n".into(), "checker.pattern: "),
        (
            format!("mode = \"files\"\n{json}expect = [{{ path = \"a\", from = \"bad.json\" }}]\n"),
            "case[0].expect[0]: bad.json: the answer: ",
        ),
        (
            format!("{case}[submissions]\naccepted = [\"ok.py\"]\nwrong_answer = [\"./ok.py\"]\n"),
            "5:17: submissions.wrong_answer[0]: ./ok.py is a submission that must get accepted already",
        ),
        (
            program("path = \"two\""),
            "5:13: checker.program.path: it has no file that is called main",
        ),
        (program("path = \"a.cob\""), "no runtime is known for a.cob: say one with `runtime`"),
        (program("path = \"ok.py\", runtime = \"cobol\""), "checker.program.runtime: there is no"),
        (format!("{case}input_file = \".\"\n"), "it is no file"),
        (
            format!(
                "{files}{expect}{{ path = \"o\", text = \"\" }}, {{ path = \"/o\", text = \"\" }}]\n"
            ),
            "3:40: case[0].expect[1].path: there is another file o",
        ),
        (
            format!(
                "{files}{expect}{{ path = \"o\", text = \"\" }}, {{ path = \"o/p\", text = \"\" }}]\n"
            ),
            "case[0].expect[1].path: o/p and o cannot both be files",
        ),
        (
            format!("runtime = \"clang\"\n{function}call = []\n"),
            "1:1: runtime: functions are called in Python and JavaScript, and not in clang",
        ),
        (
            format!("runtime = \"wasm\"\n{function}call = []\n"),
            "1:1: runtime: functions are called in Python and JavaScript, and not in wasm",
        ),
        (format!("name = \"a\"\nruntime = \"cobol\"\n{case}"), "2:1: runtime: there is no"),
        (format!("runtime = \"\"\n{case}"), "1:1: runtime: there is no"),
        (format!("runtime = \"python@9\"\n{case}"), "1:1: runtime: there is no"),
        (
            format!("{function}call = [1, [nan]]\n"),
            "5:13: case[0].call[1][0]: JSON has no such value",
        ),
        (format!("{function}call = [1e999]\n"), "5:9: case[0].call[0]: floating-point number"),
        (format!("{function}call = [-inf]\n"), "5:9: case[0].call[0]: JSON has no such value"),
        (
            format!("{function}call = [{{ a = 1979-05-27 }}]\n"),
            "5:15: case[0].call[0].a: JSON has no such value",
        ),
        (
            "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 07:32:00\n"
                .into(),
            "5:11: case[0].returns: JSON has no such value",
        ),
        (format!("{case}args = [1979-05-27]\n"), "3:9: case[0].args[0]: invalid type"),
        (format!("{many}{many}"), "1:3: case: the points add up to no finite number"),
        (
            format!(
                "{group}name = \"b\"\n[[group.case]]\nanswer = \"\"\npoints = 1e308\n[[group.case]]\nanswer = \"\"\npoints = 1e308\n"
            ),
            "1:1: group[0]: the points add up",
        ),
        (
            format!(
                "{group}name = \"b\"\npoints = 1e308\n{in_group}{group}name = \"c\"\npoints = 1e308\n{in_group}"
            ),
            "6:1: group[1]: the points add up",
        ),
        ("limits = 3\n".into(), "1:10: limits: invalid type: integer `3`, expected a table"),
        ("checker = 3\n".into(), "1:11: checker: invalid type: integer `3`, expected a table"),
        (
            "interactor = \"a.py\"\n".into(),
            "interactor: invalid type: string \"a.py\", expected a table",
        ),
        ("case = [1]\n".into(), "1:9: case[0]: invalid type: integer `1`, expected a table"),
        ("group = [1]\n".into(), "group[0]: invalid type: integer `1`, expected a table"),
        ("file = [1]\n".into(), "file[0]: invalid type: integer `1`, expected a table"),
        (program("path = \"nix.py\""), "5:13: checker.program.path: the checker "),
        (
            "mode = \"interactive\"\ninteractor = { path = \"nix.py\" }\n[[case]]\n".into(),
            "2:16: interactor.path: the interactor ",
        ),
    ];
    for (text, expected) in rows {
        let folder = Folder::with(&[
            ("problem.toml", &text),
            ("ok.py", ""),
            ("bad.json", "{"),
            ("two/a.py", ""),
            ("two/b.py", ""),
            ("a.cob", ""),
        ]);
        let error = Problem::read(folder.path()).expect_err(&text).to_string();
        assert!(error.contains(expected), "{text:?} gives {error}");
    }
}

#[test]
fn what_is_no_utf_8_is_named_with_its_line() {
    let folder = Folder::with(&[]);
    folder.write("problem.toml", b"name = \"a\"\n# \xc3\xa9 \xff\n");
    let error = Problem::read(folder.path()).expect_err("no UTF-8").to_string();
    assert!(error.ends_with("problem.toml:2:5: this is no UTF-8"), "{error}");
}

#[test]
fn a_star_of_a_pattern_stays_in_its_folder() {
    let rows: [(&str, &[&str]); 3] =
        [("secret/*.in", &["1"]), ("secret/**/*.in", &["1", "2"]), ("secret/*/*.in", &["2"])];
    for (pattern, expected) in rows {
        let folder = Folder::with(&[
            ("problem.toml", &format!("inputs = [\"{pattern}\"]\n")),
            ("secret/1.in", ""),
            ("secret/1.ans", ""),
            ("secret/hard/2.in", ""),
            ("secret/hard/2.ans", ""),
        ]);
        let cases: Vec<_> = folder.problem().cases.into_iter().map(|case| case.id).collect();
        assert_eq!(cases, expected, "{pattern}");
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
