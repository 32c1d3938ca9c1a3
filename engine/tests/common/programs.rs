//! Random programs as text, of every kind of control flow, which end.

use std::fmt::Write as _;

use proptest::prelude::*;

/// A piece of a program. Numbers choose among what is possible where it stands.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
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
    /// A syscall with so many operands below it.
    Host(u8),
    /// An `if` whose arms give constants, around pieces, that decides another `if`.
    Decide(Condition, Vec<Self>),
    /// A construct with operands below it and, if it is a loop, with a parameter.
    Above(bool, Vec<Self>),
    /// Something that the interpreter may find to trap, in an arm that is never taken.
    NeverTaken(u8),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition {
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

/// Pieces that a function is made of.
pub(crate) fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        4 => (0..12_u8).prop_map(Piece::Work),
        3 => (condition(), any::<u8>()).prop_map(|(condition, to)| Piece::BranchIf(condition, to)),
        1 => any::<u8>().prop_map(Piece::Branch),
        1 => (condition(), prop::collection::vec(any::<u8>(), 1..4))
            .prop_map(|(condition, to)| Piece::Table(condition, to)),
        1 => Just(Piece::Return),
        2 => any::<u8>().prop_map(Piece::Call),
        3 => any::<u8>().prop_map(Piece::Host),
        1 => condition().prop_map(Piece::IfValue),
        1 => any::<u8>().prop_map(Piece::NeverTaken),
    ];
    let piece = leaf.prop_recursive(5, 60, 5, |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            3 => some().prop_map(Piece::Block),
            2 => (any::<bool>(), some()).prop_map(|(is_loop, inside)| Piece::Above(is_loop, inside)),
            2 => (condition(), some()).prop_map(|(condition, inside)| Piece::Decide(condition, inside)),
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
    /// Whether each open construct is a loop, the outermost first; nothing for one that no piece may branch to.
    labels: Vec<Option<bool>>,
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

    fn label(&self, depth: usize) -> Option<bool> {
        self.labels[self.labels.len() - 1 - depth]
    }

    /// A branch, which is only taken so often if it goes backwards.
    fn branch(&mut self, to: u8, operator: &str) {
        let mut depth = usize::from(to) % self.labels.len();
        if self.label(depth).is_none() {
            depth = 0;
        }
        if self.label(depth) == Some(true) {
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
        self.labels.push(Some(is_loop));
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
                    .filter(|depth| self.label(*depth) == Some(false))
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
            Piece::Host(below) => {
                // Operands of several types, which are all used afterwards.
                let types = ["i32", "i64", "f32", "f64"];
                let below: Vec<_> = (0..*below % 4)
                    .map(|at| types[(usize::from(at) + usize::from(*below)) % 4])
                    .collect();
                for ty in &below {
                    self.op("global.get $x");
                    self.ops(match *ty {
                        "i64" => &["i64.extend_i32_u"][..],
                        "f32" => &["f32.convert_i32_s"],
                        "f64" => &["f64.convert_i32_s"],
                        _ => &[],
                    });
                }
                self.op("call $yield");
                self.ops(&["global.get $x", "i32.add", "global.set $x"]);
                for ty in below.iter().rev() {
                    self.ops(match *ty {
                        "i64" => &["i32.wrap_i64"][..],
                        "f32" => &["i32.reinterpret_f32"],
                        "f64" => &["i64.reinterpret_f64", "i32.wrap_i64"],
                        _ => &[],
                    });
                    self.ops(&["global.get $x", "i32.xor", "global.set $x"]);
                }
            }
            Piece::Decide(condition, inside) => {
                self.condition(*condition);
                self.op("");
                self.free("if (result i32)");
                // Nothing may branch to it without its result.
                self.labels.push(None);
                self.construct("block", false, inside, None);
                self.labels.pop();
                self.op("i32.const 1");
                self.free("else");
                self.op("i32.const 0");
                self.free("end");
                self.op("");
                self.free("if");
                self.ops(&["global.get $x", "i32.const 9", "i32.xor", "global.set $x"]);
                self.free("end");
            }
            Piece::Above(is_loop, inside) => {
                self.ops(&["global.get $x", "global.get $x", "i64.extend_i32_s"]);
                if *is_loop {
                    self.op("global.get $x");
                    self.free("loop (param i32) (result i32)");
                    // It costs a step itself, for its parameter.
                    self.op("");
                    self.op("global.set $x");
                    // Nothing may branch to it without its parameter: only a block inside is a label.
                    self.labels.push(None);
                    self.construct("block", false, inside, None);
                    self.ops(&[
                        "global.get $x",
                        "global.get $x",
                        "global.get $left",
                        "i32.const 1",
                    ]);
                    self.ops(&["i32.sub", "global.set $left", "i32.const 3", "i32.and", "i32.eqz"]);
                    self.ops(&["global.get $left", "i32.const 0", "i32.gt_s", "i32.and"]);
                    self.op("br_if 0");
                    self.labels.pop();
                    self.free("end");
                    self.op("drop");
                } else {
                    self.construct("block", false, inside, None);
                }
                self.ops(&["i32.wrap_i64", "i32.xor", "global.set $x"]);
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

/// The text of a program: its functions call those behind them, and its export `run` calls the first and returns what it has
/// counted, if it counts.
pub(crate) fn program(functions: &[Vec<Piece>], counting: bool) -> String {
    let mut writer = Writer {
        text: String::from(
            "(module
               (import \"wasi_snapshot_preview1\" \"sched_yield\" (func $yield (result i32)))
               (memory (export \"memory\") 1)
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
        writer.labels = vec![Some(false)];
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
