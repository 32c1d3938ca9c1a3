//! Passes over a module before the interpreter sees it. Each takes the bytes of a module and gives the bytes of another,
//! section by section, without recursion.

pub(crate) mod frames;
pub(crate) mod freeze;
pub(crate) mod meter;
pub(crate) mod prepared;
pub(crate) mod profile;
mod sections;
mod shape;
pub(crate) mod start;
mod wrap;

/// Names of exports that start so are the passes' own; a module that has one is refused.
pub(crate) const RESERVED: &str = "stepwell:";
