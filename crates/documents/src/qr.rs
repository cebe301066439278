//! QR codes: as vector pictures for pages, as small pictures of pixels for documents.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use qrcode::render::svg::Color;
use qrcode::{Color as Module, EcLevel, QrCode};

use crate::TypesetError;

/// A module is so many pixels wide, so that a viewer that smooths pictures blurs no more than an edge.
const PIXELS: usize = 4;

/// Error level M survives a stamp's smudge or a fold and keeps the modules large enough to scan from a copy.
fn code(text: &str) -> Result<QrCode, TypesetError> {
    QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| TypesetError::Qr(error.to_string()))
}

/// A QR code of `text` as PNG, without the quiet zone: the template leaves the white around it. Of a code with thousands of
/// modules the paths of a vector picture would be most of a document.
pub fn qr_png(text: &str) -> Result<Vec<u8>, TypesetError> {
    let code = code(text)?;
    let (width, modules) = (code.width(), code.to_colors());
    let mut pixels = Vec::with_capacity(width * width * PIXELS * PIXELS);
    for row in modules.chunks(width) {
        let line: Vec<u8> =
            row.iter().flat_map(|m| [if *m == Module::Dark { 0 } else { u8::MAX }; PIXELS]).collect();
        pixels.extend(line.repeat(PIXELS));
    }
    let side = u32::try_from(width * PIXELS).unwrap_or(u32::MAX);
    let mut png = vec![];
    PngEncoder::new(&mut png)
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .map_err(|error| TypesetError::Qr(error.to_string()))?;
    Ok(png)
}

/// A QR code of `text` as SVG, without the quiet zone: the template leaves the white around it.
pub fn qr_svg(text: &str) -> Result<String, TypesetError> {
    Ok(code(text)?
        .render::<Color<'_>>()
        .quiet_zone(false)
        .module_dimensions(1, 1)
        .dark_color(Color("#1d2433"))
        .light_color(Color("#ffffff"))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_of_modules() {
        let svg = qr_svg("https://example.cn/v/4320235823019479").unwrap();
        assert!(svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
    }

    #[test]
    fn a_picture_of_pixels_is_small_however_much_it_says() {
        let png = qr_png(&"7".repeat(2000)).unwrap();
        assert!(png.starts_with(b"\x89PNG") && png.len() < 12_000, "{}", png.len());
        assert_eq!(png, qr_png(&"7".repeat(2000)).unwrap(), "the same text gives the same bytes");
    }

    #[test]
    fn too_much_text_is_refused() {
        assert!(matches!(qr_svg(&"x".repeat(5000)), Err(TypesetError::Qr(_))));
    }
}
