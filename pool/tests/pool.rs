//! A process of a pool is like one that was thawed by itself, however often its instance was used before.

// What the engine's tests share calls it by its own name.
extern crate engine as stepwell;

#[path = "../../engine/tests/common/mod.rs"]
mod common;
mod guests;

use engine::{
    Backing, FreezePoint, Limits, MemoryImage, MemorySlot, Module, Pool, Process, State, Template,
};
use proptest::prelude::*;

use common::outcome::{Outcome, finish};
use common::programs::{pieces, program};
use common::{CAT, module};
use guests::{DROPS, GROWS, LOOKS, TABLES, TRAPS};

/// The guest where it first reads standard input.
fn template(module: &Module) -> Template {
    let mut process = Process::builder(module).arg("guest").freezable(true).spawn().unwrap();
    process.freeze_at(FreezePoint::Stdin).unwrap();
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    process.freeze().unwrap().prepare(module).unwrap()
}

fn template_of(text: &str) -> Template {
    template(&module(text))
}

/// A pool of each kind.
fn pools(template: &Template) -> [Pool; 2] {
    let mapped = Pool::new(template, &pool::copy_on_write(), 4);
    assert_eq!(mapped.is_mapped(), cfg!(any(target_os = "linux", target_os = "android")));
    [Pool::new(template, &Backing::copies(), 4), mapped]
}

fn fed(mut process: Process, input: &str) -> Process {
    process.feed_stdin(input.to_owned().into());
    process
}

/// Runs a process to its end and gives it back too, to be recycled.
fn run(process: Process, input: &str) -> (Process, State) {
    let mut process = fed(process, input);
    process.close_stdin();
    loop {
        match process.run(1_000) {
            State::Yielded => {}
            State::Blocked(_) => drop(process.drain_stdout()),
            state => return (process, state),
        }
    }
}

fn plain(template: &Template, input: &str) -> Outcome {
    finish(fed(template.thaw().unwrap(), input), Vec::new())
}

/// What the next process of a pool leaves, which is not recycled.
fn pooled(pool: &Pool, input: &str) -> Outcome {
    finish(fed(pool.thaw().unwrap(), input), Vec::new())
}

/// Whether the next process starts as one that was thawed by itself.
#[track_caller]
fn starts_alike(pool: &Pool) {
    let (plain, pooled) = (pool.template().thaw().unwrap(), pool.thaw().unwrap());
    assert!(plain.memory() == pooled.memory(), "the memories differ");
    assert_eq!(plain.memory_bytes(), pooled.memory_bytes());
    assert_eq!((plain.steps(), plain.syscalls()), (pooled.steps(), pooled.syscalls()));
    pool.recycle(pooled);
}

#[test]
fn an_instance_is_used_two_hundred_times() {
    for text in [CAT, LOOKS, TRAPS, TABLES] {
        let template = template_of(text);
        for pool in pools(&template) {
            for round in 0..200 {
                let input = format!("{round} is the round\nand this the second line\n");
                let (process, state) = run(pool.thaw().unwrap(), &input);
                assert!(pool.recycle(process), "{state:?}");
                assert_eq!(pool.spares(), 1);
                if round % 20 == 0 {
                    assert_eq!(pooled(&pool, &input), plain(&template, &input));
                    assert_eq!(pool.spares(), 0);
                    starts_alike(&pool);
                }
            }
        }
    }
}

#[test]
fn a_recycled_memory_shows_nothing_of_the_one_before() {
    let template = template_of(LOOKS);
    for pool in pools(&template) {
        for _ in 0..5 {
            // It exits with the number of bytes that are not as they were when it was frozen, and then leaves none so.
            let (process, state) = run(pool.thaw().unwrap(), "secret");
            assert_eq!(state, State::Exited(0));
            assert!(process.memory().unwrap()[4096..].iter().all(|byte| *byte == b's'));
            assert!(pool.recycle(process));
        }
        starts_alike(&pool);
    }
}

#[test]
fn a_process_is_recycled_wherever_it_stands() {
    let template = template_of(CAT);
    for pool in pools(&template) {
        let untouched = pool.thaw().unwrap();
        assert!(pool.recycle(untouched));
        let mut blocked = fed(pool.thaw().unwrap(), "no end of the line");
        assert!(matches!(blocked.run(u64::MAX), State::Blocked(_)));
        assert!(pool.recycle(blocked));
        let mut computing = fed(pool.thaw().unwrap(), "line\n");
        assert_eq!(computing.run(20), State::Yielded);
        assert!(pool.recycle(computing));
        drop(fed(pool.thaw().unwrap(), "line\n"));
        assert_eq!(pool.spares(), 0);
        let mut exhausted = pool
            .thaw_with(Limits { steps_max: template.image().steps() + 20, ..Limits::default() })
            .unwrap();
        exhausted.feed_stdin("line\n".into());
        assert!(matches!(exhausted.run(u64::MAX), State::Exhausted(_)));
        assert!(pool.recycle(exhausted));
        assert_eq!(pooled(&pool, "a\nb\n"), plain(&template, "a\nb\n"));
    }
}

#[test]
fn a_process_that_has_grown_is_dropped() {
    let template = template_of(GROWS);
    for pool in pools(&template) {
        for _ in 0..5 {
            let (process, state) = run(pool.thaw().unwrap(), "g");
            assert_eq!(state, State::Exited(0));
            assert!(!pool.recycle(process), "it has grown");
            let (process, _) = run(pool.thaw().unwrap(), "no");
            assert!(pool.recycle(process), "it has not");
            assert_eq!(pooled(&pool, "g"), plain(&template, "g"));
        }
    }
}

#[test]
fn growth_ends_where_it_ends_without_a_pool() {
    let template = template_of(GROWS);
    for pool in pools(&template) {
        for pages in [2, 3, 9, 40] {
            let limits = Limits { memory_bytes_max: pages << 16, ..Limits::default() };
            for _ in 0..3 {
                let plain = finish(fed(template.thaw_with(limits).unwrap(), "g"), Vec::new());
                let pooled = finish(fed(pool.thaw_with(limits).unwrap(), "g"), Vec::new());
                assert_eq!(pooled, plain);
                let (process, _) = run(pool.thaw_with(limits).unwrap(), "no");
                assert!(pool.recycle(process));
            }
        }
        let limits = Limits { memory_bytes_max: 1 << 16, ..Limits::default() };
        assert_eq!(template.thaw_with(limits).err(), pool.thaw_with(limits).err());
        assert!(pool.thaw_with(limits).is_err(), "it has two pages");
    }
}

#[test]
fn outputs_end_where_they_end_without_a_pool() {
    let template = template_of(CAT);
    for pool in pools(&template) {
        for output_bytes_max in [2, 3, 100, 1] {
            let limits = Limits { output_bytes_max, ..Limits::default() };
            for _ in 0..3 {
                let (_, plain) = run(template.thaw_with(limits).unwrap(), "four");
                let (process, pooled) = run(pool.thaw_with(limits).unwrap(), "four");
                assert_eq!(pooled, plain, "{output_bytes_max} bytes");
                assert!(pool.recycle(process));
            }
        }
    }
}

#[test]
fn a_process_whose_module_drops_segments_is_dropped() {
    let template = template_of(DROPS);
    for pool in pools(&template) {
        for _ in 0..3 {
            let (process, _) = run(pool.thaw().unwrap(), "x");
            assert!(!pool.recycle(process));
            assert_eq!(pooled(&pool, "x"), plain(&template, "x"));
        }
    }
}

/// A host that maps nothing, or nothing that holds.
struct Failing {
    has_slots: bool,
}

struct FailingSlot;

impl MemoryImage for Failing {
    fn slot(&self, _: usize) -> Option<Box<dyn MemorySlot>> {
        self.has_slots.then(|| Box::new(FailingSlot) as _)
    }
}

impl MemorySlot for FailingSlot {
    fn take_buffer(&mut self) -> Option<&'static mut [u8]> {
        Some(vec![0; 4 << 16].leak())
    }

    fn reset(&mut self) -> bool {
        false
    }
}

#[test]
fn where_a_mapping_fails_memories_are_copied() {
    let template = template_of(LOOKS);
    for has_slots in [false, true] {
        let backing = Backing::new(move |_| Some(Box::new(Failing { has_slots })));
        let pool = Pool::new(&template, &backing, 4);
        for _ in 0..3 {
            let (process, _) = run(pool.thaw().unwrap(), "x");
            assert!(pool.recycle(process));
            assert_eq!(pooled(&pool, "x"), plain(&template, "x"));
        }
    }
}

#[test]
fn a_pool_takes_its_own_processes_only_and_so_many() {
    let template = template_of(CAT);
    let pools = pools(&template);
    assert!(!pools[0].recycle(template.thaw().unwrap()));
    assert!(!pools[0].recycle(pools[1].thaw().unwrap()));
    let processes: Vec<Process> = (0..6).map(|_| pools[1].thaw().unwrap()).collect();
    let kept = processes.into_iter().filter_map(|process| pools[1].recycle(process).then_some(()));
    assert_eq!(kept.count(), 4);
    assert_eq!(pools[1].spares(), 4);
}

#[test]
fn a_process_outlives_its_pool() {
    let template = template_of(LOOKS);
    let [_, pool] = pools(&template);
    let process = pool.thaw().unwrap();
    let other = pool.thaw().unwrap();
    drop(pool);
    assert_eq!(finish(fed(process, "x"), Vec::new()), plain(&template, "x"));
    // The files are taken out of it, and the rest goes.
    drop(other.into_fs());
}

#[test]
fn two_threads_use_one_pool() {
    let template = template_of(LOOKS);
    let input = |thread: usize, round: usize| format!("{thread}{round}");
    for pool in pools(&template) {
        let outcomes = |thread: usize| {
            let pool = pool.clone();
            move || {
                let round = |round| {
                    let (process, state) = run(pool.thaw().unwrap(), &input(thread, round));
                    assert_eq!(state, State::Exited(0));
                    let steps = process.steps();
                    pool.recycle(process);
                    (steps, pooled(&pool, "x"))
                };
                (0..100).map(round).collect::<Vec<_>>()
            }
        };
        let threads = [std::thread::spawn(outcomes(1)), std::thread::spawn(outcomes(2))];
        let expected = plain(&template, "x");
        for thread in threads {
            for (steps, outcome) in thread.join().unwrap() {
                assert_eq!(outcome, expected);
                assert_eq!(steps, expected.steps);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_run_alike(functions in prop::collection::vec(pieces(), 1..4), call in 0..8_u64) {
        let module = module(&program(&functions, false));
        let mut process =
            Process::builder(&module).invoke("run", []).freezable(true).spawn().unwrap();
        process.freeze_at(FreezePoint::AfterCalls(call)).unwrap();
        if process.run(u64::MAX) == State::FreezePoint {
            let template = process.freeze().unwrap().prepare(&module).unwrap();
            let expected = plain(&template, "");
            for pool in pools(&template).iter().filter(|pool| pool.template().image().memory_bytes() > 0) {
                for _ in 0..3 {
                    let (process, _) = run(pool.thaw().unwrap(), "");
                    pool.recycle(process);
                    prop_assert_eq!(&pooled(pool, ""), &expected);
                    let (process, _) = run(pool.thaw().unwrap(), "");
                    pool.recycle(process);
                }
            }
        }
    }
}
