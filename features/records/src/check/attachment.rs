//! The headers of attachments (Data 2.4.11); their data is matched in `crate::attachments`.
use crate::{json::Json, problem::Place};

use super::{Checked, values};

const ATTACHMENT: &[&str] =
    &["usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"];

pub(super) fn attachments(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::list(json, place)?.iter().enumerate().try_for_each(|(n, one)| attachment(one, &place.index(n)))
}

fn attachment(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, ATTACHMENT)?;
    let required = |key: &'static str| values::required(json, key, place);
    values::iri(required("usageType")?, &place.key("usageType"))?;
    values::language_map(required("display")?, &place.key("display"))?;
    values::media_type(required("contentType")?, &place.key("contentType"))?;
    length(required("length")?, &place.key("length"))?;
    values::sha2(required("sha2")?, &place.key("sha2"))?;
    if let Some(description) = json.get("description") {
        values::language_map(description, &place.key("description"))?;
    }
    json.get("fileUrl").map_or(Ok(()), |url| values::iri(url, &place.key("fileUrl")))
}

fn length(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let is_whole = |n: f64| n >= 0.0 && n.fract() == 0.0;
    if values::number(json, place).is_ok_and(is_whole) {
        Ok(())
    } else {
        Err(place.problem("must be a whole number of octets"))
    }
}
