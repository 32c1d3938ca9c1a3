//! Gives the shared library the name that programs look for, whatever cargo calls the file.

use std::env::var_os;

/// `STEPWELL_ABI_VERSION`, which a test compares.
const ABI_VERSION: u32 = 1;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let system = var_os("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let vendor = var_os("CARGO_CFG_TARGET_VENDOR").unwrap_or_default();
    if vendor == "apple" {
        let name = format!("@rpath/libstepwell.{ABI_VERSION}.dylib");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,{name}");
    } else if system == "linux" || system == "freebsd" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libstepwell.so.{ABI_VERSION}");
    } else if system == "android" {
        // Android packages have no links: the name is the file's.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libstepwell.so");
    }
}
