//! Passkeys for whoever wants them: instead of the password at the door, or after it as the second factor. They pass the
//! same gate as passwords and codes do (security item 14).
mod ceremony;
mod keys;

use base::{AccountId, Error, Kind, Result};
use ceremony::{Authenticator, For};
use keys::NewPasskey;
pub(crate) use keys::Seen;
use rules::lockout;
use serde::Deserialize;
use serde_json::{Value, json};
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{
    door::{captcha, gate, sign_in},
    notices, sessions,
    store::{self, Account},
};

const MOST: usize = 10;
const LONGEST_LABEL: usize = 40;
/// A key or an answer of a browser is never longer, in characters of base64.
const LONGEST: usize = 8192;

/// A new passkey as the browser hands it over; bytes in URL-safe base64.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Created {
    pub id: String,
    pub client_data: String,
    pub authenticator_data: String,
    /// The public key in DER.
    pub public_key: String,
    /// COSE's number of its algorithm.
    pub algorithm: i64,
    /// What its owner calls it.
    pub label: String,
}

/// A use of a passkey as the browser hands it over; bytes in URL-safe base64.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assertion {
    pub id: String,
    pub client_data: String,
    pub authenticator_data: String,
    pub signature: String,
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    let fits = Some(text).filter(|t| t.len() <= LONGEST);
    fits.and_then(secrets::from_base64url).ok_or_else(wrong)
}

fn wrong() -> Error {
    Error::refused(Kind::Unauthenticated, "passkey_wrong")
}

/// Whether passkeys can be had here: they are bound to a name, and a bare address is none.
pub(crate) fn are_available(site: &Site) -> bool {
    ceremony::relying_party(site).is_ok()
}

/// The visitor's passkeys.
pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Vec<Seen>> {
    keys::of(&site.db, sessions::own(site, visitor).await?.account).await
}

/// What the browser needs to make one, after the password.
pub(crate) async fn offer(site: &Site, visitor: &Visitor, password: Option<&str>) -> Result<Value> {
    sessions::prove(site, visitor, password).await?;
    let party = ceremony::relying_party(site)?;
    let account = store::by_id(&site.db, sessions::own(site, visitor).await?.account).await?;
    refuse_forced(visitor, &account)?;
    let there = keys::of(&site.db, account.id).await?;
    let challenge = ceremony::challenge(site, &For::Creation(&visitor.actor.session.to_string()));
    let algorithms = ceremony::ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
    let excluded: Vec<Value> = there.iter().map(|k| json!({"type": "public-key", "id": k.id})).collect();
    Ok(json!({
        "challenge": challenge,
        "rp": {"id": party, "name": site.brand.name},
        "user": {"id": secrets::base64url(account.id.to_string().as_bytes()), "name": account.name,
            "displayName": visitor.name},
        "pubKeyCredParams": algorithms, "excludeCredentials": excluded, "attestation": "none", "timeout": 300_000,
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
    }))
}

fn refuse_forced(visitor: &Visitor, account: &Account) -> Result<()> {
    if visitor.required_actions.is_empty() || account.is_phone_waived {
        Ok(())
    } else {
        Err(Error::refused(Kind::Denied, "action_required"))
    }
}

/// Keeps a new passkey.
pub(crate) async fn add(site: &Site, visitor: &Visitor, made: &Created) -> Result<()> {
    sessions::prove(site, visitor, None).await?;
    let account = store::by_id(&site.db, sessions::own(site, visitor).await?.account).await?;
    refuse_forced(visitor, &account)?;
    let session = visitor.actor.session.to_string();
    let challenge = ceremony::client_data(site, &For::Creation(&session), &bytes(&made.client_data)?)?;
    let (said, key, id) = (bytes(&made.authenticator_data)?, bytes(&made.public_key)?, bytes(&made.id)?);
    let authenticator = Authenticator::read(site, &said)?;
    if !ceremony::is_accepted(made.algorithm, &key) || !authenticator.holds(&id, &key) {
        return Err(wrong());
    }
    if !captcha::spend(site, &challenge).await? {
        return Err(wrong());
    }
    if keys::of(&site.db, account.id).await?.len() >= MOST {
        return Err(Error::conflict("passkeys_most"));
    }
    let label: String = made.label.trim().chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect();
    let new = NewPasskey {
        id: &made.id,
        account: account.id,
        label: &label,
        algorithm: made.algorithm,
        public_key: &made.public_key,
        sign_count: authenticator.sign_count,
    };
    let tx = site.db.begin().await?;
    if !keys::insert(&tx, &new, site.now()).await? {
        return Err(Error::conflict("passkey_known"));
    }
    record(site, &tx, visitor, ("passkey.add", account.id)).await?;
    notices::tell(site, &tx, &account, "notice_passkey").await?;
    tx.commit().await
}

/// Takes one of the visitor's passkeys away, with the password.
pub(crate) async fn remove(site: &Site, visitor: &Visitor, id: &str, password: Option<&str>) -> Result<()> {
    sessions::prove(site, visitor, password).await?;
    let account = sessions::own(site, visitor).await?.account;
    let tx = site.db.begin().await?;
    if !keys::remove(&tx, account, id).await? {
        return Err(Error::not_found());
    }
    record(site, &tx, visitor, ("passkey.remove", account)).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, account): (&'static str, AccountId),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &account.to_string(),
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, tx, deed).await
}

/// What the browser needs at the door; of one account where the password was right already, else of whoever comes.
pub(crate) async fn ask(site: &Site, account: Option<AccountId>) -> Result<Value> {
    let party = ceremony::relying_party(site)?;
    let there = match account {
        Some(account) => keys::of(&site.db, account).await?,
        None => vec![],
    };
    let allowed: Vec<Value> = there.iter().map(|k| json!({"type": "public-key", "id": k.id})).collect();
    Ok(
        json!({"challenge": ceremony::challenge(site, &For::SignIn), "rpId": party, "allowCredentials": allowed,
        "userVerification": "required", "timeout": 300_000}),
    )
}

/// A passkey that was right: whose it is, and the attempt that its acceptance takes back.
pub(crate) struct Proved {
    pub account: Account,
    pub attempt: gate::Attempt,
}

/// Verifies a use through the gate. `expected` is the account whose password came before.
pub(crate) async fn verify(site: &Site, used: &Assertion, expected: Option<AccountId>) -> Result<Proved> {
    let client = bytes(&used.client_data)?;
    let challenge = ceremony::client_data(site, &For::SignIn, &client)?;
    let kept = keys::by_id(&site.db, &used.id).await?;
    let account: Option<AccountId> = kept.as_ref().map(|k| k.account_id.parse()).transpose()?;
    let key = account.map_or_else(|| gate::unknown_key(site, &used.id), |a| a.to_string());
    let attempt = gate::count(site, &key, lockout::Kind::Code).await?;
    let is_right = match (&kept, account) {
        (Some(kept), Some(account)) if expected.is_none_or(|e| e == account) => {
            is_right(site, used, kept, &client)? && captcha::spend(site, &challenge).await?
        }
        _ => false,
    };
    let (Some(account), true) = (account, is_right) else {
        if attempt.locked_until.is_some() {
            notices::lock(site, account).await?;
        }
        gate::locked(site, &attempt)?;
        return Err(wrong());
    };
    Ok(Proved { account: store::by_id(&site.db, account).await?, attempt })
}

fn is_right(site: &Site, used: &Assertion, kept: &keys::Kept, client: &[u8]) -> Result<bool> {
    let (said, signed) = (bytes(&used.authenticator_data)?, bytes(&used.signature)?);
    let count = Authenticator::read(site, &said)?.sign_count;
    let goes_on = count > kept.sign_count || (count == 0 && kept.sign_count == 0);
    let key = bytes(&kept.public_key)?;
    Ok(goes_on && ceremony::is_signed((kept.algorithm, &key), (&said, client), &signed))
}

/// Notes the use in the transaction of what it allows; a counter that stands still is a copy's.
pub(crate) async fn note(site: &Site, tx: &db::Tx, used: &Assertion) -> Result<()> {
    let count = Authenticator::read(site, &bytes(&used.authenticator_data)?)?.sign_count;
    if keys::used(tx, &used.id, count, site.now()).await? { Ok(()) } else { Err(wrong()) }
}

/// Signs in with a passkey alone: something one has, and the device's own check of the person.
pub(crate) async fn sign_in(site: &Site, used: &Assertion, via: site::Via) -> Result<sessions::Opened> {
    let proved = verify(site, used, None).await?;
    if proved.account.is_disabled {
        return Err(wrong());
    }
    sign_in::open_by_passkey(site, proved, used, via).await
}
