//! Resetting another person's password: the system makes a one-time password, valid 24 h, shown once.
use base::{Error, PersonId, Random, Result, day};
use serde_json::json;
use site::Site;

use crate::{
    door::{gate, hashing},
    notices, sessions,
    store::{self, PasswordState},
};

const VALID_MS: i64 = 24 * 3_600_000;

/// A one-time password. Its debug output shows nothing.
pub struct OneTimePassword(pub String);

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimePassword(…)")
    }
}

/// Resets the password of a person; who may is for the caller (`org` knows the subtrees). Ends the lock, both counts
/// and every session in the same transaction (security 3.2.7). `by` is none for the command line.
pub async fn reset_password(
    site: &Site,
    person: PersonId,
    by: Option<PersonId>,
    (reason, unit_path): (&str, &str),
) -> Result<OneTimePassword> {
    if by == Some(person) {
        return Err(Error::denied());
    }
    let secret = one_time(&*site.random);
    let hash = hashing::hash(site, &secret).await?;
    let tx = site.db.begin().await?;
    let account = store::by_person(&tx, person).await?;
    let account = store::hold(&tx, account.id).await?;
    let until = day::from_millis(day::millis(site.now()) + VALID_MS);
    store::set_password(&tx, &account, &hash, PasswordState::OneTime, (site.now(), Some(until))).await?;
    gate::clear(&tx, &account.id.to_string()).await?;
    sessions::end_all(site, &tx, account.id, "password_reset").await?;
    notices::tell(site, &tx, &account, "notice_reset").await?;
    let deed = audit::Deed {
        actor: by,
        action: "password.reset",
        object: &person.to_string(),
        unit_path,
        details: json!({"reason": reason}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(OneTimePassword(secret))
}

/// Sixteen characters without look-alikes, 80 bits and more, that meet the password rule.
pub(crate) fn one_time(random: &dyn Random) -> String {
    const SETS: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"2468", b"-+=@"];
    let draw = |set: &[u8]| {
        let place = usize::try_from(random.below(set.len() as u64)).unwrap_or(0);
        char::from(set.get(place).copied().unwrap_or(b'A'))
    };
    (0..16).map(|i| draw(SETS.get(i % SETS.len()).copied().unwrap_or(b"A"))).collect()
}
