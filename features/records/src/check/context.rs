//! The context (Data 2.4.6); 2.0.0 adds the Agents and Groups that a statement touches.
use crate::{json::Json, problem::Place, version::Version};

use super::{Checked, actor, object, values};

const V1: &[&str] = &[
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
];
const V2: &[&str] = &[
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "contextAgents",
    "contextGroups",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
];
/// How an Activity may belong to the context.
pub const ACTIVITIES: &[&str] = &["parent", "grouping", "category", "other"];

pub(super) fn context(json: &Json<'_>, version: Version, place: &Place<'_>, is_activity: bool) -> Checked {
    let allowed = match version {
        Version::V1 => V1,
        Version::V2 => V2,
    };
    for (key, value) in values::members(json, place, allowed)? {
        let place = place.key(key);
        match key.as_ref() {
            "registration" => values::uuid(value, &place)?,
            "instructor" => actor::agent_or_group(value, &place)?,
            "team" => actor::group(value, &place)?,
            "contextActivities" => activities(value, &place)?,
            "contextAgents" => related(value, &place, ("contextAgent", "agent"))?,
            "contextGroups" => related(value, &place, ("contextGroup", "group"))?,
            "revision" | "platform" if !is_activity => {
                return Err(place.problem("is only allowed where the object is an Activity"));
            }
            "language" => values::language(value, &place)?,
            "statement" => object::statement_ref(value, &place)?,
            "extensions" => values::extensions(value, &place)?,
            _ => values::text(value, &place).map(|_| ())?,
        }
    }
    Ok(())
}

fn activities(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let members = values::members(json, place, ACTIVITIES)?;
    if members.is_empty() {
        return Err(place.problem("names no Activity"));
    }
    for (key, value) in members {
        let place = place.key(key);
        match value {
            Json::List(items) => {
                items.iter().enumerate().try_for_each(|(n, one)| object::activity(one, &place.index(n)))?;
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
                object::activity(value, &place)?;
            }
        }
    }
    Ok(())
}

/// Agents or Groups with the types of their relation (IEEE 9274.1.1 4.2.2).
fn related(json: &Json<'_>, place: &Place<'_>, (kind, who): (&str, &str)) -> Checked {
    for (n, one) in values::list(json, place)?.iter().enumerate() {
        let place = place.index(n);
        values::members(one, &place, &["objectType", who, "relevantTypes"])?;
        let said = values::required(one, "objectType", &place)?;
        values::word(said, &place.key("objectType"), &[kind])?;
        let person = values::required(one, who, &place)?;
        if who == "agent" {
            actor::agent(person, &place.key(who))?;
        } else {
            actor::group(person, &place.key(who))?;
        }
        let Some(types) = one.get("relevantTypes") else { continue };
        let place = place.key("relevantTypes");
        let types = values::list(types, &place)?;
        if types.is_empty() {
            return Err(place.problem("names no type"));
        }
        types.iter().enumerate().try_for_each(|(n, one)| values::iri(one, &place.index(n)))?;
    }
    Ok(())
}
