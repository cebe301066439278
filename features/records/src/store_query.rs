//! Statements that are asked for: one by its id, or a page by terms and time. A page begins where the last one ended, so
//! that the hundredth costs what the first did.
use base::Result;
use db::{Conn, FromQueryResult, Value, params};

/// Beyond so many statements a term counts as frequent.
const FREQUENT: i64 = 2000;

/// What a page is asked by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub tenant: i64,
    pub terms: Vec<i64>,
    /// Stored after it, in microseconds.
    pub after: Option<i64>,
    /// Stored at it or before.
    pub until: Option<i64>,
    pub is_ascending: bool,
    pub limit: i64,
}

/// A statement as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub stored: i64,
    pub body: String,
}

/// A page of statements that are not voided (Communication 2.1.4).
pub(crate) async fn page(conn: &impl Conn, filter: &Filter) -> Result<Vec<Row>> {
    let terms = rarest_first(conn, &filter.terms).await?;
    let mut values: Vec<Value> = vec![Value::from(filter.tenant)];
    let mut put = |value: i64| {
        values.push(Value::from(value));
        values.len()
    };
    // CROSS JOIN keeps SQLite at this order of tables: from the rarest term to the statements.
    let mut tables: Vec<String> = (0..terms.len()).map(|n| format!("record_terms t{n}")).collect();
    tables.push("record_statements s".into());
    let mut wheres = vec!["s.tenant = $1".to_owned()];
    for (n, term) in terms.iter().enumerate() {
        wheres.push(format!("t{n}.term = ${}", put(*term)));
        if n > 0 {
            wheres.push(format!("t{n}.stored = t0.stored"));
        }
    }
    let lead = if terms.is_empty() { "s" } else { "t0" };
    if !terms.is_empty() {
        wheres.push("s.stored = t0.stored".into());
    }
    if let Some(after) = filter.after {
        wheres.push(format!("{lead}.stored > ${}", put(after)));
    }
    if let Some(until) = filter.until {
        wheres.push(format!("{lead}.stored <= ${}", put(until)));
    }
    let limit = put(filter.limit);
    let order = if filter.is_ascending { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT s.stored, s.body FROM {} WHERE {} AND (s.voiding OR NOT EXISTS ( \
         SELECT 1 FROM record_refs r WHERE r.tenant = s.tenant AND r.target = s.id AND r.voids)) \
         ORDER BY {lead}.stored {order} LIMIT ${limit}",
        tables.join(" CROSS JOIN "),
        wheres.join(" AND ")
    );
    db::all(conn, &sql, values).await
}

/// The terms with the one first that the fewest statements have; counting stops early.
async fn rarest_first(conn: &impl Conn, terms: &[i64]) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Counted {
        term: i64,
        found: i64,
    }
    if terms.len() < 2 {
        return Ok(terms.to_vec());
    }
    let one = |n: usize| {
        format!(
            "SELECT CAST(${n} AS BIGINT) AS term, (SELECT COUNT(*) FROM (SELECT 1 FROM record_terms WHERE term = ${n} \
             LIMIT {FREQUENT}) AS few) AS found"
        )
    };
    let sql = (1..=terms.len()).map(one).collect::<Vec<_>>().join(" UNION ALL ");
    let values = terms.iter().map(|t| Value::from(*t)).collect();
    let mut counted: Vec<Counted> = db::all(conn, &sql, values).await?;
    counted.sort_by_key(|c| c.found);
    Ok(counted.into_iter().map(|c| c.term).collect())
}

/// A statement with whether it is voided.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Single {
    pub stored: i64,
    pub body: String,
    voiding: bool,
    voids: i64,
}

impl Single {
    /// Whether another took it back; a statement that takes back cannot be taken back (Data 2.3.2.s2.b3).
    pub fn is_voided(&self) -> bool {
        !self.voiding && self.voids > 0
    }
}

/// The statement of that id, in lower case.
pub(crate) async fn by_id(conn: &impl Conn, tenant: i64, id: &str) -> Result<Option<Single>> {
    let sql = "SELECT s.stored, s.body, s.voiding, (SELECT COUNT(*) FROM record_refs r WHERE r.tenant = s.tenant \
               AND r.target = s.id AND r.voids) AS voids FROM record_statements s WHERE s.tenant = $1 AND s.id = $2";
    db::maybe(conn, sql, params![tenant, id]).await
}

/// How long each attachment is.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Length {
    pub sha2: String,
    pub length: i64,
}

pub(crate) async fn lengths(conn: &impl Conn, tenant: i64, hashes: &[String]) -> Result<Vec<Length>> {
    let sql = format!(
        "SELECT sha2, length FROM record_attachments WHERE tenant = $1 AND sha2 IN ({})",
        db::in_list(2, hashes.len())
    );
    if hashes.is_empty() { Ok(vec![]) } else { db::all(conn, &sql, with_tenant(tenant, hashes)).await }
}

/// The bytes of an attachment.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Content {
    pub sha2: String,
    pub content_type: String,
    pub content: Vec<u8>,
}

pub(crate) async fn contents(conn: &impl Conn, tenant: i64, hashes: &[String]) -> Result<Vec<Content>> {
    let sql = format!(
        "SELECT sha2, content_type, content FROM record_attachments WHERE tenant = $1 AND sha2 IN ({}) ORDER BY sha2",
        db::in_list(2, hashes.len())
    );
    if hashes.is_empty() { Ok(vec![]) } else { db::all(conn, &sql, with_tenant(tenant, hashes)).await }
}

fn with_tenant(tenant: i64, hashes: &[String]) -> Vec<Value> {
    let hashes = hashes.iter().map(|h| Value::from(h.as_str()));
    std::iter::once(Value::from(tenant)).chain(hashes).collect()
}
