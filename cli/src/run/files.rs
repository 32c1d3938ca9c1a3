//! The files that a guest starts with, and those that are kept at the end.

use std::fmt::Display;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use engine::vfs::host::{HostDir, HostFs};
use engine::vfs::{EPOCH, FileSystem, ImageError, Mount, Namespace, Quota, TarWriter, Tree};

use crate::args::{Directory, DirectoryMode, RunOptions};
use crate::console;
use crate::error::Failure;

/// The guest's files, and what they were before it ran.
pub(crate) struct Files {
    namespace: Namespace,
    /// Whether there is anything that the guest is to have files for.
    asked: bool,
    read_only: Vec<bool>,
    /// The tree of each mount when the program started; `None` for a host directory that is written through.
    start: Vec<Option<Tree>>,
}

/// Builds the guest's files: the archive of `--fs`, the runtime's base files, the host directories.
pub(crate) fn prepare(options: &RunOptions, base: Option<Bytes>) -> Result<Files, Failure> {
    let quota = options.limits.quota();
    check_outputs(options)?;
    let directories = in_order(options)?;
    let at_root = directories.first().copied().filter(|directory| directory.guest == "/");
    let needs_tree = base.is_some() || options.fs.is_some();
    let root = match at_root {
        Some(Directory { mode: DirectoryMode::ReadWrite, host, .. }) if needs_tree => {
            return Err(Failure::own(format_args!(
                "{} cannot be mounted read-write at /, where the program's own files go: mount it below /",
                host.display()
            )));
        }
        Some(directory) => host_directory(directory, quota)?,
        None => Box::new(Tree::new(quota, EPOCH)),
    };
    let mut namespace = Namespace::new(Mount { fs: root, read_only: false });
    if let Some(base) = base {
        import(&mut namespace, base)?;
    }
    let read_only = vec![at_root.is_some_and(is_read_only)];
    let asked = needs_tree || options.asks_for_files();
    let files = Files { namespace, asked, read_only, start: Vec::new() };
    files.with(options, directories)
}

/// Refuses a file of `--save-fs` or `--save-diff` that cannot be written, before the program has run in vain.
pub(super) fn check_outputs(options: &RunOptions) -> Result<(), Failure> {
    let outputs = [&options.save_fs, &options.save_diff, &options.receipt, &options.profile];
    check_paths(&outputs.into_iter().flatten().collect::<Vec<_>>(), &[])
}

/// Refuses files that cannot be written, or that are to hold two things, by whatever names; with others that are read, or
/// written elsewhere.
pub(crate) fn check_paths(outputs: &[&PathBuf], others: &[&Path]) -> Result<(), Failure> {
    let mut targets: Vec<PathBuf> = others.iter().map(|path| target(path)).collect();
    for path in outputs {
        let target = target(path);
        if targets.contains(&target) {
            return Err(Failure::file(path, "write", "it is to hold two things"));
        }
        targets.push(target);
        check_output(path)?;
    }
    Ok(())
}

/// Refuses a file that cannot be written.
pub(crate) fn check_output(path: &Path) -> Result<(), Failure> {
    let cannot_write = |error: &dyn Display| Failure::file(path, "write", error);
    if path.is_dir() {
        return Err(cannot_write(&"it is a directory"));
    }
    if !folder(path).is_dir() {
        return Err(cannot_write(&"its folder does not exist"));
    }
    let there = fs::metadata(path).map(|there| there.file_type());
    let tried = match there.ok().filter(|kind| !kind.is_file()) {
        // What is written here comes from another file that takes its place.
        None => temporary_file(folder(&target(path))).map(|_| ()),
        Some(kind) if is_device(kind) => fs::OpenOptions::new().write(true).open(path).map(|_| ()),
        // A pipe would wait for somebody who reads it.
        Some(_) => Ok(()),
    };
    tried.map_err(|error| cannot_write(&error.kind()))
}

#[cfg(unix)]
fn is_device(kind: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: fs::FileType) -> bool {
    false
}

/// The file that a path leads to, whether it is there or not. A symbolic link to one that is there stays one.
fn target(path: &Path) -> PathBuf {
    let in_folder = || Some(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(in_folder).unwrap_or_else(|| path.into())
}

/// The folder that a file lies in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The host directories, outer before inner: a later mount hides what is below it.
fn in_order(options: &RunOptions) -> Result<Vec<&Directory>, Failure> {
    let mut directories: Vec<&Directory> = options.dir.iter().collect();
    directories.sort_by_key(|directory| directory.guest.split('/').collect::<Vec<_>>());
    match directories.windows(2).find(|pair| pair[0].guest == pair[1].guest) {
        Some(pair) => Err(Failure::own(format_args!(
            "both {} and {} are to be mounted at {}",
            pair[0].host.display(),
            pair[1].host.display(),
            pair[0].guest
        ))),
        None => Ok(directories),
    }
}

fn is_read_only(directory: &Directory) -> bool {
    directory.mode == DirectoryMode::ReadOnly
}

fn host_directory(directory: &Directory, quota: Quota) -> Result<Box<dyn FileSystem>, Failure> {
    let cannot_open = |error| Failure::file(&directory.host, "open the directory", error);
    Ok(match directory.mode {
        DirectoryMode::ReadWrite => Box::new(HostFs::open(&directory.host).map_err(cannot_open)?),
        DirectoryMode::ReadOnly | DirectoryMode::CopyOnWrite => {
            let lower = HostDir::open(&directory.host).map_err(cannot_open)?;
            Box::new(Tree::above(Arc::new(lower), quota, EPOCH))
        }
    })
}

fn read_archive(options: &RunOptions) -> Result<Option<Bytes>, Failure> {
    let Some(path) = &options.fs else { return Ok(None) };
    let archive = fs::read(path).map_err(|error| Failure::file(path, "read", error))?;
    Ok(Some(archive.into()))
}

fn import(namespace: &mut Namespace, archive: Bytes) -> Result<(), Failure> {
    let (_, root) = namespace.mounts_mut().next().expect("a namespace has a root");
    let tree = root.fs.as_tree_mut().expect("a root that gets an archive is a tree");
    tree.import_tar(archive, EPOCH).map_err(|error| Failure::own(format_args!("--fs: {error}")))
}

impl Files {
    /// The files of an interpreter that has been started, with those that the options ask for.
    pub(crate) fn around(mut namespace: Namespace, options: &RunOptions) -> Result<Self, Failure> {
        check_outputs(options)?;
        let directories = in_order(options)?;
        if let Some(directory) = directories.first().filter(|directory| directory.guest == "/") {
            return Err(Failure::own(format_args!(
                "{} cannot be mounted at /, where a warm interpreter has its own files: mount it below /",
                directory.host.display()
            )));
        }
        set_quota(&mut namespace, options.limits.quota());
        let files = Self { namespace, asked: true, read_only: vec![false], start: Vec::new() };
        files.with(options, directories)
    }

    /// Adds the archive of `--fs`, and mounts the host directories that are not the root.
    fn with(mut self, options: &RunOptions, directories: Vec<&Directory>) -> Result<Self, Failure> {
        if let Some(archive) = read_archive(options)? {
            import(&mut self.namespace, archive)?;
        }
        for directory in directories.into_iter().filter(|directory| directory.guest != "/") {
            let fs = host_directory(directory, options.limits.quota())?;
            let mount = Mount { fs, read_only: false };
            self.namespace.mount(&directory.guest, mount, EPOCH).map_err(|errno| {
                let at = &directory.guest;
                Failure::own(format_args!("cannot mount a directory at {at}: {errno}"))
            })?;
            self.read_only.push(is_read_only(directory));
        }
        Ok(self)
    }

    /// The files of a process that has been thawed, as they are now.
    pub(crate) fn standing(namespace: &mut Namespace) -> Self {
        let start = namespace.mounts_mut().map(|(_, mount)| mount.fs.as_tree().map(Tree::fork));
        let start = start.collect();
        Self { namespace: launch::files::none(), asked: true, read_only: Vec::new(), start }
    }

    /// Adds the files of an archive to those of a thawed process.
    pub(crate) fn add(&mut self, namespace: &mut Namespace, path: &Path) -> Result<(), Failure> {
        let archive = fs::read(path).map_err(|error| Failure::file(path, "read", error))?;
        import(namespace, archive.into())?;
        *self = Self::standing(namespace);
        Ok(())
    }

    /// Puts a file into the tree at `/`.
    pub(crate) fn put(&mut self, path: &str, bytes: Bytes) -> Result<(), Failure> {
        self.asked = true;
        Ok(launch::files::put(&mut self.namespace, path, bytes)?)
    }

    /// Whether the guest is to have files: a source file has them, a module only if there is an option for them.
    pub(crate) fn are_asked_for(&self) -> bool {
        self.asked
    }

    /// Gives the files to a process.
    pub(crate) fn take_namespace(&mut self) -> Namespace {
        launch::files::take(&mut self.namespace)
    }

    /// What a process has left, to be put back.
    pub(crate) fn namespace(&mut self) -> &mut Namespace {
        &mut self.namespace
    }

    /// Declares what is there now to be the state before the program, and makes read-only what the user wants so.
    pub(crate) fn start(&mut self) {
        let mounts = self.namespace.mounts_mut();
        self.start = mounts
            .zip(&self.read_only)
            .map(|((_, mount), read_only)| {
                mount.read_only = *read_only;
                mount.fs.as_tree().map(Tree::fork)
            })
            .collect();
    }

    /// Writes what `--save-fs` and `--save-diff` ask for.
    pub(crate) fn save(&mut self, options: &RunOptions) -> Result<(), Failure> {
        if let Some(path) = &options.save_fs {
            self.write(path, |_, tree, at, archive| archive.add_tree(tree, at))?;
        }
        if let Some(path) = &options.save_diff {
            let mut removed = Vec::new();
            self.write(path, |start, tree, at, archive| {
                removed.extend(archive.add_diff(start, tree, at)?);
                Ok(())
            })?;
            if !removed.is_empty() {
                let names = removed.join(", ");
                console::say(&format!("{} cannot hold what was removed: {names}", path.display()));
            }
        }
        Ok(())
    }

    /// Writes one archive of all trees.
    fn write(
        &mut self,
        path: &Path,
        export: impl FnMut(&Tree, &mut Tree, &str, &mut TarWriter<'_>) -> Result<(), ImageError>,
    ) -> Result<(), Failure> {
        write_whole(path, |out| self.export_all(export, out))
    }

    fn export_all(
        &mut self,
        mut export: impl FnMut(&Tree, &mut Tree, &str, &mut TarWriter<'_>) -> Result<(), ImageError>,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        let mut archive = TarWriter::new(out);
        for ((at, mount), start) in self.namespace.mounts_mut().zip(&self.start) {
            let (Some(tree), Some(start)) = (mount.fs.as_tree_mut(), start) else { continue };
            export(start, tree, at, &mut archive)?;
        }
        archive.finish()
    }
}

/// The host directories, each to be put where one was left out.
pub(super) fn mounts(options: &RunOptions) -> Result<Vec<(String, Mount)>, Failure> {
    let mount = |directory: &Directory| {
        let fs = host_directory(directory, options.limits.quota())?;
        Ok((directory.guest.clone(), Mount { fs, read_only: is_read_only(directory) }))
    };
    in_order(options)?.into_iter().map(mount).collect()
}

/// Gives each tree these limits.
pub(super) fn set_quota(namespace: &mut Namespace, quota: Quota) {
    for (_, mount) in namespace.mounts_mut() {
        if let Some(tree) = mount.fs.as_tree_mut() {
            tree.set_quota(quota);
        }
    }
}

/// Writes a file: whole or not at all, unless it goes to a device or a pipe.
pub(crate) fn write_whole<E: Display>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), Failure> {
    let cannot_write = |error: &dyn Display| Failure::file(path, "write", error);
    // What is there and no file must not be replaced by one.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let device = fs::OpenOptions::new().write(true).open(path);
        let mut out = BufWriter::new(device.map_err(|error| cannot_write(&error))?);
        write(&mut out).map_err(|error| cannot_write(&error))?;
        return out.flush().map_err(|error| cannot_write(&error));
    }
    let target = target(path);
    let file = temporary_file(folder(&target)).map_err(|error| cannot_write(&error.kind()))?;
    let mut out = BufWriter::new(file);
    write(&mut out).map_err(|error| cannot_write(&error))?;
    let file = out.into_inner().map_err(|error| cannot_write(&error))?;
    file.persist(target).map_err(|error| cannot_write(&error.error))?;
    Ok(())
}

/// A file that is gone again unless it is persisted, with the permissions that a new file usually has.
fn temporary_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
