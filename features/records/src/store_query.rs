//! Statements that are asked for: one by its id, or a page by terms and time. A page begins where the last one ended, so
//! that the hundredth costs what the first did.
use std::collections::HashMap;

use base::Result;
use db::{Conn, FromQueryResult, Value, params};

/// Beyond so many statements a term counts as frequent.
const FREQUENT: i64 = 2000;

/// What a page is asked by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub tenant: i64,
    /// Of each of these a statement has at least one.
    pub terms: Vec<Vec<i64>>,
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
    let mut question = Question { values: vec![Value::from(filter.tenant)], filter };
    let terms = rarest_first(conn, &filter.terms).await?;
    let sql = question.sql(&terms);
    let mut rows: Vec<Row> = db::all(conn, &sql, question.values).await?;
    // One that has two of the terms that may lead was found by both.
    rows.dedup_by_key(|row| row.stored);
    rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The statement of a page while it is written.
struct Question<'f> {
    values: Vec<Value>,
    filter: &'f Filter,
}

impl Question<'_> {
    fn put(&mut self, value: i64) -> String {
        self.values.push(Value::from(value));
        format!("${}", self.values.len())
    }

    /// From the statements of the rarest terms, each in its order and no further than the page reaches.
    fn sql(&mut self, terms: &[Vec<i64>]) -> String {
        let order = if self.filter.is_ascending { "ASC" } else { "DESC" };
        let Some((lead, others)) = terms.split_first() else {
            let (wheres, limit) = (self.wheres("s", &[]), self.put(self.filter.limit));
            return format!(
                "SELECT s.stored, s.body FROM record_statements s WHERE {wheres} ORDER BY s.stored {order} LIMIT {limit}"
            );
        };
        let (wheres, limit) = (self.wheres("t", others), self.put(self.filter.limit));
        // CROSS JOIN keeps SQLite at this order of tables.
        let from = "FROM record_terms t CROSS JOIN record_statements s";
        let arm = |term: &i64| {
            let term = self.put(*term);
            format!(
                "SELECT s.stored, s.body {from} WHERE t.term = {term} AND s.stored = t.stored AND {wheres} \
                 ORDER BY t.stored {order} LIMIT {limit}"
            )
        };
        let arms: Vec<String> = lead.iter().map(arm).collect();
        if let [one] = arms.as_slice() {
            return one.clone();
        }
        let whole = |arm: &String| format!("SELECT stored, body FROM ({arm}) AS arm");
        let arms: Vec<String> = arms.iter().map(whole).collect();
        format!("{} ORDER BY stored {order}", arms.join(" UNION ALL "))
    }

    /// What holds for every statement of the page; `lead` is the table that goes ahead.
    fn wheres(&mut self, lead: &str, others: &[Vec<i64>]) -> String {
        let mut wheres = vec![
            "s.tenant = $1 AND (s.voiding OR NOT EXISTS (SELECT 1 FROM record_refs r WHERE r.tenant = s.tenant \
             AND r.target = s.id AND r.voids))"
                .to_owned(),
        ];
        if let Some(after) = self.filter.after {
            wheres.push(format!("{lead}.stored > {}", self.put(after)));
        }
        if let Some(until) = self.filter.until {
            wheres.push(format!("{lead}.stored <= {}", self.put(until)));
        }
        for any in others {
            let list: Vec<String> = any.iter().map(|term| self.put(*term)).collect();
            let list = list.join(", ");
            wheres.push(format!(
                "EXISTS (SELECT 1 FROM record_terms o WHERE o.stored = {lead}.stored AND o.term IN ({list}))"
            ));
        }
        wheres.join(" AND ")
    }
}

/// The terms with those first that the fewest statements have; counting stops early.
async fn rarest_first(conn: &impl Conn, terms: &[Vec<i64>]) -> Result<Vec<Vec<i64>>> {
    #[derive(FromQueryResult)]
    struct Counted {
        term: i64,
        found: i64,
    }
    if terms.len() < 2 {
        return Ok(terms.to_vec());
    }
    let flat: Vec<i64> = terms.iter().flatten().copied().collect();
    let one = |n: usize| {
        format!(
            "SELECT CAST(${n} AS BIGINT) AS term, (SELECT COUNT(*) FROM (SELECT 1 FROM record_terms WHERE term = ${n} \
             LIMIT {FREQUENT}) AS few) AS found"
        )
    };
    let sql = (1..=flat.len()).map(one).collect::<Vec<_>>().join(" UNION ALL ");
    let values = flat.iter().map(|t| Value::from(*t)).collect();
    let counted: Vec<Counted> = db::all(conn, &sql, values).await?;
    let counted: HashMap<i64, i64> = counted.into_iter().map(|c| (c.term, c.found)).collect();
    let mut sorted = terms.to_vec();
    sorted.sort_by_key(|any| any.iter().filter_map(|t| counted.get(t)).sum::<i64>());
    Ok(sorted)
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
