//! Passwords: hashing under a global limit, the rule, changing one's own.
use std::sync::LazyLock;

use ::pinyin::ToPinyin;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base::{AccountId, Error, FieldProblem, Kind, Phone, Random, Result, random};
use db::Tx;
use serde_json::json;
use site::{RequiredAction, Site, Visitor};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::{
    door::sign_in::{self, account_phone},
    notices, sessions,
    store::{self, Account, PasswordState},
};

/// Argon2id at 19 MiB, 2 passes, 1 lane (security item 19); each runs in 12–34 ms and 19 MiB.
const AT_ONCE: usize = 4;
/// More waiting than this are turned away with 503, rather than exhausting memory.
const WAITING: usize = 200;
/// The new password must differ from the current one and the last five (security item 20).
const REMEMBERED: i64 = 5;

static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);
static QUEUE: Semaphore = Semaphore::const_new(WAITING);

/// A hash that no password has, verified where there is no account, so that both take the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("no such account", &[7; 16]).unwrap_or_default());

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String> {
    let text: String = password.nfc().collect();
    let hash = Argon2::default().hash_password_with_salt(text.as_bytes(), salt);
    hash.map(|h: PasswordHash| h.to_string()).map_err(|e| Error::internal(e.to_string()))
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let busy = || Error::refused(Kind::Unavailable, "busy").retry_after(2);
    let _place = QUEUE.try_acquire().map_err(|_| busy())?;
    let _room = ROOM.acquire().await.map_err(|_| busy())?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Takes every place in the queue, as a flood of sign-ins would.
#[cfg(test)]
pub(crate) fn fill_queue() -> tokio::sync::SemaphorePermit<'static> {
    let places = u32::try_from(QUEUE.available_permits()).unwrap_or(0);
    QUEUE.try_acquire_many(places).unwrap()
}

/// Hashes a password.
pub(crate) async fn hash(random: &dyn Random, password: &str) -> Result<String> {
    let (salt, password) = (random::bytes::<16>(random), password.to_owned());
    in_turn(move || hash_now(&password, &salt)).await?
}

/// Whether the password is the hash's; without a hash the same work is done and the answer is no.
pub(crate) async fn verify(password: &str, hash: Option<&str>) -> Result<bool> {
    let (hash, password) = (hash.map(str::to_owned), password.to_owned());
    in_turn(move || {
        let text: String = password.nfc().collect();
        let stored = hash.as_deref().unwrap_or(&NOBODY);
        let Ok(parsed) = PasswordHash::new(stored) else { return false };
        let holds = Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok();
        holds && hash.is_some()
    })
    .await
}

/// Whether a hash was made with weaker parameters than today's; the next sign-in makes it anew (security item 19).
pub(crate) fn is_outdated(hash: &str) -> bool {
    let today = Argon2::default();
    let params = today.params();
    let Ok(parsed) = PasswordHash::new(hash) else { return true };
    let of = |name: &str| parsed.params.get_decimal(name).unwrap_or(0);
    parsed.algorithm.as_str() != "argon2id"
        || of("m") < params.m_cost()
        || of("t") < params.t_cost()
        || of("p") < params.p_cost()
}

/// Everything that is wrong with a password for this account, as problems of `field`.
pub(crate) async fn weaknesses(
    site: &Site,
    account: &Account,
    password: &str,
    field: &str,
) -> Result<Vec<FieldProblem>> {
    let phone = account_phone(site, account)?;
    let owner = store::owner(site, &site.db, account.person).await?;
    let name = pinyin(&owner.name);
    let context = rules::password::Context {
        account: Some(account.name.as_str()),
        phone: phone.as_ref().map(Phone::as_str),
        id_number: owner.id_number.as_deref(),
        name_pinyin: Some(&name),
    };
    let reasons = rules::password::check(password, &context);
    Ok(reasons.into_iter().map(|r| FieldProblem { field: field.to_owned(), code: r.code() }).collect())
}

/// A Chinese name in pinyin, written together; empty for another.
fn pinyin(name: &str) -> String {
    name.to_pinyin().flatten().map(::pinyin::Pinyin::plain).collect()
}

pub(crate) fn phone_place(account: &Account) -> String {
    phone_place_of(account.id)
}

/// As [`phone_place`], where only the id is known.
pub(crate) fn phone_place_of(account: AccountId) -> String {
    format!("accounts.phone:{account}")
}

/// Refuses a password that breaks the rule or was used before.
pub(crate) async fn refuse_weak(site: &Site, account: &Account, password: &str) -> Result<()> {
    let mut problems = weaknesses(site, account, password, "new_password").await?;
    if problems.is_empty() && is_used(site, account, password).await? {
        problems.push(FieldProblem { field: "new_password".into(), code: "same_as_old" });
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::refused(Kind::Invalid, "weak_password").with_fields(problems))
}

async fn is_used(site: &Site, account: &Account, password: &str) -> Result<bool> {
    let mut hashes = store::old_passwords(&site.db, account.id, REMEMBERED).await?;
    hashes.extend(account.password_hash.clone());
    for hash in hashes {
        if verify(password, Some(&hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Changes the visitor's own password. The current one may be left out only in the forced step after sign-in.
pub(crate) async fn change(site: &Site, visitor: &Visitor, current: Option<&str>, new: &str) -> Result<()> {
    let session = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, session.account).await?;
    let is_open_step = visitor.required_actions.contains(&RequiredAction::ChangePassword);
    let is_forced = session.is_forced_step && is_open_step;
    if !is_forced {
        let Some(current) = current else { return Err(Error::invalid("current_password", "required")) };
        sign_in::verify_again(site, &account, current).await?;
    }
    refuse_weak(site, &account, new).await?;
    let hash = hash(&*site.random, new).await?;
    let tx = site.db.begin().await?;
    set(site, &tx, visitor, (&account, &hash)).await?;
    tx.commit().await
}

/// Writes the visitor's new password, unless the account changed since it was read.
pub(crate) async fn set(
    site: &Site,
    tx: &Tx,
    visitor: &Visitor,
    (account, hash): (&Account, &str),
) -> Result<()> {
    let held = store::hold(tx, account.id).await?;
    if held.password_hash != account.password_hash || held.password_state != account.password_state {
        return Err(Error::conflict("changed_meanwhile"));
    }
    store::set_password(tx, &held, hash, PasswordState::Set, (site.now(), None)).await?;
    sessions::end_others(site, tx, account.id, visitor.actor.session, "password_changed").await?;
    notices::tell(site, tx, &held, "notice_password").await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "password.change",
        object: &account.id.to_string(),
        unit_path: "",
        details: json!({"forced": account.password_state != PasswordState::Set}),
    };
    audit::record(site, tx, deed).await
}
