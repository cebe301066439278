//! Images are drawn anew: what is kept has the same pixels and nothing else, no EXIF, no place, no hidden second file
//! (security item 39).
use std::{io::Cursor, sync::LazyLock};

use base::{Error, Result};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder};
use tokio::sync::Semaphore;

use crate::Kind;

/// The most pixels that are decoded.
const MOST_PIXELS: u64 = 40_000_000;
/// The most bytes that a decoder may take.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
const JPEG_QUALITY: u8 = 88;

/// Images decoded at a time: each may take hundreds of megabytes.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// The bytes to keep: documents as they are, an image drawn anew.
pub(crate) async fn clean(kind: Kind, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let format = match kind {
        Kind::Pdf | Kind::Xml | Kind::Ofd => return Ok(bytes),
        Kind::Jpg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
    };
    let _turn = TURNS.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || redraw(&bytes, format)).await.map_err(Error::internal)?
}

fn redraw(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>> {
    let damaged = |_| Error::invalid("file", "file_damaged");
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Error::invalid("file", "file_pixels"));
    }
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    let mut out = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
        picture.to_rgb8().write_with_encoder(encoder).map_err(Error::internal)?;
    } else {
        picture.write_to(&mut out, format).map_err(Error::internal)?;
    }
    Ok(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg_with_exif() -> Vec<u8> {
        let mut plain = Cursor::new(vec![]);
        DynamicImage::new_rgb8(8, 6).write_to(&mut plain, ImageFormat::Jpeg).unwrap();
        let plain = plain.into_inner();
        let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS 28.2 112.9";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat()
    }

    #[test]
    fn item_39_a_photograph_loses_its_place_and_whatever_hangs_behind_it() {
        let with_tail = [jpeg_with_exif(), b"PK\x03\x04 <script>".to_vec()].concat();
        let kept = redraw(&with_tail, ImageFormat::Jpeg).unwrap();
        for gone in [&b"Exif"[..], b"GPS", b"PK", b"<script"] {
            assert!(!kept.windows(gone.len()).any(|w| w == gone));
        }
        let picture = image::load_from_memory(&kept).unwrap();
        assert_eq!((picture.width(), picture.height()), (8, 6));
        assert_eq!(
            kept,
            redraw(&with_tail, ImageFormat::Jpeg).unwrap(),
            "the same upload is kept as the same bytes"
        );
    }

    #[test]
    fn more_than_forty_million_pixels_are_not_decoded() {
        let mut header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        header.extend(10_000_u32.to_be_bytes());
        header.extend(10_000_u32.to_be_bytes());
        header.extend([8, 2, 0, 0, 0]);
        let sum = crc(&header[12..]);
        header.extend(sum.to_be_bytes());
        header.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let Err(Error::Refused(p)) = redraw(&header, ImageFormat::Png) else { panic!("decoded") };
        assert_eq!(p.fields[0].code, "file_pixels");
        assert!(redraw(b"\x89PNG\r\n\x1a\nrubbish", ImageFormat::Png).is_err());
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |c, b| {
            (0..8).fold(c ^ u32::from(*b), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
        })
    }
}
