//! The people behind a number: of few people counted as they stand, by id; of many from the members of the maintained
//! figures, by place and id, so that an index leads to each page.
use base::{Result, Scope, person::Code};
use db::{Conn, Param, Value, params};
use hours::Grounds;
use org::{PlacedFact, Viewpoint};
use sea_orm::FromQueryResult;
use site::Paging;

use crate::{
    figures::By,
    kept,
    outcome::State,
    store::{self, key, obliged},
};

/// Someone behind a number.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Someone {
    pub id: String,
    pub place: String,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub category: Option<String>,
    pub level: Option<String>,
    pub state: String,
    pub total_hours: i64,
    pub short_hours: Option<i64>,
}

impl Someone {
    /// Where a page ends; a list by id reads the id alone.
    pub fn cursor(&self, is_kept: bool) -> String {
        if is_kept { format!("{}|{}", self.place, self.id) } else { self.id.clone() }
    }
}

/// Which people behind a number are wanted.
pub(crate) struct Behind<'a> {
    pub of: &'a Grounds,
    pub by: By,
    pub key: &'a str,
    /// The path of the unit that the key names, where it names one.
    pub path: Option<&'a str>,
    pub state: Option<State>,
    /// Whether the maintained figures are asked.
    pub is_kept: bool,
}

/// Conditions with their values.
struct Conditions {
    values: Vec<Value>,
    texts: Vec<String>,
}

impl Conditions {
    fn add(&mut self, text: &str, value: Value) {
        self.values.push(value);
        self.texts.push(text.replace('?', &format!("${}", self.values.len())));
    }

    fn within(&mut self, view: &Viewpoint, column: &str, path: &str) {
        let scope = Scope { paths: vec![path.to_owned()] };
        self.texts.push(view.scoped(column, &scope, &mut self.values));
    }

    fn at(&mut self, view: &Viewpoint, column: &str, path: &str) {
        self.texts.push(view.is_at(column, path, &mut self.values));
    }
}

/// Standing credits of the year in which something is so.
fn learned(column: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM hour_entries e WHERE e.person_id = p.id AND e.year = $1 AND e.reverses IS NULL \
         AND e.{column} = ? AND NOT EXISTS (SELECT 1 FROM hour_entries t WHERE t.person_id = e.person_id \
         AND t.reverses = e.id))"
    )
}

/// The people behind a number of the figures, up to one more than the page holds.
pub(crate) async fn people(
    conn: &impl Conn,
    scope: &Scope,
    behind: &Behind<'_>,
    paging: &Paging,
) -> Result<Vec<Someone>> {
    let place = if behind.is_kept { "m.path".to_owned() } else { behind.of.view.place() };
    let place = place.as_str();
    let of = behind.of;
    let values = if behind.is_kept { params![of.year()] } else { params![of.year(), of.latest_join()] };
    let mut c = Conditions { values, texts: vec![] };
    c.texts.push(if behind.is_kept {
        of.view.scoped(place, scope, &mut c.values)
    } else {
        of.view.within(scope, &mut c.values)
    });
    c.texts.push(if behind.is_kept { "m.state NOT IN ('', 'contract')".to_owned() } else { obliged(of) });
    narrow(&mut c, behind, scope, place);
    if let Some(state) = behind.state {
        let column = if behind.is_kept { "m.state = ?" } else { "COALESCE(r.state, 'not_begun') = ?" };
        c.add(column, state.code().param());
    }
    let (from, order) = if behind.is_kept { (MEMBERS, "m.path, m.person_id") } else { ("", "p.id") };
    match (behind.is_kept, paging.after().rsplit_once('|')) {
        (true, Some((path, id))) => {
            let n = c.values.len();
            c.values.extend(params![path, id]);
            c.texts.push(format!("(m.path, m.person_id) > (${}, ${})", n + 1, n + 2));
        }
        (true, None) => {}
        (false, _) => c.add("p.id > ?", paging.after().param()),
    }
    c.values.push((paging.limit() + 1).param());
    let sql = format!(
        "SELECT p.id, {place} AS place, p.name, u.name AS unit, d.name AS department, {} AS category, {} AS level, \
         COALESCE(r.state, 'not_begun') AS state, COALESCE(r.total_hours, 0) AS total_hours, r.short_hours {} {from} \
         WHERE {} ORDER BY {order} LIMIT ${}",
        of.view.fact(PlacedFact::Category),
        of.view.fact(PlacedFact::Level),
        store::people(of),
        c.texts.join(" AND "),
        c.values.len()
    );
    db::all(conn, &sql, c.values).await
}

/// Everyone counted in the year's figures.
const MEMBERS: &str = "JOIN figure_members m ON m.year = $1 AND m.person_id = p.id";

fn narrow(c: &mut Conditions, behind: &Behind<'_>, scope: &Scope, place: &str) {
    let view = &behind.of.view;
    match (behind.by, behind.path) {
        (By::City | By::County | By::Below | By::Topic | By::Month | By::Hour, None) => {}
        // Who belongs to the place that is looked at, and to nothing below it.
        (By::Below, Some(path)) if scope.paths.iter().any(|p| kept::code_of(p) == kept::code_of(path)) => {
            c.at(view, place, path);
        }
        (By::Department, Some(path)) => c.at(view, place, path),
        (By::Unit, Some(path)) => {
            c.within(view, place, path);
            c.add("u.code = ?", behind.key.param());
        }
        (_, Some(path)) => c.within(view, place, path),
        (By::Provider, None) => c.add(&learned("source"), behind.key.param()),
        (By::Subject, None) => c.add(&learned("subject"), behind.key.param()),
        (By::Category, None) if behind.is_kept => c.add("m.category = ?", behind.key.param()),
        (By::Level, None) if behind.is_kept => c.add("m.level = ?", behind.key.param()),
        (By::Band, None) if behind.is_kept => c.add("m.band = ?", behind.key.param()),
        (By::Unit | By::Department | By::Category | By::Level | By::Band, None) => {
            c.add(&format!("{} = ?", key(behind.of, behind.by).0), behind.key.param());
        }
    }
}
