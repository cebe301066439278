//! The fonts documents are set in: always the same faces in the same order, so that a document does
//! not change with what else is installed. A face is read when it is first used and kept.
//!
//! Noto's faces stand here twice: whole, and cut down to the characters of everyday writing (see `everyday`) as the family
//! that is called `Everyday` behind its name. A template that is set ten thousand times names both, the cut one first.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use typst::foundations::Bytes;
use typst::text::{Coverage, Font, FontBook, FontInfo};
use typst::utils::LazyHash;

use crate::TypesetError;
use crate::everyday;

/// The families in the order in which a character is looked for. HanaMin and BabelStone Han bring
/// the rare characters of personal names that Noto lacks.
pub(crate) const FAMILIES: [&str; 4] = ["Noto Serif CJK SC", "HanaMinA", "HanaMinB", "BabelStone Han"];

const NOTO: &str = "fonts-noto-cjk";
const HANA: &str = "fonts-hanazono";
const BABEL: &str = "fonts-babelstone-han";

const FACES: [Face; 7] = [
    Face::new(NOTO, "opentype/noto/NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC"),
    Face::new(NOTO, "opentype/noto/NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC"),
    Face::new(NOTO, "opentype/noto/NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
    Face::new(NOTO, "opentype/noto/NotoSansCJK-Bold.ttc", "Noto Sans CJK SC"),
    Face::new(HANA, "truetype/hanazono/HanaMinA.ttf", "HanaMinA"),
    Face::new(HANA, "truetype/hanazono/HanaMinB.ttf", "HanaMinB"),
    Face::new(BABEL, "truetype/babelstone/BabelStoneHan.ttf", "BabelStone Han"),
];

/// Where the simplified Chinese face stands in Noto's collections.
const SC: u32 = 2;

struct Face {
    package: &'static str,
    file: &'static str,
    family: &'static str,
}

impl Face {
    const fn new(package: &'static str, file: &'static str, family: &'static str) -> Self {
        Self { package, file, family }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from("/usr/share/fonts").join(self.file)
    }

    fn read(&self) -> Result<Vec<u8>, TypesetError> {
        let path = self.path();
        fs::read(&path).map_err(|error| TypesetError::font(self.package, path, &error))
    }

    /// The face's index in its file and what it covers.
    fn identify(&self, data: &[u8]) -> Result<(u32, FontInfo), TypesetError> {
        let of_family = |index| FontInfo::new(data, index).filter(|info| info.family == self.family);
        // SC first: reading the coverage of all ten faces of a collection would take ten times as long
        [SC].into_iter().chain(0..10).find_map(|index| of_family(index).map(|info| (index, info))).ok_or_else(
            || TypesetError::FontUnreadable {
                package: self.package,
                path: self.path(),
                reason: format!("it has no face {}", self.family),
            },
        )
    }
}

/// A face of the shelf with its place in its file.
struct Slot {
    face: &'static Face,
    index: u32,
    is_everyday: bool,
    font: OnceLock<Option<Font>>,
}

impl Slot {
    fn new(face: &'static Face, index: u32, is_everyday: bool) -> Self {
        Self { face, index, is_everyday, font: OnceLock::new() }
    }

    fn read(&self) -> Option<Font> {
        let data = self.face.read().ok()?;
        if self.is_everyday
            && let Some(cut) = everyday::cut(&data, self.index, &everyday::characters())
        {
            return Font::new(Bytes::new(cut), 0);
        }
        Font::new(Bytes::new(data), self.index)
    }
}

/// All fonts: what they cover is known, their outlines are read on first use.
pub(crate) struct Shelf {
    book: LazyHash<FontBook>,
    slots: Vec<Slot>,
}

static SHARED: OnceLock<Arc<Shelf>> = OnceLock::new();

impl Shelf {
    /// The shelf of the whole program: fonts are looked at once.
    pub(crate) fn shared() -> Result<Arc<Self>, TypesetError> {
        if let Some(shelf) = SHARED.get() {
            return Ok(Arc::clone(shelf));
        }
        let opened = Arc::new(Self::open()?);
        Ok(Arc::clone(SHARED.get_or_init(|| opened)))
    }

    /// Looks at every face once; a missing one names its package.
    fn open() -> Result<Self, TypesetError> {
        let mut book = FontBook::new();
        let mut slots = Vec::with_capacity(2 * FACES.len());
        let everyday: Vec<u32> = everyday::characters().into_iter().map(u32::from).collect();
        for face in &FACES {
            let (index, info) = face.identify(&face.read()?)?;
            if face.package == NOTO {
                let has = everyday.iter().copied().filter(|c| info.coverage.contains(*c)).collect();
                let (family, coverage) = (format!("{} Everyday", info.family), Coverage::from_vec(has));
                book.push(FontInfo { family, coverage, ..info.clone() });
                slots.push(Slot::new(face, index, true));
            }
            book.push(info);
            slots.push(Slot::new(face, index, false));
        }
        Ok(Self { book: LazyHash::new(book), slots })
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        let slot = self.slots.get(index)?;
        slot.font.get_or_init(|| slot.read()).clone()
    }

    pub(crate) fn covers(&self, character: char) -> bool {
        let whole = self.slots.iter().enumerate().filter(|(_, slot)| !slot.is_everyday);
        whole
            .filter_map(|(index, _)| self.book.info(index))
            .any(|info| info.coverage.contains(u32::from(character)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_names_its_package() {
        let face = Face::new(HANA, "truetype/hanazono/none.ttf", "HanaMinA");
        let message = face.read().unwrap_err().to_string();
        assert!(message.contains("apt-get install fonts-hanazono"), "{message}");
    }
}
