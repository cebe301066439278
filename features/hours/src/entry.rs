//! An entry of the hour ledger.
use base::{EntryId, Error, Hours, Instant, PersonId, Result, Subject, Year, day, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Adds a credit.
    Credit,
    /// Takes an earlier credit back; entries are never edited.
    Reversal,
}

impl Code for EntryKind {}

/// The credit as the rules read it: the contract's record without its id.
pub type Facts = Map<String, Value>;

/// An entry, as stored.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id, which is the credit's id in the record.
    pub id: EntryId,
    /// Whose.
    pub person: PersonId,
    /// Its place in the person's chain, from 1.
    pub seq: i64,
    /// The training year.
    pub year: Year,
    /// When it was written.
    pub at: Instant,
    /// What it does.
    pub kind: EntryKind,
    /// Where it comes from: a provider's name, or `unit_training`.
    pub source: String,
    /// Unique over the ledger: the same source is credited once.
    pub source_key: String,
    /// What was learned.
    pub title: String,
    /// The subject.
    pub subject: Subject,
    /// Hours before caps and duplicates.
    pub hours: Hours,
    /// The credit as the rules read it.
    pub facts: String,
    /// A reference to the evidence.
    pub evidence: Option<String>,
    /// Who decided; none where a rule did.
    pub decided_by: Option<PersonId>,
    /// The policy version it was made under.
    pub policy: String,
    /// The entry that this one takes back.
    pub reverses: Option<String>,
    /// The hash of the person's entry before.
    pub prev_hash: String,
    /// The hash over all of this.
    pub hash: String,
}

impl Entry {
    /// The hash over everything the entry says and the hash before it.
    pub fn computed_hash(&self) -> String {
        let person = self.decided_by.map(|p| p.to_string());
        let all = serde_json::json!([
            self.prev_hash,
            self.id,
            self.person,
            self.seq,
            self.year,
            day::millis(self.at),
            self.kind,
            self.source,
            self.source_key,
            self.title,
            self.subject,
            self.hours.hundredths(),
            self.facts,
            self.evidence,
            person,
            self.policy,
            self.reverses,
        ]);
        secrets::sha256_hex(all.to_string().as_bytes())
    }
}

/// An entry in its written form, with everything that its hash is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    id: EntryId,
    person: PersonId,
    seq: i64,
    year: Year,
    /// Milliseconds since 1970.
    at: i64,
    kind: String,
    source: String,
    source_key: String,
    title: String,
    subject: String,
    /// Hundredths.
    hours: i64,
    facts: String,
    evidence: Option<String>,
    decided_by: Option<PersonId>,
    policy: String,
    reverses: Option<String>,
    prev_hash: String,
    hash: String,
}

impl From<&Entry> for Written {
    fn from(e: &Entry) -> Self {
        Self {
            id: e.id,
            person: e.person,
            seq: e.seq,
            year: e.year,
            at: day::millis(e.at),
            kind: e.kind.code(),
            source: e.source.clone(),
            source_key: e.source_key.clone(),
            title: e.title.clone(),
            subject: e.subject.code(),
            hours: e.hours.hundredths(),
            facts: e.facts.clone(),
            evidence: e.evidence.clone(),
            decided_by: e.decided_by,
            policy: e.policy.clone(),
            reverses: e.reverses.clone(),
            prev_hash: e.prev_hash.clone(),
            hash: e.hash.clone(),
        }
    }
}

impl TryFrom<Written> for Entry {
    type Error = Error;
    fn try_from(w: Written) -> Result<Self> {
        Ok(Self {
            kind: EntryKind::from_code(&w.kind).ok_or_else(|| Error::internal("unknown kind of entry"))?,
            subject: Subject::from_code(&w.subject).ok_or_else(|| Error::internal("unknown subject"))?,
            id: w.id,
            person: w.person,
            seq: w.seq,
            year: w.year,
            at: day::from_millis(w.at),
            source: w.source,
            source_key: w.source_key,
            title: w.title,
            hours: Hours::from_hundredths(w.hours),
            facts: w.facts,
            evidence: w.evidence,
            decided_by: w.decided_by,
            policy: w.policy,
            reverses: w.reverses,
            prev_hash: w.prev_hash,
            hash: w.hash,
        })
    }
}
