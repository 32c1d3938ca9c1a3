//! What the cache does with what it holds: damage is found, removal is exact, derived values are checked.

#![cfg(unix)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use stepwell_runtimes::{Cache, Catalog, LoadError, Role};

use common::{MODULE, Shop};

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn verify_finds_a_flipped_byte_and_install_mends_it() {
    let shop = Shop::new();
    let (cache, toy) = (shop.cache(), shop.runtime("toy"));
    shop.install(&["toy"]).unwrap();
    let path = cache.path(toy).unwrap();
    let mut bytes = MODULE.to_vec();
    bytes[7] ^= 1;
    overwrite(&path, &bytes);
    let damaged = cache.verify(toy).unwrap_err();
    assert!(matches!(damaged, LoadError::Damaged { .. }), "{damaged}");
    assert!(damaged.to_string().contains("run `stepwell runtimes install toy@1.0`"), "{damaged}");
    shop.install(&["toy"]).unwrap();
    cache.verify(toy).unwrap();
    assert_eq!(cache.load(toy, Role::Module).unwrap(), MODULE);
}

#[test]
fn a_file_cut_short_is_not_loaded() {
    let shop = Shop::new();
    let (cache, toy) = (shop.cache(), shop.runtime("toy"));
    shop.install(&["toy"]).unwrap();
    overwrite(&cache.path(toy).unwrap(), &MODULE[1..]);
    assert!(!cache.is_installed(toy));
    let message = cache.load(toy, Role::Module).unwrap_err().to_string();
    assert!(message.contains("has 11 bytes instead of 12"), "{message}");
    shop.install(&["toy"]).unwrap();
    assert!(cache.is_installed(toy));
}

#[test]
fn installed_files_are_read_only() {
    let shop = Shop::new();
    shop.install(&["toy"]).unwrap();
    let path = shop.cache().path(shop.runtime("toy")).unwrap();
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o222, 0);
}

#[test]
fn removal_frees_what_no_other_runtime_needs() {
    let shop = Shop::new();
    let cache = shop.cache();
    let [toy, other, wheel] = ["toy", "other", "wheel"].map(|name| shop.runtime(name));
    assert_eq!(cache.remove(toy).unwrap(), 0);
    assert!(!cache.root().exists(), "removing nothing makes nothing");
    shop.install(&["toy", "other", "wheel"]).unwrap();
    // The wheel's base has the same content as the toy's, so it stays.
    assert_eq!(cache.remove(toy).unwrap(), MODULE.len() as u64);
    assert!(!cache.is_installed(toy));
    assert!(cache.is_installed(other) && cache.is_installed(wheel));
    assert_eq!(cache.remove(wheel).unwrap(), wheel.installed_bytes());
    assert!(cache.is_installed(other));
    assert_eq!(cache.remove(other).unwrap(), other.installed_bytes());
    assert_eq!(shop.entries(), (0, 0));
}

#[test]
fn the_folder_is_the_given_one() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(Some(folder.path().join("a"))).unwrap();
    assert_eq!(cache.root(), folder.path().join("a"));
    assert!(!cache.root().exists(), "opening makes nothing");
    let relative = Cache::open(Some("relative".into())).unwrap();
    assert!(relative.root().is_absolute());
    // Without a folder for caches there is an error, with one the empty path means it.
    if let Ok(platform) = Cache::open(None) {
        assert_eq!(platform.root().file_name().unwrap(), "stepwell");
        assert_eq!(Cache::open(Some("".into())).unwrap().root(), platform.root());
    }
}

#[test]
fn derived_values_come_back() {
    let shop = Shop::new();
    let cache = shop.cache();
    let values: &[&[u8]] = &[b"", b"\n", b"a value\nof two lines\xff", &[7; 100_000]];
    for value in values {
        cache.store_derived("key", value).unwrap();
        assert_eq!(cache.derived("key").unwrap(), *value);
    }
    assert_eq!(cache.derived("another key"), None);
    assert!(cache.clear_derived().unwrap() > 100_000);
    assert_eq!(cache.derived("key"), None);
    assert_eq!(cache.clear_derived().unwrap(), 0);
    assert_eq!(shop.entries(), (0, 0));
}

#[test]
fn damaged_derived_values_are_absent() {
    let shop = Shop::new();
    let cache = shop.cache();
    cache.store_derived("key", b"a precompiled header").unwrap();
    let folder = shop.at("home/derived");
    let path = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    let mut damages: Vec<Vec<u8>> = (0..whole.len())
        .map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        })
        .collect();
    damages.extend((0..whole.len()).map(|end| whole[..end].to_vec()));
    damages.push([whole.as_slice(), b"x"].concat());
    for damaged in damages {
        overwrite(&path, &damaged);
        assert_eq!(cache.derived("key"), None, "{}", damaged.escape_ascii());
    }
    cache.store_derived("key", b"again").unwrap();
    assert_eq!(cache.derived("key").unwrap(), b"again".as_slice());
}

#[test]
fn derived_values_that_cannot_be_stored_are_an_error_and_no_panic() {
    let shop = Shop::new();
    fs::write(shop.at("home"), "in the way").unwrap();
    assert!(shop.cache().store_derived("key", b"value").is_err());
    assert_eq!(shop.cache().derived("key"), None);
}

#[test]
fn export_writes_what_a_site_serves_packed() {
    let shop = Shop::new();
    let (cache, toy) = (shop.cache(), shop.runtime("toy"));
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("made/site");
    assert!(matches!(cache.export(toy, &site, |_| ()), Err(LoadError::Missing { .. })));
    shop.install(&["toy"]).unwrap();
    let mut written = Vec::new();
    cache.export(toy, &site, |path| written.push(path.to_path_buf())).unwrap();
    let expected: Vec<_> = toy.files.iter().map(|file| site.join(file.served_name(toy))).collect();
    assert_eq!(written, expected);
    for (path, file) in written.iter().zip(&toy.files) {
        let mut bytes = Vec::new();
        MultiGzDecoder::new(&fs::read(path).unwrap()[..]).read_to_end(&mut bytes).unwrap();
        assert_eq!(stepwell_runtimes::sha256(&bytes), file.served().sha256);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o644);
    }
    let mut bytes = MODULE.to_vec();
    bytes[7] ^= 1;
    overwrite(&cache.path(toy).unwrap(), &bytes);
    let damaged = cache.export(toy, &site, |_| ()).unwrap_err().to_string();
    assert!(damaged.contains("is served with SHA-256"), "{damaged}");
}

#[test]
fn files_of_the_catalogue_have_names_of_their_own_on_a_site() {
    let runtimes = &Catalog::builtin().runtimes;
    let names: Vec<_> = runtimes
        .iter()
        .flat_map(|runtime| runtime.files.iter().map(|file| file.served_name(runtime)))
        .collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "{names:?}");
}
