//! Every format of a report, read back by another reader than its writer, on a report in which nothing is harmless.

use std::collections::BTreeMap;

use grade::report::{
    Compilation, Difference, Document, FORMAT, GroupReport, LimitHit, ProblemId, SubmissionId,
};
use grade::{Audience, CaseReport, Report, SubmissionReport, Verdict, Visibility};

/// What a submission can put into a report: what ends a CDATA section, a tag, a script, a row; what a terminal obeys; what is no
/// text; and a formula.
const HOSTILE: &str = "]]></system-out><script>alert('x')</script> & \"quoted\",\r\n=1+1\t\u{0}\u{1b}[2J\u{7}\u{202e}\u{fffd}\u{ffff}é🦀";
/// What only the staff may see, wherever it stands.
const SECRET: &str = "hidden-7bd1";
/// What the hash of the problem is made of, with which students could confirm a guess.
const PROBLEM: &str = "cd";

fn case(name: &str, visibility: Visibility, verdict: Verdict) -> CaseReport {
    let json = serde_json::json!({
        "case": name, "group": "g", "visibility": visibility, "verdict": verdict, "score": null,
        "score_max": 5.0, "steps": 1234, "memory_bytes": 65537,
    });
    serde_json::from_value(json).expect("a case")
}

fn hostile(visibility: Visibility, text: &str) -> CaseReport {
    let difference = Difference {
        file: None,
        line: 3,
        column: 7,
        expected: Some(text.into()),
        actual: Some(format!("{text}{}", "x".repeat(100_000))),
        note: Some(text.into()),
    };
    CaseReport {
        score: Some(0.0),
        exit_code: Some(77),
        trap: Some("unreachable".into()),
        limit: Some(LimitHit { name: "steps".into(), max: 1000 }),
        difference: Some(difference),
        judge_message: Some(format!("{SECRET} {text}")),
        team_message: Some(text.into()),
        stdout: text.into(),
        stderr: text.into(),
        judge_steps: Some(9),
        receipt: Some("f00d".repeat(16)),
        ..case(&format!("{visibility:?}"), visibility, Verdict::WrongAnswer)
    }
}

fn report() -> Report {
    let accepted =
        CaseReport { score: Some(5.0), ..case("=good", Visibility::Public, Verdict::Accepted) };
    let cases = vec![
        accepted,
        hostile(Visibility::Public, HOSTILE),
        hostile(Visibility::Hidden, SECRET),
        case("broken", Visibility::Hidden, Verdict::JudgeError),
        case("late", Visibility::Hidden, Verdict::Skipped),
    ];
    let submission = SubmissionReport {
        submission: SubmissionId {
            name: format!("=cmd|{HOSTILE}"),
            runtime: "python@3.12.0".into(),
            sha256: "ab".repeat(32),
        },
        verdict: Verdict::JudgeError,
        score: None,
        score_max: Some(10.0),
        expected: None,
        compilation: Some(Compilation {
            succeeded: true,
            steps: 5,
            memory_bytes: 6,
            diagnostics: HOSTILE.into(),
            limit: None,
        }),
        groups: ["", "g"]
            .map(|group| GroupReport {
                group: group.into(),
                verdict: Verdict::JudgeError,
                score: None,
                score_max: Some(10.0),
            })
            .into(),
        cases,
    };
    Report {
        format: FORMAT,
        stepwell: "0.1.0".into(),
        problem: ProblemId { name: HOSTILE.into(), sha256: Some(PROBLEM.repeat(32)) },
        submissions: vec![submission],
    }
}

/// A format, and the report in it for an audience.
fn written(audience: Audience) -> BTreeMap<&'static str, String> {
    let report = report().for_audience(audience);
    type Write<'a> = &'a dyn Fn(&mut Vec<u8>) -> std::io::Result<()>;
    let formats: [(&str, Write<'_>); 5] = [
        ("json", &|out| report.write_json(audience, out)),
        ("junit", &|out| report.write_junit(out)),
        ("gradescope", &|out| report.write_gradescope(audience, out)),
        ("csv", &|out| report.write_csv(out)),
        ("html", &|out| report.write_html(audience, out)),
    ];
    let written = formats.map(|(name, write)| {
        let mut bytes = Vec::new();
        write(&mut bytes).expect("memory takes everything");
        (name, String::from_utf8(bytes).expect("reports are UTF-8"))
    });
    written.into()
}

#[test]
fn no_report_for_students_has_what_is_hidden() {
    for (format, text) in written(Audience::Staff) {
        let has_problem = text.contains(&PROBLEM.repeat(32));
        assert_eq!(has_problem, ["json", "gradescope", "html"].contains(&format), "{format}");
        let shows = text.contains(SECRET);
        assert!(shows || format == "csv", "{format} for staff lacks what it should have");
    }
    for (format, text) in written(Audience::Student) {
        for secret in [SECRET, "for the judge", &PROBLEM.repeat(32)] {
            assert!(!text.contains(secret), "{format} shows {secret}");
        }
        // The receipt of the public case is there, that of the hidden one is not.
        assert!(text.matches(&"f00d".repeat(16)).count() <= 1, "{format}");
    }
    let report = report().for_audience(Audience::Student);
    let hidden = &report.submissions[0].cases[2];
    assert_eq!((hidden.exit_code, hidden.steps, hidden.memory_bytes), (None, 0, 0));
    assert_eq!((hidden.trap.as_deref(), hidden.verdict), (None, Verdict::WrongAnswer));
    let json: serde_json::Value =
        serde_json::from_str(&written(Audience::Student)["json"]).expect("JSON");
    for case in json["submissions"][0]["cases"].as_array().expect("cases") {
        let is_public = case["visibility"] == "public";
        for key in ["steps", "memory_bytes"] {
            assert_eq!(case.get(key).is_some(), is_public, "{key} in {case}");
        }
    }
}

#[test]
fn json_is_what_its_schema_says() {
    let mut compiler = boon::Compiler::new();
    let schema: serde_json::Value = serde_json::from_str(&grade::report_schema()).expect("JSON");
    compiler.add_resource("report.json", schema).expect("a schema");
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("report.json", &mut schemas).expect("a schema");
    for audience in [Audience::Staff, Audience::Student] {
        let text = &written(audience)["json"];
        let mut document: serde_json::Value = serde_json::from_str(text).expect("JSON");
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
        let read: Document<'_> = serde_json::from_str(text).expect("a document");
        assert_eq!(read.audience, audience);
        assert_eq!(read.digest, read.report.digest());
        assert_eq!(*read.report, report().for_audience(audience));
        document["submissions"][0]["cases"][0]["verdict"] = "right".into();
        assert!(schemas.validate(&document, index).is_err(), "the schema knows the verdicts");
    }
}

#[test]
fn junit_is_xml_with_a_test_for_each_case() {
    let text = &written(Audience::Staff)["junit"];
    let document = roxmltree::Document::parse(text).expect("XML");
    let tests: Vec<_> =
        document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let names: Vec<_> = tests.iter().filter_map(|test| test.attribute("name")).collect();
    assert_eq!(names, ["=good", "Public", "Hidden", "broken", "late"]);
    let outcomes = tests.iter().map(|test| {
        let tags = ["failure", "error", "skipped"];
        tags.into_iter().find(|tag| test.children().any(|node| node.has_tag_name(*tag)))
    });
    let expected = [None, Some("failure"), Some("failure"), Some("error"), Some("skipped")];
    assert_eq!(outcomes.collect::<Vec<_>>(), expected);
    let out = tests[1].children().find(|node| node.has_tag_name("system-out")).expect("output");
    assert!(out.text().is_some_and(|text| text.contains("]]></system-out><script>") && text.contains("␛[2J␇")));
    assert!(!document.descendants().any(|node| node.has_tag_name("script")));
    let failure = tests[1].children().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert_eq!(failure.attribute("type"), Some("wrong_answer"));
}

#[test]
fn csv_has_a_row_for_each_case_and_no_formulas() {
    let text = &written(Audience::Staff)["csv"];
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 5);
    let verdicts: Vec<_> = rows.iter().map(|row| row["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["accepted", "wrong_answer", "wrong_answer", "judge_error", "skipped"]);
    assert_eq!((rows[0]["case"].as_str(), rows[0]["score"].as_str()), ("'=good", "5"));
    assert_eq!((rows[3]["score"].as_str(), rows[1]["limit"].as_str()), ("", "steps"));
    for cell in rows.iter().flat_map(BTreeMap::values) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell:?}");
        assert!(!cell.contains(|char: char| char.is_control()), "{cell:?}");
    }
}

#[test]
fn gradescope_gives_no_zero_for_a_fault_of_the_grader() {
    let read = |audience| {
        serde_json::from_str::<serde_json::Value>(&written(audience)["gradescope"]).expect("JSON")
    };
    let results = read(Audience::Staff);
    assert_eq!(results.get("score"), None);
    let tests = results["tests"].as_array().expect("tests");
    let seen: Vec<_> = tests
        .iter()
        .map(|test| {
            (
                test["status"].as_str().unwrap(),
                test["visibility"].as_str().unwrap(),
                test.get("score").is_some(),
            )
        })
        .collect();
    let expected = [
        ("passed", "visible", true),
        ("failed", "visible", true),
        ("failed", "hidden", true),
        ("failed", "hidden", false),
        ("failed", "hidden", false),
    ];
    assert_eq!(seen, expected);
    for test in tests {
        let (is_hidden, output) = (test["visibility"] == "hidden", &test["output"]);
        let is_for_judges = output.as_str().is_some_and(|output| output.contains("for the judge"));
        assert!(is_hidden || !is_for_judges, "students see what is visible: {output}");
    }
    assert!(tests[2]["output"].as_str().is_some_and(|output| output.contains("for the judge")));
    let students = read(Audience::Student);
    assert!(
        students["tests"].as_array().unwrap().iter().all(|test| test["visibility"] == "visible")
    );

    let mut two = report();
    two.submissions.push(two.submissions[0].clone());
    let error = two.write_gradescope(Audience::Staff, Vec::new()).expect_err("two submissions");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn html_has_nothing_that_runs_and_nothing_from_elsewhere() {
    let text = &written(Audience::Staff)["html"];
    assert_eq!(text.matches("<script").count(), 0);
    assert!(text.contains("&lt;script&gt;alert"));
    for control in ['\u{0}', '\u{1b}', '\u{7}', '\u{202e}', '\u{ffff}'] {
        assert!(!text.contains(control), "{control:?}");
    }
    for outside in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!text.contains(outside), "{outside}");
    }
    assert!(text.contains("Content-Security-Policy") && text.contains("<mark>"));
    assert!(text.contains(&report().digest()));
}
