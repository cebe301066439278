//! Whether a statement follows the standard (Data 2.2–2.4, 4): the first thing that does not is named with its place.
mod actor;
mod attachment;
mod context;
mod object;
mod result;
mod values;

pub use actor::{agent, agent_or_group};
pub(crate) use context::ACTIVITIES as CONTEXT_ACTIVITIES;
pub use values::iri as checked_iri;

use crate::{
    json::Json,
    problem::{Place, Problem},
    version::Version,
};
use values::{members, text, timestamp, uuid};

/// The verb that takes a statement back.
pub const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

/// The usage of an attachment that signs the statement (Data 2.6).
pub const SIGNATURE: &str = "http://adlnet.gov/expapi/attachments/signature";

type Checked = Result<(), Problem>;

const STATEMENT: &[&str] = &[
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
];
/// A statement within a statement has no id, no time of storage, no version and no authority (Data 2.4.4.3.s8).
const SUB_STATEMENT: &[&str] =
    &["objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments"];

/// Checks a statement.
pub fn statement(json: &Json<'_>, version: Version, place: &Place<'_>) -> Checked {
    members(json, place, STATEMENT)?;
    if let Some(id) = json.get("id") {
        uuid(id, &place.key("id"))?;
    }
    if let Some(stored) = json.get("stored") {
        timestamp(stored, version, &place.key("stored"))?;
    }
    if let Some(authority) = json.get("authority") {
        actor::authority(authority, &place.key("authority"))?;
    }
    if let Some(said) = json.get("version") {
        let place = place.key("version");
        let said = text(said, &place)?;
        if !version.takes(said) {
            return Err(place.problem("is no version that is spoken here"));
        }
    }
    core(json, version, place, false)?;
    let is_voiding = json.get("verb").and_then(|v| v.text_of("id")) == Some(VOIDED);
    let object = json.get("object");
    if is_voiding && object.and_then(|o| o.text_of("objectType")) != Some("StatementRef") {
        return Err(place.key("object").problem("a voiding statement names the statement by a StatementRef"));
    }
    Ok(())
}

/// Checks a SubStatement.
fn sub_statement(json: &Json<'_>, version: Version, place: &Place<'_>) -> Checked {
    members(json, place, SUB_STATEMENT)?;
    core(json, version, place, true)
}

/// What statements and SubStatements have in common.
fn core(json: &Json<'_>, version: Version, place: &Place<'_>, is_sub: bool) -> Checked {
    agent_or_group(values::required(json, "actor", place)?, &place.key("actor"))?;
    verb(values::required(json, "verb", place)?, &place.key("verb"))?;
    let object = values::required(json, "object", place)?;
    object::object(object, version, &place.key("object"), is_sub)?;
    if let Some(result) = json.get("result") {
        result::result(result, &place.key("result"))?;
    }
    if let Some(context) = json.get("context") {
        let is_activity = matches!(object.text_of("objectType"), None | Some("Activity"));
        context::context(context, version, &place.key("context"), is_activity)?;
    }
    if let Some(at) = json.get("timestamp") {
        timestamp(at, version, &place.key("timestamp"))?;
    }
    if let Some(attachments) = json.get("attachments") {
        attachment::attachments(attachments, &place.key("attachments"))?;
    }
    Ok(())
}

fn verb(json: &Json<'_>, place: &Place<'_>) -> Checked {
    members(json, place, &["id", "display"])?;
    values::iri(values::required(json, "id", place)?, &place.key("id"))?;
    json.get("display").map_or(Ok(()), |display| values::language_map(display, &place.key("display")))
}
