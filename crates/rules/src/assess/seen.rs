//! A set for the dozen credits of a usual record that stays fast for the thousands of a hostile one.
use std::collections::HashSet;
use std::hash::Hash;

const FEW: usize = 16;

/// What was seen already.
pub(crate) struct Seen<T> {
    few: Vec<T>,
    many: HashSet<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { few: Vec::new(), many: HashSet::new() }
    }
}

impl<T: Eq + Hash + Copy> Seen<T> {
    pub(crate) fn has(&self, value: T) -> bool {
        self.few.contains(&value) || (!self.many.is_empty() && self.many.contains(&value))
    }

    /// Whether it is new.
    pub(crate) fn insert(&mut self, value: T) -> bool {
        if self.has(value) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(value);
        } else {
            self.many.insert(value);
        }
        true
    }
}
