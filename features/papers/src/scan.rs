//! The stamped scan of a form: attached to what the form is of, read by whoever may read its evidence.
use base::{Actor, Error, PersonId, Result, Role, Year};
use claims::{activity, exempt};
use serde_json::json;
use site::{Site, UploadedFile};

/// What a paper is of.
#[derive(Clone, Debug)]
pub(crate) enum Of {
    /// A claim, by id.
    Claim(String),
    /// An exemption, by id.
    Exemption(String),
    /// A unit's edition of a year: code, year, number.
    Yearbook(String, Year, i64),
}

/// At most so many scans of one paper.
const MOST: usize = 5;
const ATTACHERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

impl Of {
    fn object(&self) -> String {
        match self {
            Self::Claim(id) => format!("scan:claim:{id}"),
            Self::Exemption(id) => format!("scan:exemption:{id}"),
            Self::Yearbook(code, year, no) => format!("scan:yearbook:{code}:{year}:{no}"),
        }
    }

    /// Who reads it: an exemption's paper may speak of an illness.
    fn kind(&self) -> &'static str {
        match self {
            Self::Claim(_) | Self::Yearbook(..) => "scan",
            Self::Exemption(_) => "case_scan",
        }
    }
}

/// Whose paper it is, its place, and whether the actor attaches scans to it; not found for who may not see it.
pub(crate) async fn place(site: &Site, actor: &Actor, of: &Of) -> Result<(PersonId, String, bool)> {
    let (person, path) = match of {
        Of::Claim(id) => {
            let view = activity::view(site, actor, id).await?;
            (view.person.id, view.person.path)
        }
        Of::Exemption(id) => {
            let view = exempt::view(site, actor, id).await?;
            (view.person.id, view.person.path)
        }
        Of::Yearbook(code, year, no) => {
            let edition = yearbook::edition_for(site, actor, (code, *year, *no)).await?;
            (actor.person, edition.unit_path)
        }
    };
    let may =
        person == actor.person && !matches!(of, Of::Yearbook(..)) || actor.scope(ATTACHERS).holds(&path);
    Ok((person, path, may))
}

/// The scans of a paper.
pub(crate) async fn list(site: &Site, of: &Of) -> Result<Vec<files::Cited>> {
    files::cited(&site.db, &[&of.object()]).await
}

/// Attaches a scan.
pub(crate) async fn attach(site: &Site, actor: &Actor, of: &Of, file: UploadedFile) -> Result<()> {
    let (person, path, may) = place(site, actor, of).await?;
    if !may {
        return Err(Error::denied());
    }
    let stored = files::accept(site, actor.person, file).await?;
    let object = of.object();
    let tx = site.db.begin().await?;
    let mut ids: Vec<String> = files::cited(&tx, &[&object]).await?.into_iter().map(|f| f.id).collect();
    if !ids.contains(&stored.id) {
        if ids.len() >= MOST {
            return Err(Error::invalid("file", "files_most"));
        }
        ids.push(stored.id);
        let link = files::Link { kind: of.kind(), object: &object, person, owner: actor.person };
        files::append(&tx, &link, &ids).await?;
        files::open_links(&tx, &object, true).await?;
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "paper.scan",
        object: &object,
        unit_path: &path,
        details: json!({"sha256": stored.sha256}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
