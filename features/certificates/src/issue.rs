//! Issuing: one certificate a person and year, by itself as soon as the year is complete, or when asked for.
use base::{Error, Instant, PersonId, Result, Year};
use hours::Standing;
use serde_json::json;
use site::Site;

use crate::{Number, content::Content, store};

/// A certificate as issued.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its number.
    pub no: Number,
    /// Whose.
    pub person: PersonId,
    /// `valid`; revocation and succession come with their issue.
    pub state: String,
    /// What it says.
    pub(crate) content: Content,
    /// The JSON that was signed.
    pub(crate) signed: String,
    /// The signature over it.
    pub signature: String,
    /// The key that signed.
    pub key_id: String,
    /// When.
    pub issued_at: Instant,
}

impl Certificate {
    /// The public address that its QR code carries: the number and the signature.
    pub fn verify_url(&self, site: &Site) -> String {
        format!("{}/verify/{}?s={}", site.settings.public_url, self.no.compact(), self.signature)
    }

    /// The training year.
    pub fn year(&self) -> Year {
        self.content.year
    }
}

/// The certificate of a person's year, if there is one.
pub async fn of_year(site: &Site, person: PersonId, year: Year) -> Result<Option<Certificate>> {
    store::of_year(&site.db, person, year).await
}

/// Issues the certificate of a year, or gives the one that was issued.
pub async fn issue(site: &Site, person: PersonId, year: Year) -> Result<Certificate> {
    if let Some(certificate) = store::of_year(&site.db, person, year).await? {
        return Ok(certificate);
    }
    let standing = hours::standing(&site.db, person, year).await?;
    refuse_unsatisfied(&standing)?;
    draw(site, &standing).await
}

fn refuse_unsatisfied(standing: &Standing) -> Result<()> {
    let assessment = &standing.assessment;
    if assessment.exempt {
        return Err(Error::conflict("exempt"));
    }
    if !assessment.certificate {
        let missing = rules::assess::shortfall(&standing.policy, &assessment.earned);
        return Err(Error::conflict("not_satisfied").with("shortfall", json!(missing)));
    }
    let missing = standing.person.missing();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::conflict("profile_incomplete").with("missing", json!(missing)))
    }
}

async fn draw(site: &Site, standing: &Standing) -> Result<Certificate> {
    let (person, year) = (standing.person.id, standing.assessment.year);
    let no = Number::draw(&standing.policy.province, year, &*site.random);
    let content = Content::of(site, standing, &no).ok_or_else(|| Error::conflict("profile_incomplete"))?;
    let signed = serde_json::to_string(&content).map_err(Error::internal)?;
    let signature = site.keys.sign(signed.as_bytes());
    let certificate = Certificate {
        no,
        person,
        state: "valid".to_owned(),
        content,
        signed,
        signature: signature.value,
        key_id: signature.key_id,
        issued_at: site.now(),
    };
    let tx = site.db.begin().await?;
    if !store::insert(&tx, &certificate).await? {
        let issued = store::of_year(&tx, person, year).await?;
        return issued.ok_or_else(|| Error::conflict("changed_meanwhile"));
    }
    let deed = audit::Deed {
        actor: None,
        action: "certificate.issue",
        object: certificate.no.compact(),
        unit_path: &standing.person.path,
        details: json!({"person": person, "year": year, "policy": standing.policy_version}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(certificate)
}

/// Issues the certificate if the year is complete now; anything that is still missing is no failure.
pub(crate) async fn consider(site: &Site, person: PersonId, year: Year) -> Result<()> {
    match issue(site, person, year).await {
        Ok(_) => Ok(()),
        Err(e) if matches!(e.code(), "not_satisfied" | "exempt" | "profile_incomplete") => Ok(()),
        Err(e) => Err(e),
    }
}

/// Considers every year that the person has hours in.
pub(crate) async fn consider_all(site: &Site, person: PersonId) -> Result<()> {
    for year in hours::years_of(&site.db, person).await? {
        consider(site, person, year).await?;
    }
    Ok(())
}
