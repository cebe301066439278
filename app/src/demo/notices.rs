//! The notices of 2023, published as their offices would.
use std::collections::HashMap;

use base::{Actor, Error, PersonId, Result};
use notices::{NewNotice, NewRow};
use serde::Deserialize;
use site::Site;

#[derive(Deserialize)]
struct Sources {
    notices: Vec<Source>,
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
    let mut published: HashMap<String, String> = HashMap::new();
    for source in sources.notices {
        let person = *holders.get(&source.by).ok_or_else(|| Error::internal("a notice of nobody"))?;
        let grants = accounts::held(&hub.db, person).await?;
        let actor = Actor { person, session: hub.new_id(), grants };
        let new = NewNotice {
            unit: source.unit,
            document_no: source.document_no.clone(),
            title: source.title,
            body: source.body,
            topics_of: source.topics_of,
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
