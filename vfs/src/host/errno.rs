//! The host's errors as [`Errno`], in one table.

use std::io::{Error, ErrorKind};

use crate::Errno;

/// What a guest is told of a host's error; what it has no word for is [`Errno::Io`].
#[expect(clippy::needless_pass_by_value, reason = "so that it can be passed to map_err")]
pub(super) fn errno(error: Error) -> Errno {
    raw_errno(&error).unwrap_or_else(|| kind_errno(&error))
}

#[cfg(unix)]
fn raw_errno(error: &Error) -> Option<Errno> {
    use rustix::io::Errno as Host;
    const TABLE: &[(Host, Errno)] = &[
        (Host::PERM, Errno::Perm),
        (Host::NOENT, Errno::Noent),
        (Host::INTR, Errno::Intr),
        (Host::IO, Errno::Io),
        (Host::NXIO, Errno::Nxio),
        (Host::BADF, Errno::Badf),
        (Host::AGAIN, Errno::Again),
        (Host::NOMEM, Errno::Nomem),
        (Host::ACCESS, Errno::Acces),
        (Host::BUSY, Errno::Busy),
        (Host::EXIST, Errno::Exist),
        (Host::XDEV, Errno::Xdev),
        (Host::NODEV, Errno::Nodev),
        (Host::NOTDIR, Errno::Notdir),
        (Host::ISDIR, Errno::Isdir),
        (Host::INVAL, Errno::Inval),
        (Host::NFILE, Errno::Nfile),
        (Host::MFILE, Errno::Mfile),
        (Host::TXTBSY, Errno::Txtbsy),
        (Host::FBIG, Errno::Fbig),
        (Host::NOSPC, Errno::Nospc),
        (Host::SPIPE, Errno::Spipe),
        (Host::ROFS, Errno::Rofs),
        (Host::MLINK, Errno::Mlink),
        (Host::NAMETOOLONG, Errno::Nametoolong),
        (Host::NOTEMPTY, Errno::Notempty),
        (Host::LOOP, Errno::Loop),
        (Host::OVERFLOW, Errno::Overflow),
        (Host::ILSEQ, Errno::Ilseq),
        (Host::OPNOTSUPP, Errno::Notsup),
        (Host::NOSYS, Errno::Nosys),
        (Host::STALE, Errno::Stale),
        (Host::DQUOT, Errno::Dquot),
        (Host::TIMEDOUT, Errno::Timedout),
    ];
    let host = Host::from_io_error(error)?;
    // A host that this table does not know the error of has failed in a way that is no guest's business.
    Some(TABLE.iter().find(|(name, _)| *name == host).map_or(Errno::Io, |&(_, errno)| errno))
}

#[cfg(not(unix))]
fn raw_errno(_: &Error) -> Option<Errno> {
    None
}

/// For errors without a number: those that cap-std makes itself, and other systems than Unix.
fn kind_errno(error: &Error) -> Errno {
    match error.kind() {
        ErrorKind::NotFound => Errno::Noent,
        // Without a number it is cap-std's word for a path that leads out.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Errno::Perm,
        ErrorKind::PermissionDenied => Errno::Acces,
        ErrorKind::AlreadyExists => Errno::Exist,
        ErrorKind::NotADirectory => Errno::Notdir,
        ErrorKind::IsADirectory => Errno::Isdir,
        ErrorKind::DirectoryNotEmpty => Errno::Notempty,
        ErrorKind::ReadOnlyFilesystem => Errno::Rofs,
        ErrorKind::StorageFull | ErrorKind::WriteZero => Errno::Nospc,
        ErrorKind::QuotaExceeded => Errno::Dquot,
        ErrorKind::FileTooLarge => Errno::Fbig,
        ErrorKind::ResourceBusy => Errno::Busy,
        ErrorKind::ExecutableFileBusy => Errno::Txtbsy,
        ErrorKind::CrossesDevices => Errno::Xdev,
        ErrorKind::TooManyLinks => Errno::Mlink,
        ErrorKind::InvalidFilename => Errno::Nametoolong,
        ErrorKind::InvalidInput => Errno::Inval,
        ErrorKind::Unsupported => Errno::Notsup,
        ErrorKind::OutOfMemory => Errno::Nomem,
        ErrorKind::WouldBlock => Errno::Again,
        ErrorKind::Interrupted => Errno::Intr,
        _ => Errno::Io,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_names() {
        let cases = [
            (rustix::io::Errno::DQUOT, Errno::Dquot),
            (rustix::io::Errno::NOTEMPTY, Errno::Notempty),
            (rustix::io::Errno::MFILE, Errno::Mfile),
            (rustix::io::Errno::NOTCONN, Errno::Io),
        ];
        for (host, expected) in cases {
            assert_eq!(errno(host.into()), expected, "{host}");
        }
        assert_eq!(errno(ErrorKind::PermissionDenied.into()), Errno::Perm);
    }
}
