//! Timestamps: ISO 8601 in 1.0.3, RFC 3339 in 2.0.0; given back in UTC with milliseconds or more (Data 4.5).
use jiff::civil::{Date, Time};

use crate::version::Version;

/// A point in time as a timestamp names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Microseconds since 1970, what is finer cut off.
    pub micros: i64,
    /// The fraction of the second in decimal digits, at least three, as precise as it was given.
    fraction: String,
}

impl Moment {
    /// The moment in UTC, such as `2026-11-24T03:00:00.123Z`.
    pub fn text(&self) -> String {
        let seconds = self.micros.div_euclid(1_000_000);
        let whole = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        format!("{}.{}Z", whole.strftime("%Y-%m-%dT%H:%M:%S"), self.fraction)
    }
}

/// Microseconds since 1970 as the text that `stored` has.
pub fn micros_to_text(micros: i64) -> String {
    let fraction = format!("{:06}", micros.rem_euclid(1_000_000));
    Moment { micros, fraction }.text()
}

/// Reads a timestamp; none where it is no date with a time, or where its offset is the `-00:00` that says nothing.
pub fn moment(text: &str, version: Version) -> Option<Moment> {
    let at = text.find(|c| matches!(c, 'T' | 't') || (c == ' ' && version == Version::V2))?;
    let (date, time) = (text.get(..at)?, text.get(at + 1..)?);
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = (time.get(..zone_at)?, time.get(zone_at..)?);
    let is_extended = date.contains('-');
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let is_fractional = time.get(..zone_at)?.len() != clock.len();
    if is_fractional && (fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let fields = if is_extended { colons(clock)? } else { pairs(clock)? };
    if version == Version::V2 && (!is_extended || fields.len() != 3 || zone.is_empty() || text.contains(','))
    {
        return None;
    }
    let offset = offset(zone, version)?;
    let seconds = seconds(day(date)?, &fields, is_fractional)? - offset;
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Moment { micros: seconds * 1_000_000 + micros.parse::<i64>().ok()?, fraction: padded(fraction) })
}

fn padded(fraction: &str) -> String {
    let kept: String = fraction.chars().take(9).collect();
    format!("{kept:0<3}")
}

fn number(text: &str, length: usize) -> Option<i16> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn day(text: &str) -> Option<Date> {
    let digits = if text.contains('-') {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        (parts.next().is_none()).then_some((y, m, d))?
    } else {
        (text.get(..4)?, text.get(4..6)?, text.get(6..)?)
    };
    let (month, date) = (number(digits.1, 2)?, number(digits.2, 2)?);
    Date::new(number(digits.0, 4)?, i8::try_from(month).ok()?, i8::try_from(date).ok()?).ok()
}

/// `hh:mm` or `hh:mm:ss`.
fn colons(text: &str) -> Option<Vec<i8>> {
    let fields: Vec<&str> = text.split(':').collect();
    let read = |f: &&str| number(f, 2).and_then(|n| i8::try_from(n).ok());
    (2..=3).contains(&fields.len()).then(|| fields.iter().map(read).collect())?
}

/// `hhmm` or `hhmmss`.
fn pairs(text: &str) -> Option<Vec<i8>> {
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    let read = |n: usize| number(text.get(n..n + 2)?, 2).and_then(|n| i8::try_from(n).ok());
    (0..text.len()).step_by(2).map(read).collect()
}

/// Seconds since 1970 of a civil time; a leap second counts as the second before it.
fn seconds(day: Date, fields: &[i8], is_fractional: bool) -> Option<i64> {
    let (hour, minute) = (fields.first().copied()?, fields.get(1).copied()?);
    let second = fields.get(2).copied();
    if second.is_none() && is_fractional {
        return None;
    }
    let second = second.unwrap_or(0);
    if hour == 24 {
        return None;
    }
    let time = Time::new(hour, minute, if second == 60 { 59 } else { second }, 0).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(day.to_datetime(time)).ok()?.as_second())
}

/// Seconds east of Greenwich; a missing zone is read as UTC where the version allows it to miss.
fn offset(zone: &str, version: Version) -> Option<i64> {
    if zone.is_empty() || zone == "Z" || zone == "z" {
        return Some(0);
    }
    let is_west = zone.starts_with('-');
    let rest = zone.get(1..)?;
    let (hours, minutes) = match (rest.len(), rest.split_once(':')) {
        (5, Some((h, m))) => (number(h, 2)?, number(m, 2)?),
        (4, None) if version == Version::V1 => (number(rest.get(..2)?, 2)?, number(rest.get(2..)?, 2)?),
        (2, None) if version == Version::V1 => (number(rest, 2)?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 || (is_west && hours == 0 && minutes == 0) {
        return None;
    }
    let east = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    Some(if is_west { -east } else { east })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_come_back_in_utc() {
        for (sent, kept) in [
            ("2013-05-18T05:32:34.804Z", "2013-05-18T05:32:34.804Z"),
            ("2023-05-04T12:00:00-05:00", "2023-05-04T17:00:00.000Z"),
            ("2015-11-18T12:17:00+00:00", "2015-11-18T12:17:00.000Z"),
            ("2026-01-01T00:30:00.1+08:00", "2025-12-31T16:30:00.100Z"),
            ("2020-02-29T23:59:60Z", "2020-02-29T23:59:59.000Z"),
            ("1969-12-31T23:59:59.123456789Z", "1969-12-31T23:59:59.123456789Z"),
        ] {
            for version in [Version::V1, Version::V2] {
                assert_eq!(moment(sent, version).map(|m| m.text()).as_deref(), Some(kept), "{sent}");
            }
        }
        assert_eq!(micros_to_text(1_700_000_000_000_001), "2023-11-14T22:13:20.000001Z");
    }

    #[test]
    fn each_version_has_its_grammar() {
        for sent in [
            "20080915T155300Z",
            "2008-09-15T15:53:00.601+0100",
            "2008-09-15T15:53:00+01",
            "2008-09-15T15:53",
            "2008-09-15T15:53:00",
            "2008-09-15T15:53:00,5Z",
        ] {
            assert!(moment(sent, Version::V1).is_some() && moment(sent, Version::V2).is_none(), "{sent}");
        }
        let spaced = "2008-09-15 15:53:00.601+00:00";
        assert!(moment(spaced, Version::V2).is_some() && moment(spaced, Version::V1).is_none());
        for bad in [
            "",
            "should fail",
            "01/011/2015",
            "2008-09-15T15:53:00.601-00",
            "2008-09-15T15:53:00.601-0000",
            "2008-09-15T15:53:00.601-00:00",
            "2008-09-15",
            "2008-13-15T00:00:00Z",
            "2008-09-31T00:00:00Z",
            "2008-09-15T24:00:01Z",
            "2008-09-15T15:61:00Z",
            "2008-09-15T15:53:00.Z",
            "2008-09-15T15:53:00+25:00",
            "1",
            "true",
            "2008-09-15T15:53:00ZZ",
            "not a timestamp",
            "2008-09-15T15.5Z",
        ] {
            assert!(moment(bad, Version::V1).is_none() && moment(bad, Version::V2).is_none(), "{bad}");
        }
    }
}
