//! Amounts in capitals (价税合计（大写）), as invoices write them beside the figures so that nobody changes one.
use base::Fen;
use site::Texts;

/// The signs, from the texts.
struct Signs<'a> {
    texts: &'a Texts,
    digits: Vec<char>,
    tens: Vec<char>,
}

/// The amount in capitals.
pub(crate) fn write(texts: &Texts, amount: Fen) -> String {
    let list = |key: &str| texts.get(key).chars().collect::<Vec<char>>();
    let signs = Signs { texts, digits: list("money-digits"), tens: list("money-tens") };
    let fen = amount.fen().unsigned_abs();
    let (yuan, cents) = (fen / 100, fen % 100);
    let mut out = if amount < Fen::ZERO { texts.get("money-minus") } else { String::new() };
    if yuan > 0 || cents == 0 {
        out += &signs.whole(yuan);
        out += &texts.get("money-yuan");
    }
    out + &signs.cents(cents, yuan > 0)
}

impl Signs<'_> {
    fn digit(&self, n: u64) -> String {
        usize::try_from(n).ok().and_then(|n| self.digits.get(n)).map(char::to_string).unwrap_or_default()
    }

    /// Whole yuan, below a hundred million.
    fn whole(&self, n: u64) -> String {
        match (n / 10_000, n % 10_000) {
            (0, 0) => self.digit(0),
            (0, rest) => self.below(rest),
            (high, 0) => self.below(high) + &self.texts.get("money-wan"),
            (high, rest) => {
                let zero = if rest < 1_000 { self.digit(0) } else { String::new() };
                self.below(high) + &self.texts.get("money-wan") + &zero + &self.below(rest)
            }
        }
    }

    /// A number below ten thousand; zeros between its digits are one.
    fn below(&self, n: u64) -> String {
        let (mut out, mut is_zero) = (String::new(), false);
        for place in (0..4_u32).rev() {
            let digit = n / 10_u64.pow(place) % 10;
            if digit == 0 {
                is_zero = !out.is_empty();
                continue;
            }
            if std::mem::take(&mut is_zero) {
                out += &self.digit(0);
            }
            out += &self.digit(digit);
            out.extend((place as usize).checked_sub(1).and_then(|p| self.tens.get(p)));
        }
        out
    }

    fn cents(&self, n: u64, after_yuan: bool) -> String {
        let text = |key| self.texts.get(key);
        match (n / 10, n % 10) {
            (0, 0) => text("money-whole"),
            (0, fen) => {
                let zero = if after_yuan { self.digit(0) } else { String::new() };
                zero + &self.digit(fen) + &text("money-fen")
            }
            (jiao, 0) => self.digit(jiao) + &text("money-jiao") + &text("money-whole"),
            (jiao, fen) => self.digit(jiao) + &text("money-jiao") + &self.digit(fen) + &text("money-fen"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_banks_write_them() {
        let texts = Texts::load().unwrap();
        for (fen, capitals) in [
            (14_400, "壹佰肆拾肆圆整"),
            (40, "肆角整"),
            (5, "伍分"),
            (100_005, "壹仟圆零伍分"),
            (1_050_120, "壹万零伍佰零壹圆贰角整"),
            (200_000_003, "贰佰万圆零叁分"),
            (12_340_000, "壹拾贰万叁仟肆佰圆整"),
            (0, "零圆整"),
            (-50_000, "（负数）伍佰圆整"),
        ] {
            assert_eq!(write(&texts, Fen::new(fen)), capitals);
        }
    }
}
