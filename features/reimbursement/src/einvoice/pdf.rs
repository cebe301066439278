//! A 数电票 as PDF: its words are read by their labels and places. A reading counts only if every fact stands once, under
//! its label, and the amount in figures is the one in capitals; anything else is left to people.
use base::Fen;
use documents::Word;

use super::{Guess, Original, Unusable, capitals, labels::LABELS};

/// Reads a PDF original; `Uncertain` where a person has to look.
pub(super) fn read(bytes: &[u8]) -> Result<Original, Unusable> {
    if is_edited(bytes) {
        return Err(Unusable::Edited);
    }
    let words = documents::read_words(bytes).ok_or(Unusable::Uncertain)?;
    of_words(&words)
}

/// Whether something was added behind what a signature in the file covers: `/ByteRange[0 a b c]` has to reach the end.
fn is_edited(bytes: &[u8]) -> bool {
    let mark = b"/ByteRange";
    let Some(at) = bytes.windows(mark.len()).rposition(|w| w == mark) else { return false };
    let rest = bytes.get(at + mark.len()..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b']').unwrap_or(0);
    let text = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).replace('[', " ");
    let numbers: Vec<usize> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let covered = match numbers[..] {
        [_, _, from, length] => from.saturating_add(length),
        _ => return true,
    };
    bytes.get(covered..).is_none_or(|tail| tail.iter().any(|b| !b.is_ascii_whitespace()))
}

fn of_words(words: &[Word]) -> Result<Original, Unusable> {
    let number =
        one(words, &LABELS.number).filter(|n| n.len() == 20 && n.bytes().all(|b| b.is_ascii_digit()));
    let day = one(words, &LABELS.day).and_then(|text| super::fields::day(&text));
    let [buyer, _seller] = &beside(words, &LABELS.name)[..] else { return Err(Unusable::Uncertain) };
    let tax_number = beside(words, &LABELS.tax_number).first().cloned().unwrap_or_default();
    let amount = amount(words)?;
    let (Some(number), Some(day)) = (number, day) else { return Err(Unusable::Uncertain) };
    let is_tax_number =
        |t: &String| (15..=20).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric());
    Ok(Original {
        number,
        day,
        amount,
        buyer: buyer.clone(),
        buyer_tax_number: Some(tax_number).filter(is_tax_number).unwrap_or_default(),
    })
}

/// What can be made out where a font without Unicode values leaves the labels unread: figures read in any font. Nothing
/// of it counts before a person has compared it.
pub(super) fn guess(bytes: &[u8]) -> Guess {
    documents::read_words(bytes).map_or_else(Guess::default, |words| guess_of(&words))
}

fn guess_of(words: &[Word]) -> Guess {
    let is_number = |n: &String| n.len() == 20 && n.bytes().all(|b| b.is_ascii_digit());
    let day = one(words, &LABELS.day).and_then(|text| super::fields::day(&text));
    Guess {
        number: one(words, &LABELS.number).filter(is_number).or_else(|| only(words, twenty_digits)),
        day: day.or_else(|| only(words, dated)),
        // Figures that differ from their capitals are no guess.
        amount: match one(words, &LABELS.capitals).and_then(|text| capitals::read(&text)) {
            Some(_) => amount(words).ok(),
            None => words.iter().filter_map(marked).max(),
        },
        buyer: match &beside(words, &LABELS.name)[..] {
            [buyer, _seller] => Some(buyer.clone()),
            _ => None,
        },
    }
}

/// What exactly one word says.
fn only<T>(words: &[Word], says: impl Fn(&Word) -> Option<T>) -> Option<T> {
    let mut found = words.iter().filter_map(says);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn twenty_digits(word: &Word) -> Option<String> {
    let runs = word.text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|r| r.len() == 20).map(str::to_owned).next()
}

/// A day of eight digits with something between them.
fn dated(word: &Word) -> Option<base::Day> {
    let digits = word.text.chars().filter(char::is_ascii_digit).count();
    let is_apart = word.text.chars().any(|c| !c.is_ascii_digit());
    if digits == 8 && is_apart { super::fields::day(&word.text) } else { None }
}

/// An amount behind a yuan sign; the largest of an invoice is the one with tax.
fn marked(word: &Word) -> Option<Fen> {
    let (_, figures) = word.text.split_once(['\u{a5}', '\u{ffe5}'])?;
    Fen::parse(figures.trim()).filter(|f| *f > Fen::ZERO)
}

/// The amount in figures, which has to be the one in capitals.
fn amount(words: &[Word]) -> Result<Fen, Unusable> {
    let figures = one(words, &LABELS.figures).ok_or(Unusable::Uncertain)?;
    let figures: String = figures.chars().filter(|c| c.is_ascii_digit() || ".-".contains(*c)).collect();
    if figures.starts_with('-') {
        return Err(Unusable::Red);
    }
    let in_capitals = one(words, &LABELS.capitals).and_then(|text| capitals::read(&text));
    let figures = Fen::parse(&figures).filter(|f| Some(*f) == in_capitals);
    figures.ok_or(Unusable::Uncertain)
}

/// What stands beside a label that stands once.
fn one(words: &[Word], label: &str) -> Option<String> {
    match &beside(words, label)[..] {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// What stands beside each of the labels, from the left: behind its colon in the same word, or the next word of the line.
fn beside(words: &[Word], label: &str) -> Vec<String> {
    let labelled = |w: &&Word| w.text.contains(label);
    let mut found: Vec<&Word> = words.iter().filter(labelled).collect();
    found.sort_by(|a, b| a.x.total_cmp(&b.x));
    found.iter().filter_map(|w| value(words, w, label)).collect()
}

fn value(words: &[Word], at: &Word, label: &str) -> Option<String> {
    let after = at.text.split_once(label)?.1;
    let own = after.trim_start_matches(['\u{ff1a}', ':', '\u{ff09}', ')', ' ']).trim();
    if !own.is_empty() {
        return Some(own.to_owned());
    }
    let follows = |w: &&Word| (w.y - at.y).abs() < 4.0 && w.x >= at.end - 1.0;
    let next = words.iter().filter(follows).min_by(|a, b| a.x.total_cmp(&b.x))?;
    // Another label, or the heading of the other half that is written downwards, is no value.
    let is_value = !next.text.contains(['\u{ff1a}', ':']) && next.text.chars().count() > 1;
    is_value.then(|| next.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x: f64, y: f64) -> Word {
        let width = 9.0 * f64::from(u32::try_from(text.chars().count()).unwrap());
        Word { text: text.into(), x, y, end: x + width }
    }

    fn invoice() -> Vec<Word> {
        vec![
            word("电子发票（普通发票）", 200.0, 30.0),
            word("发票号码：24432000000012345678", 430.0, 30.0),
            word("开票日期：2023年11月02日", 430.0, 45.0),
            word("购", 20.0, 80.0),
            word("名称：湖南某学院", 40.0, 80.0),
            word("销", 300.0, 80.0),
            word("名称：", 320.0, 80.0),
            word("湖南开放大学", 380.0, 80.0),
            word("统一社会信用代码/纳税人识别号：12430000444877000A", 40.0, 110.0),
            word("统一社会信用代码/纳税人识别号：", 320.0, 110.0),
            word("91430000123456789B", 520.0, 110.0),
            word("价税合计（大写）", 30.0, 300.0),
            word("⊗", 130.0, 300.0),
            word("（小写）¥144.00", 430.0, 300.0),
        ]
        .into_iter()
        .map(|w| if w.text == "⊗" { word("⊗壹佰肆拾肆圆整", w.x, w.y) } else { w })
        .collect()
    }

    #[test]
    fn labels_and_places_say_what_the_words_are() {
        let read = of_words(&invoice()).unwrap();
        assert_eq!((read.number.as_str(), read.buyer.as_str()), ("24432000000012345678", "湖南某学院"));
        assert_eq!((read.amount, read.buyer_tax_number.as_str()), (Fen::new(14_400), "12430000444877000A"));
    }

    #[test]
    fn what_is_not_certain_is_left_to_people() {
        let with = |from: &str, to: &str| {
            let mut words = invoice();
            for w in &mut words {
                w.text = w.text.replace(from, to);
            }
            of_words(&words)
        };
        assert_eq!(with("¥144.00", "¥1144.00"), Err(Unusable::Uncertain), "figures and capitals differ");
        assert_eq!(with("¥144.00", "¥-144.00"), Err(Unusable::Red));
        assert_eq!(with("24432000000012345678", "2443"), Err(Unusable::Uncertain));
        assert_eq!(with("开票日期", "开票人"), Err(Unusable::Uncertain));
        assert_eq!(with("名称：湖南某学院", "湖南某学院"), Err(Unusable::Uncertain), "whose name is it");
        let twice = [invoice(), vec![word("发票号码：24432000000012345679", 10.0, 500.0)]].concat();
        assert_eq!(of_words(&twice), Err(Unusable::Uncertain));
    }

    #[test]
    fn figures_are_made_out_where_labels_are_not() {
        let unread = |text: &str| {
            text.chars().map(|c| if c.is_ascii() || c == '¥' { c } else { '\u{fffd}' }).collect()
        };
        let words: Vec<Word> = invoice().into_iter().map(|w| Word { text: unread(&w.text), ..w }).collect();
        assert_eq!(of_words(&words), Err(Unusable::Uncertain));
        let guess = guess_of(&words);
        assert_eq!(guess.number.as_deref(), Some("24432000000012345678"));
        assert_eq!((guess.day, guess.amount), ("2023-11-02".parse().ok(), Some(Fen::new(14_400))));
        assert_eq!(guess.buyer, None, "a name is not made out of nothing");
        let mut differing = invoice();
        for word in &mut differing {
            word.text = word.text.replace("¥144.00", "¥444.00");
        }
        assert_eq!(guess_of(&differing).amount, None);
    }

    #[test]
    fn what_was_added_behind_a_signature_is_seen() {
        let signed = b"%PDF-1.7 /ByteRange [0 10 20 43] /Contents <00> xx %%EOF\n      ";
        assert!(!is_edited(signed));
        assert!(is_edited(&[&signed[..], b"9 0 obj"].concat()));
        assert!(is_edited(b"/ByteRange [0 1]") && !is_edited(b"%PDF-1.7 unsigned"));
    }
}
