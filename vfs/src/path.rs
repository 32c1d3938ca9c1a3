//! Paths as guests pass them: parsing only, no files.

use crate::Errno;

/// The longest component, in bytes.
pub const NAME_BYTES_MAX: usize = 255;
/// A path of this many bytes or more is too long.
pub const PATH_BYTES_MAX: usize = 4096;
/// How many symbolic links one walk follows; one more is [`Errno::Loop`].
pub const SYMLINKS_MAX: u32 = 40;

/// A path as a guest passed it: relative, valid UTF-8, without NUL, never empty, of a sensible length.
///
/// `..` stays in: only the walk knows what a symbolic link before it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestPath<'a>(&'a str);

/// One component of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// To the parent: `..`.
    Up,
    /// To a name.
    Down(&'a str),
}

impl<'a> GuestPath<'a> {
    /// Takes the bytes of a path from a guest.
    ///
    /// # Errors
    /// In this order: [`Errno::Ilseq`] (not UTF-8), [`Errno::Noent`] (empty), [`Errno::Inval`] (holds NUL), [`Errno::Perm`]
    /// (absolute), [`Errno::Nametoolong`] (4096 bytes or more, or a component over 255).
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Errno> {
        let path = core::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)?;
        match bytes {
            [] => Err(Errno::Noent),
            _ if bytes.contains(&0) => Err(Errno::Inval),
            [b'/', ..] => Err(Errno::Perm),
            _ if bytes.len() >= PATH_BYTES_MAX || !names_fit(bytes) => Err(Errno::Nametoolong),
            _ => Ok(Self(path)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The components, without `.` and empty ones.
    pub fn steps(self) -> impl DoubleEndedIterator<Item = Step<'a>> {
        steps(self.0)
    }

    /// Whether what it names must be a directory: it ends in `/`, `.` or `..`.
    #[must_use]
    pub fn wants_directory(self) -> bool {
        wants_directory(self.0)
    }
}

/// Whether no component is too long.
fn names_fit(path: &[u8]) -> bool {
    path.len() <= NAME_BYTES_MAX
        || path.split(|byte| *byte == b'/').all(|name| name.len() <= NAME_BYTES_MAX)
}

/// The components of any path, absolute ones and symbolic links' targets included, without `.` and empty ones.
pub(crate) fn steps(path: &str) -> impl DoubleEndedIterator<Item = Step<'_>> {
    path.split('/').filter(|name| !matches!(*name, "" | ".")).map(|name| match name {
        ".." => Step::Up,
        name => Step::Down(name),
    })
}

/// Whether what `path` names must be a directory.
pub(crate) fn wants_directory(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn paths_parse_into_steps() {
        use Step::{Down, Up};
        let long_name = [b'n'; 256];
        let long_path = [b'/', b'p'].repeat(2048);
        type Row<'a> = (&'a [u8], Result<&'a [Step<'a>], Errno>);
        let cases: &[Row<'_>] = &[
            (b"./a//b/.", Ok(&[Down("a"), Down("b")])),
            (b"link/../b", Ok(&[Down("link"), Up, Down("b")])),
            (b".", Ok(&[])),
            (b"", Err(Errno::Noent)),
            (b"/a", Err(Errno::Perm)),
            (b"a\0b", Err(Errno::Inval)),
            (b"\xff", Err(Errno::Ilseq)),
            (&long_name, Err(Errno::Nametoolong)),
            (&long_path[1..], Ok(&[Down("p"); 2048])),
            (&[&long_path[1..], b"q"].concat(), Err(Errno::Nametoolong)),
        ];
        for (bytes, expected) in cases {
            let steps = GuestPath::parse(bytes).map(|path| path.steps().collect::<Vec<_>>());
            assert_eq!(steps, expected.map(<[_]>::to_vec), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_path_that_ends_in_a_slash_or_dots_wants_a_directory() {
        for (path, wants) in
            [("a/", true), ("a/.", true), ("..", true), ("a", false), (".a", false)]
        {
            let path = GuestPath::parse(path.as_bytes()).unwrap();
            assert_eq!(path.wants_directory(), wants, "{}", path.as_str());
        }
    }
}
