//! What a credit that goes over to another chain is worth there: less what the other learned at the same time, which it
//! holds from now on.
use base::{Error, Hours, PersonId, Result};
use db::Tx;
use rules::{Days, Policy, attendance, learning::Intervals, wall_clock};
use serde_json::{Value, json};

use super::key;
use crate::{
    entry::{Entry, Facts},
    noted,
    occupied::{self, Occupying, When},
    store_occupied as stretches,
};

/// What is left of a credit.
struct Left {
    hours: Hours,
    /// The time that it holds.
    need: i64,
    is_less: bool,
}

/// The credit as it counts in the other chain; none where nothing is left that an entry could say.
pub(super) async fn carried(
    tx: &Tx,
    (kept, credit): (PersonId, &Entry),
    policy: &Policy,
) -> Result<Option<Entry>> {
    let found = stretches::records(tx, std::slice::from_ref(&credit.source_key)).await?;
    let Some(record) = found.get(&credit.source_key) else { return Ok(Some(credit.clone())) };
    let when = stretches::when(tx, record).await?;
    let (room, free) = room(tx, kept, &when).await?;
    let mut facts: Facts = serde_json::from_str(&credit.facts).map_err(Error::internal)?;
    let left = match facts.get("kind").and_then(Value::as_str) {
        Some("unit_training") => of_training(&mut facts, room, policy)?,
        _ => Some(of_course(&mut facts, (&when, room), policy)),
    };
    stretches::release(tx, std::slice::from_ref(&credit.source_key)).await?;
    let Some(left) = left else { return Ok(None) };
    let mut carried = credit.clone();
    if left.is_less {
        noted::reduced(&mut facts, "overlap");
        carried.hours = left.hours;
        carried.facts = Value::Object(facts).to_string();
    }
    if left.need > 0 {
        let key = key(credit.id);
        let held = Occupying { person: kept, source: &credit.source, key: &key, when: &when };
        stretches::insert(tx, &[(held, left.need, free)]).await?;
    }
    Ok(Some(carried))
}

async fn room(tx: &Tx, kept: PersonId, when: &When) -> Result<(i64, Intervals)> {
    let held = occupied::held(tx, &[(kept, when.all())]).await?;
    Ok(occupied::room(held.get(&kept).unwrap_or(&wall_clock::Held::default()), when))
}

fn of_course(facts: &mut Facts, (when, room): (&When, i64), policy: &Policy) -> Left {
    let minutes = facts.get("minutes").and_then(Value::as_u64).unwrap_or(0);
    let left = when.left(minutes, room).minutes;
    let hours = policy.course_hours(left).max(Hours::ZERO);
    facts.insert("minutes".to_owned(), json!(left));
    let need = if hours > Hours::ZERO { wall_clock::need(left) } else { 0 };
    Left { hours, need, is_less: left < minutes }
}

/// A training of no day is no training: nothing is left to write.
fn of_training(facts: &mut Facts, room: i64, policy: &Policy) -> Result<Option<Left>> {
    let days = facts.get("days").and_then(Value::as_str).and_then(Days::parse);
    let days = days.ok_or_else(|| Error::internal("a training without days"))?;
    let per_day = policy.measure.hours_per_day;
    let left = attendance::worth(room, days, per_day);
    facts.insert("days".to_owned(), json!(left));
    let is_some = left > Days::ZERO;
    Ok(is_some.then(|| Left {
        hours: policy.training_hours(left),
        need: attendance::time(left, per_day),
        is_less: left < days,
    }))
}
