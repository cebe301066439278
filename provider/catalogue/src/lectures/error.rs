//! What can go wrong between a lecture's text and its film.

use std::io;
use std::path::PathBuf;

/// Why a lecture could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum LectureError {
    /// No courses are delivered for this provider.
    #[error("no content for provider {0:?}")]
    UnknownProvider(String),
    /// The delivered content is not what it should be.
    #[error("content of {provider}: {reason}")]
    Content {
        /// The provider's slug.
        provider: String,
        /// What is wrong, with the course or lecture.
        reason: String,
    },
    /// A slide could not be set.
    #[error("slides of {lecture}: {source}")]
    Slides {
        /// The lecture's id.
        lecture: String,
        /// What the typesetter said.
        source: documents::TypesetError,
    },
    /// A program the film is made with is not installed.
    #[error("{program} is not installed; install it with: apt-get install {package}")]
    ProgramMissing {
        /// The program.
        program: String,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// A program failed.
    #[error("{program} failed: {message}")]
    Program {
        /// The program.
        program: String,
        /// The end of what it wrote.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The work was stopped before it was done.
    #[error("making the lecture was interrupted")]
    Interrupted,
}

impl LectureError {
    /// For `map_err` on everything that touches `path`.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
