//! Canonical JSON: one text for one value, whoever writes it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// The text of a value after RFC 8785: no white space, members by the UTF-16 units of their names.
///
/// Receipts have no numbers but small integers, which stand in JSON as they do everywhere; [`is_canonical`] tells.
pub(crate) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// Writes a value. It is no deeper than what the parser has let in, or than a receipt.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // The map's own order depends on features that another crate may switch on.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}

/// Whether a value has no numbers but integers that a double holds exactly.
pub(crate) fn is_canonical(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_canonical),
        Value::Object(members) => members.values().all(is_canonical),
        Value::Number(number) => number.as_u64().is_some_and(|number| number <= INTEGER_MAX),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// The largest integer up to which a double has every one.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// A number of 64 bits: RFC 8785 wants text for what a double cannot hold, and a field has one form whatever is in it.
pub(crate) fn number(number: u64) -> Value {
    Value::String(number.to_string())
}

/// The number in a field that [`number`] has written.
pub(crate) fn parse_number(value: &Value) -> Option<u64> {
    let text = value.as_str()?;
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Bytes as text, or where they are no UTF-8 as an object with `base64`.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    match core::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

/// The bytes in a field that [`bytes`] has written.
pub(crate) fn parse_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        value => BASE64_STANDARD.decode(value.get("base64")?.as_str()?).ok(),
    }
}

/// A hash in lower-case hexadecimal.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_text() {
        // The order of names is RFC 8785's own example: by UTF-16 units, not by characters.
        let cases = [
            (r#"{ "b" : [ 1 , true, null ], "a" : { } }"#, r#"{"a":{},"b":[1,true,null]}"#),
            (
                r#"{"\ufb33":1,"\ud83d\ude00":2,"\r":3}"#,
                "{\"\\r\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}",
            ),
            (r#"["\u0041\/\u000a\u000f\u007f\u00e9\\\""]"#, "[\"A/\\n\\u000f\u{7f}é\\\\\\\"\"]"),
        ];
        for (text, expected) in cases {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(canonical(&value), expected);
            assert!(is_canonical(&value));
        }
    }

    #[test]
    fn numbers_that_have_several_texts_are_not_canonical() {
        for text in ["1.5", "-1", "1e3", "9007199254740992"] {
            assert!(
                !is_canonical(&json!([serde_json::from_str::<Value>(text).unwrap()])),
                "{text}"
            );
        }
        assert!(is_canonical(&json!(9_007_199_254_740_991_u64)));
    }

    #[test]
    fn fields_are_read_as_they_are_written() {
        for n in [0, 1, u64::MAX] {
            assert_eq!(parse_number(&number(n)), Some(n));
        }
        for text in ["", "01", "+1", "-1", "1.0", "18446744073709551616"] {
            assert_eq!(parse_number(&json!(text)), None, "{text}");
        }
        for b in [&b""[..], b"text", b"\xff\0", "é".as_bytes()] {
            assert_eq!(parse_bytes(&bytes(b)).as_deref(), Some(b));
        }
        assert_eq!(bytes(b"\xff"), json!({ "base64": "/w==" }));
    }
}
