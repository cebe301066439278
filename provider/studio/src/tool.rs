//! Programs that read what people handed in: told exactly what to read, without a network, ended with us, and never for
//! longer than they may take.
use std::{process::Stdio, time::Duration};

use tokio::process::Command;

use crate::material::Trouble;

/// Runs a program to its end and gives what it wrote.
pub(crate) async fn run(command: &mut Command, at_most: Duration) -> Result<Vec<u8>, Trouble> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let ended =
        tokio::time::timeout(at_most, output).await.map_err(|_| Trouble::new("tool_too_slow", &name))?;
    let output = ended.map_err(|e| missing(&name, &e))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    tracing::info!(program = name, said = %last_line(&output.stderr), "an upload could not be read");
    Err(Trouble::new("file_unreadable", &last_line(&output.stderr)))
}

/// What is said when a program cannot be started.
pub(crate) fn missing(name: &str, error: &std::io::Error) -> Trouble {
    match error.kind() {
        std::io::ErrorKind::NotFound => Trouble::new("tool_missing", name),
        _ => Trouble::new("tool_failed", &error.to_string()),
    }
}

/// The last line that a program complained with, without the paths of this machine.
pub(crate) fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let said = line.rsplit_once('/').map_or(line, |(_, rest)| rest);
    said.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_and_a_slow_program_are_named() {
        let limit = Duration::from_millis(200);
        let none = run(&mut Command::new("/nowhere/tool"), limit).await.unwrap_err();
        assert_eq!((none.code, none.detail.as_str()), ("tool_missing", "/nowhere/tool"));
        let slow = run(Command::new("sleep").arg("9"), limit).await.unwrap_err();
        assert_eq!(slow.code, "tool_too_slow");
    }
}
