//! What a person may type as account: account name, ID number or bound phone, each found by a keyed blind index.
use base::{AccountId, Actor, IdNumber, Paper, PersonId, Phone, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;
use unicode_normalization::UnicodeNormalization;

use crate::store;

/// The blind index of any paper's number, as people and identifiers hold it; a resident's is that of the ID number.
pub fn paper_lookup(site: &Site, paper: &Paper) -> String {
    site.keys.blind_index("id_number", paper.number())
}

/// Every blind index that a paper's number may stand under while a new key makes them anew; the first is
/// [`paper_lookup`] (security item 51).
pub fn paper_lookups(site: &Site, paper: &Paper) -> Vec<String> {
    site.keys.blind_indexes("id_number", paper.number())
}

/// As [`paper_lookups`], of a resident's ID number.
pub fn id_number_lookups(site: &Site, number: &IdNumber) -> Vec<String> {
    site.keys.blind_indexes("id_number", number.as_str())
}

/// As [`paper_lookups`], of a phone.
pub fn phone_lookups(site: &Site, phone: &Phone) -> Vec<String> {
    site.keys.blind_indexes("phone", phone.as_str())
}

/// The blind index of a phone, as it is written.
pub(crate) fn phone_lookup(site: &Site, phone: &Phone) -> String {
    site.keys.blind_index("phone", phone.as_str())
}

/// An account name as its blind index takes it: case and width do not matter.
pub fn indexed_name(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
}

/// The blind index of an account name, as it is written.
pub(crate) fn name_lookup(site: &Site, name: &str) -> String {
    site.keys.blind_index("account", &indexed_name(name))
}

/// As [`paper_lookups`], of an account name.
pub(crate) fn name_lookups(site: &Site, name: &str) -> Vec<String> {
    site.keys.blind_indexes("account", &indexed_name(name))
}

/// Every index that the typed text could be meant as.
pub(crate) fn lookups(site: &Site, typed: &str) -> Vec<String> {
    let mut all = name_lookups(site, typed);
    all.extend(Paper::any(typed).iter().flat_map(|p| paper_lookups(site, p)));
    all.extend(Phone::parse(typed).iter().flat_map(|p| phone_lookups(site, p)));
    all
}

/// Lets accounts be found by their persons' ID numbers. What stands under an older key goes along, so that equal numbers
/// stay equal.
pub async fn index_id_numbers(site: &Site, conn: &impl Conn, rows: &[(AccountId, Paper)]) -> Result<()> {
    let older = |(_, n): &(AccountId, Paper)| site.keys.older_indexes("id_number", n.number());
    let older: Vec<(String, String)> = rows.iter().flat_map(older).collect();
    db::replace_values(conn, ("identifiers", "lookup"), &older).await?;
    let values = rows.iter().map(|(id, n)| params!["id_number", paper_lookup(site, n), id]).collect();
    let suffix = "ON CONFLICT (lookup, kind, account_id) DO NOTHING";
    db::insert_rows(conn, "identifiers", &["kind", "lookup", "account_id"], values, suffix).await?;
    Ok(())
}

/// Brings a phone that stands under an older key along, before it is bound once more.
pub(crate) async fn bring_phone_along(site: &Site, conn: &impl Conn, phone: &Phone) -> Result<()> {
    let older = site.keys.older_indexes("phone", phone.as_str());
    db::replace_values(conn, ("identifiers", "lookup"), &older).await?;
    db::replace_values(conn, ("phone_shares", "phone_lookup"), &older).await?;
    Ok(())
}

/// Whether one of the others is the same human as this person: the same person, or an account that shares an ID number
/// or a phone (security item 35: two accounts of one human are one claimant and one reviewer).
pub async fn is_one_of(conn: &impl Conn, person: PersonId, others: &[PersonId]) -> Result<bool> {
    if others.is_empty() || others.contains(&person) {
        return Ok(!others.is_empty());
    }
    let mut values = params![person];
    values.extend(others.iter().map(db::Param::param));
    let sql = format!(
        "SELECT COUNT(*) FROM identifiers i JOIN accounts ia ON ia.id = i.account_id \
         JOIN identifiers j ON j.lookup = i.lookup AND j.kind = i.kind JOIN accounts ja ON ja.id = j.account_id \
         WHERE ia.person_id = $1 AND ja.person_id IN ({}) AND i.kind IN ('id_number', 'phone')",
        db::in_list(2, others.len())
    );
    Ok(db::count(conn, &sql, values).await? > 0)
}

/// As [`is_one_of`], for an actor: whoever acts on behalf of one of the others is one with them too.
pub async fn is_party(conn: &impl Conn, actor: &Actor, others: &[PersonId]) -> Result<bool> {
    Ok(others.iter().any(|o| actor.acts_for(*o)) || is_one_of(conn, actor.person, others).await?)
}

/// Every record that is the actor in decisions, as [`is_party`] takes it: the own ones, and those acted for.
pub async fn records_of(conn: &impl Conn, actor: &Actor) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Same {
        person_id: String,
    }
    let sql = "SELECT DISTINCT ja.person_id FROM identifiers i JOIN accounts ia ON ia.id = i.account_id \
               JOIN identifiers j ON j.lookup = i.lookup AND j.kind = i.kind JOIN accounts ja ON ja.id = j.account_id \
               WHERE ia.person_id = $1 AND i.kind IN ('id_number', 'phone') LIMIT 1000";
    let same: Vec<Same> = db::all(conn, sql, params![actor.person]).await?;
    let mut records = same.into_iter().map(|s| s.person_id.parse()).collect::<Result<Vec<PersonId>>>()?;
    records.push(actor.person);
    records.extend(actor.grants.iter().filter_map(|g| g.behalf));
    Ok(records)
}

/// A corrected number takes the old one's place: from now on the account is found by the new one.
pub async fn replace_id_number(site: &Site, tx: &Tx, person: PersonId, paper: &Paper) -> Result<()> {
    let account = store::by_person(tx, person).await?.id;
    let sql = "DELETE FROM identifiers WHERE kind = 'id_number' AND account_id = $1";
    db::execute(tx, sql, params![account]).await?;
    index_id_numbers(site, tx, &[(account, paper.clone())]).await
}
