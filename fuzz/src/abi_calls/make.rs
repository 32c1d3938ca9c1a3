//! Handles that are made out of others.

use std::ptr::null_mut;

use stepwell_c::stepwell_status::*;

use super::{GUESTS, Noun, World, call, judge};
use crate::choices::Choices;

/// What can be made, and of what. Of a builder, a process is made once.
const WAYS: &[(Noun, &[Noun])] = &[
    (Noun::Engine, &[]),
    (Noun::Limits, &[]),
    (Noun::Tree, &[]),
    (Noun::Bases, &[]),
    (Noun::Mounts, &[]),
    (Noun::Module, &[Noun::Engine]),
    (Noun::Builder, &[Noun::Module]),
    (Noun::Process, &[Noun::Builder]),
    (Noun::Process, &[Noun::Template]),
    (Noun::Process, &[Noun::Template, Noun::Mounts]),
    (Noun::Process, &[Noun::Pool]),
    (Noun::Interrupt, &[Noun::Process]),
    (Noun::Image, &[Noun::Process]),
    (Noun::Template, &[Noun::Image, Noun::Module]),
    (Noun::Pool, &[Noun::Template]),
    (Noun::Image, &[Noun::Template]),
    (Noun::Limits, &[Noun::Image]),
];

impl World {
    /// Makes a handle of any noun out of others.
    pub(super) fn make(&mut self, choices: &mut Choices<'_>) {
        let (noun, sources) = choices.one_of(WAYS);
        let given: Vec<_> = sources.iter().map(|noun| self.given(*noun, choices)).collect();
        let (limits, limits_are_right) = self.optional(Noun::Limits, choices);
        let guest = &GUESTS[choices.below(GUESTS.len())];
        let purpose = choices.below(3);
        let handle = |at: usize| given.get(at).map_or(null_mut(), |given| given.handle);
        let (one, two) = (handle(0), handle(1));
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut is_right = given.iter().all(|given| given.is_right());
        let status = match (noun, sources) {
            (Noun::Engine, _) => call!(stepwell_engine_new(to.cast())),
            (Noun::Limits, []) => call!(stepwell_limits_new(to.cast())),
            (Noun::Limits, _) => call!(stepwell_image_limits(one.cast(), to.cast())),
            (Noun::Tree, _) => call!(stepwell_tree_new(to.cast())),
            (Noun::Bases, _) => call!(stepwell_bases_new(to.cast())),
            (Noun::Mounts, _) => call!(stepwell_mounts_new(to.cast())),
            (Noun::Module, _) => {
                call!(stepwell_module_new(one.cast(), guest.as_ptr(), guest.len(), to.cast()))
            }
            (Noun::Builder, _) => call!(stepwell_process_builder_new(one.cast(), to.cast())),
            (Noun::Process, [Noun::Builder]) => {
                call!(stepwell_process_builder_spawn(one.cast(), to.cast()))
            }
            (Noun::Process, [Noun::Template]) => {
                is_right &= limits_are_right;
                call!(stepwell_template_thaw(one.cast(), limits.cast(), to.cast()))
            }
            (Noun::Process, [Noun::Template, _]) => {
                is_right &= limits_are_right;
                let limits = limits.cast();
                call!(stepwell_template_thaw_attached(one.cast(), limits, two.cast(), to.cast()))
            }
            (Noun::Process, _) => {
                is_right &= limits_are_right;
                call!(stepwell_pool_thaw(one.cast(), limits.cast(), to.cast()))
            }
            (Noun::Interrupt, _) => call!(stepwell_process_interrupt(one.cast(), to.cast())),
            (Noun::Image, [Noun::Process]) => match purpose {
                0 => call!(stepwell_process_freeze_detached(one.cast(), to.cast())),
                _ => call!(stepwell_process_freeze(one.cast(), to.cast())),
            },
            (Noun::Image, _) => call!(stepwell_template_image(one.cast(), to.cast())),
            (Noun::Pool, _) => call!(stepwell_pool_new(one.cast(), purpose, to.cast())),
            (Noun::Template, _) => match purpose {
                0 => call!(stepwell_image_prepare(one.cast(), two.cast(), to.cast())),
                1 => call!(stepwell_image_prepare_freezable(one.cast(), two.cast(), to.cast())),
                _ => call!(stepwell_image_prepare_profiled(one.cast(), two.cast(), to.cast())),
            },
        };
        let used = match sources {
            [Noun::Builder] => self.use_up(given[0]),
            [Noun::Template, Noun::Mounts] if is_right => self.use_up(given[1]),
            _ => false,
        };
        assert!(!used || status == STEPWELL_USED, "{noun:?} of {sources:?} again: {status:?}");
        let failures: &[_] = match (noun, sources) {
            (Noun::Process, [Noun::Builder]) => &[
                STEPWELL_USED,
                STEPWELL_ERRNO,
                STEPWELL_TOO_MANY_ARGUMENTS,
                STEPWELL_FILES,
                STEPWELL_MISSING_EXPORT,
                STEPWELL_ENTRY_TYPE,
                STEPWELL_ARGUMENTS,
                STEPWELL_INTERPRETER,
            ],
            (Noun::Process, _) => &[STEPWELL_IMAGE, STEPWELL_FILES, STEPWELL_USED],
            (Noun::Image, [Noun::Process]) => &[STEPWELL_NOT_FREEZABLE],
            (Noun::Template, _) => &[STEPWELL_IMAGE, STEPWELL_NOT_FREEZABLE],
            _ => &[],
        };
        judge(&format!("{noun:?} of {sources:?}"), status, is_right, failures);
        self.keep(noun, out, status);
    }
}
