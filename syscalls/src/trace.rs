//! A call and its result as text, from the table.

use core::fmt;

use crate::{Form, Stop, Syscall, Wait};

/// Shows a call: `fd_write(fd=1, iovs=0x10f0, iovs_len=1, nwritten=0x10ec)`.
#[derive(Clone, Copy, Debug)]
pub struct TraceCall<'a> {
    /// What is called.
    pub syscall: &'a Syscall,
    /// With which arguments, in order.
    pub args: &'a [u64],
}

impl fmt::Display for TraceCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.syscall.name)?;
        for (i, (param, arg)) in self.syscall.params.iter().zip(self.args).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}=", param.name)?;
            match param.form {
                Form::Decimal => write!(f, "{arg}")?,
                Form::Signed => write!(f, "{}", arg.cast_signed())?,
                Form::Hexadecimal => write!(f, "{arg:#x}")?,
            }
        }
        f.write_str(")")
    }
}

/// Shows how a call ended: `-> ok`, `-> EBADF`, `-> pending (input, 1000 ns)`, `-> exit 3`, `-> trap: …`.
#[derive(Clone, Copy, Debug)]
pub struct TraceResult<'a>(pub &'a Result<(), Stop>);

impl fmt::Display for TraceResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(()) => f.write_str("-> ok"),
            Err(Stop::Errno(errno)) => write!(f, "-> E{}", errno.name()),
            Err(Stop::Pending(wait)) => write!(f, "-> pending ({wait})"),
            Err(Stop::Exit(code)) => write!(f, "-> exit {code}"),
            Err(Stop::Fault(fault)) => write!(f, "-> trap: {fault}"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (waits, name) in
            [(self.input, "input"), (self.output, "output"), (self.socket, "socket")]
        {
            if waits {
                write!(f, "{comma}{name}")?;
                comma = ", ";
            }
        }
        match self.nanoseconds {
            Some(nanoseconds) => write!(f, "{comma}{nanoseconds} ns"),
            None => Ok(()),
        }
    }
}
