//! The handles used last, so that a tree of any size needs few descriptors.

use std::sync::Arc;

use hashbrown::HashMap;

/// At most so many handles by number; the one that was not used for longest makes room.
#[derive(Debug)]
pub(super) struct Recent<T> {
    handles: HashMap<u64, (u64, Arc<T>)>,
    handles_max: usize,
    uses: u64,
}

impl<T> Recent<T> {
    pub(super) fn new(handles_max: usize) -> Self {
        Self { handles: HashMap::new(), handles_max, uses: 0 }
    }

    pub(super) fn get(&mut self, number: u64) -> Option<Arc<T>> {
        self.uses += 1;
        let (used, handle) = self.handles.get_mut(&number)?;
        *used = self.uses;
        Some(handle.clone())
    }

    pub(super) fn insert(&mut self, number: u64, handle: Arc<T>) {
        if self.handles.len() >= self.handles_max {
            let oldest = self.handles.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(number, _)| *number) {
                self.handles.remove(&oldest);
            }
        }
        self.uses += 1;
        self.handles.insert(number, (self.uses, handle));
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.handles.remove(&number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handle_that_was_not_used_for_longest_makes_room() {
        let mut recent = Recent::new(2);
        recent.insert(1, Arc::new('a'));
        recent.insert(2, Arc::new('b'));
        assert_eq!(recent.get(1).as_deref(), Some(&'a'));
        recent.insert(3, Arc::new('c'));
        assert_eq!(recent.get(2), None);
        assert_eq!(recent.get(1).as_deref(), Some(&'a'));
        assert_eq!(recent.get(3).as_deref(), Some(&'c'));
    }
}
