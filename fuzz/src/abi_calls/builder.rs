//! Calls about builders, and about mounts, which are used up alike.

use stepwell_c::stepwell_status::*;

use super::{NAMES, Noun, World, call, judge};
use crate::choices::Choices;

impl World {
    pub(super) fn use_builder(&mut self, choices: &mut Choices<'_>) {
        let builder = self.given(Noun::Builder, choices);
        let (limits, tree) = (self.given(Noun::Limits, choices), self.given(Noun::Tree, choices));
        let handle = builder.handle;
        let what = choices.below(19);
        let number = choices.u64();
        let kind = u32::from(choices.byte()) % 4;
        let mut is_right = builder.is_right();
        // The target is built without a host.
        let mut failures = vec![STEPWELL_USED, STEPWELL_UNSUPPORTED];
        let status = match what {
            0 => call!(stepwell_process_builder_arg(handle.cast(), c"argument".as_ptr())),
            1 => {
                is_right &= limits.is_right();
                call!(stepwell_process_builder_limits(handle.cast(), limits.handle.cast()))
            }
            2 => call!(stepwell_process_builder_seed(handle.cast(), number)),
            3 => {
                is_right &= tree.is_right();
                // There may be a mount already.
                failures.push(STEPWELL_ERRNO);
                let path = if kind == 0 { c"/mnt" } else { c"/" }.as_ptr();
                let (tree, read_only) = (tree.handle, number % 2 == 0);
                call!(stepwell_process_builder_mount_tree(
                    handle.cast(),
                    path,
                    tree.cast(),
                    read_only
                ))
            }
            4 => {
                // There is no stream and no kind with the number 3.
                failures.push(STEPWELL_INVALID_ARGUMENT);
                call!(stepwell_process_builder_stdio(handle.cast(), kind, number as u32 % 4))
            }
            5 => call!(stepwell_process_builder_freezable(handle.cast())),
            6 => call!(stepwell_process_builder_receipt(handle.cast())),
            7 => {
                failures.push(STEPWELL_INVALID_ARGUMENT);
                let name = if kind == 0 { c"A=" } else { c"A" }.as_ptr();
                call!(stepwell_process_builder_env(handle.cast(), name, c"value".as_ptr()))
            }
            8 => {
                let name = if kind == 0 { c"main" } else { c"_start" }.as_ptr();
                call!(stepwell_process_builder_invoke(handle.cast(), name))
            }
            9 => {
                failures.push(STEPWELL_INVALID_ARGUMENT);
                call!(stepwell_process_builder_invoke_arg(handle.cast(), c"1".as_ptr()))
            }
            10 => call!(stepwell_process_builder_epoch(handle.cast(), number)),
            11 => call!(stepwell_process_builder_host_clock(handle.cast())),
            12 => call!(stepwell_process_builder_host_entropy(handle.cast())),
            13 => call!(stepwell_process_builder_listener(handle.cast())),
            14 => {
                failures.extend([STEPWELL_HOST, STEPWELL_INVALID_ARGUMENT]);
                let (path, host) = (c"/host".as_ptr(), c"/no/such/folder".as_ptr());
                call!(stepwell_process_builder_mount_host(handle.cast(), path, host, kind))
            }
            15 => call!(stepwell_process_builder_without_files(handle.cast())),
            16 => call!(stepwell_process_builder_profile(handle.cast())),
            17 => call!(stepwell_process_builder_trace(handle.cast())),
            _ => {
                failures.extend([STEPWELL_RECEIPT, STEPWELL_INVALID_UTF8]);
                let text = choices.bytes(32);
                call!(stepwell_process_builder_repeat(handle.cast(), text.as_ptr(), text.len()))
            }
        };
        judge(&format!("call {what} of a builder"), status, is_right, &failures);
        self.refuses_if_used(builder, status);
    }

    pub(super) fn use_mounts(&mut self, choices: &mut Choices<'_>) {
        let (mounts, tree) = (self.given(Noun::Mounts, choices), self.given(Noun::Tree, choices));
        let (handle, of) = (mounts.handle, tree.handle);
        let path = choices.one_of(NAMES).as_ptr();
        let kind = u32::from(choices.byte()) % 4;
        let mut is_right = mounts.is_right();
        // Not all of the names are absolute, and one may be taken.
        let mut failures = vec![STEPWELL_USED, STEPWELL_ERRNO];
        let status = match choices.once_in(2) {
            true => {
                is_right &= tree.is_right();
                call!(stepwell_mounts_add_tree(handle.cast(), path, of.cast(), kind == 0))
            }
            false => {
                failures.extend([STEPWELL_UNSUPPORTED, STEPWELL_HOST, STEPWELL_INVALID_ARGUMENT]);
                let host = c"/no/such/folder".as_ptr();
                call!(stepwell_mounts_add_host(handle.cast(), path, host, kind))
            }
        };
        judge("mounts", status, is_right, &failures);
        self.refuses_if_used(mounts, status);
    }
}
