//! The cookies of one host directory: a host's own change when entries come and go.

use std::boxed::Box;
use std::collections::BTreeMap;
use std::vec::Vec;

use hashbrown::HashMap;

use crate::{Cookie, DirEntry, FileType, Ino};

/// The entries of a directory as they were listed last, and what was done to them since.
#[derive(Debug, Default)]
pub(super) struct Listing {
    rows: BTreeMap<Cookie, Row>,
    cookies: HashMap<Box<str>, Cookie>,
    /// How many cookies were ever given.
    given: u64,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: Box<str>,
    pub(super) ino: Ino,
    pub(super) file_type: FileType,
}

impl Listing {
    /// Takes what the directory holds now. Names that were there keep their cookies, new ones come after them, in the
    /// order of `rows`.
    pub(super) fn refresh(&mut self, rows: Vec<Row>) {
        let mut gone = core::mem::take(&mut self.rows);
        for row in rows {
            if let Some(cookie) = self.cookies.get(&row.name) {
                gone.remove(cookie);
            }
            self.put(row);
        }
        for row in gone.into_values() {
            self.cookies.remove(&row.name);
        }
    }

    /// Adds an entry, or changes what its name stands for.
    pub(super) fn put(&mut self, row: Row) {
        let cookie = *self.cookies.entry(row.name.clone()).or_insert_with(|| {
            self.given += 1;
            Cookie(Cookie::FIRST.0 + self.given - 1)
        });
        self.rows.insert(cookie, row);
    }

    /// Gives the entry of `from` another name. It keeps its cookie unless the name had one: a guest that renames what it
    /// lists must not meet the entries again.
    pub(super) fn rename(&mut self, from: &str, row: Row) {
        let cookie = self.cookies.get(from).copied();
        self.remove(from);
        if let Some(cookie) = cookie {
            self.cookies.entry(row.name.clone()).or_insert(cookie);
        }
        self.put(row);
    }

    pub(super) fn remove(&mut self, name: &str) {
        if let Some(cookie) = self.cookies.remove(name) {
            self.rows.remove(&cookie);
        }
    }

    /// The entries after `after`.
    pub(super) fn after(&self, after: Cookie) -> impl Iterator<Item = DirEntry<'_>> {
        let start = Cookie(after.0.saturating_add(1));
        self.rows.range(start..).map(|(&cookie, row)| DirEntry {
            cookie,
            ino: row.ino,
            file_type: row.file_type,
            name: &row.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::*;

    fn rows(names: &str) -> Vec<Row> {
        let row = |name: char| Row {
            name: name.to_string().into(),
            ino: Ino(u64::from(u32::from(name))),
            file_type: FileType::RegularFile,
        };
        names.chars().map(row).collect()
    }

    #[test]
    fn an_entry_keeps_its_cookie_whatever_its_neighbours_do() {
        let mut listing = Listing::default();
        let seen = |listing: &Listing| -> Vec<(u64, String)> {
            let entries = listing.after(Cookie::START);
            entries.map(|entry| (entry.cookie.0, entry.name.into())).collect()
        };
        listing.refresh(rows("abd"));
        listing.remove("a");
        listing.refresh(rows("abcd"));
        let expected = [(4, "b"), (5, "d"), (6, "a"), (7, "c")].map(|(c, n)| (c, n.into()));
        assert_eq!(seen(&listing), expected);
        listing.refresh(rows("c"));
        assert_eq!(seen(&listing), [(7, "c".into())]);
        assert_eq!(listing.after(Cookie(7)).count(), 0);
        assert_eq!(listing.after(Cookie(u64::MAX)).count(), 0);
    }
}
