//! Learners for load tests of one's own platform: whoever holds its database makes them there, since a thousand people
//! cannot sign in at the management platform for a rehearsal. Nothing of them can reach the management platform.
use base::Result;
use site::Site;

use crate::store_rehearsal::{self as store, Extra};

/// Makes learners with a visit each; answers the visits' tokens.
pub async fn rehearse(site: &Site, count: usize) -> Result<Vec<String>> {
    let tokens: Vec<String> = (0..count).map(|_| secrets::fresh_token(&*site.random)).collect();
    let extra = |token: &String| Extra {
        learner: site.new_id(),
        visit: site.new_id(),
        token_hash: secrets::sha256_hex(token.as_bytes()),
    };
    let extras: Vec<Extra> = tokens.iter().map(extra).collect();
    let tx = site.db.begin().await?;
    store::insert(&tx, &extras, site.now()).await?;
    tx.commit().await?;
    Ok(tokens)
}
