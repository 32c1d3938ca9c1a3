//! Pieces of outputs for people: cut where they are long, with what is no text written out.

/// Bytes of an excerpt.
const BYTES_MAX: usize = 200;

/// The beginning of some bytes, as text.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    head(bytes, BYTES_MAX)
}

/// At most so many bytes from the beginning, as text, with a mark where something was cut.
pub(crate) fn head(bytes: &[u8], bytes_max: usize) -> String {
    let mut end = bytes.len().min(bytes_max);
    // Not in the middle of a character.
    while end > 0 && end < bytes.len() && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    let mut text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    if end < bytes.len() {
        text.push('…');
    }
    text
}

/// At most so many bytes from the end, as text.
pub(crate) fn tail(bytes: &[u8], bytes_max: usize) -> String {
    let mut start = bytes.len().saturating_sub(bytes_max);
    while start > 0 && start < bytes.len() && bytes[start] & 0xC0 == 0x80 {
        start += 1;
    }
    let text = String::from_utf8_lossy(&bytes[start..]);
    if start > 0 { format!("…{text}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_cut() {
        assert_eq!(head("aé€".as_bytes(), 3), "aé…");
        assert_eq!(head("aé€".as_bytes(), 2), "a…");
        assert_eq!(head(b"ab", 2), "ab");
        assert_eq!(tail("aé€".as_bytes(), 4), "…€");
        assert_eq!(tail(b"ab", 2), "ab");
        assert_eq!(head(b"\xff", 5), "\u{fffd}");
    }
}
