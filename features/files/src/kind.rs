//! What a file is: content, extension and declared type must agree (security item 37). Pure.
use base::{Error, Result};

/// The kinds of evidence that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// PDF
    Pdf,
    /// JPEG
    Jpg,
    /// PNG
    Png,
    /// An electronic invoice's data.
    Xml,
    /// An electronic invoice's document (GB/T 33190).
    Ofd,
}

impl base::person::Code for Kind {}

impl Kind {
    /// The media type that it is served as.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Xml => "application/xml",
            Self::Ofd => "application/ofd",
        }
    }

    /// Whether browsers draw it in a page.
    pub fn is_image(self) -> bool {
        matches!(self, Self::Jpg | Self::Png)
    }

    /// Whether it is taken as an accounting voucher only, not as evidence that people look at.
    pub fn is_voucher(self) -> bool {
        matches!(self, Self::Xml | Self::Ofd)
    }

    fn of_content(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'P', b'K', 3, 4, ..] => Some(Self::Ofd),
            _ if begins_as_xml(bytes) => Some(Self::Xml),
            _ => None,
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "jpg" | "jpeg" => Some(Self::Jpg),
            "png" => Some(Self::Png),
            "xml" => Some(Self::Xml),
            "ofd" => Some(Self::Ofd),
            _ => None,
        }
    }

    /// `Ok(None)` where nothing was declared: programs often send a file as mere bytes.
    fn of_declared(declared: &str) -> Result<Option<Self>, ()> {
        match declared.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
            "" | "application/octet-stream" => Ok(None),
            "application/pdf" => Ok(Some(Self::Pdf)),
            "image/jpeg" | "image/jpg" => Ok(Some(Self::Jpg)),
            "image/png" => Ok(Some(Self::Png)),
            "text/xml" | "application/xml" => Ok(Some(Self::Xml)),
            "application/ofd" | "application/zip" | "application/x-zip-compressed" => Ok(Some(Self::Ofd)),
            _ => Err(()),
        }
    }
}

fn begins_as_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.starts_with(b"<?xml") || text.starts_with(b"<EInvoice")
}

/// The kind on which content, extension and declared type agree.
pub(crate) fn agreed(name: &str, declared: Option<&str>, bytes: &[u8]) -> Result<Kind> {
    if is_heic(bytes) {
        return Err(Error::invalid("file", "file_heic"));
    }
    let kind = Kind::of_content(bytes);
    // Many kinds are ZIP or XML inside: only what is called an invoice's file may be one.
    let Some(kind) = kind.filter(|k| !k.is_voucher() || Kind::of_name(name) == Some(*k)) else {
        return Err(Error::invalid("file", "file_kind"));
    };
    let by_declaration = Kind::of_declared(declared.unwrap_or(""));
    if Kind::of_name(name) != Some(kind) || by_declaration.map_or(true, |d| d.is_some_and(|d| d != kind)) {
        return Err(Error::invalid("file", "file_disagrees"));
    }
    if kind == Kind::Pdf {
        check_pdf(bytes)?;
    }
    Ok(kind)
}

/// Photographs of newer phones: an ISO container of the HEIF family.
fn is_heic(bytes: &[u8]) -> bool {
    let brand = bytes.get(4..12).unwrap_or_default();
    [&b"ftyphei"[..], b"ftyphev", b"ftypmif1", b"ftypmsf1"].iter().any(|b| brand.starts_with(b))
}

/// What makes a PDF act by itself or carry other files.
const ACTIVE: &[&[u8]] =
    &[b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm", b"/ImportData"];

/// What has no place in a PDF: the end of a ZIP, and what browsers would run.
const FOREIGN: &[&[u8]] = &[b"PK\x05\x06", b"<script", b"<?php", b"<svg"];

/// A PDF that is nothing else besides: it ends where it says, carries no script and no other file.
fn check_pdf(bytes: &[u8]) -> Result<()> {
    let refuse = |code| Err(Error::invalid("file", code));
    let Some(end) = rfind(bytes, b"%%EOF") else { return refuse("file_damaged") };
    let tail = bytes.get(end + 5..).unwrap_or_default();
    if tail.iter().any(|b| !b.is_ascii_whitespace() && *b != 0) {
        return refuse("file_polyglot");
    }
    if holds_any(bytes, FOREIGN) {
        return refuse("file_polyglot");
    }
    let is_active = holds_any(bytes, ACTIVE)
        || (bytes.contains(&b'#') && holds_any(&without_name_escapes(bytes), ACTIVE));
    if is_active {
        return refuse("file_active");
    }
    Ok(())
}

/// Whether one of the marks stands anywhere; each begins with a sign that is rare enough to look at closely.
fn holds_any(bytes: &[u8], marks: &[&[u8]]) -> bool {
    let is_at = |at: usize, mark: &[u8]| {
        bytes.get(at..at + mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark))
    };
    let may_begin = |b: u8| matches!(b, b'/' | b'<' | b'P' | b'p');
    let places = bytes.iter().enumerate().filter(|(_, b)| may_begin(**b));
    places.into_iter().any(|(at, _)| marks.iter().any(|mark| is_at(at, mark)))
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|w| w == what)
}

/// PDF names may spell a letter as `#4A`; this writes the letter.
fn without_name_escapes(bytes: &[u8]) -> Vec<u8> {
    let digit =
        |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let (b'#', Some(high), Some(low)) = (first, digit(after.first()), digit(after.get(1))) {
            out.push(high << 4 | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";

    fn code(name: &str, declared: &str, bytes: &[u8]) -> &'static str {
        match agreed(name, Some(declared), bytes) {
            Ok(_) => "ok",
            Err(Error::Refused(p)) => p.fields[0].code,
            Err(Error::Internal(_)) => "internal",
        }
    }

    #[test]
    fn item_37_content_extension_and_declared_type_must_agree() {
        let png = b"\x89PNG\r\n\x1a\n....";
        let cases: &[(&str, &str, &[u8], &str)] = &[
            ("a.pdf", "application/pdf", PDF, "ok"),
            ("A.PDF", "application/pdf; x=y", PDF, "ok"),
            ("a.pdf", "", PDF, "ok"),
            ("a.pdf", "application/octet-stream", PDF, "ok"),
            ("a.png", "image/png", png, "ok"),
            ("a.jpg", "image/jpeg", png, "file_disagrees"),
            ("a.pdf", "image/png", PDF, "file_disagrees"),
            ("a.pdf", "text/html", PDF, "file_disagrees"),
            ("a.html", "application/pdf", PDF, "file_disagrees"),
            ("pdf", "application/pdf", PDF, "file_disagrees"),
            ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
            ("a.html", "text/html", b"<!doctype html>", "file_kind"),
            ("a.docm", "application/zip", b"PK\x03\x04....", "file_kind"),
            ("a.xml", "text/xml", b"<?xml version='1.0'?><EInvoice/>", "ok"),
            ("a.ofd", "application/ofd", b"PK\x03\x04....", "ok"),
            ("a.svg", "image/svg+xml", b"<?xml version='1.0'?><svg/>", "file_kind"),
            ("a.xml", "text/html", b"<?xml version='1.0'?><EInvoice/>", "file_disagrees"),
            ("a.heic", "image/heic", b"\0\0\0\x18ftypheic\0\0\0\0", "file_heic"),
            ("a.jpg", "image/jpeg", b"\0\0\0\x18ftypmif1\0\0\0\0", "file_heic"),
            ("a.pdf", "application/pdf", b"", "file_kind"),
        ];
        for (name, declared, bytes, expected) in cases {
            assert_eq!(code(name, declared, bytes), *expected, "{name} {declared}");
        }
    }

    #[test]
    fn a_pdf_that_acts_or_is_something_else_besides_is_refused() {
        let with = |middle: &[u8], tail: &[u8]| [&b"%PDF-1.4\n"[..], middle, b"\n%%EOF\n", tail].concat();
        let cases: &[(&[u8], &[u8], &str)] = &[
            (b"<< /S /JavaScript /JS (app.alert(1)) >>", b"", "file_active"),
            (b"<< /S /J#61vaScript >>", b"", "file_active"),
            (b"<< /Type /EmbeddedFile >>", b"", "file_active"),
            (b"<< /S /Launch /F (cmd.exe) >>", b"", "file_active"),
            (b"<html><script>alert(1)</script>", b"", "file_polyglot"),
            (b"x", b"PK\x03\x04 and more", "file_polyglot"),
            (b"PK\x05\x06", b"", "file_polyglot"),
            (b"x", b"\r\n \0", "ok"),
        ];
        for (middle, tail, expected) in cases {
            assert_eq!(code("a.pdf", "application/pdf", &with(middle, tail)), *expected);
        }
        assert_eq!(code("a.pdf", "application/pdf", b"%PDF-1.4 and no end"), "file_damaged");
    }
}
