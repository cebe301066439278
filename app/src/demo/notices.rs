//! The notices of 2023, published as their offices would.
use std::collections::HashMap;

use base::{Actor, Error, PersonId, Result};
use notices::{NewNotice, NewRow, NewTender, Winner};
use serde::Deserialize;
use site::Site;

#[derive(Deserialize)]
struct Sources {
    tender: Tender,
    notices: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tender {
    /// The account that records it.
    by: String,
    unit: String,
    year: i64,
    title: String,
    note: String,
    winners: Vec<Winner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// The account that publishes it.
    by: String,
    unit: String,
    #[serde(default)]
    document_no: String,
    title: String,
    body: String,
    topics_of: Option<i64>,
    valid_from: Option<String>,
    #[serde(default)]
    contact_name: String,
    /// The number of the document that it passes on.
    forwards: Option<String>,
    #[serde(default)]
    trainings: Vec<NewRow>,
}

/// Publishes them; `holders` are the people behind the accounts.
pub(super) async fn seed(hub: &Site, holders: &HashMap<String, PersonId>) -> Result<()> {
    let sources: Sources =
        toml::from_str(include_str!("../../demo/notices.toml")).map_err(Error::internal)?;
    let person =
        |account: &str| holders.get(account).copied().ok_or_else(|| Error::internal("a notice of nobody"));
    let t = sources.tender;
    let keeper = actor(hub, person(&t.by)?).await?;
    let new = NewTender {
        unit: t.unit,
        year: t.year,
        title: t.title,
        note: t.note,
        winners: t.winners,
        ..NewTender::default()
    };
    let tender = notices::record_tender(hub, &keeper, &new).await?;
    let mut published: HashMap<String, String> = HashMap::new();
    for source in sources.notices {
        let actor = actor(hub, person(&source.by)?).await?;
        let new = NewNotice {
            unit: source.unit,
            document_no: source.document_no.clone(),
            title: source.title,
            body: source.body,
            topics_of: source.topics_of,
            tender: Some(tender.clone()),
            valid_from: source.valid_from,
            contact_name: source.contact_name,
            trainings: source.trainings,
            forwards: source.forwards.and_then(|number| published.get(&number).cloned()),
            publish: true,
            ..NewNotice::default()
        };
        let id = notices::create(hub, &actor, &new).await?;
        published.insert(source.document_no, id);
    }
    Ok(())
}

/// Someone as the office that acts.
async fn actor(hub: &Site, person: PersonId) -> Result<Actor> {
    let grants = accounts::held(&hub.db, person).await?;
    Ok(Actor { person, session: hub.new_id(), grants })
}
