//! QR codes as vector pictures.

use std::fmt::Write as _;

use qrcode::Color;
use qrcode::bits::encode_auto;
use qrcode::canvas::Canvas;
use qrcode::ec::construct_codewords;
use qrcode::types::QrError;

use crate::TypesetError;
use crate::mask::{self, LEVEL};

/// A QR code of `text` as SVG, without the quiet zone: the template leaves the white around it. Dark modules beside each
/// other are one line as thick as a module: in a document that weighs a third of their outlines, and programs that draw
/// pages set lines on whole pixels, so that a code of a printed page is read at lower resolutions too.
pub fn qr_svg(text: &str) -> Result<String, TypesetError> {
    let modules = modules(text).map_err(|error| TypesetError::Qr(error.to_string()))?;
    let width = modules.len().isqrt();
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String does not fail.
                let _ = write!(path, "M{x} {y}h{}", run.len());
            }
            x += run.len();
        }
    }
    // The lines run through the middle of their row; moved as a whole, their own numbers stay whole.
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{width}\" height=\"{width}\" fill=\"#fff\"/>\
         <path transform=\"translate(0 .5)\" d=\"{path}\" fill=\"none\" stroke=\"#000\"/></svg>"
    ))
}

/// The modules of the smallest code that holds the text, row by row.
fn modules(text: &str) -> Result<Vec<Color>, QrError> {
    let bits = encode_auto(text.as_bytes(), LEVEL)?;
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, LEVEL)?;
    let mut canvas = Canvas::new(version, LEVEL);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    Ok(mask::best(canvas, version))
}

#[cfg(test)]
mod tests {
    use qrcode::{EcLevel, QrCode};

    use super::*;

    #[test]
    fn a_code_is_a_square_of_modules() {
        let svg = qr_svg("https://example.cn/v/4320235823019479").unwrap();
        assert!(svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
    }

    #[test]
    fn too_much_text_is_refused() {
        assert!(matches!(qr_svg(&"x".repeat(5000)), Err(TypesetError::Qr(_))));
    }

    #[test]
    fn the_mask_is_the_one_that_the_standards_points_choose() {
        let texts = ["", "1", "https://example.cn/v/4320235823019479", "\u{57f9}\u{8bad}", &"7".repeat(1650)];
        let mut texts: Vec<String> = texts.map(str::to_owned).to_vec();
        let byte = |i: usize| char::from(b'0' + u8::try_from(i * i % 71).unwrap());
        texts.extend((1..24).map(|n| (0..n * 29).map(byte).collect()));
        for text in texts {
            let standard = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
            assert!(modules(&text).unwrap() == standard.to_colors(), "{text}");
        }
    }
}
