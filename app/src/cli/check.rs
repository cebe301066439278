//! `xueshi check-password` and `xueshi check-lockout`: the rules over lines of text.
use std::io::{BufRead, Write};

use clap::Args;
use rules::{lockout::Scenario, password};

use super::{Done, Fault};

#[derive(Args)]
pub(crate) struct PasswordArgs {
    /// Lines are JSON string literals.
    #[arg(long)]
    json: bool,
    /// The account name.
    #[arg(long)]
    account: Option<String>,
    /// The bound phone.
    #[arg(long)]
    phone: Option<String>,
    /// The ID number.
    #[arg(long)]
    id_number: Option<String>,
}

/// Writes a line to stdout; a closed pipe ends the command.
pub(crate) fn print(line: &[u8]) -> Done {
    let mut out = std::io::stdout().lock();
    out.write_all(line)?;
    out.write_all(b"\n")?;
    Ok(())
}

pub(super) fn passwords(args: &PasswordArgs) -> Done {
    let context = password::Context {
        account: args.account.as_deref(),
        phone: args.phone.as_deref(),
        id_number: args.id_number.as_deref(),
        name_pinyin: None,
    };
    for line in std::io::stdin().lock().split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        let line = line.strip_suffix('\r').unwrap_or(&line);
        let secret = if args.json {
            password::from_json_literal(line).ok_or_else(|| Fault(format!("not a JSON string: {line}")))?
        } else {
            line.to_owned()
        };
        let reasons: Vec<&str> =
            password::check(&secret, &context).into_iter().map(password::Reason::code).collect();
        print(serde_json::json!({"ok": reasons.is_empty(), "reasons": reasons}).to_string().as_bytes())?;
    }
    Ok(())
}

pub(super) fn lockouts() -> Done {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let outcomes = Scenario::read(&line)?.play();
        print(serde_json::to_string(&outcomes)?.as_bytes())?;
    }
    Ok(())
}
