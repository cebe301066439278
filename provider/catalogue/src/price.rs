//! What a course costs.
use base::{Fen, Hours};

/// Its hours at the rate of an hour (domain §5): what gives no hours costs nothing.
pub fn price(hours: Hours, rate_fen: i64) -> Fen {
    Fen::new(hours.hundredths() * rate_fen / 100)
}

/// The hours of so many minutes: 40 are one, down to 0.1 (domain §2).
pub fn hours(minutes: u64) -> Hours {
    Hours::of_course(minutes, 40, Hours::from_hundredths(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_costs_its_rate_for_each_of_its_hours() {
        for (minutes, rate, yuan) in [
            (1440, 400, "144.00"),
            (40, 300, "3.00"),
            (79, 400, "7.60"),
            (4, 400, "0.40"),
            (3, 400, "0.00"),
            (1440, 0, "0.00"),
        ] {
            assert_eq!(price(hours(minutes), rate).to_string(), yuan);
        }
    }
}
