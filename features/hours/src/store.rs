//! Statements on the hour ledger and its heads.
use std::collections::{BTreeSet, HashMap};

use base::{EntryId, Error, Hours, PersonId, Result, Subject, Year, day, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::entry::{Entry, EntryKind};

/// The end of a person's chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub seq: i64,
    pub hash: String,
}

#[derive(FromQueryResult)]
struct HeadRow {
    person_id: String,
    seq: i64,
    hash: String,
    mac: String,
}

/// The MAC that keeps a cut-off tail from passing as the end.
fn head_mac(site: &Site, person: &str, seq: i64, hash: &str) -> String {
    site.keys.mac("hour-head", &[person.as_bytes(), &seq.to_be_bytes(), hash.as_bytes()])
}

/// The heads of these people (ids in order), held until the transaction ends.
pub(crate) async fn hold_heads(tx: &Tx, people: &[String]) -> Result<HashMap<PersonId, Head>> {
    let rows = people.iter().map(|p| params![p, 0_i64, "", ""]).collect();
    let columns = ["person_id", "seq", "hash", "mac"];
    db::insert_rows(tx, "hour_heads", &columns, rows, "ON CONFLICT (person_id) DO NOTHING").await?;
    let mut heads = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT person_id, seq, hash, mac FROM hour_heads WHERE person_id IN ({}) ORDER BY person_id{}",
            db::in_list(1, chunk.len()),
            db::dialect::for_update(tx)
        );
        let rows: Vec<HeadRow> = db::all(tx, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            heads.insert(row.person_id.parse()?, Head { seq: row.seq, hash: row.hash });
        }
    }
    Ok(heads)
}

/// The end of a person's chain: the last entry's place and hash; `None` for someone without entries.
pub async fn head(conn: &impl Conn, person: PersonId) -> Result<Option<(i64, String)>> {
    let sql = "SELECT person_id, seq, hash, mac FROM hour_heads WHERE person_id = $1 AND seq > 0";
    let row: Option<HeadRow> = db::maybe(conn, sql, params![person]).await?;
    Ok(row.map(|r| (r.seq, r.hash)))
}

/// Writes the heads of the people whose chains grew.
pub(crate) async fn write_heads(
    site: &Site,
    tx: &Tx,
    heads: &HashMap<PersonId, Head>,
    changed: &BTreeSet<PersonId>,
) -> Result<()> {
    let row = |(person, head): (&PersonId, &Head)| {
        let mac = head_mac(site, &person.to_string(), head.seq, &head.hash);
        params![person, head.seq, head.hash, mac]
    };
    let rows = heads.iter().filter(|(person, _)| changed.contains(person)).map(row).collect();
    let suffix =
        "ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac";
    db::insert_rows(tx, "hour_heads", &["person_id", "seq", "hash", "mac"], rows, suffix).await?;
    Ok(())
}

/// The entries that these sources have already.
pub(crate) async fn by_source_keys(conn: &impl Conn, keys: &[String]) -> Result<HashMap<String, EntryId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: String,
        source_key: String,
    }
    let mut found = HashMap::new();
    for chunk in keys.chunks(5000) {
        let sql = format!(
            "SELECT id, source_key FROM hour_entries WHERE source_key IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Found> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.insert(row.source_key, row.id.parse()?);
        }
    }
    Ok(found)
}

const COLUMNS: [&str; 18] = [
    "id",
    "person_id",
    "seq",
    "year",
    "at",
    "kind",
    "source",
    "source_key",
    "title",
    "subject",
    "hours",
    "facts",
    "evidence",
    "decided_by",
    "policy",
    "reverses",
    "prev_hash",
    "hash",
];

pub(crate) async fn insert_entries(tx: &Tx, entries: &[Entry]) -> Result<()> {
    let row = |e: &Entry| {
        params![
            e.id,
            e.person,
            e.seq,
            e.year,
            e.at,
            e.kind.code(),
            e.source,
            e.source_key,
            e.title,
            e.subject.code(),
            e.hours,
            e.facts,
            e.evidence,
            e.decided_by,
            e.policy,
            e.reverses,
            e.prev_hash,
            e.hash,
        ]
    };
    db::insert_rows(tx, "hour_entries", &COLUMNS, entries.iter().map(row).collect(), "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    seq: i64,
    year: i64,
    at: i64,
    kind: String,
    source: String,
    source_key: String,
    title: String,
    subject: String,
    hours: i64,
    facts: String,
    evidence: Option<String>,
    decided_by: Option<String>,
    policy: String,
    reverses: Option<String>,
    prev_hash: String,
    hash: String,
}

impl TryFrom<Row> for Entry {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let damaged = |what: &str| Error::internal(format!("ledger entry {} has no {what}", r.id));
        Ok(Self {
            person: r.person_id.parse()?,
            seq: r.seq,
            year: Year::new(r.year).ok_or_else(|| damaged("year"))?,
            at: day::from_millis(r.at),
            kind: EntryKind::from_code(&r.kind).ok_or_else(|| damaged("kind"))?,
            subject: Subject::from_code(&r.subject).ok_or_else(|| damaged("subject"))?,
            id: r.id.parse()?,
            source: r.source,
            source_key: r.source_key,
            title: r.title,
            hours: Hours::from_hundredths(r.hours),
            facts: r.facts,
            evidence: r.evidence,
            decided_by: r.decided_by.map(|p| p.parse()).transpose()?,
            policy: r.policy,
            reverses: r.reverses,
            prev_hash: r.prev_hash,
            hash: r.hash,
        })
    }
}

/// A person's entries of a year, in the order of the chain.
pub(crate) async fn entries(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT {} FROM hour_entries WHERE person_id = $1 AND year = $2 ORDER BY seq LIMIT 10000",
        COLUMNS.join(", ")
    );
    db::all::<Row>(conn, &sql, params![person, year]).await?.into_iter().map(Entry::try_from).collect()
}

/// What the rules need of an entry.
#[derive(FromQueryResult)]
pub(crate) struct EntryFacts {
    pub id: String,
    pub person_id: String,
    pub seq: i64,
    pub facts: String,
    pub reverses: Option<String>,
}

/// What the rules need of the entries that some thousand people have in a year.
pub(crate) async fn facts_of(conn: &impl Conn, people: &[PersonId], year: Year) -> Result<Vec<EntryFacts>> {
    if people.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![year];
    values.extend(people.iter().map(db::Param::param));
    let sql = format!(
        "SELECT id, person_id, seq, facts, reverses FROM hour_entries WHERE year = $1 AND person_id IN ({}) \
         ORDER BY person_id, seq",
        db::in_list(2, people.len())
    );
    db::all(conn, &sql, values).await
}

/// The entries of these ids, by person.
pub(crate) async fn entries_by_id(conn: &impl Conn, ids: &[EntryId]) -> Result<Vec<Entry>> {
    let mut found = vec![];
    for chunk in ids.chunks(5000) {
        let sql = format!(
            "SELECT {} FROM hour_entries WHERE id IN ({}) ORDER BY person_id, seq",
            COLUMNS.join(", "),
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Up to 1,000 entries after a place, in the order of people and chains.
pub(crate) async fn chain_after(conn: &impl Conn, (person, seq): (&str, i64)) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT {} FROM hour_entries WHERE person_id > $1 OR (person_id = $1 AND seq > $2) \
         ORDER BY person_id, seq LIMIT 1000",
        COLUMNS.join(", ")
    );
    db::all::<Row>(conn, &sql, params![person, seq]).await?.into_iter().map(Entry::try_from).collect()
}

/// A head and whether its MAC holds.
pub(crate) struct CheckedHead {
    pub person: String,
    pub head: Head,
    pub holds: bool,
}

/// A head with the verdict on its MAC.
pub(crate) fn checked_head(site: &Site, person: String, head: Head, mac: &str) -> CheckedHead {
    let holds = mac == head_mac(site, &person, head.seq, &head.hash);
    CheckedHead { person, head, holds }
}

/// Up to 1,000 heads after a person, in order.
pub(crate) async fn heads_after(site: &Site, person: &str) -> Result<Vec<CheckedHead>> {
    let sql =
        "SELECT person_id, seq, hash, mac FROM hour_heads WHERE person_id > $1 ORDER BY person_id LIMIT 1000";
    let rows: Vec<HeadRow> = db::all(&site.db, sql, params![person]).await?;
    let checked = |r: HeadRow| checked_head(site, r.person_id, Head { seq: r.seq, hash: r.hash }, &r.mac);
    Ok(rows.into_iter().map(checked).collect())
}

/// A person with entries whose head is gone.
pub(crate) async fn without_head(conn: &impl Conn) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let sql = "SELECT e.person_id FROM hour_entries e WHERE e.seq = 1 AND NOT EXISTS \
               (SELECT 1 FROM hour_heads h WHERE h.person_id = e.person_id) ORDER BY e.person_id LIMIT 1";
    let found: Option<One> = db::maybe(conn, sql, vec![]).await?;
    Ok(found.map(|f| f.person_id))
}

/// A person's entry; another's is not there.
pub(crate) async fn entry(conn: &impl Conn, person: PersonId, id: EntryId) -> Result<Entry> {
    let sql = format!("SELECT {} FROM hour_entries WHERE person_id = $1 AND id = $2", COLUMNS.join(", "));
    db::one::<Row>(conn, &sql, params![person, id]).await?.try_into()
}

/// A person's entries from one place of the chain to another.
pub(crate) async fn chain_between(
    conn: &impl Conn,
    person: PersonId,
    (from, to): (i64, i64),
) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT {} FROM hour_entries WHERE person_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT 10000",
        COLUMNS.join(", ")
    );
    db::all::<Row>(conn, &sql, params![person, from, to]).await?.into_iter().map(Entry::try_from).collect()
}

/// The last entry's place and hash of each of these people.
pub(crate) async fn tails(conn: &impl Conn, people: &[String]) -> Result<HashMap<String, Head>> {
    #[derive(FromQueryResult)]
    struct Tail {
        person_id: String,
        seq: i64,
        hash: String,
    }
    let sql = format!(
        "SELECT e.person_id, e.seq, e.hash FROM hour_entries e WHERE e.person_id IN ({}) AND e.seq = \
         (SELECT MAX(m.seq) FROM hour_entries m WHERE m.person_id = e.person_id)",
        db::in_list(1, people.len())
    );
    let rows: Vec<Tail> = db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await?;
    Ok(rows.into_iter().map(|t| (t.person_id, Head { seq: t.seq, hash: t.hash })).collect())
}

/// The years in which a person has entries.
pub(crate) async fn years_of(conn: &impl Conn, person: PersonId) -> Result<Vec<Year>> {
    #[derive(FromQueryResult)]
    struct One {
        year: i64,
    }
    let sql = "SELECT DISTINCT year FROM hour_entries WHERE person_id = $1 ORDER BY year LIMIT 100";
    let rows: Vec<One> = db::all(conn, sql, params![person]).await?;
    Ok(rows.into_iter().filter_map(|r| Year::new(r.year)).collect())
}

/// The full names of course providers by their short ones, as the ledger's sources name them.
pub(crate) async fn provider_titles(conn: &impl Conn) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Named {
        name: String,
        title: String,
    }
    let rows: Vec<Named> =
        db::all(conn, "SELECT name, title FROM providers ORDER BY name LIMIT 500", vec![]).await?;
    Ok(rows.into_iter().map(|r| (r.name, r.title)).collect())
}
