//! What is graded: a file, or a folder with a main file.

use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use walkdir::{DirEntry, WalkDir};

use crate::guest::runtime_of;
use crate::problem::{Content, GuestFile, Jury, Problem};
use crate::report::SubmissionId;
use crate::{Error, Verdict};

/// Something to be graded.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Its name in reports.
    pub name: String,
    /// Its files, the one that is run first.
    pub files: Vec<GuestFile>,
    /// The runtime that it wants, if it is said.
    pub runtime: Option<String>,
    /// Why it cannot be run whatever its files are, if that is so: it is not compiled, and keeps no other from being graded.
    pub flaw: Option<String>,
    /// The verdicts of which it must get one, if it is the jury's own and graded as such.
    pub expected: Option<Vec<Verdict>>,
}

impl Submission {
    /// Reads a submission: a file, or a folder in which the file that is run is `main.*`, or the only one that a runtime is
    /// known for. Nothing is read outside of the folder: symbolic links are not followed. What it should not have, or lacks,
    /// is a flaw of its own.
    ///
    /// # Errors
    /// [`Error::Usage`]: it is not there, or cannot be read.
    pub fn read(path: &Path, name: &str) -> Result<Self, Error> {
        Self::read_as("submission", path, name)
    }

    /// Reads a program that errors call so: a submission, or what judges one.
    pub(crate) fn read_as(called: &str, path: &Path, name: &str) -> Result<Self, Error> {
        let usage = |why: &dyn std::fmt::Display| {
            Error::Usage(format!("the {called} {}: {why}", path.display()))
        };
        let metadata = fs::metadata(path).map_err(|error| usage(&error))?;
        let name = name.replace('\\', "/");
        let kind = metadata.file_type();
        // A pipe might give nothing for ever, and a device never end.
        if !kind.is_file() && !kind.is_dir() {
            return Ok(Self::flawed(name, "it is neither a file nor a folder".into()));
        }
        let (root, paths) = match kind.is_dir() {
            true => match regular(path).map_err(|error| usage(&error))? {
                Ok(paths) => (path, paths),
                Err(flaw) => return Ok(Self::flawed(name, flaw)),
            },
            false => (path.parent().unwrap_or(Path::new("")), vec![path.to_path_buf()]),
        };
        let mut files = Vec::new();
        for path in &paths {
            let relative = path.strip_prefix(root).unwrap_or(path);
            let Some(relative) = relative.to_str() else {
                let flaw = format!("{} is no UTF-8", relative.display());
                return Ok(Self::flawed(name, flaw));
            };
            let content = Content::file(path).map_err(|error| usage(&error))?;
            files.push(GuestFile { path: relative.replace('\\', "/"), content });
        }
        Ok(match put_main_first(&mut files) {
            Ok(()) => Self { name, files, runtime: None, flaw: None, expected: None },
            Err(flaw) => Self::flawed(name, flaw),
        })
    }

    /// One that cannot be run. A file says why, so that two flaws are two submissions.
    fn flawed(name: String, flaw: String) -> Self {
        let files =
            vec![GuestFile { path: "flaw.txt".into(), content: Content::inline(flaw.clone()) }];
        Self { name, files, runtime: None, flaw: Some(flaw), expected: None }
    }

    /// The submission with the files that a problem includes: they replace files of the same name, and one that is called
    /// `main` is what is run.
    pub(crate) fn completed(&self, problem: &Problem) -> Self {
        if self.flaw.is_some() {
            return self.clone();
        }
        let mut files = self.files.clone();
        let language = self.language(problem);
        for (name, included) in &problem.includes {
            if name != "default" && Some(name.as_str()) != language {
                continue;
            }
            for file in included {
                match files.iter_mut().find(|own| own.path == file.path) {
                    Some(own) => own.content = file.content.clone(),
                    None => files.push(file.clone()),
                }
            }
        }
        // Where none of them is, the submission's own is run, which is the first.
        let _ = put_main_first(&mut files);
        Self { files, ..self.clone() }
    }

    /// Kattis's name of the language that it is written in.
    fn language(&self, problem: &Problem) -> Option<&'static str> {
        let main = self.main();
        let text = main.content.load().ok()?;
        let wanted = self.runtime.as_deref().or(problem.runtime.as_deref());
        let selection = launch::select(wanted, Path::new(&main.path), &text).ok()?;
        Some(match selection.language.name.as_str() {
            "python" => "python3",
            "c++" => "cpp",
            name => name,
        })
    }

    /// Whether something runs it.
    ///
    /// # Errors
    /// Its flaw, or why there is no runtime; of options of the command line, which are for others, that says nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(flaw) = &self.flaw {
            return Err(flaw.clone());
        }
        let (main, wanted) = (self.main(), self.runtime.as_deref());
        match (runtime_of(&main.path, &main.content.load()?, wanted), wanted) {
            (Ok(_), _) => Ok(()),
            (Err(error), Some(_)) => Err(error.to_string()),
            (Err(_), None) => Err(format!("no runtime is known for {}", main.path)),
        }
    }

    /// The file that is run.
    pub(crate) fn main(&self) -> &GuestFile {
        &self.files[0]
    }

    /// Which submission this is, run by this runtime.
    pub(crate) fn id(&self, runtime: &str) -> SubmissionId {
        let json = serde_json::to_vec(&self.files).expect("plain data is JSON");
        SubmissionId {
            name: self.name.clone(),
            runtime: runtime.into(),
            sha256: runtimes::sha256(&json),
        }
    }
}

impl Jury {
    /// Reads it, to be graded as the jury's own.
    ///
    /// # Errors
    /// [`Error::Usage`]: it cannot be read. [`Error::Problem`]: it has a flaw, and is not there to be refused for it.
    pub fn submission(&self) -> Result<Submission, Error> {
        let read = Submission::read(&self.path, &self.name)?;
        match read.flaw {
            Some(flaw) if !self.expected.contains(&Verdict::CompileError) => {
                Err(Error::Problem(format!("{}: {flaw}", self.path.display())))
            }
            _ => Ok(Submission { expected: Some(self.expected.clone()), ..read }),
        }
    }
}

/// What submissions at these paths are called in reports: a relative path as it is, but for what says nothing, as `./`. Reports are
/// shown to others, so of absolute paths only what is behind the folder is left that all of them lie in. Where two paths would
/// have one name, each has its number in front: `2/ada.py`.
#[must_use]
pub fn names(paths: &[PathBuf]) -> Vec<String> {
    let folders = paths.iter().filter(|path| path.is_absolute()).filter_map(|path| path.parent());
    let common = folders.map(Path::to_path_buf).reduce(|one, other| {
        let both = one.components().zip(other.components());
        both.take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
    });
    let name = |path: &PathBuf| {
        let within = common.as_ref().filter(|_| path.is_absolute());
        let within = within.and_then(|common| path.strip_prefix(common).ok()).unwrap_or(path);
        let parts = within.components().filter(|part| *part != Component::CurDir);
        let name: PathBuf = parts.collect();
        match name.to_string_lossy() {
            name if name.is_empty() => ".".into(),
            name => name.into_owned(),
        }
    };
    let names: Vec<String> = paths.iter().map(name).collect();
    let is_again = |at: usize, name: &String| {
        let mut others =
            names.iter().zip(paths).take(at).chain(names.iter().zip(paths).skip(at + 1));
        others.any(|(other, path)| other == name && *path != paths[at])
    };
    let numbered = names.iter().enumerate().map(|(at, name)| match is_again(at, name) {
        true => format!("{}/{name}", at + 1),
        false => name.clone(),
    });
    numbered.collect()
}

/// Puts the file first that is run.
pub(crate) fn put_main_first(files: &mut [GuestFile]) -> Result<(), String> {
    let is_program = |file: &&GuestFile| {
        let path = Path::new(&file.path);
        let extension = path.extension().and_then(|extension| extension.to_str());
        path.parent().is_none_or(|folder| folder.as_os_str().is_empty())
            && extension.is_some_and(|extension| {
                extension == "wasm"
                    || runtimes::Catalog::builtin().by_extension(extension).is_some()
            })
    };
    let stem = |file: &GuestFile| {
        let stem = Path::new(&file.path).file_stem().unwrap_or_default();
        stem.eq_ignore_ascii_case("main") || stem == "__main__"
    };
    let main = match files.iter().filter(is_program).count() {
        _ if files.len() == 1 => Some(0),
        1 => files.iter().position(|file| is_program(&file)),
        _ => files.iter().position(|file| is_program(&file) && stem(file)),
    };
    let main = main.ok_or("it has no file that is called main, and not exactly one program")?;
    files[..=main].rotate_right(1);
    Ok(())
}

/// The files below a folder of the jury's, in the order of their names. Symbolic links are followed.
pub(crate) fn collect(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = WalkDir::new(folder).sort_by_file_name().follow_links(true);
    let is_file = |entry: &DirEntry| !entry.file_type().is_dir();
    let paths = entries.into_iter().map(|entry| {
        let entry = entry?;
        Ok(is_file(&entry).then(|| entry.into_path()))
    });
    paths.filter_map(Result::transpose).collect()
}

/// The files below a folder of somebody else's, in the order of their names; or what is there that is no file.
fn regular(folder: &Path) -> io::Result<Result<Vec<PathBuf>, String>> {
    let mut paths = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let kind = entry.file_type();
        if kind.is_file() {
            paths.push(entry.into_path());
        } else if !kind.is_dir() {
            let what = if kind.is_symlink() { "a symbolic link" } else { "no file" };
            let name = entry.file_name().to_string_lossy();
            return Ok(Err(format!("{name} is {what}: a submission has files and folders alone")));
        }
    }
    Ok(Ok(paths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_say_nothing_of_the_machine() {
        let rows: [(&[&str], &[&str]); 9] = [
            (&["ada.py"], &["ada.py"]),
            (&["./ada.py", "subs//./bob.c"], &["ada.py", "subs/bob.c"]),
            (&["../ada.py", "a/../b.py"], &["../ada.py", "a/../b.py"]),
            (&["/home/me/ada.py"], &["ada.py"]),
            (&["/home/me/subs/ada.py", "/home/me/subs/bob/"], &["ada.py", "bob"]),
            (&["/a/x/1.py", "/a/y/1.py", "z/1.py"], &["x/1.py", "y/1.py", "z/1.py"]),
            (&["./"], &["."]),
            (&["ada.py", "/tmp/ada.py", "bob.c"], &["1/ada.py", "2/ada.py", "bob.c"]),
            (&["ada.py", "ada.py"], &["ada.py", "ada.py"]),
        ];
        for (paths, expected) in rows {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(names(&paths), expected, "{paths:?}");
        }
    }
}
