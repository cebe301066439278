//! Statements on people as their rows stood just before an instant: today's row, or the first former one that held up to
//! it. What was written at the very instant is left out, so that the answer never depends on which came first.
use base::{Error, Instant, PersonId, Result, Scope};
use db::{Conn, params};

use crate::{Person, store::PersonRow};

/// What the database keeps of a person's row before each change.
pub const FORMER: db::Former = db::Former {
    table: "people",
    history: "former_people",
    owner: "person_id",
    columns: &[
        "name",
        "unit_id",
        "department_id",
        "gender",
        "birth_date",
        "category",
        "level",
        "establishment",
        "status",
        "retirement",
        "joined_on",
    ],
    presence: &["id_number_lookup"],
};

/// A column as it stood then.
fn then(column: &str) -> String {
    format!("CASE WHEN f.no IS NULL THEN p.{column} ELSE f.{column} END")
}

/// People at the instant $1: `p`, `f` where the row was another then, and unit `u` and department `d` of that time.
fn people() -> String {
    let columns =
        ["gender", "birth_date", "category", "level", "establishment", "status", "retirement", "joined_on"];
    let columns: Vec<String> = columns.iter().map(|c| format!("{} AS {c}", then(c))).collect();
    format!(
        "SELECT p.id, {} AS name, u.id AS unit_id, u.name AS unit_name, COALESCE(d.path, u.path) AS path, \
         d.name AS department, p.id_number_masked, {}, d.id AS department_id, p.id_type, p.staff_no, p.post_claimed_at \
         FROM people p LEFT JOIN former_people f ON f.person_id = p.id AND f.until >= $1 AND NOT EXISTS (SELECT 1 \
         FROM former_people g WHERE g.person_id = p.id AND g.until >= $1 AND g.no < f.no) \
         JOIN units u ON u.id = {} LEFT JOIN units d ON d.id = {} WHERE p.created_at < $1",
        then("name"),
        columns.join(", "),
        then("unit_id"),
        then("department_id"),
    )
}

/// A person as the row stood at an instant; who was not there yet is not found.
pub async fn person_at(conn: &impl Conn, id: PersonId, at: Instant) -> Result<Person> {
    let sql = format!("{} AND p.id = $2", people());
    db::one::<PersonRow>(conn, &sql, params![at, id]).await?.try_into()
}

/// As [`crate::trainees_after`], by where and what people were at an instant.
pub async fn trainees_at(
    conn: &impl Conn,
    (scope, at): (&Scope, Instant),
    after: &str,
    limit: i64,
) -> Result<Vec<Person>> {
    let mut values = params![at, after, limit];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "{} AND p.id > $2 AND {} IS NOT NULL AND {within} ORDER BY p.id LIMIT $3",
        people(),
        then("id_number_lookup")
    );
    db::all::<PersonRow>(conn, &sql, values)
        .await?
        .into_iter()
        .map(Person::try_from)
        .collect::<Result<_, Error>>()
}
