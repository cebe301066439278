//! Sets a template with its sample data, for whoever edits templates:
//! `cargo run -p documents --example preview -- FOLDER/NAME.typ FOLDER/sample.json OUT.pdf`
//!
//! `qr.svg` is made here; every other file that lies in the template's folder can be read by it.

use std::error::Error;
use std::fs;
use std::path::Path;

use documents::{Identity, Manuscript, Typesetter, qr_svg};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [template, sample, out] = arguments.as_slice() else {
        return Err("usage: preview TEMPLATE.typ SAMPLE.json OUT.pdf".into());
    };
    let data = serde_json::from_slice(&fs::read(sample)?)?;
    let qr = qr_svg("http://127.0.0.1:8080/v/4320235823019479?k=7C4E19A2D05B8F36")?;
    let mut named = vec![("qr.svg".to_owned(), qr.into_bytes())];
    let folder = Path::new(template).parent().unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        named.push((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?));
    }
    let files: Vec<(&str, Vec<u8>)> =
        named.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
    let source = fs::read_to_string(template)?;
    let manuscript = Manuscript { template: &source, data: &data, files: &files };
    let identity = Identity { ident: "preview", made_at: "2026-11-23T10:00:00+08:00".parse()? };
    let pdf = Typesetter::load()?.pdf(&manuscript, &identity)?;
    fs::write(out, pdf)?;
    Ok(())
}
