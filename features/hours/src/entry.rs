//! An entry of the hour ledger.
use base::{EntryId, Hours, Instant, PersonId, Subject, Year};
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

impl base::person::Code for EntryKind {}

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
            base::day::millis(self.at),
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
