//! Posts beside the main one: held at the same time (双肩挑), or at a host unit (借调). The home unit records and ends them
//! and goes on reviewing, reimbursing and reporting; the host unit sees how far its guests are and may book trainings.
use base::{Actor, Category, Day, Error, Kind, Level, PersonId, Result, day, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};

use crate::{MANAGERS, store_posts as store, transfer::bounded};

/// What kind of post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// 双肩挑
    Concurrent,
    /// 借调
    Secondment,
}

impl Code for PostKind {}

/// A post to be recorded.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPost {
    /// What kind of post.
    pub kind: PostKind,
    /// The code of the unit where it is held.
    pub unit: String,
    /// What it is called.
    pub title: String,
    /// `management`, `professional` or `worker`.
    pub category: Option<String>,
    /// A level of the category.
    pub level: Option<String>,
    /// The first day.
    pub from: String,
    /// The last day, if it is known.
    pub until: Option<String>,
}

/// A post as it is read.
struct Read {
    title: String,
    from: Day,
    until: Option<Day>,
    category: Option<Category>,
    level: Option<Level>,
}

impl NewPost {
    fn read(&self) -> Result<Read> {
        let day = |field: &str, text: &str| -> Result<Day> {
            text.trim().parse().map_err(|_| Error::invalid(field, "date_form"))
        };
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let from = day("from", &self.from)?;
        let until = given(&self.until).map(|t| day("until", &t)).transpose()?;
        if until.is_some_and(|u| u < from) {
            return Err(Error::invalid("until", "days_order"));
        }
        let category = given(&self.category)
            .map(|c| Category::from_code(&c).ok_or_else(|| Error::invalid("category", "unknown_category")))
            .transpose()?;
        let level = given(&self.level)
            .map(|l| Level::parse(&l).ok_or_else(|| Error::invalid("level", "unknown_level")))
            .transpose()?;
        if let (Some(category), Some(level)) = (category, level)
            && !level.fits(category)
        {
            return Err(Error::invalid("level", "level_mismatch"));
        }
        Ok(Read { title: bounded("title", &self.title, 60)?, from, until, category, level })
    }
}

/// Records a post of someone whom the actor manages; answers its id.
pub async fn add(site: &Site, actor: &Actor, person: PersonId, new: &NewPost) -> Result<String> {
    let read = new.read()?;
    let tx = site.db.begin().await?;
    let held = org::held_person(&tx, person).await?;
    if !actor.scope(MANAGERS).holds(&held.path) {
        return Err(Error::not_found());
    }
    if person == actor.person {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    let unit =
        org::by_code(&tx, new.unit.trim()).await.map_err(|_| Error::invalid("unit", "unit_unknown"))?;
    if new.kind == PostKind::Secondment && unit.id == held.unit {
        return Err(Error::invalid("unit", "post_own_unit"));
    }
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let row = store::Row {
        id: id.to_string(),
        person,
        kind: new.kind,
        unit: unit.id,
        title: read.title,
        category: read.category,
        level: read.level,
        from: read.from,
        until: read.until,
        by: actor.person,
    };
    store::insert(&tx, &row, site.now()).await?;
    let details = json!({"post": row.id, "kind": new.kind, "unit": unit.code, "title": row.title,
            "from": read.from.to_string(), "until": read.until.map(|d| d.to_string())});
    org::record(site, &tx, actor.person, ("post.add", &held), details).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// Ends a post from today on; one that has not begun never was.
pub(crate) async fn end(site: &Site, visitor: &Visitor, person: PersonId, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let held = org::held_person(&tx, person).await?;
    if !visitor.actor.scope(MANAGERS).holds(&held.path) {
        return Err(Error::not_found());
    }
    let today = day::day_of(site.now());
    if !store::end(&tx, (person, id), (visitor.actor.person, today), site.now()).await? {
        return Err(Error::not_found());
    }
    let details = json!({"post": id, "on": today.to_string()});
    org::record(site, &tx, visitor.actor.person, ("post.end", &held), details).await?;
    tx.commit().await
}
