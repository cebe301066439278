//! Statements that are asked for: one by its id, or a page by terms and time. A page begins where the last one ended, so
//! that the hundredth costs what the first did.
use std::collections::HashMap;

use base::{Error, Result};
use db::{Conn, FromQueryResult, Value, params};

use crate::terms::{ALL_MARKS, marks, word};

/// Pages of at most so many statements come in one row, so that it is no longer than databases take.
const TOGETHER: i64 = 64;
/// How far a term reaches is measured over so many of its statements.
const REACH: i64 = 100;

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

impl Filter {
    fn order(&self) -> &'static str {
        if self.is_ascending { "ASC" } else { "DESC" }
    }
}

/// A statement as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub stored: i64,
    pub body: String,
}

/// A page of statements that are not voided (Communication 2.1.4).
pub(crate) async fn page(conn: &impl Conn, filter: &Filter) -> Result<Vec<Row>> {
    let terms = rarest_first(conn, filter).await?;
    let mut question = Question { values: vec![Value::from(filter.tenant)], filter };
    let sql = question.sql(&terms);
    let mut rows = if filter.limit > TOGETHER {
        db::all(conn, &sql, question.values).await?
    } else {
        together(conn, &sql, question.values).await?
    };
    rows.sort_unstable_by_key(|row: &Row| if filter.is_ascending { row.stored } else { -row.stored });
    // One that has two of the terms that may lead was found by both.
    rows.dedup_by_key(|row| row.stored);
    rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The rows of a statement in one: a row by itself wakes whoever waits for it, which on SQLite costs more than to read it.
/// Bodies are JSON on one line.
async fn together(conn: &impl Conn, sql: &str, mut values: Vec<Value>) -> Result<Vec<Row>> {
    #[derive(FromQueryResult)]
    struct All {
        lines: Option<String>,
    }
    values.push(Value::from("\n"));
    let sql = format!(
        "SELECT STRING_AGG(CAST(p.stored AS TEXT) || ' ' || p.body, ${}) AS lines FROM ({sql}) AS p",
        values.len()
    );
    let all: All = db::one(conn, &sql, values).await?;
    let row = |line: &str| {
        let (stored, body) = line.split_once(' ')?;
        Some(Row { stored: stored.parse().ok()?, body: body.to_owned() })
    };
    let rows: Option<Vec<Row>> = all.lines.iter().flat_map(|all| all.split('\n')).map(row).collect();
    rows.ok_or_else(|| Error::internal("a line of statements does not read"))
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

    fn put_text(&mut self, value: String) -> String {
        self.values.push(Value::from(value));
        format!("${}", self.values.len())
    }

    /// From the statements of the rarest terms, each in its order and no further than the page reaches.
    fn sql(&mut self, terms: &[Vec<i64>]) -> String {
        let order = self.filter.order();
        let Some((lead, others)) = terms.split_first() else {
            let (wheres, limit) = (self.wheres("s", &[]), self.filter.limit);
            return format!(
                "SELECT s.stored, s.body FROM record_statements s WHERE {wheres} ORDER BY s.stored {order} LIMIT {limit}"
            );
        };
        // The limit stands there as a number: SQLite prepares a statement anew each time another is bound.
        let (wheres, limit) = (self.wheres("t", others), self.filter.limit);
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
        wheres.extend(self.times(lead));
        wheres.extend(others.iter().map(|any| self.has_one_of(lead, any)));
        wheres.join(" AND ")
    }

    /// The span of time that is asked for.
    fn times(&mut self, lead: &str) -> Vec<String> {
        let Filter { after, until, .. } = *self.filter;
        let after = after.map(|after| format!("{lead}.stored > {}", self.put(after)));
        let until = until.map(|until| format!("{lead}.stored <= {}", self.put(until)));
        after.into_iter().chain(until).collect()
    }

    /// That the statement has one of the terms. Its marks say so of few others, so that hardly any is read in vain; its own
    /// line of terms decides. What one that refers has more than that, and one of before has, is in the lists alone.
    fn has_one_of(&mut self, lead: &str, any: &[i64]) -> String {
        let marked = |term: &i64| {
            let marks = self.put(marks(&[*term]));
            format!("({lead}.marks & {marks}) = {marks}")
        };
        let marked: Vec<String> = any.iter().map(marked).collect();
        let list: Vec<String> = any.iter().map(|term| self.put(*term)).collect();
        let told: Vec<String> =
            any.iter().map(|term| format!("s.terms LIKE {}", self.put_text(word(*term)))).collect();
        format!(
            "({}) AND CASE WHEN {lead}.marks = {ALL_MARKS} THEN EXISTS (SELECT 1 FROM record_terms o \
             WHERE o.stored = {lead}.stored AND o.term IN ({})) ELSE {} END",
            marked.join(" OR "),
            list.join(", "),
            told.join(" OR ")
        )
    }
}

/// The terms with those first that are rarest where the page begins: whose so-manieth statement from there is furthest
/// away. That costs the same however many statements there are.
async fn rarest_first(conn: &impl Conn, filter: &Filter) -> Result<Vec<Vec<i64>>> {
    #[derive(FromQueryResult)]
    struct Reach {
        term: i64,
        stored: Option<i64>,
    }
    let mut sorted = filter.terms.clone();
    if sorted.len() < 2 {
        return Ok(sorted);
    }
    let mut question = Question { values: vec![], filter };
    let times = question.times("t");
    let reach = |term: &i64| {
        let mark = question.put(*term);
        let wheres: Vec<String> = std::iter::once(format!("t.term = {mark}")).chain(times.clone()).collect();
        format!(
            "SELECT CAST({mark} AS BIGINT) AS term, (SELECT t.stored FROM record_terms t WHERE {} \
             ORDER BY t.stored {} LIMIT 1 OFFSET {REACH}) AS stored",
            wheres.join(" AND "),
            filter.order()
        )
    };
    let sql = sorted.iter().flatten().map(reach).collect::<Vec<_>>().join(" UNION ALL ");
    let reached: Vec<Reach> = db::all(conn, &sql, question.values).await?;
    let reached: HashMap<i64, i64> = reached.into_iter().filter_map(|r| Some((r.term, r.stored?))).collect();
    let nearness = |stored: i64| if filter.is_ascending { -stored } else { stored };
    let nearest = |any: &Vec<i64>| any.iter().filter_map(|t| reached.get(t)).map(|s| nearness(*s)).max();
    sorted.sort_by_key(nearest);
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
