//! What an upload is, by its name; what is in it decides later whether that holds.
use catalogue::Kind;

/// Endings of films that ffmpeg is let near, and only these formats.
const FILMS: [&str; 9] = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "flv", "mpg", "ts"];

/// The kind of lecture that a file becomes.
pub(crate) fn of(file_name: &str) -> Option<Kind> {
    let ending = file_name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase())?;
    match ending.as_str() {
        "pdf" => Some(Kind::Document),
        "zip" => Some(Kind::Package),
        film if FILMS.contains(&film) => Some(Kind::Film),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_what_a_file_becomes() {
        for (name, kind) in [
            ("讲座.MP4", Some(Kind::Film)),
            ("讲义.pdf", Some(Kind::Document)),
            ("course.zip", Some(Kind::Package)),
            ("list.m3u8", None),
            ("讲座", None),
        ] {
            assert_eq!(of(name), kind, "{name}");
        }
    }
}
