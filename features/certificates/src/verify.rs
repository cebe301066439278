//! Public verification: valid for what was issued and signed, unknown for everything else.
use base::Result;
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{Number, store};

/// What anyone may know of a certificate.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// `valid`, `altered` or `unknown`; `superseded` and `revoked` come with their issue.
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub professional: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

impl Verdict {
    /// A verdict that tells nothing of a certificate.
    fn bare(state: &'static str) -> Self {
        Self { state, ..Self::default() }
    }
}

/// Checks a number, and the signature of the QR code where there is one.
pub(crate) async fn verify(site: &Site, typed: &str, signature: Option<&str>) -> Result<Verdict> {
    let Some(no) = Number::parse(typed) else { return Ok(Verdict::bare("unknown")) };
    let Some(certificate) = store::by_number(&site.db, &no).await? else {
        return Ok(Verdict::bare("unknown"));
    };
    let own =
        secrets::verify_with(&site.keys.public_key(), certificate.signed.as_bytes(), &certificate.signature);
    if !own || signature.is_some_and(|s| s != certificate.signature) {
        return Ok(Verdict::bare("altered"));
    }
    let c = &certificate.content;
    Ok(Verdict {
        state: "valid",
        no: Some(c.no.clone()),
        name: Some(c.masked_name()),
        unit: Some(c.unit.clone()),
        year: Some(c.year.number()),
        category: Some(c.category.clone()),
        level: Some(c.level.clone()),
        public: Some(c.public.to_string()),
        professional: Some(c.professional.to_string()),
        total: Some(c.total.to_string()),
        issued_on: Some(c.issued_on.clone()),
        authority: Some(c.authority.clone()),
    })
}
