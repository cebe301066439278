//! Finding courses: by words of title, topic or teacher, by pinyin (`xiaofang`) or by its initials (`xf`).
use pinyin::ToPinyin;

use crate::Course;

/// What a visitor looks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, pinyin or initials.
    pub words: String,
    /// `public`, `professional`, or anything.
    pub subject: String,
    /// Whether it must cost nothing.
    pub free: bool,
}

impl Wanted {
    /// Whether the course is one of those.
    pub fn fits(&self, course: &Course) -> bool {
        let is_subject = self.subject.is_empty() || self.subject == course.subject;
        let texts = [course.title.as_str(), &course.topic, &course.teacher];
        let is_named = |word: &str| texts.iter().any(|text| names(text, word));
        is_subject
            && (course.free || !self.free)
            && self.words.to_lowercase().split_whitespace().all(is_named)
    }
}

/// Whether the text holds the word as it is written, as it is spoken, or by its initials.
fn names(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    if text.contains(word) {
        return true;
    }
    if !word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (mut spoken, mut initials) = (String::new(), String::new());
    for (character, pinyin) in text.chars().zip(text.as_str().to_pinyin()) {
        match pinyin {
            Some(pinyin) => {
                spoken.push_str(pinyin.plain());
                initials.extend(pinyin.plain().chars().next());
            }
            None if character.is_ascii_alphanumeric() => {
                spoken.push(character);
                initials.push(character);
            }
            None => {}
        }
    }
    spoken.contains(word) || initials.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_are_found_by_words_pinyin_and_initials() {
        for (word, is_found) in [
            ("消防", true),
            ("xiaofang", true),
            ("xiaof", true),
            ("xf", true),
            ("bgcs", true),
            ("乡村", false),
            ("xiangcun", false),
            ("xc", false),
            ("，", false),
        ] {
            assert_eq!(names("办公场所消防安全", word), is_found, "{word}");
        }
    }
}
