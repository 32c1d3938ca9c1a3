//! What the guests need on every peer: modules under the names that they are called by, and a folder that is their `/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use runtimes::{Cache, Catalog, Fill, Role, Selection, Stage, Tool};

use super::programs::{Group, Program};
use super::{make_folder, stubs};
use crate::chore::{Outcome, must_succeed};

/// A program, ready to be run on any peer.
pub(super) struct Job {
    pub(super) program: &'static Program,
    /// What `stepwell run` is given.
    pub(super) source: PathBuf,
    /// The folder that is the guest's `/` on the peers.
    pub(super) root: PathBuf,
    /// The runs that it takes on the peers, one after the other.
    pub(super) steps: Vec<Step>,
    /// What it must print.
    pub(super) expected: Vec<u8>,
}

/// One module to run.
pub(super) struct Step {
    /// Its file. The last part of the path is the first argument, by which some modules tell what they are to be.
    pub(super) module: PathBuf,
    /// Tells its content from that of other modules.
    pub(super) key: String,
    /// Whether a step before it makes the module, so that nobody can compile it beforehand.
    pub(super) is_made: bool,
    /// The arguments, the module's name first.
    pub(super) argv: Vec<String>,
}

impl Job {
    /// A step's arguments for peers that find only absolute paths.
    pub(super) fn absolute(&self, step: &Step) -> Vec<String> {
        let names = [self.program.file, OBJECT, OUTPUT];
        let absolute = |arg: &String| {
            let name = arg.rsplit(' ').next().filter(|name| names.contains(name));
            name.map_or_else(
                || arg.clone(),
                |name| format!("{}/{name}", &arg[..arg.len() - name.len()]),
            )
        };
        let (first, others) = step.argv.split_at(1);
        first.iter().cloned().chain(others.iter().map(absolute)).collect()
    }
}

const OBJECT: &str = "program.o";
const OUTPUT: &str = "program.wasm";

/// The modules and files of all programs, below one folder.
pub(super) struct Guests {
    folder: PathBuf,
    stepwell: PathBuf,
    cache: Cache,
}

impl Guests {
    /// Opens the user's installed runtimes; `folder` is where copies go.
    pub(super) fn open(folder: &Path, stepwell: &Path) -> Outcome<Self> {
        let home = std::env::var_os("STEPWELL_HOME").map(PathBuf::from);
        let cache = Cache::open(home).map_err(|error| error.to_string())?;
        Ok(Self { folder: folder.into(), stepwell: stepwell.into(), cache })
    }

    /// Installs the runtimes of some programs.
    pub(super) fn install(&self, programs: &[&'static Program]) -> Outcome {
        let mut names: Vec<_> = programs.iter().map(|program| program.runtime).collect();
        names.sort_unstable();
        names.dedup();
        let mut command = Command::new(&self.stepwell);
        command.args(["runtimes", "install"]).args(names).stdout(Stdio::null());
        must_succeed(&mut command)
    }

    /// Makes everything that a program needs.
    pub(super) fn prepare(&self, program: &'static Program) -> Outcome<Job> {
        let catalog = Catalog::builtin();
        let extension =
            Path::new(program.file).extension().and_then(|extension| extension.to_str());
        let selection = catalog
            .resolve_for(program.runtime, extension)
            .map_err(|error| format!("{}: {error}", program.name))?;
        let root = self.folder.join("roots").join(program.name);
        make_folder(&root)?;
        self.unpack_base(selection, &root)?;
        let source = crate::chore::root().join("benches/programs").join(program.file);
        copy(&source, &root.join(program.file))?;
        let steps = selection.language.stages.iter();
        let steps: Outcome<Vec<Step>> =
            steps.map(|stage| self.step(program, selection, stage, &root)).collect();
        let (mut source, mut root, mut steps, expected) =
            (source, root, steps?, program.expected()?);
        if program.group == Group::Kernel {
            source = self.compile(program, &root, &steps)?;
            root = self.folder.join("roots/empty");
            make_folder(&root)?;
            let argv = vec![program.name.to_string()];
            let key = program.name.into();
            steps = vec![Step { module: source.clone(), key, is_made: false, argv }];
        }
        Ok(Job { program, source, root, steps, expected })
    }

    fn step(
        &self,
        program: &Program,
        selection: Selection<'_>,
        stage: &Stage,
        root: &Path,
    ) -> Outcome<Step> {
        let colour = "-fno-color-diagnostics";
        let fill =
            Fill { program: program.file, object: OBJECT, output: OUTPUT, colour, args: &[] };
        let mut argv = stage.argv(&fill);
        if stage.tool == Tool::Output {
            argv[0] = OUTPUT.into();
            return Ok(Step { module: root.join(OUTPUT), key: String::new(), is_made: true, argv });
        }
        let role = if stage.tool == Tool::Linker { Role::Linker } else { Role::Module };
        let module = self.module(selection, role, &argv[0])?;
        let key = self.hash(selection, role)?.chars().take(16).collect();
        Ok(Step { module, key, is_made: false, argv })
    }

    /// A module of the catalogue under the name that it is called by.
    fn module(&self, selection: Selection<'_>, role: Role, name: &str) -> Outcome<PathBuf> {
        let blob = self.blob(selection, role)?;
        let folder = self.folder.join("modules").join(&selection.runtime.name);
        make_folder(&folder)?;
        let path = folder.join(name);
        if path.is_file() {
            return Ok(path);
        }
        if selection.runtime.name == "quickjs" {
            let bytes = fs::read(&blob).map_err(|error| format!("{}: {error}", blob.display()))?;
            let copy = stubs::without_sockets(&bytes)?;
            fs::write(&path, copy).map_err(|error| format!("{}: {error}", path.display()))?;
        } else {
            copy(&blob, &path)?;
        }
        Ok(path)
    }

    /// Where the cache keeps a file of a runtime.
    fn blob(&self, selection: Selection<'_>, role: Role) -> Outcome<PathBuf> {
        Ok(self.cache.root().join("blobs/sha256").join(self.hash(selection, role)?))
    }

    fn hash<'a>(&self, selection: Selection<'a>, role: Role) -> Outcome<&'a str> {
        self.cache.sha256(selection.runtime, role).map_err(|error| error.to_string())
    }

    fn unpack_base(&self, selection: Selection<'_>, root: &Path) -> Outcome {
        if selection.runtime.file(Role::Base).is_none() {
            return Ok(());
        }
        let archive = self.blob(selection, Role::Base)?;
        must_succeed(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(root))
    }

    /// Compiles a kernel with our own clang: where the module is.
    fn compile(&self, program: &Program, root: &Path, steps: &[Step]) -> Outcome<PathBuf> {
        for step in steps.iter().filter(|step| !step.is_made) {
            let mut command = Command::new(&self.stepwell);
            let mut mount = root.as_os_str().to_owned();
            mount.push("::/:rw");
            command.args(["run", "--dir"]).arg(mount).arg("--argv0");
            command.arg(&step.argv[0]).arg(&step.module).args(&step.argv[1..]);
            must_succeed(&mut command)?;
        }
        let folder = self.folder.join("modules/kernels");
        make_folder(&folder)?;
        let path = folder.join(format!("{}.wasm", program.name));
        copy(&root.join(OUTPUT), &path)?;
        Ok(path)
    }
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::programs::PROGRAMS;

    #[test]
    fn only_names_of_files_become_absolute() {
        let rows = [
            ("hello-php", &["php", "-q", "hello.php"][..], &["php", "-q", "/hello.php"][..]),
            ("query-sql", &["sqlite", ".read query.sql"], &["sqlite", ".read /query.sql"]),
            (
                "compile-c",
                &["program.wasm", "program.o", "x.c"],
                &["program.wasm", "/program.o", "x.c"],
            ),
        ];
        for (name, argv, expected) in rows {
            let program = PROGRAMS.iter().find(|program| program.name == name).unwrap();
            let none = PathBuf::new;
            let argv = argv.iter().map(ToString::to_string).collect();
            let step = Step { module: none(), key: String::new(), is_made: false, argv };
            let job = Job {
                program,
                source: none(),
                root: none(),
                steps: Vec::new(),
                expected: Vec::new(),
            };
            assert_eq!(job.absolute(&step), expected, "{name}");
        }
    }
}
