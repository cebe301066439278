//! Taking in an invoice: kept as a voucher, and read where it can be.
use base::{Error, PersonId, Result};
use site::{Site, UploadedFile};

use crate::{
    einvoice::{self, Guess, Original, Unusable},
    submit,
};

/// An invoice's file, with what was read from it: where a person has to look, no more than a guess.
pub(crate) struct Taken {
    pub file: String,
    pub original: Option<Original>,
    pub guess: Guess,
}

/// Keeps the upload and reads it. What is no invoice, takes one back or was edited is refused; a scan, and a PDF that
/// does not read for sure, are kept for people to look at.
pub(crate) async fn take(site: &Site, person: PersonId, file: UploadedFile) -> Result<Taken> {
    let (bytes, for_guess) = (file.bytes.clone(), file.bytes.clone());
    let (kind, stored) = files::accept_voucher(site, person, file).await?;
    let original = match submit::read_original(kind, bytes).await? {
        Some(Ok(original)) => Some(original),
        None | Some(Err(Unusable::Uncertain)) => None,
        Some(Err(unusable)) => return Err(Error::invalid("file", unusable.code())),
    };
    let guess = match (kind, &original) {
        (files::Kind::Pdf, None) => {
            let guess = move || einvoice::guess_pdf(&for_guess);
            tokio::task::spawn_blocking(guess).await.map_err(Error::internal)?
        }
        _ => Guess::default(),
    };
    Ok(Taken { file: stored.id, original, guess })
}
