//! Submissions of which a function is called: a driver runs in the same process, and leaves the result in a file.

use bytes::Bytes;

use crate::problem::{Content, GuestFile};

/// Where the driver finds what to call, and where it leaves the result.
const CALL: &str = ".stepwell-call.json";
const RESULT: &str = ".stepwell-result.json";

/// The driver for a runtime, by its name without version.
pub(crate) fn driver(runtime: &str) -> Option<(&'static str, &'static str)> {
    match runtime.split('@').next()? {
        "python" => Some((".stepwell_call.py", include_str!("../../support/call.py"))),
        "quickjs" => Some((".stepwell_call.mjs", include_str!("../../support/call.mjs"))),
        _ => None,
    }
}

/// The files of a submission with the driver as the one that is run.
///
/// # Errors
/// A message: the runtime has no driver.
pub(crate) fn driven(files: &[GuestFile], runtime: &str) -> Result<Vec<GuestFile>, String> {
    let (path, text) = driver(runtime).ok_or_else(|| {
        format!("functions are called in Python and JavaScript, and not in {runtime}")
    })?;
    let driver = GuestFile { path: path.into(), content: Content::inline(text) };
    Ok(std::iter::once(driver).chain(files.iter().cloned()).collect())
}

/// The arguments of a call, as they are put into the file for the driver.
///
/// # Errors
/// A message: they are no array.
pub(crate) fn arguments(text: &[u8]) -> Result<&str, String> {
    let wrong = |error: &dyn std::fmt::Display| {
        format!("the arguments of a call are a JSON array: {error}")
    };
    let text = std::str::from_utf8(text).map_err(|error| wrong(&error))?;
    let list = serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text);
    list.map(|_| text).map_err(|error| wrong(&error))
}

/// The file that tells the driver what to call, with the arguments as a JSON array.
pub(crate) fn call(
    main: &str,
    function: &str,
    arguments: &[u8],
) -> Result<(String, Bytes), String> {
    let arguments = self::arguments(arguments)?;
    let text = |text: &str| serde_json::Value::String(text.into()).to_string();
    let (file, function) = (text(&format!("/{main}")), text(function));
    let job = format!(r#"{{"file":{file},"function":{function},"arguments":{arguments}}}"#);
    Ok((CALL.into(), job.into()))
}

/// What a call has given.
pub(crate) enum Returned {
    /// A value, as JSON.
    Value(Vec<u8>),
    /// Something that JSON does not have.
    Unfit(String),
    /// Nothing: the process ended before the function did.
    Nothing,
}

/// What the driver, or the submission in its place, has left.
pub(crate) fn returned(process: &mut engine::Process) -> Returned {
    let Ok(tree) = launch::files::root(process.fs()) else { return Returned::Nothing };
    let Ok(text) = tree.read_file(RESULT) else { return Returned::Nothing };
    let text = text.trim_ascii();
    let value = text.strip_prefix(br#"{"returned":"#).and_then(|rest| rest.strip_suffix(b"}"));
    if let Some(value) = value {
        return Returned::Value(value.to_vec());
    }
    let unfit = serde_json::from_slice::<serde_json::Value>(text).ok();
    let unfit = unfit.and_then(|result| result.get("unfit")?.as_str().map(str::to_owned));
    Returned::Unfit(unfit.unwrap_or_else(|| "no JSON".into()))
}
