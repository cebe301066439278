//! One group of requests, written in one transaction: each batch whole or not at all, `stored` never twice.
use std::collections::{BTreeSet, HashMap};

use base::{Instant, Result};
use db::Value;
use site::Site;

use crate::{
    attachments::Blob,
    completed, json,
    prepared::{self, Prepared},
    same::same,
    store::{self, Entry, Rows},
    terms,
};

/// A request's statements with the data of their attachments.
#[derive(Debug)]
pub struct Batch {
    /// The provider's number.
    pub tenant: i64,
    /// The statements, each with an id of its own.
    pub statements: Vec<Prepared>,
    /// The data.
    pub blobs: Vec<Blob>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one statement is new; all are there now.
    Stored,
    /// Every statement was there before.
    Known,
    /// The statement at this place has the id of another; nothing was stored.
    Conflict(usize),
}

/// Names longer than this are in their statements only, because an index takes no more.
const LONGEST_NAME: usize = 200;

/// Writes the batches in their order.
pub(crate) async fn write(site: &Site, batches: &[Batch]) -> Result<(Vec<Outcome>, i64)> {
    let tx = site.db.begin().await?;
    let last = store::lock_clock(&tx).await?;
    let tenants: Vec<i64> = batches.iter().map(|b| b.tenant).collect::<BTreeSet<_>>().into_iter().collect();
    let given = batches.iter().flat_map(|b| &b.statements).filter(|s| s.is_id_given);
    let ids: Vec<String> = given.map(Prepared::key).collect();
    let held = store::held(&tx, &tenants, &ids).await?;
    let mut group = Group::new(site.now(), last);
    group.held = held.into_iter().map(|h| ((h.tenant, h.id), h.body)).collect();
    let outcomes = batches.iter().map(|b| group.take(b)).collect();
    let Group { rows, fresh, last, definitions, completions, .. } = group;
    let has_refs = !rows.refs.is_empty() || store::has_refs(&tx).await?;
    store::insert(&tx, rows).await?;
    if has_refs {
        let terms = follow(&tx, &tenants, &fresh).await?;
        store::insert_terms(&tx, terms).await?;
    }
    define(&tx, &tenants, definitions).await?;
    completed::announce(site, &tx, &completions).await?;
    store::set_clock(&tx, last).await?;
    tx.commit().await?;
    Ok((outcomes, last))
}

/// A statement that is new in this group.
struct Fresh {
    tenant: i64,
    key: String,
    stored: i64,
    terms: Vec<i64>,
    is_reference: bool,
}

struct Group {
    now: i64,
    last: i64,
    held: HashMap<(i64, String), String>,
    rows: Rows,
    fresh: Vec<Fresh>,
    definitions: Vec<(i64, String, String)>,
    /// Statements that tell of completed courses.
    completions: Vec<(i64, String)>,
}

impl Group {
    fn new(now: Instant, last: i64) -> Self {
        Self {
            now: now.as_microsecond(),
            last,
            held: HashMap::new(),
            rows: Rows::default(),
            fresh: vec![],
            definitions: vec![],
            completions: vec![],
        }
    }

    /// Takes a batch unless one of its statements differs from the one that has its id.
    fn take(&mut self, batch: &Batch) -> Outcome {
        let mut new = vec![];
        for (n, statement) in batch.statements.iter().enumerate() {
            match self.held.get(&(batch.tenant, statement.key())) {
                None => new.push(statement),
                Some(body) if is_same(body, &statement.sent()) => {}
                Some(_) => return Outcome::Conflict(n),
            }
        }
        if new.is_empty() {
            return Outcome::Known;
        }
        for statement in new {
            self.add(batch.tenant, statement);
        }
        for blob in &batch.blobs {
            let length = i64::try_from(blob.bytes.len()).unwrap_or(i64::MAX);
            self.rows.attachments.push(vec![
                Value::from(batch.tenant),
                Value::from(blob.sha2.as_str()),
                Value::from(blob.content_type.as_str()),
                Value::from(length),
                Value::from(blob.bytes.clone()),
            ]);
        }
        Outcome::Stored
    }

    fn add(&mut self, tenant: i64, statement: &Prepared) {
        let stored = self.now.max(self.last + 1);
        self.last = stored;
        let (key, body) = (statement.key(), statement.text(stored));
        if let Some(target) = &statement.target {
            let row = [Value::from(target.as_str()), Value::from(stored), Value::from(key.as_str())];
            let mut row: Vec<Value> = std::iter::once(Value::from(tenant)).chain(row).collect();
            row.push(Value::from(statement.is_voiding));
            self.rows.refs.push(row);
        }
        // A reference is found by what it refers to as well, which may come later.
        let is_reference = statement.target.is_some();
        let marks = if is_reference { terms::ALL_MARKS } else { terms::marks(&statement.terms) };
        self.rows.terms.extend(statement.terms.iter().map(|term| Entry { term: *term, stored, marks }));
        for (agent, name) in statement.names.iter().filter(|(_, name)| name.len() <= LONGEST_NAME) {
            let agent = secrets::sha256_hex(agent.as_bytes());
            self.rows.names.push(vec![Value::from(tenant), Value::from(agent), Value::from(name.as_str())]);
        }
        let named = statement.definitions.iter().cloned();
        self.definitions.extend(named.map(|(id, definition)| (tenant, id, definition)));
        self.rows.statements.push(vec![
            Value::from(tenant),
            Value::from(stored),
            Value::from(key.as_str()),
            Value::from(statement.is_voiding),
            Value::from(terms::line(&statement.terms)),
            Value::from(body.as_str()),
        ]);
        if statement.is_completion {
            self.completions.push((tenant, key.clone()));
        }
        self.fresh.push(Fresh {
            tenant,
            key: key.clone(),
            stored,
            terms: statement.terms.clone(),
            is_reference,
        });
        self.held.insert((tenant, key), body);
    }
}

fn is_same(one: &str, other: &str) -> bool {
    match (json::parse(one), json::parse(other)) {
        (Ok(one), Ok(other)) => same(&one, &other),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// A statement is also found by what it refers to, over any number of references (Communication 2.1.3.s3): the terms that
/// new references and new targets add.
async fn follow(tx: &db::Tx, tenants: &[i64], fresh: &[Fresh]) -> Result<Vec<Entry>> {
    let references: Vec<String> = fresh.iter().filter(|f| f.is_reference).map(|f| f.key.clone()).collect();
    let mut reached: HashMap<(i64, String), Vec<i64>> = HashMap::new();
    for target in store::targets(tx, tenants, &references).await? {
        let Ok(statement) = json::parse(&target.body) else { continue };
        let terms = terms::of_statement(target.tenant, &statement);
        reached.entry((target.tenant, target.origin)).or_default().extend(terms);
    }
    let all: Vec<String> = fresh.iter().map(|f| f.key.clone()).collect();
    let mut sources: HashMap<(i64, String), Vec<i64>> = HashMap::new();
    for source in store::sources(tx, tenants, &all).await? {
        sources.entry((source.tenant, source.origin)).or_default().push(source.stored);
    }
    let mut rows = vec![];
    for statement in fresh {
        let key = (statement.tenant, statement.key.clone());
        let found_by = reached.get(&key).unwrap_or(&statement.terms);
        let above = sources.get(&key).into_iter().flatten().copied();
        for stored in above.chain(statement.is_reference.then_some(statement.stored)) {
            rows.extend(found_by.iter().map(|term| Entry { term: *term, stored, marks: terms::ALL_MARKS }));
        }
    }
    Ok(rows)
}

/// Adds definitions of Activities to those the store has; what is there already is not written again.
async fn define(tx: &db::Tx, tenants: &[i64], newer: Vec<(i64, String, String)>) -> Result<()> {
    let mut by_key: HashMap<(i64, String), (String, Vec<String>)> = HashMap::new();
    for (tenant, id, definition) in newer {
        let key = (tenant, secrets::sha256_hex(id.as_bytes()));
        let (_, definitions) = by_key.entry(key).or_insert((id, vec![]));
        if definitions.last() != Some(&definition) {
            definitions.push(definition);
        }
    }
    if by_key.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = by_key.keys().map(|(_, key)| key.clone()).collect();
    let mut held = store::definitions(tx, tenants, &keys).await?;
    let mut rows = vec![];
    for ((tenant, key), (id, definitions)) in by_key {
        let before = held.remove(&(tenant, key.clone()));
        let mut after = before.clone();
        for definition in definitions {
            after = Some(match after {
                Some(sum) => prepared::merge(&sum, &definition).unwrap_or(definition),
                None => definition,
            });
        }
        if let Some(after) = after.filter(|after| before.as_ref() != Some(after)) {
            rows.push(vec![Value::from(tenant), Value::from(key), Value::from(id), Value::from(after)]);
        }
    }
    store::write_definitions(tx, rows).await
}
