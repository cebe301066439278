//! What a platform's operators say to a line of their statement: once a line, while the statement is open; the authority
//! answers. Both sides are told.
use base::{Actor, Error, PersonId, Result};
use db::Tx;
use serde_json::json;
use site::Site;

use crate::{
    settle::{record, refuse_closed, said},
    statement::LineState,
    store::{self, Statement},
};

/// The kind of an operator's remark.
const KIND: &str = "object";

/// Objects to a line: to one as the ledger says, such as a deduction, or to one that was struck.
pub(crate) async fn object(site: &Site, actor: &Actor, (id, place): (&str, i64), reason: &str) -> Result<()> {
    let reason = said(reason)?;
    let tx = site.db.begin().await?;
    let statement = store::hold(&tx, id).await?;
    refuse_closed(&statement)?;
    match store::line_state(&tx, id, place).await? {
        LineState::Plain | LineState::Struck => {}
        LineState::Disputed | LineState::Kept => return Err(Error::conflict("line_decided")),
    }
    // What was answered is not asked again, or no statement could ever be confirmed.
    if store::is_remarked(&tx, (id, place), KIND).await? {
        return Err(Error::conflict("line_objected"));
    }
    store::set_line(&tx, id, place, LineState::Disputed).await?;
    store::remark(site, &tx, (id, place), (KIND, reason), actor.person).await?;
    let maker: PersonId = statement.made_by.parse()?;
    tell(site, &tx, &statement, (&[maker], "settlement-told-objection"), place).await?;
    record(site, &tx, actor, ("settlement.object", id), json!({"line": place})).await?;
    tx.commit().await
}

/// Tells a platform's operators of their statement, or of a line of it.
pub(crate) async fn tell_platform(
    site: &Site,
    tx: &Tx,
    statement: &Statement,
    (key, place): (&str, i64),
) -> Result<()> {
    let operators = providers::operators_of(tx, &statement.provider_id).await?;
    tell(site, tx, statement, (&operators, key), place).await
}

async fn tell(
    site: &Site,
    tx: &Tx,
    statement: &Statement,
    (people, key): (&[PersonId], &str),
    place: i64,
) -> Result<()> {
    let place = place.to_string();
    let words = [("title", statement.title.as_str()), ("month", &statement.month), ("line", &place)];
    let letter = |to: &PersonId| messages::Letter {
        to: *to,
        kind: "provider",
        text: site.texts.with(key, &words),
        link: format!("/settlements/{}", statement.id),
        once: None,
    };
    messages::post(site, tx, &people.iter().map(letter).collect::<Vec<_>>()).await?;
    Ok(())
}
