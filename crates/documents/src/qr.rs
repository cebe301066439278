//! QR codes as vector pictures.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::TypesetError;

/// A QR code of `text` as SVG, without the quiet zone: the template leaves the white around it. Dark modules beside each
/// other are one rectangle: in a document the paths of a code with thousands of modules weigh half as much so.
///
/// Error level M survives a stamp's smudge or a fold and keeps the modules large enough to scan
/// from a copy.
pub fn qr_svg(text: &str) -> Result<String, TypesetError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| TypesetError::Qr(error.to_string()))?;
    let (width, modules) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                // Writing to a String does not fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{width}\" height=\"{width}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
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
