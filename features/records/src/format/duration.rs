//! Durations of ISO 8601:2004 4.4.3.2: with designators; weeks stand alone, and only the last number has a fraction.

/// Whether the text is such a duration.
pub fn is_duration(text: &str) -> bool {
    parts(text).is_some()
}

/// How a duration is compared: what is finer than a hundredth of a second is cut off (Data 4.6.s1.b5).
pub fn compared(text: &str) -> String {
    let Some((whole, fraction)) = text.split_once(['.', ',']) else { return text.to_owned() };
    if !text.ends_with('S') {
        return text.to_owned();
    }
    let kept: String = fraction.chars().take_while(char::is_ascii_digit).take(2).collect();
    let kept = kept.trim_end_matches('0');
    if kept.is_empty() { format!("{whole}S") } else { format!("{whole}.{kept}S") }
}

/// Its whole seconds, where it says none of years and months, whose lengths differ.
pub fn seconds(text: &str) -> Option<i64> {
    let mut total = 0.0;
    for (number, unit) in parts(text)? {
        let each = match unit {
            'W' => 604_800.0,
            'D' => 86_400.0,
            'H' => 3600.0,
            'm' => 60.0,
            'S' => 1.0,
            _ => return None,
        };
        total += number * each;
    }
    // A provider's number is bounded before it becomes an integer.
    #[expect(clippy::cast_possible_truncation, reason = "below ten years of seconds")]
    (total < 315_360_000.0).then_some(total as i64)
}

/// Numbers with their units in order; minutes are `m`, months `M`.
fn parts(text: &str) -> Option<Vec<(f64, char)>> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').map_or((rest, None), |(d, t)| (d, Some(t)));
    let mut found = run(date, "YMWD")?;
    if found.iter().any(|(_, unit)| *unit == 'W') && (found.len() > 1 || time.is_some()) {
        return None;
    }
    if let Some(time) = time {
        let times = run(&time.replace('M', "m"), "HmS")?;
        if times.is_empty() {
            return None;
        }
        found.extend(times);
    }
    let last = found.len().checked_sub(1)?;
    let is_whole = |(n, (number, _)): (usize, &(String, char))| n == last || !number.contains('.');
    found.iter().enumerate().all(is_whole).then_some(())?;
    found.into_iter().map(|(number, unit)| Some((number.parse().ok()?, unit))).collect()
}

/// Numbers, each with one of the units, in the units' order.
fn run(text: &str, units: &str) -> Option<Vec<(String, char)>> {
    let mut found = vec![];
    let (mut number, mut from) = (String::new(), 0);
    for c in text.chars() {
        if c.is_ascii_digit() || c == '.' || c == ',' {
            number.push(if c == ',' { '.' } else { c });
            continue;
        }
        let at = units.get(from..)?.find(c)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        found.push((std::mem::take(&mut number), c));
        from += at + 1;
    }
    number.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_designators_in_order() {
        for good in [
            "PT4H35M59.14S",
            "PT16559.14S",
            "P3Y1M29DT4H35M59.14S",
            "P3Y",
            "P4W",
            "PT1H0M0.1S",
            "P1DT12H36M0.12567S",
            "PT0S",
            "P0.5Y",
            "PT0,5S",
            "P1M",
            "PT1M",
            "P1DT12H36M0.1237S",
        ] {
            assert!(is_duration(good), "{good}");
        }
        for bad in [
            "",
            "P",
            "PT",
            "PA1H0M0S",
            "should fail",
            "P4W1D",
            "P1WT1H",
            "PT1S1M",
            "P0003-06-04T12:30:05",
            "P16559.14S",
            "1H",
            "PT.5S",
            "PT5.S",
            "P1.5DT1H",
            "PT1H1H",
            "-PT1S",
            "PT1.2.3S",
            "pt1s",
        ] {
            assert!(!is_duration(bad), "{bad}");
        }
    }

    #[test]
    fn hundredths_are_compared() {
        assert_eq!(compared("P1DT12H36M0.1237S"), compared("P1DT12H36M0.12S"));
        assert_eq!(compared("PT1.20S"), compared("PT1.2S"));
        assert_eq!(compared("PT1.001S"), "PT1S");
        assert_ne!(compared("PT1.13S"), compared("PT1.12S"));
        assert_ne!(compared("PT60S"), compared("PT1M"), "a duration is a text (Data 2.3.1.b8)");
    }

    #[test]
    fn seconds_are_known_where_units_are_fixed() {
        for (text, value) in [
            ("PT1H2M3.9S", Some(3723)),
            ("P1DT1S", Some(86_401)),
            ("P1Y", None),
            ("P1M", None),
            ("P2W", Some(1_209_600)),
        ] {
            assert_eq!(seconds(text), value, "{text}");
        }
    }
}
