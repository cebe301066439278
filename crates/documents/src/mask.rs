//! Which of the eight masks a QR code takes: the one with the fewest penalty points (ISO/IEC 18004, 7.8.3). The points are
//! counted on lines of bits, a word of modules at a time: counted module by module they were a sixth of the time of a
//! certificate.

use std::collections::BTreeMap;
use std::ops::{BitAnd, BitOr, BitXor, Not};
use std::sync::{Arc, Mutex, PoisonError};

use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, Version};

/// Error level M survives a stamp's smudge or a fold and keeps the modules large enough to scan
/// from a copy.
pub(crate) const LEVEL: EcLevel = EcLevel::M;

/// In the standard's order: of masks with the same points the first is taken.
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// The modules of a code under its best mask, row by row: all fixed patterns and the data are drawn, no mask yet.
pub(crate) fn best(drawn: Canvas, version: Version) -> Vec<Color> {
    let blank = Blank::of(version);
    let data = Square::of(&drawn.into_colors()).with(&blank.plain);
    let codes = blank.masked.iter().map(|mask| data.with(mask));
    codes.min_by_key(Square::points).map(|code| code.colors()).unwrap_or_default()
}

/// A code of a version without data.
struct Blank {
    plain: Square,
    /// Under each mask: its pattern where data stand, and what says which mask it is.
    masked: Vec<Square>,
}

/// The blank codes of the versions that were asked for, at most forty.
static BLANKS: Mutex<BTreeMap<i16, Arc<Blank>>> = Mutex::new(BTreeMap::new());

impl Blank {
    fn of(version: Version) -> Arc<Self> {
        let mut known = BLANKS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(version.width()).or_insert_with(|| Arc::new(Self::draw(version))))
    }

    fn draw(version: Version) -> Self {
        let mut canvas = Canvas::new(version, LEVEL);
        canvas.draw_all_functional_patterns();
        let masked = |mask: &MaskPattern| {
            let mut canvas = canvas.clone();
            canvas.apply_mask(*mask);
            Square::of(&canvas.into_colors())
        };
        Self { masked: MASKS.iter().map(masked).collect(), plain: Square::of(&canvas.clone().into_colors()) }
    }
}

/// The dark modules of a code, by rows and by columns.
struct Square {
    rows: Vec<Line>,
    columns: Vec<Line>,
}

impl Square {
    fn of(modules: &[Color]) -> Self {
        let width = modules.len().isqrt();
        let mut square = Self { rows: vec![], columns: vec![Line::default(); width] };
        for (y, modules) in modules.chunks(width).enumerate() {
            let (here, mut row) = (Line::bit(y), Line::default());
            for (x, (column, module)) in square.columns.iter_mut().zip(modules).enumerate() {
                if *module == Color::Dark {
                    row = row | Line::bit(x);
                    *column = *column | here;
                }
            }
            square.rows.push(row);
        }
        square
    }

    /// What is dark in one of the two.
    fn with(&self, other: &Self) -> Self {
        let either = |a: &[Line], b: &[Line]| a.iter().zip(b).map(|(a, b)| *a ^ *b).collect();
        Self { rows: either(&self.rows, &other.rows), columns: either(&self.columns, &other.columns) }
    }

    fn colors(&self) -> Vec<Color> {
        let color = |row: &Line, x: usize| {
            if *row & Line::bit(x) == Line::default() { Color::Light } else { Color::Dark }
        };
        self.rows.iter().flat_map(|row| (0..self.rows.len()).map(|x| color(row, x))).collect()
    }

    /// The penalty points, but for what all masks of a code have in common.
    fn points(&self) -> u32 {
        let width = self.rows.len();
        let all = Line::bit(width).minus_one();
        let lines = self.rows.iter().chain(&self.columns);
        lines.map(|line| runs(*line, all) + finders(*line, all)).sum::<u32>()
            + blocks(&self.rows, all)
            + balance(&self.rows, width)
    }
}

/// Five modules of a colour in a line and more: their number less two.
fn runs(line: Line, all: Line) -> u32 {
    // One for each module that the next one is like: five like modules are four such in a row.
    let like = alike(line, all);
    let four = like & like.later(1) & like.later(2) & like.later(3);
    let begins = four & !four.earlier(1);
    four.ones() + 2 * begins.ones()
}

/// Two by two modules of a colour: three points each.
fn blocks(rows: &[Line], all: Line) -> u32 {
    let pairs = rows.iter().zip(rows.iter().skip(1));
    3 * pairs.map(|(a, b)| (alike(*a, all) & alike(*b, all) & !(*a ^ *b)).ones()).sum::<u32>()
}

/// What looks like a finder's line, `#.###.#`, with four light modules on one side: forty points each. Light is also what
/// lies outside.
fn finders(line: Line, all: Line) -> u32 {
    let light = !line & all;
    let found = line
        & light.later(1)
        & line.later(2)
        & line.later(3)
        & line.later(4)
        & light.later(5)
        & line.later(6);
    let before = line.earlier(1) | line.earlier(2) | line.earlier(3) | line.earlier(4);
    let after = line.later(7) | line.later(8) | line.later(9) | line.later(10);
    40 * (found & !(before & after)).ones()
}

/// How far the dark modules are from a half, in two hundredths.
fn balance(rows: &[Line], width: usize) -> u32 {
    let dark: u32 = rows.iter().map(|row| row.ones()).sum();
    let whole = u32::try_from(width * width).unwrap_or(u32::MAX).max(1);
    (dark * 200 / whole).abs_diff(100)
}

/// The modules that are as the next one is.
fn alike(line: Line, all: Line) -> Line {
    !(line ^ line.later(1)) & all.later(1)
}

/// A line of at most 177 modules, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line(u128, u128);

impl Line {
    fn bit(place: usize) -> Self {
        match place.checked_sub(128) {
            None => Self(1 << place, 0),
            Some(place) => Self(0, 1 << place),
        }
    }

    /// The bits below this one.
    fn minus_one(self) -> Self {
        let (low, borrowed) = self.0.overflowing_sub(1);
        Self(low, self.1.wrapping_sub(u128::from(borrowed)))
    }

    /// At each place what stands `n` places later; `n` from 1 to 127.
    fn later(self, n: u32) -> Self {
        Self(self.0 >> n | self.1 << (128 - n), self.1 >> n)
    }

    /// At each place what stands `n` places earlier; `n` from 1 to 127.
    fn earlier(self, n: u32) -> Self {
        Self(self.0 << n, self.1 << n | self.0 >> (128 - n))
    }

    fn ones(self) -> u32 {
        self.0.count_ones() + self.1.count_ones()
    }
}

impl BitAnd for Line {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }
}

impl BitOr for Line {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1)
    }
}

impl BitXor for Line {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0, self.1 ^ other.1)
    }
}

impl Not for Line {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}
