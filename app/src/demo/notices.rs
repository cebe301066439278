//! The notices of 2023, published as their offices would.
use std::collections::HashMap;

use base::{Actor, Error, PersonId, Result, Year};
use documents::Typesetter;
use notices::{NewNotice, NewRow, NewTender, Winner};
use serde::Deserialize;
use site::{Site, UploadedFile};

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
    #[serde(default)]
    attachments: Vec<Attachment>,
}

/// What is handed out with a notice, made by the platform itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attachment {
    what: Paper,
    name: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Paper {
    Standard,
    Manual,
}

/// Publishes them; `holders` are the people behind the accounts.
pub(super) async fn seed(
    hub: &Site,
    typesetter: &Typesetter,
    holders: &HashMap<String, PersonId>,
) -> Result<()> {
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
    let year = Year::new(t.year).ok_or_else(|| Error::internal("a tender without a year"))?;
    let tender = notices::record_tender(hub, &keeper, &new).await?;
    let mut published: HashMap<String, String> = HashMap::new();
    for source in sources.notices {
        let actor = actor(hub, person(&source.by)?).await?;
        let files = attached(hub, typesetter, (actor.person, year), source.attachments).await?;
        let new = NewNotice {
            files,
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

/// Makes the attachments and takes them in as the publisher's uploads.
async fn attached(
    hub: &Site,
    typesetter: &Typesetter,
    (owner, year): (PersonId, Year),
    wanted: Vec<Attachment>,
) -> Result<Vec<String>> {
    let mut ids = vec![];
    for Attachment { what, name } in wanted {
        let typesetter = typesetter.clone();
        let bytes = match what {
            Paper::Standard => papers::standard(hub, typesetter, year, hub.now()).await?,
            Paper::Manual => papers::manual(hub, typesetter, hub.now()).await?,
        };
        let file = UploadedFile { field: "file".to_owned(), name, declared: None, bytes };
        ids.push(files::accept(hub, owner, file).await?.id);
    }
    Ok(ids)
}

/// Someone as the office that acts.
async fn actor(hub: &Site, person: PersonId) -> Result<Actor> {
    let grants = accounts::held(&hub.db, person).await?;
    Ok(Actor { person, session: hub.new_id(), grants })
}
