//! Seeding: units, roles, roster, through the same use cases as people take.
use std::{collections::HashMap, path::Path};

use base::{Actor, Error, PersonId, Phone, Result, Role, day, person::Code};
use documents::Typesetter;
use org::NewUnit;
use site::Site;

use super::{
    accounts_file::{self, DemoAccount},
    history, notices,
    people::{Cast, RosterSource, cast},
};
use crate::cli::create_account;

/// Where the notice's college stands.
const COLLEGE: &str = "43010001";

/// Seeds an empty platform; a platform that has been seeded stays as it is. Answers who speaks for the providers.
pub(super) async fn seed(hub: &Site, typesetter: &Typesetter, data: &Path) -> Result<Option<PersonId>> {
    if accounts_file::read(data).is_some() {
        return Ok(None);
    }
    let cast = cast()?;
    units(hub, &cast).await?;
    let mut accounts = vec![];
    let mut administrator = None;
    let mut holders = HashMap::new();
    for (role, place) in cast.roles.iter().zip(1_u32..) {
        let person = role_holder(hub, &cast, role, place).await?;
        holders.insert(role.account.clone(), person);
        if role.role == Role::UnitAdmin {
            administrator = Some(person);
        }
        if role.role == Role::Provider {
            let [looked_after, ..] = super::PROVIDERS;
            providers::seat(hub, looked_after, person).await?;
        }
        accounts.push(account(&role.account, &cast.password, (role.role, &role.unit), true, &role.about));
    }
    let fresh =
        create_account(hub, ("newadmin", &hub.texts.get("demo-new-admin")), Role::UnitAdmin, COLLEGE).await?;
    let about = hub.texts.get("demo-first-steps");
    accounts.push(account("newadmin", &fresh, (Role::UnitAdmin, COLLEGE), false, &about));
    let people = roster(hub, &cast).await?;
    accounts.extend(staff(hub, &cast, &people).await?);
    let administrator = administrator.ok_or_else(|| Error::internal("the cast has no administrator"))?;
    contact_card(hub, administrator).await?;
    beside(hub, administrator, &people).await?;
    leave(hub, &holders).await?;
    notices::seed(hub, typesetter, &holders).await?;
    history::seed(hub, &cast, administrator, &people).await?;
    accounts_file::write(data, &accounts)?;
    Ok(holders.get("provider").copied())
}

fn account(name: &str, password: &str, (role, unit): (Role, &str), ready: bool, about: &str) -> DemoAccount {
    DemoAccount {
        account: name.to_owned(),
        password: password.to_owned(),
        role: role.code(),
        unit: unit.to_owned(),
        ready,
        about: about.to_owned(),
    }
}

/// Whom the college's people ask.
async fn contact_card(hub: &Site, administrator: PersonId) -> Result<()> {
    let unit = org::by_code(&hub.db, COLLEGE).await?;
    let card = org::Card {
        office: hub.texts.get("demo-card-office"),
        names: hub.texts.get("demo-card-names"),
        telephone: "0731-88880000".to_owned(),
        hours: hub.texts.get("demo-card-hours"),
    };
    org::put_card(hub, &unit, &card, administrator).await
}

/// A secondment to the authority, and a second post in the college.
async fn beside(hub: &Site, administrator: PersonId, people: &HashMap<String, PersonId>) -> Result<()> {
    let grants = accounts::held(&hub.db, administrator).await?;
    let actor = Actor { person: administrator, session: hub.new_id(), grants };
    let posts = [
        ("secondment", staffing::PostKind::Secondment, "430100", None),
        ("concurrent", staffing::PostKind::Concurrent, COLLEGE, Some("professional_11")),
    ];
    for (key, kind, unit, level) in posts {
        let name = hub.texts.get(&format!("demo-{key}-who"));
        let person = people.get(&name).ok_or_else(|| Error::internal("someone of the roster is missing"))?;
        let post = staffing::NewPost {
            kind,
            unit: unit.to_owned(),
            title: hub.texts.get(&format!("demo-{key}-title")),
            category: level.map(|_| "professional".to_owned()),
            level: level.map(str::to_owned),
            from: "2026-03-01".to_owned(),
            until: None,
        };
        staffing::add_post(hub, &actor, *person, &post).await?;
    }
    Ok(())
}

/// The head of department is away in a month and hands the role over for these days.
async fn leave(hub: &Site, holders: &HashMap<String, PersonId>) -> Result<()> {
    let (Some(head), Some(deputy)) = (holders.get("head"), holders.get("reviewer")) else { return Ok(()) };
    let held = accounts::held_at(&hub.db, *head).await?;
    let Some(grant) = held.iter().find(|h| h.grant.role == Role::DepartmentHead) else { return Ok(()) };
    let today = day::day_of(hub.now());
    let later = |days: i32| today.checked_add(jiff::Span::new().days(days)).map_err(Error::internal);
    let reason = hub.texts.get("demo-leave-reason");
    let (from, until) = (later(30)?, later(44)?);
    let wish = accounts::Wish { grant: &grant.id, to: *deputy, from, until, reason: &reason };
    accounts::hand_over(hub, *head, &wish).await.map(|_| ())
}

async fn units(hub: &Site, cast: &Cast) -> Result<()> {
    let tx = hub.db.begin().await?;
    for unit in &cast.units {
        let new = NewUnit { code: unit.code.clone(), name: unit.name.clone(), kind: unit.kind };
        org::ensure(hub, &tx, new).await?;
    }
    tx.commit().await
}

async fn role_holder(
    hub: &Site,
    cast: &Cast,
    role: &super::people::RoleSource,
    place: u32,
) -> Result<PersonId> {
    let tx = hub.db.begin().await?;
    let unit = org::by_code(&tx, &role.unit).await?;
    let person = org::add_person(hub, &tx, unit.id, &role.name).await?;
    accounts::create(hub, &tx, person, &role.account).await?;
    accounts::grant(hub, &tx, person, (role.role, unit.id), None).await?;
    accounts::prepare(hub, &tx, person, (&cast.password, &phone(place)?)).await?;
    tx.commit().await?;
    Ok(person)
}

fn phone(place: u32) -> Result<Phone> {
    Phone::parse(&format!("139000001{place:02}")).ok_or_else(|| Error::internal("a phone of the cast"))
}

/// Imports the roster as the college would, from a file.
async fn roster(hub: &Site, cast: &Cast) -> Result<HashMap<String, PersonId>> {
    let mut file = csv::Writer::from_writer(vec![]);
    let header = ["name", "id_number", "category", "level", "department", "joined_on", "status"];
    let header = header.map(|c| hub.texts.get(&format!("column-{c}")));
    file.write_record(&header).map_err(Error::internal)?;
    let status = hub.texts.get("status-on_post");
    for (p, place) in cast.roster.iter().zip(1..) {
        let number = p.id_number(place);
        let row = [&p.name, &number, &p.category, &p.level, &p.department, &p.joined, &status];
        file.write_record(row).map_err(Error::internal)?;
    }
    let bytes = file.into_inner().map_err(|e| Error::internal(e.to_string()))?;
    let unit = org::by_code(&hub.db, COLLEGE).await?;
    let outcome = org::import_file(hub, &unit, bytes, org::How::default()).await?;
    if !outcome.errors.is_empty() {
        return Err(Error::internal(format!("the demo's roster has errors: {:?}", outcome.errors)));
    }
    let people = org::trainees_under(&hub.db, &unit.path).await?;
    Ok(people.into_iter().map(|p| (p.name, p.id)).collect())
}

/// Makes the accounts to try ready: password and phone set.
async fn staff(hub: &Site, cast: &Cast, people: &HashMap<String, PersonId>) -> Result<Vec<DemoAccount>> {
    let ready: Vec<(&RosterSource, &String)> =
        cast.roster.iter().filter_map(|p| Some((p, p.ready.as_ref()?))).collect();
    let mut accounts = vec![];
    for ((source, about), place) in ready.into_iter().zip(51..) {
        let person =
            *people.get(&source.name).ok_or_else(|| Error::internal("someone of the roster is missing"))?;
        let tx = hub.db.begin().await?;
        accounts::prepare(hub, &tx, person, (&cast.password, &phone(place)?)).await?;
        tx.commit().await?;
        let names = accounts::account_names(&hub.db, &[person]).await?;
        let name = names.get(&person).map(|(name, _)| name.clone()).unwrap_or_default();
        accounts.push(account(&name, &cast.password, (Role::Staff, COLLEGE), true, about));
    }
    Ok(accounts)
}
