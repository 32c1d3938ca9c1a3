//! Calls about processes.

use std::ptr::{null, null_mut};

use stepwell_c::stepwell_state::*;
use stepwell_c::stepwell_status::*;
use stepwell_c::*;

use super::answers::{read_backtrace, take_bytes, take_strings};
use super::{Given, Noun, World, call, judge};
use crate::choices::Choices;

impl World {
    pub(super) fn use_process(&mut self, choices: &mut Choices<'_>) {
        match choices.below(5) {
            0 => self.run(choices),
            1 => self.use_streams(choices),
            2 => self.ask_process(choices),
            3 => self.use_connections(choices),
            _ => self.change_process(choices),
        }
    }

    /// Runs it, and sees that all that tells of its end agrees.
    fn run(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let handle = process.handle;
        let steps = choices.u64() % 20_000;
        let mut state = STEPWELL_STATE_YIELDED;
        let status = call!(stepwell_process_run(handle.cast(), steps, &raw mut state));
        judge("a run", status, process.is_right(), &[]);
        if process.is_right() {
            agree(process, state);
        }
    }

    fn use_streams(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let handle = process.handle;
        let content = choices.bytes(16);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let status = match choices.below(8) {
            0 | 1 => {
                call!(stepwell_process_feed_stdin(handle.cast(), content.as_ptr(), content.len()))
            }
            2 => call!(stepwell_process_close_stdin(handle.cast())),
            3 => call!(stepwell_process_drain_stdout(handle.cast(), to.cast())),
            4 => call!(stepwell_process_drain_stderr(handle.cast(), to.cast())),
            5 => call!(stepwell_process_close_stdout(handle.cast())),
            6 => call!(stepwell_process_close_stderr(handle.cast())),
            _ => call!(stepwell_process_elapse(handle.cast())),
        };
        judge("a stream", status, process.is_right(), &[]);
        if !out.is_null() {
            take_bytes(out);
        }
    }

    /// What is only asked.
    fn ask_process(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let handle = process.handle;
        let mut number = 0_u64;
        let mut buffer = [0_u8; 16];
        let address = choices.u64() % (1 << 17);
        let (mut refused, mut limit) = (false, stepwell_limit::STEPWELL_LIMIT_STEPS);
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut count = 0_usize;
        let what = choices.below(16);
        let status = match what {
            0 => call!(stepwell_process_steps(handle.cast(), &raw mut number)),
            1 => call!(stepwell_process_host_steps(handle.cast(), &raw mut number)),
            2 => call!(stepwell_process_syscalls(handle.cast(), &raw mut number)),
            3 => call!(stepwell_process_memory_peak_bytes(handle.cast(), &raw mut number)),
            4 => call!(stepwell_process_read_memory(
                handle.cast(),
                address,
                buffer.as_mut_ptr(),
                buffer.len()
            )),
            5 => call!(stepwell_process_growth_refused(
                handle.cast(),
                &raw mut refused,
                &raw mut limit
            )),
            6 => {
                call!(stepwell_process_growth_refused(handle.cast(), &raw mut refused, null_mut()))
            }
            7 => call!(stepwell_process_listener_count(handle.cast(), &raw mut count)),
            8 => call!(stepwell_process_connection_count(handle.cast(), &raw mut count)),
            9 => call!(stepwell_process_results(handle.cast(), to.cast())),
            10 => call!(stepwell_process_mounts(handle.cast(), to.cast())),
            11 => call!(stepwell_process_profile(handle.cast(), to.cast())),
            12 => call!(stepwell_process_drain_trace(handle.cast(), to.cast())),
            13 => call!(stepwell_process_receipt(handle.cast(), null(), to.cast())),
            14 => call!(stepwell_process_trap_message(handle.cast(), to.cast())),
            _ => call!(stepwell_process_backtrace(handle.cast(), to.cast())),
        };
        // What was not asked for from the start is not there, and a memory ends somewhere.
        let failures: &[_] = match what {
            4 | 11..=13 => &[STEPWELL_INVALID_ARGUMENT],
            14 => &[STEPWELL_WRONG_STATE],
            15 => &[STEPWELL_NO_BACKTRACE],
            _ => &[],
        };
        judge(&format!("question {what}"), status, process.is_right(), failures);
        match what {
            _ if out.is_null() => {}
            9 | 10 => drop(take_strings(out)),
            15 => read_backtrace(out),
            _ => drop(take_bytes(out)),
        }
    }

    fn use_connections(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let handle = process.handle;
        let (index, number) = (choices.below(3), choices.below(4) as u32);
        let content = choices.bytes(16);
        let (mut count, mut closed, mut id) = (0_usize, false, 0_u32);
        let mut out: *mut () = null_mut();
        let status = match choices.below(10) {
            0 => call!(stepwell_process_listener(handle.cast(), index, &raw mut id)),
            1 => call!(stepwell_process_offer(handle.cast(), 3 + number, &raw mut id)),
            2 => call!(stepwell_process_connection(handle.cast(), index, &raw mut id)),
            3 => call!(stepwell_process_connection_feed(
                handle.cast(),
                number,
                content.as_ptr(),
                content.len()
            )),
            4 => call!(stepwell_process_connection_queued(handle.cast(), number, &raw mut count)),
            5 => call!(stepwell_process_connection_close_input(handle.cast(), number)),
            6 => call!(stepwell_process_connection_drain(
                handle.cast(),
                number,
                (&raw mut out).cast()
            )),
            7 => call!(stepwell_process_connection_close_output(handle.cast(), number)),
            8 => {
                call!(stepwell_process_connection_is_closed(handle.cast(), number, &raw mut closed))
            }
            _ => call!(stepwell_process_connection_reset(handle.cast(), number)),
        };
        let failures = [STEPWELL_INVALID_ARGUMENT, STEPWELL_ERRNO];
        judge("a connection", status, process.is_right(), &failures);
        if !out.is_null() {
            take_bytes(out);
        }
    }

    fn change_process(&mut self, choices: &mut Choices<'_>) {
        let process = self.given(Noun::Process, choices);
        let (tree, interrupt) =
            (self.given(Noun::Tree, choices), self.given(Noun::Interrupt, choices));
        let handle = process.handle;
        let number = choices.u64() % 64;
        let mut out: *mut () = null_mut();
        let mut is_right = process.is_right();
        let path = c"/".as_ptr();
        let status = match choices.below(7) {
            0 => {
                let (point, name) = (number as u32 % 6, c"fd_write".as_ptr());
                let name = if number % 5 == 0 { null() } else { name };
                let status = call!(stepwell_process_freeze_at(handle.cast(), point, name, number));
                // A point that takes a name was given none, or there is no such point.
                let failures = [STEPWELL_NULL, STEPWELL_INVALID_ARGUMENT, STEPWELL_NOT_FREEZABLE];
                return judge("a point", status, is_right, &failures);
            }
            1 => {
                is_right = interrupt.is_right();
                call!(stepwell_interrupt_raise(interrupt.handle.cast()))
            }
            2 => call!(stepwell_process_trace(handle.cast())),
            3 => call!(stepwell_process_tree(handle.cast(), path, (&raw mut out).cast())),
            4 => {
                is_right &= tree.is_right();
                call!(stepwell_process_set_tree(handle.cast(), path, tree.handle.cast()))
            }
            5 => {
                let status = call!(stepwell_process_keep_receipt(handle.cast(), [1; 32].as_ptr()));
                return judge("a receipt", status, is_right, &[STEPWELL_WRONG_STATE]);
            }
            _ => return self.recycle(process, choices),
        };
        judge("a process", status, is_right, &[]);
        if !out.is_null() {
            self.add(Noun::Tree, out);
            self.live.last_mut().expect("it was added").files = None;
        }
    }

    /// Gives a process to a pool, its own or not: it is gone then.
    fn recycle(&mut self, process: Given, choices: &mut Choices<'_>) {
        let pool = self.given(Noun::Pool, choices);
        let mut kept = false;
        let kept = if choices.once_in(2) { null_mut() } else { &raw mut kept };
        let status = call!(stepwell_pool_recycle(pool.handle.cast(), process.handle.cast(), kept));
        judge("recycling", status, pool.is_right() && process.is_right(), &[]);
        if let (STEPWELL_OK, Some(at)) = (status, process.at) {
            self.live.swap_remove(at);
        }
    }
}

/// Everything that says how a process has ended says the same, and what it waits for is said of one that waits.
fn agree(process: Given, state: stepwell_state) {
    let handle = process.handle;
    let (mut again, mut wait, mut nanoseconds) = (STEPWELL_STATE_YIELDED, 0_u32, 0_u64);
    let (mut code, mut limit) = (0_u32, stepwell_limit::STEPWELL_LIMIT_STEPS);
    let mut trap = stepwell_trap::STEPWELL_TRAP_UNREACHABLE;
    let is = |status| match status {
        STEPWELL_OK => true,
        STEPWELL_WRONG_STATE => false,
        status => panic!("{status:?}"),
    };
    assert_eq!(call!(stepwell_process_state(handle.cast(), &raw mut again)), STEPWELL_OK);
    assert_eq!(again, state);
    assert_eq!(call!(stepwell_process_blocked_on(handle.cast(), &raw mut wait)), STEPWELL_OK);
    assert!(state != STEPWELL_STATE_BLOCKED || wait != 0);
    assert!(matches!(state, STEPWELL_STATE_BLOCKED | STEPWELL_STATE_INTERRUPTED) || wait == 0);
    let waits =
        is(call!(stepwell_process_blocked_nanoseconds(handle.cast(), &raw mut nanoseconds)));
    assert_eq!(waits, wait & stepwell_wait::STEPWELL_WAIT_TIME as u32 != 0);
    let ends = [
        (
            is(call!(stepwell_process_exit_code(handle.cast(), &raw mut code))),
            STEPWELL_STATE_EXITED,
        ),
        (
            is(call!(stepwell_process_trap_kind(handle.cast(), &raw mut trap))),
            STEPWELL_STATE_TRAPPED,
        ),
        (
            is(call!(stepwell_process_exhausted_limit(handle.cast(), &raw mut limit))),
            STEPWELL_STATE_EXHAUSTED,
        ),
    ];
    for (has_ended, end) in ends {
        assert_eq!(has_ended, state == end, "{end:?}");
    }
}
