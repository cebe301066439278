//! `xueshi`: see `xueshi --help`.
use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::run()
}
