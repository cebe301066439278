//! What a statement is about (Data 2.4.4): Activities with their definitions, Agents, Groups, statements.
use std::collections::HashSet;

use crate::{json::Json, problem::Place, version::Version};

use super::{Checked, actor, sub_statement, values};

const INTERACTIONS: &[&str] = &[
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
];
const COMPONENTS: &[&str] = &["choices", "scale", "source", "target", "steps"];
const DEFINITION: &[&str] = &[
    "name",
    "description",
    "type",
    "moreInfo",
    "extensions",
    "interactionType",
    "correctResponsesPattern",
    "choices",
    "scale",
    "source",
    "target",
    "steps",
];

/// The object; a SubStatement is not nested.
pub(super) fn object(json: &Json<'_>, version: Version, place: &Place<'_>, is_sub: bool) -> Checked {
    values::object(json, place)?;
    let Some(kind) = json.get("objectType") else { return activity(json, place) };
    match values::text(kind, &place.key("objectType"))? {
        "Activity" => activity(json, place),
        "Agent" => actor::agent(json, place),
        "Group" => actor::group(json, place),
        "StatementRef" => statement_ref(json, place),
        "SubStatement" if is_sub => Err(place.problem("a SubStatement holds no SubStatement")),
        "SubStatement" => sub_statement(json, version, place),
        _ => Err(place
            .key("objectType")
            .problem("must be one of Activity, Agent, Group, StatementRef, SubStatement")),
    }
}

/// A reference to a statement, which need not be there (Data 2.4.4.3.s4).
pub(super) fn statement_ref(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, &["objectType", "id"])?;
    let kind = values::required(json, "objectType", place)?;
    values::word(kind, &place.key("objectType"), &["StatementRef"])?;
    values::uuid(values::required(json, "id", place)?, &place.key("id"))
}

/// An Activity.
pub(super) fn activity(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, &["objectType", "id", "definition"])?;
    if let Some(kind) = json.get("objectType") {
        values::word(kind, &place.key("objectType"), &["Activity"])?;
    }
    values::iri(values::required(json, "id", place)?, &place.key("id"))?;
    json.get("definition").map_or(Ok(()), |d| definition(d, &place.key("definition")))
}

fn definition(json: &Json<'_>, place: &Place<'_>) -> Checked {
    for (key, value) in values::members(json, place, DEFINITION)? {
        let place = place.key(key);
        match key.as_ref() {
            "name" | "description" => values::language_map(value, &place)?,
            "type" | "moreInfo" => values::iri(value, &place)?,
            "extensions" => values::extensions(value, &place)?,
            "interactionType" => values::word(value, &place, INTERACTIONS)?,
            "correctResponsesPattern" => patterns(value, &place)?,
            _ => components(value, &place)?,
        }
    }
    let is_interaction = json.get("interactionType").is_some();
    let needs_one = |key: &&str| json.get(key).is_some();
    if !is_interaction && (needs_one(&"correctResponsesPattern") || COMPONENTS.iter().any(needs_one)) {
        return Err(place.key("interactionType").problem("is missing in an interaction"));
    }
    Ok(())
}

fn patterns(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let each = |(n, one): (usize, &Json<'_>)| values::text(one, &place.index(n)).map(|_| ());
    values::list(json, place)?.iter().enumerate().try_for_each(each)
}

/// Components of an interaction; their ids are distinct (Data 2.4.4.1.s16).
fn components(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let mut seen = HashSet::new();
    for (n, one) in values::list(json, place)?.iter().enumerate() {
        let place = place.index(n);
        values::members(one, &place, &["id", "description"])?;
        let id = values::text(values::required(one, "id", &place)?, &place.key("id"))?;
        if !seen.insert(id) {
            return Err(place.key("id").problem("is the id of another component"));
        }
        if let Some(description) = one.get("description") {
            values::language_map(description, &place.key("description"))?;
        }
    }
    Ok(())
}
