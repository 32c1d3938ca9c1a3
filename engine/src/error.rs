//! Why a module or a process could not be made.

use alloc::string::String;
use core::fmt;

/// Why a module or a process could not be made. What a guest does when it runs is never an error: see
/// [`State`](crate::State).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not WebAssembly at all.
    NotWasm {
        /// What they look like, for people.
        found: String,
    },
    /// The module is cut off, malformed or invalid.
    Invalid {
        /// Byte offset in the module.
        offset: u64,
        /// What is wrong there.
        message: String,
    },
    /// The module needs a proposal that the interpreter does not have.
    Unsupported {
        /// The proposal's name as the WebAssembly community spells it.
        proposal: &'static str,
        /// Byte offset of the first use.
        offset: u64,
    },
    /// The bytes were not written by [`Module::prepare`](crate::Module::prepare), or by another version of it.
    NotPrepared,
    /// The module imports something that is not in the syscall table.
    UnknownImport {
        /// The import's module name.
        module: String,
        /// The import's own name.
        name: String,
    },
    /// The module imports a syscall with another type than the specification gives it.
    ImportType {
        /// The import's module name.
        module: String,
        /// The import's own name.
        name: String,
    },
    /// The module does not export the function that is to be run.
    MissingExport {
        /// The function's name.
        name: String,
        /// The functions that it does export.
        exported: String,
    },
    /// The function that is to be run has a type that it cannot have.
    EntryType {
        /// The function's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The arguments for the exported function do not fit its parameters.
    Arguments {
        /// The function's name.
        name: String,
        /// What it takes.
        expected: String,
        /// The first that does not fit, if they are as many as it takes.
        argument: Option<String>,
    },
    /// The arguments and the environment are larger than [`Limits::args_bytes_max`](crate::Limits::args_bytes_max).
    TooManyArguments {
        /// How many bytes they take, with a NUL behind each.
        bytes: u64,
        /// How many they may take.
        bytes_max: u64,
    },
    /// The files could not be read for the receipt that was asked for.
    Files {
        /// What reading them gave.
        errno: vfs::Errno,
    },
    /// A receipt was asked for when what it is about could not be known any more.
    NotFresh,
    /// The process cannot be frozen as it is. It can still be run.
    NotFreezable {
        /// Why, for people.
        reason: String,
    },
    /// The process of an image cannot go on with the directories of the host that it is given.
    Directories {
        /// Which, and why.
        reason: String,
    },
    /// No other engine can go on from the image, because it would not give the process what it has.
    NotPortable {
        /// What that is.
        reason: String,
    },
    /// An image does not fit the module, or is damaged.
    Image {
        /// What is wrong with it.
        reason: String,
    },
    /// Something else that the interpreter would not do, in its own words.
    Interpreter {
        /// Its message.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm { found } => write!(f, "not a WebAssembly module: {found}"),
            Self::Invalid { offset, message } => {
                write!(f, "invalid module: {message} (at byte {offset:#x})")
            }
            Self::Unsupported { proposal, offset } => write!(
                f,
                "the module needs the {proposal} proposal, which is not supported (first used at byte {offset:#x})"
            ),
            Self::NotPrepared => {
                f.write_str("not a module that this version of the engine has prepared")
            }
            Self::UnknownImport { module, name } => write!(
                f,
                "unknown import: {module}.{name}; a guest may import the functions of wasi_snapshot_preview1 and \
                 wasi_unstable only"
            ),
            Self::ImportType { module, name } => {
                write!(f, "the import {module}.{name} has another type than WASI gives it")
            }
            Self::MissingExport { name, exported } => {
                write!(f, "the module exports no function {name}; it exports {exported}")
            }
            Self::EntryType { name, reason } => write!(f, "the export {name} {reason}"),
            Self::Arguments { name, expected, argument: None } => {
                write!(f, "the arguments do not fit: {name} takes {expected}")
            }
            Self::Arguments { name, expected, argument: Some(argument) } => {
                write!(f, "the argument {argument:?} does not fit: {name} takes {expected}")
            }
            Self::TooManyArguments { bytes, bytes_max } => write!(
                f,
                "the arguments and the environment take {bytes} bytes, and {bytes_max} are allowed"
            ),
            Self::Files { errno } => write!(f, "cannot read the files for the receipt: {errno}"),
            Self::NotFresh => f.write_str(
                "a receipt can be kept from here on only by a process that was thawed and has neither run nor been given or \
                 asked for anything since",
            ),
            Self::NotFreezable { reason } => write!(f, "the process cannot be frozen: {reason}"),
            Self::Directories { reason } => f.write_str(reason),
            Self::NotPortable { reason } => {
                write!(f, "no other engine can go on from the image: {reason}")
            }
            Self::Image { reason } => write!(f, "bad image: {reason}"),
            Self::Interpreter { message } => f.write_str(message),
        }
    }
}

impl core::error::Error for Error {}
