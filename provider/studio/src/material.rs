//! A file handed in for a lecture, from its first byte to what became of it.
use catalogue::Kind;

/// The largest film that is taken, in bytes.
pub(crate) const MOST_BYTES: i64 = 8 * 1024 * 1024 * 1024;
/// One part of an upload is at most this large, in bytes: it passes every proxy, and little is lost with a connection.
pub(crate) const PART_BYTES: usize = 4 * 1024 * 1024;

/// How far a material is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Parts are missing.
    Uploading,
    /// All there, not looked at yet.
    Waiting,
    /// Being made into a lecture.
    Working,
    /// A lecture.
    Ready,
    /// It cannot become one; the problem says why.
    Failed,
}

impl State {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A material.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    pub id: String,
    pub draft: String,
    pub title: String,
    pub kind: Kind,
    pub file_name: String,
    pub size: i64,
    pub received: i64,
    /// The time that the maker gives a package, in minutes.
    pub minutes: i64,
    pub state: String,
    pub progress: i64,
    pub problem: Option<String>,
    pub remark: Option<String>,
    pub seconds: i64,
    pub detail: String,
}

/// Why a material cannot become a lecture: a code that leads to a sentence, and what it names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub(crate) struct Trouble {
    pub code: &'static str,
    pub detail: String,
}

impl Trouble {
    pub(crate) fn new(code: &'static str, detail: &str) -> Self {
        Self { code, detail: detail.to_owned() }
    }

    /// Something of this machine, not of the upload.
    pub(crate) fn here(error: impl std::fmt::Display) -> Self {
        Self::new("tool_failed", &error.to_string())
    }
}

/// What a material became.
pub(crate) struct Made {
    pub seconds: i64,
    pub detail: String,
}
