//! From a manuscript to PDF/A-2b or PNG pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;
use typst::foundations::{Datetime, Smart};
use typst::text::{FontFamily, FontList, TextElem};
use typst::utils::{LazyHash, Scalar};
use typst::{Library, LibraryExt as _};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp as PdfTimestamp};
use typst_render::RenderOptions;

use crate::TypesetError;
use crate::fonts::{FAMILIES, Shelf};
use crate::world::{Desk, Drawer};

/// After so many pages the intermediate results that no document has used since the last time are forgotten: often
/// enough for memory to stay bounded, seldom enough for the search not to cost more than it saves.
const SWEEP_PAGES: usize = 8;

/// A template with what it may read: `json("data.json")` and the files by their names.
#[derive(Debug, Clone, Copy)]
pub struct Manuscript<'a> {
    /// The Typst source.
    pub template: &'a str,
    /// What `json("data.json")` gives.
    pub data: &'a Value,
    /// Further files as name and content, e.g. `("qr.svg", …)`.
    pub files: &'a [(&'a str, Vec<u8>)],
}

/// What makes a PDF this document and no other. The same identity and manuscript give the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// A stable name of the document, e.g. its number and revision; only its hash is written.
    pub ident: &'a str,
    /// When the document was made, as its metadata shall say.
    pub made_at: Timestamp,
}

/// Sets manuscripts. Cheap to clone; the clones share fonts.
#[derive(Clone)]
pub struct Typesetter {
    inner: Arc<Inner>,
}

struct Inner {
    library: LazyHash<Library>,
    shelf: Arc<Shelf>,
    drawer: Drawer,
    /// How many pages were set.
    pages: AtomicUsize,
}

impl Typesetter {
    /// Finds the fonts; the error says which package to install.
    ///
    /// Blocking: about a tenth of a second of file reading.
    pub fn load() -> Result<Self, TypesetError> {
        let shelf = Shelf::shared()?;
        let mut library = Library::builder().build();
        let fonts = FAMILIES.iter().map(|family| FontFamily::new(family)).collect();
        library.styles.set(TextElem::font, FontList(fonts));
        let library = LazyHash::new(library);
        Ok(Self {
            inner: Arc::new(Inner {
                library,
                shelf,
                drawer: Drawer::default(),
                pages: AtomicUsize::default(),
            }),
        })
    }

    /// The manuscript as PDF/A-2b, tagged, with subset fonts.
    pub fn pdf(&self, manuscript: &Manuscript<'_>, identity: &Identity<'_>) -> Result<Vec<u8>, TypesetError> {
        let options = PdfOptions {
            ident: Smart::Custom(identity.ident.to_owned()),
            creator: Smart::Custom(None),
            timestamp: Some(pdf_time(identity.made_at)?),
            standards: PdfStandards::new(&[PdfStandard::A_2b])
                .map_err(|error| TypesetError::Template(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        self.set(manuscript, |desk, document| {
            typst_pdf::pdf(document, &options).map_err(|errors| TypesetError::template(desk, &errors))
        })
    }

    /// The manuscript's pages as PNG pictures.
    pub fn png(
        &self,
        manuscript: &Manuscript<'_>,
        pixels_per_point: f64,
    ) -> Result<Vec<Vec<u8>>, TypesetError> {
        let options = RenderOptions { pixel_per_pt: Scalar::new(pixels_per_point), render_bleed: false };
        self.set(manuscript, |_, document| {
            let draw = |page| typst_render::render(page, &options).encode_png();
            document
                .pages()
                .iter()
                .map(|page| draw(page).map_err(|error| TypesetError::Picture(error.to_string())))
                .collect()
        })
    }

    /// The characters of `text` that no font has, each once, in the order of the text.
    ///
    /// To be asked when a name is recorded: on paper such a character would be an empty box.
    pub fn missing_glyphs(&self, text: &str) -> Vec<char> {
        missing(&self.inner.shelf, text)
    }

    fn set<T>(
        &self,
        manuscript: &Manuscript<'_>,
        finish: impl FnOnce(&Desk<'_>, &PagedDocument) -> Result<T, TypesetError>,
    ) -> Result<T, TypesetError> {
        let inner = &*self.inner;
        let desk = Desk::lay_out((&inner.library, &inner.shelf, &inner.drawer), manuscript)?;
        let (pages, result) = match typst::compile::<PagedDocument>(&desk).output {
            Ok(document) => (document.pages().len(), finish(&desk, &document)),
            Err(errors) => (1, Err(TypesetError::template(&desk, &errors))),
        };
        self.sweep(pages);
        result
    }

    /// Forgets intermediate results that have become old, now that so many pages more are set.
    fn sweep(&self, pages: usize) {
        let before = self.inner.pages.fetch_add(pages, Ordering::Relaxed);
        if pages > SWEEP_PAGES {
            // What a long document leaves is large, and another one does not need it.
            comemo::evict(0);
        } else if before / SWEEP_PAGES != (before + pages) / SWEEP_PAGES {
            comemo::evict(1);
        }
    }
}

/// As [`Typesetter::missing_glyphs`], without a typesetter. Fonts are looked at only for characters that are not of
/// everyday writing.
///
/// Blocking the first time that it meets one: about a tenth of a second of file reading.
pub fn missing_glyphs(text: &str) -> Result<Vec<char>, TypesetError> {
    let is_everyday = |c: char| c.is_ascii() || matches!(c, '\u{b7}' | '\u{4e00}'..='\u{9fa5}');
    if text.chars().all(is_everyday) {
        return Ok(vec![]);
    }
    Ok(missing(&*Shelf::shared()?, text))
}

fn missing(shelf: &Shelf, text: &str) -> Vec<char> {
    let mut missing = Vec::new();
    for character in text.chars().filter(|character| !character.is_control()) {
        // What a font shows for a code of private use is that font's own affair (GBK's old places of rare characters).
        let is_private = matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
        if !missing.contains(&character) && (is_private || !shelf.covers(character)) {
            missing.push(character);
        }
    }
    missing
}

/// Beijing time, as everything printed in the documents.
fn pdf_time(at: Timestamp) -> Result<PdfTimestamp, TypesetError> {
    let local = Offset::constant(8).to_datetime(at);
    let part = |value: i8| u8::try_from(value).ok();
    let datetime = || {
        Datetime::from_ymd_hms(
            local.year().into(),
            part(local.month())?,
            part(local.day())?,
            part(local.hour())?,
            part(local.minute())?,
            part(local.second())?,
        )
    };
    datetime()
        .and_then(|datetime| PdfTimestamp::new_local(datetime, 8 * 60))
        .ok_or(TypesetError::Timestamp(at))
}
