//! The small pictures above a film's seek bar: one picture that holds all of them in rows, and the list that says which belongs
//! to when, as players read it.

/// Small pictures stand in rows of ten, at most a hundred of them, none for less than ten seconds.
const ROW: u64 = 10;
const MOST: u64 = 100;
const SHORTEST_SECONDS: u64 = 10;

/// The small pictures of a film of a length.
#[derive(Clone, Copy, Debug)]
pub struct Sprite {
    /// The film's length, in seconds.
    seconds: u64,
    /// Seconds for which a picture stands.
    every: u64,
}

impl Sprite {
    /// The file of the pictures, in a lecture's folder.
    pub const PICTURES: &str = "thumbs.jpg";
    /// The file of the list.
    pub const LIST: &str = "thumbs.vtt";

    /// Those of a film of so many whole seconds, of which a rest counts as one.
    pub fn of(seconds: u64) -> Self {
        Self { seconds, every: seconds.div_ceil(MOST).max(SHORTEST_SECONDS) }
    }

    fn count(self) -> u64 {
        self.seconds.div_ceil(self.every).max(1)
    }

    /// ffmpeg's filter that makes one picture of the film's pictures.
    pub fn filter(self) -> String {
        let rows = self.count().div_ceil(ROW);
        format!(
            "fps=1/{},scale=160:90:force_original_aspect_ratio=decrease,pad=160:90:-1:-1,tile={ROW}x{rows}",
            self.every
        )
    }

    /// ffmpeg's options for the picture that the filter made.
    pub const OPTIONS: [&str; 5] = ["-an", "-frames:v", "1", "-q:v", "5"];

    /// The list.
    pub fn list(self) -> String {
        let clock = |s: u64| format!("{:02}:{:02}:{:02}.000", s / 3600, s / 60 % 60, s % 60);
        let one = |n: u64| {
            let (x, y) = (n % ROW * 160, n / ROW * 90);
            let (start, end) = (n * self.every, ((n + 1) * self.every).min(self.seconds));
            let times = format!("{} --> {}", clock(start), clock(end.max(start + 1)));
            format!("\n{times}\n{}#xywh={x},{y},160,90\n", Self::PICTURES)
        };
        std::iter::once("WEBVTT\n".to_owned()).chain((0..self.count()).map(one)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_are_listed_in_rows_of_ten() {
        let sprite = Sprite::of(125);
        let list = sprite.list();
        assert!(
            list.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nthumbs.jpg#xywh=0,0,160,90\n"),
            "{list}"
        );
        assert!(list.contains("00:02:00.000 --> 00:02:05.000\nthumbs.jpg#xywh=320,90,160,90"), "{list}");
        assert!(sprite.filter().ends_with("tile=10x2"), "{}", sprite.filter());
    }

    #[test]
    fn a_long_film_has_a_hundred_pictures() {
        assert_eq!(Sprite::of(40 * 60).list().matches(" --> ").count(), 100);
        assert_eq!(Sprite::of(3).list().matches(" --> ").count(), 1);
    }
}
