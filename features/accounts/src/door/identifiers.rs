//! What a person may type as account: account name, ID number or bound phone, each found by a keyed blind index.
use base::{AccountId, IdNumber, Phone, Result};
use db::{Conn, params};
use site::Site;
use unicode_normalization::UnicodeNormalization;

/// The blind index of an ID number, as people and identifiers hold it.
pub fn id_number_lookup(site: &Site, number: &IdNumber) -> String {
    site.keys.blind_index("id_number", number.as_str())
}

/// The blind index of a phone.
pub fn phone_lookup(site: &Site, phone: &Phone) -> String {
    site.keys.blind_index("phone", phone.as_str())
}

/// The blind index of an account name: case and width do not matter.
pub(crate) fn name_lookup(site: &Site, name: &str) -> String {
    site.keys.blind_index("account", &name.trim().nfkc().collect::<String>().to_lowercase())
}

/// Every index that the typed text could be meant as.
pub(crate) fn lookups(site: &Site, typed: &str) -> Vec<String> {
    let mut all = vec![name_lookup(site, typed)];
    all.extend(IdNumber::parse(typed).ok().map(|n| id_number_lookup(site, &n)));
    all.extend(Phone::parse(typed).map(|p| phone_lookup(site, &p)));
    all
}

/// Lets accounts be found by their persons' ID numbers.
pub async fn index_id_numbers(site: &Site, conn: &impl Conn, rows: &[(AccountId, IdNumber)]) -> Result<()> {
    let values = rows.iter().map(|(id, n)| params!["id_number", id_number_lookup(site, n), id]).collect();
    let suffix = "ON CONFLICT (lookup, kind, account_id) DO NOTHING";
    db::insert_rows(conn, "identifiers", &["kind", "lookup", "account_id"], values, suffix).await?;
    Ok(())
}
