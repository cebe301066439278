//! How far work inside one transaction is, which nobody else reads in the database before it commits. It is kept in this
//! node's memory: it may be lost and nothing with it.
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

static UNDER_WAY: LazyLock<Mutex<HashMap<String, Step>>> = LazyLock::new(Mutex::default);

fn under_way() -> MutexGuard<'static, HashMap<String, Step>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A part of some work and how much of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done, for a word in the locale (`phase-<phase>`).
    pub phase: &'static str,
    /// So many of `total` are done.
    pub done: i64,
    /// In all.
    pub total: i64,
}

impl Step {
    /// Tells how far the work of an id is.
    pub fn tell(self, id: &str) {
        under_way().insert(id.to_owned(), self);
    }

    /// How far the work of an id is; none where it is not under way in this node.
    pub fn of(id: &str) -> Option<Self> {
        under_way().get(id).copied()
    }

    /// Forgets work that has ended.
    pub fn forget(id: &str) {
        under_way().remove(id);
    }
}
