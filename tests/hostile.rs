//! Modules made to hurt their host: each ends as it should, within its limits, and the next one runs as if nothing had
//! been.
//!
//! There is one test, so that what it measures of the process is the guest's. It measures on Linux only.

use std::fmt::Write as _;
use std::fs;

use engine::{Engine, Error, Limit, Limits, Module, Process, State, TrapKind};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, Instruction,
    MemorySection, MemoryType, RefType, TableSection, TableType, TypeSection, ValType,
};

const MIB: usize = 1 << 20;
/// Bytes of linear memory that the guests here may have.
const MEMORY_BYTES_MAX: usize = 256 * MIB;
const STACK_BYTES_MAX: usize = 64 * MIB;
/// What the process may use besides, for translated code and tables.
const SLACK_BYTES: usize = 128 * MIB;
/// Copies of a module that there are at once: as it was given, as it was rewritten, and as the interpreter has it. Code
/// is larger when it is translated: by so much in all.
const COPIES: usize = 40;

/// How a module ends.
#[derive(Debug, PartialEq)]
enum End {
    Refused,
    Ran(State),
}

struct Row {
    name: &'static str,
    wasm: Vec<u8>,
    steps_max: u64,
    engine: Engine,
    end: fn(&End) -> bool,
}

impl Row {
    fn new(name: &'static str, wasm: Vec<u8>, end: fn(&End) -> bool) -> Self {
        Self { name, wasm, steps_max: 50_000_000, engine: Engine::default(), end }
    }
}

fn exits(end: &End) -> bool {
    *end == End::Ran(State::Exited(0))
}

fn overflows(end: &End) -> bool {
    matches!(end, End::Ran(State::Trapped(trap)) if trap.kind == TrapKind::StackOverflow)
}

fn is_too_large(end: &End) -> bool {
    let End::Ran(State::Trapped(trap)) = end else { return false };
    matches!(trap.kind, TrapKind::InvalidFunction(_))
}

fn exhausts_steps(end: &End) -> bool {
    *end == End::Ran(State::Exhausted(Limit::Steps))
}

/// A module under construction; `_start` is its last function.
#[derive(Default)]
struct Guest {
    types: TypeSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
}

impl Guest {
    /// With the type of `_start` as type 0.
    fn new() -> Self {
        let mut guest = Self::default();
        guest.types.ty().function([], []);
        guest
    }

    fn function(
        &mut self,
        ty: u32,
        locals: &[(u32, ValType)],
        emit: impl FnOnce(&mut Function),
    ) -> u32 {
        let index = self.functions.len();
        let mut function = Function::new(locals.iter().copied());
        emit(&mut function);
        function.instruction(&Instruction::End);
        self.functions.function(ty);
        self.code.function(&function);
        index
    }

    fn memory(&mut self, pages: u64) {
        self.memories.memory(MemoryType {
            minimum: pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }

    fn table(&mut self, elements: u64) {
        self.tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: elements,
            maximum: None,
            shared: false,
        });
    }

    fn finish(mut self, locals: &[(u32, ValType)], start: impl FnOnce(&mut Function)) -> Vec<u8> {
        let index = self.function(0, locals, start);
        self.exports.export("_start", ExportKind::Func, index);
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        module.section(&self.memories).section(&self.globals).section(&self.exports);
        module.section(&self.elements).section(&self.code).section(&self.data);
        module.finish()
    }
}

/// Emits a sequence so often.
fn times(function: &mut Function, count: usize, instructions: &[Instruction<'_>]) {
    for _ in 0..count {
        for instruction in instructions {
            function.instruction(instruction);
        }
    }
}

/// Opens so many constructs, has something in their middle, and closes them.
fn nest(
    depth: usize,
    open: &[Instruction<'_>],
    middle: &[Instruction<'_>],
    close: &[Instruction<'_>],
) -> Vec<u8> {
    Guest::new().finish(&[(1, ValType::I32)], |start| {
        times(start, depth, open);
        times(start, 1, middle);
        times(start, depth, close);
    })
}

const ZERO: Instruction<'static> = Instruction::LocalGet(0);
const BLOCK: Instruction<'static> = Instruction::Block(BlockType::Empty);
const LOOP: Instruction<'static> = Instruction::Loop(BlockType::Empty);
const IF: Instruction<'static> = Instruction::If(BlockType::Empty);
const END: Instruction<'static> = Instruction::End;
const DEEP: usize = 300_000;

fn nestings() -> Vec<Row> {
    let outermost = Instruction::BrIf(u32::try_from(DEEP - 1).expect("it fits"));
    let mut rows = vec![
        Row::new("blocks in blocks", nest(DEEP, &[BLOCK], &[], &[END]), exits),
        Row::new(
            "blocks that are left at each level",
            nest(DEEP, &[BLOCK], &[], &[ZERO, Instruction::BrIf(0), END]),
            exits,
        ),
        Row::new(
            "blocks that are left from the innermost",
            nest(DEEP, &[BLOCK], &[ZERO, outermost.clone()], &[END]),
            exits,
        ),
        Row::new("loops in loops", nest(DEEP, &[LOOP], &[], &[END]), exits),
        Row::new(
            "loops that are all one",
            nest(DEEP, &[LOOP], &[], &[ZERO, Instruction::BrIf(0), END]),
            exits,
        ),
        Row::new(
            "loops that are left for the outermost",
            nest(DEEP, &[LOOP], &[ZERO, outermost], &[END]),
            exits,
        ),
        Row::new("ifs in ifs", nest(DEEP, &[ZERO, IF], &[], &[END]), exits),
        Row::new(
            "ifs with empty arms in ifs",
            nest(DEEP, &[ZERO, IF], &[], &[Instruction::Else, END]),
            exits,
        ),
        Row::new(
            "ifs in second arms",
            nest(DEEP, &[ZERO, IF, Instruction::Else], &[], &[END]),
            exits,
        ),
    ];
    let pairs = |opened: &[Instruction<'_>]| {
        Guest::new().finish(&[(1, ValType::I32)], |start| times(start, 1_000_000, opened))
    };
    rows.push(Row::new("a million blocks", pairs(&[BLOCK, END]), exits));
    rows.push(Row::new("a million loops", pairs(&[LOOP, END]), exits));
    rows.push(Row::new("a million ifs", pairs(&[ZERO, IF, END]), exits));
    let joined = [LOOP, LOOP, ZERO, Instruction::BrIf(0), ZERO, Instruction::BrIf(1), END, END];
    let deep_loops = Guest::new().finish(&[(1, ValType::I32)], |start| {
        times(start, DEEP / 2, &[BLOCK]);
        times(start, DEEP / 2, &joined);
        times(start, DEEP / 2, &[END]);
    });
    rows.push(Row::new("joined loops far inside", deep_loops, exits));
    rows
}

/// Much of something that the binary format allows.
fn crowds() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut guest = Guest::new();
    for _ in 0..100_000 {
        guest.function(0, &[], |function| times(function, 1, &[ZERO_CONST, Instruction::Drop]));
    }
    let calls = |start: &mut Function| {
        (0..100_000).for_each(|index| {
            start.instruction(&Instruction::Call(index));
        })
    };
    rows.push(Row::new("100 000 functions", guest.finish(&[], calls), exits));
    let mut guest = Guest::new();
    for params in 0..900_000_u32 {
        let ty = |bit: u32| if params >> bit & 1 == 1 { ValType::I64 } else { ValType::I32 };
        let bits: Vec<_> = (0..20).map(ty).collect();
        guest.types.ty().function(bits, []);
    }
    rows.push(Row::new("900 000 types", guest.finish(&[], |_| {}), exits));
    let mut guest = Guest::new();
    let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    for index in 0..900_000 {
        guest.globals.global(ty, &ConstExpr::i64_const(index));
    }
    rows.push(Row::new("900 000 globals", guest.finish(&[], |_| {}), exits));
    let mut guest = Guest::new();
    for index in 0..90_000 {
        guest.exports.export(&format!("e{index}"), ExportKind::Func, 0);
    }
    rows.push(Row::new("90 000 exports", guest.finish(&[], |_| {}), exits));
    let mut guest = Guest::new();
    guest.memory(1);
    for _ in 0..90_000 {
        guest.data.active(0, &ConstExpr::i32_const(7), *b"x");
    }
    rows.push(Row::new("90 000 data segments", guest.finish(&[], |_| {}), exits));
    let mut guest = Guest::new();
    guest.table(10_000_000);
    let functions = vec![0; 9_000_000];
    guest.elements.active(None, &ConstExpr::i32_const(5), Elements::Functions(functions.into()));
    rows.push(Row::new("9 million elements", guest.finish(&[], |_| {}), exits));
    let mut guest = Guest::new();
    (0..100).for_each(|_| guest.memory(1));
    let grow = |start: &mut Function| {
        for memory in 0..100 {
            times(
                start,
                1,
                &[Instruction::I32Const(1), Instruction::MemoryGrow(memory), Instruction::Drop],
            );
        }
    };
    rows.push(Row::new("100 memories", guest.finish(&[], grow), exits));
    let mut guest = Guest::new();
    (0..100).for_each(|_| guest.table(1_000_000));
    let table = |end: &End| *end == End::Ran(State::Exhausted(Limit::Table));
    rows.push(Row::new("100 tables", guest.finish(&[], |_| {}), table));
    let mut guest = Guest::new();
    guest.memory(65_536);
    let memory = |end: &End| *end == End::Ran(State::Exhausted(Limit::Memory));
    rows.push(Row::new("all of the address space", guest.finish(&[], |_| {}), memory));
    let mut guest = Guest::new();
    guest.memory(1700);
    guest.data.active(0, &ConstExpr::i32_const(0), vec![7; 100_000_000]);
    rows.push(Row::new("100 MB of data", guest.finish(&[], |_| {}), exits));
    rows
}

const ZERO_CONST: Instruction<'static> = Instruction::I32Const(0);

/// Functions that are large in some way.
fn bodies() -> Vec<Row> {
    let mut rows = Vec::new();
    let targets: Vec<u32> = (0..131_072).map(|target| target % 2).collect();
    let table = Guest::new().finish(&[(1, ValType::I32)], |start| {
        times(
            start,
            1,
            &[BLOCK, BLOCK, ZERO, Instruction::BrTable((&targets[..]).into(), 1), END, END],
        );
    });
    rows.push(Row::new("a table of 131 072 branches", table, exits));
    let tables = Guest::new().finish(&[(1, ValType::I32)], |start| {
        for _ in 0..20 {
            times(
                start,
                1,
                &[
                    LOOP,
                    LOOP,
                    ZERO,
                    Instruction::BrIf(0),
                    ZERO,
                    Instruction::BrIf(1),
                    BLOCK,
                    BLOCK,
                    ZERO,
                ],
            );
            let targets = targets.iter().map(|target| target * 2).collect::<Vec<_>>();
            times(start, 1, &[Instruction::BrTable((&targets[..]).into(), 1), END, END, END, END]);
        }
    });
    rows.push(Row::new("many tables of branches", tables, exits));
    let line = Guest::new().finish(&[(1, ValType::I32)], |start| {
        times(start, 1_800_000, &[ZERO, Instruction::Drop]);
    });
    rows.push(Row::new("a body of 7 MB", line, exits));
    rows.push(Row::new("a body of operators that may trap", traps(Guest::new()), exits));
    // The interpreter has no function with more than 32 767; the web's engines stop at 50 000.
    for (name, locals, end) in [
        ("30 000 locals in each frame", 30_000, overflows as fn(&End) -> bool),
        ("50 000 locals", 50_000, is_too_large),
    ] {
        let mut guest = Guest::new();
        let locals = [(locals, ValType::I64)];
        guest.function(0, &locals, |function| times(function, 1, &[Instruction::Call(0)]));
        let wasm = guest.finish(&[], |start| times(start, 1, &[Instruction::Call(0)]));
        rows.push(Row::new(name, wasm, end));
    }
    let mut guest = Guest::new();
    let (wide, branches) = (1000, 2000);
    guest.types.ty().function([], vec![ValType::I64; wide]);
    guest.function(1, &[(1, ValType::I32)], |function| {
        function.instruction(&Instruction::Block(BlockType::FunctionType(1)));
        times(function, wide, &[Instruction::I64Const(1)]);
        times(function, branches, &[ZERO, Instruction::BrIf(0)]);
        function.instruction(&END);
    });
    let wasm = guest.finish(&[], |start| {
        times(start, 1, &[Instruction::Call(0)]);
        times(start, wide, &[Instruction::Drop]);
    });
    rows.push(Row::new("branches that carry 1000 values", wasm, exits));
    rows
}

fn traps(mut guest: Guest) -> Vec<u8> {
    guest.memory(1);
    guest.finish(&[(1, ValType::I32)], |start| {
        let one = [
            Instruction::I32Const(9),
            Instruction::I32Const(3),
            Instruction::I32DivU,
            Instruction::Drop,
        ];
        times(start, 1, &[ZERO, IF]);
        times(start, 900_000, &one);
        times(start, 1, &[END]);
    })
}

/// Guests that do much when they run.
fn runs() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut guest = Guest::new();
    guest.memory(0);
    let grow = guest.finish(&[(1, ValType::I32)], |start| {
        times(start, 1, &[LOOP, Instruction::I32Const(1), Instruction::MemoryGrow(0)]);
        times(
            start,
            1,
            &[Instruction::I32Const(-1), Instruction::I32Ne, Instruction::BrIf(0), END],
        );
    });
    rows.push(Row::new("memory growth up to the limit", grow, exits));
    let mut guest = Guest::new();
    guest.memory(0);
    let fail = guest.finish(&[], |start| {
        let grow =
            [LOOP, Instruction::I32Const(65_535), Instruction::MemoryGrow(0), Instruction::Drop];
        times(start, 1, &grow);
        times(start, 1, &[Instruction::Br(0), END]);
    });
    rows.push(Row::new("memory growth that fails for ever", fail, exhausts_steps));
    let recursion = Guest::new().finish(&[], |start| times(start, 1, &[Instruction::Call(0)]));
    rows.push(Row::new("recursion for ever", recursion.clone(), overflows));
    let engine = Engine::default().call_depth_max(10_000_000).stack_bytes_max(STACK_BYTES_MAX);
    let mut row = Row::new("10 million frames", recursion, overflows);
    row.engine = engine;
    rows.push(row);
    let tail = Guest::new().finish(&[], |start| times(start, 1, &[Instruction::ReturnCall(0)]));
    rows.push(Row::new("tail calls for ever", tail, exhausts_steps));
    let opens = wat::parse_str(OPENS).expect("it is well-formed");
    let mut row = Row::new("a million files opened and closed", opens, exits);
    row.steps_max = u64::MAX;
    rows.push(row);
    rows
}

const OPENS: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "file")
    (func (export "_start") (local $left i32)
        (local.set $left (i32.const 1000000))
        (loop $next
            (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1)
                (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 8))
            (if (then unreachable))
            (if (call $fd_close (i32.load (i32.const 8))) (then unreachable))
            (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"#;

/// The reading of a field of /proc/self/status, in bytes.
fn status(field: &str) -> Option<usize> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(field))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

fn run(row: &Row) -> End {
    let prepared = match Module::prepare(&row.wasm) {
        Ok(prepared) => prepared,
        Err(Error::Invalid { message, .. }) => {
            eprintln!("{}: {message}", row.name);
            return End::Refused;
        }
        Err(error) => panic!("{}: {error}", row.name),
    };
    let module = Module::from_prepared(&row.engine, prepared).expect(row.name);
    let limits = Limits {
        memory_bytes_max: MEMORY_BYTES_MAX,
        steps_max: row.steps_max,
        ..Limits::default()
    };
    let mut process = Process::builder(&module).limits(limits).spawn().expect(row.name);
    let state = loop {
        match process.run(1_000_000) {
            State::Yielded => {}
            state => break state,
        }
    };
    End::Ran(state)
}

#[test]
fn hostile_modules_end_within_their_limits() {
    let groups: [fn() -> Vec<Row>; 4] = [nestings, crowds, bodies, runs];
    let mut wrong = String::new();
    for row in groups.iter().flat_map(|group| group()) {
        // Has the kernel measure the peak from here on.
        let measures = fs::write("/proc/self/clear_refs", "5").is_ok();
        let before = status("VmRSS:");
        let end = run(&row);
        let peak = status("VmHWM:").zip(before).map(|(peak, before)| peak.saturating_sub(before));
        let peak = peak.filter(|_| measures).unwrap_or(0);
        let allowed = 2 * (MEMORY_BYTES_MAX + STACK_BYTES_MAX) + SLACK_BYTES;
        let allowed =
            allowed.min(COPIES * row.wasm.len() + 2 * MEMORY_BYTES_MAX + 2 * STACK_BYTES_MAX);
        println!(
            "{:42} {:6} KiB, {:4} MiB of {:4}",
            row.name,
            row.wasm.len() >> 10,
            peak / MIB,
            allowed / MIB,
        );
        if !(row.end)(&end) {
            writeln!(wrong, "{}: {end:?}", row.name).expect("a string takes everything");
        }
        if peak > allowed {
            writeln!(wrong, "{}: {} MiB", row.name, peak / MIB).expect("a string takes everything");
        }
    }
    assert_eq!(wrong, "");
}
