//! Making accounts: one from the command line or by hand, many from a roster. Names are generated or given; an ID
//! number is never a name (contract).
use std::collections::HashMap;

use base::{AccountId, Error, Paper, PersonId, Result, Role, UnitId, random};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{door::identifiers, roles::grants, store::PasswordState};

/// An account to be made; it has no password until a reset or an activation.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Whose it is.
    pub person: PersonId,
    /// Its name.
    pub name: String,
}

impl NewAccount {
    /// An account with a generated name: `xs` and twelve random digits, which tells nothing about the person and leaves room
    /// for a province.
    pub fn generated(site: &Site, person: PersonId) -> Self {
        Self { id: site.new_id(), person, name: format!("xs{}", random::digits(&*site.random, 12)) }
    }
}

/// Makes one account under a given name; a taken name is a conflict.
pub async fn create(site: &Site, tx: &Tx, person: PersonId, name: &str) -> Result<AccountId> {
    let is_fit = (2..=40).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    if !is_fit {
        return Err(Error::invalid("account", "wrong_value"));
    }
    let lookups = identifiers::name_lookups(site, name);
    if !crate::store::by_lookups(tx, &lookups).await?.is_empty() {
        return Err(Error::conflict("account_taken"));
    }
    let account = NewAccount { id: site.new_id(), person, name: name.to_owned() };
    let id = account.id;
    create_many(site, tx, &[account]).await?;
    Ok(id)
}

/// Makes accounts of these ids under generated names that nobody has yet.
pub async fn create_named(site: &Site, tx: &Tx, wanted: &[(AccountId, PersonId)]) -> Result<()> {
    let mut named: HashMap<String, NewAccount> = HashMap::with_capacity(wanted.len());
    let mut open = wanted.to_vec();
    while !open.is_empty() {
        let mut again = vec![];
        let mut fresh = vec![];
        for (id, person) in open {
            let account = NewAccount { id, ..NewAccount::generated(site, person) };
            if named.contains_key(&account.name) {
                again.push((id, person));
            } else {
                fresh.push(account.name.clone());
                named.insert(account.name.clone(), account);
            }
        }
        for taken in taken(tx, &fresh).await? {
            again.extend(named.remove(&taken).map(|a| (a.id, a.person)));
        }
        open = again;
    }
    create_many(site, tx, &named.into_values().collect::<Vec<_>>()).await
}

async fn taken(conn: &impl Conn, names: &[String]) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let mut taken = vec![];
    for chunk in names.chunks(5000) {
        let sql = format!("SELECT name FROM accounts WHERE name IN ({})", db::in_list(1, chunk.len()));
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        taken.extend(rows.into_iter().map(|r| r.name));
    }
    Ok(taken)
}

/// Makes many accounts.
pub async fn create_many(site: &Site, tx: &Tx, accounts: &[NewAccount]) -> Result<()> {
    for rows in rows(site, accounts) {
        db::insert_rows(tx, rows.table, rows.columns, rows.rows, "").await?;
    }
    Ok(())
}

const IDENTIFIER: &[&str] = &["kind", "lookup", "account_id"];

/// The rows of accounts, each found by its name.
fn rows(site: &Site, accounts: &[NewAccount]) -> [db::Rows; 2] {
    let now = site.now();
    let own = |a: &NewAccount| params![a.id, a.person, a.name, PasswordState::None.code(), now];
    let name = |a: &NewAccount| params!["account", identifiers::name_lookup(site, &a.name), a.id];
    [
        db::Rows {
            table: "accounts",
            columns: &["id", "person_id", "name", "password_state", "created_at"],
            rows: accounts.iter().map(own).collect(),
        },
        db::Rows { table: "identifiers", columns: IDENTIFIER, rows: accounts.iter().map(name).collect() },
    ]
}

/// What [`create_many`], [`crate::index_id_numbers`] and [`crate::grant_many`] would write for people who are new to an
/// installation that is being filled, for [`db::load_rows`]. The names are the caller's to keep apart.
pub fn loaded(
    site: &Site,
    (accounts, papers): (&[NewAccount], &[(AccountId, Paper)]),
    at: (Role, UnitId),
) -> Vec<db::Rows> {
    let found =
        |(id, paper): &(AccountId, Paper)| params!["id_number", identifiers::paper_lookup(site, paper), id];
    let papers =
        db::Rows { table: "identifiers", columns: IDENTIFIER, rows: papers.iter().map(found).collect() };
    let people: Vec<PersonId> = accounts.iter().map(|a| a.person).collect();
    rows(site, accounts).into_iter().chain([papers, grants(site, &people, at, None)]).collect()
}

/// Account names and whether a phone is bound, by person.
pub async fn account_names(
    conn: &impl Conn,
    people: &[PersonId],
) -> Result<HashMap<PersonId, (String, bool)>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        name: String,
        phone_bound_at: Option<i64>,
    }
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let list = db::in_list(1, people.len());
    let sql = format!("SELECT person_id, name, phone_bound_at FROM accounts WHERE person_id IN ({list})");
    let rows: Vec<Row> = db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await?;
    rows.into_iter().map(|r| Ok((r.person_id.parse()?, (r.name, r.phone_bound_at.is_some())))).collect()
}
