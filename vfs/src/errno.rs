//! The one error of files and syscalls: POSIX names with the numbers of preview1.
//!
//! See docs/RATIONALE.md, "One `Errno`, defined in `vfs`".

use core::fmt;

macro_rules! errnos {
    ($($variant:ident = $number:literal, $name:literal, $text:literal;)*) => {
        /// Why a file operation or a syscall failed, as a guest is told it.
        ///
        /// The discriminant is the `errno` of WASI preview1; success (0) is `Ok`, not a variant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = $text] $variant = $number,)*
        }

        impl Errno {
            /// Every errno, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The POSIX name without its `E`, as preview1 spells it in capitals.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// A short sentence for people.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

errnos! {
    Toobig = 1, "TOOBIG", "Argument list too long";
    Acces = 2, "ACCES", "Permission denied";
    Addrinuse = 3, "ADDRINUSE", "Address in use";
    Addrnotavail = 4, "ADDRNOTAVAIL", "Address not available";
    Afnosupport = 5, "AFNOSUPPORT", "Address family not supported";
    Again = 6, "AGAIN", "Resource unavailable, or operation would block";
    Already = 7, "ALREADY", "Connection already in progress";
    Badf = 8, "BADF", "Bad file descriptor";
    Badmsg = 9, "BADMSG", "Bad message";
    Busy = 10, "BUSY", "Device or resource busy";
    Canceled = 11, "CANCELED", "Operation canceled";
    Child = 12, "CHILD", "No child processes";
    Connaborted = 13, "CONNABORTED", "Connection aborted";
    Connrefused = 14, "CONNREFUSED", "Connection refused";
    Connreset = 15, "CONNRESET", "Connection reset";
    Deadlk = 16, "DEADLK", "Resource deadlock would occur";
    Destaddrreq = 17, "DESTADDRREQ", "Destination address required";
    Dom = 18, "DOM", "Mathematics argument out of domain of function";
    Dquot = 19, "DQUOT", "Disk quota exceeded";
    Exist = 20, "EXIST", "File exists";
    Fault = 21, "FAULT", "Bad address";
    Fbig = 22, "FBIG", "File too large";
    Hostunreach = 23, "HOSTUNREACH", "Host is unreachable";
    Idrm = 24, "IDRM", "Identifier removed";
    Ilseq = 25, "ILSEQ", "Illegal byte sequence";
    Inprogress = 26, "INPROGRESS", "Operation in progress";
    Intr = 27, "INTR", "Interrupted function";
    Inval = 28, "INVAL", "Invalid argument";
    Io = 29, "IO", "I/O error";
    Isconn = 30, "ISCONN", "Socket is connected";
    Isdir = 31, "ISDIR", "Is a directory";
    Loop = 32, "LOOP", "Too many levels of symbolic links";
    Mfile = 33, "MFILE", "File descriptor table full";
    Mlink = 34, "MLINK", "Too many links";
    Msgsize = 35, "MSGSIZE", "Message too large";
    Multihop = 36, "MULTIHOP", "Multihop attempted";
    Nametoolong = 37, "NAMETOOLONG", "File name too long";
    Netdown = 38, "NETDOWN", "Network is down";
    Netreset = 39, "NETRESET", "Connection aborted by network";
    Netunreach = 40, "NETUNREACH", "Network unreachable";
    Nfile = 41, "NFILE", "Too many files open in system";
    Nobufs = 42, "NOBUFS", "No buffer space available";
    Nodev = 43, "NODEV", "No such device";
    Noent = 44, "NOENT", "No such file or directory";
    Noexec = 45, "NOEXEC", "Executable file format error";
    Nolck = 46, "NOLCK", "No locks available";
    Nolink = 47, "NOLINK", "Link has been severed";
    Nomem = 48, "NOMEM", "Not enough space";
    Nomsg = 49, "NOMSG", "No message of the desired type";
    Noprotoopt = 50, "NOPROTOOPT", "Protocol not available";
    Nospc = 51, "NOSPC", "No space left on device";
    Nosys = 52, "NOSYS", "Function not supported";
    Notconn = 53, "NOTCONN", "The socket is not connected";
    Notdir = 54, "NOTDIR", "Not a directory or a symbolic link to a directory";
    Notempty = 55, "NOTEMPTY", "Directory not empty";
    Notrecoverable = 56, "NOTRECOVERABLE", "State not recoverable";
    Notsock = 57, "NOTSOCK", "Not a socket";
    Notsup = 58, "NOTSUP", "Not supported, or operation not supported on socket";
    Notty = 59, "NOTTY", "Inappropriate I/O control operation";
    Nxio = 60, "NXIO", "No such device or address";
    Overflow = 61, "OVERFLOW", "Value too large to be stored in data type";
    Ownerdead = 62, "OWNERDEAD", "Previous owner died";
    Perm = 63, "PERM", "Operation not permitted";
    Pipe = 64, "PIPE", "Broken pipe";
    Proto = 65, "PROTO", "Protocol error";
    Protonosupport = 66, "PROTONOSUPPORT", "Protocol not supported";
    Prototype = 67, "PROTOTYPE", "Protocol wrong type for socket";
    Range = 68, "RANGE", "Result too large";
    Rofs = 69, "ROFS", "Read-only file system";
    Spipe = 70, "SPIPE", "Invalid seek";
    Srch = 71, "SRCH", "No such process";
    Stale = 72, "STALE", "Stale file handle";
    Timedout = 73, "TIMEDOUT", "Connection timed out";
    Txtbsy = 74, "TXTBSY", "Text file busy";
    Xdev = 75, "XDEV", "Cross-device link";
    Notcapable = 76, "NOTCAPABLE", "Capabilities insufficient";
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (E{})", self.text(), self.name())
    }
}

impl core::error::Error for Errno {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_preview1() {
        let cases =
            [(Errno::Badf, 8), (Errno::Inval, 28), (Errno::Noent, 44), (Errno::Notcapable, 76)];
        for (errno, number) in cases {
            assert_eq!(errno as u16, number, "{errno}");
        }
        assert_eq!(Errno::ALL.len(), 76);
    }
}
