//! Statements on people as they are seen from a viewpoint. One text for all who ask, so that a past year finds the same people
//! at the same places wherever it is looked at.
use base::{Scope, day};
use db::Value;

use crate::viewpoint::{Past, PlacedFact, Viewpoint};

impl Viewpoint {
    /// People `p` with unit `u` and department `d`, as what follows FROM. Who was never anywhere else has no placement `h`.
    pub fn people(&self) -> String {
        let text = self.instant().map_or_else(
            || "people p".to_owned(),
            |at| {
                format!(
                    "people p LEFT JOIN former_people f ON f.person_id = p.id AND f.until >= {at} AND NOT EXISTS (SELECT 1 \
                     FROM former_people g WHERE g.person_id = p.id AND g.until >= {at} AND g.no < f.no)"
                )
            },
        );
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

    /// The path of `u`: of a past day the one that it had then.
    pub fn unit_path(&self) -> String {
        self.past()
            .map_or_else(|| "u.path".to_owned(), |past| format!("COALESCE({}, u.path)", past.path("u.id")))
    }

    /// Where `p` belongs: the path of the department, else of the unit.
    pub fn place(&self) -> String {
        let Some(past) = self.past() else { return "COALESCE(d.path, u.path)".to_owned() };
        format!("COALESCE({}, d.path, {}, u.path)", past.path("d.id"), past.path("u.id"))
    }

    /// That a path lies in a scope, whose places are looked for where they were.
    pub fn scoped(&self, path: &str, scope: &Scope, values: &mut Vec<Value>) -> String {
        let Some(past) = self.past().filter(|_| !scope.paths.is_empty()) else {
            return db::in_scope(path, scope, values);
        };
        let parts: Vec<String> = scope.paths.iter().map(|top| past.inside(path, top, values)).collect();
        format!("({})", parts.join(" OR "))
    }

    /// That a path is that of a place.
    pub fn is_at(&self, path: &str, place: &str, values: &mut Vec<Value>) -> String {
        if let (Some(past), Some(code)) = (self.past(), code_of(place)) {
            return format!("{path} = {}", past.path_of(code, values));
        }
        values.push(Value::from(place));
        format!("{path} = ${}", values.len())
    }

    /// That `u` lies directly below the unit of a code.
    pub fn is_below(&self, code: &str, values: &mut Vec<Value>) -> String {
        if let Some(past) = self.past() {
            return format!("{} = {} || u.code || '/'", self.unit_path(), past.path_of(code, values));
        }
        values.push(Value::from(code));
        format!("u.parent_id = (SELECT o.id FROM units o WHERE o.code = ${})", values.len())
    }

    /// That people lie in a scope, with [`Self::people`] joined. The ids come first, because no index leads to the place
    /// itself: from units by path to their people, and from departments to theirs.
    pub fn within(&self, scope: &Scope, values: &mut Vec<Value>) -> String {
        let place = self.scoped(&self.place(), scope, values);
        let now = db::in_scope("v.path", scope, values);
        if self == &Self::TODAY {
            return format!(
                "{place} AND p.id IN (SELECT w.id FROM units v JOIN people w ON w.unit_id = v.id WHERE {now} UNION ALL \
                 SELECT w.id FROM units v JOIN people w ON w.department_id = v.id WHERE {now})"
            );
        }
        let then = self.scoped("v.path", scope, values);
        let who = |units: &str, id: &str, column: &str, condition: &str| {
            format!(
                "SELECT w.person_id FROM {units} v JOIN placements w ON w.{column} = v.{id} WHERE {condition}"
            )
        };
        let arms = [
            who("units", "id", "unit_id", &now),
            who("units", "id", "department_id", &now),
            who("unit_history", "unit_id", "unit_id", &then),
            who("unit_history", "unit_id", "department_id", &then),
        ];
        format!("{place} AND p.id IN ({})", arms.join(" UNION ALL "))
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

/// The code of the unit that a path leads to; none for everything.
fn code_of(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit('/').next().filter(|code| !code.is_empty())
}

impl Past {
    /// The path that a unit had on the day; none for one that never changed. Not a join: of more than eight tables PostgreSQL
    /// takes the order as written, and would go over everyone to find a county's people.
    fn path(&self, unit: &str) -> String {
        let (on, known_by) = (self.on, day::millis(self.known_by));
        format!(
            "(SELECT y.path FROM unit_history y WHERE y.unit_id = {unit} AND y.from_day <= '{on}' \
             AND (y.seq = 1 OR y.recorded_at < {known_by}) ORDER BY y.from_day DESC, y.seq DESC LIMIT 1)"
        )
    }

    /// The path that the unit of a code had on the day.
    fn path_of(&self, code: &str, values: &mut Vec<Value>) -> String {
        let (on, known_by) = (self.on, day::millis(self.known_by));
        values.push(Value::from(code));
        let n = values.len();
        format!(
            "COALESCE((SELECT y.path FROM units z JOIN unit_history y ON y.unit_id = z.id WHERE z.code = ${n} \
             AND y.from_day <= '{on}' AND (y.seq = 1 OR y.recorded_at < {known_by}) ORDER BY y.from_day DESC, y.seq DESC \
             LIMIT 1), (SELECT z.path FROM units z WHERE z.code = ${n}))"
        )
    }

    /// That a path lies where the place was: between its path and the first one after all that begin so.
    fn inside(&self, path: &str, top: &str, values: &mut Vec<Value>) -> String {
        let Some(code) = code_of(top) else { return "TRUE".to_owned() };
        let first = self.path_of(code, values);
        format!("({path} >= {first} AND {path} < SUBSTR({first}, 1, LENGTH({first}) - 1) || '0')")
    }

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
