//! The result and its score (Data 2.4.5).
use crate::{
    json::Json,
    problem::{Place, Problem},
};

use super::{Checked, values};

pub(super) fn result(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let allowed = ["score", "success", "completion", "response", "duration", "extensions"];
    for (key, value) in values::members(json, place, &allowed)? {
        let place = place.key(key);
        match key.as_ref() {
            "score" => score(value, &place)?,
            "success" | "completion" => values::boolean(value, &place)?,
            "duration" => values::duration(value, &place)?,
            "extensions" => values::extensions(value, &place)?,
            _ => values::text(value, &place).map(|_| ())?,
        }
    }
    Ok(())
}

fn score(json: &Json<'_>, place: &Place<'_>) -> Checked {
    values::members(json, place, &["scaled", "raw", "min", "max"])?;
    let number = |key: &str| -> Result<Option<f64>, Problem> {
        json.get(key).map(|value| values::number(value, &place.key(key))).transpose()
    };
    let (scaled, raw, min, max) = (number("scaled")?, number("raw")?, number("min")?, number("max")?);
    if scaled.is_some_and(|s| !(-1.0..=1.0).contains(&s)) {
        return Err(place.key("scaled").problem("must lie between -1 and 1"));
    }
    if min.zip(max).is_some_and(|(min, max)| min >= max) {
        return Err(place.key("min").problem("must be less than max"));
    }
    let is_outside = |raw: f64| min.is_some_and(|min| raw < min) || max.is_some_and(|max| raw > max);
    if raw.is_some_and(is_outside) {
        return Err(place.key("raw").problem("must lie between min and max"));
    }
    Ok(())
}
