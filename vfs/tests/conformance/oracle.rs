//! A real directory, through the standard library.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::op::{Op, Place, contents, summary};

/// The oracle.
pub(crate) struct Host(pub(crate) TempDir);

impl Host {
    fn run(&self, op: &Op) -> std::io::Result<String> {
        let at = |path: &str| self.0.path().join(path);
        let done = |()| "ok".to_owned();
        match op {
            Op::Create(path) => fs::File::create_new(at(path)).map(|_| "ok".to_owned()),
            Op::Mkdir(path) => fs::create_dir(at(path)).map(done),
            Op::Symlink(target, path) => symlink(target, at(path)).map(done),
            Op::Link(from, to) => fs::hard_link(at(from), at(to)).map(done),
            Op::Unlink(path) => fs::remove_file(at(path)).map(done),
            Op::Rmdir(path) => fs::remove_dir(at(path)).map(done),
            Op::Rename(from, to) => fs::rename(at(from), at(to)).map(done),
            Op::Write(path, offset, len) => {
                let file = open_itself(&at(path))?;
                file.write_all_at(&contents(*len), *offset).map(done)
            }
            Op::Truncate(path, len) => open_itself(&at(path))?.set_len(*len).map(done),
            Op::Read(path) => {
                open_itself(&at(path))?;
                Ok(summary(&fs::read(at(path))?))
            }
            Op::Stat(path) => {
                let meta = fs::symlink_metadata(at(path))?;
                Ok(match () {
                    () if meta.is_dir() => "directory".to_owned(),
                    () if meta.is_symlink() => format!("link of {}", meta.size()),
                    () => format!("file of {} with {} names", meta.size(), meta.nlink()),
                })
            }
            Op::List(path) => {
                if fs::symlink_metadata(at(path))?.is_symlink() {
                    return Err(ErrorKind::NotADirectory.into());
                }
                let mut names = Vec::new();
                for entry in fs::read_dir(at(path))? {
                    let entry = entry?;
                    let target = fs::read_link(entry.path()).map(|target| format!("{target:?}"));
                    let name = entry.file_name().into_string().unwrap();
                    names.push(format!("{name}{}", target.unwrap_or_default()));
                }
                names.sort();
                Ok(names.join(" "))
            }
        }
    }
}

/// Opens a file to read and write, not through a link.
pub(crate) fn open_itself(path: &Path) -> std::io::Result<fs::File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(ErrorKind::InvalidInput.into());
    }
    fs::OpenOptions::new().read(true).write(true).open(path)
}

impl Place for Host {
    fn apply(&mut self, op: &Op) -> String {
        self.run(op).unwrap_or_else(|error| {
            let name = match error.kind() {
                ErrorKind::NotFound => "NOENT",
                ErrorKind::AlreadyExists => "EXIST",
                ErrorKind::NotADirectory => "NOTDIR",
                ErrorKind::IsADirectory => "ISDIR",
                ErrorKind::DirectoryNotEmpty => "NOTEMPTY",
                ErrorKind::InvalidInput => "INVAL",
                ErrorKind::PermissionDenied => "PERM",
                // The kind for it has no stable name yet.
                _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => "LOOP",
                other => panic!("{op:?}: {other}"),
            };
            name.to_owned()
        })
    }
}
