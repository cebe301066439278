//! A captcha that everyone can pass: the browser finds a number whose hash begins with enough zero bits (security
//! 3.4: an accessible proof of work, never a picture puzzle). The puzzle is signed and not stored; a solved one is
//! good once.
use base::{Error, Kind, Result, day};
use db::params;
use serde_json::json;
use site::Site;

const VALID_MS: i64 = 10 * 60_000;
/// Zero bits asked for: about 65,000 hashes, a second or less in a browser.
const BITS: u32 = 16;
const LONGEST: usize = 200;

/// Passes whoever solved a puzzle of ours that is fresh and unspent; refuses others with a new one.
pub(crate) async fn demand(site: &Site, answer: Option<&str>) -> Result<()> {
    if let Some(puzzle) = answer.and_then(|a| solved(site, a))
        && spend(site, &puzzle).await?
    {
        return Ok(());
    }
    Err(refusal(site))
}

fn refusal(site: &Site) -> Error {
    let until = day::millis(site.now()) + VALID_MS;
    let salt = base::random::digits(&*site.random, 20);
    let mac = site.keys.mac("captcha", &[salt.as_bytes(), until.to_string().as_bytes()]);
    let puzzle = format!("{salt}.{until}.{mac}");
    let challenge = json!({"kind": "sha256_zero_bits", "puzzle": puzzle, "bits": BITS,
        "answer": "puzzle + \":\" + n, whose SHA-256 begins with that many zero bits"});
    Error::refused(Kind::Denied, "captcha_required").with("challenge", challenge)
}

/// The puzzle of an answer that solves it: `puzzle:n`.
fn solved(site: &Site, answer: &str) -> Option<String> {
    if answer.len() > LONGEST {
        return None;
    }
    let (puzzle, _) = answer.rsplit_once(':')?;
    let mut parts = puzzle.splitn(3, '.');
    let (salt, until, mac) = (parts.next()?, parts.next()?, parts.next()?);
    let is_ours = site.keys.mac_holds("captcha", &[salt.as_bytes(), until.as_bytes()], mac);
    let is_fresh = until.parse::<i64>().is_ok_and(|until| until > day::millis(site.now()));
    (is_ours && is_fresh && zero_bits(answer) >= BITS).then(|| puzzle.to_owned())
}

fn zero_bits(text: &str) -> u32 {
    let hash = secrets::sha256_hex(text.as_bytes());
    let zeros = hash.bytes().take_while(|b| *b == b'0').count();
    let next = hash.chars().nth(zeros).and_then(|c| c.to_digit(16)).unwrap_or(0);
    u32::try_from(zeros).unwrap_or(0) * 4 + next.leading_zeros().saturating_sub(28)
}

/// Spends a puzzle or a challenge; whether it was still good.
pub(crate) async fn spend(site: &Site, puzzle: &str) -> Result<bool> {
    let now = day::millis(site.now());
    db::execute(&site.db, "DELETE FROM spent_captchas WHERE expires_at < $1", params![now]).await?;
    let sql =
        "INSERT INTO spent_captchas (lookup, expires_at) VALUES ($1, $2) ON CONFLICT (lookup) DO NOTHING";
    let lookup = secrets::sha256_hex(puzzle.as_bytes());
    Ok(db::execute(&site.db, sql, params![lookup, now + VALID_MS]).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::zero_bits;

    #[test]
    fn zero_bits_are_counted_from_the_front() {
        let counted: Vec<u32> = (0..2000).map(|n| zero_bits(&format!("x:{n}"))).collect();
        for (n, bits) in counted.iter().enumerate() {
            let hash = secrets::sha256_hex(format!("x:{n}").as_bytes());
            let first = u64::from_str_radix(&hash[..16], 16).unwrap();
            assert_eq!(*bits, first.leading_zeros(), "{hash}");
        }
        assert!(counted.iter().any(|bits| *bits >= 8));
    }
}
