//! Statements that wrap values anew: the same values under another key, in whatever table they stand. Values that expire
//! within a day (codes, resets) are emptied instead.
use std::collections::BTreeMap;

use base::{Instant, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A column of sealed values.
pub(crate) struct Sealed {
    /// `table.column`.
    pub name: &'static str,
    table: &'static str,
    id: &'static str,
    column: &'static str,
    /// What stands before the row's id in the place that a value is sealed for.
    pub place: &'static str,
}

const fn sealed(
    name: &'static str,
    (table, id, column): (&'static str, &'static str, &'static str),
    place: &'static str,
) -> Sealed {
    Sealed { name, table, id, column, place }
}

/// Every column of sealed values.
pub(crate) const SEALED: &[Sealed] = &[
    sealed("people.id_number_sealed", ("people", "id", "id_number_sealed"), "people.id_number:"),
    sealed("people.contact_phone_sealed", ("people", "id", "contact_phone_sealed"), "people.contact_phone:"),
    sealed("former_papers.number_sealed", ("former_papers", "id", "number_sealed"), "former_papers.number:"),
    sealed("accounts.phone_sealed", ("accounts", "id", "phone_sealed"), "accounts.phone:"),
    sealed("accounts.totp_sealed", ("accounts", "id", "totp_sealed"), "accounts.totp:"),
    sealed("roster_drafts.file_sealed", ("roster_drafts", "id", "file_sealed"), "roster_drafts:"),
    sealed("exemptions.reason_sealed", ("exemptions", "id", "reason_sealed"), "exemptions.reason:"),
    sealed("corrections.wanted_sealed", ("corrections", "id", "wanted_sealed"), "corrections.wanted:"),
    sealed("provider_keys.secret_sealed", ("provider_keys", "key_id", "secret_sealed"), "provider_keys:"),
    sealed(
        "bank_accounts.number_sealed",
        ("bank_accounts", "person_id", "number_sealed"),
        "bank_accounts.number:",
    ),
    sealed("seal_images.image_sealed", ("seal_images", "id", "image_sealed"), "seal_images.image:"),
    sealed(
        "mail_addresses.address_sealed",
        ("mail_addresses", "person_id", "address_sealed"),
        "mail_addresses.address:",
    ),
];

/// Values that blind indexes are made of, where they stand, and the columns that hold their indexes.
pub(crate) struct Source {
    pub name: &'static str,
    table: &'static str,
    column: &'static str,
    /// As [`Sealed::place`]; none where the value stands in clear.
    pub place: Option<&'static str>,
    /// What the index is for, as the key takes it.
    pub purpose: &'static str,
    columns: &'static [(&'static str, &'static str)],
}

const OF_NUMBERS: &[(&str, &str)] =
    &[("people", "id_number_lookup"), ("identifiers", "lookup"), ("former_papers", "lookup")];
const OF_PHONES: &[(&str, &str)] =
    &[("identifiers", "lookup"), ("phone_shares", "phone_lookup"), ("sms_codes", "phone_lookup")];

/// Where the values of every kind of index stand.
pub(crate) const SOURCES: &[Source] = &[
    Source {
        name: "people.id_number_lookup",
        table: "people",
        column: "id_number_sealed",
        place: Some("people.id_number:"),
        purpose: "id_number",
        columns: OF_NUMBERS,
    },
    Source {
        name: "former_papers.lookup",
        table: "former_papers",
        column: "number_sealed",
        place: Some("former_papers.number:"),
        purpose: "id_number",
        columns: OF_NUMBERS,
    },
    Source {
        name: "identifiers.lookup",
        table: "accounts",
        column: "phone_sealed",
        place: Some("accounts.phone:"),
        purpose: "phone",
        columns: OF_PHONES,
    },
    Source {
        name: "identifiers.lookup",
        table: "accounts",
        column: "name",
        place: None,
        purpose: "account",
        columns: &[("identifiers", "lookup")],
    },
];

/// Every column of blind indexes. Those of resets are emptied, never made anew.
pub(crate) const INDEXED: &[(&str, &str)] = &[
    ("people", "id_number_lookup"),
    ("identifiers", "lookup"),
    ("former_papers", "lookup"),
    ("phone_shares", "phone_lookup"),
    ("sms_codes", "phone_lookup"),
    ("password_resets", "phone_lookup"),
];

/// A value in its row.
#[derive(FromQueryResult)]
pub(crate) struct Value {
    pub id: String,
    pub value: String,
}

/// Rosters that wait are large: so many are held at once.
const LARGE: i64 = 4;

async fn after(
    conn: &impl Conn,
    (table, id, column): (&str, &str, &str),
    after: &str,
    rows: i64,
) -> Result<Vec<Value>> {
    let sql = format!(
        "SELECT {id} AS id, {column} AS value FROM {table} WHERE {column} IS NOT NULL AND {column} <> '' \
         AND {id} > $1 ORDER BY {id} LIMIT $2"
    );
    db::all(conn, &sql, params![after, rows]).await
}

/// The next sealed values of a column after an id.
pub(crate) async fn sealed_after(conn: &impl Conn, of: &Sealed, id: &str, rows: i64) -> Result<Vec<Value>> {
    let rows = if of.table == "roster_drafts" { rows.min(LARGE) } else { rows };
    after(conn, (of.table, of.id, of.column), id, rows).await
}

/// The next values of which indexes are made after an id.
pub(crate) async fn values_after(conn: &impl Conn, of: &Source, id: &str, rows: i64) -> Result<Vec<Value>> {
    after(conn, (of.table, "id", of.column), id, rows).await
}

/// Writes values that were sealed anew: id, before, after. One that was changed meanwhile stays as it is now.
pub(crate) async fn write_sealed(tx: &Tx, of: &Sealed, anew: &[(String, String, String)]) -> Result<u64> {
    if anew.is_empty() {
        return Ok(0);
    }
    let (table, column, id) = (of.table, of.column, of.id);
    let cases: String =
        (0..anew.len()).map(|n| format!(" WHEN ${} THEN ${}", 2 * n + 1, 2 * n + 2)).collect();
    let mut values: Vec<db::Value> = anew.iter().flat_map(|(row, _, after)| params![row, after]).collect();
    let ids = db::in_list(values.len() + 1, anew.len());
    values.extend(anew.iter().map(|(row, ..)| db::Param::param(row)));
    let befores = db::in_list(values.len() + 1, anew.len());
    values.extend(anew.iter().map(|(_, before, _)| db::Param::param(before)));
    let sql = format!(
        "UPDATE {table} SET {column} = CASE {id}{cases} END WHERE {id} IN ({ids}) AND {column} IN ({befores})"
    );
    db::execute(tx, &sql, values).await
}

/// Puts new indexes where older ones stand, in every column of that kind.
pub(crate) async fn write_indexes(tx: &Tx, of: &Source, older: &[(String, String)]) -> Result<u64> {
    let mut changed = 0;
    for column in of.columns {
        changed += db::replace_values(tx, *column, older).await?;
    }
    Ok(changed)
}

/// Empties the indexes of what is over: codes and resets of before the instant, and ended shares.
pub(crate) async fn forget_spent(conn: &impl Conn, mark: &str, before: Instant) -> Result<()> {
    let older = format!("{mark}%");
    for (table, condition) in [
        ("sms_codes", "created_at < $2"),
        ("password_resets", "created_at < $2"),
        ("phone_shares", "ended_at IS NOT NULL AND ended_at < $2"),
    ] {
        let sql = format!(
            "UPDATE {table} SET phone_lookup = '' WHERE phone_lookup <> '' AND phone_lookup NOT LIKE $1 AND {condition}"
        );
        db::execute(conn, &sql, params![older, before]).await?;
    }
    Ok(())
}

/// How many indexes of a column an older key made.
pub(crate) async fn left_over(conn: &impl Conn, (table, column): &(&str, &str), mark: &str) -> Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} <> '' AND {column} NOT LIKE $1");
    let count = db::count(conn, &sql, params![format!("{mark}%")]).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A chain's end with its MAC.
#[derive(FromQueryResult)]
pub(crate) struct Head {
    pub person_id: String,
    pub seq: i64,
    pub hash: String,
    pub mac: String,
}

/// The next heads of people's chains after one.
pub(crate) async fn heads_after(conn: &impl Conn, after: &str, rows: i64) -> Result<Vec<Head>> {
    let sql = "SELECT person_id, seq, hash, mac FROM hour_heads WHERE person_id > $1 AND seq > 0 ORDER BY person_id LIMIT $2";
    db::all(conn, sql, params![after, rows]).await
}

/// Writes MACs of heads, by person.
pub(crate) async fn write_macs(tx: &Tx, macs: &[(String, String)]) -> Result<()> {
    if macs.is_empty() {
        return Ok(());
    }
    let marks = db::value_rows(macs.len(), 2);
    let sql = format!(
        "UPDATE hour_heads SET mac = v.column2 FROM (VALUES {marks}) AS v WHERE hour_heads.person_id = v.column1"
    );
    let values = macs.iter().flat_map(|(person, mac)| params![person, mac]).collect();
    db::execute(tx, &sql, values).await?;
    Ok(())
}

/// The end of the trail, held.
pub(crate) async fn trail_head(tx: &Tx) -> Result<Option<Head>> {
    let sql = format!(
        "SELECT '' AS person_id, seq, hash, mac FROM audit_head WHERE one = 1{}",
        db::dialect::for_update(tx)
    );
    db::maybe(tx, &sql, params![]).await
}

pub(crate) async fn write_trail_mac(tx: &Tx, mac: &str) -> Result<()> {
    db::execute(tx, "UPDATE audit_head SET mac = $1 WHERE one = 1", params![mac]).await?;
    Ok(())
}

/// Secrets that were given out and of which only MACs are kept: how many are valid.
const ON_MAC: &[(&str, &str, &str)] = &[
    ("activations.code_mac", "activations", "used_at IS NULL AND ended_at IS NULL AND expires_at > $1"),
    ("record_credentials.secret_mac", "record_credentials", "ended_at IS NULL AND created_at <= $1"),
    ("openid_client_secrets.secret_mac", "openid_client_secrets", "ended_at IS NULL AND made_at <= $1"),
];

/// How many secrets hold no more once the key of MACs is another.
pub(crate) async fn resting_on_mac(conn: &impl Conn, now: Instant) -> Result<BTreeMap<&'static str, u64>> {
    let mut found = BTreeMap::new();
    for (name, table, condition) in ON_MAC {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
        let count = u64::try_from(db::count(conn, &sql, params![now]).await?).unwrap_or(0);
        if count > 0 {
            found.insert(*name, count);
        }
    }
    Ok(found)
}
