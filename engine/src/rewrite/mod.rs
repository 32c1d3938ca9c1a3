//! Passes over a module before the interpreter sees it. Each takes the bytes of a module and gives the bytes of another,
//! section by section, without recursion.

pub(crate) mod frames;
mod sections;
pub(crate) mod start;
