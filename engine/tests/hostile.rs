//! Steps of constructs that are nested deeper than any compiler would: as exact as all others.

mod common;

use stepwell::{Process, State};

use common::module;

/// A function whose body opens constructs, deeper each time, and closes them.
fn nested(depth: usize, before: &str, open: &str, close: impl Fn(usize) -> String) -> String {
    let mut text = format!("(module (func (export \"_start\") (local i32)\n{before}\n");
    (0..depth).for_each(|_| text.push_str(open));
    // The innermost is closed first.
    (0..depth).for_each(|level| text.push_str(&close(level)));
    text + "))"
}

fn steps(text: &str) -> u64 {
    let module = module(text);
    let mut process = Process::builder(&module).spawn().unwrap();
    assert_eq!(process.run(u64::MAX), State::Exited(0));
    process.steps()
}

#[test]
fn deep_nestings_take_exact_steps() {
    let plain = |text: &'static str| move |_| text.to_owned();
    let deep = 3_000;
    // The first step is the host's call.
    let cases = [
        ("blocks", nested(deep, "", "block\n", plain("end\n")), 0),
        ("loops", nested(deep, "", "loop\n", plain("end\n")), 0),
        ("branches", nested(deep, "", "block\n", plain("local.get 0 br_if 0 end\n")), 2 * deep),
        ("one loop", nested(deep, "", "loop\n", plain("local.get 0 br_if 0 end\n")), 2 * deep),
        ("ifs", nested(deep, "", "i32.const 1 if\n", plain("end\n")), 2 * deep),
        ("two arms", nested(deep, "", "i32.const 1 if\n", plain("else end\n")), 2 * deep),
        ("second arms", nested(deep, "", "i32.const 0 if else\n", plain("end\n")), 2 * deep),
    ];
    for (name, text, operators) in cases {
        assert_eq!(steps(&text), operators as u64 + 1, "{name}");
    }
}

/// An empty arm makes an `if` pay in its arms, which empties the arm around it, and so on outwards.
#[test]
fn an_if_that_is_all_of_an_arm_is_paid_for_however_deep() {
    for depth in [1, 2, 10, 20, 50] {
        let mut text = String::from("(module (func (export \"_start\")\n");
        (0..depth).for_each(|_| text.push_str("i32.const 1\n"));
        for level in (0..depth).rev() {
            text.push_str(&format!("if (param {})\n", "i32 ".repeat(level)));
        }
        for level in 0..depth {
            text.push_str(&format!("else {} end\n", "drop ".repeat(level)));
        }
        let text = text.replace("(param )", "") + "))";
        assert_eq!(steps(&text), 2 * depth as u64 + 1, "{depth} deep");
    }
}
