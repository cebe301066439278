//! The spoken text as WebVTT, for whoever cannot or may not listen.

use super::film::FRAMES_PER_SECOND;

/// Captions for slides given as text and length in frames; a sentence gets its share of the slide's
/// time by its length.
pub(super) fn webvtt<'a>(slides: impl Iterator<Item = (&'a str, usize)>) -> String {
    let mut out = String::from("WEBVTT\n");
    let mut start = 0;
    for (text, frames) in slides {
        let characters = text.chars().count().max(1);
        let mut passed = 0;
        for sentence in text.split_inclusive(['。', '；', '？', '！']) {
            let from = start + frames * passed / characters;
            passed += sentence.chars().count();
            let to = start + frames * passed / characters;
            out.extend(["\n", &clock(from), " --> ", &clock(to), "\n", sentence, "\n"]);
        }
        start += frames;
    }
    out
}

fn clock(frames: usize) -> String {
    let rate = FRAMES_PER_SECOND as usize;
    let (seconds, milliseconds) = (frames / rate, frames % rate * 1000 / rate);
    format!("{:02}:{:02}:{:02}.{milliseconds:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_share_the_time_of_their_slide() {
        let text = webvtt([("一二三四。六七八九。", 50), ("再见。", 12)].into_iter());
        let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\n一二三四。\n\n\
            00:00:05.000 --> 00:00:10.000\n六七八九。\n\n00:00:10.000 --> 00:00:12.400\n再见。\n";
        assert_eq!(text, expected);
    }
}
