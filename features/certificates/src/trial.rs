//! The press under load with made-up certificates, for whoever wants to know how fast it is here: no database is needed.
use std::{path::Path, sync::Arc};

use base::{Instant, Result};
use secrets::SealKey;

use crate::{
    Press,
    archive::{self, Archive},
    document::Sheet,
};

/// So many are set before they are written.
const PAGE: usize = 500;

/// Prints `count` certificates, signatures included, into one ZIP; `tell` hears after each page how many are done.
/// Blocking. The answer is the bytes of all PDFs.
pub fn into_archive(
    (press, key): (&Press, &Arc<dyn SealKey>),
    (count, path): (usize, &Path),
    at: Instant,
    mut tell: impl FnMut(usize),
) -> Result<u64> {
    let mut archive = Archive::create(path)?;
    let (mut done, mut bytes) = (0, 0);
    while done < count {
        let until = count.min(done + PAGE);
        let sheets: Vec<Sheet> = (done..until).map(|n| Sheet::sample(n, at)).collect();
        for (n, pdf) in archive::set_all(press, key, &sheets, archive::cores())?.iter().enumerate() {
            archive.add(&format!("{:05}.pdf", done + n + 1), pdf)?;
            bytes += pdf.len() as u64;
        }
        done = until;
        tell(done);
    }
    archive.finish()?;
    Ok(bytes)
}

/// Prints one certificate after another on this thread, `warm_up` of them before; `tick` is called around each.
pub fn one_by_one(
    (press, key): (&Press, &Arc<dyn SealKey>),
    (warm_up, count): (usize, usize),
    at: Instant,
    mut tick: impl FnMut(),
) -> Result<usize> {
    for n in 0..warm_up {
        press.set(&Sheet::sample(n, at), &**key)?;
    }
    let mut size = 0;
    tick();
    for n in warm_up..warm_up + count {
        size = press.set(&Sheet::sample(n, at), &**key)?.len();
        tick();
    }
    Ok(size)
}
