//! Issuing: one living certificate a person and year, by itself as soon as the year is complete, or when asked for.
use base::{Error, Instant, PersonId, Result, UnitId, Year, person::Code};
use db::Tx;
use hours::{Standing, checkpoint::Vouched};
use serde_json::json;
use site::Site;

use crate::{
    Kind, Number, State, carried,
    content::Content,
    revoke::{self, Why},
    statement, store,
};

/// A certificate as issued.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its number.
    pub no: Number,
    /// Whose.
    pub person: PersonId,
    /// What it certifies.
    pub kind: Kind,
    /// Whether it holds.
    pub state: State,
    /// Corrected so many times, plus one.
    pub revision: i64,
    /// The unit that it names.
    pub(crate) unit: Option<UnitId>,
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
    /// When and why it was revoked.
    pub revoked: Option<(Instant, String)>,
    /// Its place in the status lists.
    pub(crate) slot: Option<i64>,
}

impl Certificate {
    /// The public address that its QR code carries: the number, a signature, and behind `#` what is signed with its
    /// ledger proof, so that the code can be checked without network too.
    pub(crate) fn verify_url(&self, site: &Site, proof: Option<&Vouched>) -> String {
        format!("{}#{}", self.online_url(site), carried::digits(&self.content.compact(), proof))
    }

    /// The address without what is only for checks without network.
    pub(crate) fn online_url(&self, site: &Site) -> String {
        let signature = site.keys.sign(self.content.compact().as_bytes()).value;
        format!("{}/verify/{}?s={signature}", site.settings.public_url, self.no.compact())
    }

    /// The training year.
    pub fn year(&self) -> Year {
        self.content.year
    }
}

/// The living certificate of a person's year, if there is one.
pub async fn of_year(site: &Site, person: PersonId, year: Year) -> Result<Option<Certificate>> {
    store::living(&site.db, person, year, Kind::Training).await
}

/// Issues the certificate of a year, or gives the one that was issued. One that the year no longer bears out is revoked.
pub async fn issue(site: &Site, person: PersonId, year: Year) -> Result<Certificate> {
    let living = store::living(&site.db, person, year, Kind::Training).await?;
    let standing = hours::standing(&site.db, person, year).await?;
    match (living, refuse_unsatisfied(&standing)) {
        (Some(certificate), Ok(())) => revoke::restate(site, certificate, &standing).await,
        (Some(_), Err(e)) => {
            revoke::if_unfounded(site, person, year, Kind::Training).await?;
            Err(e)
        }
        (None, Err(e)) => Err(e),
        (None, Ok(())) => {
            refuse_incomplete(&standing)?;
            draw(site, &standing, kind_of(&standing)).await
        }
    }
}

/// Issues the 免训证明 of an exempt year, or gives the one that was issued.
pub async fn issue_exemption(site: &Site, person: PersonId, year: Year) -> Result<Certificate> {
    let standing = hours::standing(&site.db, person, year).await?;
    if !standing.assessment.exempt {
        revoke::if_unfounded(site, person, year, Kind::Exemption).await?;
        return Err(Error::conflict("not_exempt"));
    }
    match store::living(&site.db, person, year, Kind::Exemption).await? {
        Some(certificate) => Ok(certificate),
        None => draw(site, &standing, Kind::Exemption).await,
    }
}

/// A make-up certificate says so: a counted course was completed after the year, in the approved make-up.
fn kind_of(standing: &Standing) -> Kind {
    let last = standing.assessment.year.last_day().to_string();
    let counted = |c: &serde_json::Value| {
        let id = c.get("id").and_then(serde_json::Value::as_str);
        let is_late =
            c.get("completed_on").and_then(serde_json::Value::as_str).is_some_and(|on| on > last.as_str());
        is_late
            && standing
                .assessment
                .credits
                .iter()
                .any(|r| Some(r.id.as_ref()) == id && r.counted > base::Hours::ZERO)
    };
    let credits = standing.record.get("credits").and_then(serde_json::Value::as_array);
    if credits.is_some_and(|all| all.iter().any(counted)) { Kind::MakeUp } else { Kind::Training }
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
    Ok(())
}

fn refuse_incomplete(standing: &Standing) -> Result<()> {
    let missing = standing.person.missing();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::conflict("profile_incomplete").with("missing", json!(missing)))
    }
}

async fn draw(site: &Site, standing: &Standing, kind: Kind) -> Result<Certificate> {
    let no = Number::draw(&standing.policy.province, standing.assessment.year, &*site.random);
    let content =
        Content::of(site, standing, &no, kind).ok_or_else(|| Error::conflict("profile_incomplete"))?;
    write(site, standing, no, content).await
}

/// Signs and writes a new certificate; where another writer was first, that one is given.
pub(crate) async fn write(
    site: &Site,
    standing: &Standing,
    no: Number,
    mut content: Content,
) -> Result<Certificate> {
    let (person, year, kind) = (standing.person.id, content.year, content.kind);
    let tx = site.db.begin().await?;
    content.ledger = ledger(&tx, person).await?;
    let signed = serde_json::to_string(&content).map_err(Error::internal)?;
    let signature = site.keys.sign(signed.as_bytes());
    let certificate = Certificate {
        no,
        person,
        kind,
        state: State::Valid,
        revision: content.revision,
        unit: Some(standing.person.unit),
        content,
        signed,
        signature: signature.value,
        key_id: signature.key_id,
        issued_at: base::day::from_millis(base::day::millis(site.now())),
        revoked: None,
        slot: Some(crate::status::draw_slot(site)),
    };
    if !store::insert(&tx, &certificate).await? {
        let issued = store::living(&tx, person, year, kind).await?;
        return issued.ok_or_else(|| Error::conflict("changed_meanwhile"));
    }
    hours::checkpoint::vouch(&tx, &[certificate.content.digest()]).await?;
    let deed = audit::Deed {
        actor: None,
        action: "certificate.issue",
        object: certificate.no.compact(),
        unit_path: &standing.person.path,
        details: json!({"person": person, "year": year, "kind": kind.code(), "policy": standing.policy_version}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(certificate)
}

/// The end of a holder's chain of hours, as a certificate names it.
pub(crate) async fn ledger(tx: &Tx, person: PersonId) -> Result<Option<String>> {
    let head = hours::head(tx, person).await?;
    Ok(head.and_then(|(seq, hash)| Some(format!("{seq}:{}", secrets::base64url(&secrets::from_hex(&hash)?)))))
}

/// Follows a change of a year: revokes what it no longer bears out and issues what is complete now; anything that is
/// still missing is no failure.
pub(crate) async fn consider(site: &Site, person: PersonId, year: Year) -> Result<()> {
    let for_exemption = issue_exemption(site, person, year).await.map(|_| ());
    for done in [for_exemption, issue(site, person, year).await.map(|_| ())] {
        match done {
            Ok(()) => {}
            Err(e)
                if matches!(
                    e.code(),
                    "not_satisfied" | "exempt" | "not_exempt" | "profile_incomplete" | "policy_not_published"
                ) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Follows a change of a person's facts: corrects what names the person, and considers every year with hours.
pub(crate) async fn consider_all(site: &Site, person: PersonId) -> Result<()> {
    revoke::correct(site, person).await?;
    for year in hours::years_of(&site.db, person).await? {
        consider(site, person, year).await?;
    }
    Ok(())
}

/// The statement of the hours of these years.
pub async fn issue_statement(site: &Site, person: PersonId, years: &[Year]) -> Result<Certificate> {
    statement::issue(site, person, years).await
}

/// Why a certificate was revoked, for those who read its code.
pub(crate) fn is_known_reason(code: &str) -> bool {
    Why::from_code(code).is_some()
}
