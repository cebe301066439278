//! QR codes as vector pictures.

use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

use crate::TypesetError;

/// A QR code of `text` as SVG, without the quiet zone: the template leaves the white around it.
///
/// Error level M survives a stamp's smudge or a fold and keeps the modules large enough to scan
/// from a copy.
pub fn qr_svg(text: &str) -> Result<String, TypesetError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| TypesetError::Qr(error.to_string()))?;
    Ok(code
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
    fn too_much_text_is_refused() {
        assert!(matches!(qr_svg(&"x".repeat(5000)), Err(TypesetError::Qr(_))));
    }
}
