//! Statements on years that were brought in.
use base::{Error, Hours, Instant, PersonId, Result, Year, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::legacy::Legacy;

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    year: i64,
    public_hours: i64,
    professional_hours: i64,
    total_hours: i64,
    certificate_no: Option<String>,
    document: String,
    file_sha256: String,
    imported_at: i64,
    imported_by: String,
}

impl TryFrom<Row> for Legacy {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            person: r.person_id.parse()?,
            year: Year::new(r.year).ok_or_else(|| Error::internal("no year"))?,
            public: Hours::from_hundredths(r.public_hours),
            professional: Hours::from_hundredths(r.professional_hours),
            total: Hours::from_hundredths(r.total_hours),
            imported_at: day::from_millis(r.imported_at),
            id: r.id,
            certificate_no: r.certificate_no,
            document: r.document,
            file_sha256: r.file_sha256,
            imported_by: r.imported_by,
        })
    }
}

const LEGACY: &str = "SELECT l.id, l.person_id, l.year, l.public_hours, l.professional_hours, l.total_hours, \
    l.certificate_no, l.document, l.file_sha256, l.imported_at, p.name AS imported_by FROM legacy_years l \
    JOIN people p ON p.id = l.imported_by WHERE l.ended_at IS NULL";

/// The years of these people that stand, the newest first.
pub(crate) async fn legacy_of(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Legacy>> {
    let mut found = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "{LEGACY} AND l.person_id IN ({}) ORDER BY l.year DESC, l.id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

pub(crate) async fn legacy(conn: &impl Conn, id: &str) -> Result<Legacy> {
    db::one::<Row>(conn, &format!("{LEGACY} AND l.id = $1"), params![id]).await?.try_into()
}

pub(crate) async fn insert_legacy(tx: &Tx, rows: &[Legacy], (by, now): (PersonId, Instant)) -> Result<()> {
    let row = |l: &Legacy| {
        params![
            l.id,
            l.person,
            l.year,
            l.public,
            l.professional,
            l.total,
            l.certificate_no,
            l.document,
            l.file_sha256,
            by,
            now
        ]
    };
    let columns = [
        "id",
        "person_id",
        "year",
        "public_hours",
        "professional_hours",
        "total_hours",
        "certificate_no",
        "document",
        "file_sha256",
        "imported_by",
        "imported_at",
    ];
    db::insert_rows(tx, "legacy_years", &columns, rows.iter().map(row).collect(), "").await?;
    Ok(())
}

pub(crate) async fn end_legacy(
    tx: &Tx,
    id: &str,
    reason: &str,
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "UPDATE legacy_years SET ended_by = $1, ended_at = $2, ended_reason = $3 WHERE id = $4";
    db::execute(tx, sql, params![by, now, reason, id]).await?;
    Ok(())
}
