use core::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::LowerEntry;

const C: u64 = CHUNK;

/// One lower file, which counts the bytes that are read from it.
struct OneFile {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl Lower for OneFile {
    fn read_dir(&self, _: LowerId) -> Result<Vec<LowerEntry>, Errno> {
        Err(Errno::Notdir)
    }

    fn read_at(&self, _: LowerId, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        let rest = self.bytes.get(to_usize(offset)..).unwrap_or_default();
        // In pieces, as a host may.
        let count = rest.len().min(out.len()).min(5000);
        out[..count].copy_from_slice(&rest[..count]);
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..=250u8).cycle().take(len).collect()
}

fn lower_file(len: usize) -> (Arc<OneFile>, Content) {
    let file = Arc::new(OneFile { bytes: pattern(len), read: AtomicU64::new(0) });
    let source: Arc<dyn Lower> = Arc::clone(&file) as Arc<dyn Lower>;
    (file, Content::lower(source, LowerId(1), len as u64))
}

fn all(content: &Content) -> Vec<u8> {
    let mut out = vec![0xaa; to_usize(content.len()) + 1];
    let count = content.read(0, &mut out).unwrap();
    assert_eq!(count as u64, content.len());
    out.truncate(count);
    out
}

/// What is charged follows from the parts, and no part is larger than it may be.
fn check(content: &Content) {
    let own = if matches!(content.base, Base::Shared(_)) { content.base_len } else { 0 };
    let mut charged = own;
    for (index, chunk) in content.chunks.iter() {
        assert!(chunk.len() <= CHUNK_BYTES);
        assert!(chunk_start(*index) + chunk.len() as u64 <= content.len);
        assert!(chunk.len() >= content.base_in(*index), "a chunk hides the base");
        charged += charge(*index, chunk.len());
        charged -= content.base_charge_in(*index);
    }
    assert_eq!(content.charged, charged);
    assert!(content.base_len <= content.len);
}

#[derive(Clone, Debug)]
enum Step {
    Write { offset: u64, len: usize, byte: u8, left: u64 },
    SetLen(u64),
    Fork,
}

/// Offsets near the borders of chunks are the interesting ones.
fn offset() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..5 * C,
        (0..5u64, 0..5u64).prop_map(|(chunk, byte)| (chunk * C + byte).saturating_sub(2))
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![1..8usize, 1..3 * CHUNK_BYTES];
    let left = prop_oneof![3 => Just(u64::MAX), 1 => 0..2 * C];
    prop_oneof![
        5 => (offset(), len, any::<u8>(), left)
            .prop_map(|(offset, len, byte, left)| Step::Write { offset, len, byte, left }),
        2 => offset().prop_map(Step::SetLen),
        1 => Just(Step::Fork),
    ]
}

fn apply(step: &Step, content: &mut Content, model: &mut Vec<u8>) {
    match *step {
        Step::Write { offset, len, byte, left } => {
            let before = content.charged();
            let count = match content.write(offset, &vec![byte; len], left) {
                Ok(count) => count,
                Err(errno) => {
                    assert_eq!(errno, Errno::Nospc);
                    0
                }
            };
            let taken = content.charged() - before;
            assert!(taken <= left);
            let end = to_usize(offset) + count;
            if count < len {
                let full = content.clone().write(end as u64, &[byte], left - taken);
                assert_eq!(full, Err(Errno::Nospc), "a short write has used the quota up");
            }
            if count > 0 {
                model.resize(model.len().max(end), 0);
                model[end - count..end].fill(byte);
            }
        }
        Step::SetLen(len) => {
            content.set_len(len);
            model.resize(to_usize(len), 0);
        }
        Step::Fork => {}
    }
}

proptest! {
    #[test]
    fn a_file_behaves_like_a_vector_of_bytes(
        base in 0..3usize,
        base_len in offset(),
        steps in proptest::collection::vec(step(), 1..20),
        probe in offset(),
    ) {
        let mut model = if base == 0 { Vec::new() } else { pattern(to_usize(base_len)) };
        let mut content = match base {
            0 => Content::default(),
            1 => Content::shared(Bytes::from(model.clone())),
            _ => lower_file(model.len()).1,
        };
        let mut forks = vec![(content.clone(), model.clone())];
        for step in &steps {
            if matches!(step, Step::Fork) {
                forks.push((content.clone(), model.clone()));
            }
            apply(step, &mut content, &mut model);
            check(&content);
        }
        forks.push((content, model));
        for (content, model) in &forks {
            prop_assert!(all(content) == *model);
            let mut piece = [0xaa; 700];
            let count = content.read(probe, &mut piece).unwrap();
            let rest = model.get(to_usize(probe)..).unwrap_or_default();
            prop_assert!(piece[..count] == rest[..rest.len().min(700)]);
            let mut from_segments = vec![0; model.len()];
            let mut end = 0;
            content.segments(&mut |offset, bytes| {
                assert!(offset >= end && !bytes.is_empty());
                let at = to_usize(offset);
                from_segments[at..at + bytes.len()].copy_from_slice(bytes);
                end = offset + bytes.len() as u64;
            }).unwrap();
            prop_assert!(from_segments == *model);
        }
        for (old, old_model) in &forks {
            for (new, new_model) in &forks {
                prop_assert_eq!(Content::same(old, new), old_model == new_model);
            }
        }
    }
}

#[test]
fn a_byte_at_a_tebibyte_costs_as_little_as_a_chunk_can() {
    let mut content = Content::default();
    assert_eq!(content.write(1 << 40, b"x", 255), Err(Errno::Nospc));
    assert_eq!(content.write(1 << 40, b"x", 256), Ok(1));
    assert_eq!((content.len(), content.charged()), ((1 << 40) + 1, 256));
    let mut piece = [1; 3];
    assert_eq!(content.read((1 << 40) - 2, &mut piece), Ok(3));
    assert_eq!(piece, *b"\0\0x");
    let mut segments = Vec::new();
    content.segments(&mut |offset, bytes| segments.push((offset, bytes.to_vec()))).unwrap();
    assert_eq!(segments, [(1 << 40, b"x".to_vec())]);
    content.set_len(u64::MAX);
    assert_eq!(content.charged(), 256);
    content.segments(&mut |_, _| {}).unwrap();
    content.set_len(10);
    assert_eq!((content.charged(), all(&content)), (0, vec![0; 10]));
}

#[test]
fn small_appends_use_spare_capacity() {
    let mut content = Content::default();
    let mut moves = 0;
    let mut last = core::ptr::null();
    for at in 0..5000 {
        content.write(at * 100, &[7; 100], u64::MAX).unwrap();
        let (_, chunk) = content.chunks.iter().last().unwrap();
        moves += usize::from(chunk.as_ptr() != last);
        last = chunk.as_ptr();
    }
    assert_eq!((content.len(), content.charged()), (500_000, 500_000));
    assert!(moves < 31 * 10, "{moves} buffers for 31 chunks");
}

#[test]
fn the_first_byte_over_a_large_lower_file_copies_one_chunk() {
    let (file, content) = lower_file(1 << 20);
    let mut fork = content.clone();
    fork.write(500_000, b"!", u64::MAX).unwrap();
    assert_eq!(file.read.load(Ordering::Relaxed), C);
    assert_eq!((content.charged(), fork.charged()), (0, C));
    assert!(!Content::same(&content, &fork));
    assert_eq!(file.read.load(Ordering::Relaxed), 2 * C, "only that chunk is compared");
    let mut whole = content.clone();
    whole.write(0, &pattern(CHUNK_BYTES), u64::MAX).unwrap();
    assert_eq!(file.read.load(Ordering::Relaxed), 2 * C, "what is written over is not read");
}

#[test]
fn a_shared_slice_is_never_copied_as_a_whole() {
    let bytes = Bytes::from(pattern(100_000));
    let mut content = Content::shared(bytes.clone());
    content.write(50_000, b"!", 0).unwrap();
    assert_eq!(content.charged(), 100_000, "writing over it takes no more quota");
    let mut seen = Vec::new();
    content
        .segments(&mut |_, segment| seen.push(bytes.as_ptr_range().contains(&segment.as_ptr())))
        .unwrap();
    assert_eq!(seen, [true, false, true]);
}

#[test]
fn a_lower_file_that_has_become_shorter_reads_as_zeros() {
    let (file, _) = lower_file(10);
    let source: Arc<dyn Lower> = file;
    let content = Content::lower(source, LowerId(1), 20);
    let mut expected = pattern(10);
    expected.resize(20, 0);
    assert_eq!(all(&content), expected);
}

#[test]
fn a_chunk_that_cannot_be_read_is_not_written() {
    struct Broken;
    impl Lower for Broken {
        fn read_dir(&self, _: LowerId) -> Result<Vec<LowerEntry>, Errno> {
            Err(Errno::Io)
        }
        fn read_at(&self, _: LowerId, _: u64, _: &mut [u8]) -> Result<usize, Errno> {
            Err(Errno::Io)
        }
    }
    let mut content = Content::lower(Arc::new(Broken), LowerId(1), 3 * C);
    assert_eq!(content.write(5, b"x", u64::MAX), Err(Errno::Io));
    assert_eq!((content.charged(), content.chunks.len()), (0, 0));
    let bytes = vec![1; CHUNK_BYTES + 5];
    assert_eq!(content.write(0, &bytes, u64::MAX), Ok(CHUNK_BYTES), "what has been written counts");
}
