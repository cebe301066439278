//! What the demo says when all four are ready.
use std::path::Path;

use base::{Error, Result};
use serde_json::{Value, json};
use site::Site;

use super::{accounts_file, people};
use crate::cli::print_line;

/// Prints addresses, accounts and what to try first; one JSON line with `--json`.
pub(super) fn say(
    hub: &Site,
    (url, addresses): (&str, &[(&str, String)]),
    data: &Path,
    json: bool,
) -> Result<()> {
    let accounts =
        accounts_file::read(data).ok_or_else(|| Error::internal("the demo's accounts are missing"))?;
    if json {
        let providers: Vec<Value> =
            addresses.iter().map(|(name, url)| json!({"name": name, "url": url})).collect();
        let shown = accounts.iter().map(|a| {
            json!({"account": a.account, "password": a.password, "role": a.role, "unit": a.unit, "ready": a.ready})
        });
        let line = json!({"hub": url, "providers": providers, "accounts": shown.collect::<Vec<_>>()});
        return print(&line.to_string());
    }
    print(&hub.texts.with("demo-ready", &[("url", url)]))?;
    for (name, address) in addresses {
        print(&format!("  {:<28}{}", address, people::listing(name)?.title))?;
    }
    print(&format!("\n{}", hub.texts.get("demo-accounts")))?;
    for a in &accounts {
        print(&format!("  {:<14}{:<20}{}", a.account, a.password, a.about))?;
    }
    let outbox = data.join("hub/outbox/sms.jsonl").display().to_string();
    print(&format!(
        "\n{}",
        hub.texts.with("demo-try", &[("outbox", &outbox), ("college", &people::cast()?.college)])
    ))
}

fn print(line: &str) -> Result<()> {
    print_line(line).map_err(Error::internal)
}
