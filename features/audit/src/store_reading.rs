//! Reading the trail: by auditors all of their subtree, by administrators what happened to their people.
use std::collections::HashMap;

use base::{Result, Scope, day};
use db::{Db, Param, Value};
use sea_orm::FromQueryResult;
use site::Paging;

/// What is looked for; empty parts match everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whose deeds.
    pub actor: Option<String>,
    /// What was done to it.
    pub object: Option<String>,
    /// An action such as `password.reset`, or its beginning such as `password`.
    pub action: Option<String>,
    /// Milliseconds since 1970, both ends included.
    pub from: Option<i64>,
    /// As `from`.
    pub to: Option<i64>,
}

impl Wanted {
    /// What an entry `e` must hold, as conditions over the values.
    fn conditions(&self, paging: &Paging, values: &mut Vec<Value>) -> Vec<String> {
        let mut conditions = vec![];
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len())));
        };
        if let Some(actor) = &self.actor {
            add("e.actor = ?", actor.param());
        }
        if let Some(object) = &self.object {
            add("e.object = ?", object.param());
        }
        if let Some(action) = &self.action {
            add("(e.action = ? OR SUBSTR(e.action, 1, LENGTH(?) + 1) = ? || '.')", action.param());
        }
        if let Some(from) = self.from {
            add("e.at >= ?", from.param());
        }
        if let Some(to) = self.to {
            add("e.at <= ?", to.param());
        }
        if let Some(before) = paging.after.as_deref().and_then(|a| a.parse::<i64>().ok()) {
            add("e.seq < ?", before.param());
        }
        conditions
    }
}

/// An entry without the names of those in it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Noted {
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who; none for the program itself.
    pub actor: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// What changed, as JSON.
    pub details: String,
    /// From which network.
    pub address: String,
    /// Its place in the chain.
    pub hash: String,
}

/// The trail of a course platform, whose people are known to other slices: newest first, up to `limit + 1` entries before the
/// cursor.
pub async fn noted(conn: &impl db::Conn, wanted: &Wanted, paging: &Paging) -> Result<Vec<Noted>> {
    let mut values: Vec<Value> = vec![];
    let mut conditions = wanted.conditions(paging, &mut values);
    conditions.push("e.seq > 0".into());
    let sql = format!(
        "SELECT e.seq, e.at, e.actor, e.action, e.object, e.details, e.address, e.hash FROM audit_entries e \
         WHERE {} ORDER BY e.seq DESC LIMIT {}",
        conditions.join(" AND "),
        paging.limit() + 1
    );
    db::all(conn, &sql, values).await
}

/// An entry as readers see it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Line {
    pub seq: i64,
    pub at: i64,
    pub actor: Option<String>,
    pub actor_name: Option<String>,
    pub action: String,
    pub object: String,
    pub unit_path: String,
    pub details: String,
    pub address: String,
    pub role: Option<String>,
    /// Where the role is held.
    pub place_name: Option<String>,
    /// On behalf of whom it was used.
    pub behalf_name: Option<String>,
    pub hash: String,
}

impl Line {
    /// When, in Shanghai.
    pub fn time(&self) -> String {
        day::rfc3339(day::from_millis(self.at))
    }
}

/// Newest first, up to `limit + 1` entries before the cursor. An entry belongs to the unit where it was done; one
/// without a unit, such as a sign-in, to its actor's unit.
pub(crate) async fn lines(db: &Db, scope: &Scope, wanted: &Wanted, paging: &Paging) -> Result<Vec<Line>> {
    let mut values: Vec<Value> = vec![];
    let ever = with_former(db, scope).await?;
    let mut conditions = vec![format!(
        "({} OR (e.unit_path = '' AND {}))",
        db::in_scope("e.unit_path", &ever, &mut values),
        db::in_scope("u.path", scope, &mut values)
    )];
    conditions.extend(wanted.conditions(paging, &mut values));
    let limit = paging.limit() + 1;
    let sql = format!(
        "SELECT e.seq, e.at, e.actor, p.name AS actor_name, e.action, e.object, e.unit_path, e.details, e.address, \
         e.role, o.name AS place_name, b.name AS behalf_name, e.hash FROM audit_entries e \
         LEFT JOIN people p ON p.id = e.actor LEFT JOIN people b ON b.id = e.behalf LEFT JOIN units o ON o.path = e.place \
         LEFT JOIN units u ON u.id = p.unit_id WHERE {} ORDER BY e.seq DESC LIMIT {limit}",
        conditions.join(" AND ")
    );
    db::all(db, &sql, values).await
}

/// The places of a scope with where they stood before they were moved: the trail keeps the place of the deed.
async fn with_former(db: &Db, scope: &Scope) -> Result<Scope> {
    #[derive(FromQueryResult)]
    struct Former {
        path: String,
    }
    if scope.paths.is_empty() {
        return Ok(Scope::default());
    }
    let list = db::in_list(1, scope.paths.len());
    let sql = format!(
        "SELECT DISTINCT h.path FROM unit_history h JOIN units u ON u.id = h.unit_id WHERE u.path IN ({list}) LIMIT 200"
    );
    let rows: Vec<Former> = db::all(db, &sql, scope.paths.iter().map(Param::param).collect()).await?;
    let mut paths = scope.paths.clone();
    paths.extend(rows.into_iter().map(|r| r.path));
    paths.sort();
    paths.dedup();
    Ok(Scope { paths })
}

/// How often someone did something since an instant: for limits and alarms.
pub async fn count_since(
    conn: &impl db::Conn,
    actor: base::PersonId,
    (action, since): (&str, base::Instant),
) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM audit_entries WHERE actor = $1 AND action = $2 AND at >= $3";
    db::count(conn, sql, db::params![actor, action, since]).await
}

/// A deed as the one whom it concerns may see it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Happened {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// From which network.
    pub address: String,
}

/// The newest deeds of an action on an object, at most twenty.
pub async fn happened(conn: &impl db::Conn, action: &str, object: &str) -> Result<Vec<Happened>> {
    let sql =
        "SELECT at, address FROM audit_entries WHERE object = $1 AND action = $2 ORDER BY seq DESC LIMIT 20";
    db::all(conn, sql, vec![object.param(), action.param()]).await
}

/// From which networks an action was done on these objects since an instant, and how often: the busiest first.
pub async fn networks(
    conn: &impl db::Conn,
    action: &str,
    objects: &[String],
    since: base::Instant,
) -> Result<HashMap<String, Vec<(String, i64)>>> {
    #[derive(FromQueryResult)]
    struct Row {
        object: String,
        address: String,
        times: i64,
    }
    let mut found: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    if objects.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT object, address, CAST(COUNT(*) AS BIGINT) AS times FROM audit_entries WHERE action = $1 AND at > $2 \
         AND address <> '' AND object IN ({}) GROUP BY object, address ORDER BY times DESC, address LIMIT 2000",
        db::in_list(3, objects.len())
    );
    let mut values = db::params![action, since];
    values.extend(objects.iter().map(Param::param));
    for row in db::all::<Row>(conn, &sql, values).await? {
        found.entry(row.object).or_default().push((row.address, row.times));
    }
    Ok(found)
}

/// The object of the last deed of an action: what the trail says was done last.
pub async fn last_object(conn: &impl db::Conn, action: &str) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct One {
        object: String,
    }
    let sql = "SELECT object FROM audit_entries WHERE action = $1 ORDER BY seq DESC LIMIT 1";
    let found: Option<One> = db::maybe(conn, sql, vec![action.param()]).await?;
    Ok(found.map(|f| f.object))
}
