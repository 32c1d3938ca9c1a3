//! The C ABI as its callers see it: from C, C++ and Python, through the libraries that cargo has built.

#![allow(missing_docs, reason = "tests")]

mod examples;
mod harness;
mod nouns;
mod python;
