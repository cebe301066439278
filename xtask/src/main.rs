//! Chores of the repository: `cargo xtask tidy` checks the invariants that ARCHITECTURE.md and STYLE.md state.
mod tidy;

use std::process::ExitCode;

#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a command's output")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["tidy"] {
        eprintln!("usage: cargo xtask tidy");
        return ExitCode::from(2);
    }
    match tidy::run() {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                println!("{finding}");
            }
            println!("tidy: {} found", findings.len());
            ExitCode::FAILURE
        }
        Err(e) => {
            eprintln!("tidy: {e}");
            ExitCode::FAILURE
        }
    }
}
