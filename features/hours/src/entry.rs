//! An entry of the hour ledger.
use base::{EntryId, Error, Hours, Instant, PersonId, Result, Subject, Year, day, person::Code};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq};
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
        let (id, person) = (self.id.to_string(), self.person.to_string());
        let decided_by = self.decided_by.map(|p| p.to_string());
        let said = Said {
            prev_hash: &self.prev_hash,
            id: &id,
            person: &person,
            seq: self.seq,
            year: i64::from(self.year.number()),
            at: day::millis(self.at),
            kind: &self.kind.code(),
            source: &self.source,
            source_key: &self.source_key,
            title: &self.title,
            subject: &self.subject.code(),
            hours: self.hours.hundredths(),
            facts: &self.facts,
            evidence: self.evidence.as_deref(),
            decided_by: decided_by.as_deref(),
            policy: &self.policy,
            reverses: self.reverses.as_deref(),
        };
        said.hash()
    }
}

/// What an entry says, letter by letter as it is stored: the hash is over the JSON array of it.
pub(crate) struct Said<'a> {
    pub prev_hash: &'a str,
    pub id: &'a str,
    pub person: &'a str,
    pub seq: i64,
    pub year: i64,
    pub at: i64,
    pub kind: &'a str,
    pub source: &'a str,
    pub source_key: &'a str,
    pub title: &'a str,
    pub subject: &'a str,
    pub hours: i64,
    pub facts: &'a str,
    pub evidence: Option<&'a str>,
    pub decided_by: Option<&'a str>,
    pub policy: &'a str,
    pub reverses: Option<&'a str>,
}

impl Said<'_> {
    /// The hash over all of it.
    pub(crate) fn hash(&self) -> String {
        // Texts and whole numbers always have a JSON form.
        secrets::sha256_hex(&serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(17))?;
        all.serialize_element(self.prev_hash)?;
        all.serialize_element(self.id)?;
        all.serialize_element(self.person)?;
        all.serialize_element(&self.seq)?;
        all.serialize_element(&self.year)?;
        all.serialize_element(&self.at)?;
        all.serialize_element(self.kind)?;
        all.serialize_element(self.source)?;
        all.serialize_element(self.source_key)?;
        all.serialize_element(self.title)?;
        all.serialize_element(self.subject)?;
        all.serialize_element(&self.hours)?;
        all.serialize_element(self.facts)?;
        all.serialize_element(&self.evidence)?;
        all.serialize_element(&self.decided_by)?;
        all.serialize_element(self.policy)?;
        all.serialize_element(&self.reverses)?;
        all.end()
    }
}

/// An entry in its written form, with everything that its hash is over.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
