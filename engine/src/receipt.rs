//! A receipt: what ran on what, and what came out, as hashes. docs/RECEIPTS.md describes every field.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use vfs::{Quota, StreamKind, Timestamp};

use crate::json::{self, canonical};
use crate::{Engine, Limits};

/// The version of the format. It goes up whenever a field changes its meaning.
pub(crate) const FORMAT: u32 = 1;

/// What a run was given, what came of it, and a hash of both: canonical JSON after RFC 8785.
///
/// A process writes one if [`ProcessBuilder::receipt`](crate::ProcessBuilder::receipt) asks for it. Equal receipts mean
/// equal runs; `stepwell verify` makes a run again and compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Everything but the digest.
    body: Map<String, Value>,
}

/// Why a text is no receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiptError {
    /// It is no JSON, or not an object of the kind that receipts are.
    Malformed {
        /// What is wrong.
        message: String,
    },
    /// It is of another version of the format.
    Format,
    /// It was changed after it was written: its digest is another one.
    Digest,
}

/// A field in which two receipts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, as a path of names and numbers with dots between.
    pub field: String,
    /// What the first receipt has there, as JSON.
    pub recorded: Option<String>,
    /// What the second has there.
    pub found: Option<String>,
}

/// What a receipt says that a run was given, as far as it is there in full: all but files and standard input.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inputs {
    /// The SHA-256 of the module, in hexadecimal.
    pub module: String,
    /// The SHA-256 of the image that the run went on from, in hexadecimal, if it did.
    pub image: Option<String>,
    /// The arguments, the program's name first.
    pub args: Vec<Vec<u8>>,
    /// The environment, each as `NAME=value`.
    pub env: Vec<Vec<u8>>,
    /// An export that was called instead of `_start`, and its arguments.
    pub invoke: Option<(String, Vec<String>)>,
    /// The seed of the entropy; `None` if that was not Stepwell's.
    pub seed: Option<u64>,
    /// Where the calendar started; `None` if the clock was not virtual.
    pub epoch: Option<Timestamp>,
    /// What standard input, output and error were attached to.
    pub stdio: [StreamKind; 3],
    /// The maxima of the process.
    pub limits: Limits,
    /// The maxima of the interpreter.
    pub engine: Engine,
    /// Whether it was given any files.
    pub has_root: bool,
    /// What the root tree might hold; `None` if `/` was no tree.
    pub quota: Option<Quota>,
    /// How many bytes of standard input were read.
    pub stdin_bytes: u64,
}

impl Receipt {
    /// Puts a receipt together.
    pub(crate) fn new(inputs: Value, result: Value, reasons: &BTreeSet<&'static str>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let model = crate::cost::model_hash();
        let model = json!({ "version": crate::cost::MODEL_VERSION, "sha256": json::hex(&model) });
        let fields = [
            ("stepwell_receipt", json!(FORMAT)),
            ("engine", json!({ "version": version })),
            ("cost_model", model),
            ("inputs", inputs),
            ("result", result),
            ("deterministic", json!(reasons.is_empty())),
            ("reasons", json!(reasons)),
        ];
        Self { body: fields.into_iter().map(|(name, value)| (name.into(), value)).collect() }
    }

    /// Says that the run may not be the same again, for a reason that the engine does not know: a name in lower case.
    pub fn not_deterministic(&mut self, reason: &str) {
        let mut reasons: BTreeSet<&str> = self.reasons().collect();
        reasons.insert(reason);
        let reasons = json!(reasons);
        self.body.insert("deterministic".into(), Value::Bool(false));
        self.body.insert("reasons".into(), reasons);
    }

    /// Whether the same inputs give the same run, everywhere.
    #[must_use]
    pub fn is_deterministic(&self) -> bool {
        self.body.get("deterministic") == Some(&Value::Bool(true))
    }

    /// Why the run may not be the same again: names in lower case.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        let reasons = self.body.get("reasons").and_then(Value::as_array);
        reasons.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The SHA-256 of the whole: of the canonical JSON without the field `digest`.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(canonical(&Value::Object(self.body.clone()))).into()
    }

    /// [`Receipt::digest`] in hexadecimal, as it stands in the JSON.
    #[must_use]
    pub fn digest_hex(&self) -> String {
        json::hex(&self.digest())
    }

    /// The canonical JSON, with the digest as the field `digest`; no line feed at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut whole = self.body.clone();
        whole.insert("digest".into(), Value::String(self.digest_hex()));
        canonical(&Value::Object(whole))
    }

    /// Reads a receipt, whose JSON need not be canonical.
    ///
    /// # Errors
    /// In this order: [`ReceiptError::Malformed`] (no object, or numbers that a receipt never has),
    /// [`ReceiptError::Format`], [`ReceiptError::Malformed`] (without a digest), [`ReceiptError::Digest`].
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let malformed = |message: &str| ReceiptError::Malformed { message: message.into() };
        let value: Value =
            serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
        if !json::is_canonical(&value) {
            return Err(malformed("it has a number that is no small integer"));
        }
        let Value::Object(mut body) = value else {
            return Err(malformed("it is no object"));
        };
        match body.get("stepwell_receipt") {
            None => return Err(malformed("it has no stepwell_receipt")),
            Some(format) if *format != json!(FORMAT) => return Err(ReceiptError::Format),
            Some(_) => {}
        }
        let digest = body.remove("digest").ok_or_else(|| malformed("it has no digest"))?;
        let receipt = Self { body };
        if digest != Value::String(receipt.digest_hex()) {
            return Err(ReceiptError::Digest);
        }
        Ok(receipt)
    }

    /// What the run was given.
    ///
    /// # Errors
    /// [`ReceiptError::Malformed`]: a field is missing or of another type, which no receipt that Stepwell wrote has.
    pub fn inputs(&self) -> Result<Inputs, ReceiptError> {
        let body = Value::Object(self.body.clone());
        let field = |path: &str| -> Result<&Value, ReceiptError> {
            let message = || ReceiptError::Malformed { message: format!("{path} is missing") };
            body.pointer(path).ok_or_else(message)
        };
        read_inputs(&field)
    }

    /// Every field in which `found` is different, by name.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut fields: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
        for (side, receipt) in [self, found].into_iter().enumerate() {
            for (name, value) in &receipt.body {
                leaves(name, value, &mut |field, value| {
                    fields.entry(field.into()).or_default()[side] = Some(canonical(value));
                });
            }
        }
        let different = fields.into_iter().filter(|(_, [recorded, found])| recorded != found);
        different.map(|(field, [recorded, found])| Difference { field, recorded, found }).collect()
    }
}

/// Visits every value below `value` that has no parts, with its path.
fn leaves(path: &str, value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                leaves(&format!("{path}.{at}"), item, visit);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                leaves(&format!("{path}.{name}"), member, visit);
            }
        }
        leaf => visit(path, leaf),
    }
}

/// A value of a type that it must have.
fn typed<T>(path: &str, value: Option<T>) -> Result<T, ReceiptError> {
    value.ok_or_else(|| ReceiptError::Malformed { message: format!("{path} has another type") })
}

fn read_inputs<'v>(
    field: &dyn Fn(&str) -> Result<&'v Value, ReceiptError>,
) -> Result<Inputs, ReceiptError> {
    let text = |path: &str| typed(path, field(path)?.as_str().map(String::from));
    let number = |path: &str| typed(path, json::parse_number(field(path)?));
    let optional = |path: &str| match field(path)? {
        Value::Null => Ok(None),
        value => typed(path, json::parse_number(value)).map(Some),
    };
    let size = |path: &str| -> Result<usize, ReceiptError> {
        typed(path, usize::try_from(number(path)?).ok())
    };
    let list = |path: &str| -> Result<Vec<Vec<u8>>, ReceiptError> {
        let items = field(path)?.as_array();
        typed(path, items.and_then(|items| items.iter().map(json::parse_bytes).collect()))
    };
    let kind = |path: &str| typed(path, parse_kind(field(path)?));
    let invoke = match field("/inputs/invoke")? {
        Value::Null => None,
        _ => {
            let arguments = list("/inputs/invoke/arguments")?.into_iter().map(String::from_utf8);
            let arguments = arguments.collect::<Result<Vec<String>, _>>();
            let arguments = typed("/inputs/invoke/arguments", arguments.ok())?;
            Some((text("/inputs/invoke/function")?, arguments))
        }
    };
    let trees = typed("/inputs/trees", field("/inputs/trees")?.as_array())?;
    let quota = match trees.first() {
        None => None,
        Some(_) if field("/inputs/trees/0/limits")?.is_null() => None,
        Some(_) => Some(Quota {
            bytes_max: number("/inputs/trees/0/limits/bytes")?,
            inodes_max: number("/inputs/trees/0/limits/inodes")?,
            file_bytes_max: number("/inputs/trees/0/limits/file_bytes")?,
        }),
    };
    let fds_max = field("/inputs/limits/fds")?.as_u64().and_then(|fds| u32::try_from(fds).ok());
    Ok(Inputs {
        module: text("/inputs/module/sha256")?,
        image: field("/inputs/image/sha256").ok().and_then(Value::as_str).map(String::from),
        args: list("/inputs/arguments")?,
        env: list("/inputs/environment")?,
        invoke,
        seed: optional("/inputs/seed")?,
        epoch: optional("/inputs/epoch")?.map(Timestamp),
        stdio: [
            kind("/inputs/stdin/kind")?,
            kind("/inputs/stdout/kind")?,
            kind("/inputs/stderr/kind")?,
        ],
        limits: Limits {
            steps_max: optional("/inputs/limits/steps")?.unwrap_or(u64::MAX),
            memory_bytes_max: size("/inputs/limits/memory_bytes")?,
            table_elements_max: size("/inputs/limits/table_elements")?,
            output_bytes_max: optional("/inputs/limits/output_bytes")?.unwrap_or(u64::MAX),
            output_queue_bytes_max: size("/inputs/limits/output_queue_bytes")?,
            fds_max: typed("/inputs/limits/fds", fds_max)?,
            args_bytes_max: number("/inputs/limits/args_bytes")?,
        },
        engine: Engine::default()
            .call_depth_max(size("/inputs/limits/call_depth")?)
            .stack_bytes_max(size("/inputs/limits/stack_bytes")?),
        has_root: !trees.is_empty(),
        quota,
        stdin_bytes: number("/inputs/stdin/bytes")?,
    })
}

/// What a stream is attached to, as receipts call it.
pub(crate) fn kind(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Pipe => "pipe",
        StreamKind::Terminal => "terminal",
        StreamKind::File => "file",
    }
}

fn parse_kind(value: &Value) -> Option<StreamKind> {
    let kinds = [StreamKind::Pipe, StreamKind::Terminal, StreamKind::File];
    kinds.into_iter().find(|known| value.as_str() == Some(kind(*known)))
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { message } => write!(f, "not a receipt: {message}"),
            Self::Format => f.write_str("a receipt of another version of the format"),
            Self::Digest => f.write_str("the receipt was changed: its digest does not fit"),
        }
    }
}

impl core::error::Error for ReceiptError {}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".into());
        let (recorded, found) = (show(&self.recorded), show(&self.found));
        write!(f, "{}: recorded {recorded}, found {found}", self.field)
    }
}
