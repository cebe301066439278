//! The end and the correction of certificates: revoked when the year no longer bears them out, superseded when a name
//! or a unit's name is corrected. Nothing that was issued is ever deleted.
use base::{Error, PersonId, Result, Year, person::Code};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{Certificate, Kind, store};

/// The job that follows a revocation.
pub const REVOKED: &str = "certificates.revoked";

/// What was revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Revoked {
    /// The number, with dashes.
    pub no: String,
    /// Whose.
    pub person: PersonId,
    /// Of which year.
    pub year: Year,
    /// Why: a code.
    pub reason: String,
}

/// Why a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// Hours were taken back and the requirement is no longer met.
    HoursReversed,
    /// The year was exempted instead.
    Exempted,
    /// The exemption ended.
    ExemptionEnded,
}

impl Code for Why {}

/// Revokes the living certificate of the kind where the year no longer bears it out; looks again under the row's lock.
pub(crate) async fn if_unfounded(site: &Site, person: PersonId, year: Year, kind: Kind) -> Result<()> {
    let tx = site.db.begin().await?;
    let Some(certificate) = store::hold_living(&tx, person, year, kind).await? else { return Ok(()) };
    let standing = hours::standing(&tx, person, year).await?;
    let why = match kind {
        Kind::Training | Kind::MakeUp if standing.assessment.exempt => Why::Exempted,
        Kind::Training | Kind::MakeUp if !standing.assessment.certificate => Why::HoursReversed,
        Kind::Exemption if !standing.assessment.exempt => Why::ExemptionEnded,
        Kind::Training | Kind::MakeUp | Kind::Exemption | Kind::Statement => return Ok(()),
    };
    revoke(site, &tx, &certificate, why, &standing.person.path).await?;
    tx.commit().await
}

/// Revokes a certificate in the caller's transaction. The holder finds it on the certificates page; the trail names the
/// holder, and the job tells the slices that relied on it.
async fn revoke(site: &Site, tx: &Tx, certificate: &Certificate, why: Why, unit_path: &str) -> Result<()> {
    store::revoke(tx, &certificate.no, &why.code(), site.now()).await?;
    let deed = audit::Deed {
        actor: None,
        action: "certificate.revoke",
        object: certificate.no.compact(),
        unit_path,
        details: json!({"person": certificate.person, "year": certificate.year(), "reason": why, "told": certificate.person}),
    };
    audit::record(site, tx, deed).await?;
    tell(site, tx, certificate, why).await?;
    let revoked = Revoked {
        no: certificate.no.to_string(),
        person: certificate.person,
        year: certificate.year(),
        reason: why.code(),
    };
    site.enqueue(tx, REVOKED, &revoked).await
}

/// Tells the holder, in the application.
async fn tell(site: &Site, tx: &Tx, certificate: &Certificate, why: Why) -> Result<()> {
    let (no, year) = (certificate.no.to_string(), certificate.year().to_string());
    let because = site.texts.get(&format!("revoked-{}", why.code()));
    let words = [("no", no.as_str()), ("year", year.as_str()), ("why", because.as_str())];
    let letter = messages::Letter {
        to: certificate.person,
        kind: "certificate",
        text: site.texts.with("certificate-was-revoked", &words),
        link: "/certificates".to_owned(),
        once: Some(format!("certificate-revoked:{}", certificate.no.compact())),
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}

/// Brings the person's living certificates up to a corrected name or unit's name: the same number, the next revision.
pub(crate) async fn correct(site: &Site, person: PersonId) -> Result<()> {
    let tx = site.db.begin().await?;
    let person = org::person(&tx, person).await?;
    let mut corrected = vec![];
    for old in store::hold_all_living(&tx, person.id).await? {
        let Some(content) = old.content.corrected(&person, old.unit == Some(person.unit)) else { continue };
        let signed = serde_json::to_string(&content).map_err(Error::internal)?;
        let signature = site.keys.sign(signed.as_bytes());
        let revision = content.revision;
        let next = Certificate {
            content,
            signed,
            revision,
            signature: signature.value,
            key_id: signature.key_id,
            ..old.clone()
        };
        store::supersede(&tx, &old, &next, site.now()).await?;
        corrected.push(next.content.digest());
        let deed = audit::Deed {
            actor: None,
            action: "certificate.supersede",
            object: next.no.compact(),
            unit_path: &person.path,
            details: json!({"person": person.id, "revision": revision}),
        };
        audit::record(site, &tx, deed).await?;
    }
    hours::checkpoint::vouch(&tx, &corrected, site.now()).await?;
    tx.commit().await
}
