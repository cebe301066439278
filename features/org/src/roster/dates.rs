//! Dates as people write them in rosters: digits with any separators, year and month only, Chinese numerals, and the
//! serial numbers that spreadsheets keep.
use base::Day;

use super::words;

/// A date, and whether it named its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub day: Day,
    /// False for a year and a month: the first of the month is meant.
    pub has_day: bool,
}

/// Reads `2012-09-01`, `2012/9/1`, `2012.9`, `20120901`, `201209`, the same with year, month and day signs or in
/// Chinese numerals; a time behind it is passed over. A day or month before the year is not guessed at.
pub(crate) fn day(text: &str) -> Option<Written> {
    let text: String = text.trim().chars().map(base::person::half_width).collect();
    let parts = numbers(&text)?;
    match *parts.as_slice() {
        [(y, 4), (m, 1 | 2), (d, 1 | 2), ..] => written(y, m, Some(d)),
        [(y, 4), (m, 1 | 2)] => written(y, m, None),
        [(all, 8)] => written(all / 10_000, all / 100 % 100, Some(all % 100)),
        [(all, 6)] => written(all / 100, all % 100, None),
        _ => None,
    }
}

/// Reads a date that a spreadsheet holds as a number: a serial, or digits that someone typed. `2012.1` may have been
/// 2012.10 and is not guessed at.
pub(crate) fn number(text: &str) -> Option<Written> {
    if text.contains('.') {
        let (_, decimals) = text.split_once('.')?;
        return if decimals == "1" { None } else { day(text) };
    }
    let serial: i64 = text.parse().ok()?;
    if (1..=80_000).contains(&serial) { serial_day(serial) } else { day(text) }
}

/// Day 1 is 1900-01-01; spreadsheets believe that 1900 had a February 29th.
fn serial_day(serial: i64) -> Option<Written> {
    let start = jiff::civil::date(1899, 12, if serial < 60 { 31 } else { 30 });
    let day = start.checked_add(jiff::Span::new().days(serial)).ok()?;
    Some(Written { day, has_day: true }).filter(|w| w.day.year() >= 1900)
}

fn written(year: u32, month: u32, day: Option<u32>) -> Option<Written> {
    let date =
        Day::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day.unwrap_or(1)).ok()?);
    let day_named = day.is_some();
    date.ok().filter(|d| (1900..2200).contains(&d.year())).map(|day| Written { day, has_day: day_named })
}

/// The numbers of a text with how many signs each was written; `None` where letters stand that are no date's.
fn numbers(text: &str) -> Option<Vec<(u32, usize)>> {
    let mut found = vec![];
    let mut open: Vec<u32> = vec![];
    for sign in text.chars().chain([' ']) {
        if let Some(digit) = words::digit(sign) {
            open.push(digit);
            continue;
        }
        if sign.is_ascii_alphabetic() && sign != 'T' && sign != 'Z' {
            return None;
        }
        if !open.is_empty() {
            found.push(value(&open)?);
            open.clear();
        }
    }
    Some(found)
}

/// Signs to a number: digit by digit, or with tens as in 二十一.
fn value(signs: &[u32]) -> Option<(u32, usize)> {
    if signs.iter().all(|d| *d < 10) {
        let number = signs.iter().try_fold(0_u32, |n, d| n.checked_mul(10)?.checked_add(*d))?;
        return Some((number, signs.len()));
    }
    let number = match *signs {
        [tens] => tens,
        [tens, ones] if tens >= 10 && ones < 10 => tens + ones,
        [times, 10] if times < 10 => times * 10,
        [times, 10, ones] if times < 10 && ones < 10 => times * 10 + ones,
        _ => return None,
    };
    Some((number, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_spelling() {
        let whole = [
            "2012-09-01",
            "2012/9/1",
            "2012.9.1",
            "20120901",
            "２０１２年９月１日",
            "2012年09月01号",
            "2012 - 9 - 1",
            "二〇一二年九月一日",
            "二零一二年九月一日",
            "2012-09-01 00:00:00",
            "2012-09-01T00:00:00",
        ];
        for text in whole {
            let read = day(text);
            assert_eq!(read, Some(Written { day: jiff::civil::date(2012, 9, 1), has_day: true }), "{text}");
        }
        for text in ["2012年9月", "2012.09", "2012-9", "201209", "二〇一二年九月"] {
            let read = day(text);
            assert_eq!(read, Some(Written { day: jiff::civil::date(2012, 9, 1), has_day: false }), "{text}");
        }
        let read = |text| day(text).map(|w| w.day);
        assert_eq!(read("一九八五年十月二十七日"), Some(jiff::civil::date(1985, 10, 27)));
        assert_eq!(read("一九八五年十二月廿一日"), Some(jiff::civil::date(1985, 12, 21)));
        for wrong in [
            "9/1/2012",
            "12.9.1",
            "2012-13-01",
            "2012-02-30",
            "不详",
            "",
            "Sep 2012",
            "1-Sep-2012",
            "99999999",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_of_spreadsheets_are_serials_or_typed_digits() {
        let read = |text| number(text).map(|w| w.day);
        assert_eq!(read("41153"), Some(jiff::civil::date(2012, 9, 1)));
        assert_eq!(read("1"), Some(jiff::civil::date(1900, 1, 1)));
        assert_eq!(read("61"), Some(jiff::civil::date(1900, 3, 1)));
        assert_eq!(read("20120901"), Some(jiff::civil::date(2012, 9, 1)));
        assert_eq!(read("2012.09"), Some(jiff::civil::date(2012, 9, 1)));
        assert_eq!(read("2012.1"), None, "it may have been October");
        assert_eq!(read("-5"), None);
    }
}
