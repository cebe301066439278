//! Statements that find and remove rows whose time is over. Names of tables and columns come from the inventory alone.
use std::collections::BTreeMap;

use base::{Day, Instant, Result};
use db::{Conn, Param, Tx, Value};

use crate::{
    holding::{Holding, Kept, Whose},
    store::Row,
    terms::{REFERENCES, Term},
};

/// So many rows (or owners of too many) are found and removed at a time: few enough that writers hardly wait, many enough that
/// the trail, which has a deed for each portion, stays short.
pub(crate) const PORTION: usize = 5_000;

/// Notices in force count as unread where nothing says that they were read.
const IN_FORCE: &str = "SELECT 1 FROM notices n JOIN notice_versions v ON v.notice_id = n.id AND v.version = n.version \
    WHERE n.id = t.notice_id AND n.state = 'published' AND (v.valid_until IS NULL OR v.valid_until >= ";

/// What is over of a table.
pub(crate) struct Over {
    pub holding: &'static Holding,
    pub term: Term,
    /// Rows of an earlier time are.
    pub before: Instant,
    pub today: Day,
}

impl Over {
    /// The columns that name a row; of what has a number for each owner, the owner's.
    fn key(&self) -> Vec<&'static str> {
        if matches!(self.term, Term::Newest(..)) {
            vec![self.owner()]
        } else if self.holding.table == "notice_reads" {
            vec!["notice_id", "person_id"]
        } else {
            vec!["id"]
        }
    }

    fn owner(&self) -> &'static str {
        let (Whose::Person(owner) | Whose::Account(owner) | Whose::Through(owner, ..)) = self.holding.whose;
        owner
    }

    /// These columns of a row `t`.
    fn columns(&self) -> String {
        self.key().iter().map(|c| format!("t.{c}")).collect::<Vec<_>>().join(", ")
    }

    /// A key before every other: nothing comes before the empty text.
    pub(crate) fn start(&self) -> Vec<String> {
        vec![String::new(); self.key().len()]
    }

    /// Whether other rows refer to the table's.
    fn is_referred_to(&self) -> bool {
        REFERENCES.iter().any(|r| r.of == self.holding.table)
    }

    /// The condition that a row `t` is over, and that nothing still needs it.
    fn condition(&self, values: &mut Vec<Value>) -> String {
        let table = self.holding.table;
        let column = match self.term {
            Term::Newest(column, most) => {
                let owner = self.owner();
                values.push(i64::from(most).param());
                return format!(
                    "(SELECT COUNT(*) FROM {table} n WHERE n.{owner} = t.{owner} AND n.{column} > t.{column}) >= ${}",
                    values.len()
                );
            }
            Term::Days(column, _) | Term::Months(column, _) | Term::Years(column, _) => column,
        };
        values.push(self.before.param());
        let mut all = vec![format!("t.{column} < ${}", values.len())];
        let waits = REFERENCES.iter().filter(|r| r.of == table && !r.goes_along);
        all.extend(
            waits.map(|r| format!("NOT EXISTS (SELECT 1 FROM {} c WHERE c.{} = t.id)", r.by, r.column)),
        );
        if let Kept::Reads(_) = self.holding.kept {
            values.push(self.today.param());
            all.push(format!("NOT EXISTS ({IN_FORCE}${}))", values.len()));
        }
        all.join(" AND ")
    }
}

/// A portion of what is over, by its key and in its order: what comes behind the last of the portion before.
pub(crate) async fn find(conn: &impl Conn, over: &Over, last: &[String]) -> Result<Vec<Vec<String>>> {
    let (table, columns) = (over.holding.table, over.columns());
    let mut values: Vec<Value> = last.iter().map(Param::param).collect();
    let behind = format!("({columns}) > ({})", db::in_list(1, last.len()));
    let which = match over.term {
        Term::Newest(_, most) => {
            values.push(i64::from(most).param());
            format!("GROUP BY {columns} HAVING COUNT(*) > ${}", values.len())
        }
        Term::Days(..) | Term::Months(..) | Term::Years(..) => {
            format!("AND {}", over.condition(&mut values))
        }
    };
    let sql =
        format!("SELECT {columns} FROM {table} t WHERE {behind} {which} ORDER BY {columns} LIMIT {PORTION}");
    keys(conn, over, &sql, values).await
}

/// The keys that a statement answers.
async fn keys(conn: &impl Conn, over: &Over, sql: &str, values: Vec<Value>) -> Result<Vec<Vec<String>>> {
    let key = over.key();
    let rows: Vec<Row> = db::all(conn, sql, values).await?;
    let named = |mut row: Row| -> Vec<String> {
        key.iter().map(|c| row.0.remove(*c).flatten().unwrap_or_default()).collect()
    };
    Ok(rows.into_iter().map(named).collect())
}

/// That a row `t` is one of these, which are in order, and, said once more, that it is over: what changed since it was found
/// stays. For a portion neither database reads the whole table: PostgreSQL keeps between the first and the last, SQLite
/// looks each up, and for a key of two columns only in a list that is selected from.
fn still_over(over: &Over, found: &[Vec<String>]) -> (String, Vec<Value>) {
    let (columns, width) = (over.columns(), over.key().len());
    let ends = found.first().into_iter().chain(found.last());
    let mut values: Vec<Value> = found.iter().chain(ends).flatten().map(Param::param).collect();
    let list = db::value_rows(found.len(), width);
    let first = db::in_list(found.len() * width + 1, width);
    let last = db::in_list((found.len() + 1) * width + 1, width);
    let condition = over.condition(&mut values);
    let which = format!(
        "({columns}) IN (SELECT * FROM (VALUES {list}) v) AND ({columns}) >= ({first}) AND ({columns}) <= ({last}) \
         AND {condition}"
    );
    (which, values)
}

/// Those of a portion to which nobody can refer until the transaction ends; what another holds stays for the next night.
/// Without this PostgreSQL would wait for who refers to such a row at this moment and then remove it all the same: the
/// row itself did not change, so its condition is not asked again.
async fn hold(tx: &Tx, over: &Over, found: &[Vec<String>]) -> Result<Vec<Vec<String>>> {
    let (which, values) = still_over(over, found);
    let (table, columns) = (over.holding.table, over.columns());
    let locked = db::dialect::skip_locked(tx);
    let sql = format!("SELECT {columns} FROM {table} t WHERE {which} ORDER BY {columns}{locked}");
    keys(tx, over, &sql, values).await
}

/// Removes what was found with what goes along; answers how many rows of which table went.
pub(crate) async fn remove(
    tx: &Tx,
    over: &Over,
    found: &[Vec<String>],
) -> Result<BTreeMap<&'static str, u64>> {
    let table = over.holding.table;
    let held = if over.is_referred_to() { Some(hold(tx, over, found).await?) } else { None };
    let found = held.as_deref().unwrap_or(found);
    let mut removed = BTreeMap::new();
    if found.is_empty() {
        return Ok(removed);
    }
    for r in REFERENCES.iter().filter(|r| r.of == table && r.goes_along) {
        let list = db::in_list(1, found.len());
        let sql = format!("DELETE FROM {} WHERE {} IN ({list})", r.by, r.column);
        let values = found.iter().flatten().map(Param::param).collect();
        removed.insert(r.by, db::execute(tx, &sql, values).await?);
    }
    let (which, values) = still_over(over, found);
    let sql = format!("DELETE FROM {table} AS t WHERE {which}");
    removed.insert(table, db::execute(tx, &sql, values).await?);
    removed.retain(|_, rows| *rows > 0);
    Ok(removed)
}
