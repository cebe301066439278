//! A title as it is compared: without marks, spaces, case and width; the year of an edition and the number of a part are
//! read out of it, since they say which of several courses it is.
use std::collections::BTreeSet;

use base::person::half_width;

/// What a title says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Title {
    /// Neighbouring letters.
    pub grams: BTreeSet<(char, char)>,
    /// Numbers of parts, in order: of 第二讲, （二）, Ⅱ, 上.
    pub parts: Vec<u32>,
    /// The year that it names first.
    pub year: Option<u32>,
}

const ORDINAL: char = '\u{7b2c}'; // 第
const TEN: char = '\u{5341}'; // 十
/// 一 to 九.
const DIGITS: [char; 9] = [
    '\u{4e00}', '\u{4e8c}', '\u{4e09}', '\u{56db}', '\u{4e94}', '\u{516d}', '\u{4e03}', '\u{516b}',
    '\u{4e5d}',
];
/// 上, 中 and 下, and which part each is: the last one is no number that could be counted to.
const THIRDS: [(char, u32); 3] = [('\u{4e0a}', 1), ('\u{4e2d}', 2), ('\u{4e0b}', 10_000)];
/// What follows 上, 中 and 下: 篇, 集, 册, 部, 卷.
const VOLUMES: [char; 5] = ['\u{7bc7}', '\u{96c6}', '\u{518c}', '\u{90e8}', '\u{5377}'];
/// What follows the year of an edition: 年, 度, 版.
const AFTER_YEAR: [char; 3] = ['\u{5e74}', '\u{5ea6}', '\u{7248}'];
const ROMAN: [&str; 10] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];

/// Reads a title.
pub(crate) fn read(title: &str) -> Title {
    let folded: Vec<char> = title.chars().flat_map(fold).collect();
    let mut read = Title::default();
    let mut plain = vec![];
    for words in folded.split(|c| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        match whole(words) {
            Some(part) => read.parts.push(part),
            None => scan(words, &mut read, &mut plain),
        }
    }
    read.grams = match plain.as_slice() {
        [only] => [(*only, *only)].into(),
        plain => plain.iter().copied().zip(plain.iter().copied().skip(1)).collect(),
    };
    read
}

/// One letter in one form: half-width and small; numerals that are one letter (Ⅱ, ②) stand alone.
fn fold(c: char) -> Vec<char> {
    let numeral = |first: char| char::from_digit(u32::from(c) - u32::from(first) + 1, 36);
    match c {
        '\u{2160}'..='\u{2168}' => numeral('\u{2160}').map_or(vec![], |n| vec![' ', n, ' ']),
        '\u{2170}'..='\u{2178}' => numeral('\u{2170}').map_or(vec![], |n| vec![' ', n, ' ']),
        '\u{2460}'..='\u{2468}' => numeral('\u{2460}').map_or(vec![], |n| vec![' ', n, ' ']),
        c => half_width(c).to_lowercase().collect(),
    }
}

/// The part that a word by itself is: 二, ii, 上, 下篇. Digits are read by [`scan`].
fn whole(words: &[char]) -> Option<u32> {
    let third = |c: &char| THIRDS.iter().find(|(name, _)| name == c).map(|(_, part)| *part);
    match words {
        [c] if third(c).is_some() => third(c),
        [c, volume] if VOLUMES.contains(volume) => third(c),
        words => number(words).or_else(|| {
            let text: String = words.iter().collect();
            ROMAN.iter().position(|r| *r == text).and_then(|at| u32::try_from(at + 1).ok())
        }),
    }
}

/// The number that Chinese numerals up to 99 say.
fn number(letters: &[char]) -> Option<u32> {
    let digit = |c: &char| DIGITS.iter().position(|d| d == c).and_then(|at| u32::try_from(at + 1).ok());
    match letters {
        [TEN] => Some(10),
        [one] => digit(one),
        [TEN, one] => Some(10 + digit(one)?),
        [tens, TEN] => Some(10 * digit(tens)?),
        [tens, TEN, one] => Some(10 * digit(tens)? + digit(one)?),
        _ => None,
    }
}

/// Goes over a word letter by letter.
fn scan(words: &[char], read: &mut Title, plain: &mut Vec<char>) {
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        if first.is_ascii_digit() {
            let length = rest.iter().take_while(|c| c.is_ascii_digit()).count();
            rest = figures(rest.split_at(length), read);
        } else if let Some((part, after)) =
            ordinal(rest).or_else(|| volume(rest)).or_else(|| last(rest, plain))
        {
            read.parts.push(part);
            rest = after;
        } else {
            plain.push(*first);
            rest = after;
        }
    }
}

/// Digits: a year with what belongs to it, or the number of a part. Gives what follows.
fn figures<'w>((digits, after): (&'w [char], &'w [char]), read: &mut Title) -> &'w [char] {
    let value: u32 = digits.iter().collect::<String>().parse().unwrap_or(u32::MAX);
    if !(1950..2100).contains(&value) {
        read.parts.push(value);
        return after;
    }
    read.year = read.year.or(Some(value));
    let of_year = after.iter().take_while(|c| AFTER_YEAR.contains(c)).count();
    after.split_at(of_year).1
}

/// 第二讲, 第2讲: the number, and what follows what is counted.
fn ordinal(rest: &[char]) -> Option<(u32, &[char])> {
    let (_, rest) = rest.split_first().filter(|(c, _)| **c == ORDINAL)?;
    let length = rest.iter().take_while(|c| **c == TEN || DIGITS.contains(c)).count();
    let (numerals, after) = rest.split_at(length);
    let (value, after) = if let Some(value) = number(numerals) {
        (value, after)
    } else {
        let (digits, after) = rest.split_at(rest.iter().take_while(|c| c.is_ascii_digit()).count());
        (digits.iter().collect::<String>().parse().ok()?, after)
    };
    Some((value, after.split_first().map_or(after, |(_, after)| after)))
}

/// 上篇, 下册 at the end of a word.
fn volume(rest: &[char]) -> Option<(u32, &[char])> {
    if rest.len() == 2 {
        whole(rest).filter(|_| rest.last().is_some_and(|c| VOLUMES.contains(c))).map(|p| (p, &[][..]))
    } else {
        None
    }
}

/// A numeral at the very end of a word, after others: 实务二. 一 ends words of its own (统一).
fn last<'w>(rest: &'w [char], plain: &[char]) -> Option<(u32, &'w [char])> {
    let is_numeral = |c: &char| *c == TEN || DIGITS.contains(c);
    let is_within = plain.last().is_some_and(is_numeral);
    match rest {
        [c] if !is_within && *c != TEN && !plain.is_empty() => {
            number(rest).filter(|n| *n > 1).map(|n| (n, &[][..]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(title: &str) -> (Vec<u32>, Option<u32>) {
        let read = read(title);
        (read.parts, read.year)
    }

    #[test]
    fn parts_and_years_are_read_out_of_titles() {
        let cases: [(&str, &[u32], Option<u32>); 16] = [
            ("消防安全知识（上）", &[1], None),
            ("消防安全知识(下)", &[10_000], None),
            ("消防安全知识 下篇", &[10_000], None),
            ("消防安全知识下篇", &[10_000], None),
            ("公文写作实务（二）", &[2], None),
            ("公文写作实务二", &[2], None),
            ("公文写作实务Ⅱ", &[2], None),
            ("Writing II", &[2], None),
            ("网络安全法解读第十二讲", &[12], None),
            ("网络安全法解读 第１２讲", &[12], None),
            ("数字政府建设专题讲座2025版", &[], Some(2025)),
            ("数字政府建设（２０２６年版）第3讲", &[3], Some(2026)),
            ("十四五规划解读", &[], None),
            ("思想认识要统一", &[], None),
            ("线上线下教学", &[], None),
            ("党的二十大报告学习", &[], None),
        ];
        for (title, expected, year) in cases {
            assert_eq!(parts(title), (expected.to_vec(), year), "{title}");
        }
    }

    #[test]
    fn width_case_marks_and_editions_are_no_difference() {
        assert_eq!(read("《民法典》婚姻家庭编解读").grams, read("民法典婚姻家庭编解读（2026版）").grams);
        assert_eq!(read("Ｅｘｃｅｌ　数据处理").grams, read("excel数据处理").grams);
        assert_eq!(read("【数字政府】建设2025年版").grams, read("数字政府建设").grams);
        assert!(read("").grams.is_empty());
    }
}
