//! `xueshi audit`: whether ledger and trail are whole, today's checkpoint, and the check of a downloaded proof.
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use hours::checkpoint;
use site::Site;

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
};

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Recompute the chains of ledger and audit trail, their heads and the checkpoints; names the first broken entry.
    Verify {
        /// Check a downloaded proof instead; needs no database.
        #[arg(long)]
        proof: Option<PathBuf>,
        /// The public key to check the proof with, or a file that holds it: 32 bytes, hex or URL-safe base64.
        // Base64 may begin with a hyphen.
        #[arg(long, requires = "proof", allow_hyphen_values = true)]
        key: Option<OsString>,
        /// Recompute the trail of the course platform of this short name instead, whose configuration it reads.
        #[arg(long, conflicts_with = "proof")]
        provider: Option<String>,
    },
    /// Do the draw of a spot check again, from what is published of it; needs no database.
    Draw {
        /// What `GET /api/v1/public/spot-checks/{id}` answers.
        #[arg(long)]
        file: PathBuf,
    },
    /// Make all entries again from their facts under the policy versions they name.
    Replay,
    /// Make today's signed checkpoint now, unless it was made.
    Checkpoint,
}

pub(super) fn run(command: &Audit) -> Done {
    match command {
        Audit::Verify { proof: Some(file), key, .. } => proof(file, key.as_deref()),
        Audit::Verify { provider: Some(name), .. } => of_provider(name),
        Audit::Verify { .. } => on_site(verify),
        Audit::Draw { file } => draw(file),
        Audit::Replay => on_site(replay),
        Audit::Checkpoint => on_site(make),
    }
}

fn on_site<F: Future<Output = Done>>(work: impl FnOnce(Site) -> F) -> Done {
    let config = Config::load(None)?;
    block_on(async { work(compose::hub_site(&config, &Nature::default(), None).await?).await })
}

async fn verify(site: Site) -> Done {
    let (entries, trail) = whole(&site).await?;
    print(format!("whole: {entries} hour entries, {trail} audit entries").as_bytes())
}

/// How many entries ledger and trail have, if both are whole.
pub(super) async fn whole(site: &Site) -> Result<(i64, i64), Fault> {
    let entries = hours::verify(site).await?.map_err(|b| Fault(b.to_string()))?;
    Ok((entries, trail(site).await?))
}

/// How many entries the trail has, if it is whole.
async fn trail(site: &Site) -> Result<i64, Fault> {
    let trail = ::audit::verify(site).await?;
    trail.map_err(|b| Fault(format!("audit trail: entry {}: {}", b.seq, b.what)))
}

fn of_provider(name: &str) -> Done {
    let config = Config::load(None)?;
    block_on(async {
        let site = compose::provider_site(&config, &Nature::default(), name).await?;
        print(format!("whole: {} audit entries", trail(&site).await?).as_bytes())
    })
}

async fn replay(site: Site) -> Done {
    let entries = hours::replay(&site).await?.map_err(|b| Fault(b.to_string()))?;
    print(format!("reproduced: {entries} hour entries").as_bytes())
}

async fn make(site: Site) -> Done {
    let line = match checkpoint::make(&site).await? {
        Some(made) => format!("checkpoint {}: {}", made.content.no, made.content.root),
        None => "today's checkpoint was made before".to_owned(),
    };
    print(line.as_bytes())
}

fn draw(file: &Path) -> Done {
    let text = std::fs::read_to_string(file).map_err(|e| Fault(format!("{}: {e}", file.display())))?;
    let published: spotcheck::Published = serde_json::from_str(&text)?;
    published.verify().map_err(|e| Fault(format!("the draw does not hold: {e}")))?;
    let (size, of, no) = (published.drawn.len(), published.ids.len(), published.seed_checkpoint.unwrap_or(0));
    print(format!("holds: {size} of {of} drawn by the root of checkpoint {no}").as_bytes())
}

fn proof(file: &Path, key: Option<&OsStr>) -> Done {
    let text = std::fs::read_to_string(file).map_err(|e| Fault(format!("{}: {e}", file.display())))?;
    let pinned = key.map(public_key).transpose()?;
    let proven =
        checkpoint::check_proof(&text, pinned).map_err(|e| Fault(format!("the proof fails: {e}")))?;
    let checkpoint::Proven { entry, title, hours, at, checkpoint, day, fingerprint } = proven;
    let lines = format!(
        "holds: entry {entry} of {at}, {hours} h, {title}\nin checkpoint {checkpoint} of {day}\nkey {fingerprint}{}",
        if pinned.is_some() { "" } else { " (carried by the file; compare it with the published one)" }
    );
    print(lines.as_bytes())
}

/// A public key that was given itself, or as the file that holds it.
fn public_key(given: &OsStr) -> Result<[u8; 32], Fault> {
    if let Some(key) = given.to_str().and_then(written) {
        return Ok(key);
    }
    let shown = given.display();
    let bytes = std::fs::read(given).map_err(|e| {
        Fault(format!("{shown} is neither a public key (32 bytes, hex or URL-safe base64) nor a file: {e}"))
    })?;
    let key = <[u8; 32]>::try_from(bytes.as_slice()).ok();
    key.or_else(|| written(&String::from_utf8_lossy(&bytes)))
        .ok_or_else(|| Fault(format!("{shown} holds no public key of 32 bytes")))
}

/// A public key as text.
fn written(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let bytes = secrets::from_hex(text).or_else(|| secrets::from_base64url(text))?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    /// A key whose base64 begins with a hyphen.
    const KEY: [u8; 32] = [0xf8; 32];

    fn given(text: &str) -> Result<[u8; 32], String> {
        let line = ["xueshi", "audit", "verify", "--proof", "proof.json", "--key", text];
        let Command::Audit(Audit::Verify { key, .. }) = Cli::try_parse_from(line).unwrap().command else {
            panic!("another command");
        };
        public_key(&key.unwrap()).map_err(|Fault(said)| said)
    }

    #[test]
    fn a_public_key_is_given_itself_or_as_a_file_and_anything_else_is_refused_in_one_line() {
        let file = std::env::temp_dir().join(format!("xueshi-public-key-{}", std::process::id()));
        let (hex, base64) = (secrets::hex(&KEY), secrets::base64url(&KEY));
        assert!(base64.starts_with('-'));
        for text in [&hex, &hex.to_uppercase(), &base64] {
            assert_eq!(given(text), Ok(KEY), "{text}");
            std::fs::write(&file, format!("{text}\n")).unwrap();
            assert_eq!(given(file.to_str().unwrap()), Ok(KEY), "{text} in a file");
        }
        std::fs::write(&file, KEY).unwrap();
        assert_eq!(given(file.to_str().unwrap()), Ok(KEY), "its bytes in a file");
        std::fs::write(&file, &hex[2..]).unwrap();
        for wrong in [file.to_str().unwrap(), &hex[2..], "no-such-file", ""] {
            let said = given(wrong).unwrap_err();
            assert!(said.contains("public key") && !said.contains('\n'), "{wrong}: {said}");
        }
        std::fs::remove_file(&file).unwrap();
    }
}
