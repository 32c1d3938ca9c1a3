//! The same report however it is made: by one worker or eight, from the cache, after a kill.

mod support;

use std::fs;
use std::sync::atomic::Ordering;

use grade::{Error, Options, Problem, Submission};

use self::support::{Counter, Folder, guest, options};

/// Twenty cases, and submissions that echo, cut, and fail.
fn folder() -> Folder {
    let mut problem = String::new();
    for case in 0..20 {
        problem += &format!("[[case]]\ninput = \"{case}x\\n\"\nanswer = \"{case}x\\n\"\n");
    }
    let folder = Folder::with(&[("problem.toml", &problem)]);
    let bodies = [
        ("echo.wasm", "(call $read) (call $write (i32.load (i32.const 8)))"),
        ("cut.wasm", "(call $read) (call $write (i32.const 2))"),
        ("trap.wasm", "unreachable"),
    ];
    for (name, body) in bodies {
        folder.write_wat(name, &guest(&format!(r#"(func (export "_start") {body})"#)));
    }
    folder
}

fn all(folder: &Folder) -> (Problem, Vec<Submission>) {
    let names = ["echo.wasm", "cut.wasm", "trap.wasm"];
    (folder.problem(), names.iter().map(|name| folder.submission(name)).collect())
}

fn digest(folder: &Folder, options: &Options, counter: &Counter) -> Result<String, Error> {
    let (problem, submissions) = all(folder);
    grade::grade(&problem, &submissions, options, counter).map(|report| report.digest())
}

#[test]
fn the_number_of_workers_does_not_show() {
    let folder = folder();
    let digests = [1, 2, 8].map(|jobs| digest(&folder, &options(jobs), &Counter::default()).ok());
    assert!(digests[0].is_some() && digests.iter().all(|digest| *digest == digests[0]));
}

#[test]
fn a_second_run_is_from_the_cache_and_the_same() {
    let (folder, home) = (folder(), tempfile::tempdir().expect("a folder"));
    let options = Options { cache: true, home: Some(home.path().into()), ..options(2) };
    let (first, second) = (Counter::default(), Counter::default());
    let one = digest(&folder, &options, &first).expect("a report");
    let other = digest(&folder, &options, &second).expect("a report");
    assert_eq!(one, other);
    assert_eq!((first.counts(), second.counts()), ([60, 0, 0], [0, 60, 0]));
}

#[test]
fn why_a_submission_was_refused_is_in_the_report_from_the_cache_too() {
    let problem = "[[file]]\npath = \"data/x\"\ntext = \"\"\n[[case]]\nanswer = \"\"\n";
    let folder = Folder::with(&[("problem.toml", problem), ("a/data", "plain")]);
    folder.write_wat("a/main.wasm", &guest(r#"(func (export "_start"))"#));
    let home = tempfile::tempdir().expect("a folder");
    let options = Options { cache: true, home: Some(home.path().into()), ..options(1) };
    let (problem, submissions) = (folder.problem(), [folder.submission("a")]);
    let grade = || grade::grade(&problem, &submissions, &options, &Counter::default());
    let [first, second] = [grade(), grade()].map(|report| report.expect("a report"));
    assert!(first.submissions[0].compilation.is_some());
    assert_eq!(first, second);
}

#[test]
fn an_audit_makes_results_again_and_finds_a_forged_one() {
    let (folder, home) = (folder(), tempfile::tempdir().expect("a folder"));
    let options = Options { cache: true, home: Some(home.path().into()), ..options(2) };
    digest(&folder, &options, &Counter::default()).expect("a report");
    let (problem, submissions) = all(&folder);
    let audit = |part| grade::audit(&problem, &submissions, part, &options, &Counter::default());
    let sample = audit(0.01).expect("an audit");
    assert_eq!((sample.kept, sample.repeated, sample.different.len()), (60, 1, 0));
    assert!(audit(1.0).expect("an audit").different.is_empty());
    forge(home.path());
    let forged = audit(1.0).expect("an audit");
    assert_eq!((forged.repeated, forged.different.len()), (60, 1));
}

/// Makes one of the results that are kept another, with the hash that belongs to it.
fn forge(home: &std::path::Path) {
    let mut folders = vec![home.join("grade")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a result");
            let (_, json) = text.split_once('\n').expect("two lines");
            if json.contains("\"wrong_answer\"") {
                let json = json.replace("\"wrong_answer\"", "\"accepted\"");
                let sha256 = runtimes::sha256(json.as_bytes());
                fs::write(path, format!("{sha256}\n{json}")).expect("a file");
                return;
            }
        }
    }
    panic!("there is no wrong answer in the cache");
}

#[test]
fn a_run_that_was_stopped_goes_on_and_counts_nothing_twice() {
    let folder = folder();
    let whole = digest(&folder, &options(1), &Counter::default()).expect("a report");
    let journal = folder.path().join("journal.jsonl");
    let options = Options { journal: Some(journal.clone()), ..options(2) };
    let stopped = Counter { stop_after: Some(25), ..Counter::default() };
    let error = digest(&folder, &options, &stopped).expect_err("it was stopped");
    assert!(matches!(error, Error::Interrupted));
    // A kill in the middle of a write.
    let mut text = fs::read(&journal).expect("a journal");
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    assert!(lines >= 25 && lines == stopped.run.load(Ordering::SeqCst));
    text.extend_from_slice(br#"{"key":"00","case":{"case":"1","#);
    fs::write(&journal, text).expect("a journal");
    let resumed = Counter::default();
    assert_eq!(digest(&folder, &options, &resumed).expect("a report"), whole);
    assert_eq!(resumed.counts(), [60 - lines, 0, lines]);
    let again = Counter::default();
    assert_eq!(digest(&folder, &options, &again).expect("a report"), whole);
    assert_eq!(again.counts(), [0, 0, 60]);
}

#[test]
fn a_journal_is_for_one_process_and_nothing_else() {
    let folder = folder();
    let journal = folder.path().join("journal.jsonl");
    let options = Options { journal: Some(journal.clone()), ..options(1) };
    let held = fs::File::create(&journal).expect("a file");
    held.lock().expect("a lock");
    let error = digest(&folder, &options, &Counter::default()).expect_err("it is held");
    assert!(error.to_string().contains("another process"), "{error}");
    drop(held);
    fs::write(&journal, "a letter\n").expect("a file");
    let error = digest(&folder, &options, &Counter::default()).expect_err("it is none");
    assert!(error.to_string().contains("line 1"), "{error}");
    assert_eq!(fs::read_to_string(&journal).expect("a file"), "a letter\n");
}
