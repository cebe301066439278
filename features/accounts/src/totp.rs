//! A second factor for whoever wants it: time-based codes (RFC 6238) of an app, also for those without a mobile phone.
//! Each step is good once, and wrong codes go through the gate as every code does.
use base::{Error, FieldProblem, Kind, Result, random};
use serde_json::json;
use site::{Site, Visitor};
use totp_rs::{Algorithm, Builder, Totp};

use crate::{
    door::{gate, sign_in},
    sessions,
    store::{self, Account},
};

/// What the app is given: the secret as text and as an address for a QR code.
pub(crate) struct Enrolment {
    pub secret: String,
    pub address: String,
}

const SECRET_BYTES: usize = 20;

fn place(account: &Account) -> String {
    format!("accounts.totp:{}", account.id)
}

fn generator(secret: Vec<u8>, account: &Account) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret)
        .with_account_name(account.name.clone())
        .with_issuer(Some("Xueshi"))
        .build()
        .map_err(|e| Error::internal(e.to_string()))
}

async fn own(site: &Site, visitor: &Visitor) -> Result<Account> {
    let own = sessions::own(site, visitor).await?;
    store::by_id(&site.db, own.account).await
}

/// While forced steps are open, a second factor is a step only for someone who has no mobile phone (security item 21).
async fn own_to_enrol(site: &Site, visitor: &Visitor) -> Result<Account> {
    let account = own(site, visitor).await?;
    if visitor.required_actions.is_empty() || account.is_phone_waived {
        Ok(account)
    } else {
        Err(Error::refused(Kind::Denied, "action_required"))
    }
}

/// Whether the visitor's account has a second factor.
pub(crate) async fn is_on(site: &Site, visitor: &Visitor) -> Result<bool> {
    Ok(own(site, visitor).await?.totp_sealed.is_some())
}

/// A new secret for the visitor's app; nothing is stored until its first code was right. Sealed, it goes with the form.
pub(crate) async fn offer(site: &Site, visitor: &Visitor) -> Result<(Enrolment, String)> {
    let account = own_to_enrol(site, visitor).await?;
    let secret = random::bytes::<SECRET_BYTES>(&*site.random).to_vec();
    let hex = secrets::hex(&secret);
    let totp = generator(secret, &account)?;
    let address = totp.to_url().map_err(|e| Error::internal(e.to_string()))?;
    let enrolment = Enrolment { secret: totp.secret().to_base32(), address };
    Ok((enrolment, site.keys.seal(&place(&account), &hex, &*site.random)?))
}

/// Turns the second factor on: the sealed secret of [`offer`] and a first code of it.
pub(crate) async fn turn_on(site: &Site, visitor: &Visitor, (sealed, code): (&str, &str)) -> Result<()> {
    let account = own_to_enrol(site, visitor).await?;
    let with = Account { totp_sealed: Some(sealed.to_owned()), ..account };
    if step_of(site, &with, code)?.is_none() {
        return Err(Error::invalid("code", "code_wrong"));
    }
    write(site, visitor, &with, Some(sealed)).await
}

/// Turns it off again, with the password.
pub(crate) async fn turn_off(site: &Site, visitor: &Visitor, password: &str) -> Result<()> {
    let account = own(site, visitor).await?;
    sign_in::verify_again(site, &account, password).await?;
    write(site, visitor, &account, None).await
}

async fn write(site: &Site, visitor: &Visitor, account: &Account, sealed: Option<&str>) -> Result<()> {
    let tx = site.db.begin().await?;
    store::set_totp(&tx, account.id, sealed).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: if sealed.is_some() { "totp.on" } else { "totp.off" },
        object: &account.id.to_string(),
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Checks a code at the door, through the gate; a step that was used before is wrong.
pub(crate) async fn verify(site: &Site, account: &Account, code: &str) -> Result<()> {
    let attempt = gate::count(site, &account.id.to_string(), rules::lockout::Kind::Code).await?;
    let tx = site.db.begin().await?;
    if let Some(step) = step_of(site, account, code)?
        && store::spend_totp_step(&tx, account.id, step).await?
    {
        gate::accept(&tx, &attempt).await?;
        return tx.commit().await;
    }
    gate::locked(site, &attempt)?;
    let field = FieldProblem { field: "code".into(), code: "code_wrong" };
    Err(Error::refused(Kind::Invalid, "code_wrong").with_fields(vec![field]))
}

/// The time step whose code this is, if it is one of now or of the steps beside it.
fn step_of(site: &Site, account: &Account, code: &str) -> Result<Option<i64>> {
    let Some(sealed) = &account.totp_sealed else { return Ok(None) };
    let hex = site.keys.open_sealed(&place(account), sealed)?;
    let Some(secret) = secrets::from_hex(&hex) else {
        return Err(Error::internal("a TOTP secret is unreadable"));
    };
    let now = u64::try_from(site.now().as_second()).unwrap_or(0);
    let step = generator(secret, account)?.check(code.trim(), now);
    Ok(step.and_then(|s| i64::try_from(s).ok()))
}
