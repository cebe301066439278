//! The day that a file says it was made on: a PDF's creation date, a photograph's time of exposure. A hint for whoever
//! looks, never more: it is easily changed, and many files have none.

/// So many bytes are looked through from the beginning and from the end.
const LOOK: usize = 256 * 1024;

/// `YYYY-MM-DD`, if the data says one.
pub(crate) fn of(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(LOOK))?;
    let tail = bytes.get(bytes.len().saturating_sub(LOOK)..)?;
    pdf(head).or_else(|| pdf(tail)).or_else(|| exif(head))
}

/// `/CreationDate (D:20230601…)`.
fn pdf(bytes: &[u8]) -> Option<String> {
    let at = find(bytes, b"/CreationDate")?;
    let rest = bytes.get(at..at.saturating_add(64).min(bytes.len()))?;
    let at = find(rest, b"D:")?;
    day(rest.get(at + 2..at + 10)?, &[])
}

/// EXIF writes `2023:06:01 09:30:00`.
fn exif(bytes: &[u8]) -> Option<String> {
    if !bytes.starts_with(b"\xff\xd8") || find(bytes, b"Exif").is_none() {
        return None;
    }
    let is_time = |w: &&[u8]| w.get(4) == Some(&b':') && w.get(7) == Some(&b':') && w.get(10) == Some(&b' ');
    bytes.windows(11).filter(is_time).find_map(|w| day(w.get(..10)?, &[4, 7]))
}

/// A day of eight digits, with separators at these places.
fn day(text: &[u8], separators: &[usize]) -> Option<String> {
    let digits =
        text.iter().enumerate().filter(|(n, _)| !separators.contains(n)).map(|(_, b)| char::from(*b));
    let digits: String = digits.collect();
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let text = format!("{}-{}-{}", digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?);
    text.parse::<base::Day>().ok().map(|d| d.to_string())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_pdf_and_a_photograph_tell_their_day_and_others_tell_none() {
        assert_eq!(
            of(b"%PDF-1.4 << /CreationDate (D:20230601093000+08'00') >>").as_deref(),
            Some("2023-06-01")
        );
        assert_eq!(of(b"\xff\xd8\xff\xe1..Exif..2023:06:02 09:30:00").as_deref(), Some("2023-06-02"));
        for none in [&b"%PDF-1.4"[..], b"/CreationDate (D:20231301)", b"2023:06:02 09:30:00", b""] {
            assert_eq!(of(none), None);
        }
    }
}
