//! Statements on the people who are looked after. The forecast of `rules::reminders` is written here once more, because a
//! province is counted in the database; a story holds both together.
use base::{Hours, PersonId, Result, Scope, person::Code};
use db::{Conn, Param, Value, params};
use rules::reminders::RECENT_DAYS;
use sea_orm::FromQueryResult;
use serde::{Serialize, Serializer};

use crate::overview::{Moment, Row, Which};

/// What a reversal takes back counts against the rest.
const SUM: &str = "CAST(SUM(CASE WHEN reverses IS NULL THEN hours ELSE -ABS(hours) END) AS BIGINT)";

/// How the hours since $3 are found.
#[derive(Clone, Copy)]
pub(crate) enum Recent {
    /// All at once, where everyone is counted.
    Together,
    /// Person by person, for a page or a place of few people: only those that are looked at are summed up.
    OneByOne,
}

impl Recent {
    fn column(self) -> String {
        match self {
            Self::Together => "COALESCE(e.hours, 0)".to_owned(),
            Self::OneByOne => format!(
                "COALESCE((SELECT {SUM} FROM hour_entries l WHERE l.person_id = p.id AND l.year = $1 AND l.at >= $3), 0)"
            ),
        }
    }

    fn join(self) -> String {
        match self {
            Self::Together => format!(
                "LEFT JOIN (SELECT person_id, {SUM} AS hours FROM hour_entries WHERE year = $1 AND at >= $3 \
                 GROUP BY person_id) e ON e.person_id = p.id"
            ),
            Self::OneByOne => String::new(),
        }
    }
}

/// The first thing that keeps someone from beginning. Old sessions are forgotten; who bound a phone has signed in once.
const PROBLEM: &str = "CASE WHEN a.id IS NULL OR (a.phone_bound_at IS NULL AND NOT EXISTS \
    (SELECT 1 FROM sessions s WHERE s.account_id = a.id)) THEN 'never_signed_in' \
    WHEN a.phone_sealed IS NULL THEN 'phone_unbound' \
    WHEN p.category IS NULL OR p.level IS NULL OR p.birth_date IS NULL OR p.gender IS NULL THEN 'profile_incomplete' \
    ELSE '' END";

/// `rules::reminders::forecast` with $4 days left, $5 passed and $6 of the recent pace.
const OUTLOOK: &str = "CASE WHEN x.state IN ('done', 'exempt') THEN 'on_time' \
    WHEN x.total_hours * $4 < x.short_hours * $5 AND x.recent_hours * $4 < x.short_hours * $6 THEN 'late' \
    WHEN x.total_hours * $4 < x.short_hours * $5 OR x.recent_hours * $4 < x.short_hours * $6 THEN 'open' ELSE 'on_time' END";

/// Where people are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// In their units.
    Units,
    /// In the members of the maintained figures, in the order of places, for the lists of very many people.
    Members,
    /// Among those whom the last hour counted, in the order of places: an index leads to a problem or an outlook.
    Hour,
    /// Everywhere.
    Everywhere,
}

impl From {
    /// Where someone stands, what is joined for it, and in whose order the list goes.
    const fn place(self, belongs: &str) -> (&str, &'static str, &'static str) {
        match self {
            Self::Units => ("''", "", "p.id"),
            Self::Members => ("m.path", MEMBERS, "m.person_id"),
            Self::Hour => ("m.path", HOUR, "m.person_id"),
            Self::Everywhere => (belongs, "", "p.id"),
        }
    }

    /// The column by which the people behind a number are found.
    fn column(self, which: Which) -> String {
        match self {
            Self::Members | Self::Hour => format!("m.{}", which.column()),
            Self::Units | Self::Everywhere => "''".to_owned(),
        }
    }
}

/// Everyone obliged in the scope with state, problem and outlook, and the values so far.
fn everyone(
    scope: &Scope,
    m: &Moment,
    (recent, from): (Recent, From),
    which: Option<Which>,
) -> (String, Vec<Value>) {
    let passed = m.passed.max(1);
    let mut values = params![
        m.of.year(),
        m.of.latest_join(),
        m.since,
        m.left,
        passed,
        RECENT_DAYS.min(passed),
        m.required
    ];
    let belongs = m.of.view.place();
    let (place, members, order) = from.place(&belongs);
    let within = match from {
        From::Units => m.of.view.within(scope, &mut values),
        From::Members | From::Hour => m.of.view.scoped("m.path", scope, &mut values),
        From::Everywhere => "TRUE".to_owned(),
    };
    let found_by = which.map_or_else(|| "''".to_owned(), |which| from.column(which));
    let sql = format!(
        "(SELECT x.*, {OUTLOOK} AS outlook FROM (SELECT p.id, {place} AS place, \
         {order} AS ordered, {found_by} AS found_by, p.name, u.code AS unit_code, u.name AS unit, \
         d.name AS department, COALESCE(r.state, 'not_begun') AS state, COALESCE(r.total_hours, 0) AS total_hours, \
         COALESCE(r.short_hours, $7) AS short_hours, {} AS recent_hours, {PROBLEM} AS problem \
         {} {members} {} LEFT JOIN accounts a ON a.person_id = p.id WHERE {} AND {within}) x) y",
        recent.column(),
        statistics::people(&m.of),
        recent.join(),
        statistics::obliged(&m.of)
    );
    (sql, values)
}

const HOUR: &str = "JOIN supervision_members m ON m.year = $1 AND m.person_id = p.id";
const MEMBERS: &str =
    "JOIN figure_members m ON m.year = $1 AND m.person_id = p.id AND m.state NOT IN ('', 'contract')";

/// The numbers by unit.
pub(crate) async fn rows(
    conn: &impl Conn,
    scope: &Scope,
    moment: &Moment,
    recent: Recent,
) -> Result<Vec<Row>> {
    let (people, values) = everyone(scope, moment, (recent, From::Units), None);
    let sum = |condition: &str, name: &str| {
        format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}")
    };
    let is = |column: &str, code: &str| sum(&format!("y.{column} = '{code}'"), code);
    let counts = [
        is("state", "done"),
        is("state", "under_way"),
        is("state", "not_begun"),
        is("state", "exempt"),
        is("problem", "never_signed_in"),
        is("problem", "phone_unbound"),
        is("problem", "profile_incomplete"),
        sum("y.outlook = 'late'", "late_low"),
        sum("y.outlook <> 'on_time'", "late_high"),
    ];
    let sql = format!(
        "SELECT y.unit_code AS unit, MIN(y.unit) AS name, CAST(COUNT(*) AS BIGINT) AS people, {} FROM {people} \
         GROUP BY y.unit_code ORDER BY y.unit_code LIMIT 50000",
        counts.join(", ")
    );
    db::all(conn, &sql, values).await
}

/// Someone who is looked after.
#[derive(Clone, Debug, Serialize, FromQueryResult, utoipa::ToSchema)]
pub(crate) struct Someone {
    pub id: String,
    /// The path of the place, in lists of very many people.
    #[serde(skip)]
    pub place: String,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    /// `done`, `under_way`, `not_begun` or `exempt`.
    pub state: String,
    /// `never_signed_in`, `phone_unbound`, `profile_incomplete` or empty.
    pub problem: String,
    /// `on_time`, `open` or `late`.
    pub outlook: String,
    /// What was counted.
    #[serde(serialize_with = "as_hours")]
    #[schema(value_type = Hours)]
    pub total_hours: i64,
    /// Counted in the last thirty days.
    #[serde(serialize_with = "as_hours")]
    #[schema(value_type = Hours)]
    pub recent_hours: i64,
    /// What is missing: all that the year asks for before anything was counted.
    #[serde(serialize_with = "as_hours")]
    #[schema(value_type = Hours)]
    pub short_hours: i64,
}

/// Hundredths as the hours that they are.
fn as_hours<S: Serializer>(hundredths: &i64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    Hours::from_hundredths(*hundredths).serialize(serializer)
}

impl Someone {
    /// Whether the number counts this one at the moment; a list of very many people is that of the last hour.
    pub fn is_of(&self, which: Which) -> bool {
        let code = which.code();
        [&self.state, &self.problem, &self.outlook].into_iter().any(|told| *told == code)
    }

    /// Where a page ends.
    pub fn cursor(&self) -> String {
        if self.place.is_empty() { self.id.clone() } else { format!("{}|{}", self.place, self.id) }
    }
}

/// Which people are wanted: of one unit, behind one number.
pub(crate) struct Behind<'a> {
    /// Whether they are looked for in the maintained figures.
    pub is_kept: bool,
    pub key: &'a str,
    pub which: Option<Which>,
    /// Of these only, if any are named.
    pub chosen: &'a [PersonId],
}

/// The people behind a number by id, after one of them, up to so many.
pub(crate) async fn people(
    conn: &impl Conn,
    scope: &Scope,
    moment: &Moment,
    behind: &Behind<'_>,
    (after, limit): (&str, i64),
) -> Result<Vec<Someone>> {
    let from = match behind.which {
        _ if !behind.is_kept => From::Units,
        Some(which) if which.column() != "state" => From::Hour,
        _ => From::Members,
    };
    let (people, mut values) = everyone(scope, moment, (Recent::OneByOne, from), behind.which);
    let mut conditions = vec![];
    let (place, after) = after.rsplit_once('|').unwrap_or(("", after));
    if behind.is_kept {
        let n = values.len();
        values.extend(params![place, after]);
        conditions.push(format!("(y.place, y.ordered) > (${}, ${})", n + 1, n + 2));
    }
    let mut add = |text: &str, value: Value| {
        values.push(value);
        conditions.push(format!("{text} ${}", values.len()));
    };
    if !behind.is_kept {
        add("y.id >", after.param());
    }
    if !behind.key.is_empty() {
        add("y.unit_code =", behind.key.param());
    }
    if let Some(which) = behind.which {
        let column = if behind.is_kept { "found_by" } else { which.column() };
        add(&format!("y.{column} ="), which.code().param());
    }
    if !behind.chosen.is_empty() {
        let list = db::in_list(values.len() + 1, behind.chosen.len());
        values.extend(behind.chosen.iter().map(Param::param));
        conditions.push(format!("y.id IN ({list})"));
    }
    values.push(limit.param());
    let sql = format!(
        "SELECT y.id, y.place, y.name, y.unit, y.department, y.state, y.problem, y.outlook, y.total_hours, y.recent_hours, \
         y.short_hours FROM {people} WHERE {} ORDER BY {} LIMIT ${}",
        conditions.join(" AND "),
        if behind.is_kept { "y.place, y.ordered" } else { "y.id" },
        values.len()
    );
    db::all(conn, &sql, values).await
}

/// Where someone stands when everyone is counted.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Stand {
    pub id: String,
    pub path: String,
    pub unit: String,
    pub state: String,
    pub problem: String,
    pub outlook: String,
}

/// Everyone obliged, by id, after one of them, up to so many.
pub(crate) async fn standing(
    conn: &impl Conn,
    moment: &Moment,
    (after, limit): (&str, i64),
) -> Result<Vec<Stand>> {
    let nowhere = Scope { paths: vec![] };
    let (people, mut values) = everyone(&nowhere, moment, (Recent::OneByOne, From::Everywhere), None);
    values.extend(params![after, limit]);
    let n = values.len();
    let sql = format!(
        "SELECT y.id, y.place AS path, y.unit_code AS unit, y.state, y.problem, y.outlook FROM {people} \
         WHERE y.id > ${} ORDER BY y.id LIMIT ${n}",
        n - 1
    );
    db::all(conn, &sql, values).await
}
