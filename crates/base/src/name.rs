//! People's names as they are kept: one form for what is written in many, and nothing that fakes a name's look.

/// A name has at most so many characters.
const MAX: usize = 60;

/// The name as it is kept: full-width letters folded, the dot of transcribed names in one form, spaces of Han names
/// dropped and others single. `None` for an empty or endless name and for control and direction signs.
pub fn person_name(text: &str) -> Option<String> {
    if text.chars().any(is_hidden) {
        return None;
    }
    let folded: String = text.chars().map(crate::person::half_width).map(dot).collect();
    let is_han_name = folded.chars().any(is_han) && !folded.chars().any(|c| c.is_ascii_alphabetic());
    let words: Vec<&str> = folded.split_whitespace().collect();
    let name = if is_han_name { words.concat().replace('.', "\u{b7}") } else { words.join(" ") };
    let name = tight_dots(&name);
    let has_letter = name.chars().any(char::is_alphanumeric);
    (has_letter && name.chars().count() <= MAX).then_some(name)
}

/// A name of which only the first sign shows: `王**`.
pub fn masked(name: &str) -> String {
    name.chars().enumerate().map(|(n, c)| if n == 0 { c } else { '*' }).collect()
}

/// Signs that do not show or that turn the direction of what stands beside them (security item 42).
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n' && c != '\r')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The separating dot of transcribed names has a dozen look-alikes on keyboards; U+00B7 stands for all.
fn dot(c: char) -> char {
    match c {
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{25cf}' | '\u{25e6}' | '\u{2e31}'
        | '\u{2e33}' | '\u{30fb}' | '\u{318d}' | '\u{ff65}' | '\u{387}' | '\u{16eb}' | '\u{a78f}' => '\u{b7}',
        other => other,
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{3007}')
}

fn tight_dots(name: &str) -> String {
    name.split('\u{b7}').map(str::trim).collect::<Vec<_>>().join("\u{b7}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (written, kept) in [
            (" 张　三 ", "张三"),
            ("阿依古丽•买买提", "阿依古丽·买买提"),
            ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
            ("阿依古丽.买买提", "阿依古丽·买买提"),
            ("Anna  Maria Müller", "Anna Maria Müller"),
            ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
            ("𠮷野", "𠮷野"),
            ("教师001", "教师001"),
        ] {
            assert_eq!(person_name(written).as_deref(), Some(kept), "{written}");
        }
        assert_eq!(person_name(&"长".repeat(60)).map(|n| n.chars().count()), Some(60));
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        let wrong =
            ["", "  ", "·", "张\u{202e}三", "张\u{200b}三", "张\u{0}三", "a\u{2066}b", "\u{feff}张三"];
        for name in wrong {
            assert_eq!(person_name(name), None, "{name:?}");
        }
        assert_eq!(person_name(&"长".repeat(61)), None);
    }
}
