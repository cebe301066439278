//! Statements on tenders.
use base::{Instant, PersonId, Result, UnitId, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::tender::{NewTender, Tender, Winner};

fn said(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

pub(crate) async fn insert(
    tx: &Tx,
    (id, unit, year): (&str, UnitId, Year),
    new: &NewTender,
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO tenders (id, unit_id, year, title, document_no, decided_on, serves_from, serves_until, note, \
               made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = params![
        id,
        unit,
        year,
        new.title.trim(),
        new.document_no.trim(),
        said(&new.decided_on),
        said(&new.serves_from),
        said(&new.serves_until),
        new.note.trim(),
        by,
        at
    ];
    db::execute(tx, sql, values).await?;
    let row =
        |(place, w): (i64, &Winner)| params![id, place, w.name.trim(), w.site_url.trim(), w.telephone.trim()];
    let rows = (1_i64..).zip(&new.winners).map(row).collect();
    let columns = ["tender_id", "place", "name", "site_url", "telephone"];
    db::insert_rows(tx, "tender_winners", &columns, rows, "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    unit_name: String,
    year: i64,
    title: String,
    document_no: String,
    decided_on: Option<String>,
    serves_from: Option<String>,
    serves_until: Option<String>,
    note: String,
}

impl Row {
    fn with(self, winners: Vec<Winner>) -> Tender {
        let Self { id, unit_name, year, title, document_no, decided_on, serves_from, serves_until, note } =
            self;
        Tender {
            id,
            unit_name,
            year,
            title,
            document_no,
            decided_on,
            serves_from,
            serves_until,
            note,
            winners,
        }
    }
}

const TENDER: &str = "SELECT t.id, u.name AS unit_name, t.year, t.title, t.document_no, t.decided_on, t.serves_from, \
    t.serves_until, t.note FROM tenders t JOIN units u ON u.id = t.unit_id";

/// A tender with its platforms.
pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Option<Tender>> {
    #[derive(FromQueryResult)]
    struct Line {
        name: String,
        site_url: String,
        telephone: String,
    }
    let row: Option<Row> = db::maybe(conn, &format!("{TENDER} WHERE t.id = $1"), params![id]).await?;
    let Some(row) = row else { return Ok(None) };
    let sql =
        "SELECT name, site_url, telephone FROM tender_winners WHERE tender_id = $1 ORDER BY place LIMIT 100";
    let lines: Vec<Line> = db::all(conn, sql, params![id]).await?;
    let winner = |l: Line| Winner { name: l.name, site_url: l.site_url, telephone: l.telephone };
    Ok(Some(row.with(lines.into_iter().map(winner).collect())))
}

/// Tenders, newest first, without their platforms.
pub(crate) async fn listed(conn: &impl Conn, (after, limit): (&str, i64)) -> Result<Vec<Tender>> {
    let sql = format!("{TENDER} WHERE ($1 = '' OR t.id < $1) ORDER BY t.id DESC LIMIT $2");
    let rows: Vec<Row> = db::all(conn, &sql, params![after, limit]).await?;
    Ok(rows.into_iter().map(|r| r.with(vec![])).collect())
}

/// Tenders in which at least so many of the words stand, newest first.
pub(crate) async fn with_words(
    conn: &impl Conn,
    (words, at_least): (&[String], usize),
    limit: i64,
) -> Result<Vec<Tender>> {
    let mut values = params![limit];
    let mut conditions = vec![];
    for word in words {
        values.push(db::Param::param(&db::containing(word)));
        let n = values.len();
        conditions.push(format!(
            "(t.title LIKE ${n} ESCAPE '!' OR t.document_no LIKE ${n} ESCAPE '!' OR t.note LIKE ${n} ESCAPE '!' OR EXISTS \
             (SELECT 1 FROM tender_winners w WHERE w.tender_id = t.id AND w.name LIKE ${n} ESCAPE '!'))"
        ));
    }
    let holds = db::at_least(&conditions, at_least);
    let sql = format!("{TENDER} WHERE {holds} ORDER BY t.id DESC LIMIT $1");
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    Ok(rows.into_iter().map(|r| r.with(vec![])).collect())
}
