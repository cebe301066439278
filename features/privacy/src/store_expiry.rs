//! Statements that find and remove rows whose time is over. Names of tables and columns come from the inventory alone.
use base::{Day, Instant, Result};
use db::{Conn, Param, Tx, Value};

use crate::{
    holding::{Holding, Kept, Whose},
    store::Row,
    terms::{REFERENCES, Term},
};

/// So many rows (or owners of too many) are found and removed at a time.
pub(crate) const PORTION: usize = 500;

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
        let (Whose::Person(owner) | Whose::Account(owner) | Whose::Through(owner, ..)) = self.holding.whose;
        if matches!(self.term, Term::Newest(..)) {
            vec![owner]
        } else if self.holding.table == "notice_reads" {
            vec!["notice_id", "person_id"]
        } else {
            vec!["id"]
        }
    }

    /// The condition that a row `t` whose time is in the column is over; nothing that something else still needs.
    fn condition(&self, column: &str, values: &mut Vec<Value>) -> String {
        values.push(self.before.param());
        let mut all = vec![format!("t.{column} < ${}", values.len())];
        let waits = REFERENCES.iter().filter(|r| r.of == self.holding.table && !r.goes_along);
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

/// A portion of what is over, by its key.
pub(crate) async fn find(conn: &impl Conn, over: &Over) -> Result<Vec<Vec<String>>> {
    let (table, key) = (over.holding.table, over.key());
    let columns: Vec<String> = key.iter().map(|c| format!("t.{c}")).collect();
    let columns = columns.join(", ");
    let mut values = vec![];
    let which = match over.term {
        Term::Newest(_, most) => {
            values.push(i64::from(most).param());
            format!("GROUP BY {columns} HAVING COUNT(*) > $1")
        }
        Term::Days(column, _) | Term::Months(column, _) | Term::Years(column, _) => {
            format!("WHERE {}", over.condition(column, &mut values))
        }
    };
    let sql = format!("SELECT {columns} FROM {table} t {which} LIMIT {PORTION}");
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    let named = |mut row: Row| -> Vec<String> {
        key.iter().map(|c| row.0.remove(*c).flatten().unwrap_or_default()).collect()
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Removes what was found with what goes along; answers how many rows of the table went.
pub(crate) async fn remove(tx: &Tx, over: &Over, found: &[Vec<String>]) -> Result<u64> {
    let (table, key) = (over.holding.table, over.key());
    let named = || found.iter().flatten().map(Param::param).collect::<Vec<Value>>();
    for r in REFERENCES.iter().filter(|r| r.of == table && r.goes_along) {
        let list = db::in_list(1, found.len());
        let sql = format!("DELETE FROM {} WHERE {} IN ({list})", r.by, r.column);
        db::execute(tx, &sql, named()).await?;
    }
    let (list, mut values) = (db::value_rows(found.len(), key.len()), named());
    // Said once more: a row that changed meanwhile stays.
    let is_over = match over.term {
        Term::Newest(column, most) => {
            values.push(i64::from(most).param());
            let owner = key.join(", ");
            format!(
                "(SELECT COUNT(*) FROM {table} n WHERE n.{owner} = {table}.{owner} AND n.{column} > {table}.{column}) >= ${}",
                values.len()
            )
        }
        Term::Days(column, _) | Term::Months(column, _) | Term::Years(column, _) => {
            values.push(over.before.param());
            format!("{column} < ${}", values.len())
        }
    };
    let sql = format!("DELETE FROM {table} WHERE ({}) IN (VALUES {list}) AND {is_over}", key.join(", "));
    db::execute(tx, &sql, values).await
}
