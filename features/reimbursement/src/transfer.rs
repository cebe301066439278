//! The payment file in the form that the unit's bank takes: columns, separator, heading and encoding come from the
//! configuration. Claims whose account is missing or still held, and those that come to nothing now, are left out and named;
//! what it names of the others is noted and stays.
use std::collections::{HashMap, HashSet};

use base::{Actor, Error, Fen, PersonId, Result, Scope, Year};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{FINANCE, bank, claim::Claim, follow, state::State, store_bank, store_books, store_follow};

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The receiver's account number.
    Account,
    /// The receiver's name.
    Name,
    /// The receiver's bank.
    Bank,
    /// Yuan with two decimals.
    Amount,
    /// Fen, as some banks want it.
    Fen,
    /// What it is for.
    Remark,
    /// 工号
    StaffNo,
    /// The claim, for booking back.
    Claim,
    /// A number from 1.
    Place,
}

/// How the file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As most banks' programs on Windows read it.
    #[default]
    Gb18030,
    /// UTF-8.
    Utf8,
}

/// The form of the payment file.
#[derive(Clone, Debug)]
pub struct Format {
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// What parts them.
    pub separator: char,
    /// Whether a line of headings comes first.
    pub head: bool,
    /// The encoding.
    pub encoding: Encoding,
}

impl Default for Format {
    fn default() -> Self {
        use Column::{Account, Amount, Bank, Claim, Name, Place, Remark};
        Self {
            columns: vec![Place, Account, Name, Bank, Amount, Remark, Claim],
            separator: ',',
            head: true,
            encoding: Encoding::Gb18030,
        }
    }
}

/// A payment file, and whom it leaves out.
pub(crate) struct File {
    pub bytes: Vec<u8>,
    pub payments: usize,
    pub total: Fen,
    pub left_out: Vec<LeftOut>,
}

/// Someone whose money cannot be sent yet.
pub(crate) struct LeftOut {
    pub name: String,
    /// `bank_missing`, `bank_held` or `reimbursement_amount_changed`, where there is nothing to pay now.
    pub why: &'static str,
}

/// The approved and unpaid claims of a year in the actor's scope, brought up to date; recorded with filter, rows and purpose.
/// What it names is noted where the file is given out: where nobody is left out, or `is_anyway`.
pub(crate) async fn file(
    site: &Site,
    actor: &Actor,
    format: &Format,
    (year, purpose, is_anyway): (Year, &str, bool),
) -> Result<File> {
    let scope = actor.scope(FINANCE);
    let claims = follow::payable(site, &scope, year).await?;
    let people: Vec<PersonId> = claims.iter().map(|c| c.person).collect();
    let accounts: HashMap<String, store_bank::Row> = store_bank::of_people(&site.db, &people)
        .await?
        .into_iter()
        .map(|r| (r.person_id.clone(), r))
        .collect();
    let needs_account = format.columns.contains(&Column::Account);
    let why = |claim: &Claim| {
        let account = accounts.get(&claim.person.to_string());
        let is_held = account.is_some_and(|a| base::day::from_millis(a.usable_from) > site.now());
        match () {
            () if claim.amounts.reimbursable == Fen::ZERO => Some(NOTHING),
            () if needs_account && is_held => Some("bank_held"),
            () if needs_account && account.is_none() => Some("bank_missing"),
            () => None,
        }
    };
    let (claims, left_out) = parted(claims, why);
    let tx = site.db.begin().await?;
    let is_given = !claims.is_empty() && (left_out.is_empty() || is_anyway);
    let claims = if is_given { named(&tx, (&scope, year), claims).await? } else { claims };
    let mut lines = vec![];
    for (place, claim) in (1..).zip(&claims) {
        lines.push(line(site, format, (place, claim, accounts.get(&claim.person.to_string())))?);
    }
    let payments = lines.len();
    let total: Fen = claims.iter().map(|c| c.amounts.reimbursable).sum();
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.transfer_file",
        object: &year.to_string(),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year, "state": "approved"}, "rows": payments, "total": total, "purpose": purpose}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(File { bytes: encoded(site, format, lines), payments, total, left_out })
}

/// Why a claim that comes to nothing now is left out.
pub(crate) const NOTHING: &str = "reimbursement_amount_changed";

/// The claims that a file names, and who is left out of it for what.
pub(crate) fn parted(
    claims: Vec<Claim>,
    why: impl Fn(&Claim) -> Option<&'static str>,
) -> (Vec<Claim>, Vec<LeftOut>) {
    let left = |c: &Claim| why(c).map(|why| LeftOut { name: c.name.clone(), why });
    let left_out = claims.iter().filter_map(left).collect();
    (claims.into_iter().filter(|c| why(c).is_none()).collect(), left_out)
}

/// Notes on the claims what a file names of them, and gives them back as they are then.
pub(crate) async fn named(tx: &Tx, (scope, year): (&Scope, Year), claims: Vec<Claim>) -> Result<Vec<Claim>> {
    let ids: Vec<String> = claims.into_iter().map(|c| c.id).collect();
    store_follow::send(tx, &ids).await?;
    let wanted: HashSet<String> = ids.into_iter().collect();
    let claims = store_books::in_states(tx, scope, year, &[State::Approved]).await?;
    Ok(claims.into_iter().filter(|c| wanted.contains(&c.id)).collect())
}

/// The lines below their heading, as the bank's program reads them.
fn encoded(site: &Site, format: &Format, lines: Vec<String>) -> Vec<u8> {
    let heads =
        format.columns.iter().map(|c| site.texts.get(&format!("transfer-{}", base::person::Code::code(c))));
    let head = format.head.then(|| joined(format, heads.collect()));
    let text: String = head.into_iter().chain(lines).map(|l| format!("{l}\r\n")).collect();
    match format.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Gb18030 => encoding_rs::GB18030.encode(&text).0.into_owned(),
    }
}

impl base::person::Code for Column {}

fn line(
    site: &Site,
    format: &Format,
    (place, claim, account): (usize, &Claim, Option<&store_bank::Row>),
) -> Result<String> {
    let number = match account {
        Some(a) => site.keys.open_sealed(&bank::place_of(claim.person), &a.number_sealed)?,
        None => String::new(),
    };
    let year = claim.year.to_string();
    let cell = |column: &Column| match column {
        Column::Account => number.clone(),
        Column::Name => claim.name.clone(),
        Column::Bank => account.map_or_else(String::new, |a| a.bank.clone()),
        Column::Amount => claim.amounts.reimbursable.to_string(),
        Column::Fen => claim.amounts.reimbursable.fen().to_string(),
        Column::Remark => site.texts.with("transfer-remark-text", &[("year", &year)]),
        Column::StaffNo => claim.staff_no.clone().unwrap_or_default(),
        Column::Claim => claim.id.clone(),
        Column::Place => place.to_string(),
    };
    Ok(joined(format, format.columns.iter().map(cell).collect()))
}

/// Cells without what would part them; one that a spreadsheet would take for a formula gets a space before it.
fn joined(format: &Format, cells: Vec<String>) -> String {
    let plain = |text: String| -> String {
        let kept = text.chars().filter(|c| !c.is_control() && *c != format.separator && *c != '"');
        let kept: String = kept.collect();
        if sheets::is_formula_like(&kept) { format!(" {kept}") } else { kept }
    };
    let separator = format.separator.to_string();
    cells.into_iter().map(plain).collect::<Vec<_>>().join(&separator)
}

/// Reads `account,name,amount` as the configuration writes it.
pub fn columns(text: &str) -> Result<Vec<Column>, Error> {
    let one = |name: &str| {
        <Column as base::person::Code>::from_code(name.trim())
            .ok_or_else(|| Error::invalid("columns", "wrong_value"))
    };
    text.split(',').map(one).collect()
}
