//! Several installers at once, and installers that die.

#![cfg(unix)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use stepwell_runtimes::{Cache, Client, Quiet, Role, Source};

use common::{MODULE, Shop};

/// Not a test of its own: the other tests run it in a process that they can kill.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn an_installer() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let path = std::env::var_os("PATH").unwrap();
    let shop = Shop::new();
    let cache = Cache::open(Some(folder.join("home"))).unwrap().with_catalog(shop.catalog.clone());
    let source = Source::Registry(Client::new(path));
    cache.install(&[shop.runtime("toy")], &source, &mut Quiet).unwrap();
}

fn installer(shop: &Shop) -> Child {
    let path = [shop.at("bin"), "/usr/bin".into(), "/bin".into()];
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_installer", "--ignored"])
        .env(FOLDER, shop.folder.path())
        .env("PATH", std::env::join_paths(path).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn wait_for(path: &Path) {
    for _ in 0..1000 {
        if path.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} does not appear", path.display());
}

/// A client that has written a part of the archive and waits for a file before it writes the rest.
fn slow_client(shop: &Shop) {
    let script = format!(
        "echo \"$0 $*\" >> '{calls}'\n\
         while [ $# -gt 0 ]; do [ \"$1\" = --pack-destination ] && into=$2; shift; done\n\
         head -c 100 '{archive}' > \"$into/toys-1.0.tgz\"\n\
         touch '{started}'\n\
         for i in $(seq 300); do [ -e '{go}' ] && break; sleep 0.1; done\n\
         cp '{archive}' \"$into\"",
        calls = shop.at("calls").display(),
        archive = shop.archive("npm").display(),
        started = shop.at("started").display(),
        go = shop.at("go").display(),
    );
    shop.client("npm", &script);
}

#[test]
fn a_killed_installer_leaves_no_entry_and_the_next_one_clears_up() {
    let shop = Shop::new();
    slow_client(&shop);
    let mut killed = installer(&shop);
    wait_for(&shop.at("started"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(shop.entries(), (0, 1));
    assert!(!shop.cache().is_installed(shop.runtime("toy")));
    fs::write(shop.at("go"), "").unwrap();
    shop.install(&["toy"]).unwrap();
    assert_eq!(shop.entries(), (2, 0));
    shop.cache().verify(shop.runtime("toy")).unwrap();
}

#[test]
fn a_second_process_waits_for_the_first_and_fetches_nothing() {
    let shop = Shop::new();
    slow_client(&shop);
    let mut first = installer(&shop);
    wait_for(&shop.at("started"));
    let mut second = installer(&shop);
    // Long enough that it would have called the client if it did not wait.
    thread::sleep(Duration::from_millis(300));
    assert!(second.try_wait().unwrap().is_none());
    fs::write(shop.at("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    assert_eq!(shop.calls(), 1);
    assert_eq!(shop.entries(), (2, 0));
}

#[test]
fn a_living_installers_workshop_is_left_alone() {
    let shop = Shop::new();
    slow_client(&shop);
    let mut first = installer(&shop);
    wait_for(&shop.at("started"));
    shop.cache().store_derived("key", b"value").unwrap();
    shop.install(&["wheel"]).unwrap();
    assert_eq!(shop.entries(), (2, 1));
    fs::write(shop.at("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(shop.cache().load(shop.runtime("toy"), Role::Module).unwrap(), MODULE);
}

#[test]
fn many_threads_install_and_remove_without_harm() {
    let shop = Shop::new();
    thread::scope(|scope| {
        for number in 0..8 {
            let shop = &shop;
            scope.spawn(move || {
                shop.install(&["toy", "wheel", "other"]).unwrap();
                if number % 4 == 0 {
                    shop.cache().remove(shop.runtime("other")).unwrap();
                }
                shop.cache().store_derived("key", &[number; 1000]).unwrap();
                assert_eq!(shop.cache().derived("key").unwrap().len(), 1000);
            });
        }
    });
    shop.install(&["toy", "wheel", "other"]).unwrap();
    for name in ["toy", "wheel", "other"] {
        shop.cache().verify(shop.runtime(name)).unwrap();
    }
    assert_eq!(shop.entries().1, 0);
}

const FOLDER: &str = "STEPWELL_TEST_FOLDER";
