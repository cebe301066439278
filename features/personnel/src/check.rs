//! One check: the verdict on a person's year under the gate of the business.
use base::{Day, PersonId, Result, Year, day, person::Code};
use hours::Standing;
use induction::{Kind, Owed};
use org::Person;
use rules::{
    assess::{Shortfall, shortfall},
    policy::{Business, Gate},
};
use serde::{Deserialize, Serialize};
use site::Site;

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// There is a certificate.
    Certificate,
    /// An exemption stands for it.
    Exempt,
    /// Exempt, and this business does not accept that.
    ExemptNotAccepted,
    /// Nothing was asked of the person in the year.
    NotObliged,
    /// Nothing was asked, and this business wants a certificate all the same.
    NotObligedNotAccepted,
    /// Hours are missing.
    NotSatisfied,
    /// The hours are there; the certificate waits for the profile.
    ProfileIncomplete,
    /// 岗前 or 转岗培训 is missing, which the policy asks for this business.
    InductionMissing,
}

impl Code for Outcome {}

impl Outcome {
    /// Whether the business may go ahead.
    pub(crate) fn is_allowed(self) -> bool {
        match self {
            Self::Certificate | Self::Exempt | Self::NotObliged => true,
            Self::ExemptNotAccepted
            | Self::NotObligedNotAccepted
            | Self::NotSatisfied
            | Self::ProfileIncomplete
            | Self::InductionMissing => false,
        }
    }
}

/// Hours that are missing, as decimal strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Missing {
    pub total: String,
    pub public: String,
    pub professional: String,
}

impl From<Shortfall> for Missing {
    fn from(s: Shortfall) -> Self {
        let text = |h: base::Hours| h.to_string();
        Self { total: text(s.total), public: text(s.public), professional: text(s.professional) }
    }
}

/// The answer on one year.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub year: Year,
    pub outcome: Outcome,
    pub certificate_no: Option<String>,
    pub exemption: Option<String>,
    pub missing: Missing,
    pub missing_fields: Vec<String>,
    pub policy: String,
    /// The last day on which the year can still be completed.
    pub deadline: Option<Day>,
    /// The training that belongs to this business beside the year's, where one is owed.
    pub induction: Option<Owed>,
}

/// Looks at the years, and at the induction that belongs to the business: 岗前培训 to 转正定级, 转岗培训 to 转岗聘用.
pub(crate) async fn verdict(site: &Site, person: &Person, year: Year, business: Business) -> Result<Verdict> {
    let gate = hours::in_force(&site.db, year).await?.policy.personnel.gate(business);
    let mut verdict = on_years(site, person, year, gate).await?;
    let kind = match business {
        Business::Regularization => Kind::Entry,
        Business::Transfer => Kind::Transfer,
        Business::Promotion | Business::Award => return Ok(verdict),
    };
    verdict.induction =
        induction::of_person(&site.db, person.id, (kind, year), day::day_of(site.now())).await?;
    let is_missing = verdict.induction.as_ref().is_some_and(|owed| !owed.is_done());
    if verdict.outcome.is_allowed() && gate.induction && is_missing {
        verdict.outcome = Outcome::InductionMissing;
    }
    Ok(verdict)
}

/// The year asked for, or the year before where the gate still takes that one.
async fn on_years(site: &Site, person: &Person, year: Year, gate: Gate) -> Result<Verdict> {
    let this = on_year(site, person.id, year, gate).await?;
    let before = Year::new(i64::from(year.number()) - 1);
    let may_look_back = gate.last_year_until.is_some_and(|until| day::day_of(site.now()) <= until);
    if let (false, true, Some(before)) = (this.outcome.is_allowed(), may_look_back, before) {
        match on_year(site, person.id, before, gate).await {
            Ok(last) if last.outcome.is_allowed() => return Ok(last),
            Err(e) if e.code() != "policy_not_published" => return Err(e),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(this)
}

async fn on_year(site: &Site, person: PersonId, year: Year, gate: Gate) -> Result<Verdict> {
    let standing = match hours::standing(&site.db, person, year).await {
        Ok(standing) => standing,
        Err(e) if e.code() == "profile_incomplete" => return unknown(site, person, year).await,
        Err(e) => return Err(e),
    };
    let mut verdict = Verdict {
        year,
        outcome: judge(&standing, gate),
        certificate_no: None,
        exemption: exemption(&standing),
        missing: Missing::from(Shortfall::default()),
        missing_fields: vec![],
        policy: standing.policy_version.clone(),
        deadline: Some(standing.deadline()),
        induction: None,
    };
    match verdict.outcome {
        Outcome::Certificate => match certificates::issue(site, person, year).await {
            Ok(certificate) => verdict.certificate_no = Some(certificate.no.to_string()),
            Err(e) if e.code() == "profile_incomplete" => {
                verdict.outcome = Outcome::ProfileIncomplete;
                verdict.missing_fields = fields(&standing.person);
            }
            Err(e) => return Err(e),
        },
        Outcome::Exempt | Outcome::NotObliged => {}
        Outcome::ExemptNotAccepted
        | Outcome::NotObligedNotAccepted
        | Outcome::NotSatisfied
        | Outcome::ProfileIncomplete
        | Outcome::InductionMissing => {
            verdict.missing = shortfall(&standing.policy, &standing.assessment.earned).into();
        }
    }
    Ok(verdict)
}

/// A certificate first: whoever has one needs no other ground.
fn judge(standing: &Standing, gate: Gate) -> Outcome {
    let a = &standing.assessment;
    match () {
        () if a.certificate => Outcome::Certificate,
        () if a.exempt && gate.exemption => Outcome::Exempt,
        () if a.exempt => Outcome::ExemptNotAccepted,
        () if !a.obliged && gate.not_obliged => Outcome::NotObliged,
        () if !a.obliged => Outcome::NotObligedNotAccepted,
        () => Outcome::NotSatisfied,
    }
}

/// Someone whom the rules do not know enough of.
async fn unknown(site: &Site, person: PersonId, year: Year) -> Result<Verdict> {
    Ok(Verdict {
        year,
        outcome: Outcome::ProfileIncomplete,
        certificate_no: None,
        exemption: None,
        missing: Missing::from(Shortfall::default()),
        missing_fields: fields(&org::person(&site.db, person).await?),
        policy: hours::in_force(&site.db, year).await?.version,
        deadline: None,
        induction: None,
    })
}

fn fields(person: &Person) -> Vec<String> {
    person.missing().into_iter().map(str::to_owned).collect()
}

fn exemption(standing: &Standing) -> Option<String> {
    let kind = standing.record.pointer("/exemption/kind").and_then(serde_json::Value::as_str);
    kind.filter(|_| standing.assessment.exempt).map(str::to_owned)
}
