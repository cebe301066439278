//! The ledger proofs of certificates. The daily checkpoint vouches for every certificate written since the one before; a
//! print made earlier says that its proof is still to come, a print made later carries it.
use std::collections::HashMap;

use base::Result;
use hours::checkpoint::{self, Vouched};
use site::Site;

use crate::Certificate;

/// Proofs by the digests of what is certified.
#[derive(Debug, Default)]
pub(crate) struct Proofs(HashMap<String, Vouched>);

impl Proofs {
    /// The proofs of these certificates. What was written before checkpoints held certificates is put down for the next.
    pub(crate) async fn of(site: &Site, certificates: &[&Certificate]) -> Result<Self> {
        let digests: Vec<String> = certificates.iter().map(|c| c.content.digest()).collect();
        let found = checkpoint::vouched(&site.db, &digests).await?;
        let missing: Vec<String> = digests.into_iter().filter(|d| !found.contains_key(d)).collect();
        if !missing.is_empty() {
            let tx = site.db.begin().await?;
            checkpoint::vouch(&tx, &missing).await?;
            tx.commit().await?;
        }
        Ok(Self(found))
    }

    /// The proof of a certificate; `None` until a checkpoint holds it.
    pub(crate) fn get(&self, certificate: &Certificate) -> Option<&Vouched> {
        self.0.get(&certificate.content.digest())
    }
}
