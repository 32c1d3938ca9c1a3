//! The host's own resolution, as far as it can be confined in the same way.

use std::path::Path;

use stepwell_vfs::{Errno, Follow};

use super::reference::End;

/// Compares what the reference says with what Linux says: confined below the base for what has no absolute links, and
/// with the base as the root for what has.
#[cfg(target_os = "linux")]
pub(super) fn check(
    root: &Path,
    base: &[String],
    text: &str,
    follow: Follow,
    expected: &Result<End, Errno>,
) {
    use rustix::fs::ResolveFlags;

    let start = root.join(base.join("/"));
    match ask(&start, text, follow, ResolveFlags::BENEATH) {
        None => {}
        // An absolute link, or a step above the base.
        Some(Err(Errno::Xdev)) if *expected == Err(Errno::Perm) => {}
        Some(Err(Errno::Xdev)) => {
            assert!(base.is_empty(), "{text:?}: {expected:?}, but it leaves the base");
            let answer = ask(&start, text, follow, ResolveFlags::IN_ROOT);
            compare(root, text, answer, expected);
        }
        answer => compare(root, text, answer, expected),
    }
}

/// There is no such resolution elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn check(_: &Path, _: &[String], _: &str, _: Follow, _: &Result<End, Errno>) {}

/// Device and inode of what was found; `None` if the kernel cannot be asked.
#[cfg(target_os = "linux")]
type Answer = Option<Result<(u64, u64), Errno>>;

#[cfg(target_os = "linux")]
fn compare(root: &Path, text: &str, answer: Answer, expected: &Result<End, Errno>) {
    use std::os::unix::fs::MetadataExt;

    let Some(answer) = answer else {
        return;
    };
    let expected_answer = match expected {
        Ok(End::Missing(..)) => Err(Errno::Noent),
        Ok(end) => {
            let metadata = std::fs::symlink_metadata(root.join(end.path().join("/")));
            let metadata = metadata.expect("the reference has found it");
            Ok((metadata.dev(), metadata.ino()))
        }
        Err(errno) => Err(*errno),
    };
    assert_eq!(answer, expected_answer, "the kernel and the reference: {text:?} {expected:?}");
}

#[cfg(target_os = "linux")]
fn ask(start: &Path, text: &str, follow: Follow, confined: rustix::fs::ResolveFlags) -> Answer {
    use rustix::fs::{Mode, OFlags, ResolveFlags, fstat, open, openat2};
    use rustix::io::Errno as Host;

    /// How often the kernel is asked again that somebody on the host has disturbed.
    const TRIES_MAX: u32 = 100;

    let dir = open(start, OFlags::PATH | OFlags::DIRECTORY, Mode::empty());
    let dir = dir.expect("the base is a directory");
    let last = if follow == Follow::No { OFlags::NOFOLLOW } else { OFlags::empty() };
    for _ in 0..TRIES_MAX {
        let flags = confined | ResolveFlags::NO_MAGICLINKS;
        let errno = match openat2(
            &dir,
            text,
            OFlags::PATH | OFlags::CLOEXEC | last,
            Mode::empty(),
            flags,
        ) {
            Ok(found) => {
                let stat = fstat(found).expect("an open file");
                return Some(Ok((stat.st_dev, stat.st_ino)));
            }
            Err(Host::AGAIN) => continue,
            Err(Host::NOSYS | Host::PERM) => return None,
            Err(errno) => errno,
        };
        return Some(Err(match errno {
            Host::NOENT => Errno::Noent,
            Host::NOTDIR => Errno::Notdir,
            Host::LOOP => Errno::Loop,
            Host::NAMETOOLONG => Errno::Nametoolong,
            Host::XDEV => Errno::Xdev,
            other => panic!("{text:?}: {other}"),
        }));
    }
    None
}
