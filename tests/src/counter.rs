//! A second opinion on steps: a copy of a module that adds to a global before every operator that counts.
//!
//! It shares nothing with the engine's metering and is as plain as it can be: no regions, no interpreter's fuel, one
//! addition for each operator where it stands. The copy runs in any engine. What the host charges, for syscalls and
//! growth, is not in it; see docs/STEPS.md for what is.

use wasm_encoder::{Encode, Instruction, ValType};
use wasmparser::{
    BinaryReader, BlockType, FuncType, FunctionBody, Operator, Parser, Payload, TypeRef,
};

/// The export of a counting module that holds its count, an `i64`.
pub const COUNT_EXPORT: &str = "count";
/// The export of a counting command that calls `_start` and returns the count, which is then its own call too.
pub const COUNTED_EXPORT: &str = "counted";

const TYPE_SECTION: u8 = 1;
const FUNCTION_SECTION: u8 = 3;
const GLOBAL_SECTION: u8 = 6;
const EXPORT_SECTION: u8 = 7;
const CODE_SECTION: u8 = 10;
/// Sections in the order that the binary format wants.
const ORDER: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/// Bytes and elements that a bulk operator moves for one step, as powers of two.
const BYTES_PER_STEP_LOG2: i64 = 6;
const ELEMENTS_PER_STEP_LOG2: i64 = 4;
/// Each so many values that a call or a branch moves cost so many steps.
const VALUES: usize = 512;
const VALUES_STEPS: i64 = 64;

/// The copy of a valid module that counts what it executes.
///
/// # Panics
/// If the module is malformed.
#[must_use]
pub fn counting(wasm: &[u8]) -> Vec<u8> {
    let about = About::of(wasm);
    let mut sections: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut code = Vec::new();
    let mut bodies = 0_u32;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.expect("the module is well-formed");
        if let Payload::CodeSectionEntry(body) = &payload {
            let function = about.imported_functions + bodies as usize;
            let body = Body::new(&about, function).count(wasm, body);
            body.len().encode(&mut code);
            code.extend_from_slice(&body);
            bodies += 1;
        }
        if let Some((id, range)) = payload.as_section()
            && ORDER.contains(&id)
        {
            sections.push((id, wasm[range].to_vec()));
        }
    }
    let mut global = Vec::new();
    ValType::I64.encode(&mut global);
    // Mutable, and 0 at first.
    global.extend_from_slice(&[1, 0x42, 0, 0x0b]);
    append(&mut sections, GLOBAL_SECTION, &global);
    let mut export = Vec::new();
    COUNT_EXPORT.encode(&mut export);
    export.push(3);
    about.globals.encode(&mut export);
    append(&mut sections, EXPORT_SECTION, &export);
    if let Some(start) = about.start {
        // `[] -> i64`, and the function of that type which comes last.
        append(&mut sections, TYPE_SECTION, &[0x60, 0, 1, 0x7e]);
        let mut ty = Vec::new();
        about.types.len().encode(&mut ty);
        append(&mut sections, FUNCTION_SECTION, &ty);
        let mut export = Vec::new();
        COUNTED_EXPORT.encode(&mut export);
        export.push(0);
        about.functions.len().encode(&mut export);
        append(&mut sections, EXPORT_SECTION, &export);
        let mut body = vec![0];
        Instruction::Call(start).encode(&mut body);
        Instruction::GlobalGet(about.globals).encode(&mut body);
        Instruction::End.encode(&mut body);
        body.len().encode(&mut code);
        code.extend_from_slice(&body);
        bodies += 1;
    }
    if let Some((_, section)) = sections.iter_mut().find(|(id, _)| *id == CODE_SECTION) {
        section.clear();
        bodies.encode(section);
        section.extend_from_slice(&code);
    }
    let mut counting = wasm[..8].to_vec();
    for (id, section) in sections {
        counting.push(id);
        section.encode(&mut counting);
    }
    counting
}

/// Appends an entry to a section, which is made if there is none.
fn append(sections: &mut Vec<(u8, Vec<u8>)>, id: u8, entry: &[u8]) {
    let rank = |id: u8| ORDER.iter().position(|other| *other == id);
    let place = sections.iter().position(|(other, _)| rank(*other) >= rank(id));
    let place = place.unwrap_or(sections.len());
    if sections.get(place).is_none_or(|(other, _)| *other != id) {
        sections.insert(place, (id, vec![0]));
    }
    let section = &mut sections[place].1;
    let mut reader = BinaryReader::new(section, 0);
    let count = reader.read_var_u32().expect("a section starts with a count");
    let old = section.split_off(reader.original_position());
    section.clear();
    (count + 1).encode(section);
    section.extend_from_slice(&old);
    section.extend_from_slice(entry);
}

/// What has to be known of a module to count in its functions.
#[derive(Default)]
struct About {
    types: Vec<FuncType>,
    /// The type of each function, imports first, as of everything else here.
    functions: Vec<u32>,
    imported_functions: usize,
    globals: u32,
    /// The function that a command exports.
    start: Option<u32>,
    /// Whether each memory, and each table, has 64-bit indices.
    memories: Vec<bool>,
    tables: Vec<bool>,
}

impl About {
    fn of(wasm: &[u8]) -> Self {
        let mut about = Self::default();
        let good = "the module is well-formed";
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect(good) {
                Payload::TypeSection(types) => {
                    about.types.extend(types.into_iter_err_on_gc_types().map(|ty| ty.expect(good)))
                }
                Payload::ImportSection(imports) => {
                    imports.into_iter().for_each(|import| about.import(import.expect(good).ty));
                }
                Payload::FunctionSection(functions) => {
                    about.functions.extend(functions.into_iter().map(|ty| ty.expect(good)));
                }
                Payload::ExportSection(exports) => {
                    let mut exports = exports.into_iter().map(|export| export.expect(good));
                    about.start =
                        exports.find(|export| export.name == "_start").map(|export| export.index);
                }
                Payload::GlobalSection(globals) => about.globals += globals.count(),
                Payload::MemorySection(memories) => about
                    .memories
                    .extend(memories.into_iter().map(|memory| memory.expect(good).memory64)),
                Payload::TableSection(tables) => about
                    .tables
                    .extend(tables.into_iter().map(|table| table.expect(good).ty.table64)),
                _ => {}
            }
        }
        about
    }

    fn import(&mut self, ty: TypeRef) {
        match ty {
            TypeRef::Func(ty) => {
                self.functions.push(ty);
                self.imported_functions += 1;
            }
            TypeRef::Global(_) => self.globals += 1,
            TypeRef::Memory(ty) => self.memories.push(ty.memory64),
            TypeRef::Table(ty) => self.tables.push(ty.table64),
            TypeRef::Tag(_) => {}
        }
    }

    fn function(&self, index: usize) -> &FuncType {
        &self.types[self.functions[index] as usize]
    }
}

/// The counting copy of one function, as it is written.
struct Body<'a> {
    about: &'a About,
    function: usize,
    out: Vec<u8>,
    /// Values that a branch to each open construct carries, the outermost first: the function itself.
    labels: Vec<usize>,
    /// The index of a local that is added for lengths of 32 bits; the next is for 64.
    length: u32,
}

impl<'a> Body<'a> {
    fn new(about: &'a About, function: usize) -> Self {
        let labels = vec![about.function(function).results().len()];
        Self { about, function, out: Vec::new(), labels, length: 0 }
    }

    fn count(mut self, wasm: &[u8], body: &FunctionBody<'_>) -> Vec<u8> {
        let good = "the module is well-formed";
        let mut locals = body.get_locals_reader().expect(good);
        let mut values = self.about.function(self.function).params().len();
        let (groups, start) = (locals.get_count(), locals.original_position());
        for _ in 0..groups {
            values += locals.read().expect(good).0 as usize;
        }
        self.length = u32::try_from(values).expect("a function has few locals");
        (groups + 2).encode(&mut self.out);
        self.out.extend_from_slice(&wasm[start..locals.original_position()]);
        for ty in [ValType::I32, ValType::I64] {
            1_u32.encode(&mut self.out);
            ty.encode(&mut self.out);
        }
        // The function that is entered knows how much a call has to move.
        self.add_values(values, 1);
        let mut operators = body.get_operators_reader().expect(good);
        while !operators.eof() {
            let (operator, at) = operators.read_with_offset().expect(good);
            self.before(&operator);
            self.out.extend_from_slice(&wasm[at..operators.original_position()]);
            if let Operator::Loop { blockty } = operator
                && self.arity(blockty).0 > 0
            {
                // Each time that control comes there.
                self.add(1);
            }
        }
        self.out
    }

    /// Counts an operator.
    fn before(&mut self, operator: &Operator<'_>) {
        use Operator as O;
        match *operator {
            O::Nop | O::Else => {}
            O::End => {
                self.labels.pop();
            }
            O::Block { blockty } => self.labels.push(self.arity(blockty).1),
            O::Loop { blockty } => self.labels.push(self.arity(blockty).0),
            O::If { blockty } => {
                self.add(1);
                self.labels.push(self.arity(blockty).1);
            }
            O::Br { relative_depth } | O::BrIf { relative_depth } => self.branch(relative_depth),
            O::BrTable { ref targets } => self.branch(targets.default()),
            O::Return => self.add_values(self.labels[0], 1),
            O::MemoryFill { mem } => self.bulk(self.about.memories[mem as usize], false),
            O::MemoryCopy { dst_mem, src_mem } => {
                let memories = &self.about.memories;
                self.bulk(memories[dst_mem as usize] && memories[src_mem as usize], false);
            }
            O::MemoryInit { .. } => self.bulk(false, false),
            O::TableFill { table } => self.bulk(self.about.tables[table as usize], true),
            O::TableCopy { dst_table, src_table } => {
                let tables = &self.about.tables;
                self.bulk(tables[dst_table as usize] && tables[src_table as usize], true);
            }
            O::TableInit { .. } => self.bulk(false, true),
            _ => self.add(1),
        }
    }

    fn branch(&mut self, depth: u32) {
        let label = self.labels.len() - 1 - depth as usize;
        self.add_values(self.labels[label], 1);
    }

    /// Counts an operator whose length lies on top of the stack.
    fn bulk(&mut self, is_64: bool, is_table: bool) {
        let per_step = if is_table { ELEMENTS_PER_STEP_LOG2 } else { BYTES_PER_STEP_LOG2 };
        self.add(1);
        let local = self.length + u32::from(is_64);
        self.emit(&Instruction::LocalTee(local));
        self.emit(&Instruction::LocalGet(local));
        if !is_64 {
            self.emit(&Instruction::I64ExtendI32U);
        }
        self.emit(&Instruction::I64Const(per_step));
        self.emit(&Instruction::I64ShrU);
        self.emit(&Instruction::GlobalGet(self.about.globals));
        self.emit(&Instruction::I64Add);
        self.emit(&Instruction::GlobalSet(self.about.globals));
    }

    /// Counts so many steps, and those for moving so many values.
    fn add_values(&mut self, values: usize, steps: i64) {
        let times = i64::try_from(values / VALUES).expect("a function has few values");
        let steps = steps + times * VALUES_STEPS;
        self.add(steps);
    }

    fn add(&mut self, steps: i64) {
        let global = self.about.globals;
        self.emit(&Instruction::GlobalGet(global));
        self.emit(&Instruction::I64Const(steps));
        self.emit(&Instruction::I64Add);
        self.emit(&Instruction::GlobalSet(global));
    }

    fn emit(&mut self, instruction: &Instruction<'_>) {
        instruction.encode(&mut self.out);
    }

    /// Parameters and results of a construct.
    fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.about.types[index as usize];
                (ty.params().len(), ty.results().len())
            }
        }
    }
}
