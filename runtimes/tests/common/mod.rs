//! A made-up registry: one package, and clients that are shell scripts.

#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use stepwell_runtimes::{Cache, Catalog, Client, InstallError, Quiet, Runtime, Source};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

pub(crate) const MODULE: &[u8] = b"\0asm made up";
pub(crate) const WHEEL: &[u8] = b"\0asm wheeled";
pub(crate) const OTHER: &[u8] = b"\0asm another";

/// A folder with packages, clients and a cache.
pub(crate) struct Shop {
    pub(crate) folder: TempDir,
    pub(crate) catalog: Catalog,
}

impl Shop {
    /// With an `npm` and a `pip3` that serve the packages and write down each call.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = Self { catalog: catalog(), folder };
        fs::create_dir(shop.at("bin")).unwrap();
        shop.write_packages(MODULE, WHEEL);
        for (client, option) in [("npm", "--pack-destination"), ("pip3", "--dest")] {
            let archive = shop.archive(client);
            shop.client(
                client,
                &format!(
                    "echo \"$0 $*\" >> '{calls}'\n\
                     while [ $# -gt 0 ]; do [ \"$1\" = {option} ] && into=$2; shift; done\n\
                     cp '{archive}' \"$into\"",
                    calls = shop.at("calls").display(),
                    archive = archive.display(),
                ),
            );
        }
        shop
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn archive(&self, client: &str) -> PathBuf {
        self.at(if client == "npm" { "toys-1.0.tgz" } else { "toy_wheel-2.0-py3-none-any.whl" })
    }

    /// Writes both packages, with some content as their modules.
    pub(crate) fn write_packages(&self, module: &[u8], wheel_module: &[u8]) {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let files: &[(&str, &[u8])] = &[
            ("package/README", b"not wanted"),
            ("package/toy.wasm", module),
            ("package/toy.tar.gz", &gzip(&base())),
            ("package/other.wasm", OTHER),
        ];
        for (path, bytes) in files {
            append(&mut archive, path, bytes);
        }
        fs::write(self.archive("npm"), archive.into_inner().unwrap().finish().unwrap()).unwrap();
        let mut wheel = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        wheel.start_file("toy_wheel/wheel.wasm", SimpleFileOptions::default()).unwrap();
        wheel.write_all(wheel_module).unwrap();
        wheel.start_file("toy_wheel/toy.tar", SimpleFileOptions::default()).unwrap();
        wheel.write_all(&base()).unwrap();
        fs::write(self.archive("pip"), wheel.finish().unwrap().into_inner()).unwrap();
    }

    /// Makes a client, or replaces it.
    pub(crate) fn client(&self, name: &str, script: &str) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let place = self.at("bin").join(name);
        // Written elsewhere and renamed, because a file that is open for writing cannot be run.
        let fresh = self.at(&format!("client-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::write(&fresh, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&fresh, place).unwrap();
    }

    pub(crate) fn source(&self) -> Source {
        let bin = self.at("bin");
        let path = [bin.as_path(), Path::new("/usr/bin"), Path::new("/bin")];
        Source::Registry(Client::new(std::env::join_paths(path).unwrap()))
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::open(Some(self.at("home"))).unwrap().with_catalog(self.catalog.clone())
    }

    pub(crate) fn runtime(&self, name: &str) -> &Runtime {
        self.catalog.resolve(name).unwrap().runtime
    }

    pub(crate) fn install(&self, names: &[&str]) -> Result<(), InstallError> {
        let runtimes: Vec<&Runtime> = names.iter().map(|name| self.runtime(name)).collect();
        self.cache().install(&runtimes, &self.source(), &mut Quiet)
    }

    /// How often a client was called.
    pub(crate) fn calls(&self) -> usize {
        fs::read_to_string(self.at("calls")).map_or(0, |calls| calls.lines().count())
    }

    /// What the cache holds: files of runtimes, and what lies in the workshop.
    pub(crate) fn entries(&self) -> (usize, usize) {
        let count = |folder: PathBuf| {
            fs::read_dir(folder).map_or(0, |entries| {
                entries.filter(|entry| entry.as_ref().unwrap().file_name() != "gate").count()
            })
        };
        (count(self.at("home/blobs/sha256")), count(self.at("home/work")))
    }
}

/// What the package's `toy.tar.gz` unpacks to.
pub(crate) fn base() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    append(&mut archive, "lib/toy.txt", b"a file of the base");
    archive.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn append(archive: &mut tar::Builder<impl Write>, path: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, bytes).unwrap();
}

fn catalog() -> Catalog {
    let file = |role: &str, path: &str, bytes: &[u8]| {
        format!(
            "[[runtime.file]]\nrole = \"{role}\"\npath = \"{path}\"\nbytes = {}\nsha256 = \"{}\"\n",
            bytes.len(),
            sha256(bytes)
        )
    };
    let unpacked = |bytes: &[u8]| {
        format!("unpacked = {{ bytes = {}, sha256 = \"{}\" }}\n", bytes.len(), sha256(bytes))
    };
    let row = |name: &str, package: &str, files: &str| {
        format!(
            "[[runtime]]\nname = \"{name}\"\nversion = \"1.0\"\ndefault = true\npackage = \"{package}\"\n\
             licence = \"MIT\"\nabi = \"wasi_snapshot_preview1\"\n{files}\
             [[runtime.language]]\nname = \"{name}\"\n\
             stage = [{{ tool = \"module\", argv = [\"{name}\", \"{{program}}\"] }}]\n"
        )
    };
    let packages = r#"
        [[package]]
        id = "toys"
        registry = "npm"
        name = "@made-up/toys"
        version = "1.0"
        archive = "toys-1.0.tgz"
        archive_bytes = 1000

        [[package]]
        id = "wheel"
        registry = "pypi"
        name = "toy-wheel"
        version = "2.0"
        archive = "toy_wheel-2.0-py3-none-any.whl"
        archive_bytes = 1000
    "#;
    let toy = file("module", "package/toy.wasm", MODULE)
        + &file("base", "package/toy.tar.gz", &gzip(&base()))
        + &unpacked(&base());
    let other = file("module", "package/other.wasm", OTHER);
    // What the cache keeps of the first runtime's base, from another package.
    let wheel =
        file("module", "toy_wheel/wheel.wasm", WHEEL) + &file("base", "toy_wheel/toy.tar", &base());
    let rows =
        [row("toy", "toys", &toy), row("other", "toys", &other), row("wheel", "wheel", &wheel)];
    Catalog::parse(&format!("{packages}\n{}", rows.concat())).unwrap()
}
