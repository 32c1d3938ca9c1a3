//! What a program starts with, as bytes.

use bytes::Bytes;
use engine::Limits;
use engine::vfs::{EPOCH, Errno, FileSystem, Quota, SetTimes, Timestamp, Tree};

use crate::Malformed;
use crate::wire::{Reader, Writer};

/// What a program starts with, besides its module. Time and entropy are the deterministic defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// What the row is called.
    pub name: String,
    /// The arguments, the name that the guest is called by first.
    pub argv: Vec<String>,
    /// The environment.
    pub env: Vec<(String, String)>,
    /// All of standard input.
    pub stdin: Bytes,
    /// Every file, each directory before what is in it, the root first under an empty path.
    pub files: Vec<File>,
    /// [`Limits::steps_max`].
    pub steps_max: Option<u64>,
    /// [`Limits::memory_bytes_max`].
    pub memory_bytes_max: Option<u64>,
    /// [`Limits::output_bytes_max`].
    pub output_bytes_max: Option<u64>,
    /// The image that it goes on from, in place of all but its limits; empty if it starts at its start.
    pub image: Bytes,
}

/// A file that is there from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path from the root, without a slash at the start.
    pub path: String,
    /// What it is, and what it holds.
    pub kind: Kind,
    /// Its permission bits.
    pub mode: u32,
    /// When it was read.
    pub accessed: Timestamp,
    /// When it was written.
    pub modified: Timestamp,
}

/// What a file is, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file with this content.
    Regular(Bytes),
    /// A symbolic link to this path.
    Symlink(String),
}

/// The format; the number changes with it.
const MAGIC: &[u8] = b"stepwell bundle 2";

impl Bundle {
    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.bytes(MAGIC);
        out.bytes(self.name.as_bytes());
        out.number(self.argv.len() as u64);
        for arg in &self.argv {
            out.bytes(arg.as_bytes());
        }
        out.number(self.env.len() as u64);
        for (name, value) in &self.env {
            out.bytes(name.as_bytes());
            out.bytes(value.as_bytes());
        }
        out.bytes(&self.stdin);
        out.number(self.files.len() as u64);
        for file in &self.files {
            file.encode(&mut out);
        }
        for limit in [self.steps_max, self.memory_bytes_max, self.output_bytes_max] {
            out.number(u64::from(limit.is_some()));
            out.number(limit.unwrap_or(0));
        }
        out.bytes(&self.image);
        out.0
    }

    /// From bytes. Contents of files are shared with `bytes`, not copied.
    ///
    /// # Errors
    /// [`Malformed`]: they are not what [`Bundle::encode`] has given.
    pub fn decode(bytes: Bytes) -> Result<Self, Malformed> {
        let mut from = Reader(bytes);
        if from.bytes()? != MAGIC {
            return Err(Malformed);
        }
        let bundle = Self {
            name: from.text()?,
            argv: from.list(Reader::text)?,
            env: from.list(|from| Ok((from.text()?, from.text()?)))?,
            stdin: from.bytes()?,
            files: from.list(File::decode)?,
            steps_max: limit(&mut from)?,
            memory_bytes_max: limit(&mut from)?,
            output_bytes_max: limit(&mut from)?,
            image: from.bytes()?,
        };
        if from.0.is_empty() { Ok(bundle) } else { Err(Malformed) }
    }

    /// The files as a tree.
    ///
    /// # Errors
    /// What the tree says to a file that cannot be made.
    pub fn tree(&self) -> Result<Tree, Errno> {
        let mut tree = Tree::new(Quota::default(), EPOCH);
        let inodes: Vec<_> =
            self.files.iter().map(|file| file.make(&mut tree)).collect::<Result<_, _>>()?;
        // What is made in a directory changes the directory's time, so times come last.
        for (file, ino) in self.files.iter().zip(inodes) {
            tree.set_mode(ino, file.mode)?;
            let times = SetTimes { accessed: Some(file.accessed), modified: Some(file.modified) };
            tree.set_times(ino, times, EPOCH)?;
        }
        Ok(tree)
    }

    /// The most that it may use: what the engine allows by default, with the maxima of its own.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if let Some(steps) = self.steps_max {
            limits.steps_max = steps;
        }
        if let Some(bytes) = self.memory_bytes_max {
            limits.memory_bytes_max = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        if let Some(bytes) = self.output_bytes_max {
            limits.output_bytes_max = bytes;
        }
        limits
    }
}

fn limit(from: &mut Reader) -> Result<Option<u64>, Malformed> {
    let (is_given, limit) = (from.number()?, from.number()?);
    match is_given {
        0 => Ok(None),
        1 => Ok(Some(limit)),
        _ => Err(Malformed),
    }
}

impl File {
    fn encode(&self, out: &mut Writer) {
        out.bytes(self.path.as_bytes());
        let (kind, content): (u64, &[u8]) = match &self.kind {
            Kind::Directory => (0, b""),
            Kind::Regular(content) => (1, content),
            Kind::Symlink(target) => (2, target.as_bytes()),
        };
        out.number(kind);
        out.bytes(content);
        out.number(self.mode.into());
        out.number(self.accessed.0);
        out.number(self.modified.0);
    }

    fn decode(from: &mut Reader) -> Result<Self, Malformed> {
        let path = from.text()?;
        let kind = match from.number()? {
            0 if from.bytes()?.is_empty() => Kind::Directory,
            1 => Kind::Regular(from.bytes()?),
            2 => Kind::Symlink(from.text()?),
            _ => return Err(Malformed),
        };
        let mode = u32::try_from(from.number()?).map_err(|_| Malformed)?;
        let (accessed, modified) = (Timestamp(from.number()?), Timestamp(from.number()?));
        Ok(Self { path, kind, mode, accessed, modified })
    }

    fn make(&self, tree: &mut Tree) -> Result<engine::vfs::Ino, Errno> {
        match &self.kind {
            Kind::Directory => tree.create_dirs(&self.path, EPOCH),
            Kind::Regular(content) => tree.write_file(&self.path, content.clone(), EPOCH),
            Kind::Symlink(target) => {
                let (dir, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
                let dir = tree.find(dir)?;
                tree.create_symlink(dir, name, target, EPOCH)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, kind: Kind) -> File {
        let (accessed, modified) = (Timestamp(1), Timestamp(2));
        File { path: path.into(), kind, mode: 0o640, accessed, modified }
    }

    fn bundle() -> Bundle {
        Bundle {
            name: "name".into(),
            argv: vec!["a".into(), "ü".into()],
            env: vec![("A".into(), String::new())],
            stdin: Bytes::from_static(b"in"),
            files: vec![
                file("", Kind::Directory),
                file("d", Kind::Directory),
                file("d/f", Kind::Regular(Bytes::from_static(b"text"))),
                file("d/l", Kind::Symlink("f".into())),
            ],
            steps_max: Some(0),
            memory_bytes_max: None,
            output_bytes_max: Some(u64::MAX),
            image: Bytes::from_static(b"image"),
        }
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let bytes = Bytes::from(bundle().encode());
        assert_eq!(Bundle::decode(bytes.clone()), Ok(bundle()));
        for len in 0..bytes.len() {
            assert_eq!(Bundle::decode(bytes.slice(..len)), Err(Malformed), "{len}");
        }
        let longer = [&bytes[..], b"?"].concat();
        assert_eq!(Bundle::decode(longer.into()), Err(Malformed));
    }

    #[test]
    fn a_tree_has_the_files_with_their_times() {
        let mut tree = bundle().tree().unwrap();
        assert_eq!(tree.read_file("d/f").unwrap(), b"text");
        for path in ["", "d", "d/f", "d/l"] {
            let ino = tree.find(path).unwrap();
            let stat = tree.stat(ino).unwrap();
            assert_eq!((stat.accessed, stat.modified), (Timestamp(1), Timestamp(2)), "{path}");
        }
        let link = tree.find("d/l").unwrap();
        assert_eq!(&*tree.read_link(link).unwrap(), "f");
    }
}
