//! Extended headers: records of a length, a key and a value.

use alloc::format;
use alloc::vec::Vec;

use crate::Timestamp;

/// Visits the keys and values of one extended header, in order; `None` if it is malformed.
///
/// A value may hold any byte, so it is the length that tells where a record ends.
pub(super) fn records(mut data: &[u8], mut visit: impl FnMut(&[u8], &[u8])) -> Option<()> {
    while !data.is_empty() {
        let (record, rest) = split_record(data)?;
        let equals = record.iter().position(|byte| *byte == b'=')?;
        visit(&record[..equals], &record[equals + 1..]);
        data = rest;
    }
    Some(())
}

/// The first record of `data` without its length and its newline, and what follows it.
fn split_record(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = data.iter().position(|byte| *byte == b' ')?;
    let len = usize::try_from(decimal(&data[..space])?).ok()?;
    let record = data.get(..len)?.get(space + 1..)?;
    Some((record.strip_suffix(b"\n")?, &data[len..]))
}

/// Appends a record.
pub(super) fn push_record(data: &mut Vec<u8>, key: &str, value: &str) {
    // The length counts its own digits.
    let bare = key.len() + value.len() + " =\n".len();
    let mut len = bare + 1;
    while len != bare + format!("{len}").len() {
        len = bare + format!("{len}").len();
    }
    data.extend_from_slice(format!("{len} {key}={value}\n").as_bytes());
}

/// A number without sign.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// Seconds with a fraction as nanoseconds; what is before 1970 is 1970.
pub(super) fn parse_time(value: &[u8]) -> Option<Timestamp> {
    if value.starts_with(b"-") {
        return Some(Timestamp(0));
    }
    let dot = value.iter().position(|byte| *byte == b'.').unwrap_or(value.len());
    let seconds = decimal(&value[..dot])?;
    let fraction = value.get(dot + 1..).unwrap_or_default();
    let mut nanoseconds = 0;
    for index in 0..9 {
        let digit = fraction.get(index).copied().unwrap_or(b'0');
        nanoseconds = nanoseconds * 10 + u64::from(char::from(digit).to_digit(10)?);
    }
    Some(Timestamp(seconds.saturating_mul(SECOND).saturating_add(nanoseconds)))
}

/// Nanoseconds in a second.
pub(super) const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_as_they_are_written() {
        // Around the lengths at which the length itself gets a digit more.
        for value_len in [0, 1, 5, 6, 7, 90, 91, 92, 93, 94, 95, 96, 984, 985, 986, 987, 988, 989] {
            let value = "v".repeat(value_len);
            let mut data = Vec::new();
            push_record(&mut data, "key", &value);
            push_record(&mut data, "line", "a\nb=c");
            let mut read: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
            records(&data, |key, value| read.push((key.into(), value.into()))).unwrap();
            let expected: [(Vec<u8>, Vec<u8>); 2] =
                [(b"key".into(), value.into()), (b"line".into(), b"a\nb=c".into())];
            assert_eq!(read, expected, "{value_len}");
        }
        for broken in ["x", "5 a", "99 a=b\n", "0 a=b\n", "6 a=bc", "6 abc\n"] {
            assert_eq!(records(broken.as_bytes(), |_, _| ()), None, "{broken:?}");
        }
    }

    #[test]
    fn times_keep_their_nanoseconds() {
        let cases: &[(&str, Option<u64>)] = &[
            ("1", Some(SECOND)),
            ("1.5", Some(1_500_000_000)),
            ("1.000000001", Some(1_000_000_001)),
            ("1.0000000019", Some(1_000_000_001)),
            ("-1.5", Some(0)),
            ("99999999999999", Some(u64::MAX)),
            ("", None),
            ("1.x", None),
        ];
        for (value, expected) in cases {
            assert_eq!(parse_time(value.as_bytes()), expected.map(Timestamp), "{value}");
        }
    }
}
