//! A warm certificate: Typst to PDF/A-2b and the PAdES signature, on one core. A name of its own each time, as in a batch.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]
use criterion::{Criterion, criterion_group, criterion_main};
use documents::{Identity, Manuscript, Sealing, Typesetter};
use secrets::SealKey;
use serde_json::{Value, json};

fn one(typesetter: &Typesetter, key: &dyn SealKey, data: &Value, no: usize) -> Vec<u8> {
    let template = certificates::TEMPLATES.iter().find(|t| t.kind == "training").expect("a template");
    let ident = format!("43202358{no:08}:1");
    let digit = |i: usize| char::from(b'0' + u8::try_from((i * i + no * 31 + i / 7) % 10).expect("a digit"));
    let carried: String = (0..1650).map(digit).collect();
    let signature = "A".repeat(86);
    let qr = documents::qr_svg(&format!("https://example.cn/verify/{ident}?s={signature}#{carried}"));
    let mut files = certificates::shared_files();
    files.push(("qr.svg", qr.expect("a code").into_bytes()));
    let made_at = "2026-11-23T10:00:00+08:00".parse().expect("a time");
    let manuscript = Manuscript { template: template.source, data, files: &files };
    let pdf = typesetter.pdf(&manuscript, &Identity { ident: &ident, made_at }).expect("a PDF");
    let sealing = Sealing { reason: &ident, by: "xueshi", at: made_at };
    let unsealed = documents::prepare(pdf, &sealing).expect("a place");
    let digest = key.suite().digest(&unsealed.parts());
    unsealed.fill(&secrets::detached_signature(key, &digest).expect("a signature")).expect("a sealed PDF")
}

fn print(c: &mut Criterion) {
    let folder = std::env::temp_dir().join(format!("xueshi-bench-{}", std::process::id()));
    let now = "2026-11-23T10:00:00+08:00".parse().expect("a time");
    secrets::authority::create(&folder, ("Bench", secrets::Suite::default()), now, &base::SystemRandom)
        .expect("an authority");
    let key = secrets::authority::open(&folder).expect("readable").expect("a key");
    let typesetter = Typesetter::load().expect("fonts");
    let template = certificates::TEMPLATES.iter().find(|t| t.kind == "training").expect("a template");
    let mut data: Value = serde_json::from_str(template.sample).expect("a sample");
    let mut no = 0;
    c.bench_function("certificate, warm, sealed", |b| {
        b.iter(|| {
            no += 1;
            if let Some(name) = data.get_mut("name") {
                *name = json!(format!("\u{738b}{no}"));
            }
            one(&typesetter, &key, &data, no)
        });
    });
    let digest = secrets::sha256(&[b"x"]);
    c.bench_function("signature alone", |b| b.iter(|| secrets::detached_signature(&key, &digest)));
    std::fs::remove_dir_all(folder).expect("the bench's own folder");
}

criterion_group!(benches, print);
criterion_main!(benches);
