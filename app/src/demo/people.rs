//! The demo's cast, from `demo/college.toml`.
use base::{Error, Fen, Result, Role, Subject};
use org::UnitKind;
use providers::Listing;
use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Cast {
    pub password: String,
    pub college: String,
    pub training: String,
    pub units: Vec<UnitSource>,
    pub roles: Vec<RoleSource>,
    pub roster: Vec<RosterSource>,
    pub history: Vec<CourseSource>,
    listings: Vec<ListingSource>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct UnitSource {
    pub code: String,
    pub name: String,
    pub kind: UnitKind,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RoleSource {
    pub account: String,
    pub name: String,
    pub role: Role,
    pub unit: String,
    pub about: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum History {
    Complete,
    None,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RosterSource {
    pub name: String,
    pub born: String,
    pub female: bool,
    pub category: String,
    pub level: String,
    pub department: String,
    pub joined: String,
    pub history: History,
    pub ready: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct CourseSource {
    pub provider: String,
    pub course: String,
    pub title: String,
    pub subject: Subject,
    pub minutes: u64,
    pub fee: Fen,
    pub completed_on: String,
}

#[derive(Clone, Debug, Deserialize)]
struct ListingSource {
    name: String,
    title: String,
    former_title: String,
    notice_url: String,
    telephone: String,
}

pub(super) fn cast() -> Result<Cast> {
    toml::from_str(include_str!("../../demo/college.toml")).map_err(Error::internal)
}

/// How the notice lists a provider.
pub(super) fn listing(name: &str) -> Result<Listing> {
    let found = cast()?.listings.into_iter().find(|l| l.name == name);
    let l = found.ok_or_else(|| Error::internal(format!("the notice lists no {name}")))?;
    Ok(Listing {
        title: l.title,
        former_title: l.former_title,
        notice_url: l.notice_url,
        telephone: l.telephone,
    })
}

impl RosterSource {
    /// An invented ID number with a check character that holds; `place` keeps them apart.
    pub(super) fn id_number(&self, place: usize) -> String {
        // The 17th digit is odd for men, even for women.
        let serial = place * 2 + usize::from(!self.female);
        let body = format!("430199{}{serial:03}", self.born);
        let check = base::id_number::check_character(&body).unwrap_or('0');
        format!("{body}{check}")
    }
}
