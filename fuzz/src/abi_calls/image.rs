//! Calls about what is frozen, and about what processes are made from.

use std::ptr::null_mut;

use stepwell_c::stepwell_status::*;

use super::answers::{of_nothing, read_backtrace, take_bytes, take_strings};
use super::{GUESTS, Noun, World, call, judge};
use crate::choices::Choices;

impl World {
    pub(super) fn use_image(&mut self, choices: &mut Choices<'_>) {
        if choices.once_in(2) {
            return self.keep_image(choices);
        }
        let (image, module) = (self.given(Noun::Image, choices), self.given(Noun::Module, choices));
        let (handle, of) = (image.handle, module.handle);
        let (mut number, mut sha256) = (0_u64, [0_u8; 32]);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut is_right = image.is_right();
        let what = choices.below(10);
        let mut failures = vec![];
        let status = match what {
            0 => call!(stepwell_image_steps(handle.cast(), &raw mut number)),
            1 => call!(stepwell_image_syscalls(handle.cast(), &raw mut number)),
            2 => call!(stepwell_image_memory_bytes(handle.cast(), &raw mut number)),
            3 => call!(stepwell_image_module_sha256(handle.cast(), sha256.as_mut_ptr())),
            4 => call!(stepwell_image_set_origin(handle.cast(), c"origin".as_ptr())),
            5 => {
                is_right &= module.is_right();
                call!(stepwell_image_syscall(handle.cast(), of.cast(), to.cast()))
            }
            6 => call!(stepwell_image_absent(handle.cast(), to.cast())),
            7 => {
                failures.push(STEPWELL_NOT_PORTABLE);
                call!(stepwell_image_preopens(handle.cast(), to.cast()))
            }
            8 => {
                is_right &= module.is_right();
                failures.extend([STEPWELL_NOT_PORTABLE, STEPWELL_NOT_FREEZABLE, STEPWELL_IMAGE]);
                call!(stepwell_image_to_wasm(handle.cast(), of.cast(), to.cast()))
            }
            _ => {
                is_right &= module.is_right();
                call!(stepwell_image_backtrace(handle.cast(), of.cast(), to.cast()))
            }
        };
        judge("an image", status, is_right, &failures);
        match what {
            _ if out.is_null() => {}
            5 | 8 => drop(take_bytes(out)),
            6 | 7 => drop(take_strings(out)),
            _ => read_backtrace(out),
        }
    }

    /// An image as bytes and back, or what has become of the bytes.
    fn keep_image(&mut self, choices: &mut Choices<'_>) {
        let (image, module) = (self.given(Noun::Image, choices), self.given(Noun::Module, choices));
        let (bases, bases_are_right) = self.optional(Noun::Bases, choices);
        let (handle, of) = (image.handle, module.handle);
        let guest = &GUESTS[choices.below(GUESTS.len())];
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut is_right = image.is_right() && module.is_right();
        let what = choices.below(4);
        let status = match what {
            0 => call!(stepwell_image_save(handle.cast(), of.cast(), to.cast())),
            1 => call!(stepwell_image_save_whole(
                handle.cast(),
                of.cast(),
                guest.as_ptr(),
                guest.len(),
                to.cast()
            )),
            2 => {
                is_right &= bases_are_right;
                call!(stepwell_image_save_above(handle.cast(), of.cast(), bases.cast(), to.cast()))
            }
            _ => call!(stepwell_image_save_prepared(handle.cast(), of.cast(), to.cast())),
        };
        judge("saving", status, is_right, &[STEPWELL_IMAGE, STEPWELL_NOT_FREEZABLE]);
        if out.is_null() {
            return;
        }
        let mut bytes = take_bytes(out);
        if choices.once_in(4) {
            let at = choices.below(bytes.len());
            bytes[at] ^= choices.byte();
        }
        match what {
            3 => self.load_template(&bytes, choices),
            _ => self.load_image(&bytes, choices),
        }
    }

    fn load_image(&mut self, bytes: &[u8], choices: &mut Choices<'_>) {
        let (module, engine) =
            (self.given(Noun::Module, choices), self.given(Noun::Engine, choices));
        let (bases, bases_are_right) = self.optional(Noun::Bases, choices);
        let (limits, limits_are_right) = self.optional(Noun::Limits, choices);
        let (data, len) = (bytes.as_ptr(), bytes.len());
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut is_image = false;
        let of = module.handle;
        let failures = [STEPWELL_IMAGE];
        match choices.below(5) {
            0 => {
                let status = call!(stepwell_image_is_image(data, len, &raw mut is_image));
                judge("a look", status, true, &[]);
            }
            1 => {
                let status = call!(stepwell_image_origin(data, len, to.cast()));
                judge("an origin", status, true, &failures);
                if !out.is_null() {
                    take_bytes(out);
                }
            }
            2 => {
                let engine_is_right = engine.is_right();
                let engine = engine.handle;
                let status =
                    call!(stepwell_image_embedded_module(engine.cast(), data, len, to.cast()));
                judge("a module in an image", status, engine_is_right, &failures);
                if !out.is_null() {
                    self.add(Noun::Module, out);
                }
            }
            3 => {
                let status =
                    call!(stepwell_image_load(of.cast(), data, len, limits.cast(), to.cast()));
                judge("loading", status, module.is_right() && limits_are_right, &failures);
                self.keep(Noun::Image, out, status);
            }
            _ => {
                let status = call!(stepwell_image_load_above(
                    of.cast(),
                    data,
                    len,
                    bases.cast(),
                    limits.cast(),
                    to.cast()
                ));
                let is_right = module.is_right() && limits_are_right && bases_are_right;
                judge("loading", status, is_right, &failures);
                self.keep(Noun::Image, out, status);
            }
        }
    }

    fn load_template(&mut self, bytes: &[u8], choices: &mut Choices<'_>) {
        let engine = self.given(Noun::Engine, choices);
        let (limits, limits_are_right) = self.optional(Noun::Limits, choices);
        let mut out: *mut () = null_mut();
        let status = call!(stepwell_template_load(
            engine.handle.cast(),
            bytes.as_ptr(),
            bytes.len(),
            limits.cast(),
            (&raw mut out).cast()
        ));
        let failures = [STEPWELL_IMAGE, STEPWELL_INTERPRETER];
        judge("loading", status, engine.is_right() && limits_are_right, &failures);
        self.keep(Noun::Template, out, status);
    }

    /// Engines, modules, limits, pools, and what takes no handle.
    pub(super) fn use_the_rest(&mut self, choices: &mut Choices<'_>) {
        let (engine, module) =
            (self.given(Noun::Engine, choices), self.given(Noun::Module, choices));
        let (limits, pool) = (self.given(Noun::Limits, choices), self.given(Noun::Pool, choices));
        let content = choices.bytes(48);
        let number = choices.u64();
        let limit = number as u32 % 9;
        let guest = &GUESTS[choices.below(GUESTS.len())];
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let (mut count, mut is_it, mut max, mut sha256) = (0_usize, false, 0_u64, [0_u8; 32]);
        let invalid: &[_] = &[STEPWELL_INVALID_ARGUMENT];
        let what = choices.below(13);
        let (given, failures, status) = match what {
            0 => (
                engine,
                invalid,
                call!(stepwell_engine_set_call_depth_max(engine.handle.cast(), number % 1000)),
            ),
            1 => (
                engine,
                invalid,
                call!(stepwell_engine_set_stack_bytes_max(
                    engine.handle.cast(),
                    number % (1 << 20)
                )),
            ),
            2 => (
                module,
                &[][..],
                call!(stepwell_module_sha256(module.handle.cast(), sha256.as_mut_ptr())),
            ),
            3 => (
                module,
                &[][..],
                call!(stepwell_module_exports_function(
                    module.handle.cast(),
                    c"_start".as_ptr(),
                    &raw mut is_it
                )),
            ),
            4 => (
                module,
                &[][..],
                call!(stepwell_module_exported_functions(module.handle.cast(), to.cast())),
            ),
            5 => (limits, invalid, call!(stepwell_limits_set(limits.handle.cast(), limit, number))),
            6 => (
                limits,
                invalid,
                call!(stepwell_limits_get(limits.handle.cast(), limit, &raw mut max)),
            ),
            7 => (pool, &[][..], call!(stepwell_pool_spares(pool.handle.cast(), &raw mut count))),
            8 => {
                (pool, &[][..], call!(stepwell_pool_is_mapped(pool.handle.cast(), &raw mut is_it)))
            }
            9 => return self.prepare_module(guest, choices),
            10 => return differences(content),
            11 => {
                let status = call!(stepwell_module_preparation(to.cast()));
                assert_eq!(status, STEPWELL_OK);
                take_bytes(out);
                return;
            }
            _ => return of_nothing(),
        };
        judge(&format!("call {what}"), status, given.is_right(), failures);
        if !out.is_null() {
            take_strings(out);
        }
    }

    /// A module in two steps, or what has become of the bytes between them.
    fn prepare_module(&mut self, guest: &[u8], choices: &mut Choices<'_>) {
        let engine = self.given(Noun::Engine, choices);
        let mut out: *mut () = null_mut();
        let status =
            call!(stepwell_module_prepare(guest.as_ptr(), guest.len(), (&raw mut out).cast()));
        assert_eq!(status, STEPWELL_OK);
        let bytes = take_bytes(out);
        let len = if choices.once_in(4) { choices.below(bytes.len()) } else { bytes.len() };
        let mut module: *mut () = null_mut();
        let status = call!(stepwell_module_from_prepared(
            engine.handle.cast(),
            bytes.as_ptr(),
            len,
            (&raw mut module).cast()
        ));
        let cut = [STEPWELL_NOT_PREPARED, STEPWELL_INTERPRETER];
        let failures: &[_] = if len < bytes.len() { &cut } else { &[] };
        judge("a prepared module", status, engine.is_right(), failures);
        self.keep(Noun::Module, module, status);
    }
}

fn differences(content: &[u8]) {
    let mut out: *mut () = null_mut();
    let (data, len) = (content.as_ptr(), content.len());
    let status = call!(stepwell_receipt_differences(data, len, data, len, (&raw mut out).cast()));
    judge("differences", status, true, &[STEPWELL_RECEIPT, STEPWELL_INVALID_UTF8]);
    if !out.is_null() {
        take_strings(out);
    }
}
