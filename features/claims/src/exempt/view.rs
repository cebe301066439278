//! What is shown of exemptions: the request with its evidence, and whether the facts allow one.
use base::{Actor, Day, Error, PersonId, Result, Year};
use db::Conn;
use files::Cited;
use org::Person;
use rules::policy::ExemptionKind;
use site::Site;

use super::Exemption;
use crate::{
    review::CASE_REVIEWERS,
    store::{
        events::{self, Event},
        exemptions,
    },
};

/// What the facts say.
#[derive(Clone, Debug)]
pub struct Eligibility {
    /// The grounds that they bear out.
    pub kinds: Vec<ExemptionKind>,
    /// The day of reaching the statutory age, or the one that HR set.
    pub retires_on: Day,
    /// Whether HR set it.
    pub is_retirement_set: bool,
    /// Days of the year on leave.
    pub leave_days: i64,
    /// More days than these make eligible.
    pub leave_limit: u32,
}

impl Eligibility {
    /// The day of retirement, with who set it where it is not computed.
    pub fn retirement(&self, site: &Site) -> String {
        let by =
            if self.is_retirement_set { site.texts.get("exemption-retirement-set") } else { String::new() };
        format!("{}{by}", self.retires_on)
    }
}

/// Looks at a person's facts; none for someone whom the rules do not know enough of.
pub async fn eligibility(conn: &impl Conn, person: PersonId, year: Year) -> Result<Option<Eligibility>> {
    let standing = match hours::standing(conn, person, year).await {
        Ok(standing) => standing,
        Err(e) if e.code() == "profile_incomplete" => return Ok(None),
        Err(e) => return Err(e),
    };
    let text = standing.record.to_string();
    let record = rules::record::read(&text, &standing.policy).map_err(Error::internal)?;
    let p = &record.person;
    Ok(Some(Eligibility {
        retires_on: rules::assess::retires_on(&standing.policy, p),
        is_retirement_set: p.retires_on.is_some(),
        leave_days: rules::assess::leave_days(&standing.policy, &record.leaves),
        leave_limit: standing.policy.leave_days,
        kinds: standing.assessment.exemption_eligible,
    }))
}

/// A request to be shown.
pub struct View {
    /// The request.
    pub exemption: Exemption,
    /// Whose.
    pub person: Person,
    /// The reason in clear.
    pub reason: String,
    /// The evidence.
    pub files: Vec<Cited>,
    /// What happened.
    pub events: Vec<Event>,
    /// What the facts say.
    pub facts: Option<Eligibility>,
    /// Whether the visitor reads it as a reviewer.
    pub is_reviewer: bool,
}

/// A request for its person, for who filed it, and for the case's reviewers.
pub async fn view(site: &Site, actor: &Actor, id: &str) -> Result<View> {
    let exemption = exemptions::by_id(&site.db, id).await?;
    let person = org::person(&site.db, exemption.person).await?;
    let is_own = exemption.person == actor.person || exemption.filed_by == actor.person;
    let in_scope = actor.scope(CASE_REVIEWERS).holds(&person.path);
    if !is_own && !in_scope {
        return Err(Error::not_found());
    }
    Ok(View {
        reason: exemption.reason(site)?,
        files: files::cited(&site.db, &[id]).await?,
        events: events::of(&site.db, &[id]).await?,
        facts: eligibility(&site.db, exemption.person, exemption.year).await?,
        is_reviewer: in_scope && exemption.person != actor.person,
        exemption,
        person,
    })
}

/// The exemption of a person's year that holds or is under way, or the last one that there was.
pub async fn of_year(conn: &impl Conn, person: PersonId, year: Year) -> Result<Option<Exemption>> {
    let found = exemptions::of_person(conn, person, year).await?;
    let open = found.iter().find(|e| e.open_key().is_some()).cloned();
    Ok(open.or_else(|| found.into_iter().next()))
}
