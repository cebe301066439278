//! Statements on people as they are seen from a viewpoint. Of an instant that is today's row, or the first former one that
//! held up to it: what was written at the very instant is left out, so that the answer never depends on which came first.
use std::collections::HashSet;

use base::{Error, PersonId, Result, Scope, UnitId};
use db::{Conn, params};

use crate::{
    Person, Viewpoint,
    store::PersonRow,
    store_units,
    viewpoint::PlacedFact::{Establishment, Status},
};

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

/// People from a viewpoint.
fn seen(view: &Viewpoint) -> String {
    let rows: Vec<String> = ["name", "gender", "birth_date", "category", "level", "retirement"]
        .iter()
        .map(|column| format!("{} AS {column}", view.row(column)))
        .collect();
    let met = view.instant().map(|at| format!(" AND p.created_at < {at}")).unwrap_or_default();
    format!(
        "SELECT p.id, {}, u.id AS unit_id, u.name AS unit_name, {} AS path, d.name AS department, \
         d.id AS department_id, {} AS establishment, {} AS status, {} AS joined_on, p.id_number_masked, p.id_type, \
         p.staff_no, p.post_claimed_at FROM {} WHERE TRUE{met}",
        rows.join(", "),
        view.place(),
        view.fact(Establishment),
        view.fact(Status),
        view.joined_on(),
        view.people(),
    )
}

async fn read(
    conn: &impl Conn,
    view: &Viewpoint,
    (condition, values): (&str, Vec<db::Value>),
) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = db::all(conn, &format!("{} AND {condition}", seen(view)), values).await?;
    let mut people: Vec<Person> = rows.into_iter().map(Person::try_from).collect::<Result<_, Error>>()?;
    if let (None, Some(past)) = (view.instant(), view.past()) {
        // Documents of a past year print the name that the unit had.
        let units: HashSet<UnitId> = people.iter().map(|p| p.unit).collect();
        let units: Vec<UnitId> = units.into_iter().collect();
        let names = store_units::names_on(conn, &units, past.on).await?;
        for person in &mut people {
            if let Some(name) = names.get(&person.unit) {
                person.unit_name.clone_from(name);
            }
        }
    }
    Ok(people)
}

/// A person from a viewpoint; who was not there yet is not found.
pub async fn person_seen(conn: &impl Conn, id: PersonId, view: &Viewpoint) -> Result<Person> {
    let found = read(conn, view, ("p.id = $1", params![id])).await?;
    found.into_iter().next().ok_or_else(Error::not_found)
}

/// These people from a viewpoint, in the order of ids; who was not there yet is left out.
pub async fn people_seen(conn: &impl Conn, ids: &[PersonId], view: &Viewpoint) -> Result<Vec<Person>> {
    let mut found = vec![];
    for chunk in ids.chunks(5000) {
        let condition = format!("p.id IN ({}) ORDER BY p.id", db::in_list(1, chunk.len()));
        let values = chunk.iter().map(db::Param::param).collect();
        found.extend(read(conn, view, (&condition, values)).await?);
    }
    Ok(found)
}

/// Up to `limit` trainees of a scope after an id, in order, whatever their status: what goes over everyone.
pub async fn trainees_seen(
    conn: &impl Conn,
    (scope, view): (&Scope, &Viewpoint),
    (after, limit): (&str, i64),
) -> Result<Vec<Person>> {
    let mut values = params![after, limit];
    // Everyone is asked for without a condition: a planner takes one on the place for a rare thing and reads all units.
    let is_everyone = scope.paths.iter().any(|path| path == "/");
    let within = if is_everyone { "TRUE".to_owned() } else { view.scoped(&view.place(), scope, &mut values) };
    let condition = format!(
        "p.id > $1 AND {} IS NOT NULL AND {within} ORDER BY p.id LIMIT $2",
        view.row("id_number_lookup")
    );
    read(conn, view, (&condition, values)).await
}
