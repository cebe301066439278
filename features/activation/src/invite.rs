//! Inviting: everyone below a place who has not activated yet, or those who are named; by message to the contact phone, or
//! with a code to be printed. A newer code ends an older one.
use std::collections::{BTreeMap, HashMap};

use accounts::{Channel, Invitation};
use base::{Error, PersonId, Phone, Result, Scope};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    MANAGERS,
    store::{self, Waiting},
};

/// At most so many at once: what a unit has, and what a printer takes.
pub(crate) const MOST: i64 = 5000;

/// Who is meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whom {
    /// The code of a unit; with all below it.
    pub unit: Option<String>,
    /// Only these of them.
    pub people: Option<Vec<String>>,
}

/// The places that the visitor means: a unit below, or everything the visitor manages.
pub(crate) async fn places(site: &Site, visitor: &Visitor, unit: Option<&str>) -> Result<Scope> {
    let scope = visitor.actor.scope(MANAGERS);
    let Some(code) = unit.map(str::trim).filter(|c| !c.is_empty()) else { return Ok(scope) };
    let unit = org::by_code(&site.db, code).await?;
    if scope.holds(&unit.path) { Ok(Scope { paths: vec![unit.path] }) } else { Err(Error::not_found()) }
}

/// Those who are meant and have not activated yet, by place and name.
pub(crate) async fn waiting(site: &Site, visitor: &Visitor, whom: &Whom) -> Result<Vec<Waiting>> {
    let scope = places(site, visitor, whom.unit.as_deref()).await?;
    let ids = match &whom.people {
        Some(ids) if ids.is_empty() || ids.len() > usize::try_from(MOST).unwrap_or(0) => {
            return Err(Error::invalid("people", "activation_people"));
        }
        Some(ids) => {
            let parsed: Result<Vec<PersonId>> = ids.iter().map(|id| id.parse()).collect();
            Some(parsed.map_err(|_| Error::invalid("people", "activation_people"))?)
        }
        None => None,
    };
    let found = store::all_waiting(&site.db, &scope, ids.as_deref(), MOST + 1).await?;
    if found.len() > usize::try_from(MOST).unwrap_or(0) {
        return Err(Error::invalid("unit", "activation_most"));
    }
    Ok(found)
}

/// What came of inviting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invited {
    pub sent: usize,
    /// Why the others got none: `no_contact_phone`, `invited_today`.
    pub skipped: Vec<(Waiting, &'static str)>,
}

/// Sends each a code to the contact phone.
pub(crate) async fn by_message(site: &Site, visitor: &Visitor, whom: &Whom) -> Result<Invited> {
    let waiting = waiting(site, visitor, whom).await?;
    let ids: Vec<PersonId> = waiting.iter().map(|w| w.person).collect();
    let phones = org::contact_phones(site, &site.db, &ids).await?;
    let lately = accounts::invited_lately(site, &site.db, &ids).await?;
    let mut done = Invited::default();
    let mut reached: HashMap<PersonId, (Phone, String)> = HashMap::new();
    for w in waiting {
        let phone = phones.get(&w.person).and_then(|p| Phone::parse(p));
        match phone {
            _ if lately.contains(&w.person) => done.skipped.push((w, "invited_today")),
            None => done.skipped.push((w, "no_contact_phone")),
            Some(phone) => {
                reached.insert(w.person, (phone, w.unit));
            }
        }
    }
    let tx = site.db.begin().await?;
    let people: Vec<PersonId> = reached.keys().copied().collect();
    let codes = accounts::issue_codes(site, &tx, (&people, Channel::Sms), visitor.actor.person).await?;
    done.sent = codes.len();
    let invitation = |(person, code)| {
        let (to, unit) = reached.remove(&person)?;
        Some(Invitation { to, unit, code })
    };
    let invitations: Vec<Invitation> = codes.into_iter().filter_map(invitation).collect();
    accounts::invite(site, &tx, invitations).await?;
    record(site, &tx, visitor, ("activation.invite", done.sent)).await?;
    tx.commit().await?;
    Ok(done)
}

/// A person with the code to print.
pub(crate) struct Slip {
    pub of: Waiting,
    pub account: String,
    pub code: String,
}

/// Makes codes to print, grouped by unit and department.
pub(crate) async fn for_print(
    site: &Site,
    visitor: &Visitor,
    whom: &Whom,
) -> Result<BTreeMap<(String, String), Vec<Slip>>> {
    let waiting = waiting(site, visitor, whom).await?;
    if waiting.is_empty() {
        return Err(Error::conflict("activation_nobody"));
    }
    let ids: Vec<PersonId> = waiting.iter().map(|w| w.person).collect();
    let mut names = HashMap::new();
    for chunk in ids.chunks(2000) {
        names.extend(accounts::account_names(&site.db, chunk).await?);
    }
    let tx = site.db.begin().await?;
    let mut codes = accounts::issue_codes(site, &tx, (&ids, Channel::Slip), visitor.actor.person).await?;
    record(site, &tx, visitor, ("activation.print", codes.len())).await?;
    tx.commit().await?;
    let mut groups: BTreeMap<(String, String), Vec<Slip>> = BTreeMap::new();
    for of in waiting {
        let Some(code) = codes.remove(&of.person) else { continue };
        let account = names.get(&of.person).map(|(name, _)| name.clone()).unwrap_or_default();
        let group = (of.unit.clone(), of.department.clone().unwrap_or_default());
        groups.entry(group).or_default().push(Slip { of, account, code });
    }
    Ok(groups)
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, people): (&'static str, usize),
) -> Result<()> {
    let grant = visitor.actor.grants.iter().find(|g| MANAGERS.contains(&g.role));
    let (code, path) = grant.map_or(("", ""), |g| (g.unit_code.as_str(), g.path.as_str()));
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: code,
        unit_path: path,
        details: json!({"people": people}),
    };
    audit::record(site, tx, deed).await
}
