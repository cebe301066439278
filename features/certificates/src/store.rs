//! Statements on certificates.
use base::{Error, PersonId, Result, Year};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::{Number, content::Content, issue::Certificate};

#[derive(FromQueryResult)]
struct Row {
    no: String,
    person_id: String,
    state: String,
    content: String,
    signature: String,
    key_id: String,
    issued_at: i64,
}

impl TryFrom<Row> for Certificate {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            no: Number::parse(&r.no)
                .ok_or_else(|| Error::internal("a stored certificate number does not read"))?,
            person: r.person_id.parse()?,
            state: r.state,
            content: serde_json::from_str::<Content>(&r.content).map_err(Error::internal)?,
            signed: r.content,
            signature: r.signature,
            key_id: r.key_id,
            issued_at: base::day::from_millis(r.issued_at),
        })
    }
}

const COLUMNS: &str = "no, person_id, state, content, signature, key_id, issued_at";

pub(crate) async fn by_number(conn: &impl Conn, no: &Number) -> Result<Option<Certificate>> {
    let sql = format!("SELECT {COLUMNS} FROM certificates WHERE no = $1");
    db::maybe::<Row>(conn, &sql, params![no.compact()]).await?.map(Certificate::try_from).transpose()
}

/// The newest certificate of a person's year.
pub(crate) async fn of_year(conn: &impl Conn, person: PersonId, year: Year) -> Result<Option<Certificate>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM certificates WHERE person_id = $1 AND year = $2 ORDER BY issue DESC LIMIT 1"
    );
    db::maybe::<Row>(conn, &sql, params![person, year]).await?.map(Certificate::try_from).transpose()
}

pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Certificate>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM certificates WHERE person_id = $1 ORDER BY year DESC, issue DESC LIMIT 100"
    );
    db::all::<Row>(conn, &sql, params![person]).await?.into_iter().map(Certificate::try_from).collect()
}

/// Writes the first issue of a year; false when another writer was first.
pub(crate) async fn insert(conn: &impl Conn, c: &Certificate) -> Result<bool> {
    let sql = "INSERT INTO certificates (no, person_id, year, issue, state, content, signature, key_id, issued_at) \
               VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let values = params![
        c.no.compact(),
        c.person,
        c.content.year,
        c.state,
        c.signed,
        c.signature,
        c.key_id,
        c.issued_at,
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}
