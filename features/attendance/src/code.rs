//! The code on the big page: derived from the server's key and clock, so that nothing is stored and nobody can make one.
use base::{Error, Instant, Result, day};
use rules::attendance::{STEP_MS, holds, step};
use site::Site;

/// What the big page shows.
pub(crate) struct Shown {
    pub digits: String,
    /// The address behind the QR code.
    pub url: String,
    /// Seconds until the next one.
    pub seconds: i64,
}

fn digits(site: &Site, attendance: &str, step: i64) -> String {
    let mac = site.keys.mac("attendance.code", &[attendance.as_bytes(), step.to_string().as_bytes()]);
    let number = secrets::sha256(&[mac.as_bytes()]).iter().take(8).fold(0_u64, |n, b| n << 8 | u64::from(*b));
    format!("{:06}", number % 1_000_000)
}

/// The code of an instant.
pub(crate) fn shown(site: &Site, attendance: &str, now: Instant) -> Shown {
    let at = day::millis(now);
    let digits = digits(site, attendance, step(at));
    let host = site.settings.public_url.trim_end_matches('/');
    let seconds = (STEP_MS - at.rem_euclid(STEP_MS) + 999) / 1000;
    Shown { url: format!("{host}/attend/{attendance}/scan?c={digits}"), digits, seconds }
}

/// Whether a code holds at an instant.
pub(crate) fn is_valid(site: &Site, attendance: &str, given: &str, now: Instant) -> bool {
    let at = day::millis(now);
    let given = given.trim();
    [step(at), step(at) - 1].into_iter().any(|s| holds(s, at) && digits(site, attendance, s) == given)
}

/// The key of a big page: it needs no session, so that a projector is not signed out in the middle of a training.
pub(crate) fn board_key(site: &Site, attendance: &str) -> String {
    format!("{attendance}.{}", site.keys.mac("attendance.board", &[attendance.as_bytes()]))
}

/// The training of a big page's key.
pub(crate) fn of_board<'a>(site: &Site, key: &'a str) -> Result<&'a str> {
    let (attendance, mac) = key.split_once('.').ok_or_else(Error::not_found)?;
    if site.keys.mac_holds("attendance.board", &[attendance.as_bytes()], mac) {
        Ok(attendance)
    } else {
        Err(Error::not_found())
    }
}
