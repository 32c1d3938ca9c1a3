//! The operations that are compared, and what is compared of them.

/// One operation on paths without links on the way.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create(String),
    Mkdir(String),
    Symlink(String, String),
    Link(String, String),
    Unlink(String),
    Rmdir(String),
    Rename(String, String),
    /// At an offset, so many bytes.
    Write(String, u64, usize),
    Truncate(String, u64),
    Read(String),
    Stat(String),
    List(String),
}

pub(crate) fn parse(line: &str) -> Op {
    let words: Vec<_> = line.split(' ').collect();
    let word = |index: usize| words[index].to_owned();
    let number = |index: usize| words[index].parse::<u64>().unwrap();
    match words[0] {
        "create" => Op::Create(word(1)),
        "mkdir" => Op::Mkdir(word(1)),
        "link" => Op::Link(word(1), word(2)),
        "unlink" => Op::Unlink(word(1)),
        "rmdir" => Op::Rmdir(word(1)),
        "rename" => Op::Rename(word(1), word(2)),
        "write" => Op::Write(word(1), number(2), usize::try_from(number(3)).unwrap()),
        "truncate" => Op::Truncate(word(1), number(2)),
        "read" => Op::Read(word(1)),
        "stat" => Op::Stat(word(1)),
        "list" => Op::List(word(1)),
        other => panic!("{other}"),
    }
}

/// A place where operations happen: the outcome as text, the same on every system.
pub(crate) trait Place {
    fn apply(&mut self, op: &Op) -> String;
}

pub(crate) fn contents(len: usize) -> Vec<u8> {
    (0..len).map(|index| b"0123456789abcdef"[(index * 7 + len) % 16]).collect()
}

/// Enough of the contents to compare.
pub(crate) fn summary(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(7u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(*byte));
    format!("{} bytes {sum:x}", bytes.len())
}
