//! Sealing a PDF: the place of a signature is added as an incremental update, so that not a byte of the typeset document
//! changes; then the signature over everything but its own place is filled in (ISO 32000-1, 12.8; PAdES).
use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::TypesetError;

/// What the signature's dictionary says.
#[derive(Debug, Clone, Copy)]
pub struct Sealing<'a> {
    /// Why: printable ASCII, readable in the file as it is.
    pub reason: &'a str,
    /// Who seals.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A PDF with an empty place for its signature.
#[derive(Debug)]
pub struct Unsealed {
    bytes: Vec<u8>,
    /// The hex digits between `<` and `>`.
    place: Range<usize>,
}

/// Room for a signature with its certificates, in bytes.
const ROOM: usize = 4096;

impl Unsealed {
    /// The two parts that are signed: all before and all after the signature's place.
    pub fn parts(&self) -> [&[u8]; 2] {
        let before = self.bytes.get(..self.place.start - 1).unwrap_or_default();
        [before, self.bytes.get(self.place.end + 1..).unwrap_or_default()]
    }

    /// The sealed PDF.
    pub fn fill(mut self, signature: &[u8]) -> Result<Vec<u8>, TypesetError> {
        if signature.len() > ROOM {
            return Err(TypesetError::Seal("the signature is larger than its place"));
        }
        let hex = signature.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
        let place = self.bytes.get_mut(self.place.clone()).unwrap_or_default();
        place.iter_mut().zip(hex).for_each(|(to, from)| *to = from);
        Ok(self.bytes)
    }
}

fn digit(nibble: u8) -> u8 {
    b"0123456789ABCDEF".get(usize::from(nibble)).copied().unwrap_or(b'0')
}

/// Adds the place of a signature to a PDF as Typst writes it.
pub fn prepare(pdf: Vec<u8>, sealing: &Sealing<'_>) -> Result<Unsealed, TypesetError> {
    let old = Old::read(&pdf)?;
    let (value, field) = (old.size, old.size + 1);
    let mut update = Update { bytes: pdf, places: BTreeMap::new(), range_at: 0 };
    if !update.bytes.ends_with(b"\n") {
        update.bytes.push(b'\n');
    }
    let catalog = inserted(&old.catalog, &format!("/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>"));
    update.object(old.root, &catalog);
    update.object(old.page_number, &with_annotation(&old.page, field));
    let widget = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V {value} 0 R/F 132/Rect[0 0 0 0]/P {} 0 R>>",
        old.page_number
    );
    update.object(field, &widget);
    let place = update.signature(value, sealing)?;
    update.finish(&old);
    Ok(Unsealed { bytes: update.bytes, place })
}

/// What has to be known of the PDF that is sealed.
struct Old {
    size: usize,
    root: usize,
    start: usize,
    /// `/Info … /ID[…]` as they stand.
    trailer: Vec<u8>,
    catalog: String,
    page_number: usize,
    page: String,
}

impl Old {
    fn read(pdf: &[u8]) -> Result<Self, TypesetError> {
        let odd = || TypesetError::Seal("the document is not as it is typeset here");
        let trailer_at = rfind(pdf, b"trailer").ok_or_else(odd)?;
        let end_at = rfind(pdf, b"startxref").ok_or_else(odd)?;
        let trailer = pdf.get(trailer_at..end_at).ok_or_else(odd)?;
        let start = number(pdf.get(end_at + 9..).ok_or_else(odd)?).ok_or_else(odd)?;
        let value = |key: &[u8]| find(trailer, key).and_then(|at| number(trailer.get(at + key.len()..)?));
        let (size, root) = (value(b"/Size").ok_or_else(odd)?, value(b"/Root").ok_or_else(odd)?);
        let xref = pdf.get(start..trailer_at).ok_or_else(odd)?;
        let object = |n: usize| -> Option<String> {
            // Twenty bytes an entry, after `xref`, a line of first and count.
            let head = find(xref, b"\r\n").map(|at| at + 2)? - 20;
            let offset = number(xref.get(head + n * 20..)?)?;
            let rest = pdf.get(offset..)?;
            let body = rest.get(find(rest, b"obj")? + 3..find(rest, b"endobj")?)?;
            Some(std::str::from_utf8(body).ok()?.trim().to_owned())
        };
        let catalog = object(root).ok_or_else(odd)?;
        let mut node = reference(&catalog, "/Pages").ok_or_else(odd)?;
        let mut page = object(node).ok_or_else(odd)?;
        // Down the page tree to the first page; the tree of a document here is a few levels deep.
        for _ in 0..16 {
            let Some(first) = reference(&page, "/Kids[") else { break };
            node = first;
            page = object(node).ok_or_else(odd)?;
        }
        let rest = find(trailer, b"/Info").and_then(|at| trailer.get(at..)).ok_or_else(odd)?;
        let rest = rest.get(..rfind(rest, b">>").ok_or_else(odd)?).ok_or_else(odd)?;
        Ok(Self { size, root, start, trailer: rest.to_vec(), catalog, page_number: node, page })
    }
}

/// The number of the object that a key refers to.
fn reference(dictionary: &str, key: &str) -> Option<usize> {
    let at = dictionary.find(key)? + key.len();
    number(dictionary.as_bytes().get(at..)?)
}

/// The decimal number that the bytes begin with, after spaces.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits: Vec<u8> =
        bytes.iter().copied().skip_while(u8::is_ascii_whitespace).take_while(u8::is_ascii_digit).collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|w| w == what)
}

/// The dictionary with more before its end.
fn inserted(dictionary: &str, more: &str) -> String {
    let head = dictionary.strip_suffix(">>").unwrap_or(dictionary);
    format!("{head}{more}>>")
}

fn with_annotation(page: &str, field: usize) -> String {
    match page.split_once("/Annots[") {
        Some((before, after)) => format!("{before}/Annots[{field} 0 R {after}"),
        None => inserted(page, &format!("/Annots[{field} 0 R]")),
    }
}

struct Update {
    bytes: Vec<u8>,
    /// Where each changed or new object stands.
    places: BTreeMap<usize, usize>,
    /// Where the byte range of the signature is written.
    range_at: usize,
}

impl Update {
    fn object(&mut self, number: usize, body: &str) {
        self.places.insert(number, self.bytes.len());
        self.bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }

    /// Writes the signature's dictionary with an empty place; answers the place.
    fn signature(&mut self, number: usize, s: &Sealing<'_>) -> Result<Range<usize>, TypesetError> {
        if !s.reason.bytes().all(|b| b.is_ascii_graphic() && !b"()\\".contains(&b)) {
            return Err(TypesetError::Seal("the reason is not plain"));
        }
        let at = Offset::constant(8).to_datetime(s.at).strftime("%Y%m%d%H%M%S").to_string();
        let head = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Name<{}>/M(D:{at}+08'00')/Reason({})/ByteRange",
            utf16_hex(s.by),
            s.reason
        );
        self.places.insert(number, self.bytes.len());
        self.bytes.extend(format!("{number} 0 obj\n{head}").bytes());
        self.range_at = self.bytes.len();
        let blank = byte_range(usize::MAX, usize::MAX, usize::MAX);
        self.bytes.extend(format!("{blank}/Contents<").bytes());
        let place = self.bytes.len()..self.bytes.len() + 2 * ROOM;
        self.bytes.resize(place.end, b'0');
        self.bytes.extend(b">>>\nendobj\n");
        Ok(place)
    }

    /// Writes the table and the trailer, then what the signature covers.
    fn finish(&mut self, old: &Old) {
        let range_at = self.range_at;
        let start = self.bytes.len();
        self.bytes.extend(b"xref\n0 1\n0000000000 65535 f\r\n");
        for (number, place) in std::mem::take(&mut self.places) {
            self.bytes.extend(format!("{number} 1\n{place:010} 00000 n\r\n").bytes());
        }
        let head = format!("trailer\n<</Size {}/Root {} 0 R/Prev {}", old.size + 2, old.root, old.start);
        self.bytes.extend(head.bytes());
        self.bytes.extend_from_slice(&old.trailer);
        self.bytes.extend(format!(">>\nstartxref\n{start}\n%%EOF\n").bytes());
        let blank = byte_range(usize::MAX, usize::MAX, usize::MAX);
        let before = range_at + blank.len() + "/Contents".len();
        let after = before + 2 * ROOM + 2;
        let range = byte_range(before, after, self.bytes.len() - after);
        let place = self.bytes.get_mut(range_at..range_at + blank.len()).unwrap_or_default();
        place.iter_mut().zip(range.bytes()).for_each(|(to, from)| *to = from);
    }
}

/// `[0 before after length]`, always as long.
fn byte_range(before: usize, after: usize, length: usize) -> String {
    let text = format!("[0 {before} {after} {length}]");
    format!("{text:<66}")
}

/// UTF-16 with its mark, in hex digits, as a PDF string.
fn utf16_hex(text: &str) -> String {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.map(|u| format!("{u:04X}")).collect()
}
