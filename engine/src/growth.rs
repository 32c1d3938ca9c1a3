//! `memory.grow` and `table.grow`, which a prepared module has the host do.

use alloc::format;

use wasmi::{
    AsContextMut, Caller, Error, Extern, ExternType, Func, FuncType, Instance, Memory, MemoryType,
    Nullable, Ref, Store, Table, TrapCode, Val, ValType,
};

use crate::host::{self, Host};
use crate::rewrite::meter::growth::{GROWN_EXPORT, TABLE_EXPORT};
use crate::{Limit, Limits, Module, cost};

/// Allows for the table through which a module calls for growth: it is not the guest's.
pub(crate) fn make_room(store: &mut Store<Host>, module: &Module) {
    if let Some(ExternType::Table(table)) = module.compiled.get_export(TABLE_EXPORT) {
        let slots = usize::try_from(table.minimum()).unwrap_or(usize::MAX);
        store.data_mut().growth.allow_table_elements(slots);
    }
}

/// Fills the table through which a module calls for growth.
pub(crate) fn bind(store: &mut Store<Host>, instance: Instance) {
    let Some(table) = instance.get_table(&*store, TABLE_EXPORT) else { return };
    for slot in 0..table.size(&*store) {
        let function = match instance.get_export(&*store, &format!("{GROWN_EXPORT}{slot}")) {
            Some(Extern::Memory(memory)) => grow_memory(store, memory),
            Some(Extern::Table(table)) => grow_table(store, table),
            _ => continue,
        };
        let filled = table.set(&mut *store, slot, Ref::Func(Nullable::Val(function)));
        debug_assert!(filled.is_ok(), "the pass has made the table large enough");
    }
}

/// The most bytes that a memory of this type can have under these limits.
pub(crate) fn bytes_max(ty: &MemoryType, limits: &Limits) -> usize {
    // No page is larger.
    let bytes = |pages: u64| pages.saturating_mul(PAGE_BYTES);
    let declared = ty.maximum().map_or(MEMORY_BYTES_END, bytes);
    let most = limits.memory_bytes_max.min(usize::try_from(MEMORY_BYTES_END).unwrap_or(usize::MAX));
    usize::try_from(declared).map_or(most, |declared| declared.min(most))
}

/// The function that grows a memory by a number of pages: the size before, or -1.
fn grow_memory(store: &mut Store<Host>, memory: Memory) -> Func {
    let ty = memory.ty(&*store);
    let pages_max = ty.maximum().unwrap_or(if ty.is_64() { u64::MAX } else { PAGES_MAX_32 });
    let grow = move |mut caller: Caller<'_, Host>, pages: u64| {
        // A host with 32 bits fails before it asks whether there may be so much; the reason must be the same.
        let wanted = memory.size(&caller).saturating_add(pages);
        if wanted <= pages_max && wanted.saturating_mul(PAGE_BYTES) >= MEMORY_BYTES_END {
            caller.data_mut().growth.refused = Some(Limit::Memory);
            return answer(caller, "memory.grow", None, 0);
        }
        let before = memory.grow(&mut caller, pages).ok();
        answer(caller, "memory.grow", before, pages.saturating_mul(PAGE_BYTES))
    };
    if ty.is_64() {
        Func::wrap(store, grow)
    } else {
        Func::wrap(store, move |caller: Caller<'_, Host>, pages: u32| {
            grow(caller, u64::from(pages)).map(as_i32)
        })
    }
}

/// The function that grows a table by a number of elements: the size before, or -1.
fn grow_table(store: &mut Store<Host>, table: Table) -> Func {
    let ty = table.ty(&*store);
    let index = if ty.is_64() { ValType::I64 } else { ValType::I32 };
    let signature = FuncType::new([ValType::from(ty.element()), index], [index]);
    Func::new(store, signature, move |mut caller: Caller<'_, Host>, params, results| {
        let init = match &params[0] {
            Val::FuncRef(function) => Ref::Func(*function),
            Val::ExternRef(value) => Ref::Extern(*value),
            _ => return Ok(()),
        };
        let elements = match params[1] {
            Val::I32(elements) => u64::from(elements.cast_unsigned()),
            Val::I64(elements) => elements.cast_unsigned(),
            _ => return Ok(()),
        };
        let before = table.grow(&mut caller, elements, init).ok();
        let bytes = elements.saturating_mul(cost::TABLE_ELEMENT_BYTES);
        let before = answer(caller, "table.grow", before, bytes)?;
        results[0] = match index {
            ValType::I64 => Val::I64(before.cast_signed()),
            _ => Val::I32(as_i32(before)),
        };
        Ok(())
    })
}

/// Charges for a growth by so many bytes, and gives the guest its answer: the size before, or all ones if it failed.
///
/// # Errors
/// The host itself had no more memory. That is no answer, because it would depend on the host: the run ends.
fn answer(
    mut caller: Caller<'_, Host>,
    operator: &'static str,
    before: Option<u64>,
    bytes: u64,
) -> Result<u64, Error> {
    let grown = if before.is_some() { bytes } else { 0 };
    let host = caller.data_mut();
    host.charge(operator, cost::growing(grown));
    let host_failed = before.is_none() && host.growth.refused == Some(Limit::HostMemory);
    host::pay(caller.as_context_mut());
    if host_failed {
        return Err(TrapCode::GrowthOperationLimited.into());
    }
    Ok(before.unwrap_or(u64::MAX))
}

/// The lower half, as the 32-bit operators give it.
#[expect(clippy::cast_possible_truncation, reason = "sizes fit, and -1 is all ones in both")]
fn as_i32(size: u64) -> i32 {
    size as i32
}

const PAGE_BYTES: u64 = 64 << 10;
/// What a 32-bit address can reach.
const PAGES_MAX_32: u64 = 1 << 16;
/// So much and more no memory has: hosts with 32 bits cannot.
pub(crate) const MEMORY_BYTES_END: u64 = 1 << 32;
