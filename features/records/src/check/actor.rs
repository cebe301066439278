//! Agents and Groups (Data 2.4.2), and who may be an authority (Data 2.4.9).
use crate::{
    json::Json,
    problem::{Place, Problem},
};

use super::{Checked, values};

/// The properties that each identify an Agent or Group by themselves.
pub const IDENTIFIERS: &[&str] = &["mbox", "mbox_sha1sum", "openid", "account"];

/// An Agent, an identified or an anonymous Group.
pub fn agent_or_group(json: &Json<'_>, place: &Place<'_>) -> Checked {
    if json.text_of("objectType") == Some("Group") { group(json, place) } else { agent(json, place) }
}

/// An Agent: exactly one identifier.
pub fn agent(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, &["objectType", "name", "mbox", "mbox_sha1sum", "openid", "account"])?;
    if let Some(kind) = json.get("objectType") {
        values::word(kind, &place.key("objectType"), &["Agent"])?;
    }
    name(json, place)?;
    match identifiers(json, place)? {
        1 => Ok(()),
        0 => Err(place.problem("an Agent needs mbox, mbox_sha1sum, openid or account")),
        _ => Err(place.problem("an Agent has one identifier, not several")),
    }
}

/// A Group: identified by one identifier, or anonymous with members.
pub(super) fn group(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let allowed = ["objectType", "name", "member", "mbox", "mbox_sha1sum", "openid", "account"];
    values::members(json, place, &allowed)?;
    values::word(values::required(json, "objectType", place)?, &place.key("objectType"), &["Group"])?;
    name(json, place)?;
    let identifiers = identifiers(json, place)?;
    if identifiers > 1 {
        return Err(place.problem("a Group has one identifier, not several"));
    }
    let member = place.key("member");
    let Some(members) = json.get("member") else {
        return if identifiers == 1 {
            Ok(())
        } else {
            Err(member.problem("is missing in an anonymous Group"))
        };
    };
    let members = values::list(members, &member)?;
    if members.is_empty() && identifiers == 0 {
        return Err(member.problem("an anonymous Group lists its members"));
    }
    members.iter().enumerate().try_for_each(|(n, one)| agent(one, &member.index(n)))
}

/// An Agent, or the anonymous Group of two by which OAuth names an application and its user.
pub(super) fn authority(json: &Json<'_>, place: &Place<'_>) -> Checked {
    if json.text_of("objectType") != Some("Group") {
        return agent(json, place);
    }
    group(json, place)?;
    let is_pair = json.get("member").is_some_and(|m| m.items().len() == 2);
    if !is_pair || IDENTIFIERS.iter().any(|key| json.get(key).is_some()) {
        return Err(place.problem("a Group as authority is anonymous and has two members"));
    }
    Ok(())
}

fn name(json: &Json<'_>, place: &Place<'_>) -> Checked {
    json.get("name").map_or(Ok(()), |name| values::text(name, &place.key("name")).map(|_| ()))
}

/// How many identifiers it has, each in its format.
fn identifiers(json: &Json<'_>, place: &Place<'_>) -> Result<usize, Problem> {
    let mut count = 0;
    for key in IDENTIFIERS {
        let Some(value) = json.get(key) else { continue };
        let place = place.key(key);
        match *key {
            "mbox" => values::mailto(value, &place)?,
            "mbox_sha1sum" => values::sha1(value, &place)?,
            "openid" => values::iri(value, &place)?,
            _ => account(value, &place)?,
        }
        count += 1;
    }
    Ok(count)
}

fn account(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, &["homePage", "name"])?;
    values::iri(values::required(json, "homePage", place)?, &place.key("homePage"))?;
    values::text(values::required(json, "name", place)?, &place.key("name")).map(|_| ())
}
