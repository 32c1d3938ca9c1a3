//! Calls about two trees, and what is kept of them.

use std::ptr::null_mut;

use stepwell_c::stepwell_status::*;

use super::answers::{read_diff, take_bytes, take_strings};
use super::{Noun, World, call, judge};
use crate::choices::Choices;

impl World {
    pub(super) fn use_two_trees(&mut self, choices: &mut Choices<'_>) {
        let (tree, base) = (self.given(Noun::Tree, choices), self.given(Noun::Tree, choices));
        let bases = self.given(Noun::Bases, choices);
        let (of, to_base) = (tree.handle, base.handle);
        let both = tree.is_right() && base.is_right();
        let mut out: *mut () = null_mut();
        let mut removed: *mut () = null_mut();
        let to = &raw mut out;
        match choices.below(4) {
            0 => {
                let status = call!(stepwell_tree_diff(of.cast(), to_base.cast(), to.cast()));
                judge("a diff", status, both, &[]);
                if !out.is_null() {
                    read_diff(out);
                }
            }
            1 => {
                let list = if choices.once_in(2) { null_mut() } else { (&raw mut removed).cast() };
                let status = call!(stepwell_tree_export_diff_tar(
                    of.cast(),
                    to_base.cast(),
                    to.cast(),
                    list
                ));
                judge("a diff", status, both, &[]);
                if !removed.is_null() {
                    take_strings(removed);
                }
                if !out.is_null() {
                    take_bytes(out);
                }
            }
            2 => {
                let status = call!(stepwell_bases_add(bases.handle.cast(), of.cast()));
                judge("a base", status, bases.is_right() && tree.is_right(), &[]);
            }
            _ => self.save_and_load(choices),
        }
    }

    /// A tree as bytes and back, or what has become of the bytes.
    fn save_and_load(&mut self, choices: &mut Choices<'_>) {
        let tree = self.given(Noun::Tree, choices);
        let (base, base_is_right) = self.optional(Noun::Tree, choices);
        let (bases, bases_are_right) = self.optional(Noun::Bases, choices);
        let mut out: *mut () = null_mut();
        let status =
            call!(stepwell_tree_save(tree.handle.cast(), base.cast(), (&raw mut out).cast()));
        judge("saving", status, tree.is_right() && base_is_right, &[]);
        if out.is_null() {
            return;
        }
        let mut bytes = take_bytes(out);
        let is_whole = base.is_null() && !choices.once_in(4);
        if !is_whole && base.is_null() {
            let at = choices.below(bytes.len());
            bytes[at] ^= choices.byte();
        }
        let mut loaded: *mut () = null_mut();
        let status = call!(stepwell_tree_load(
            bytes.as_ptr(),
            bytes.len(),
            bases.cast(),
            (&raw mut loaded).cast()
        ));
        let failures: &[_] = if is_whole { &[] } else { &[STEPWELL_TREE] };
        judge("loading", status, bases_are_right, failures);
        self.keep(Noun::Tree, loaded, status);
        if status == STEPWELL_OK {
            let files = tree.at.filter(|_| is_whole).and_then(|at| self.live[at].files.clone());
            self.live.last_mut().expect("it was added").files = files;
        }
    }
}
