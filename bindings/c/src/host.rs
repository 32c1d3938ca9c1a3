//! What only a build with a host below it has: its directories, its clock, its entropy and its mappings.

use engine::vfs::{Clock, FileSystem, Tree};
use engine::{Backing, Entropy};

use crate::status::Outcome;

#[cfg(feature = "host")]
mod present {
    use std::io;
    use std::path::PathBuf;
    use std::sync::Arc;

    use engine::vfs::host::{HostClock, HostDir, HostFs};
    use engine::vfs::{EPOCH, Quota};

    use super::{Backing, Clock, Entropy, FileSystem, Outcome, Tree};
    use crate::status::{Failure, STEPWELL_HOST};

    pub(crate) fn above(path: &[u8]) -> Outcome<Tree> {
        let path = host_path(path)?;
        let lower = HostDir::open(&path).map_err(refused(&path))?;
        Ok(Tree::above(Arc::new(lower), Quota::default(), EPOCH))
    }

    pub(crate) fn writable(path: &[u8]) -> Outcome<Box<dyn FileSystem>> {
        let path = host_path(path)?;
        Ok(Box::new(HostFs::open(&path).map_err(refused(&path))?))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a build without a host has none")]
    pub(crate) fn clock() -> Outcome<Box<dyn Clock>> {
        Ok(Box::new(HostClock::new()))
    }

    /// The operating system's entropy.
    pub(crate) fn entropy() -> Outcome<Box<dyn Entropy>> {
        getrandom::fill(&mut [0])
            .map_err(|error| Failure::new(STEPWELL_HOST, error.to_string()))?;
        Ok(Box::new(HostEntropy))
    }

    /// Where the memories of pooled processes lie.
    pub(crate) fn backing() -> Backing {
        pool::copy_on_write()
    }

    struct HostEntropy;

    impl Entropy for HostEntropy {
        fn fill(&mut self, out: &mut [u8]) {
            // A guest that was given zeros would take them for entropy.
            getrandom::fill(out).expect("the operating system has given entropy before");
        }

        fn fork(&self) -> Box<dyn Entropy> {
            Box::new(Self)
        }
    }

    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere a path has to be UTF-8")]
    fn host_path(path: &[u8]) -> Outcome<PathBuf> {
        use std::os::unix::ffi::OsStrExt;
        Ok(std::ffi::OsStr::from_bytes(path).into())
    }

    #[cfg(not(unix))]
    fn host_path(path: &[u8]) -> Outcome<PathBuf> {
        use crate::status::STEPWELL_INVALID_UTF8;
        let text = std::str::from_utf8(path);
        let text = text.map_err(|_| {
            Failure::about(STEPWELL_INVALID_UTF8, "the host's path", "is not UTF-8")
        })?;
        Ok(text.into())
    }

    fn refused(path: &std::path::Path) -> impl Fn(io::Error) -> Failure + '_ {
        move |error| Failure::new(STEPWELL_HOST, format!("{}: {error}", path.display()))
    }
}

#[cfg(not(feature = "host"))]
mod present {
    use super::{Backing, Clock, Entropy, FileSystem, Outcome, Tree};
    use crate::status::{Failure, STEPWELL_UNSUPPORTED};

    pub(crate) fn above(_: &[u8]) -> Outcome<Tree> {
        Err(no_host())
    }

    pub(crate) fn writable(_: &[u8]) -> Outcome<Box<dyn FileSystem>> {
        Err(no_host())
    }

    pub(crate) fn clock() -> Outcome<Box<dyn Clock>> {
        Err(no_host())
    }

    pub(crate) fn entropy() -> Outcome<Box<dyn Entropy>> {
        Err(no_host())
    }

    pub(crate) fn backing() -> Backing {
        Backing::copies()
    }

    fn no_host() -> Failure {
        Failure::new(STEPWELL_UNSUPPORTED, "this build of the library has no host below it")
    }
}

pub(crate) use self::present::{above, backing, clock, entropy, writable};
