//! Code that the interpreter by itself translates wrongly gives the right answer.

mod common;

use stepwell::{Process, State, Value};

use common::{module, run};

/// Conditions of a `select` that the interpreter makes one operator with it. Each is 1 for 0 and 0 for 7.
const ARE_ZERO: &[&str] = &[
    "local.get $x i32.eqz",
    "local.get $x i32.const 0 i32.eq",
    "i32.const 0 local.get $x i32.eq",
    "local.get $x i32.eqz i32.eqz i32.eqz",
    "local.get $x i32.const 0 i32.ne i32.eqz",
    "local.get $x call $same i32.eqz",
    "(block (result i32) (br_if 0 (local.get $x) (i32.const 1)) drop (local.get $x)) i32.eqz",
    "(loop (result i32) local.get $x i32.eqz)",
    "local.get $x i32.eqz local.tee $y",
    "local.get $x i32.eqz i32.const 0 i32.or",
    "local.get $x i32.eqz local.get $y local.set $y",
    "local.get $x i32.eqz i64.extend_i32_u i64.const 0 i64.ne",
    "local.get $x i32.eqz local.get $y i32.const 1 select",
    "local.get $x i32.eqz (loop (param i32) (result i32))",
    "local.get $x table.get $t ref.is_null i32.eqz",
    "local.get $x table.get $t local.set $r local.get $r ref.is_null i32.eqz",
];

/// What a function returns that selects between two values by a condition.
fn selected(ty: &str, select: &str, condition: &str, x: i32) -> Vec<Value> {
    let text = format!(
        "(module
            (table $t 8 funcref)
            (elem (i32.const 0) func $same)
            (func $same (param i32) (result i32) local.get 0)
            (func $f (param $x i32) (result {ty}) (local $y i32) (local $r funcref)
                {ty}.const 10 {ty}.const 20 {condition} {select})
            (func (export \"run\") (result {ty}) i32.const {x} call $f))"
    );
    let mut process = Process::builder(&module(&text)).invoke("run", []).spawn().unwrap();
    assert_eq!(run(&mut process), State::Exited(0), "{text}");
    process.results()
}

#[test]
fn select_by_a_comparison_with_zero() {
    for condition in ARE_ZERO {
        for (x, expected) in [(0, 10), (7, 20)] {
            for select in ["select", "select (result i32)"] {
                let results = selected("i32", select, condition, x);
                assert_eq!(results, [Value::I32(expected)], "{condition} {select}, x = {x}");
            }
            let results = selected("i64", "select", condition, x);
            assert_eq!(results, [Value::I64(expected.into())], "{condition}, x = {x}");
            let results = selected("f64", "select", condition, x);
            assert_eq!(results, [Value::F64(expected.into())], "{condition}, x = {x}");
        }
    }
}

/// Functions that leave `$x`, which is 3, below a construct with a parameter that may set it.
const BELOW_A_CONSTRUCT: &[&str] = &[
    "local.get $x i32.const 5 local.get $no (if (param i32) (then local.set $x) (else drop))",
    "local.get $x i32.const 5 local.get $no i32.eqz
        (if (param i32) (then drop) (else local.set $x))",
    "local.get $x i32.const 5
        (block (param i32) drop (br_if 0 (i32.eqz (local.get $no))) (local.set $x (i32.const 7)))",
    "local.get $x i32.const 3
        (loop (param i32)
            local.set $n
            (local.set $x (i32.const 9))
            (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
            local.get $n br_if 0
            drop)",
    "local.get $x local.get $n i32.const 5 i32.const 5
        (loop (param i32 i32)
            drop drop
            (br_if 0 (i32.const 1) (i32.const 1)
                (i32.lt_u (local.tee $n (i32.add (local.get $n) (local.get $x))) (i32.const 9)))
            drop drop
            (local.set $x (i32.const 7)))
        drop",
];

#[test]
fn locals_below_a_construct_with_parameters() {
    for code in BELOW_A_CONSTRUCT {
        let text = format!(
            "(module
                (func $f (param $x i32) (param $no i32) (result i32) (local $n i32) {code})
                (func (export \"run\") (result i32) i32.const 3 i32.const 0 call $f))"
        );
        let mut process = Process::builder(&module(&text)).invoke("run", []).spawn().unwrap();
        assert_eq!(run(&mut process), State::Exited(0), "{text}");
        assert_eq!(process.results(), [Value::I32(3)], "{code}");
    }
}
