//! Statements on the tables of statements: what the writer of `crate::recorder` needs, in one transaction.
use std::collections::HashMap;

use base::Result;
use db::{Conn, FromQueryResult, Tx, Value, params};

/// At most so many values stand in a list of a condition. Lists have few lengths (powers of two, filled up with the last
/// value), so that databases prepare each once.
const LONGEST_LIST: usize = 4096;

/// The last `stored` that was given; held until the transaction ends, so that writers follow one another.
pub(crate) async fn lock_clock(tx: &Tx) -> Result<i64> {
    let sql = format!("SELECT last FROM record_clock WHERE one = 1{}", db::dialect::for_update(tx));
    db::count(tx, &sql, vec![]).await
}

pub(crate) async fn set_clock(tx: &Tx, last: i64) -> Result<()> {
    db::execute(tx, "UPDATE record_clock SET last = $1 WHERE one = 1", params![last]).await?;
    Ok(())
}

/// A statement that is there.
#[derive(FromQueryResult)]
pub(crate) struct Held {
    pub tenant: i64,
    pub id: String,
    pub body: String,
}

/// Those of the ids that are there, of any of the tenants.
pub(crate) async fn held(conn: &impl Conn, tenants: &[i64], ids: &[String]) -> Result<Vec<Held>> {
    let mut found = vec![];
    for chunk in ids.chunks(LONGEST_LIST) {
        let (list, values) = conditions(tenants, chunk);
        let sql = format!("SELECT tenant, id, body FROM record_statements WHERE {list}");
        found.extend(db::all::<Held>(conn, &sql, values).await?);
    }
    Ok(found)
}

/// Whether any statement refers to another.
pub(crate) async fn has_refs(conn: &impl Conn) -> Result<bool> {
    Ok(db::count(conn, "SELECT COUNT(*) FROM (SELECT 1 FROM record_refs LIMIT 1) AS one_of_them", vec![])
        .await?
        > 0)
}

/// A statement at which a chain of references arrives.
#[derive(FromQueryResult)]
pub(crate) struct Target {
    pub tenant: i64,
    /// The id where the chain began.
    pub origin: String,
    pub body: String,
}

/// The statements of these ids and all that they refer to, one after the other.
pub(crate) async fn targets(conn: &impl Conn, tenants: &[i64], ids: &[String]) -> Result<Vec<Target>> {
    let mut found = vec![];
    for chunk in ids.chunks(LONGEST_LIST) {
        let (list, values) = conditions(tenants, chunk);
        let sql = format!(
            "WITH RECURSIVE chain (tenant, origin, id) AS ( \
             SELECT tenant, id, id FROM record_statements WHERE {list} \
             UNION SELECT c.tenant, c.origin, r.target FROM chain c \
             JOIN record_refs r ON r.tenant = c.tenant AND r.source = c.id) \
             SELECT c.tenant, c.origin, s.body FROM chain c \
             JOIN record_statements s ON s.tenant = c.tenant AND s.id = c.id"
        );
        found.extend(db::all::<Target>(conn, &sql, values).await?);
    }
    Ok(found)
}

/// A statement that refers, over others, to one of those asked for.
#[derive(FromQueryResult)]
pub(crate) struct Source {
    pub tenant: i64,
    /// The id that was asked for.
    pub origin: String,
    pub stored: i64,
}

/// The statements that refer to these ids, and those that refer to them.
pub(crate) async fn sources(conn: &impl Conn, tenants: &[i64], ids: &[String]) -> Result<Vec<Source>> {
    let mut found = vec![];
    for chunk in ids.chunks(LONGEST_LIST) {
        let (list, values) = conditions(tenants, chunk);
        let list = list.replace("id IN", "target IN");
        let sql = format!(
            "WITH RECURSIVE up (tenant, origin, id, stored) AS ( \
             SELECT tenant, target, source, stored FROM record_refs WHERE {list} \
             UNION SELECT u.tenant, u.origin, r.source, r.stored FROM up u \
             JOIN record_refs r ON r.tenant = u.tenant AND r.target = u.id) \
             SELECT tenant, origin, stored FROM up"
        );
        found.extend(db::all::<Source>(conn, &sql, values).await?);
    }
    Ok(found)
}

/// A condition on tenants and ids, with its parameters.
fn conditions(tenants: &[i64], ids: &[String]) -> (String, Vec<Value>) {
    let size = ids.len().next_power_of_two();
    let filler = ids.last().cloned().unwrap_or_default();
    let mut values: Vec<Value> = tenants.iter().map(|t| Value::from(*t)).collect();
    values.extend(ids.iter().map(|id| Value::from(id.as_str())));
    values.extend((ids.len()..size).map(|_| Value::from(filler.as_str())));
    let first = tenants.len() + 1;
    let list =
        format!("tenant IN ({}) AND id IN ({})", db::in_list(1, tenants.len()), db::in_list(first, size));
    (list, values)
}

/// An entry of the index: a statement that has a term.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub term: i64,
    /// When the statement was stored, in microseconds.
    pub stored: i64,
    /// Of the statement's terms; see [`crate::terms::marks`].
    pub marks: i64,
}

/// The rows of one group, by table.
#[derive(Default)]
pub(crate) struct Rows {
    pub statements: Vec<Vec<Value>>,
    pub terms: Vec<Entry>,
    pub refs: Vec<Vec<Value>>,
    pub attachments: Vec<Vec<Value>>,
    pub names: Vec<Vec<Value>>,
}

pub(crate) async fn insert(tx: &Tx, rows: Rows) -> Result<()> {
    let columns = ["tenant", "stored", "id", "voiding", "terms", "body"];
    db::insert_rows_evenly(tx, ("record_statements", &columns), rows.statements, "").await?;
    insert_terms(tx, rows.terms).await?;
    let columns = ["tenant", "target", "stored", "source", "voids"];
    db::insert_rows_evenly(tx, ("record_refs", &columns), rows.refs, "").await?;
    let once = "ON CONFLICT DO NOTHING";
    let columns = ["tenant", "sha2", "content_type", "length", "content"];
    // One by one: the bytes of several attachments together may be more than one message takes.
    for row in rows.attachments {
        db::insert_rows(tx, "record_attachments", &columns, vec![row], once).await?;
    }
    db::insert_rows_evenly(tx, ("record_names", &["tenant", "agent_key", "name"]), rows.names, once).await
}

/// In the order of their index, so that each of its pages is looked for once.
pub(crate) async fn insert_terms(tx: &Tx, mut terms: Vec<Entry>) -> Result<()> {
    terms.sort_unstable();
    let terms = terms.into_iter().map(|e| params![e.term, e.stored, e.marks]).collect();
    let columns = ["term", "stored", "marks"];
    db::insert_rows_evenly(tx, ("record_terms", &columns), terms, "ON CONFLICT DO NOTHING").await
}

/// The definitions of Activities, by their keys.
pub(crate) async fn definitions(
    conn: &impl Conn,
    tenants: &[i64],
    keys: &[String],
) -> Result<HashMap<(i64, String), String>> {
    #[derive(FromQueryResult)]
    struct Row {
        tenant: i64,
        activity_key: String,
        definition: String,
    }
    let mut found = HashMap::new();
    for chunk in keys.chunks(LONGEST_LIST) {
        let (list, values) = conditions(tenants, chunk);
        let list = list.replace("id IN", "activity_key IN");
        let sql = format!("SELECT tenant, activity_key, definition FROM record_activities WHERE {list}");
        let rows = db::all::<Row>(conn, &sql, values).await?;
        found.extend(rows.into_iter().map(|r| ((r.tenant, r.activity_key), r.definition)));
    }
    Ok(found)
}

pub(crate) async fn write_definitions(tx: &Tx, rows: Vec<Vec<Value>>) -> Result<()> {
    let columns = ["tenant", "activity_key", "id", "definition"];
    let suffix = "ON CONFLICT (tenant, activity_key) DO UPDATE SET definition = excluded.definition";
    db::insert_rows_evenly(tx, ("record_activities", &columns), rows, suffix).await
}

/// The names that statements gave an Agent.
pub(crate) async fn names(conn: &impl Conn, tenant: i64, agent_key: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let sql = "SELECT name FROM record_names WHERE tenant = $1 AND agent_key = $2 ORDER BY name LIMIT 100";
    let rows: Vec<Row> = db::all(conn, sql, params![tenant, agent_key]).await?;
    Ok(rows.into_iter().map(|r| r.name).collect())
}
