//! Calls about one tree, and the model of its files.

use std::ptr::null_mut;

use stepwell_c::stepwell_status::*;

use super::answers::{read_listing, read_stat, take_bytes};
use super::{NAMES, Noun, World, call, judge};
use crate::choices::Choices;

impl World {
    pub(super) fn use_tree(&mut self, choices: &mut Choices<'_>) {
        match choices.below(3) {
            0 => self.use_files(choices),
            1 => self.change_tree(choices),
            _ => self.look_at_tree(choices),
        }
    }

    /// The calls that the model follows.
    fn use_files(&mut self, choices: &mut Choices<'_>) {
        let tree = self.given(Noun::Tree, choices);
        let name = choices.one_of(NAMES);
        let (path, handle) = (name.as_ptr(), tree.handle);
        let content = choices.bytes(32);
        let offset = u64::from(choices.byte()) % 40;
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut buffer = [0_u8; 16];
        let mut count = 0_usize;
        let what = choices.below(4);
        let status = match what {
            0 => {
                call!(stepwell_tree_write(handle.cast(), path, content.as_ptr(), content.len()))
            }
            1 => call!(stepwell_tree_read(handle.cast(), path, to.cast())),
            2 => call!(stepwell_tree_read_at(
                handle.cast(),
                path,
                offset,
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut count
            )),
            _ => call!(stepwell_tree_fork(handle.cast(), to.cast())),
        };
        judge("a file", status, tree.is_right(), &[STEPWELL_ERRNO]);
        let Some(at) = tree.at else { return };
        let files = self.live[at].files.clone();
        let is_ok = status == STEPWELL_OK;
        let expected = files.as_ref().map(|files| files.get(name));
        match (what, is_ok) {
            (0, true) => {
                if let Some(files) = &mut self.live[at].files {
                    files.insert(name, content.to_vec());
                }
            }
            (1, _) => {
                let found = is_ok.then(|| take_bytes(out));
                if let Some(expected) = expected {
                    assert_eq!(found.as_ref(), expected, "the file {name:?}");
                }
            }
            (2, _) => {
                if let Some(expected) = expected {
                    assert_eq!(is_ok, expected.is_some(), "the file {name:?}");
                    let whole = expected.map(Vec::as_slice).unwrap_or_default();
                    let start = (offset as usize).min(whole.len());
                    let range = &whole[start..whole.len().min(start + buffer.len())];
                    assert_eq!(&buffer[..count], range, "a part of the file {name:?}");
                }
            }
            (3, true) => {
                self.add(Noun::Tree, out);
                self.live.last_mut().expect("it was added").files = files;
            }
            _ => {}
        }
    }

    /// What changes more than one file's content. If it fails, nothing has changed.
    fn change_tree(&mut self, choices: &mut Choices<'_>) {
        let tree = self.given(Noun::Tree, choices);
        let handle = tree.handle;
        let (path, other) = (choices.one_of(NAMES).as_ptr(), choices.one_of(NAMES).as_ptr());
        let number = choices.u64();
        let content = choices.bytes(32);
        let before = tree.at.map(|_| self.digest(handle));
        let status = match choices.below(10) {
            0 => call!(stepwell_tree_mkdir(handle.cast(), path)),
            1 => call!(stepwell_tree_symlink(handle.cast(), other, path)),
            2 => call!(stepwell_tree_link(handle.cast(), other, path)),
            3 => call!(stepwell_tree_rename(handle.cast(), other, path)),
            4 => call!(stepwell_tree_remove(handle.cast(), path)),
            5 => call!(stepwell_tree_remove_all(handle.cast(), path)),
            6 => call!(stepwell_tree_set_mode(handle.cast(), path, number as u32)),
            7 => call!(stepwell_tree_set_times(handle.cast(), path, number, number / 2)),
            8 => {
                call!(stepwell_tree_set_quota(handle.cast(), number as u32 % 4, number % 4096))
            }
            _ => {
                call!(stepwell_tree_import_tar(handle.cast(), content.as_ptr(), content.len()))
            }
        };
        let failures = [STEPWELL_ERRNO, STEPWELL_ARCHIVE, STEPWELL_INVALID_ARGUMENT];
        judge("a change", status, tree.is_right(), &failures);
        match (tree.at, status) {
            (Some(at), STEPWELL_OK) => self.live[at].files = None,
            (Some(_), _) => {
                assert_eq!(Some(self.digest(handle)), before, "a failure changes nothing")
            }
            _ => {}
        }
    }

    fn look_at_tree(&mut self, choices: &mut Choices<'_>) {
        let tree = self.given(Noun::Tree, choices);
        let (handle, path) = (tree.handle, choices.one_of(NAMES).as_ptr());
        let mut out: *mut () = null_mut();
        let to = &raw mut out;
        let mut number = 0_u64;
        let what = choices.below(6);
        let status = match what {
            0 => call!(stepwell_tree_list(handle.cast(), path, to.cast())),
            1 => call!(stepwell_tree_stat(handle.cast(), path, to.cast())),
            2 => call!(stepwell_tree_readlink(handle.cast(), path, to.cast())),
            3 => call!(stepwell_tree_export_tar(handle.cast(), to.cast())),
            4 => call!(stepwell_tree_bytes_used(handle.cast(), &raw mut number)),
            _ => call!(stepwell_tree_inodes_used(handle.cast(), &raw mut number)),
        };
        judge("a look", status, tree.is_right(), &[STEPWELL_ERRNO]);
        match what {
            _ if out.is_null() => {}
            0 => read_listing(out),
            1 => read_stat(out),
            _ => drop(take_bytes(out)),
        }
    }

    fn digest(&self, tree: *mut ()) -> [u8; 32] {
        let mut digest = [0; 32];
        let status = call!(stepwell_tree_digest(tree.cast(), digest.as_mut_ptr()));
        assert_eq!(status, STEPWELL_OK, "a tree in memory can be read");
        digest
    }
}
