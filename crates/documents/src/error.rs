//! What can go wrong between a manuscript and its pages.

use std::{io, path::PathBuf};

use typst::WorldExt as _;
use typst::diag::{Severity, SourceDiagnostic};

use crate::world::Desk;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TypesetError {
    /// A font that the documents are set in is not installed.
    #[error("font file {} is missing; install it with: apt-get install {package}", .path.display())]
    FontMissing {
        /// The Debian package that brings the font.
        package: &'static str,
        /// Where the file was expected.
        path: PathBuf,
    },
    /// A font file exists and cannot be used.
    #[error("font file {} of package {package} cannot be read: {reason}", .path.display())]
    FontUnreadable {
        /// The Debian package that brings the font.
        package: &'static str,
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A file name of the manuscript is no plain relative path.
    #[error("{0:?} cannot be a file of a manuscript")]
    FileName(String),
    /// The template or its data is wrong; each line says where and what.
    #[error("the template cannot be set: {0}")]
    Template(String),
    /// The creation time lies outside of what a PDF can say.
    #[error("the creation time {0} cannot be written into a PDF")]
    Timestamp(jiff::Timestamp),
    /// A page could not be drawn or written as PNG.
    #[error("a page cannot be drawn: {0}")]
    Picture(String),
    /// The document has no place for a signature.
    #[error("cannot be sealed: {0}")]
    Seal(&'static str),
    /// The text is too long for a QR code.
    #[error("the text does not fit into a QR code: {0}")]
    Qr(String),
}

impl TypesetError {
    pub(crate) fn font(package: &'static str, path: PathBuf, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::FontMissing { package, path };
        }
        Self::FontUnreadable { package, path, reason: error.to_string() }
    }

    /// One line per diagnostic, with the template's line, as an author needs it.
    pub(crate) fn template(desk: &Desk<'_>, diagnostics: &[SourceDiagnostic]) -> Self {
        let lines: Vec<String> = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| describe(desk, diagnostic))
            .collect();
        Self::Template(lines.join("; "))
    }
}

fn describe(desk: &Desk<'_>, diagnostic: &SourceDiagnostic) -> String {
    let line = desk
        .range(diagnostic.span)
        .and_then(|range| desk.template().lines().byte_to_line(range.start))
        .map(|line| format!("line {}: ", line + 1))
        .unwrap_or_default();
    let hints: String = diagnostic.hints.iter().flat_map(|hint| [" (", hint.v.as_str(), ")"]).collect();
    format!("{line}{}{hints}", diagnostic.message)
}
