//! Everything that was asked for and decided in a person's year, for whoever inspects it. The caller has looked at the right.
use base::{PersonId, Result, Year, day, person::Code};
use db::Conn;
use serde::Serialize;

use crate::store::{claims, events, exemptions};

/// A claim or an exemption with what happened to it.
#[derive(Clone, Debug, Serialize)]
pub struct CaseFile {
    /// `claim` or `exemption`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// What it states; of an exemption its ground.
    pub title: String,
    /// The item of the standard.
    pub item: Option<String>,
    /// Where it stands.
    pub state: String,
    /// The hours that it stands for.
    pub hours: Option<String>,
    /// The policy version it was decided under.
    pub policy: String,
    /// The ledger's entry.
    pub entry: Option<String>,
    /// Its evidence.
    pub files: Vec<FileNamed>,
    /// What happened.
    pub events: Vec<Happened>,
}

/// A piece of evidence: its id and the hash of what was handed in.
#[derive(Clone, Debug, Serialize)]
pub struct FileNamed {
    /// Its id.
    pub id: String,
    /// SHA-256.
    pub sha256: String,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Happened {
    /// When.
    pub at: String,
    /// What.
    pub what: String,
    /// Who did it.
    pub by: Option<String>,
    /// The hours that it left.
    pub hours: Option<String>,
    /// What was said.
    pub remark: String,
}

/// The cases of a person's year. The reason of an exemption is not among them: it may speak of an illness.
pub async fn dossier(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<CaseFile>> {
    let claims = claims::of_person(conn, person, year).await?;
    let exemptions = exemptions::of_person(conn, person, year).await?;
    let ids: Vec<&str> =
        claims.iter().map(|c| c.id.as_str()).chain(exemptions.iter().map(|e| e.id.as_str())).collect();
    let cited = files::cited(conn, &ids).await?;
    let happened = events::of(conn, &ids).await?;
    let files = |id: &str| {
        let own = cited.iter().filter(|f| f.object == id);
        own.map(|f| FileNamed { id: f.id.clone(), sha256: f.sha256.clone() }).collect::<Vec<_>>()
    };
    let trail = |id: &str| {
        let own = happened.iter().filter(|e| e.case == id);
        own.map(|e| Happened {
            at: day::rfc3339(e.at),
            what: e.what.clone(),
            by: e.by_name.clone(),
            hours: e.hours.map(|h| h.to_string()),
            remark: e.remark.clone(),
        })
        .collect::<Vec<_>>()
    };
    let of_claims = claims.iter().map(|c| CaseFile {
        kind: "claim",
        id: c.id.clone(),
        title: c.facts.title.clone(),
        item: Some(c.facts.item.clone()),
        state: c.state.code(),
        hours: Some(c.effective_hours().to_string()),
        policy: c.policy.clone(),
        entry: c.entry.map(|e| e.to_string()),
        files: files(&c.id),
        events: trail(&c.id),
    });
    let of_exemptions = exemptions.iter().map(|e| CaseFile {
        kind: "exemption",
        id: e.id.clone(),
        title: e.kind.code(),
        item: None,
        state: e.state.code(),
        hours: None,
        policy: e.policy.clone(),
        entry: None,
        files: files(&e.id),
        events: trail(&e.id),
    });
    Ok(of_claims.chain(of_exemptions).collect())
}
