//! A face cut down to the characters of everyday writing. The whole faces hold 65,535 glyphs that share 57,000 pieces of
//! outlines; each document that embeds a few hundred glyphs walks all of these again, for each of its faces. The cut face
//! has outlines and widths and no rules for pairs of letters, which Chinese does not need.

use encoding_rs::GBK;
use subsetter::GlyphRemapper;
use ttf_parser::{Face, RawFace, Tag};

/// The three whose form the whole font's rules choose by their neighbours (between Han they are other glyphs): they stay
/// there.
const SHAPED: [char; 3] = ['"', '\'', '\u{2014}'];

/// The characters: ASCII and GB 2312, in the order of Unicode, each once.
pub(crate) fn characters() -> Vec<char> {
    // GBK writes GB 2312 in the same bytes.
    let cells = (0xA1..=0xF7_u8).flat_map(|row| (0xA1..=0xFE_u8).map(move |cell| [row, cell]));
    let national = cells.filter_map(|bytes| {
        let text = GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
        // Cells that GB 2312 left empty lead to places of private use.
        text.chars().next().filter(|c| !matches!(c, '\u{e000}'..='\u{f8ff}'))
    });
    let mut all: Vec<char> = (' '..='~').chain(national).filter(|c| !SHAPED.contains(c)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The face with these characters and nothing else, as a font file of its own: the same outlines and widths. None if the
/// font is not of the kind that Noto is (OpenType with CFF outlines).
pub(crate) fn cut(font: &[u8], index: u32, characters: &[char]) -> Option<Vec<u8>> {
    let face = Face::parse(font, index).ok()?;
    let mut glyphs = GlyphRemapper::new();
    let places: Vec<(char, u16)> =
        characters.iter().filter_map(|c| Some((*c, glyphs.remap(face.glyph_index(*c)?.0)))).collect();
    let outlines = subsetter::subset(font, index, &glyphs).ok()?;
    let mut tables = tables_of(&RawFace::parse(&outlines, 0).ok()?)?;
    if !tables.iter().any(|(tag, _)| tag == b"CFF ") {
        return None;
    }
    // What is for setting and not for embedding was left out: the names, the metrics and where characters stand.
    tables.retain(|(tag, _)| tag != b"name");
    for tag in [b"name", b"OS/2"] {
        tables.push((*tag, face.raw_face().table(Tag::from_bytes(tag))?.to_vec()));
    }
    tables.push((*b"cmap", character_map(&places)?));
    file_of(tables)
}

type Table = ([u8; 4], Vec<u8>);

fn tables_of(face: &RawFace<'_>) -> Option<Vec<Table>> {
    let table = |tag: Tag| Some((tag.to_bytes(), face.table(tag)?.to_vec()));
    face.table_records.into_iter().map(|record| table(record.tag)).collect()
}

/// A `cmap` table of format 12 (OpenType 1.9, `cmap`): runs of characters that follow each other, with glyphs that do too.
fn character_map(places: &[(char, u16)]) -> Option<Vec<u8>> {
    let follows = |a: &(char, u16), b: &(char, u16)| {
        u32::from(b.0) == u32::from(a.0) + 1 && u32::from(b.1) == u32::from(a.1) + 1
    };
    let mut runs = Vec::new();
    let mut count = 0_u32;
    for run in places.chunk_by(follows) {
        let (first, last) = (run.first()?, run.last()?);
        runs.extend(
            [u32::from(first.0), u32::from(last.0), u32::from(first.1)].map(u32::to_be_bytes).concat(),
        );
        count += 1;
    }
    // Version 0; one table: Windows, all of Unicode, 12 bytes on. Format 12; reserved; length; no language; runs.
    let mut map = [0_u16, 1, 3, 10, 0, 12, 12, 0].map(u16::to_be_bytes).concat();
    map.extend([16 + u32::try_from(runs.len()).ok()?, 0, count].map(u32::to_be_bytes).concat());
    map.extend(runs);
    Some(map)
}

/// An OpenType file of the tables (OpenType 1.9, Font tables). The sums in its directory stay zero: it never leaves memory,
/// and nobody reads them there.
fn file_of(mut tables: Vec<Table>) -> Option<Vec<u8>> {
    tables.sort_by_key(|(tag, _)| *tag);
    let count = u16::try_from(tables.len()).ok()?;
    let power = count.checked_ilog2()?;
    let range = 16_u16 << power;
    let mut file = b"OTTO".to_vec();
    file.extend(
        [count, range, u16::try_from(power).ok()?, count * 16 - range].map(u16::to_be_bytes).concat(),
    );
    let mut place = file.len() + 16 * tables.len();
    for (tag, table) in &tables {
        file.extend(tag);
        let (offset, length) = (u32::try_from(place).ok()?, u32::try_from(table.len()).ok()?);
        file.extend([0, offset, length].map(u32::to_be_bytes).concat());
        place += table.len().next_multiple_of(4);
    }
    for (_, table) in &tables {
        file.extend(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use ttf_parser::OutlineBuilder;

    use super::*;

    /// The numbers of an outline, one after the other.
    #[derive(Debug, Default, PartialEq)]
    struct Trace(Vec<f32>);

    impl OutlineBuilder for Trace {
        fn move_to(&mut self, x: f32, y: f32) {
            self.0.extend([x, y]);
        }

        fn line_to(&mut self, x: f32, y: f32) {
            self.0.extend([x, y]);
        }

        fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
            self.0.extend([x1, y1, x, y]);
        }

        fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
            self.0.extend([x1, y1, x2, y2, x, y]);
        }

        fn close(&mut self) {}
    }

    fn drawn(face: &Face<'_>, character: char) -> Option<(Trace, Option<u16>)> {
        let glyph = face.glyph_index(character)?;
        let mut trace = Trace::default();
        face.outline_glyph(glyph, &mut trace);
        Some((trace, face.glyph_hor_advance(glyph)))
    }

    #[test]
    fn a_cut_face_draws_its_characters_as_the_whole_one_does() {
        let font = std::fs::read("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc").unwrap();
        let all = characters();
        assert!(all.len() > 7_000 && all.contains(&'\u{738b}') && !all.contains(&'\u{4dae}'));
        let everyday: Vec<char> = all.into_iter().step_by(9).collect();
        let cut = cut(&font, 2, &everyday).unwrap();
        let (whole, small) = (Face::parse(&font, 2).unwrap(), Face::parse(&cut, 0).unwrap());
        for character in &everyday {
            let (seen, whole) = (drawn(&small, *character), drawn(&whole, *character));
            assert!(seen.is_some() && seen == whole, "{character:?}: {seen:?} {whole:?}");
        }
        assert_eq!((small.ascender(), small.descender()), (whole.ascender(), whole.descender()));
        assert_eq!(small.weight(), whole.weight());
        assert!(small.glyph_index('\u{4dae}').is_none(), "what is rare is not here");
    }
}
