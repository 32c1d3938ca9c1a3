//! Random operations on few names.

use proptest::prelude::*;

use crate::op::{Op, Place};
use crate::{compare, host_base};

const PATHS: &[&str] =
    &["a", "a/f", "a/b", "a/b/x", "empty", "empty/y", "big", "g", "l", "new", "a/new"];

fn any_path() -> impl Strategy<Value = String> {
    proptest::sample::select(PATHS).prop_map(str::to_owned)
}

fn any_op() -> impl Strategy<Value = Op> {
    let pair = || (any_path(), any_path());
    prop_oneof![
        any_path().prop_map(Op::Create),
        any_path().prop_map(Op::Mkdir),
        pair().prop_map(|(target, path)| Op::Symlink(target, path)),
        pair().prop_map(|(from, to)| Op::Link(from, to)),
        any_path().prop_map(Op::Unlink),
        any_path().prop_map(Op::Rmdir),
        pair().prop_map(|(from, to)| Op::Rename(from, to)),
        (any_path(), 0..9_000u64, 1..6_000usize)
            .prop_map(|(path, at, len)| Op::Write(path, at, len)),
        (any_path(), 0..80_000u64).prop_map(|(path, len)| Op::Truncate(path, len)),
        any_path().prop_map(Op::Read),
        any_path().prop_map(Op::List),
    ]
}

/// On a real directory a path may lead through a link; here it must not.
fn leads_through_no_link(ops: &[Op]) -> bool {
    let mut host = host_base();
    ops.iter().all(|op| {
        let is_link = |path: &&str| host.0.path().join(path).is_symlink();
        let through = ["a", "a/b", "empty"].iter().any(is_link);
        host.apply(op);
        !through
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_operations_end_as_they_do_in_a_directory(
        mut ops in proptest::collection::vec(any_op(), 1..24)
    ) {
        // Both names of the linked file have been seen then.
        ops.insert(0, Op::List("a".to_owned()));
        prop_assume!(leads_through_no_link(&ops));
        compare(&ops);
    }
}
