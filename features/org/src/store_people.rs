//! Statements that write people, and finding them by their papers.
use std::collections::HashMap;

use base::{Error, Instant, Paper, PersonId, Phone, Result, UnitId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{
    Person, Unit, UnitKind,
    history::Placement,
    person::{Facts, NewPerson, Stamp},
    store::{PERSON, PersonRow},
    store_former, store_history,
};

/// The people whose papers stand under any of each paper's indexes, by the first of them.
pub(crate) async fn by_papers(conn: &impl Conn, papers: &[Vec<String>]) -> Result<HashMap<String, Person>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: String,
        id_number_lookup: String,
    }
    let mut found = HashMap::new();
    let firsts = papers.iter().filter_map(|of| Some((of, of.first()?)));
    let first: HashMap<&String, &String> =
        firsts.flat_map(|(of, f)| of.iter().map(move |l| (l, f))).collect();
    let lookups: Vec<&String> = papers.iter().flatten().collect();
    for chunk in lookups.chunks(5000) {
        let list = db::in_list(1, chunk.len());
        let values: Vec<db::Value> = chunk.iter().map(db::Param::param).collect();
        let sql = format!("SELECT id, id_number_lookup FROM people WHERE id_number_lookup IN ({list})");
        let ids: Vec<Found> = db::all(conn, &sql, values.clone()).await?;
        let sql = format!("{PERSON} WHERE p.id_number_lookup IN ({list})");
        let rows: Vec<PersonRow> = db::all(conn, &sql, values).await?;
        let mut people: HashMap<String, PersonRow> = rows.into_iter().map(|r| (r.id.clone(), r)).collect();
        for f in ids {
            if let (Some(row), Some(by)) = (people.remove(&f.id), first.get(&f.id_number_lookup)) {
                found.insert((*by).clone(), row.try_into()?);
            }
        }
    }
    Ok(found)
}

/// Those of a unit who are on post and known by a paper: id and name, for what a roster leaves out.
pub(crate) async fn on_post_of(conn: &impl Conn, unit: UnitId) -> Result<Vec<(PersonId, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        name: String,
    }
    let sql = "SELECT id, name FROM people WHERE unit_id = $1 AND status = 'on_post' AND id_number_lookup IS NOT NULL \
               ORDER BY id LIMIT 60000";
    let rows: Vec<Row> = db::all(conn, sql, params![unit]).await?;
    rows.into_iter().map(|r| Ok((r.id.parse()?, r.name))).collect()
}

/// Everyone of a unit, whatever the status; for a merge of units.
pub(crate) async fn all_of(conn: &impl Conn, unit: &Unit) -> Result<Vec<Person>> {
    let column = if unit.kind == UnitKind::Department { "p.department_id" } else { "p.unit_id" };
    let sql = format!("{PERSON} WHERE {column} = $1 ORDER BY p.id LIMIT 100000");
    db::all::<PersonRow>(conn, &sql, params![unit.id]).await?.into_iter().map(Person::try_from).collect()
}

/// Puts everyone of a unit into another one, if one is named, and everyone of a department into the one that it joined.
pub(crate) async fn place_all(
    tx: &Tx,
    unit: Option<(UnitId, UnitId)>,
    departments: &[(UnitId, UnitId)],
    now: Instant,
) -> Result<()> {
    let columns = unit.iter().map(|(from, _)| ("unit_id", from));
    for (column, gone) in columns.chain(departments.iter().map(|(gone, _)| ("department_id", gone))) {
        // People are held in one order everywhere, as a booking for all of a unit does.
        let lock = db::dialect::for_no_key_update(tx);
        let sql = format!("SELECT id FROM people WHERE {column} = $1 ORDER BY id{lock}");
        db::execute(tx, &sql, params![gone]).await?;
    }
    if let Some((from, to)) = unit {
        let sql = "UPDATE people SET unit_id = $1, updated_at = $2 WHERE unit_id = $3";
        db::execute(tx, sql, params![to, now, from]).await?;
    }
    for (gone, joined) in departments {
        let sql = "UPDATE people SET department_id = $1, updated_at = $2 WHERE department_id = $3";
        db::execute(tx, sql, params![joined, now, gone]).await?;
    }
    Ok(())
}

/// Lets one record's numbers lead to another one; the record itself counts nowhere any more.
pub(crate) async fn absorb(site: &Site, tx: &Tx, (kept, gone): (PersonId, PersonId)) -> Result<()> {
    let now = site.now();
    store_former::keep(site, tx, (gone, kept)).await?;
    store_former::inherit(tx, (gone, kept)).await?;
    let sql = "UPDATE people SET merged_into = $1, id_number_lookup = NULL, updated_at = $2 WHERE id = $3 OR merged_into = $3";
    db::execute(tx, sql, params![kept, now, gone]).await?;
    Ok(())
}

/// The person of a whole paper's number, present or former.
pub async fn by_paper(site: &Site, conn: &impl Conn, paper: &Paper) -> Result<Option<Person>> {
    let lookups = accounts::paper_lookups(site, paper);
    let list = db::in_list(1, lookups.len());
    let sql = format!(
        "{PERSON} WHERE p.merged_into IS NULL AND (p.id_number_lookup IN ({list}) OR p.id IN \
         (SELECT person_id FROM former_papers WHERE lookup IN ({list}))) ORDER BY p.id LIMIT 1"
    );
    let values = lookups.iter().map(db::Param::param).collect();
    db::maybe::<PersonRow>(conn, &sql, values).await?.map(Person::try_from).transpose()
}

/// Holds the people of a unit until the transaction ends: a roster that was compared is written as compared.
pub(crate) async fn hold_people_of(tx: &Tx, unit: UnitId) -> Result<()> {
    let lock = format!("SELECT id FROM people WHERE unit_id = $1 ORDER BY id{}", db::dialect::for_update(tx));
    db::execute(tx, &lock, params![unit]).await?;
    Ok(())
}

/// The contact phones of these people, in clear; who shows them says so in the audit trail.
pub async fn contact_phones(
    site: &Site,
    conn: &impl Conn,
    people: &[PersonId],
) -> Result<HashMap<PersonId, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        contact_phone_sealed: String,
    }
    let mut phones = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT id, contact_phone_sealed FROM people WHERE contact_phone_sealed IS NOT NULL AND id IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            let phone = site
                .keys
                .open_sealed(&format!("people.contact_phone:{}", row.id), &row.contact_phone_sealed)?;
            phones.insert(row.id.parse()?, phone);
        }
    }
    Ok(phones)
}

const NEW: [&str; 20] = [
    "id",
    "unit_id",
    "department_id",
    "name",
    "id_type",
    "id_number_sealed",
    "id_number_lookup",
    "id_number_masked",
    "gender",
    "birth_date",
    "category",
    "level",
    "establishment",
    "status",
    "retirement",
    "joined_on",
    "contact_phone_sealed",
    "staff_no",
    "created_at",
    "updated_at",
];

/// Writes new people with their sealed numbers and first placements. A number that another write took is a conflict.
pub(crate) async fn insert_people(
    site: &Site,
    tx: &Tx,
    people: &[NewPerson],
    departments: &HashMap<String, UnitId>,
    stamp: Stamp,
) -> Result<()> {
    let department = |p: &NewPerson| p.facts.department.as_ref().and_then(|d| departments.get(d)).copied();
    // A number that stands under an older key goes along, so that the constraint sees that it is taken.
    let older = people.iter().filter_map(|p| p.paper.as_ref());
    let older: Vec<_> = older.flat_map(|n| site.keys.older_indexes("id_number", n.number())).collect();
    db::replace_values(tx, ("people", "id_number_lookup"), &older).await?;
    let rows = people.iter().map(|p| new_row(site, p, department(p), stamp)).collect::<Result<_>>()?;
    let suffix = "ON CONFLICT (id_number_lookup) DO NOTHING";
    let written = db::insert_rows(tx, "people", &NEW, rows, suffix).await?;
    if written != people.len() as u64 {
        return Err(Error::conflict("person_exists"));
    }
    let placements: Vec<Placement> = people.iter().map(|p| entered(p, department(p), stamp)).collect();
    store_history::append(tx, &placements, stamp.by, stamp.now).await
}

/// Where someone is who comes in.
fn entered(p: &NewPerson, department: Option<UnitId>, stamp: Stamp) -> Placement {
    let today = base::day::day_of(stamp.now);
    Placement {
        person: p.id,
        from: p.facts.joined_on.map(|d| d.min(today)),
        unit: stamp.unit,
        department,
        status: p.facts.status.unwrap_or(base::Status::OnPost),
        category: p.facts.category,
        level: p.facts.level,
        establishment: p.facts.establishment.unwrap_or_default(),
        reason: "entered",
    }
}

/// What [`insert_people`] would write for people who are new to an installation that is being filled.
pub(crate) fn loaded(
    site: &Site,
    people: &[NewPerson],
    departments: &HashMap<String, UnitId>,
    stamp: Stamp,
) -> Result<[db::Rows; 2]> {
    let department = |p: &NewPerson| p.facts.department.as_ref().and_then(|d| departments.get(d)).copied();
    let rows = people.iter().map(|p| new_row(site, p, department(p), stamp)).collect::<Result<_>>()?;
    let first = |p: &NewPerson| store_history::row(&entered(p, department(p), stamp), 1, stamp.by, stamp.now);
    let placements = people.iter().map(first).collect();
    let placements = db::Rows { table: "placements", columns: store_history::COLUMNS, rows: placements };
    Ok([db::Rows { table: "people", columns: &NEW, rows }, placements])
}

fn new_row(site: &Site, p: &NewPerson, department: Option<UnitId>, stamp: Stamp) -> Result<Vec<db::Value>> {
    let paper = p.paper.as_ref();
    let facts = &p.facts;
    Ok(params![
        p.id,
        stamp.unit,
        department,
        p.name,
        paper.map(Paper::kind).unwrap_or_default().code(),
        paper.map(|n| seal(site, p.id, "id_number", n.number())).transpose()?,
        paper.map(|n| accounts::paper_lookup(site, n)),
        paper.map(Paper::masked),
        p.gender.map(|g| g.code()),
        p.birth_date,
        facts.category.map(|c| c.code()),
        facts.level.map(|l| l.code()),
        facts.establishment.unwrap_or_default().code(),
        facts.status.unwrap_or(base::Status::OnPost).code(),
        facts.retirement.unwrap_or_default().code(),
        facts.joined_on,
        facts.contact_phone.as_ref().map(|n| seal(site, p.id, "contact_phone", n.as_str())).transpose()?,
        facts.staff_no,
        stamp.now,
        stamp.now,
    ])
}

fn seal(site: &Site, id: PersonId, column: &str, value: &str) -> Result<String> {
    site.keys.seal(&format!("people.{column}:{id}"), value, &*site.random)
}

/// A person who is known and changes.
pub(crate) struct Update {
    pub after: Person,
    pub contact_phone: Option<Phone>,
}

/// Writes the facts of people who are known already; identities stay as they are.
pub(crate) async fn update_people(site: &Site, tx: &Tx, updates: &[Update], now: Instant) -> Result<()> {
    let columns = [
        "id",
        "unit_id",
        "department_id",
        "name",
        "category",
        "level",
        "status",
        "establishment",
        "retirement",
        "joined_on",
        "staff_no",
        "post_claimed_at",
        "contact_phone_sealed",
        "created_at",
        "updated_at",
    ];
    let row = |u: &Update| -> Result<Vec<db::Value>> {
        let p = &u.after;
        let phone = u.contact_phone.as_ref();
        Ok(params![
            p.id,
            p.unit,
            p.department_id,
            p.name,
            p.category.map(|c| c.code()),
            p.level.map(|l| l.code()),
            p.status.code(),
            p.establishment.code(),
            p.retirement.code(),
            p.joined_on,
            p.staff_no,
            p.is_post_claimed.then_some(now),
            phone.map(|n| seal(site, p.id, "contact_phone", n.as_str())).transpose()?,
            now,
            now,
        ])
    };
    let rows = updates.iter().map(row).collect::<Result<_>>()?;
    let suffix = "ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, department_id = excluded.department_id, \
        name = excluded.name, category = excluded.category, level = excluded.level, status = excluded.status, \
        establishment = excluded.establishment, retirement = excluded.retirement, joined_on = excluded.joined_on, \
        staff_no = excluded.staff_no, post_claimed_at = excluded.post_claimed_at, \
        contact_phone_sealed = COALESCE(excluded.contact_phone_sealed, people.contact_phone_sealed), \
        updated_at = excluded.updated_at";
    db::insert_rows(tx, "people", &columns, rows, suffix).await?;
    Ok(())
}

/// Writes who someone is: paper, gender and birth date. A number that someone else has is a conflict.
pub(crate) async fn update_identity(site: &Site, tx: &Tx, p: &Person, paper: Option<&Paper>) -> Result<()> {
    let sql = "UPDATE people SET gender = $1, birth_date = $2, updated_at = $3 WHERE id = $4";
    db::execute(tx, sql, params![p.gender.map(|g| g.code()), p.birth_date, site.now(), p.id]).await?;
    let Some(paper) = paper else { return Ok(()) };
    let known = by_papers(tx, &[accounts::paper_lookups(site, paper)]).await?;
    if known.values().any(|k| k.id != p.id) {
        return Err(Error::conflict("person_exists"));
    }
    if known.is_empty() {
        store_former::keep(site, tx, (p.id, p.id)).await?;
    }
    let lookup = accounts::paper_lookup(site, paper);
    let sql = "UPDATE people SET id_type = $1, id_number_sealed = $2, id_number_lookup = $3, id_number_masked = $4 \
               WHERE id = $5";
    let sealed = seal(site, p.id, "id_number", paper.number())?;
    db::execute(tx, sql, params![paper.kind().code(), sealed, lookup, paper.masked(), p.id]).await?;
    accounts::replace_id_number(site, tx, p.id, paper).await
}

pub(crate) async fn save_profile(tx: &Tx, p: &Person, now: Instant) -> Result<()> {
    let sql = "UPDATE people SET category = $1, level = $2, retirement = $3, post_claimed_at = $4, \
               profile_confirmed_at = $5, updated_at = $5 WHERE id = $6";
    let (category, level) = (p.category.map(|c| c.code()), p.level.map(|l| l.code()));
    let claimed = p.is_post_claimed.then_some(now);
    db::execute(tx, sql, params![category, level, p.retirement.code(), claimed, now, p.id]).await?;
    Ok(())
}

/// Adds a person by name only: someone who administers and is no trainee yet.
pub async fn add_person(site: &Site, tx: &Tx, unit: UnitId, name: &str) -> Result<PersonId> {
    let name = base::name::person_name(name).ok_or_else(|| Error::invalid("name", "name_form"))?;
    let person = NewPerson {
        id: site.new_id(),
        account: site.new_id(),
        name,
        paper: None,
        gender: None,
        birth_date: None,
        facts: Facts::default(),
    };
    let id = person.id;
    let stamp = Stamp { unit, now: site.now(), by: None };
    insert_people(site, tx, &[person], &HashMap::new(), stamp).await?;
    Ok(id)
}
