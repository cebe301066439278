//! Chores of the repository: `cargo xtask tidy` checks the invariants that ARCHITECTURE.md and STYLE.md state, `cargo xtask
//! sbom` lists the parts of others that a release holds.
mod supply;
mod tidy;

use std::process::ExitCode;

#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a command's output")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => {}
        ["sbom"] => {
            print!(
                "{}",
                supply::bill(include_str!("../../Cargo.lock"), include_str!("../../web/package-lock.json"))
            );
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("usage: cargo xtask tidy|sbom");
            return ExitCode::from(2);
        }
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
