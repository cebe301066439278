//! Statements on versions, drafts and trials of policies.
use base::{Error, Fen, Hours, Instant, PersonId, Result, Year, day, person::Code};
use db::{Conn, Db, Param, Tx, params};
use org::{PlacedFact, Viewpoint};
use sea_orm::FromQueryResult;
use site::Paging;

use crate::{
    draft::Draft,
    what_if::{Affected, Effect, Sums},
};

#[derive(FromQueryResult)]
struct DraftRow {
    id: String,
    year: i64,
    text: String,
    note: String,
    uploaded_by: String,
    uploaded_at: i64,
    version: Option<i64>,
}

const DRAFT: &str = "SELECT id, year, text, note, uploaded_by, uploaded_at, version FROM policy_drafts";

impl TryFrom<DraftRow> for Draft {
    type Error = Error;
    fn try_from(r: DraftRow) -> Result<Self> {
        Ok(Self {
            year: Year::new(r.year).ok_or_else(|| Error::internal("a draft has no year"))?,
            uploaded_by: r.uploaded_by.parse()?,
            uploaded_at: day::from_millis(r.uploaded_at),
            id: r.id,
            text: r.text,
            note: r.note,
            version: r.version,
        })
    }
}

pub(crate) async fn insert_draft(tx: &Tx, d: &Draft) -> Result<()> {
    let sql = "INSERT INTO policy_drafts (id, year, sha256, text, note, uploaded_by, uploaded_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let hash = secrets::sha256_hex(d.text.as_bytes());
    db::execute(tx, sql, params![d.id, d.year, hash, d.text, d.note, d.uploaded_by, d.uploaded_at]).await?;
    Ok(())
}

pub(crate) async fn draft(conn: &impl Conn, id: &str) -> Result<Draft> {
    db::one::<DraftRow>(conn, &format!("{DRAFT} WHERE id = $1"), params![id]).await?.try_into()
}

/// A draft, held until the transaction ends.
pub(crate) async fn hold_draft(tx: &Tx, id: &str) -> Result<Draft> {
    let sql = format!("{DRAFT} WHERE id = $1{}", db::dialect::for_update(tx));
    db::one::<DraftRow>(tx, &sql, params![id]).await?.try_into()
}

/// The newest drafts.
pub(crate) async fn drafts(conn: &impl Conn) -> Result<Vec<Draft>> {
    let sql = format!("{DRAFT} ORDER BY uploaded_at DESC, id DESC LIMIT 50");
    db::all::<DraftRow>(conn, &sql, vec![]).await?.into_iter().map(Draft::try_from).collect()
}

/// Writes a draft as the next version of its year; answers the version.
pub(crate) async fn publish(tx: &Tx, d: &Draft, by: PersonId, now: Instant) -> Result<i64> {
    let last = db::count(tx, "SELECT MAX(version) FROM policies WHERE year = $1", params![d.year]).await?;
    let sql = "INSERT INTO policies (year, version, sha256, text, activated_by, activated_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let hash = secrets::sha256_hex(d.text.as_bytes());
    db::execute(tx, sql, params![d.year, last + 1, hash, d.text, by, now]).await?;
    let sql = "UPDATE policy_drafts SET version = $1, activated_by = $2, activated_at = $3 WHERE id = $4";
    db::execute(tx, sql, params![last + 1, by, now, d.id]).await?;
    Ok(last + 1)
}

/// The newest published text of a year, or of the year before.
pub(crate) async fn newest_text(conn: &impl Conn, year: Year) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct One {
        text: String,
    }
    let sql =
        "SELECT text FROM policies WHERE year = $1 OR year = $2 ORDER BY year DESC, version DESC LIMIT 1";
    let before = i64::from(year.number()) - 1;
    let found: Option<One> = db::maybe(conn, sql, params![year, before]).await?;
    Ok(found.map(|f| f.text))
}

/// A published version.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Version {
    pub year: i64,
    pub version: i64,
    pub sha256: String,
    pub activated_by: Option<String>,
    pub activated_name: Option<String>,
    pub activated_at: i64,
}

/// The newest versions, by year.
pub(crate) async fn versions(conn: &impl Conn) -> Result<Vec<Version>> {
    let sql = "SELECT v.year, v.version, v.sha256, v.activated_by, p.name AS activated_name, v.activated_at FROM policies v \
               LEFT JOIN people p ON p.id = v.activated_by ORDER BY v.year DESC, v.version DESC LIMIT 200";
    db::all(conn, sql, vec![]).await
}

/// A trial as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Trial {
    pub id: String,
    pub draft_id: String,
    pub against: String,
    pub asked_by: String,
    pub asked_at: i64,
    pub finished_at: Option<i64>,
    pub assessed: i64,
    pub short_before: i64,
    pub short_after: i64,
}

const TRIAL: &str = "SELECT id, draft_id, against, asked_by, asked_at, finished_at, assessed, short_before, short_after FROM policy_trials";

pub(crate) async fn insert_trial(
    tx: &Tx,
    (id, draft): (&str, &str),
    against: &str,
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO policy_trials (id, draft_id, against, asked_by, asked_at, assessed, short_before, short_after) \
               VALUES ($1, $2, $3, $4, $5, 0, 0, 0)";
    db::execute(tx, sql, params![id, draft, against, by, now]).await?;
    Ok(())
}

pub(crate) async fn trial(conn: &impl Conn, id: &str) -> Result<Trial> {
    db::one(conn, &format!("{TRIAL} WHERE id = $1"), params![id]).await
}

/// How many people a trial goes over.
pub(crate) async fn trainees(conn: &impl Conn) -> Result<i64> {
    db::count(conn, "SELECT COUNT(*) FROM people WHERE id_number_lookup IS NOT NULL", vec![]).await
}

/// Those of them at places in the order of ids, the first being 1.
pub(crate) async fn trainees_at(conn: &impl Conn, places: &[i64]) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
    }
    if places.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT x.id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM people \
         WHERE id_number_lookup IS NOT NULL) x WHERE x.place IN ({}) ORDER BY x.id",
        db::in_list(1, places.len())
    );
    let found = db::all::<Row>(conn, &sql, places.iter().map(Param::param).collect()).await?;
    found.into_iter().map(|row| row.id.parse()).collect()
}

/// A draft's trials, newest first.
pub(crate) async fn trials(conn: &impl Conn, draft: &str) -> Result<Vec<Trial>> {
    let sql = format!("{TRIAL} WHERE draft_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 20");
    db::all(conn, &sql, params![draft]).await
}

pub(crate) async fn clear_trial(db: &Db, id: &str) -> Result<()> {
    db::execute(db, "DELETE FROM policy_trial_people WHERE trial_id = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn insert_affected(db: &Db, trial: &str, affected: &[Affected]) -> Result<()> {
    let row = |a: &Affected| {
        let (was, is) = (&a.before, &a.after);
        let mut row = params![trial, a.effect.code(), a.person];
        row.extend(params![was.short.total, is.short.total, was.reimbursable, is.reimbursable]);
        row.extend(params![was.short.public, is.short.public]);
        row.extend(params![was.short.professional, is.short.professional]);
        row.extend(params![was.charged, is.charged]);
        row
    };
    let columns = [
        "trial_id",
        "effect",
        "person_id",
        "short_before",
        "short_after",
        "fee_before",
        "fee_after",
        "public_before",
        "public_after",
        "professional_before",
        "professional_after",
        "charged_before",
        "charged_after",
    ];
    db::insert_rows(db, "policy_trial_people", &columns, affected.iter().map(row).collect(), "").await?;
    Ok(())
}

pub(crate) async fn finish_trial(db: &Db, id: &str, sums: Sums, now: Instant) -> Result<()> {
    let sql = "UPDATE policy_trials SET finished_at = $1, assessed = $2, short_before = $3, short_after = $4 WHERE id = $5";
    let Sums { assessed, short_before, short_after } = sums;
    db::execute(db, sql, params![now, assessed, short_before, short_after, id]).await?;
    Ok(())
}

/// How many people an effect has somewhere.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Count {
    pub effect: String,
    pub key: String,
    pub name: String,
    pub path: String,
    pub people: i64,
}

/// What is kept of someone affected, each figure by the version in force and by the draft.
const FIGURES: &str = "t.short_before, t.short_after, t.fee_before, t.fee_after, t.public_before, t.public_after, \
    t.professional_before, t.professional_after, t.charged_before, t.charged_after";

/// Whom the trial $1 affects, as the year tried sees them.
fn affected_people(view: &Viewpoint) -> String {
    let category = view.fact(PlacedFact::Category);
    format!(
        "(SELECT t.effect, t.person_id, {FIGURES}, p.name, \
         COALESCE({category}, '') AS category, u.code, u.name AS unit, {} AS path FROM policy_trial_people t, {} \
         WHERE t.trial_id = $1 AND p.id = t.person_id) t",
        view.unit_path(),
        view.people()
    )
}

pub(crate) async fn by_category(conn: &impl Conn, (trial, view): (&str, &Viewpoint)) -> Result<Vec<Count>> {
    let sql = format!(
        "SELECT t.effect, t.category AS key, '' AS name, '' AS path, CAST(COUNT(*) AS BIGINT) AS people FROM {} \
         GROUP BY t.effect, t.category ORDER BY t.effect, t.category LIMIT 100",
        affected_people(view)
    );
    db::all(conn, &sql, params![trial]).await
}

pub(crate) async fn by_unit(conn: &impl Conn, (trial, view): (&str, &Viewpoint)) -> Result<Vec<Count>> {
    let sql = format!(
        "SELECT t.effect, t.code AS key, MIN(t.unit) AS name, MIN(t.path) AS path, CAST(COUNT(*) AS BIGINT) AS people \
         FROM {} GROUP BY t.effect, t.code ORDER BY t.effect, people DESC, t.code LIMIT 50000",
        affected_people(view)
    );
    db::all(conn, &sql, params![trial]).await
}

/// The names of counties by code.
pub(crate) async fn counties(conn: &impl Conn) -> Result<std::collections::HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Place {
        code: String,
        name: String,
    }
    let sql = "SELECT code, name FROM units WHERE kind = 'county' ORDER BY code LIMIT 10000";
    let rows: Vec<Place> = db::all(conn, sql, vec![]).await?;
    Ok(rows.into_iter().map(|p| (p.code, p.name)).collect())
}

/// Someone for whom a draft changes something.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Someone {
    pub id: String,
    pub name: String,
    pub unit: String,
    /// A code; empty where it is unknown.
    pub category: String,
    short_before: i64,
    short_after: i64,
    fee_before: i64,
    fee_after: i64,
    public_before: Option<i64>,
    public_after: Option<i64>,
    professional_before: Option<i64>,
    professional_after: Option<i64>,
    charged_before: Option<i64>,
    charged_after: Option<i64>,
}

/// A figure by the version in force and by the draft.
pub(crate) type Change<T> = (T, T);

impl Someone {
    /// Hours that are missing in all.
    pub fn shortfall(&self) -> Change<Hours> {
        (Hours::from_hundredths(self.short_before), Hours::from_hundredths(self.short_after))
    }

    /// Those of the public subject; older trials kept none.
    pub fn public(&self) -> Option<Change<Hours>> {
        hours(self.public_before.zip(self.public_after))
    }

    /// Those of the professional subject; older trials kept none.
    pub fn professional(&self) -> Option<Change<Hours>> {
        hours(self.professional_before.zip(self.professional_after))
    }

    /// Paid for courses that count; older trials kept none.
    pub fn charged(&self) -> Option<Change<Fen>> {
        let (before, after) = self.charged_before.zip(self.charged_after)?;
        Some((Fen::new(before), Fen::new(after)))
    }

    /// What is paid back of it.
    pub fn reimbursable(&self) -> Change<Fen> {
        (Fen::new(self.fee_before), Fen::new(self.fee_after))
    }
}

fn hours(kept: Option<Change<i64>>) -> Option<Change<Hours>> {
    kept.map(|(before, after)| (Hours::from_hundredths(before), Hours::from_hundredths(after)))
}

/// The people of an effect by id, up to one more than the page holds; a category or a place (its code) narrows.
pub(crate) async fn affected(
    conn: &impl Conn,
    (trial, view): (&str, &Viewpoint),
    effect: Effect,
    (category, place): (&str, &str),
    paging: &Paging,
) -> Result<Vec<Someone>> {
    let below = format!("%/{place}/%");
    let sql = format!(
        "SELECT t.person_id AS id, t.name, t.unit, t.category, {FIGURES} FROM {} \
         WHERE t.effect = $2 AND t.person_id > $3 AND ($4 = '' OR t.category = $4) \
         AND ($5 = '' OR t.path LIKE $6) ORDER BY t.person_id LIMIT $7",
        affected_people(view)
    );
    let values = params![trial, effect.code(), paging.after(), category, place, below, paging.limit() + 1];
    db::all(conn, &sql, values).await
}
