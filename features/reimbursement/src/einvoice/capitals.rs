//! Amounts in capitals (价税合计（大写）), as invoices write them beside the figures. Pure.
use base::Fen;

use super::labels::LABELS;

/// Reads an amount such as one hundred and forty-four yuan in capitals; none for what is no such amount.
pub(super) fn read(text: &str) -> Option<Fen> {
    let l = &*LABELS;
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !l.ornaments.contains(*c)).collect();
    let (whole, rest) = text.split_once(|c| l.yuan.contains(c))?;
    let fen = i64::try_from(section(whole)?).ok()?.checked_mul(100)?;
    let (mut cents, mut digit) = (0, None);
    for c in rest.chars() {
        let worth = match c {
            c if l.whole.contains(c) => continue,
            c if l.jiao.contains(c) => 10,
            c if l.fen.contains(c) => 1,
            c => {
                digit = Some(value(c)?);
                continue;
            }
        };
        cents += i64::try_from(digit.take()?).ok()? * worth;
    }
    digit.is_none_or(|d| d == 0).then_some(Fen::new(fen + cents))
}

/// The yuan, below a hundred million.
fn section(text: &str) -> Option<u64> {
    let Some((thousands, rest)) = text.split_once(|c| LABELS.wan.contains(c)) else { return below(text) };
    Some(below(thousands)? * 10_000 + below(rest)?)
}

/// A number below ten thousand. A unit without a digit before it stands for one of it.
fn below(text: &str) -> Option<u64> {
    let (mut sum, mut digit) = (0, None);
    for c in text.chars() {
        match place(&LABELS.tens, c) {
            Some(tens) => sum += digit.take().unwrap_or(1) * 10_u64.pow(tens + 1),
            None => digit = Some(value(c)?),
        }
    }
    Some(sum + digit.unwrap_or(0))
}

fn value(c: char) -> Option<u64> {
    place(&LABELS.digits, c).map(u64::from)
}

fn place(of: &str, c: char) -> Option<u32> {
    of.chars().position(|d| d == c).and_then(|p| u32::try_from(p).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_capitals_are_read() {
        for (text, fen) in [
            ("壹佰肆拾肆圆整", 14_400),
            ("⊗ 壹佰肆拾肆圆整", 14_400),
            ("贰仟零伍圆叁角整", 200_530),
            ("壹万零叁拾圆零陆分", 1_003_006),
            ("拾贰圆伍角陆分", 1_256),
            ("零圆整", 0),
        ] {
            assert_eq!(read(text), Some(Fen::new(fen)), "{text}");
        }
        for text in ["", "144", "壹佰", "壹佰圆x", "壹佰圆伍"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
