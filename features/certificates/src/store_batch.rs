//! Statements of batch printing: who holds a certificate of a year and who does not, in the order of departments.
use std::collections::HashMap;

use base::{Instant, PersonId, Result, Scope, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    Certificate,
    batch::{Holder, MOST},
    store,
};

const PLACES: &str = "people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
    LEFT JOIN accounts a ON a.person_id = p.id";
const LIVING: &str = "certificates c WHERE c.person_id = p.id AND c.year = $1 AND c.state = 'valid' AND c.kind IN ('training', 'make_up')";

/// How many certificates of the year there are in the scope.
pub(crate) async fn count(conn: &impl Conn, scope: &Scope, year: Year) -> Result<i64> {
    let mut values = params![year];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT COUNT(*) FROM certificates c {JOINED} WHERE c.year = $1 AND c.state = 'valid' \
         AND c.kind IN ('training', 'make_up') AND {within}"
    );
    db::count(conn, &sql, values).await
}

/// Up to `limit` holders in the order of places and names, after one of them.
pub(crate) async fn holders(
    conn: &impl Conn,
    (scope, year): (&Scope, Year),
    after: Option<&Holder>,
    limit: usize,
) -> Result<Vec<Holder>> {
    #[derive(FromQueryResult)]
    struct Row {
        no: String,
        name: String,
        place: String,
        staff_no: String,
        path: String,
    }
    let (path, name, no) = after.map_or(("", "", ""), |h| (&h.path, &h.name, h.certificate.no.compact()));
    let mut values = params![year, path, name, no];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.no, p.name, COALESCE(d.name, u.name) AS place, COALESCE(p.staff_no, a.name, '') AS staff_no, \
         COALESCE(d.path, u.path) AS path FROM certificates c {JOINED} WHERE c.year = $1 AND c.state = 'valid' \
         AND c.kind IN ('training', 'make_up') AND {within} AND (COALESCE(d.path, u.path) > $2 OR \
         (COALESCE(d.path, u.path) = $2 AND (p.name > $3 OR (p.name = $3 AND c.no > $4)))) \
         ORDER BY COALESCE(d.path, u.path), p.name, c.no LIMIT {limit}"
    );
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    let numbers: Vec<String> = rows.iter().map(|r| r.no.clone()).collect();
    let found = store::by_numbers(conn, &numbers).await?;
    let mut by_no: HashMap<String, Certificate> =
        found.into_iter().map(|c| (c.no.compact().to_owned(), c)).collect();
    let holder = |r: Row| {
        let certificate = by_no.remove(&r.no)?;
        Some(Holder { certificate, name: r.name, place: r.place, staff_no: r.staff_no, path: r.path })
    };
    Ok(rows.into_iter().filter_map(holder).collect())
}

const JOINED: &str = "JOIN people p ON p.id = c.person_id JOIN units u ON u.id = p.unit_id \
    LEFT JOIN units d ON d.id = p.department_id LEFT JOIN accounts a ON a.person_id = p.id";

/// People on post who hold no living certificate of the year.
pub(crate) async fn without(
    conn: &impl Conn,
    scope: &Scope,
    year: Year,
) -> Result<Vec<(PersonId, String, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        name: String,
        place: String,
    }
    let mut values = params![year];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT p.id, p.name, COALESCE(d.name, u.name) AS place FROM {PLACES} WHERE {within} AND p.status = 'on_post' \
         AND p.id_number_lookup IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {LIVING}) \
         ORDER BY COALESCE(d.path, u.path), p.name, p.id LIMIT {MOST}"
    );
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| Ok((r.id.parse()?, r.name, r.place))).collect()
}

/// Remembers the files of an archive, in the order of its certificates; none were made where one document was.
pub(crate) async fn remember_prints(
    tx: &Tx,
    hashes: &[String],
    certificates: &[&Certificate],
    now: Instant,
) -> Result<()> {
    let row = |(hash, c): (&String, &&Certificate)| params![hash, c.no.compact(), c.revision, now];
    let rows: Vec<_> = hashes.iter().zip(certificates).map(row).collect();
    let columns = ["sha256", "no", "revision", "at"];
    db::insert_rows(tx, "certificate_prints", &columns, rows, "ON CONFLICT (sha256) DO NOTHING").await?;
    Ok(())
}
