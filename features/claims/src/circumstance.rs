//! What is recorded of a person beside hours and leaves: the spouse (who then decides nothing of the other's), a relief
//! by the authority for leaders trained under 干部教育 rules, and the deputy who takes a unit's waiting claims over.
use base::{Actor, Error, PersonId, Result, Role, Year, person::Code};
use hours::YearChanged;
use org::Person;
use serde_json::{Value, json};
use site::Site;

use crate::{
    activity::said,
    review::{self, CASE_REVIEWERS, REVIEWERS},
    store::{
        late,
        watching::{self, Named},
    },
};

/// Who records spouses.
pub(crate) const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority];
/// Who names a unit's deputy.
pub(crate) const NAMERS: &[Role] = &[Role::UnitAdmin, Role::Authority];
const MOST_DOCUMENT: usize = 60;

/// A person whom the actor keeps records of.
pub(crate) async fn kept(conn: &impl db::Conn, actor: &Actor, id: PersonId) -> Result<Person> {
    let person = org::person(conn, id).await?;
    if actor.scope(KEEPERS).holds(&person.path) { Ok(person) } else { Err(Error::not_found()) }
}

/// Records who someone is married to; `None` takes the record away. Nobody records the own marriage.
pub async fn set_spouse(site: &Site, actor: &Actor, id: PersonId, spouse: Option<PersonId>) -> Result<()> {
    let tx = site.db.begin().await?;
    let person = kept(&tx, actor, id).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    if let Some(spouse) = spouse {
        if spouse == id {
            return Err(Error::invalid("spouse", "wrong_value"));
        }
        let known = org::person(&tx, spouse).await;
        known
            .map_err(|e| if e.code() == "not_found" { Error::invalid("spouse", "wrong_value") } else { e })?;
    }
    watching::set_spouse(&tx, (id, spouse), (actor.person, site.now())).await?;
    note(site, &tx, actor, ("spouse.record", &person, json!({"recorded": spouse.is_some()}))).await?;
    tx.commit().await
}

/// Marks a leader as not obliged in a year, by the authority's document (干部教育).
pub async fn relieve(
    site: &Site,
    actor: &Actor,
    (id, year): (PersonId, Year),
    (document, reason): (&str, &str),
) -> Result<()> {
    let document = document.trim();
    if document.is_empty()
        || document.chars().count() > MOST_DOCUMENT
        || document.chars().any(char::is_control)
    {
        return Err(Error::invalid("document", "document_number"));
    }
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let person = of_authority(&tx, actor, id).await?;
    hours::refuse_closed(site, &tx, year).await?;
    watching::end_relief(&tx, (id, year), (actor.person, site.now())).await?;
    let relief = site.new_id::<base::id::of::Entry>().to_string();
    watching::insert_relief(&tx, (&relief, id, year), (document, &reason), (actor.person, site.now()))
        .await?;
    note(site, &tx, actor, ("relief.mark", &person, json!({"year": year, "document": document}))).await?;
    hours::year_changed(site, &tx, YearChanged { person: id, year }).await?;
    tx.commit().await
}

/// Takes a relief away; the ordinary rule applies again.
pub async fn end_relief(site: &Site, actor: &Actor, (id, year): (PersonId, Year)) -> Result<()> {
    let tx = site.db.begin().await?;
    let person = of_authority(&tx, actor, id).await?;
    hours::refuse_closed(site, &tx, year).await?;
    if !watching::end_relief(&tx, (id, year), (actor.person, site.now())).await? {
        return Err(Error::conflict("no_relief"));
    }
    note(site, &tx, actor, ("relief.end", &person, json!({"year": year}))).await?;
    hours::year_changed(site, &tx, YearChanged { person: id, year }).await?;
    tx.commit().await
}

/// A person below an authority, never the authority's own.
async fn of_authority(tx: &db::Tx, actor: &Actor, id: PersonId) -> Result<Person> {
    let person = org::person(tx, id).await?;
    if !actor.scope(&[Role::Authority]).holds(&person.path) {
        return Err(Error::not_found());
    }
    review::refuse_own(tx, actor, person.id).await?;
    Ok(person)
}

/// Names the deputy of the actor's unit: someone who reviews there. `None` takes the name away.
pub async fn name_deputy(site: &Site, actor: &Actor, code: &str, deputy: Option<PersonId>) -> Result<()> {
    let unit = named_for(site, actor, code).await?;
    let tx = site.db.begin().await?;
    if let Some(person) = deputy {
        let held = accounts::held(&tx, person).await?;
        let reviews = |g: &base::Grant| REVIEWERS.contains(&g.role) && unit.path.starts_with(&g.path);
        if !held.iter().any(reviews) {
            return Err(Error::invalid("deputy", "deputy_reviews"));
        }
    }
    watching::set_deputy(&tx, (unit.id, deputy), (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "deputy.name",
        object: code,
        unit_path: &unit.path,
        details: json!({"deputy": deputy}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// A unit whose deputy the actor names.
async fn named_for(site: &Site, actor: &Actor, code: &str) -> Result<org::Unit> {
    let unit = org::by_code(&site.db, code).await?;
    if actor.scope(NAMERS).holds(&unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

/// A unit's deputy, and who could be it.
pub struct Deputyship {
    /// The unit.
    pub unit: org::Unit,
    /// Who is named.
    pub named: Option<Named>,
    /// Who reviews at the unit itself.
    pub candidates: Vec<Candidate>,
}

/// Someone who could be a unit's deputy.
pub struct Candidate {
    /// Who.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// Whether exemptions, which may be medical, go to this deputy too.
    pub decides_exemptions: bool,
}

/// The deputy of a unit of the actor's, with everyone who reviews there.
pub async fn deputyship(site: &Site, actor: &Actor, code: &str) -> Result<Deputyship> {
    let unit = named_for(site, actor, code).await?;
    let at = std::slice::from_ref(&unit.path);
    let mut candidates: Vec<Candidate> = vec![];
    for role in REVIEWERS {
        let decides_exemptions = CASE_REVIEWERS.contains(role);
        for (id, name) in late::holding(&site.db, *role, at).await?.remove(&unit.path).unwrap_or_default() {
            match candidates.iter_mut().find(|c| c.id == id) {
                Some(known) => known.decides_exemptions |= decides_exemptions,
                None => candidates.push(Candidate { id, name, decides_exemptions }),
            }
        }
    }
    Ok(Deputyship { named: watching::deputy_of(&site.db, unit.id).await?, unit, candidates })
}

async fn note(
    site: &Site,
    tx: &db::Tx,
    actor: &Actor,
    (action, person, details): (&'static str, &Person, Value),
) -> Result<()> {
    let object = person.id.to_string();
    let deed =
        audit::Deed { actor: Some(actor.person), action, object: &object, unit_path: &person.path, details };
    audit::record(site, tx, deed).await
}

/// Everything on record that changes a person's years.
pub struct Records {
    /// Whose.
    pub person: Person,
    /// The spouse.
    pub spouse: Option<Named>,
    /// Reliefs by document.
    pub reliefs: Vec<watching::Relief>,
    /// Make-ups.
    pub make_ups: Vec<watching::Grant>,
    /// Leaves.
    pub leaves: Vec<crate::leave::Leave>,
}

/// What is on record of a person, for who keeps it.
pub async fn records(site: &Site, actor: &Actor, id: PersonId) -> Result<Records> {
    let person = kept(&site.db, actor, id).await?;
    Ok(Records {
        spouse: watching::spouse_of(&site.db, id).await?,
        reliefs: watching::reliefs(&site.db, id).await?,
        make_ups: watching::make_ups(&site.db, id).await?,
        leaves: crate::leave::of(site, actor, Some(id)).await?,
        person,
    })
}

impl Records {
    /// The kind of a leave as a code.
    pub fn kind(leave: &crate::leave::Leave) -> String {
        leave.kind.code()
    }
}
