//! Statements on the hour ledger and its heads.
use std::collections::{BTreeSet, HashMap};

use base::{EntryId, Error, Hours, PersonId, Result, Subject, Year, day, person::Code};
use db::{Conn, People, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::entry::{Entry, EntryKind, Said};

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
    db::insert_rows(tx, "hour_heads", HEAD_COLUMNS, rows, "ON CONFLICT (person_id) DO NOTHING").await?;
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
    let heads = heads.iter().filter(|(person, _)| changed.contains(person));
    let rows = heads.map(|(person, head)| head_row(site, *person, head)).collect();
    let suffix =
        "ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac";
    db::insert_rows(tx, "hour_heads", HEAD_COLUMNS, rows, suffix).await?;
    Ok(())
}

const HEAD_COLUMNS: &[&str] = &["person_id", "seq", "hash", "mac"];

fn head_row(site: &Site, person: PersonId, head: &Head) -> Vec<db::Value> {
    let mac = head_mac(site, &person.to_string(), head.seq, &head.hash);
    params![person, head.seq, head.hash, mac]
}

/// First entries and heads as rows for [`db::load_rows`].
pub(crate) fn loaded(site: &Site, entries: &[Entry], heads: &HashMap<PersonId, Head>) -> [db::Rows; 2] {
    let heads = heads.iter().map(|(person, head)| head_row(site, *person, head)).collect();
    [
        db::Rows { table: "hour_entries", columns: &COLUMNS, rows: entries.iter().map(entry_row).collect() },
        db::Rows { table: "hour_heads", columns: HEAD_COLUMNS, rows: heads },
    ]
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
    db::insert_rows(tx, "hour_entries", &COLUMNS, entries.iter().map(entry_row).collect(), "").await?;
    Ok(())
}

fn entry_row(e: &Entry) -> Vec<db::Value> {
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
}

/// An entry letter by letter as it is stored.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    id: String,
    pub person_id: String,
    pub seq: i64,
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
    pub prev_hash: String,
    pub hash: String,
}

impl Row {
    /// Whether the hash is that of what the entry says.
    pub(crate) fn is_as_hashed(&self) -> bool {
        let said = Said {
            prev_hash: &self.prev_hash,
            id: &self.id,
            person: &self.person_id,
            seq: self.seq,
            year: self.year,
            at: self.at,
            kind: &self.kind,
            source: &self.source,
            source_key: &self.source_key,
            title: &self.title,
            subject: &self.subject,
            hours: self.hours,
            facts: &self.facts,
            evidence: self.evidence.as_deref(),
            decided_by: self.decided_by.as_deref(),
            policy: &self.policy,
            reverses: self.reverses.as_deref(),
        };
        said.hash() == self.hash
    }
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

/// What the rules need of an entry, of people gone over in order.
pub(crate) async fn facts_among(conn: &impl Conn, people: People<'_>, year: Year) -> Result<Vec<EntryFacts>> {
    #[derive(FromQueryResult)]
    struct Of {
        person_id: String,
        lines: String,
    }
    // One row a person: a row for each entry costs more than what it says. Facts are JSON on one line.
    let mut values = params![year, "\n"];
    let is = db::among(people, &mut values);
    let sql = format!(
        "SELECT person_id, STRING_AGG(CAST(seq AS TEXT) || ' ' || id || ' ' || COALESCE(reverses, '') || ' ' || facts, $2) \
         AS lines FROM hour_entries WHERE year = $1 AND {} GROUP BY person_id",
        is("person_id")
    );
    let mut found = vec![];
    for of in db::all::<Of>(conn, &sql, values).await? {
        let from = found.len();
        for line in of.lines.split('\n') {
            found.push(
                EntryFacts::read(&of.person_id, line).ok_or_else(|| Error::internal("an entry's line"))?,
            );
        }
        if let Some(own) = found.get_mut(from..) {
            own.sort_unstable_by_key(|f: &EntryFacts| f.seq);
        }
    }
    Ok(found)
}

impl EntryFacts {
    /// Reads a line of [`facts_among`].
    fn read(person: &str, line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        Some(Self {
            person_id: person.to_owned(),
            seq: parts.next()?.parse().ok()?,
            id: parts.next()?.to_owned(),
            reverses: parts.next().filter(|r| !r.is_empty()).map(str::to_owned),
            facts: parts.next()?.to_owned(),
        })
    }
}

/// How many credits of a year are of a course, as JSON writes its code, beside an entry; the entry itself is one if it has no
/// hours.
pub(crate) async fn same_course(
    conn: &impl Conn,
    (person, year): (PersonId, Year),
    (entry, course): (EntryId, &str),
) -> Result<i64> {
    let course = course.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let like = format!("%\"course\":{course}%");
    let sql = "SELECT COUNT(*) FROM hour_entries WHERE person_id = $1 AND year = $2 AND ((id = $3 AND hours = 0) \
               OR (id <> $3 AND kind = 'credit' AND facts LIKE $4 ESCAPE '!'))";
    db::count(conn, sql, params![person, year, entry, like]).await
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

/// So many entries are read at once where all are gone over.
const AT_ONCE: i64 = 4000;

/// The next entries after a place, in the order of people and chains. The pair is compared as one, so that the index leads
/// to the place.
pub(crate) async fn chain_after(conn: &impl Conn, (person, seq): (&str, i64)) -> Result<Vec<Row>> {
    let sql = format!(
        "SELECT {} FROM hour_entries WHERE (person_id, seq) > ($1, $2) ORDER BY person_id, seq LIMIT $3",
        COLUMNS.join(", ")
    );
    db::all(conn, &sql, params![person, seq, AT_ONCE]).await
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

/// The next heads of people after one and before another, in order.
pub(crate) async fn heads_between(site: &Site, (after, before): (&str, &str)) -> Result<Vec<CheckedHead>> {
    let sql = "SELECT person_id, seq, hash, mac FROM hour_heads WHERE person_id > $1 AND person_id < $2 \
               ORDER BY person_id LIMIT $3";
    let rows: Vec<HeadRow> = db::all(&site.db, sql, params![after, before, AT_ONCE]).await?;
    let checked = |r: HeadRow| checked_head(site, r.person_id, Head { seq: r.seq, hash: r.hash }, &r.mac);
    Ok(rows.into_iter().map(checked).collect())
}

/// A person's head and the last entry of the chain, as they stand at one moment.
pub(crate) async fn end_of(site: &Site, person: &str) -> Result<Option<(CheckedHead, Head)>> {
    #[derive(FromQueryResult)]
    struct End {
        seq: i64,
        hash: String,
        mac: String,
        tail_seq: i64,
        tail_hash: String,
    }
    let sql = "SELECT h.seq, h.hash, h.mac, COALESCE(e.seq, 0) AS tail_seq, COALESCE(e.hash, '') AS tail_hash \
               FROM hour_heads h LEFT JOIN hour_entries e ON e.person_id = h.person_id AND e.seq = \
               (SELECT MAX(m.seq) FROM hour_entries m WHERE m.person_id = h.person_id) WHERE h.person_id = $1";
    let end: Option<End> = db::maybe(&site.db, sql, params![person]).await?;
    Ok(end.map(|e| {
        let head = checked_head(site, person.to_owned(), Head { seq: e.seq, hash: e.hash }, &e.mac);
        (head, Head { seq: e.tail_seq, hash: e.tail_hash })
    }))
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
