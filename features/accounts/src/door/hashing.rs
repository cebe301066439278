//! Passwords as they are kept: Argon2id under a global limit, behind a pepper where the installation has one (security item
//! 19). The pepper is a key file apart from the database; its number stands before the hash: `2!$argon2id$…`.
use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base::{Error, Kind, Result, random};
use secrets::Keyring;
use site::Site;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Argon2id at 19 MiB, 2 passes, 1 lane (security item 19); each runs in 12–34 ms and 19 MiB.
const AT_ONCE: usize = 4;
/// More waiting than this are turned away with 503, rather than exhausting memory.
const WAITING: usize = 200;

static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);
static QUEUE: Semaphore = Semaphore::const_new(WAITING);

/// A hash that no password has, verified where there is no account, so that both take the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("no such account", &[7; 16]).unwrap_or_default());

fn hash_now(text: &str, salt: &[u8; 16]) -> Result<String> {
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

/// The pepper's number and the hash behind it.
fn parts(stored: &str) -> (Option<u8>, &str) {
    let peppered = stored.split_once('!').and_then(|(number, hash)| Some((number.parse().ok()?, hash)));
    peppered.map_or((None, stored), |(number, hash)| (Some(number), hash))
}

/// What Argon2 is given for a password: the password itself, or what the pepper of that number makes of it.
fn given(keys: &Keyring, pepper: Option<u8>, password: &str) -> Result<String> {
    let text: String = password.nfc().collect();
    match pepper {
        None => Ok(text),
        // Without the key nobody's password can be judged: an error, never a wrong password.
        Some(number) => keys
            .peppered(number, &text)
            .ok_or_else(|| Error::internal(format!("pepper {number} of the passwords is not here"))),
    }
}

/// Hashes a password.
pub(crate) async fn hash(site: &Site, password: &str) -> Result<String> {
    let (salt, pepper) = (random::bytes::<16>(&*site.random), site.keys.pepper_number());
    let text = given(&site.keys, pepper, password)?;
    let hash = in_turn(move || hash_now(&text, &salt)).await??;
    Ok(pepper.map_or(hash.clone(), |number| format!("{number}!{hash}")))
}

/// Whether the password is the hash's; without a hash the same work is done and the answer is no.
pub(crate) async fn verify(keys: &Keyring, password: &str, stored: Option<&str>) -> Result<bool> {
    let (pepper, hash) = parts(stored.unwrap_or(&NOBODY));
    let (text, hash, is_real) = (given(keys, pepper, password)?, hash.to_owned(), stored.is_some());
    in_turn(move || {
        let Ok(parsed) = PasswordHash::new(&hash) else { return false };
        Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok() && is_real
    })
    .await
}

/// Whether a hash was made with weaker parameters than today's or behind another pepper; the next sign-in makes it anew.
pub(crate) fn is_outdated(keys: &Keyring, stored: &str) -> bool {
    let today = Argon2::default();
    let params = today.params();
    let (pepper, hash) = parts(stored);
    let Ok(parsed) = PasswordHash::new(hash) else { return true };
    let of = |name: &str| parsed.params.get_decimal(name).unwrap_or(0);
    pepper != keys.pepper_number()
        || parsed.algorithm.as_str() != "argon2id"
        || of("m") < params.m_cost()
        || of("t") < params.t_cost()
        || of("p") < params.p_cost()
}
