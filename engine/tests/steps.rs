//! Steps are the operators that were executed: random programs against the same programs that count for themselves.

mod common;

use std::fmt::Write as _;

use proptest::prelude::*;
use stepwell::{Process, State, Value};

use common::module;

/// A piece of a program. Numbers choose among what is possible where it stands.
#[derive(Clone, Debug)]
enum Piece {
    Work(u8),
    Block(Vec<Self>),
    Loop(Vec<Self>),
    If(Condition, Vec<Self>),
    IfElse(Condition, Vec<Self>, Vec<Self>),
    IfValue(Condition),
    BranchIf(Condition, u8),
    Branch(u8),
    Table(Condition, Vec<u8>),
    Return,
    Call(u8),
    /// Something that the interpreter may find to trap, in an arm that is never taken.
    NeverTaken(u8),
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    Random(u8),
    Constant(bool),
    /// Constants that have to be computed.
    Folded(bool),
    /// The result of a construct.
    Block(bool),
    Select(u8),
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        6 => any::<u8>().prop_map(Condition::Random),
        1 => any::<bool>().prop_map(Condition::Constant),
        1 => any::<bool>().prop_map(Condition::Folded),
        1 => any::<bool>().prop_map(Condition::Block),
        1 => any::<u8>().prop_map(Condition::Select),
    ]
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        4 => (0..12_u8).prop_map(Piece::Work),
        3 => (condition(), any::<u8>()).prop_map(|(condition, to)| Piece::BranchIf(condition, to)),
        1 => any::<u8>().prop_map(Piece::Branch),
        1 => (condition(), prop::collection::vec(any::<u8>(), 1..4))
            .prop_map(|(condition, to)| Piece::Table(condition, to)),
        1 => Just(Piece::Return),
        2 => any::<u8>().prop_map(Piece::Call),
        1 => condition().prop_map(Piece::IfValue),
        1 => any::<u8>().prop_map(Piece::NeverTaken),
    ];
    let piece = leaf.prop_recursive(5, 60, 5, |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            3 => some().prop_map(Piece::Block),
            4 => some().prop_map(Piece::Loop),
            3 => (condition(), some()).prop_map(|(condition, then)| Piece::If(condition, then)),
            2 => (condition(), some(), some())
                .prop_map(|(condition, then, or)| Piece::IfElse(condition, then, or)),
        ]
    });
    prop::collection::vec(piece, 0..6)
}

/// Writes a program as text, with a counter before each operator that counts, or without.
struct Writer {
    text: String,
    counting: bool,
    /// Whether each open construct is a loop, the outermost first.
    labels: Vec<bool>,
    function: usize,
    functions: usize,
}

impl Writer {
    /// An operator that counts.
    fn op(&mut self, operator: &str) {
        if self.counting {
            self.free("global.get $count i64.const 1 i64.add global.set $count");
        }
        self.free(operator);
    }

    fn ops(&mut self, operators: &[&str]) {
        operators.iter().for_each(|operator| self.op(operator));
    }

    /// Text that does not count.
    fn free(&mut self, text: &str) {
        writeln!(self.text, "{text}").expect("a string takes everything");
    }

    fn condition(&mut self, condition: Condition) {
        match condition {
            Condition::Random(bit) => {
                self.ops(&["global.get $x", "i32.const 1103515245", "i32.mul", "i32.const 12345"]);
                self.ops(&["i32.add", "global.set $x", "global.get $x"]);
                self.op(&format!("i32.const {}", 1 << (8 + bit % 16)));
                self.op("i32.and");
            }
            Condition::Constant(yes) => self.op(&format!("i32.const {}", i32::from(yes))),
            Condition::Folded(yes) => {
                self.ops(&["i32.const 5", "i32.const 3", "i32.sub"]);
                self.op(&format!("i32.const {}", if yes { 2 } else { 7 }));
                self.op("i32.eq");
            }
            Condition::Block(yes) => {
                self.free("block (result i32)");
                self.op(&format!("i32.const {}", i32::from(yes)));
                self.free("end");
            }
            Condition::Select(bit) => {
                self.ops(&["i32.const 1", "i32.const 1"]);
                self.condition(Condition::Random(bit));
                self.op("select");
            }
        }
    }

    /// A branch, which is only taken so often if it goes backwards.
    fn branch(&mut self, to: u8, operator: &str) {
        let depth = usize::from(to) % self.labels.len();
        if self.labels[self.labels.len() - 1 - depth] {
            self.ops(&["global.get $left", "i32.const 1", "i32.sub", "global.set $left"]);
            if operator == "br_if" {
                self.ops(&["global.get $left", "i32.const 0", "i32.gt_s", "i32.and"]);
                self.op(&format!("br_if {depth}"));
            } else {
                self.ops(&["global.get $left", "i32.const 0", "i32.gt_s"]);
                self.op(&format!("br_if {depth}"));
                self.op("return");
            }
        } else {
            self.op(&format!("{operator} {depth}"));
        }
    }

    fn construct(&mut self, start: &str, is_loop: bool, inside: &[Piece], or: Option<&[Piece]>) {
        self.free(start);
        self.labels.push(is_loop);
        self.pieces(inside);
        if let Some(or) = or {
            self.free("else");
            self.pieces(or);
        }
        self.labels.pop();
        self.free("end");
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            self.piece(piece);
        }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Work(amount) => {
                for _ in 0..*amount % 4 {
                    self.ops(&["global.get $x", "i32.const 7", "i32.xor", "global.set $x"]);
                }
                self.free("nop");
            }
            Piece::Block(inside) => self.construct("block", false, inside, None),
            Piece::Loop(inside) => self.construct("loop", true, inside, None),
            Piece::If(condition, then) => {
                self.condition(*condition);
                self.op("");
                self.construct("if", false, then, None);
            }
            Piece::IfElse(condition, then, or) => {
                self.condition(*condition);
                self.op("");
                self.construct("if", false, then, Some(or));
            }
            Piece::IfValue(condition) => {
                // An `if` without `else` that has results passes its parameters through.
                self.op("i32.const 3");
                self.condition(*condition);
                self.op("");
                self.free("if (param i32) (result i32)");
                self.ops(&["drop", "i32.const 4"]);
                self.free("end");
                self.op("drop");
            }
            Piece::BranchIf(condition, to) => {
                self.condition(*condition);
                // `and` below wants exactly 0 or 1.
                self.ops(&["i32.eqz", "i32.eqz"]);
                self.branch(*to, "br_if");
            }
            Piece::Branch(to) => self.branch(*to, "br"),
            Piece::Table(condition, to) => {
                let forward: Vec<_> = to
                    .iter()
                    .map(|to| usize::from(*to) % self.labels.len())
                    .filter(|depth| !self.labels[self.labels.len() - 1 - depth])
                    .map(|depth| depth.to_string())
                    .collect();
                if forward.is_empty() {
                    return;
                }
                self.condition(*condition);
                self.op(&format!("br_table {}", forward.join(" ")));
            }
            Piece::Return => self.op("return"),
            Piece::Call(which) => {
                let later = self.functions - self.function - 1;
                if later > 0 {
                    let callee = self.function + 1 + usize::from(*which) % later;
                    self.op(&format!("call $f{callee}"));
                }
            }
            Piece::NeverTaken(which) => {
                self.ops(&["global.get $zero", ""]);
                self.free("if");
                let never: &[&str] = match which % 6 {
                    0 => &["i32.const 1", "i32.const 0", "i32.div_u", "drop"],
                    1 => &["global.get $x", "i32.const 0", "i32.rem_s", "drop"],
                    2 => &["f64.const nan", "i32.trunc_f64_s", "drop"],
                    3 => &["i32.const -1", "i32.load offset=4", "drop"],
                    4 => &["i32.const -1", "i32.const 9", "i32.store offset=4"],
                    _ => &["i32.const 0", "br_if 0"],
                };
                self.ops(never);
                // What follows is dead for the interpreter, and its charges must not fall on what is alive.
                self.construct("block", false, &[Piece::Work(3), Piece::Return], None);
                self.construct("loop", true, &[Piece::Work(2)], None);
                self.free("end");
            }
        }
    }
}

fn program(functions: &[Vec<Piece>], counting: bool) -> String {
    let mut writer = Writer {
        text: String::from(
            "(module (memory 1)
               (global $count (mut i64) (i64.const 0)) (global $x (mut i32) (i32.const 42))
               (global $left (mut i32) (i32.const 40)) (global $zero (mut i32) (i32.const 0))\n",
        ),
        counting,
        labels: Vec::new(),
        function: 0,
        functions: functions.len(),
    };
    for (index, pieces) in functions.iter().enumerate() {
        writer.function = index;
        writer.free(&format!("(func $f{index}"));
        // Entering it.
        writer.op("");
        writer.labels = vec![false];
        writer.pieces(pieces);
        writer.free(")");
    }
    writer.free("(func (export \"run\") (result i64)");
    writer.op("");
    writer.op("call $f0");
    writer.op("global.get $count");
    writer.free("))");
    writer.text
}

/// Runs a program in slices of this many steps: how it ended, its steps, and what it returned.
fn run(text: &str, slice: u64) -> (State, u64, Vec<Value>) {
    let module = module(text);
    let mut process = Process::builder(&module).invoke("run", []).spawn().unwrap();
    let state = loop {
        match process.run(slice) {
            State::Yielded => {}
            state => break state,
        }
    };
    (state, process.steps(), process.results())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn steps_are_the_operators_that_were_executed(
        functions in prop::collection::vec(pieces(), 1..4),
        slice in 1..2000_u64,
    ) {
        let plain = program(&functions, false);
        let (state, _, counted) = run(&program(&functions, true), u64::MAX);
        prop_assert_eq!(&state, &State::Exited(0));
        let [Value::I64(counted)] = counted[..] else { panic!("it returns its count") };
        let (state, steps, _) = run(&plain, u64::MAX);
        prop_assert_eq!(&state, &State::Exited(0), "{}", plain);
        prop_assert_eq!(steps, counted.cast_unsigned(), "{}", plain);
        prop_assert_eq!(run(&plain, slice).1, steps, "in slices of {}: {}", slice, plain);
    }
}

/// Where the interpreter charges, although only calls or values stand there.
#[test]
fn loops_of_loops_take_exact_steps() {
    let call_first = r#"(module (global $n (mut i64) (i64.const 0))
        (func $f (global.set $n (i64.add (global.get $n) (i64.const 1))))
        (func (export "run") (result i64) (local $i i32) (local $o i32)
            (loop $outer
                call $f
                (loop $inner
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $inner (i32.lt_u (local.get $i) (i32.const 10)))
                    (local.set $o (i32.add (local.get $o) (i32.const 1)))
                    (br_if $outer (i32.lt_u (local.get $o) (i32.const 2)))))
            global.get $n))"#;
    let parameters = r#"(module
        (func (export "run") (result i64) (local $i i32)
            i32.const 3
            (loop $outer (param i32)
                (loop $inner (param i32)
                    i32.const 1 i32.sub local.tee $i
                    local.get $i br_if $inner
                    drop))
            i64.const 7))"#;
    // Twice a call and what it calls, and what is behind the inner loop; that 11 times; the entry and the result.
    let call_first_steps = 2 * (6 + 8) + 11 * 8 + 2;
    // Three times the inner loop and what is in it; the outer one, the entry and the rest.
    let parameters_steps = 3 * 6 + 1 + 4;
    let cases = [(call_first, 2, call_first_steps), (parameters, 7, parameters_steps)];
    for (text, result, steps) in cases {
        let expected = (State::Exited(0), steps, vec![Value::I64(result)]);
        assert_eq!(run(text, u64::MAX), expected, "{text}");
    }
}
