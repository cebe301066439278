//! The printed certificate: Typst from the signed content, as PDF/A-2b.
use base::{Error, Result};
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Value, json};
use site::Site;

use crate::issue::Certificate;

const TEMPLATE: &str = include_str!("../documents/training/certificate.typ");

/// Prints certificates. Cheap to clone.
#[derive(Clone)]
pub struct Press(Typesetter);

impl Press {
    /// A press over the typesetter's fonts.
    pub fn new(typesetter: Typesetter) -> Self {
        Self(typesetter)
    }

    /// The certificate as PDF; the same certificate gives the same bytes.
    pub(crate) async fn print(&self, site: &Site, certificate: &Certificate) -> Result<Vec<u8>> {
        let data = data(site, certificate);
        let (typesetter, certificate) = (self.0.clone(), certificate.clone());
        let address = certificate.verify_url(site);
        let work = move || {
            let qr = documents::qr_svg(&address).map_err(Error::internal)?;
            let files = [("qr.svg", qr.into_bytes())];
            let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &files };
            let identity = Identity { ident: certificate.no.compact(), made_at: certificate.issued_at };
            typesetter.pdf(&manuscript, &identity).map_err(Error::internal)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn data(site: &Site, certificate: &Certificate) -> Value {
    let c = &certificate.content;
    let word = |kind: &str, code: &str| site.texts.get(&format!("{kind}-{code}"));
    json!({
        "year": c.year, "number": c.no, "name": c.name, "gender": word("gender", &c.gender),
        "id_masked": c.id_masked, "unit": c.unit,
        "category": site.texts.get(&format!("staff-{}", c.category)), "level": word("level", &c.level),
        "subjects": [
            {"name": word("subject", "public"), "required": c.required_public, "hours": c.public},
            {"name": word("subject", "professional"), "required": c.required_professional, "hours": c.professional},
        ],
        "total": {"required": c.required_total, "hours": c.total},
        "issued_on": c.issued_on, "authority": c.authority, "fingerprint": fingerprint(&certificate.signature),
        "verify_host": format!("{}/verify", site.settings.public_url.split("://").last().unwrap_or_default()),
        "qr": "qr.svg", "seal": null, "note": site.settings.notice,
    })
}

/// The first 16 hex digits of the signature's SHA-256, in groups of four: short enough to read out.
fn fingerprint(signature: &str) -> String {
    let hex = secrets::sha256_hex(signature.as_bytes()).to_uppercase();
    let groups = (0..4).filter_map(|i| hex.get(i * 4..i * 4 + 4));
    groups.collect::<Vec<_>>().join(" ")
}
