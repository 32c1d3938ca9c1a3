//! What a row of the table is, and the macro that makes rows.

use crate::{Context, GuestMemory, Stop};

/// The type of a parameter on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValType {
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
}

/// How a parameter is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number, length or descriptor.
    Decimal,
    /// A number that may be negative.
    Signed,
    /// A pointer, or a set of flags.
    Hexadecimal,
}

/// One parameter of an import.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name, as the spec spells it.
    pub name: &'static str,
    /// Its type on the wire.
    pub ty: ValType,
    /// How it is shown.
    pub form: Form,
}

/// One import: its name as the spec spells it, its parameters, and the function.
#[derive(Clone, Copy, Debug)]
pub struct Syscall {
    /// Its name, which is also the function's in this crate.
    pub name: &'static str,
    /// What it takes, in order.
    pub params: &'static [Param],
    /// Whether its result is an errno; only `proc_exit` has no result.
    pub returns_errno: bool,
    /// Makes the call.
    ///
    /// # Panics
    /// If there are not as many arguments as [`Syscall::params`].
    pub call: fn(&mut Context, &mut GuestMemory<'_>, &[u64]) -> Result<(), Stop>,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The errnos that it gives, by name, in the order in which they are checked. [`PATH_ERRORS`] stands for `path`.
    pub errors: &'static str,
    /// What its steps grow with, besides what every call costs.
    pub cost: &'static str,
}

/// What a path can fail with, which `path` stands for in [`Syscall::errors`].
pub const PATH_ERRORS: &str = "ILSEQ NOENT INVAL PERM NAMETOOLONG NOTDIR LOOP IO";

/// The signature of [`Syscall::call`] for a name of a type in the table.
macro_rules! param {
    ($name:ident: u32) => {
        param!(stringify!($name), I32, Decimal)
    };
    ($name:ident: ptr) => {
        param!(stringify!($name), I32, Hexadecimal)
    };
    ($name:ident: flags) => {
        param!(stringify!($name), I32, Hexadecimal)
    };
    ($name:ident: u64) => {
        param!(stringify!($name), I64, Decimal)
    };
    ($name:ident: s64) => {
        param!(stringify!($name), I64, Signed)
    };
    ($name:ident: rights) => {
        param!(stringify!($name), I64, Hexadecimal)
    };
    ($name:expr, $ty:ident, $form:ident) => {
        Param { name: $crate::syscall::unraw($name), ty: ValType::$ty, form: Form::$form }
    };
}

/// The argument in a slot, in the type that the function takes.
macro_rules! argument {
    ($slot:ident: u64) => {
        $slot
    };
    ($slot:ident: s64) => {
        $slot
    };
    ($slot:ident: rights) => {
        $slot
    };
    ($slot:ident: $ty:ident) => {
        $crate::syscall::low_half($slot)
    };
}

/// Makes the rows of a table. Each says: its name, the module of its function, its parameters, its errors and its cost;
/// the documentation comment is its summary.
macro_rules! syscalls {
    ($(
        #[doc = $summary:literal]
        $name:ident = $module:ident($($param:ident: $ty:tt),*) $errors:literal, $cost:literal;
    )*) => {
        [$(Syscall {
            name: stringify!($name),
            params: &[$(param!($param: $ty)),*],
            returns_errno: $crate::syscall::returns_errno(stringify!($name)),
            call: |ctx, memory, slots| {
                let &[$($param),*] = slots else {
                    panic!(concat!("the arguments of ", stringify!($name), " are those of its row"))
                };
                match $module::$name(ctx, memory $(, argument!($param: $ty))*) {
                    Ok(()) => {
                        ctx.pending = None;
                        Ok(())
                    }
                    Err(stop) => Err($crate::syscall::settle(ctx, stringify!($name), stop)),
                }
            },
            summary: $crate::syscall::trimmed($summary),
            errors: $errors,
            cost: $cost,
        }),*]
    };
}

pub(crate) use {argument, param, syscalls};

/// The argument of a 32-bit parameter.
#[expect(clippy::cast_possible_truncation, reason = "the other half belongs to nothing")]
pub(crate) fn low_half(slot: u64) -> u32 {
    slot as u32
}

/// What every call that does not succeed does last: a fault learns where it happened, and whether the call is over is
/// remembered.
pub(crate) fn settle(ctx: &mut Context, name: &'static str, mut stop: Stop) -> Stop {
    match &mut stop {
        Stop::Pending(_) => {
            ctx.pending.get_or_insert_default();
        }
        stop => {
            ctx.pending = None;
            if let Stop::Fault(fault) = stop {
                fault.function = name;
            }
        }
    }
    stop
}

/// Whether two names are the same, for tables that are made while compiling.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether an import has a result.
pub(crate) const fn returns_errno(name: &str) -> bool {
    !same(name, "proc_exit")
}

/// A name without the mark that lets a keyword be a name in Rust.
pub(crate) const fn unraw(name: &str) -> &str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// A documentation comment without the space at its start.
pub(crate) const fn trimmed(summary: &str) -> &str {
    summary.trim_ascii()
}
