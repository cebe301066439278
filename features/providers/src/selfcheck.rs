//! The conformance check of a new provider: what it has shown of its side, what is still wrong and why. When every needed
//! step holds, a signed pass says so.
use base::{Error, Result, day};
use serde::Serialize;
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{
    catalogue,
    provider::{Provider, ProviderId},
    standing, store_relations,
    store_signs::{self as store, Pass, Sign},
};

/// The steps in the order in which they are worked; the last ones may be left out.
const STEPS: [(&str, bool); 6] = [
    (CATALOGUE, true),
    (SIGN_IN, true),
    (SIGNATURE, true),
    (COMPLETION, true),
    (REPEAT, true),
    (STATEMENT, false),
];
pub(crate) const CATALOGUE: &str = "catalogue";
pub(crate) const SIGN_IN: &str = "sign_in";
pub(crate) const SIGNATURE: &str = "signature";
pub(crate) const COMPLETION: &str = "completion";
pub(crate) const REPEAT: &str = "repeat";
const STATEMENT: &str = "statement";

/// A step with what is known of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    pub step: &'static str,
    /// Whether a pass needs it.
    pub needed: bool,
    /// `holds`, `wrong` or `missing`.
    pub state: &'static str,
    /// What was seen last, or what is wrong; a code.
    pub detail: String,
    /// When it was seen.
    pub at: Option<String>,
}

/// Notes what a provider that is only trying has shown.
pub(crate) async fn saw(site: &Site, provider: &Provider, sign: (&str, bool, &str)) -> Result<()> {
    if !provider.standing.is_trial() {
        return Ok(());
    }
    store::saw(&site.db, provider.id, sign, site.now()).await
}

/// A provider that is only trying signed someone in through OpenID Connect.
pub async fn signed_in(site: &Site, provider: &str) -> Result<()> {
    let id: ProviderId = provider.parse()?;
    saw(site, &crate::store::by_id(&site.db, id).await?, (SIGN_IN, true, "openid")).await
}

/// The steps of the operator's provider.
pub(crate) async fn steps(site: &Site, provider: &Provider) -> Result<Vec<Step>> {
    let signs = store::all(&site.db, provider.id).await?;
    let statements = records::newest(&site.db, &provider.id.to_string()).await?;
    let step = |(name, needed): (&'static str, bool)| {
        let sign = signs.iter().find(|s| s.step == name);
        let at = |millis| Some(day::rfc3339(day::from_millis(millis)));
        let (state, detail, at) = match (name, sign) {
            (STATEMENT, _) if statements.is_some() => {
                ("holds", String::new(), statements.and_then(|micros| at(micros / 1000)))
            }
            (_, Some(Sign { holds: true, detail, at: when, .. })) => ("holds", detail.clone(), at(*when)),
            (_, Some(Sign { detail, at: when, .. })) => ("wrong", detail.clone(), at(*when)),
            (_, None) => ("missing", String::new(), None),
        };
        Step { step: name, needed, state, detail, at }
    };
    Ok(STEPS.into_iter().map(step).collect())
}

/// Reads the provider's catalogue now, and gives a pass if every needed step holds.
pub(crate) async fn run(site: &Site, visitor: &Visitor) -> Result<(Vec<Step>, Option<Pass>)> {
    let provider = standing::operated(&site.db, &visitor.actor).await?;
    if !provider.standing.has_keys() {
        return Err(Error::conflict("provider_standing"));
    }
    // Whoever has just mended the site need not wait until its line has rested.
    store_relations::wake_line(&site.db, &provider.name).await?;
    let seen = read_catalogue(site, &provider).await?;
    let (holds, detail) = match &seen {
        Ok(count) => (true, count.to_string()),
        Err(problem) => (false, problem.clone()),
    };
    store::saw(&site.db, provider.id, (CATALOGUE, holds, &detail), site.now()).await?;
    let steps = steps(site, &provider).await?;
    if steps.iter().any(|s| s.needed && s.state != "holds") {
        return Ok((steps, None));
    }
    let pass = pass(site, visitor, &provider, &steps).await?;
    Ok((steps, Some(pass)))
}

/// How many courses the provider offers, or the code of what is wrong with its catalogue.
async fn read_catalogue(site: &Site, provider: &Provider) -> Result<std::result::Result<usize, String>> {
    let items = match catalogue::read_all(site, provider).await {
        Ok(Ok(items)) => items,
        Ok(Err(problem)) => return Ok(Err(problem)),
        Err(Error::Refused(problem)) => return Ok(Err(problem.code.to_owned())),
        Err(e) => return Err(e),
    };
    if items.is_empty() {
        return Ok(Err("no_courses".into()));
    }
    for (n, item) in items.iter().enumerate() {
        if let Err(problem) = catalogue::judge(item) {
            return Ok(Err(format!("course {}: {problem}", n + 1)));
        }
    }
    catalogue::sync(site, &provider.name).await?;
    Ok(Ok(items.len()))
}

/// A pass under the key that also signs certificates (eddsa-jcs-2022), so that anyone can check it.
async fn pass(site: &Site, visitor: &Visitor, provider: &Provider, steps: &[Step]) -> Result<Pass> {
    let (id, at) = (site.new_id::<base::id::of::Job>().to_string(), day::rfc3339(site.now()));
    let document = json!({
        "@context": "https://www.w3.org/ns/credentials/v2", "id": id, "type": "ProviderConformance", "provider": provider.name, "title": provider.title,
        "site": provider.site_url, "issued_at": at, "issuer": site.settings.public_url, "steps": steps,
    });
    let document = site.keys.prove(document, &at)?.to_string();
    let tx = site.db.begin().await?;
    store::insert_pass(&tx, (&id, provider.id), &document, site.now()).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.pass",
        object: &provider.name,
        unit_path: "",
        details: json!({"pass": id}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(Pass { document, at: day::millis(site.now()) })
}
