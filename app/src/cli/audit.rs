//! `xueshi audit verify`.
use clap::Subcommand;

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
};

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Recompute the chains of ledger and audit trail; names the first broken entry.
    Verify,
}

pub(super) fn run(Audit::Verify: &Audit) -> Done {
    let config = Config::load(None)?;
    block_on(async {
        let site = compose::hub_site(&config, &Nature::default(), None).await?;
        let hours = hours::verify(&site).await?;
        let hours = hours
            .map_err(|b| Fault(format!("hour ledger: person {} entry {}: {}", b.person, b.seq, b.what)))?;
        let trail = ::audit::verify(&site).await?;
        let trail = trail.map_err(|b| Fault(format!("audit trail: entry {}: {}", b.seq, b.what)))?;
        print(format!("whole: {hours} hour entries, {trail} audit entries").as_bytes())
    })
}
