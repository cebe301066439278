//! The printed certificate: Typst from the signed content, as PDF/A-2b with a PAdES signature over the file.
use std::sync::Arc;

use base::{Error, Result, person::Code};
use documents::{Identity, Manuscript, Sealing, Typesetter};
use hours::checkpoint::Vouched;
use secrets::SealKey;
use serde_json::{Value, json};
use site::Site;

use crate::{
    Number,
    content::{Content, StatedYear},
    issue::Certificate,
    proofs::Proofs,
    seal_image::{self, Seal},
    store,
};

const SHEET: &str = include_str!("../documents/shared/sheet.typ");
const BATCH: &str = include_str!("../documents/batch/certificates.typ");

/// A kind's template and its sample.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The kind's code.
    pub kind: &'static str,
    /// The Typst source.
    pub source: &'static str,
    /// Sample data, JSON.
    pub sample: &'static str,
}

/// Every template of the slice, for the preview command.
pub const TEMPLATES: &[Template] = &[
    Template {
        kind: "training",
        source: include_str!("../documents/training/certificate.typ"),
        sample: include_str!("../documents/training/sample.json"),
    },
    Template {
        kind: "make_up",
        source: include_str!("../documents/make_up/certificate.typ"),
        sample: include_str!("../documents/make_up/sample.json"),
    },
    Template {
        kind: "exemption",
        source: include_str!("../documents/exemption/certificate.typ"),
        sample: include_str!("../documents/exemption/sample.json"),
    },
    Template {
        kind: "statement",
        source: include_str!("../documents/statement/certificate.typ"),
        sample: include_str!("../documents/statement/sample.json"),
    },
    Template { kind: "batch", source: BATCH, sample: include_str!("../documents/batch/sample.json") },
];

/// The files that templates of the slice read beside their data.
pub fn shared_files() -> Vec<(&'static str, Vec<u8>)> {
    vec![("sheet.typ", SHEET.as_bytes().to_vec())]
}

/// What a signature's reason begins with; the number follows, so that a file says which certificate it claims to be.
const MARK: &str = "xueshi-certificate:";

/// Prints certificates. Cheap to clone.
#[derive(Clone)]
pub struct Press(Typesetter);

impl Press {
    /// A press over the typesetter's fonts.
    pub fn new(typesetter: Typesetter) -> Self {
        Self(typesetter)
    }

    /// The certificate as PDF; the same certificate gives the same bytes before the checkpoint that holds it and the same
    /// after. Its hash is remembered, so that the file can be verified.
    pub(crate) async fn print(&self, site: &Site, certificate: &Certificate) -> Result<Vec<u8>> {
        let image = seal_image::in_use(site, &certificate.content.authority).await?;
        let proofs = Proofs::of(site, &[certificate]).await?;
        let sheet = Sheet::of(site, certificate, (&proofs, image.as_ref()));
        let (press, key) = (self.clone(), site.keys.document_seal(site.now(), &*site.random)?);
        let bytes = tokio::task::spawn_blocking(move || press.set(&sheet, &*key))
            .await
            .map_err(Error::internal)??;
        let hash = secrets::sha256_hex(&bytes);
        let tx = site.db.begin().await?;
        store::remember_print(&tx, &hash, certificate, site.now()).await?;
        seal_image::log(site, &tx, image.as_ref(), &[certificate]).await?;
        tx.commit().await?;
        Ok(bytes)
    }

    /// Sets and seals one sheet. Blocking.
    pub(crate) fn set(&self, sheet: &Sheet, key: &dyn SealKey) -> Result<Vec<u8>> {
        let qr = documents::qr_svg(&sheet.address).map_err(Error::internal)?;
        let mut files = shared_files();
        files.push(("qr.svg", qr.into_bytes()));
        files.extend(sheet.seal.iter().map(|png| (SEAL, png.to_vec())));
        let manuscript = Manuscript { template: sheet.template, data: &sheet.data, files: &files };
        let identity = Identity { ident: &sheet.ident, made_at: sheet.made_at };
        let pdf = self.0.pdf(&manuscript, &identity).map_err(Error::internal)?;
        let reason = format!("{MARK}{}", sheet.ident);
        seal(pdf, &Sealing { reason: &reason, by: &sheet.by, at: sheet.made_at }, key)
    }

    /// Many sheets as one document, in their order, under one signature. Blocking.
    pub(crate) fn set_many(
        &self,
        sheets: &[Sheet],
        made_at: base::Instant,
        key: &Arc<dyn SealKey>,
    ) -> Result<Vec<u8>> {
        let named: Vec<(String, String)> =
            sheets.iter().enumerate().map(|(n, s)| (format!("qr-{n}.svg"), s.address.clone())).collect();
        let mut files = shared_files();
        for (name, address) in &named {
            files.push((name, documents::qr_svg(address).map_err(Error::internal)?.into_bytes()));
        }
        files.extend(sheets.iter().find_map(|s| s.seal.as_ref()).map(|png| (SEAL, png.to_vec())));
        let one = |(sheet, (name, _)): (&Sheet, &(String, String))| {
            let mut data = sheet.data.clone();
            if let Some(qr) = data.get_mut("qr") {
                *qr = json!(name);
            }
            data
        };
        let data = json!({"certificates": sheets.iter().zip(&named).map(one).collect::<Vec<_>>()});
        let by = sheets.first().map_or_else(String::new, |s| s.by.clone());
        let ident = format!("batch-{}", secrets::sha256_hex(data.to_string().as_bytes()));
        let manuscript = Manuscript { template: BATCH, data: &data, files: &files };
        let pdf = self.0.pdf(&manuscript, &Identity { ident: &ident, made_at }).map_err(Error::internal)?;
        seal(pdf, &Sealing { reason: "xueshi-batch", by: &by, at: made_at }, &**key)
    }
}

/// Puts the PAdES signature of the key over the document.
fn seal(pdf: Vec<u8>, sealing: &Sealing<'_>, key: &dyn SealKey) -> Result<Vec<u8>> {
    let unsealed = documents::prepare(pdf, sealing).map_err(Error::internal)?;
    let digest = key.suite().digest(&unsealed.parts());
    let signature = secrets::detached_signature(key, &digest)?;
    unsealed.fill(&signature).map_err(Error::internal)
}

/// The number that an uploaded file says in its signature.
pub(crate) fn number_in(file: &[u8]) -> Option<Number> {
    let at = file.windows(MARK.len()).rposition(|w| w == MARK.as_bytes())? + MARK.len();
    Number::parse(std::str::from_utf8(file.get(at..at + 16)?).ok()?)
}

/// Everything that is needed to set a certificate, away from the database.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    template: &'static str,
    data: Value,
    /// What the QR code carries.
    address: String,
    ident: String,
    by: String,
    made_at: base::Instant,
    /// The image of the issuer's seal, where its use was consented to.
    seal: Option<Arc<Vec<u8>>>,
}

/// The name under which templates read the seal's image.
const SEAL: &str = "seal.png";

impl Sheet {
    pub(crate) fn of(
        site: &Site,
        certificate: &Certificate,
        (proofs, seal): (&Proofs, Option<&Seal>),
    ) -> Self {
        let proof = proofs.get(certificate);
        let seal = seal.filter(|s| s.authority == certificate.content.authority).map(|s| Arc::clone(&s.png));
        let code = certificate.kind.code();
        let template = TEMPLATES.iter().find(|t| t.kind == code).map_or("", |t| t.source);
        Self {
            template,
            data: data(site, certificate, proof, seal.is_some()),
            address: certificate.verify_url(site, proof),
            ident: ident(certificate, proof),
            by: certificate.content.authority.clone(),
            made_at: certificate.issued_at,
            seal,
        }
    }
}

/// What names the file: number and revision, and the checkpoint whose proof it carries.
fn ident(certificate: &Certificate, proof: Option<&Vouched>) -> String {
    let ident = format!("{}:{}", certificate.no.compact(), certificate.revision);
    proof.map_or(ident.clone(), |p| format!("{ident}:{}", p.checkpoint))
}

impl Sheet {
    /// A made-up certificate of its own name and number, with a QR code as large as a real one's.
    pub(crate) fn sample(n: usize, at: base::Instant) -> Self {
        let template = TEMPLATES.iter().find(|t| t.kind == "training");
        let mut data: Value =
            template.and_then(|t| serde_json::from_str(t.sample).ok()).unwrap_or_else(|| json!({}));
        let ident = format!("43202358{n:07}0");
        if let Some(members) = data.as_object_mut() {
            members.insert("name".into(), json!(format!("{}{n}", NAMES.get(n % NAMES.len()).unwrap_or(&""))));
            members.insert("number".into(), json!(ident));
        }
        Self {
            template: template.map_or("", |t| t.source),
            data,
            address: sample_address(&ident),
            ident: format!("{ident}:1"),
            by: "xueshi".to_owned(),
            made_at: at,
            seal: None,
        }
    }
}

/// The line of a certificate, and the proof of one among four thousand of its day: as long and as irregular as a real
/// one's, because a regular code is drawn and compressed faster.
fn sample_address(ident: &str) -> String {
    let hex: String = (0..26).map(|part| secrets::sha256_hex(format!("{ident} {part}").as_bytes())).collect();
    let digits = hex.bytes().map(|b| char::from(b'0' + b % 10)).take(1650);
    let carried: String = digits.collect();
    format!("https://example.cn/verify/{ident}?s={}#{carried}", hex.get(..86).unwrap_or_default())
}

/// Characters of names, a few rare ones among them, as a real batch has.
const NAMES: [&str; 8] =
    ["\u{738b}", "\u{674e}", "\u{5f20}", "\u{5218}", "\u{9648}", "\u{4dae}", "\u{6768}", "\u{36c3}"];

fn data(site: &Site, certificate: &Certificate, proof: Option<&Vouched>, has_seal: bool) -> Value {
    let c = &certificate.content;
    let word = |kind: &str, code: &str| site.texts.get(&format!("{kind}-{code}"));
    let subject = |name: &str, required: base::Hours, hours: base::Hours| json!({"name": word("subject", name), "required": required, "hours": hours});
    json!({
        "kind": certificate.kind, "revision": certificate.revision,
        "year": c.year, "number": c.no, "name": c.name, "gender": word("gender", &c.gender),
        "id_masked": c.id_masked, "unit": c.unit,
        "category": word("staff", &c.category), "level": level(site, c),
        "subjects": [
            subject("public", c.required_public, c.public),
            subject("professional", c.required_professional, c.professional),
        ],
        "total": {"required": c.required_total, "hours": c.total},
        "exemption": c.exemption.as_deref().map(|k| word("exempted", k)),
        "years": c.years.iter().map(|y| year(site, y)).collect::<Vec<_>>(),
        "issued_on": c.issued_on, "authority": c.authority, "fingerprint": fingerprint(&certificate.signature),
        "verify_host": format!("{}/verify", site.settings.public_url.split("://").last().unwrap_or_default()),
        "proof": proof.map(|p| json!({"no": p.checkpoint, "day": p.day})),
        "qr": "qr.svg", "seal": has_seal.then_some(SEAL), "note": site.settings.notice,
    })
}

/// The level in words, marked where the unit has not confirmed it yet.
fn level(site: &Site, c: &Content) -> String {
    let level = site.texts.get(&format!("level-{}", c.level));
    if c.is_post_claimed { site.texts.with("level-claimed", &[("level", &level)]) } else { level }
}

fn year(site: &Site, y: &StatedYear) -> Value {
    let item = |i: &crate::content::StatedItem| json!({"on": i.on, "title": i.title, "subject": site.texts.get(&format!("subject-{}", i.subject)), "counted": i.counted});
    json!({"year": y.year, "public": y.public, "professional": y.professional, "total": y.total,
        "items": y.items.iter().map(item).collect::<Vec<_>>()})
}

/// The first 16 hex digits of the signature's SHA-256, in groups of four: short enough to read out.
fn fingerprint(signature: &str) -> String {
    let hex = secrets::sha256_hex(signature.as_bytes()).to_uppercase();
    let groups = (0..4).filter_map(|i| hex.get(i * 4..i * 4 + 4));
    groups.collect::<Vec<_>>().join(" ")
}
