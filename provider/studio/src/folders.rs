//! Where uploads and what is made of them lie.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folders of a platform's contents.
#[derive(Clone, Debug)]
pub struct Folders(Arc<Path>);

impl Folders {
    /// Below a data folder.
    pub fn below(data: &Path) -> Self {
        Self(Arc::from(data))
    }

    /// A file as it was handed in.
    pub(crate) fn upload(&self, material: &str) -> PathBuf {
        self.0.join("uploads").join(material)
    }

    /// Films and pages, one folder for each lecture.
    pub fn media(&self) -> PathBuf {
        self.0.join("media")
    }

    /// Packages, one folder for each lecture.
    pub fn packages(&self) -> PathBuf {
        self.0.join("packages")
    }

    /// Where something is made before it is moved to its place whole.
    pub(crate) fn bench(&self, material: &str) -> PathBuf {
        self.0.join("uploads").join(format!(".{material}"))
    }
}
