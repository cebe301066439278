//! Who was where with which status from which day (domain §1): every change of unit, department, status, category,
//! level or establishment adds a placement; for a past year the one of its last day holds.
use std::collections::HashSet;

use base::{Category, Day, Establishment, Instant, Level, PersonId, Result, Status, UnitId, day};
use db::{Conn, People};

use crate::{Person, store_history};

/// A placement to be written.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    pub person: PersonId,
    /// From this day; none is the beginning.
    pub from: Option<Day>,
    pub unit: UnitId,
    pub department: Option<UnitId>,
    pub status: Status,
    pub category: Option<Category>,
    pub level: Option<Level>,
    pub establishment: Establishment,
    /// Why: a code such as `changed`.
    pub reason: &'static str,
}

/// A placement as it was recorded.
#[derive(Clone, Debug)]
pub struct Placed {
    /// From this day; none is the beginning.
    pub from: Option<Day>,
    /// The unit's name.
    pub unit_name: String,
    /// The department's name.
    pub department: Option<String>,
    /// 在岗状态
    pub status: Status,
    /// 岗位类别
    pub category: Option<Category>,
    /// 岗位等级
    pub level: Option<Level>,
    /// 编制
    pub establishment: Establishment,
    /// Why: a code.
    pub reason: String,
    /// Who recorded it, by name.
    pub recorded_by: Option<String>,
    /// When it was recorded.
    pub recorded_at: Instant,
}

impl Placed {
    /// The day on which it was recorded.
    pub(crate) fn recorded(&self) -> Day {
        day::day_of(self.recorded_at)
    }
}

impl Placement {
    /// Where the person is, from that day on.
    pub(crate) fn of(p: &Person, from: Option<Day>, reason: &'static str) -> Self {
        Self {
            person: p.id,
            from,
            unit: p.unit,
            department: p.department_id,
            status: p.status,
            category: p.category,
            level: p.level,
            establishment: p.establishment,
            reason,
        }
    }
}

/// Whether a placement has to be recorded for the change.
pub(crate) fn has_moved(before: &Person, after: &Person) -> bool {
    let place = |p: &Person| (p.unit, p.department_id, p.status, p.category, p.level, p.establishment);
    place(before) != place(after)
}

/// Those of these people whose facts of a past day may be others than today's.
pub async fn moved(conn: &impl Conn, people: People<'_>) -> Result<HashSet<PersonId>> {
    store_history::moved(conn, people).await
}
