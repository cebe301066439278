//! Reading the words of a foreign PDF with their places. Nothing is drawn, and no font, file or network is looked for
//! outside of the bytes. A file that cannot be read gives nothing.
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_cmap::BfString;
use hayro_interpret::font::Glyph;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, TransformExt, interpret_page,
};
use hayro_syntax::Pdf;
use kurbo::{Affine, BezPath, Point, Rect};

/// Letters that follow one another on a line without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Its letters.
    pub text: String,
    /// Where it begins, in points from the left.
    pub x: f64,
    /// Its base line, in points from the top of the first page, pages below one another.
    pub y: f64,
    /// Where it ends.
    pub end: f64,
}

/// At most so many pages are read.
const MOST_PAGES: usize = 4;
/// At most so many letters: an invoice has some hundreds.
const MOST_LETTERS: usize = 20_000;
/// Pages are put so far below one another.
const PAGE: f64 = 10_000.0;

/// The words of a PDF, line by line from the top, each line from the left. Blocking; a parser's panic is caught, since
/// the bytes are a stranger's.
pub fn read_words(pdf: &[u8]) -> Option<Vec<Word>> {
    let bytes = pdf.to_vec();
    catch_unwind(AssertUnwindSafe(move || letters(bytes))).ok().flatten().map(words)
}

/// A letter and where it stands.
struct Letter {
    text: String,
    x: f64,
    y: f64,
    width: f64,
}

fn letters(bytes: Vec<u8>) -> Option<Vec<Letter>> {
    let pdf = Pdf::new(bytes).ok()?;
    let cache = InterpreterCache::new();
    let mut all = vec![];
    for (n, page) in pdf.pages().iter().take(MOST_PAGES).enumerate() {
        let (width, height) = page.render_dimensions();
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let settings = InterpreterSettings { render_annotations: false, ..InterpreterSettings::default() };
        let mut context =
            Context::new(page.initial_transform(true).to_kurbo(), bounds, &cache, pdf.xref(), settings);
        let mut reader = Reader { letters: vec![], below: PAGE * f64::from(u32::try_from(n).unwrap_or(0)) };
        interpret_page(page, &mut context, &mut reader);
        all.append(&mut reader.letters);
    }
    (all.len() < MOST_LETTERS).then_some(all)
}

struct Reader {
    letters: Vec<Letter>,
    below: f64,
}

impl<'a> Device<'a> for Reader {
    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'a>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'a>,
        _: &GlyphDrawMode,
    ) {
        if self.letters.len() >= MOST_LETTERS {
            return;
        }
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(s)) => s,
            None => '\u{fffd}'.to_string(),
        };
        let place = transform * glyph_transform;
        let advance = match glyph {
            Glyph::Outline(g) => g.advance_width().map_or(1000.0, f64::from),
            Glyph::Type3(_) => 1000.0,
        };
        let (from, to) = (place * Point::ZERO, place * Point::new(advance, 0.0));
        self.letters.push(Letter { text, x: from.x, y: from.y + self.below, width: (to.x - from.x).abs() });
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'a>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Lines by their base line, letters of a line by their place; a gap wider than half of the wider letter beside it parts words
/// (a quarter of an em is set between Han characters and figures).
fn words(mut letters: Vec<Letter>) -> Vec<Word> {
    letters.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut lines: Vec<Vec<Letter>> = vec![];
    for letter in letters {
        match lines.last_mut() {
            Some(line) if line.last().is_some_and(|l| letter.y - l.y < 2.5) => line.push(letter),
            _ => lines.push(vec![letter]),
        }
    }
    lines.into_iter().flat_map(of_line).collect()
}

fn of_line(mut line: Vec<Letter>) -> Vec<Word> {
    line.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut words: Vec<Word> = vec![];
    let mut before: f64 = 3.0;
    for letter in line {
        let least = 0.5 * letter.width.max(before).max(3.0);
        before = letter.width;
        let end = letter.x + letter.width;
        let is_blank = letter.text.trim().is_empty();
        match words.last_mut() {
            Some(word) if letter.x - word.end < least => {
                word.text.push_str(&letter.text);
                word.end = end.max(word.end);
            }
            _ if is_blank => {}
            _ => words.push(Word { text: letter.text, x: letter.x, y: letter.y, end }),
        }
    }
    for word in &mut words {
        word.text = word.text.trim().to_owned();
    }
    words
}
