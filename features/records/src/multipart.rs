//! `multipart/mixed` of RFC 2046, in which statements travel with the data of their attachments (Communication 1.5.2).

/// One part: its headers, names in lower case, and its bytes.
pub struct Part<'b> {
    headers: Vec<(String, String)>,
    /// The bytes.
    pub body: &'b [u8],
}

impl Part<'_> {
    /// The header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// The boundary of a content type.
pub fn boundary(content_type: &str) -> Option<String> {
    let is_named =
        |field: &&str| field.trim_start().get(..9).is_some_and(|n| n.eq_ignore_ascii_case("boundary="));
    let field = content_type.split(';').skip(1).find(is_named)?.trim();
    let value = field.get(9..)?.trim().trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then(|| value.to_owned())
}

/// Takes a body apart; the last part must be closed.
pub fn parse<'b>(body: &'b [u8], boundary: &str) -> Result<Vec<Part<'b>>, &'static str> {
    let dashed = format!("--{boundary}");
    let mut at = next_line(body, 0, dashed.as_bytes()).ok_or("the boundary is missing in the body")?.1;
    let mut parts = vec![];
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let (line_end, _) = line(body, at).ok_or("a boundary stands in a line of its own")?;
        let (end, after) =
            next_line(body, line_end, dashed.as_bytes()).ok_or("the last part is not closed")?;
        parts.push(part(body.get(line_end..end).unwrap_or_default())?);
        at = after;
    }
}

/// Where the next line begins after a place, and the line's text.
fn line(body: &[u8], from: usize) -> Option<(usize, &[u8])> {
    let rest = body.get(from..)?;
    let length = rest.iter().position(|b| *b == b'\n')?;
    let text = rest.get(..length)?;
    Some((from + length + 1, text.strip_suffix(b"\r").unwrap_or(text)))
}

/// Where the next line that begins with the dashed boundary stands: the end of what is before it without its line
/// break, and the place after the boundary.
fn next_line(body: &[u8], from: usize, dashed: &[u8]) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = body.get(at..)?;
        let follows = rest.get(dashed.len()).copied();
        let is_whole = matches!(follows, None | Some(b'-' | b'\r' | b'\n' | b' ' | b'\t'));
        if rest.starts_with(dashed) && is_whole && is_line_start(body, at) {
            let before = body.get(from..at).unwrap_or_default();
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            return Some((from + before.len(), at + dashed.len()));
        }
        at += rest.iter().position(|b| *b == b'\n')? + 1;
    }
}

fn is_line_start(body: &[u8], at: usize) -> bool {
    at == 0 || body.get(at - 1) == Some(&b'\n')
}

fn part(bytes: &[u8]) -> Result<Part<'_>, &'static str> {
    let mut headers = vec![];
    let mut at = 0;
    while let Some((next, text)) = line(bytes, at) {
        at = next;
        if text.is_empty() {
            return Ok(Part { headers, body: bytes.get(at..).unwrap_or_default() });
        }
        let text = std::str::from_utf8(text).map_err(|_| "a header of a part is no text")?;
        let (name, value) = text.split_once(':').ok_or("a header of a part has no colon")?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Err("a part has no empty line after its headers")
}

/// What is sent: its headers as lines, and its bytes.
pub struct Sent {
    /// Header lines without line breaks.
    pub headers: Vec<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Puts a body together.
pub fn write(parts: &[Sent], boundary: &str) -> Vec<u8> {
    let mut out = vec![];
    for part in parts {
        out.extend(format!("--{boundary}\r\n{}\r\n\r\n", part.headers.join("\r\n")).into_bytes());
        out.extend(&part.body);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\n").into_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_read_from_the_content_type() {
        let of = |t: &str| boundary(t);
        assert_eq!(of("multipart/mixed; boundary=-------3141"), Some("-------3141".into()));
        assert_eq!(
            of("multipart/mixed; charset=x; Boundary=\"abcABC0123'()+_,-./:=?\""),
            Some("abcABC0123'()+_,-./:=?".into())
        );
        assert_eq!(of("multipart/mixed;"), None);
        assert_eq!(of("multipart/mixed; boundary="), None);
    }

    #[test]
    fn bytes_come_through() {
        let data: Vec<u8> = (0..=255).chain(*b"\r\n--x\r\n\r\n").collect();
        let sent = [
            Sent { headers: vec!["Content-Type: application/json".into()], body: b"{}".to_vec() },
            Sent {
                headers: vec!["Content-Type: a/b".into(), "X-Experience-API-Hash: 12".into()],
                body: data.clone(),
            },
        ];
        let body = [b"preamble\r\n".to_vec(), write(&sent, "--b")].concat();
        let parts = parse(&body, "--b").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].body, b"{}");
        assert_eq!((parts[1].header("x-experience-api-hash"), parts[1].body), (Some("12"), data.as_slice()));
    }

    #[test]
    fn what_is_not_closed_or_has_no_headers_is_refused() {
        for body in [
            "",
            "{}",
            "--b",
            "--b\r\n",
            "--b\r\nContent-Type: a/b\r\n\r\nx",
            "--b\r\nx\r\n\r\ny\r\n--b--",
            "--b\r\nA: b\r\n--b--",
        ] {
            assert!(parse(body.as_bytes(), "b").is_err(), "{body}");
        }
    }
}
