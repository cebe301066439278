//! What an exemption on the ground of leave rests on: the leaves of its year. Its reviewers see their evidence with the
//! case, and none of them goes while the exemption stands (domain §4).
use base::Result;
use db::Tx;
use files::{Cited, Link};
use rules::policy::ExemptionKind;

use super::Exemption;
use crate::{
    leave::Leave,
    state::State,
    store::{exemptions, leaves},
};

/// How a request cites files.
pub(super) fn link(e: &Exemption) -> Link<'_> {
    Link { kind: "exemption", object: &e.id, person: e.person, owner: e.filed_by }
}

/// The evidence of the leaves that a request rests on. They are held until the transaction ends.
pub(super) async fn of_leaves(tx: &Tx, e: &Exemption) -> Result<Vec<Cited>> {
    match e.kind {
        ExemptionKind::Leave => {
            let found = leaves::hold_of_year(tx, e.person, e.year).await?;
            let ids: Vec<&str> = found.iter().map(|l| l.id.as_str()).collect();
            files::cited(tx, &ids).await
        }
        ExemptionKind::NearRetirement | ExemptionKind::Disability | ExemptionKind::Other => Ok(vec![]),
    }
}

/// Lets a request that was handed in cite its leaves' evidence as well.
pub(super) async fn gather(tx: &Tx, e: &Exemption) -> Result<()> {
    let found = of_leaves(tx, e).await?;
    files::adopt(tx, &link(e), &found).await?;
    files::open_links(tx, &e.id, true).await
}

/// Lets requests that wait and rest on a new leave cite its evidence.
pub(crate) async fn add(tx: &Tx, leave: &Leave) -> Result<()> {
    for exemption in exemptions::resting_on(tx, leave, State::Submitted).await? {
        gather(tx, &exemption).await?;
    }
    Ok(())
}

/// Whether an approved exemption rests on a leave.
pub(crate) async fn holds(tx: &Tx, leave: &Leave) -> Result<bool> {
    Ok(!exemptions::resting_on(tx, leave, State::Approved).await?.is_empty())
}
