//! A certificate as an Open Badges 3.0 credential (W3C Verifiable Credentials 2.0), with its proof and its place in a
//! status list.
use base::{Error, Result, person::Code};
use serde_json::{Value, json};
use site::Site;

use crate::{Certificate, Kind, status};

/// The credential of a certificate.
pub(crate) fn of(site: &Site, certificate: &Certificate) -> Result<Value> {
    let c = &certificate.content;
    let url = &site.settings.public_url;
    let title = site.texts.get(&format!("certificate-{}", certificate.kind.code()));
    let at = base::day::rfc3339(certificate.issued_at);
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": format!("{url}/verify/{}?r={}", certificate.no.compact(), certificate.revision),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": site.keys.did(), "type": ["Profile"], "name": c.authority, "url": url},
        "validFrom": at,
        "name": format!("{} {title}", c.year),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": false, "identityHash": c.name, "identityType": "name"}],
            "achievement": {
                "id": format!("{url}/credentials/achievements/{}-{}", c.year, certificate.kind.code()),
                "type": ["Achievement"], "name": format!("{} {title}", c.year), "description": title,
                "criteria": {"narrative": narrative(site, certificate)},
            },
        },
    });
    let members = document.as_object_mut().ok_or_else(|| Error::internal("a credential is an object"))?;
    if let Some(slot) = certificate.slot {
        let (list, place) = (slot / status::LIST, slot % status::LIST);
        let address = status::address(site, list);
        let entry = json!({"id": format!("{address}#{place}"), "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": place.to_string(), "statusListCredential": address});
        members.insert("credentialStatus".to_owned(), entry);
    }
    site.keys.prove(document, &at)
}

/// What was asked and reached, in a sentence.
fn narrative(site: &Site, certificate: &Certificate) -> String {
    let c = &certificate.content;
    if certificate.kind == Kind::Exemption {
        return site.texts.get(&format!("exempted-{}", c.exemption.as_deref().unwrap_or("other")));
    }
    let (public, professional, total) =
        (c.public.to_string(), c.professional.to_string(), c.total.to_string());
    let words =
        [("public", public.as_str()), ("professional", professional.as_str()), ("total", total.as_str())];
    site.texts.with("credential-narrative", &words)
}
