//! Checking every row against the rules of the roster and against who is there already: who is new, who changes in
//! what, what is kept because a person entered it, who is left out.
use std::collections::HashSet;

use base::{Day, PersonId, Phone, Result, person::Code};
use db::Conn;
use serde::Serialize;
use site::Site;

use super::{
    CellError, Outcome, Progress,
    row::{self, ReadRow},
    sheet::Sheet,
    words,
};
use crate::{Person, Unit, person::NewPerson, store_people};

/// How an import treats what people entered themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the roster's category and level replace the ones that a person entered and nobody confirmed yet.
    pub replaces_claims: bool,
}

/// What an import would do.
#[derive(Default)]
pub(crate) struct Plan {
    pub rows: usize,
    pub created: Vec<New>,
    pub changed: Vec<Change>,
    pub unchanged: usize,
    /// People on post whom the roster does not name; they stay as they are.
    pub left_out: Vec<(PersonId, String)>,
    pub errors: Vec<CellError>,
}

/// A person who is new.
pub(crate) struct New {
    pub row: usize,
    pub person: NewPerson,
}

/// A person who is known, and whose row says something else.
pub(crate) struct Change {
    pub row: usize,
    pub before: Person,
    pub after: Person,
    pub contact_phone: Option<Phone>,
    pub differences: Vec<Difference>,
}

/// One fact that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The column's code.
    pub column: &'static str,
    /// What is there.
    pub old: String,
    /// What the roster says.
    pub new: String,
    /// Whether the import writes it; if not, why.
    pub kept: Option<&'static str>,
}

impl Change {
    /// Whether the import writes anything of it.
    pub(crate) fn is_written(&self) -> bool {
        self.differences.iter().any(|d| d.kept.is_none())
    }
}

impl Plan {
    pub(crate) fn outcome(&self) -> Outcome {
        let writes = self.errors.is_empty();
        Outcome {
            rows: self.rows,
            created: if writes { self.created.len() } else { 0 },
            updated: if writes { self.changed.iter().filter(|c| c.is_written()).count() } else { 0 },
            unchanged: self.unchanged,
            left_out: self.left_out.len(),
            differences: self
                .changed
                .iter()
                .flat_map(|c| c.differences.iter().map(|d| (c.row, c.before.name.clone(), d.clone())))
                .take(1000)
                .collect(),
            errors: self.errors.clone(),
        }
    }
}

/// Reads every row, collects every error, and sorts people into new and changed.
pub(crate) async fn make(
    site: &Site,
    conn: &impl Conn,
    unit: &Unit,
    sheet: &Sheet,
    (options, progress): (Options, &Progress),
) -> Result<Plan> {
    let mut plan = Plan::default();
    let read = read_all(site, sheet, &mut plan, progress);
    let papers: Vec<Vec<String>> = read.iter().map(|r| accounts::paper_lookups(site, &r.paper)).collect();
    let mut known = store_people::by_papers(conn, &papers).await?;
    let phones = phones(site, conn, &read, &known).await?;
    let bound = activated(conn, known.values().map(|p| p.id)).await?;
    let mut named = HashSet::new();
    for r in read {
        match known.remove(&r.lookup) {
            None => plan.created.push(New { row: r.row, person: new_person(site, r) }),
            Some(person) if person.unit != unit.id => {
                plan.errors.push(CellError::new(r.row, "id_number", "person_elsewhere"));
            }
            Some(before) => {
                named.insert(before.id);
                let known_phone = phones.get(&before.id).map(String::as_str);
                let is_activated = bound.contains(&before.id);
                match change(before, r, options, (known_phone, is_activated)) {
                    Ok(Some(change)) => plan.changed.push(change),
                    Ok(None) => plan.unchanged += 1,
                    Err(error) => plan.errors.push(error),
                }
            }
        }
    }
    let on_post = store_people::on_post_of(conn, unit.id).await?;
    plan.left_out = on_post.into_iter().filter(|(id, _)| !named.contains(id)).collect();
    plan.errors.sort_by_key(|e| (e.row, words::COLUMNS.iter().position(|c| *c == e.column)));
    Ok(plan)
}

/// Reads every row; what is wrong with one goes to the plan's errors.
pub(super) fn read_all(site: &Site, sheet: &Sheet, plan: &mut Plan, progress: &Progress) -> Vec<ReadRow> {
    let today = base::day::day_of(site.now());
    let total = sheet.lines.len();
    let mut seen = HashSet::new();
    let mut read = vec![];
    for row in sheet.rows() {
        plan.rows += 1;
        if plan.rows.is_multiple_of(500) {
            progress.at("checking", plan.rows, total);
        }
        let Some(r) = row::read(site, today, row, &mut plan.errors) else { continue };
        if seen.insert(r.lookup.clone()) {
            read.push(r);
        } else {
            let code = "duplicate_in_file";
            plan.errors.push(CellError::new(row.number, "id_number", code));
        }
    }
    read
}

pub(super) fn new_person(site: &Site, r: ReadRow) -> NewPerson {
    NewPerson {
        id: site.new_id(),
        account: site.new_id(),
        name: r.name,
        paper: Some(r.paper),
        gender: Some(r.gender),
        birth_date: Some(r.birth_date),
        facts: r.facts,
    }
}

/// The contact phones of those whose rows name one.
async fn phones(
    site: &Site,
    conn: &impl Conn,
    read: &[ReadRow],
    known: &std::collections::HashMap<String, Person>,
) -> Result<std::collections::HashMap<PersonId, String>> {
    let named = read.iter().filter(|r| r.facts.contact_phone.is_some());
    let ids: Vec<PersonId> = named.filter_map(|r| known.get(&r.lookup)).map(|p| p.id).collect();
    store_people::contact_phones(site, conn, &ids).await
}

/// Those who have signed in and bound a phone.
async fn activated(conn: &impl Conn, ids: impl Iterator<Item = PersonId>) -> Result<HashSet<PersonId>> {
    let ids: Vec<PersonId> = ids.collect();
    let mut bound = HashSet::new();
    for chunk in ids.chunks(5000) {
        let names = accounts::account_names(conn, chunk).await?;
        bound.extend(names.into_iter().filter(|(_, (_, is_bound))| *is_bound).map(|(id, _)| id));
    }
    Ok(bound)
}

/// What a row changes of a known person; empty cells keep what is there. `None` if it says the same.
fn change(
    before: Person,
    r: ReadRow,
    options: Options,
    (known_phone, is_activated): (Option<&str>, bool),
) -> Result<Option<Change>, CellError> {
    let mut differences = vec![];
    let mut after = before.clone();
    if before.name != r.name {
        let kept = is_activated.then_some("correction_needed");
        differences.push(Difference { column: "name", old: before.name.clone(), new: r.name.clone(), kept });
        if kept.is_none() {
            after.name.clone_from(&r.name);
        }
    }
    post(&before, &mut after, &r, options, &mut differences);
    service(&before, &mut after, &r, &mut differences);
    if let (Some(category), Some(level)) = (after.category, after.level)
        && !level.fits(category)
    {
        if r.facts.level.is_some() {
            return Err(CellError::new(r.row, "level", "level_mismatch"));
        }
        let old = level.code();
        differences.push(Difference { column: "level", old, new: String::new(), kept: None });
        after.level = None;
    }
    let contact_phone = r.facts.contact_phone.filter(|p| known_phone != Some(p.as_str()));
    if let Some(phone) = &contact_phone {
        let old = known_phone.and_then(Phone::parse).map(|p| p.masked()).unwrap_or_default();
        differences.push(Difference { column: "phone", old, new: phone.masked(), kept: None });
    }
    let change = Change { row: r.row, before, after, contact_phone, differences };
    Ok(Some(change).filter(|c| !c.differences.is_empty()))
}

/// Category and level. What the person entered and nobody confirmed stays unless the importer says otherwise; where
/// the roster says the same, that confirms it.
fn post(
    before: &Person,
    after: &mut Person,
    r: &ReadRow,
    options: Options,
    differences: &mut Vec<Difference>,
) {
    let kept = (before.is_post_claimed && !options.replaces_claims).then_some("claimed");
    let facts = &r.facts;
    let pairs = [
        ("category", before.category.map(|c| c.code()), facts.category.map(|c| c.code())),
        ("level", before.level.map(|l| l.code()), facts.level.map(|l| l.code())),
    ];
    let mut differs = false;
    for (column, old, new) in pairs {
        let Some(new) = new.filter(|n| Some(n) != old.as_ref()) else { continue };
        // What the person left open, the roster may fill.
        let kept = kept.filter(|_| old.is_some());
        differs = true;
        differences.push(Difference { column, old: old.unwrap_or_default(), new, kept });
        if kept.is_none() {
            match column {
                "category" => after.category = facts.category,
                _ => after.level = facts.level,
            }
        }
    }
    let states_all = facts.category.is_some() && facts.level.is_some();
    let is_confirmed = states_all && (!differs || kept.is_none());
    if before.is_post_claimed && is_confirmed {
        after.is_post_claimed = false;
        if !differs {
            let (old, new) = ("claimed".to_owned(), "confirmed".to_owned());
            differences.push(Difference { column: "post", old, new, kept: None });
        }
    }
}

/// Everything else: department, status, days, 工号, establishment.
fn service(before: &Person, after: &mut Person, r: &ReadRow, differences: &mut Vec<Difference>) {
    let facts = &r.facts;
    let mut differ = |column, old: String, new: Option<String>, kept| -> bool {
        let Some(new) = new.filter(|n| *n != old) else { return false };
        differences.push(Difference { column, old, new, kept });
        kept.is_none()
    };
    let text = |d: Option<Day>| d.map(|d| d.to_string());
    if differ("department", before.department.clone().unwrap_or_default(), facts.department.clone(), None) {
        after.department.clone_from(&facts.department);
    }
    if differ("status", before.status.code(), facts.status.map(|s| s.code()), None) {
        after.status = facts.status.unwrap_or(before.status);
    }
    // The first entry into service is never moved by an import (domain §1).
    let kept = before.joined_on.map(|_| "joined_on_kept");
    if differ("joined_on", text(before.joined_on).unwrap_or_default(), text(facts.joined_on), kept) {
        after.joined_on = facts.joined_on;
    }
    if differ("staff_no", before.staff_no.clone().unwrap_or_default(), facts.staff_no.clone(), None) {
        after.staff_no.clone_from(&facts.staff_no);
    }
    if differ("establishment", before.establishment.code(), facts.establishment.map(|e| e.code()), None) {
        after.establishment = facts.establishment.unwrap_or_default();
    }
    if differ("retirement", before.retirement.code(), facts.retirement.map(|e| e.code()), None) {
        after.retirement = facts.retirement.unwrap_or_default();
    }
}

/// The day on which people of a plan stop being on post matters to units that would lose their last administrator.
pub(crate) fn leaving(plan: &Plan) -> Vec<&Person> {
    let on_post = base::Status::OnPost;
    let leaves = |c: &&Change| c.before.status == on_post && c.after.status != on_post;
    plan.changed.iter().filter(leaves).map(|c| &c.before).collect()
}
