//! `xueshi document preview`: a document's template with its sample data, for whoever edits templates.
use std::path::PathBuf;

use clap::Subcommand;
use documents::{Identity, Manuscript, Typesetter, qr_svg};

use super::{Done, Fault};

#[derive(Subcommand)]
pub(crate) enum Document {
    /// Set a kind of document with its sample data.
    Preview {
        /// Which kind; an unknown one lists them all.
        kind: String,
        /// Where to write the PDF.
        #[arg(long, default_value = "preview.pdf")]
        out: PathBuf,
        /// Other data, JSON, in the place of the sample.
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

/// Kind, template, sample.
fn kinds() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut all: Vec<_> = certificates::TEMPLATES.iter().map(|t| (t.kind, t.source, t.sample)).collect();
    all.push(("reimbursement", reimbursement::TEMPLATE, reimbursement::SAMPLE));
    all.push(("activation", activation::TEMPLATE, activation::SAMPLE));
    all.push(("check", personnel::TEMPLATE, personnel::SAMPLE));
    all.push(("statistics", statistics::TEMPLATE, statistics::SAMPLE));
    all
}

pub(super) fn run(Document::Preview { kind, out, data }: &Document) -> Done {
    let all = kinds();
    let Some((_, template, sample)) = all.iter().find(|(name, ..)| name == kind) else {
        let names: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
        return Err(Fault(format!("{kind} is no kind of document: {}", names.join(", "))));
    };
    let text = match data {
        Some(file) => std::fs::read_to_string(file).map_err(|e| Fault(format!("{}: {e}", file.display())))?,
        None => (*sample).to_owned(),
    };
    let data = serde_json::from_str(&text)?;
    let mut files = certificates::shared_files();
    files.push(("qr.svg", qr_svg("http://127.0.0.1:8080/verify/4320235823019479")?.into_bytes()));
    let manuscript = Manuscript { template, data: &data, files: &files };
    let identity = Identity { ident: "preview", made_at: "2026-11-23T10:00:00+08:00".parse()? };
    std::fs::write(out, Typesetter::load()?.pdf(&manuscript, &identity)?)?;
    Ok(())
}
