//! Subtitles as people have them: WebVTT as it is, SubRip with its commas mended. They are checked before a player sees
//! them.
use base::{Error, Result};

/// Two hours of speech are far below this, in bytes.
pub(crate) const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The subtitles as WebVTT.
pub(crate) fn webvtt(bytes: &[u8]) -> Result<String> {
    let wrong = || Error::invalid("captions", "captions_wrong");
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let is_webvtt = text.starts_with("WEBVTT");
    let lines = text
        .lines()
        .map(|line| if line.contains(" --> ") { line.replace(',', ".") } else { line.to_owned() });
    let body: Vec<String> = lines.collect();
    if !body.iter().any(|l| is_cue(l)) {
        return Err(wrong());
    }
    let body = body.join("\n");
    Ok(if is_webvtt { format!("{body}\n") } else { format!("WEBVTT\n\n{body}\n") })
}

/// `[hh:]mm:ss.mmm --> [hh:]mm:ss.mmm`, with settings after it.
fn is_cue(line: &str) -> bool {
    let Some((from, to)) = line.split_once(" --> ") else { return false };
    let is_time = |t: &str| {
        let digits = t.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.');
        digits && t.contains('.') && (t.matches(':').count() == 1 || t.matches(':').count() == 2)
    };
    is_time(from.trim()) && to.split_whitespace().next().is_some_and(is_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subrip_becomes_webvtt_and_other_files_are_refused() {
        let text = webvtt("\u{feff}1\r\n00:00:01,000 --> 00:00:04,500\r\n各位同事，大家好。\r\n".as_bytes())
            .unwrap();
        assert_eq!(text, "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.500\n各位同事，大家好。\n");
        assert!(webvtt(b"WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nx\n").is_ok());
        for bad in ["", "WEBVTT\n", "hello", "a --> b"] {
            assert!(webvtt(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(webvtt(&[0xff, 0xfe]).is_err());
    }
}
