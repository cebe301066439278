//! What a course costs.
use base::Fen;

/// The rate is for 40 minutes; a short course costs its share, so that none that costs stands there at 0.00.
pub fn price(minutes: i64, rate_fen: i64) -> Fen {
    Fen::new((minutes * rate_fen / 40).max(i64::from(rate_fen > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_costs_its_rate_for_each_forty_minutes() {
        for (minutes, rate, yuan) in
            [(1440, 400, "144.00"), (1, 400, "0.10"), (0, 400, "0.01"), (1440, 0, "0.00")]
        {
            assert_eq!(price(minutes, rate).to_string(), yuan);
        }
    }
}
