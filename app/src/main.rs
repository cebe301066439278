//! `xueshi`: see `xueshi --help`.
use std::process::ExitCode;

/// Requests are many small boxes of passing life, which the C library's allocator is slow with (docs/decisions.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::cli::run()
}
