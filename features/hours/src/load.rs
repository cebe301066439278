//! First entries of people who have none, for an installation that is being filled: chained and hashed as any other entry,
//! and handed out as rows for [`db::load_rows`].
use std::collections::HashMap;

use site::Site;

use crate::{InForce, NewCredit, credit::chain, entry::Entry, store};

/// The chains that these credits begin, with their heads, in the order given.
pub fn first_entries(site: &Site, policy: &InForce, credits: Vec<NewCredit>) -> [db::Rows; 2] {
    let mut heads = HashMap::new();
    let entries: Vec<Entry> = credits.into_iter().map(|new| chain(site, new, policy, &mut heads)).collect();
    store::loaded(site, &entries, &heads)
}
