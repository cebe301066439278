//! A form to be set: facts, tables, sentences, fields to sign.
use base::{Error, Instant, Result};
use documents::{Identity, Manuscript, Typesetter};
use hours::InForce;
use serde::Serialize;
use site::Site;

/// The Typst source of every form.
pub const TEMPLATE: &str = include_str!("../documents/form.typ");
/// Sample data for it.
pub const SAMPLE: &str = include_str!("../documents/sample.json");

/// A label, what stands beside it, and whether it takes the whole line.
pub(crate) type Fact = (String, String, bool);

/// A table of a form.
#[derive(Serialize)]
pub(crate) struct Table {
    pub title: String,
    /// How wide the columns are to each other.
    pub columns: Vec<u8>,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A heading with its paragraphs.
#[derive(Serialize)]
pub(crate) struct Part {
    pub title: String,
    pub lines: Vec<String>,
}

/// What is set.
#[derive(Default, Serialize)]
pub(crate) struct Form {
    pub title: String,
    pub number: String,
    pub note: Option<String>,
    /// That last year's rules hold; empty where the year has its own.
    pub rules: String,
    pub foot: String,
    pub wide: bool,
    pub facts: Vec<Fact>,
    pub parts: Vec<Part>,
    pub tables: Vec<Table>,
    pub says: Vec<String>,
    /// A field for each: who signs, and whose seal.
    pub sign: Vec<String>,
}

impl Form {
    /// A form of a year: what is to be said of its rules stands on it.
    pub(crate) fn by(site: &Site, in_force: &InForce) -> Self {
        Self { note: site.settings.notice.clone(), rules: in_force.words(site), ..Self::default() }
    }
}

/// The words of a key of the locale, parted by spaces.
pub(crate) fn words(site: &Site, key: &str) -> Vec<String> {
    site.texts.get(key).split(' ').map(str::to_owned).collect()
}

/// The form as PDF.
pub(crate) async fn print(
    typesetter: Typesetter,
    form: &Form,
    (ident, made_at): (String, Instant),
) -> Result<Vec<u8>> {
    let data = serde_json::to_value(form).map_err(Error::internal)?;
    let work = move || {
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        typesetter.pdf(&manuscript, &Identity { ident: &ident, made_at }).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
