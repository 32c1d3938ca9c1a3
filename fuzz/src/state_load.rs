//! State as bytes: any bytes, and what was saved and then damaged.

use bytes::Bytes;
use stepwell_vfs::{Base, Cookie, FileSystem, FileType, Ino, Quota, Tree};
use syscalls::Context;

use crate::choices::Choices;
use crate::memory;
use crate::syscalls::{Guest, any_arguments, any_syscall};
use crate::tree_ops::{NOW, World, empty, entries, remove};

const STEPS_MAX: usize = 48;
const EDITS_MAX: usize = 6;
/// What bytes of a few KiB may make the host hold, with what is then done to the result.
const HOST_BYTES_MAX: usize = 24 << 20;

/// A tree or a process is made of any bytes, or is saved after random operations and loaded, with or without damage.
/// What was not damaged comes back: it goes on as the model says, or sees what the other one sees. What was is refused, or
/// gives something that can be used up, saved and loaded again. Nothing takes more memory than a small multiple of the
/// bytes.
///
/// # Panics
/// If one of that does not hold.
pub fn state_load(data: &[u8]) {
    let mut choices = Choices::new(data);
    memory::within(HOST_BYTES_MAX, || match choices.below(4) {
        0 => use_tree(&with_mark(b"stepwell tree state 1\n", choices.rest()), &[]),
        1 => use_context(&with_mark(b"stepwell context state 1\n", choices.rest()), &mut choices),
        2 => save_tree(&mut choices),
        _ => save_context(&mut choices),
    });
}

fn with_mark(mark: &[u8], bytes: &[u8]) -> Bytes {
    [mark, bytes].concat().into()
}

/// Changes some bytes: whether it did.
fn damage(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) -> bool {
    let edits = choices.below(EDITS_MAX);
    for _ in 0..edits {
        let at = choices.below(bytes.len());
        let byte = choices.byte();
        match choices.below(6) {
            0 => bytes.insert(at, byte),
            1 if bytes.len() > 1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at.max(1)),
            3 => bytes[at] = bytes[at].wrapping_add(1),
            _ => bytes[at] = byte,
        }
    }
    edits > 0
}

fn save_tree(choices: &mut Choices<'_>) {
    let (tree, model) = empty();
    let mut world = World::new(tree, model);
    let mut bases = Vec::new();
    for _ in 0..STEPS_MAX {
        if bases.is_empty() && choices.once_in(16) {
            bases.push(Base::new(&world.tree).expect("it lies above nothing"));
        }
        world.step(choices);
    }
    let saved = world.tree.save(bases.first()).expect("it lies above nothing");
    let mut bytes = saved.clone();
    if damage(&mut bytes, choices) {
        return use_tree(&bytes.into(), &bases);
    }
    world.tree = Tree::load(&saved.clone().into(), &bases).expect("it was saved");
    assert_eq!(world.tree.save(bases.first()), Ok(saved), "the bytes of what was loaded");
    world.check();
    for _ in 0..STEPS_MAX {
        world.step(choices);
    }
    world.check();
    world.check_that_all_is_given_back();
}

/// If bytes are a tree, it can be saved, and everything in it be removed.
fn use_tree(bytes: &Bytes, bases: &[Base]) {
    let Ok(mut tree) = Tree::load(bytes, bases) else {
        return;
    };
    let again = Bytes::from(tree.save(None).expect("it lies above nothing"));
    let loaded = Tree::load(&again, &[]).expect("it was saved");
    assert_eq!(loaded.save(None), Ok(again.to_vec()), "the bytes of what was loaded");
    tree.set_quota(Quota::default());
    let root = tree.root();
    for (_, ino, file_type, name) in entries(&mut tree, root, Cookie::START) {
        if file_type == FileType::RegularFile {
            let size = tree.stat(ino).expect("it was listed").size;
            for at in [0, size / 2, size.saturating_sub(1)] {
                let mut out = [0; 9];
                tree.read_at(ino, at, &mut out).expect("it is in memory");
                let _ = tree.write_at(ino, at, b"over", NOW);
            }
            let _ = tree.set_len(ino, size / 2, NOW);
        }
        remove(&mut tree, &name);
    }
    for ino in (1..1000).map(Ino) {
        (0..tree.holds(ino).min(1000)).for_each(|_| tree.close(ino));
    }
    // Some may be held more often, or have larger numbers.
    if tree.inodes_used() == 1 {
        assert_eq!(tree.bytes_used(), 0, "all is given back");
    }
}

fn save_context(choices: &mut Choices<'_>) {
    let mut guest = Guest::new(choices);
    let bases = if choices.once_in(2) { guest.bases() } else { Vec::new() };
    make_calls(&mut guest, choices);
    let saved = guest.context.save(&bases).expect("everything is in memory");
    let mut bytes = saved.clone();
    let is_damaged = damage(&mut bytes, choices);
    let context = match Context::load(&bytes.into(), &bases) {
        Ok(context) => context,
        Err(_) if is_damaged => return,
        Err(error) => panic!("it was saved: {error}"),
    };
    if is_damaged {
        guest.context = context;
        check_context(&guest.context);
        return make_calls(&mut guest, choices);
    }
    assert!(context.save(&bases) == Ok(saved), "the bytes of what was loaded");
    let seen = guest.see();
    guest.context = context;
    assert!(guest.see() == seen, "what the guest sees");
    make_calls(&mut guest, choices);
    guest.check_limits();
}

/// If bytes are a process, it can be saved, and make calls.
fn use_context(bytes: &Bytes, choices: &mut Choices<'_>) {
    if let Ok(context) = Context::load(bytes, &[]) {
        check_context(&context);
        let mut guest = Guest::new(choices);
        guest.context = context;
        make_calls(&mut guest, &mut Choices::new(bytes));
    }
}

fn check_context(context: &Context) {
    let again = Bytes::from(context.save(&[]).expect("everything is in memory"));
    let loaded = Context::load(&again, &[]).expect("it was saved");
    assert!(loaded.save(&[]) == Ok(again.to_vec()), "the bytes of what was loaded");
}

fn make_calls(guest: &mut Guest, choices: &mut Choices<'_>) {
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        if choices.once_in(8) {
            guest.act_as_host(choices);
        } else {
            let (_, syscall) = any_syscall(choices);
            let args = any_arguments(syscall, choices);
            let _ = guest.call(syscall, &args);
        }
    }
}
