//! Statements on people as they are seen from a viewpoint. One text for all who ask, so that a past year finds the same people
//! at the same places wherever it is looked at.
use base::{Scope, day};
use db::Value;

use crate::viewpoint::{Past, PlacedFact, Viewpoint};

impl Viewpoint {
    /// People `p` with unit `u` and department `d`, as what follows FROM. Who was never anywhere else has no placement `h`.
    pub fn people(&self) -> String {
        let mut text = "people p".to_owned();
        if let Some(at) = self.instant() {
            text.push_str(&format!(
                " LEFT JOIN former_people f ON f.person_id = p.id AND f.until >= {at} AND NOT EXISTS (SELECT 1 \
                 FROM former_people g WHERE g.person_id = p.id AND g.until >= {at} AND g.no < f.no)"
            ));
        }
        let (unit, department) = (self.row("unit_id"), self.row("department_id"));
        let Some(past) = self.past() else {
            return format!("{text} JOIN units u ON u.id = {unit} LEFT JOIN units d ON d.id = {department}");
        };
        format!(
            "{text} LEFT JOIN placements h ON h.person_id = p.id AND h.seq = ({}) JOIN units u \
             ON u.id = COALESCE(h.unit_id, {unit}) LEFT JOIN units d \
             ON d.id = CASE WHEN h.unit_id IS NULL THEN {department} ELSE h.department_id END",
            past.placement()
        )
    }

    /// That people lie in a scope, with [`Self::people`] joined. The ids come first, because no index leads to the place
    /// itself: from units by path to their people, and from departments to theirs.
    pub fn within(&self, scope: &Scope, values: &mut Vec<Value>) -> String {
        let mut range = |column: &str| db::in_scope(column, scope, values);
        let (place, unit, department) = (range(PLACE), range("v.path"), range("v.path"));
        let (table, id) = if self == &Self::TODAY { ("people", "id") } else { ("placements", "person_id") };
        format!(
            "{place} AND p.id IN (SELECT w.{id} FROM units v JOIN {table} w ON w.unit_id = v.id WHERE {unit} UNION ALL \
             SELECT w.{id} FROM units v JOIN {table} w ON w.department_id = v.id WHERE {department})"
        )
    }

    /// A fact of `p`. Of a past day the first one that became known counts where none was known of the day.
    pub fn fact(&self, fact: PlacedFact) -> String {
        let (column, row) = (fact.column(), self.row(fact.column()));
        if self.past().is_none() {
            return row;
        }
        let until = self.instant().map(|at| format!(" AND k.recorded_at < {at}")).unwrap_or_default();
        format!(
            "CASE WHEN h.person_id IS NULL THEN {row} ELSE COALESCE(h.{column}, (SELECT k.{column} FROM placements k \
             WHERE k.person_id = p.id AND k.{column} IS NOT NULL{until} ORDER BY k.seq LIMIT 1), {row}) END"
        )
    }

    /// The day of joining of `p`: of a past day the first one known since then.
    pub fn joined_on(&self) -> String {
        let row = self.row("joined_on");
        let Some(past) = self.past() else { return row };
        let known_by = day::millis(past.known_by);
        let until = self.instant().map(|at| format!(" AND k.until < {at}")).unwrap_or_default();
        format!(
            "COALESCE((SELECT k.joined_on FROM former_people k WHERE k.person_id = p.id AND k.until >= {known_by}{until} \
             AND k.joined_on IS NOT NULL ORDER BY k.no LIMIT 1), {row})"
        )
    }

    /// A column of the person's row.
    pub(crate) fn row(&self, column: &str) -> String {
        match self.instant() {
            None => format!("p.{column}"),
            Some(_) => format!("CASE WHEN f.no IS NULL THEN p.{column} ELSE f.{column} END"),
        }
    }
}

/// Where someone belongs: the path of the department, else of the unit.
const PLACE: &str = "COALESCE(d.path, u.path)";

impl Past {
    /// The number of the placement that held on the day; of days before the first one, the first holds. Nobody who stayed
    /// where he was is looked up: an index over later placements says so.
    fn placement(&self) -> String {
        let (on, known_by) = (self.on, day::millis(self.known_by));
        format!(
            "SELECT k.seq FROM placements k WHERE k.person_id = p.id AND (k.seq = 1 OR k.recorded_at < {known_by}) \
             AND EXISTS (SELECT 1 FROM placements m WHERE m.person_id = p.id AND m.seq > 1) ORDER BY CASE WHEN \
             k.from_day <= '{on}' THEN k.from_day ELSE '' END DESC, k.from_day, k.seq DESC LIMIT 1"
        )
    }
}
