//! Wrong name, number, gender or birth date: asked for with evidence by the person or the unit, decided by a second
//! person, and only then written. What is wanted stays sealed.
use base::{Error, Kind, PersonId, Result};
use messages::Letter;
use org::Identity;
use serde_json::json;
use site::{Site, Visitor};

use crate::{MANAGERS, store_identity as store, transfer::bounded};

/// A correction as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Correction {
    pub id: String,
    pub person: PersonId,
    pub person_name: String,
    pub unit_name: String,
    pub path: String,
    /// `submitted`, `approved` or `rejected`.
    pub state: String,
    pub wanted: Identity,
    pub reason: String,
    pub asked_by: PersonId,
    pub asked_by_name: String,
    pub asked_at: i64,
    pub decided_by_name: Option<String>,
    pub comment: Option<String>,
}

/// Asks for a correction: of the own record, or of someone whom the visitor manages. Evidence must be cited.
pub(crate) async fn ask(
    site: &Site,
    visitor: &Visitor,
    person: Option<PersonId>,
    (wanted, reason, files): (&Identity, &str, &[String]),
) -> Result<Correction> {
    let reason = bounded("reason", reason, 300)?;
    let me = visitor.actor.person;
    let id = person.unwrap_or(me);
    if wanted.fields().is_empty() {
        return Err(Error::invalid("name", "nothing_differs"));
    }
    if files.is_empty() {
        return Err(Error::invalid("files", "correction_evidence"));
    }
    let tx = site.db.begin().await?;
    let held = org::held_person(&tx, id).await?;
    if id != me && !visitor.actor.scope(MANAGERS).holds(&held.path) {
        return Err(Error::not_found());
    }
    org::check_identity(site, &tx, &held, wanted).await?;
    let case: base::Id<base::id::of::Entry> = site.new_id();
    let case = case.to_string();
    let row = store::NewCorrection { id: &case, person: id, wanted, reason: &reason, by: me };
    if !store::insert_correction(site, &tx, &row).await? {
        return Err(Error::conflict("correction_open"));
    }
    let link = files::Link { kind: "correction", object: &case, person: id, owner: me };
    files::link(&tx, &link, files).await?;
    files::open_links(&tx, &case, true).await?;
    let deed = audit::Deed {
        actor: Some(me),
        action: "correction.ask",
        object: &case,
        unit_path: &held.path,
        details: json!({"person": id, "fields": wanted.fields(), "reason": reason, "files": files.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    store::correction(site, &site.db, &case).await
}

/// Decides: by someone who manages the person, is not the person, and did not ask.
pub(crate) async fn decide(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (approves, comment): (bool, &str),
) -> Result<Correction> {
    let tx = site.db.begin().await?;
    store::hold_correction(&tx, id).await?;
    let case = store::correction(site, &tx, id).await?;
    if !visitor.actor.scope(MANAGERS).holds(&case.path) {
        return Err(Error::not_found());
    }
    if accounts::is_party(&tx, &visitor.actor, &[case.person]).await? {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    if accounts::is_party(&tx, &visitor.actor, &[case.asked_by]).await? {
        return Err(Error::refused(Kind::Denied, "correction_second_person"));
    }
    if case.state != "submitted" {
        return Err(Error::conflict("correction_decided"));
    }
    let comment = if approves { comment.trim().to_owned() } else { bounded("comment", comment, 300)? };
    let before = org::held_person(&tx, case.person).await?;
    if approves {
        org::correct(site, &tx, &before, &case.wanted).await?;
    }
    let state = if approves { "approved" } else { "rejected" };
    store::close_correction(&tx, id, (state, visitor.actor.person, &comment), site.now()).await?;
    files::open_links(&tx, id, false).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "correction.decide",
        object: id,
        unit_path: &before.path,
        details: json!({"person": case.person, "fields": case.wanted.fields(), "decision": state,
            "number_before": before.id_number_masked, "comment": comment}),
    };
    audit::record(site, &tx, deed).await?;
    let text = site.texts.with(&format!("correction-{state}"), &[("comment", &comment)]);
    let letter =
        Letter { to: case.person, kind: "correction", text, link: "/me/corrections".to_owned(), once: None };
    messages::post(site, &tx, &[letter]).await?;
    tx.commit().await?;
    store::correction(site, &site.db, id).await
}
