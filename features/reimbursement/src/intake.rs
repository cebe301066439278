//! Taking in an electronic invoice: kept as a voucher, and read.
use base::{Error, PersonId, Result};
use site::{Site, UploadedFile};

use crate::{einvoice::Original, submit};

/// An invoice that was read, with its file.
pub(crate) struct Taken {
    pub file: String,
    pub original: Original,
}

/// Keeps the upload and reads it; a kind that no program reads is refused.
pub(crate) async fn take(site: &Site, person: PersonId, file: UploadedFile) -> Result<Taken> {
    let bytes = file.bytes.clone();
    let (kind, stored) = files::accept_voucher(site, person, file).await?;
    let original = submit::read_original(kind, &bytes)
        .ok_or_else(|| Error::invalid("file", "invoice_kind"))?
        .map_err(|unusable| Error::invalid("file", unusable.code()))?;
    Ok(Taken { file: stored.id, original })
}
