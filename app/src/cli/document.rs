//! `xueshi document preview`: a document's template with its sample data, for whoever edits templates.
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Subcommand;
use documents::{Identity, Manuscript, Typesetter, qr_svg};

use super::{Done, Fault, print_line};

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
    /// Print made-up certificates, signatures included, into one ZIP on all cores: how fast is it here?
    Batch {
        /// How many.
        #[arg(long, default_value_t = 10_000)]
        count: usize,
        /// Where to write the ZIP.
        #[arg(long, default_value = "certificates.zip")]
        out: PathBuf,
    },
    /// Print one made-up certificate after another on one core, signatures included.
    Bench {
        /// How many are measured, after as many again to warm up, at most 50.
        #[arg(long, default_value_t = 200)]
        count: usize,
    },
}

/// Kind, template, sample.
fn kinds() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut all: Vec<_> = certificates::TEMPLATES.iter().map(|t| (t.kind, t.source, t.sample)).collect();
    all.push(("reimbursement", reimbursement::TEMPLATE, reimbursement::SAMPLE));
    all.push(("activation", activation::TEMPLATE, activation::SAMPLE));
    all.push(("paper", papers::TEMPLATE, papers::SAMPLE));
    all.push(("check", personnel::TEMPLATE, personnel::SAMPLE));
    all.push(("statistics", statistics::TEMPLATE, statistics::SAMPLE));
    all
}

pub(super) fn run(document: &Document) -> Done {
    match document {
        Document::Preview { kind, out, data } => preview(kind, out, data.as_ref()),
        Document::Batch { count, out } => batch(*count, out),
        Document::Bench { count } => bench(*count),
    }
}

/// A press and a key of its own, away from any installation.
fn press() -> Result<(certificates::Press, Arc<dyn secrets::SealKey>), Fault> {
    let folder = std::env::temp_dir().join(secrets::fresh_token(&base::SystemRandom));
    secrets::authority::create(
        &folder,
        ("Trial", secrets::Suite::default()),
        AT.parse()?,
        &base::SystemRandom,
    )?;
    let key = secrets::authority::open(&folder)?.ok_or_else(|| Fault("no key".to_owned()))?;
    std::fs::remove_dir_all(&folder)?;
    Ok((certificates::Press::new(Typesetter::load()?), Arc::new(key)))
}

const AT: &str = "2026-11-23T10:00:00+08:00";

/// Progress on stderr, one JSON line on stdout.
#[expect(clippy::print_stderr, reason = "the terminal is where a command tells its progress")]
fn batch(count: usize, out: &std::path::Path) -> Done {
    let (press, key) = press()?;
    let begin = Instant::now();
    let tell = |done: usize| eprintln!("{done} / {count}");
    let bytes = certificates::trial::into_archive((&press, &key), (count, out), AT.parse()?, tell)?;
    let (took, whole) = (begin.elapsed().max(Duration::from_millis(1)), u128::try_from(count).unwrap_or(0));
    let line = serde_json::json!({
        "count": count, "seconds": took.as_secs_f64(), "per_second": u64::try_from(whole * 1000 / took.as_millis())?,
        "bytes_each": u128::from(bytes) / whole.max(1), "peak_mib": peak_mib(),
    });
    print_line(&line.to_string())?;
    Ok(())
}

fn bench(count: usize) -> Done {
    let (press, key) = press()?;
    let mut ticks = Vec::with_capacity(count + 1);
    let sizes = (count.min(50), count);
    let size =
        certificates::trial::one_by_one((&press, &key), sizes, AT.parse()?, || ticks.push(Instant::now()))?;
    let mut micros: Vec<u128> =
        ticks.iter().zip(ticks.iter().skip(1)).map(|(a, b)| b.duration_since(*a).as_micros()).collect();
    micros.sort_unstable();
    let at = |percent: usize| micros.get(micros.len() * percent / 100).copied().unwrap_or(0);
    let mean = micros.iter().sum::<u128>() / u128::try_from(micros.len().max(1))?;
    let line = serde_json::json!({"count": count, "us_mean": mean, "us_p50": at(50), "us_p95": at(95), "bytes": size});
    print_line(&line.to_string())?;
    Ok(())
}

/// The most memory that the process held, as Linux counts it.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

fn preview(kind: &str, out: &std::path::Path, data: Option<&PathBuf>) -> Done {
    let all = kinds();
    let Some((_, template, sample)) = all.iter().find(|(name, ..)| *name == kind) else {
        let names: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
        return Err(Fault(format!("{kind} is no kind of document: {}", names.join(", "))));
    };
    let text = match data {
        Some(file) => std::fs::read_to_string(file).map_err(|e| Fault(format!("{}: {e}", file.display())))?,
        None => (*sample).to_owned(),
    };
    let data = serde_json::from_str(&text)?;
    let mut files = certificates::shared_files();
    // As long as that of a certificate with its ledger proof.
    let address =
        format!("http://127.0.0.1:8080/verify/4320235823019479?s={}#{}", "A".repeat(86), "7".repeat(1650));
    files.push(("qr.svg", qr_svg(&address)?.into_bytes()));
    let manuscript = Manuscript { template, data: &data, files: &files };
    let identity = Identity { ident: "preview", made_at: "2026-11-23T10:00:00+08:00".parse()? };
    std::fs::write(out, Typesetter::load()?.pdf(&manuscript, &identity)?)?;
    Ok(())
}
