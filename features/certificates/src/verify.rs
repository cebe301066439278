//! Public verification: by number (with the QR code's signature, or the name), or by the file itself. Says valid,
//! superseded, revoked, altered or unknown, with masked data, and is limited by network.
use base::{Error, Kind as Refusal, Result, day, person::Code};
use hours::checkpoint::{self, Root};
use serde::Serialize;
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{Certificate, Kind, Number, State, content::Content, issue, store};

/// What anyone may know of a certificate.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// `valid`, `superseded`, `revoked`, `altered` or `unknown`.
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_on: Option<String>,
    /// In general words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_because: Option<String>,
}

/// What is asked beside the number.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Question<'a> {
    /// The QR code's signature.
    pub signature: Option<&'a str>,
    /// The holder's name as typed.
    pub name: Option<&'a str>,
}

/// Of one network in ten minutes: so many checks, and so many for what there is not (security item 44).
const MOST: i64 = 300;
const MOST_MISSED: i64 = 30;
const WINDOW_MS: i64 = 10 * 60_000;

/// Checks a number.
pub(crate) async fn verify(site: &Site, typed: &str, question: Question<'_>) -> Result<Verdict> {
    admit(site).await?;
    let verdict = by_number(site, typed, question).await?;
    remember(site, &verdict).await?;
    Ok(verdict)
}

/// Checks a file: one that was handed out is found by its hash; one that names a number of ours and is none of them was
/// altered.
pub(crate) async fn verify_file(site: &Site, file: &[u8]) -> Result<Verdict> {
    admit(site).await?;
    let verdict = by_file(site, file).await?;
    remember(site, &verdict).await?;
    Ok(verdict)
}

/// The page for checks without network: the public key, the revoked certificates by a digest that names nobody, and the
/// published checkpoints that ledger proofs must lead to; it says of when each of them is.
pub(crate) async fn offline(site: &Site) -> Result<String> {
    let page =
        site.assets.text("offline.html").ok_or_else(|| Error::internal("offline.html is not built"))?;
    let revoked = store::revoked(&site.db).await?;
    let digest = |c: &Content| -> String { c.digest().chars().take(32).collect() };
    let checkpoints = checkpoint::published(&site.db).await?;
    let root = |r: &Root| json!([r.checkpoint, r.day, r.size, secrets::base64url(&r.root)]);
    let now = day::rfc3339(site.now());
    let trust = json!({"keys": site.keys.public_keys().iter().map(|k| secrets::base64url(k)).collect::<Vec<_>>(),
        "revoked": revoked.iter().map(digest).collect::<Vec<_>>(),
        "checkpoints": checkpoints.iter().map(root).collect::<Vec<_>>(), "asOf": now});
    let last = checkpoints.first().map_or_else(
        || site.texts.get("offline-no-checkpoint"),
        |r| site.texts.with("offline-checkpoint", &[("no", &r.checkpoint.to_string()), ("day", &r.day)]),
    );
    let page = page.replace("__TRUST__", &trust.to_string()).replace("__CHECKPOINT__", &last);
    Ok(page.replace("__AS_OF__", &site::dates::minute(site.now())))
}

async fn admit(site: &Site) -> Result<()> {
    if !site.settings.captcha {
        return Ok(());
    }
    let since = day::millis(site.now()) - WINDOW_MS;
    let (asked, missed) = store::attempts(&site.db, &site::caller().network(), since).await?;
    if asked >= MOST || missed >= MOST_MISSED {
        return Err(Error::refused(Refusal::TooMany, "too_many_checks").retry_after(600));
    }
    Ok(())
}

async fn remember(site: &Site, verdict: &Verdict) -> Result<()> {
    if !site.settings.captcha {
        return Ok(());
    }
    let now = day::millis(site.now());
    let is_found = verdict.state != "unknown";
    store::remember_attempt(&site.db, &site::caller().network(), is_found, (now, now - WINDOW_MS)).await
}

async fn by_number(site: &Site, typed: &str, question: Question<'_>) -> Result<Verdict> {
    let Some(certificate) = find(site, typed).await? else { return Ok(Verdict::bare("unknown")) };
    // A wrong name learns nothing, not even that the number exists.
    if question.name.is_some_and(|name| !certificate.content.is_named(name)) {
        return Ok(Verdict::bare("unknown"));
    }
    if !is_own(site, &certificate) {
        return Ok(Verdict::bare("altered"));
    }
    let Some(signature) = question.signature else { return Ok(present(site, &certificate)) };
    let signs = |content: &Content| site.keys.signature_holds(content.compact().as_bytes(), signature);
    if signs(&certificate.content) {
        return Ok(present(site, &certificate));
    }
    let is_earlier = store::earlier(&site.db, &certificate.no).await?.iter().any(signs);
    Ok(if is_earlier { superseded(site, &certificate) } else { Verdict::bare("altered") })
}

async fn by_file(site: &Site, file: &[u8]) -> Result<Verdict> {
    if let Some((no, revision)) = store::print(&site.db, &secrets::sha256_hex(file)).await? {
        let found = store::by_number(&site.db, &no).await?;
        let Some(certificate) = found.filter(|c| is_own(site, c)) else {
            return Ok(Verdict::bare("altered"));
        };
        let is_current = certificate.revision == revision;
        return Ok(if is_current { present(site, &certificate) } else { superseded(site, &certificate) });
    }
    let named = crate::document::number_in(file);
    let is_ours = match named {
        Some(no) => store::by_number(&site.db, &no).await?.is_some(),
        None => false,
    };
    Ok(Verdict::bare(if is_ours { "altered" } else { "unknown" }))
}

async fn find(site: &Site, typed: &str) -> Result<Option<Certificate>> {
    match Number::parse(typed) {
        Some(no) => store::by_number(&site.db, &no).await,
        None => Ok(None),
    }
}

/// Whether what is stored is what was signed.
fn is_own(site: &Site, c: &Certificate) -> bool {
    site.keys.signature_holds(c.signed.as_bytes(), &c.signature)
}

/// An earlier revision was shown: what holds now is told.
fn superseded(site: &Site, c: &Certificate) -> Verdict {
    match c.state {
        State::Valid => Verdict { state: "superseded", ..present(site, c) },
        State::Revoked => present(site, c),
    }
}

fn present(site: &Site, certificate: &Certificate) -> Verdict {
    let c = &certificate.content;
    let hours = |h: base::Hours| (certificate.kind != Kind::Exemption).then(|| h.to_string());
    let because = |code: &str| {
        let code = if issue::is_known_reason(code) { code } else { "other" };
        site.texts.get(&format!("revoked-{code}"))
    };
    Verdict {
        state: match certificate.state {
            State::Valid => "valid",
            State::Revoked => "revoked",
        },
        no: Some(c.no.clone()),
        kind: Some(certificate.kind.code()),
        name: Some(c.masked_name()),
        unit: Some(c.unit.clone()),
        year: Some(c.year.number()),
        category: Some(c.category.clone()),
        level: Some(c.level.clone()),
        public: hours(c.public),
        professional: hours(c.professional),
        total: hours(c.total),
        issued_on: Some(c.issued_on.clone()),
        authority: Some(c.authority.clone()),
        revision: Some(certificate.revision),
        revoked_on: certificate.revoked.as_ref().map(|(at, _)| day::day_of(*at).to_string()),
        revoked_because: certificate.revoked.as_ref().map(|(_, code)| because(code)),
    }
}

impl Verdict {
    /// A verdict that tells nothing of a certificate.
    fn bare(state: &'static str) -> Self {
        Self { state, ..Self::default() }
    }
}
