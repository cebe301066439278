//! The end and the correction of certificates: revoked when the year no longer bears them out, superseded when a name
//! or a unit's name is corrected. Nothing that was issued is ever deleted.
use base::{Error, PersonId, Result, Year, person::Code};
use db::Tx;
use hours::Standing;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{Certificate, Kind, content::Content, issue, store};

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
    /// By the rules in force when it was issued the year would still be complete; by those published since it is not.
    PolicyChanged,
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
        Kind::Training | Kind::MakeUp if !standing.assessment.certificate => {
            why_short(&tx, &certificate, &standing).await?
        }
        Kind::Exemption if !standing.assessment.exempt => Why::ExemptionEnded,
        Kind::Training | Kind::MakeUp | Kind::Exemption | Kind::Statement => return Ok(()),
    };
    revoke(site, &tx, &certificate, why, &standing.person.path).await?;
    tx.commit().await
}

/// Why a year that was complete is not any more.
async fn why_short(tx: &Tx, certificate: &Certificate, standing: &Standing) -> Result<Why> {
    let then = hours::in_force_on(tx, certificate.year(), certificate.issued_at).await?;
    let is_by_policy = then.version != standing.policy_version && standing.by(&then.policy)?.certificate;
    Ok(if is_by_policy { Why::PolicyChanged } else { Why::HoursReversed })
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
        corrected.push(supersede(site, &tx, (&old, content), &person.path).await?.content.digest());
    }
    hours::checkpoint::vouch(&tx, &corrected).await?;
    tx.commit().await
}

/// Brings a certificate whose year is still complete up to the ledger where that no longer holds the hours that it states:
/// the same number, the next revision, and the holder is told. Hours learned since change nothing: it says what held when it
/// was issued.
pub(crate) async fn restate(site: &Site, found: Certificate, standing: &Standing) -> Result<Certificate> {
    if found.content.is_borne_out(&standing.assessment.earned) {
        return Ok(found);
    }
    let (person, year) = (found.person, found.year());
    let tx = site.db.begin().await?;
    let Some(old) = store::hold_living(&tx, person, year, found.kind).await? else { return Ok(found) };
    let standing = hours::standing(&tx, person, year).await?;
    let is_due = standing.assessment.certificate && !old.content.is_borne_out(&standing.assessment.earned);
    if !is_due {
        return Ok(old);
    }
    let mut content = old.content.restated(&standing);
    content.ledger = issue::ledger(&tx, person).await?;
    let next = supersede(site, &tx, (&old, content), &standing.person.path).await?;
    hours::checkpoint::vouch(&tx, &[next.content.digest()]).await?;
    tell_restated(site, &tx, (&old, &next)).await?;
    tx.commit().await?;
    Ok(next)
}

async fn tell_restated(site: &Site, tx: &Tx, (old, next): (&Certificate, &Certificate)) -> Result<()> {
    let (no, year) = (next.no.to_string(), next.year().to_string());
    let (before, after) = (old.content.total.to_string(), next.content.total.to_string());
    let words = [("no", no.as_str()), ("year", &year), ("before", &before), ("after", &after)];
    let letter = messages::Letter {
        to: next.person,
        kind: "certificate",
        text: site.texts.with("certificate-was-restated", &words),
        link: "/certificates".to_owned(),
        once: Some(format!("certificate-restated:{}:{}", next.no.compact(), next.revision)),
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}

/// Signs another content as the next revision and puts it in the old one's place.
async fn supersede(
    site: &Site,
    tx: &Tx,
    (old, content): (&Certificate, Content),
    unit_path: &str,
) -> Result<Certificate> {
    let signed = serde_json::to_string(&content).map_err(Error::internal)?;
    let signature = site.keys.sign(signed.as_bytes());
    let next = Certificate {
        revision: content.revision,
        content,
        signed,
        signature: signature.value,
        key_id: signature.key_id,
        ..old.clone()
    };
    store::supersede(tx, old, &next, site.now()).await?;
    let deed = audit::Deed {
        actor: None,
        action: "certificate.supersede",
        object: next.no.compact(),
        unit_path,
        details: json!({"person": next.person, "revision": next.revision}),
    };
    audit::record(site, tx, deed).await?;
    Ok(next)
}
