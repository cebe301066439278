//! How far an import is, for the page that waits for it. Kept in this node's memory: it may be lost and nothing with it.
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

static UNDER_WAY: LazyLock<Mutex<HashMap<String, Step>>> = LazyLock::new(Mutex::default);

/// A step of an import and how much of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub phase: &'static str,
    pub done: usize,
    pub total: usize,
}

/// Tells how far one import is; the one of the command line tells nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Option<String>);

impl Progress {
    pub(crate) fn of(draft: &str) -> Self {
        Self(Some(draft.to_owned()))
    }

    pub(crate) fn at(&self, phase: &'static str, done: usize, total: usize) {
        if let (Some(key), Ok(mut steps)) = (&self.0, UNDER_WAY.lock()) {
            steps.insert(key.clone(), Step { phase, done, total });
        }
    }

    pub(crate) fn step(&self) -> Option<Step> {
        UNDER_WAY.lock().ok()?.get(self.0.as_ref()?).copied()
    }

    pub(crate) fn over(&self) {
        if let (Some(key), Ok(mut steps)) = (&self.0, UNDER_WAY.lock()) {
            steps.remove(key);
        }
    }
}
