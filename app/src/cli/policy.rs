//! `xueshi policy check`.
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Done, Fault};

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Validate a policy file; errors name line, key and reason.
    Check {
        /// The file.
        file: PathBuf,
    },
}

pub(super) fn run(Policy::Check { file }: &Policy) -> Done {
    load(file).map(|_| ())
}

/// Reads a policy; the fault lists every problem in one line each.
pub(super) fn load(file: &Path) -> Result<rules::Policy, Fault> {
    let text = std::fs::read_to_string(file).map_err(|e| Fault(format!("{}: {e}", file.display())))?;
    rules::Policy::load(&text).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Fault(format!("{}: {}", file.display(), lines.join("; ")))
    })
}
