//! Installing from a made-up registry: what is kept, what is said, what is left behind.

#![cfg(unix)]

mod common;

use std::fs;

use stepwell_runtimes::{
    Cache, Client, InstallError, LoadError, Progress, Quiet, Role, Runtime, Source,
};

use common::{MODULE, OTHER, Shop, WHEEL, base, gzip};

#[test]
fn an_installed_runtime_loads() {
    let shop = Shop::new();
    let (cache, toy) = (shop.cache(), shop.runtime("toy"));
    let missing = cache.load(toy, Role::Module).unwrap_err();
    assert!(missing.to_string().contains("run `stepwell runtimes install toy@1.0`"), "{missing}");
    assert!(!cache.is_installed(toy));
    shop.install(&["toy"]).unwrap();
    assert!(cache.is_installed(toy));
    assert!(!cache.is_installed(shop.runtime("other")));
    assert_eq!(cache.load(toy, Role::Module).unwrap(), MODULE);
    assert_eq!(cache.load(toy, Role::Base).unwrap(), base());
    assert!(matches!(cache.load(toy, Role::Linker), Err(LoadError::NoRole { .. })));
    assert_eq!(fs::read(cache.path(toy).unwrap()).unwrap(), MODULE);
    cache.verify(toy).unwrap();
    assert_eq!(shop.entries(), (2, 0));
}

#[test]
fn each_package_is_fetched_once() {
    let shop = Shop::new();
    shop.install(&["toy", "wheel", "other", "toy"]).unwrap();
    assert_eq!(shop.calls(), 2);
    assert_eq!(shop.cache().load(shop.runtime("other"), Role::Module).unwrap(), OTHER);
    assert_eq!(shop.cache().load(shop.runtime("wheel"), Role::Module).unwrap(), WHEEL);
    shop.install(&["toy", "wheel", "other"]).unwrap();
    assert_eq!(shop.calls(), 2, "what is installed is not fetched again");
}

#[test]
fn clients_are_asked_for_one_version_and_run_no_scripts() {
    let shop = Shop::new();
    shop.install(&["toy", "wheel"]).unwrap();
    let calls = fs::read_to_string(shop.at("calls")).unwrap();
    let lines: Vec<&str> = calls.lines().collect();
    assert!(lines[0].contains("npm pack @made-up/toys@1.0 --ignore-scripts"), "{calls}");
    assert!(
        lines[1].contains("pip3 download toy-wheel==2.0 --no-deps --only-binary=:all:"),
        "{calls}"
    );
}

#[test]
fn wrong_content_is_refused_and_not_kept() {
    let rows: &[(&[u8], &str)] = &[
        (b"\0asm made-up", "has the wrong content: SHA-256"),
        (b"\0asm made up and more", "has 21 bytes instead of 12"),
        (b"", "has 0 bytes instead of 12"),
    ];
    for (module, expected) in rows {
        for name in ["toy", "wheel"] {
            let shop = Shop::new();
            shop.write_packages(module, module);
            let message = shop.install(&[name]).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains(".wasm of "), "{message}");
            assert_eq!(shop.entries(), (0, 0), "{name}");
            assert!(!shop.cache().is_installed(shop.runtime(name)));
            shop.write_packages(MODULE, WHEEL);
            shop.install(&[name]).unwrap();
        }
    }
}

#[test]
fn without_a_client_the_error_says_how_to_go_on() {
    let shop = Shop::new();
    let empty = shop.at("empty");
    fs::create_dir(&empty).unwrap();
    let rows = [
        (
            "toy",
            "npm is not on PATH",
            "npm pack @made-up/toys@1.0",
            "install toy@1.0 --from toys-1.0.tgz",
        ),
        (
            "wheel",
            "pip is not on PATH",
            "toy-wheel==2.0",
            "install wheel@1.0 --from toy_wheel-2.0-py3-none-any.whl",
        ),
    ];
    for (name, missing, command, by_hand) in rows {
        let source = Source::Registry(Client::new(&empty));
        let result = shop.cache().install(&[shop.runtime(name)], &source, &mut Quiet);
        let message = result.unwrap_err().to_string();
        for part in [missing, command, by_hand] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(shop.entries(), (0, 0));
    }
}

#[test]
fn a_python_without_pip_is_no_client() {
    let shop = Shop::new();
    fs::remove_file(shop.at("bin/pip3")).unwrap();
    shop.client("python3", "echo '/usr/bin/python3: No module named pip' >&2; exit 1");
    let source = Source::Registry(Client::new(shop.at("bin")));
    let result = shop.cache().install(&[shop.runtime("wheel")], &source, &mut Quiet);
    assert!(matches!(result, Err(InstallError::NoClient(_))), "{result:?}");
}

#[test]
fn a_failing_client_is_quoted() {
    let shop = Shop::new();
    shop.client("npm", "for i in $(seq 99); do echo \"npm error line $i\" >&2; done; exit 7");
    let message = shop.install(&["toy"]).unwrap_err().to_string();
    for part in ["`npm pack @made-up/toys@1.0` failed (exit status: 7)", "line 99", "the network"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains("line 83\n"), "only the last lines: {message}");
    assert_eq!(shop.entries(), (0, 0));

    shop.client("npm", "echo 'npm error code ENOSPC' >&2; exit 1");
    let message = shop.install(&["toy"]).unwrap_err().to_string();
    assert!(message.contains("the disk is full"), "{message}");

    shop.client("npm", "exit 0");
    let message = shop.install(&["toy"]).unwrap_err().to_string();
    assert!(message.contains("it wrote no archive"), "{message}");

    shop.client("npm", "kill -9 $$");
    let message = shop.install(&["toy"]).unwrap_err().to_string();
    assert!(message.contains("signal: 9"), "{message}");
    assert_eq!(shop.entries(), (0, 0));
}

#[test]
fn clients_have_no_standard_input() {
    let shop = Shop::new();
    shop.client("npm", "read line && echo \"got $line\" >&2 || echo 'end of file' >&2; exit 1");
    let message = shop.install(&["toy"]).unwrap_err().to_string();
    assert!(message.contains("end of file"), "{message}");
}

#[test]
fn archives_that_are_none_are_refused() {
    let shop = Shop::new();
    let whole = fs::read(shop.archive("npm")).unwrap();
    let rows: &[(&[u8], &str)] = &[
        (b"<html>", "neither a gzipped tar file nor a zip file"),
        (b"", "neither a gzipped tar file nor a zip file"),
        (&whole[..whole.len() / 2], "cannot be unpacked"),
        (&gzip(b""), "does not hold package/toy.wasm"),
        (b"PK\x03\x04 and no directory", "cannot be unpacked"),
    ];
    for (bytes, expected) in rows {
        fs::write(shop.archive("npm"), bytes).unwrap();
        let message = shop.install(&["toy"]).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert_eq!(shop.entries(), (0, 0));
    }
}

#[test]
fn local_files_are_installed_without_a_client() {
    let loose = |shop: &Shop, below: &str| {
        let folder = shop.at("loose").join(below);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("toy.wasm"), MODULE).unwrap();
        fs::write(folder.join("toy.tar.gz"), gzip(&base())).unwrap();
    };
    let shop = Shop::new();
    loose(&shop, "");
    let unpacked = Shop::new();
    loose(&unpacked, "package");
    let archive = Shop::new();
    let folder = Shop::new();
    let rows = [
        (&shop, shop.at("loose")),
        (&unpacked, unpacked.at("loose")),
        (&archive, archive.archive("npm")),
        (&folder, folder.folder.path().to_path_buf()),
    ];
    for (shop, path) in rows {
        let toy = shop.runtime("toy");
        shop.cache().install(&[toy], &Source::Local(path.clone()), &mut Quiet).unwrap();
        shop.cache().verify(toy).unwrap();
        assert_eq!(shop.cache().load(toy, Role::Base).unwrap(), base(), "{}", path.display());
        assert_eq!(shop.calls(), 0);
    }
}

#[test]
fn local_files_are_checked_too() {
    let shop = Shop::new();
    let rows = [
        (shop.at("nowhere"), "nowhere cannot be unpacked"),
        (shop.at("bin"), "bin does not hold package/toy.wasm"),
        (shop.archive("pip"), ".whl does not hold package/toy.wasm"),
    ];
    for (path, expected) in rows {
        let source = Source::Local(path);
        let result = shop.cache().install(&[shop.runtime("toy")], &source, &mut Quiet);
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert_eq!(shop.entries(), (0, 0));
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let shop = Shop::new();
    fs::write(shop.at("file"), "in the way").unwrap();
    let home = shop.at("file").join("home");
    let cache = Cache::open(Some(home)).unwrap().with_catalog(shop.catalog.clone());
    let message = cache.install(&[shop.runtime("toy")], &shop.source(), &mut Quiet);
    let message = message.unwrap_err().to_string();
    assert!(message.contains("cannot make ") && message.contains("file/home"), "{message}");
    assert_eq!(shop.calls(), 0, "nothing is fetched that cannot be kept");
}

#[test]
fn runtimes_of_another_catalogue_are_refused() {
    let shop = Shop::new();
    let cache = Cache::open(Some(shop.at("home"))).unwrap();
    let result = cache.install(&[shop.runtime("toy")], &shop.source(), &mut Quiet);
    assert!(matches!(result, Err(InstallError::NoPackage { .. })), "{result:?}");
}

/// Writes down what it hears.
#[derive(Default)]
struct Heard {
    tasks: Vec<(String, Option<u64>, u64)>,
    open: bool,
}

impl Progress for Heard {
    fn start(&mut self, label: &str, total: Option<u64>) {
        self.tasks.push((label.to_string(), total, 0));
        self.open = true;
    }

    fn advance(&mut self, bytes: u64) {
        self.tasks.last_mut().unwrap().2 += bytes;
    }

    fn finish(&mut self) {
        self.open = false;
    }
}

#[test]
fn progress_adds_up() {
    let shop = Shop::new();
    let runtimes: Vec<&Runtime> = ["toy", "other"].map(|name| shop.runtime(name)).into();
    let mut heard = Heard::default();
    shop.cache().install(&runtimes, &shop.source(), &mut heard).unwrap();
    let total = (MODULE.len() + OTHER.len() + base().len() + gzip(&base()).len()) as u64;
    assert_eq!(heard.tasks.len(), 2);
    assert_eq!(heard.tasks[0].0, "fetching @made-up/toys@1.0 with npm for toy 1.0 and other 1.0");
    assert_eq!(heard.tasks[1], ("installing toy 1.0 and other 1.0".into(), Some(total), total));
    assert!(!heard.open);
    shop.client("npm", "exit 1");
    shop.cache().remove(shop.runtime("toy")).unwrap();
    shop.cache().install(&runtimes, &shop.source(), &mut heard).unwrap_err();
    assert!(!heard.open, "an error ends the task as well");
}
