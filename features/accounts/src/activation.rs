//! Opening an account for the first time: a code from a printed slip or a message to the contact phone, with the ID
//! number's last six. Good once, for fourteen days; a newer code ends the older one. It goes through the same gate as a
//! password, and opens a session in which password and phone are set and nothing else.
use std::collections::{HashMap, HashSet};

use base::{AccountId, Error, Kind, PersonId, Phone, Random, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use serde_json::json;
use site::{Site, Via};

use crate::{
    codes::{self, Letter},
    door::{gate, networks, sign_in},
    sessions,
    sessions::Opened,
    store,
};

/// A code is good for so many days.
pub const VALID_DAYS: i64 = 14;
const DAY_MS: i64 = 86_400_000;
/// Capitals and digits without look-alikes; ten of them are 49 bits, tried at most a few times an hour.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 10;

/// How a code reaches its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Printed and handed over.
    Slip,
    /// Sent to the contact phone.
    Sms,
}

impl Channel {
    const fn code(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Sms => "sms",
        }
    }
}

/// Makes codes for those of these people who never chose a password; whoever did gets none. Codes are shown here once.
pub async fn issue_codes(
    site: &Site,
    tx: &Tx,
    (people, channel): (&[PersonId], Channel),
    by: PersonId,
) -> Result<HashMap<PersonId, String>> {
    let waiting = waiting(tx, people).await?;
    let accounts: Vec<AccountId> = waiting.iter().map(|(account, _)| *account).collect();
    for chunk in accounts.chunks(5000) {
        let mut values = params![site.now()];
        values.extend(chunk.iter().map(db::Param::param));
        let list = db::in_list(2, chunk.len());
        let sql = format!(
            "UPDATE activations SET ended_at = $1 WHERE ended_at IS NULL AND used_at IS NULL AND account_id IN ({list})"
        );
        db::execute(tx, &sql, values).await?;
    }
    let expires = day::millis(site.now()) + VALID_DAYS * DAY_MS;
    let (mut codes, mut rows) = (HashMap::new(), vec![]);
    for (account, person) in waiting {
        let code = draw(&*site.random);
        let id: base::Id<base::id::of::Entry> = site.new_id();
        rows.push(params![id, account, mac(site, &code), channel.code(), by, site.now(), expires]);
        codes.insert(person, code);
    }
    let columns = ["id", "account_id", "code_mac", "channel", "issued_by", "issued_at", "expires_at"];
    db::insert_rows(tx, "activations", &columns, rows, "").await?;
    Ok(codes)
}

/// The accounts of these people on which no password was ever chosen.
async fn waiting(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<(AccountId, PersonId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        person_id: String,
    }
    let mut found = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT id, person_id FROM accounts WHERE password_state = 'none' AND disabled_at IS NULL AND person_id IN ({}) \
             ORDER BY id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push((row.id.parse()?, row.person_id.parse()?));
        }
    }
    Ok(found)
}

/// Those of these people to whom a code was sent by message within a day: they get no second one yet.
pub async fn invited_lately(site: &Site, conn: &impl Conn, people: &[PersonId]) -> Result<HashSet<PersonId>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
    }
    let since = day::millis(site.now()) - DAY_MS;
    let mut found = HashSet::new();
    for chunk in people.chunks(5000) {
        let mut values = params![since];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "SELECT DISTINCT a.person_id FROM activations v JOIN accounts a ON a.id = v.account_id \
             WHERE v.channel = 'sms' AND v.issued_at > $1 AND a.person_id IN ({})",
            db::in_list(2, chunk.len())
        );
        for row in db::all::<Row>(conn, &sql, values).await? {
            found.insert(row.person_id.parse()?);
        }
    }
    Ok(found)
}

/// An invitation by message.
pub struct Invitation {
    /// The contact phone.
    pub to: Phone,
    /// The unit that invites, by name.
    pub unit: String,
    /// The code.
    pub code: String,
}

/// Puts invitations into the queue, in the caller's transaction.
pub async fn invite(site: &Site, tx: &Tx, invitations: Vec<Invitation>) -> Result<()> {
    let letter = |i: Invitation| {
        let words = vec![("unit".to_owned(), i.unit), ("activation".to_owned(), shown(&i.code))];
        Letter::notice(&i.to, "activation", words)
    };
    let letters: Vec<Letter> = invitations.into_iter().map(letter).collect();
    codes::deliver_at(site, tx, &letters, site.now()).await
}

/// A code as people read it, in two groups.
pub fn shown(code: &str) -> String {
    code.split_at_checked(LENGTH / 2).map_or_else(|| code.to_owned(), |(head, tail)| format!("{head}-{tail}"))
}

fn draw(random: &dyn Random) -> String {
    let one = |_| {
        let place = usize::try_from(random.below(ALPHABET.len() as u64)).unwrap_or(0);
        char::from(ALPHABET.get(place).copied().unwrap_or(b'A'))
    };
    (0..LENGTH).map(one).collect()
}

/// As typed: without what separates, in capitals.
fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn mac(site: &Site, code: &str) -> String {
    site.keys.mac("activation", &[code.as_bytes()])
}

/// What was typed to open an account.
pub(crate) struct Typed<'a> {
    pub code: &'a str,
    pub last6: &'a str,
    pub captcha: Option<&'a str>,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    account_id: String,
}

/// Opens a session with a code and the ID number's last six. A wrong pair counts at the gate like a wrong password, and
/// a code that is unknown, used or over answers as a wrong one.
pub(crate) async fn redeem(site: &Site, typed: &Typed<'_>, via: Via) -> Result<(Opened, store::Account)> {
    let code = plain(typed.code);
    let sql = "SELECT id, account_id FROM activations WHERE code_mac = $1 AND used_at IS NULL AND ended_at IS NULL \
               AND expires_at > $2";
    let found: Option<Row> = db::maybe(&site.db, sql, params![mac(site, &code), site.now()]).await?;
    let key = found.as_ref().map_or_else(|| gate::unknown_key(site, &code), |r| r.account_id.clone());
    gate::refuse_locked(site, &key).await?;
    let tally = gate::tally(site, &key).await?;
    networks::admit(site, tally.living, typed.captcha).await?;
    let attempt = gate::count(site, &key, rules::lockout::Kind::Password).await?;
    let account = match &found {
        Some(row) => Some(store::by_id(&site.db, row.account_id.parse()?).await?),
        None => None,
    };
    let number = match &account {
        Some(account) => store::owner(site, &site.db, account.person).await?.id_number,
        None => None,
    };
    let is_right = number.is_some_and(|n| ends_with(&n, typed.last6));
    networks::remember(site, &key, is_right).await?;
    let (Some(row), Some(account)) = (found, account.filter(|a| is_right && !a.is_disabled)) else {
        let said = ("account.activate_failed", "invalid_activation");
        return Err(sign_in::refusal(site, &attempt, said).await?);
    };
    let tx = site.db.begin().await?;
    let held = store::hold(&tx, account.id).await?;
    let sql = "UPDATE activations SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND ended_at IS NULL";
    if held.password_state != store::PasswordState::None
        || db::execute(&tx, sql, params![site.now(), row.id]).await? != 1
    {
        return Err(Error::refused(Kind::Unauthenticated, "invalid_activation"));
    }
    gate::accept(&tx, &attempt).await?;
    let opened = sessions::open(site, &tx, &held, via).await?;
    let deed = audit::Deed {
        actor: Some(held.person),
        action: "account.activate",
        object: &opened.session.to_string(),
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok((opened, held))
}

fn ends_with(number: &str, typed: &str) -> bool {
    let typed = plain(typed);
    typed.len() == 6 && number.ends_with(&typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_writing_and_look_like_nothing_else() {
        let code = draw(&base::SystemRandom);
        assert_eq!(code.len(), LENGTH);
        assert!(!code.contains(['0', 'O', '1', 'I']));
        assert_eq!(plain(&shown(&code).to_lowercase()), code);
        assert!(ends_with("43010219800501001X", " 01001x") && !ends_with("43010219800501001X", "1001X"));
    }
}
