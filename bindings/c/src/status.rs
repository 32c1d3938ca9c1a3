//! How a call went: a number for programs, and the reason behind it for people.

use std::borrow::Cow;
use std::fmt;

use engine::vfs::{Errno, ImageError, LoadError, Unsaved};
use engine::{NoBacktrace, ReceiptError};

/// How a call went. 0 is success; everything else is failure, also numbers that a later version adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_status {
    /// It succeeded.
    STEPWELL_OK = 0,
    /// A pointer that must not be NULL is.
    STEPWELL_NULL = 1,
    /// A handle is of another type than the function takes.
    STEPWELL_BAD_HANDLE = 2,
    /// Another thread is inside the handle, or it was passed twice to one call.
    STEPWELL_BUSY = 3,
    /// The builder has made its process.
    STEPWELL_USED = 4,
    /// A text is not UTF-8.
    STEPWELL_INVALID_UTF8 = 5,
    /// A number, a size or a text is none that the function takes.
    STEPWELL_INVALID_ARGUMENT = 6,
    /// The process is not in a state that has an answer.
    STEPWELL_WRONG_STATE = 7,
    /// This build of the library cannot do it: there is no host below it.
    STEPWELL_UNSUPPORTED = 8,
    /// A bug in the library stopped the call. The handles that it was given are good for freeing only. Please report it.
    STEPWELL_PANIC = 9,
    /// A file operation failed: `stepwell_error_errno` has the number.
    STEPWELL_ERRNO = 10,
    /// The host refused a directory.
    STEPWELL_HOST = 11,
    /// A tar archive is malformed or does not fit.
    STEPWELL_ARCHIVE = 12,
    /// The bytes are not WebAssembly.
    STEPWELL_NOT_WASM = 20,
    /// The module is malformed or invalid.
    STEPWELL_INVALID_MODULE = 21,
    /// The module needs a proposal that is not supported.
    STEPWELL_UNSUPPORTED_PROPOSAL = 22,
    /// The bytes are no prepared module of this version.
    STEPWELL_NOT_PREPARED = 23,
    /// The module imports something that does not exist.
    STEPWELL_UNKNOWN_IMPORT = 24,
    /// The module imports a function with a wrong type.
    STEPWELL_IMPORT_TYPE = 25,
    /// The module does not export the function that is to be run.
    STEPWELL_MISSING_EXPORT = 26,
    /// The function that is to be run has a type that it cannot have.
    STEPWELL_ENTRY_TYPE = 27,
    /// The arguments do not fit the exported function.
    STEPWELL_ARGUMENTS = 28,
    /// Arguments and environment are larger than their limit.
    STEPWELL_TOO_MANY_ARGUMENTS = 29,
    /// The files could not be read for a receipt; or an image lacks directories of the host, or is given what it does not lack.
    STEPWELL_FILES = 30,
    /// The process cannot be frozen as it is.
    STEPWELL_NOT_FREEZABLE = 31,
    /// An image is damaged or does not fit the module.
    STEPWELL_IMAGE = 32,
    /// The interpreter refused something else.
    STEPWELL_INTERPRETER = 33,
    /// There is no backtrace.
    STEPWELL_NO_BACKTRACE = 34,
    /// The text is no receipt, or was changed.
    STEPWELL_RECEIPT = 35,
    /// A tree cannot be saved; or the bytes are no saved tree, are damaged, or need a base that is not there.
    STEPWELL_TREE = 36,
    /// No other engine can go on from the image, because it would not give the process what it has.
    STEPWELL_NOT_PORTABLE = 37,
}

pub(crate) use stepwell_status::*;

/// A call that failed. Its text is made only if somebody wants it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: stepwell_status,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Text(Cow<'static, str>),
    /// A noun or a parameter, and what is wrong with it.
    About(&'static str, &'static str),
    /// An operation on this path.
    Errno(String, Errno),
    Engine(engine::Error),
    Archive(ImageError),
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: stepwell_status, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, cause: Cause::Text(text.into()) }
    }

    pub(crate) fn about(status: stepwell_status, noun: &'static str, what: &'static str) -> Self {
        Self { status, cause: Cause::About(noun, what) }
    }

    /// The number of preview1 behind it, 0 if there is none.
    pub(crate) fn errno(&self) -> u16 {
        match &self.cause {
            Cause::Errno(_, errno)
            | Cause::Archive(ImageError::Tree { errno, .. })
            | Cause::Engine(engine::Error::Files { errno }) => *errno as u16,
            _ => 0,
        }
    }
}

/// What file operations on `path` fail with.
pub(crate) fn at(path: &str) -> impl Fn(Errno) -> Failure + '_ {
    move |errno| Failure { status: STEPWELL_ERRNO, cause: Cause::Errno(path.to_owned(), errno) }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Text(text) => f.write_str(text),
            Cause::About(noun, what) => write!(f, "{noun} {what}"),
            Cause::Errno(path, errno) => write!(f, "{path}: {errno}"),
            Cause::Engine(error) => error.fmt(f),
            Cause::Archive(error) => error.fmt(f),
        }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        use engine::Error;
        let status = match &error {
            Error::NotWasm { .. } => STEPWELL_NOT_WASM,
            Error::Invalid { .. } => STEPWELL_INVALID_MODULE,
            Error::Unsupported { .. } => STEPWELL_UNSUPPORTED_PROPOSAL,
            Error::NotPrepared => STEPWELL_NOT_PREPARED,
            Error::UnknownImport { .. } => STEPWELL_UNKNOWN_IMPORT,
            Error::ImportType { .. } => STEPWELL_IMPORT_TYPE,
            Error::MissingExport { .. } => STEPWELL_MISSING_EXPORT,
            Error::EntryType { .. } => STEPWELL_ENTRY_TYPE,
            Error::Arguments { .. } => STEPWELL_ARGUMENTS,
            Error::TooManyArguments { .. } => STEPWELL_TOO_MANY_ARGUMENTS,
            Error::Files { .. } | Error::Directories { .. } => STEPWELL_FILES,
            Error::NotFresh => STEPWELL_WRONG_STATE,
            Error::NotFreezable { .. } => STEPWELL_NOT_FREEZABLE,
            Error::NotPortable { .. } => STEPWELL_NOT_PORTABLE,
            Error::Image { .. } => STEPWELL_IMAGE,
            // The enumeration is open: what is added to it comes from the interpreter's side.
            _ => STEPWELL_INTERPRETER,
        };
        Self { status, cause: Cause::Engine(error) }
    }
}

impl From<ImageError> for Failure {
    fn from(error: ImageError) -> Self {
        Self { status: STEPWELL_ARCHIVE, cause: Cause::Archive(error) }
    }
}

impl From<NoBacktrace> for Failure {
    fn from(reason: NoBacktrace) -> Self {
        Self::new(STEPWELL_NO_BACKTRACE, reason.to_string())
    }
}

impl From<Unsaved> for Failure {
    fn from(reason: Unsaved) -> Self {
        Self::new(STEPWELL_TREE, reason.to_string())
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::new(STEPWELL_TREE, error.to_string())
    }
}

impl From<ReceiptError> for Failure {
    fn from(error: ReceiptError) -> Self {
        Self::new(STEPWELL_RECEIPT, error.to_string())
    }
}
