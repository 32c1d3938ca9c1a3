//! Whether another host gives a guest the same by itself.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Context;
use crate::abi::FdFlags;
use crate::fd_table::{Descriptor, Object};

/// What a process has that another host would not give it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotStandard {
    /// A descriptor is not what a process has there when it starts.
    Descriptor {
        /// Its number.
        fd: u32,
        /// What it is.
        what: String,
    },
    /// A descriptor that a process has when it starts is closed.
    Closed(u32),
    /// There is input that the process has not read.
    Input,
    /// There is output that the host has not drained.
    Output,
}

impl fmt::Display for NotStandard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor { fd, what } => write!(f, "descriptor {fd} is {what}"),
            Self::Closed(fd) => write!(f, "descriptor {fd} is closed"),
            Self::Input => f.write_str("it has input that it has not read"),
            Self::Output => f.write_str("it has output that has not been drained"),
        }
    }
}

impl core::error::Error for NotStandard {}

impl Context {
    /// The names of the directories that were open from the start, if nothing else is open but the standard streams, each
    /// under its number, and no stream has anything queued. So it is with any process of preview1 when it starts.
    ///
    /// # Errors
    /// [`NotStandard`], of the lowest descriptor first.
    pub fn preopens_alone(&self) -> Result<Vec<&str>, NotStandard> {
        let mut names = Vec::new();
        for (fd, slot) in (0..).zip(self.fds.slots()) {
            let descriptor = slot.as_ref().ok_or(NotStandard::Closed(fd))?;
            let is_plain = descriptor.flags == FdFlags::NONE;
            match &descriptor.object {
                Object::Stdin if fd == 0 && is_plain => {}
                Object::Stdout if fd == 1 && is_plain => {}
                Object::Stderr if fd == 2 && is_plain => {}
                Object::Dir { preopen: Some(name), .. } if fd > 2 && is_plain => {
                    names.push(&**name)
                }
                _ => return Err(NotStandard::Descriptor { fd, what: self.describe(descriptor) }),
            }
        }
        if self.fds.slots().len() < STREAMS as usize {
            return Err(NotStandard::Closed(
                u32::try_from(self.fds.slots().len()).unwrap_or(STREAMS),
            ));
        }
        if self.stdin.queued() > 0 {
            return Err(NotStandard::Input);
        }
        if self.stdout.queued() > 0 || self.stderr.queued() > 0 {
            return Err(NotStandard::Output);
        }
        Ok(names)
    }

    /// What a descriptor is, in words.
    fn describe(&self, descriptor: &Descriptor) -> String {
        let what = match &descriptor.object {
            Object::Stdin => "standard input",
            Object::Stdout => "standard output",
            Object::Stderr => "standard error",
            Object::Listener(_) => "a listener",
            Object::Socket(_) => "a connection",
            Object::File { node, .. } | Object::Dir { node, .. } => {
                let path = self.path_of(*node);
                return path.unwrap_or_else(|| "a file without a name".into());
            }
        };
        if descriptor.flags == FdFlags::NONE {
            what.into()
        } else {
            alloc::format!("{what} with flags")
        }
    }
}

/// How many standard streams there are.
const STREAMS: u32 = 3;
