//! The C ABI: its header, its libraries, and what is made of them.

pub(crate) mod header;
