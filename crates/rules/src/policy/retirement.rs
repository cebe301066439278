//! Statutory retirement: ages and the gradual delay of 2025 (domain §4).
use base::{Day, Gender, Retirement};
use jiff::Span;

/// Ages of the three groups; women in senior posts retire at the age of men.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetirementRules {
    /// Men, and women in senior posts.
    pub men: RetirementRule,
    /// Women cadres.
    pub women_cadre: RetirementRule,
    /// Women workers.
    pub women_worker: RetirementRule,
}

/// One group's age and delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetirementRule {
    /// Age in years.
    pub age: u32,
    /// The gradual delay.
    pub delay: Delay,
}

/// One month more for every so many months of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The first birthday that is delayed.
    pub born_from: Day,
    /// Months of birth that share one month of delay.
    pub births_per_month: u32,
    /// The delay ends here.
    pub most_months: u32,
}

impl RetirementRules {
    /// The day of reaching the statutory age.
    pub fn day(&self, gender: Gender, retirement: Retirement, birth: Day) -> Day {
        // Women in senior posts retire as men do, delay included (domain §4).
        let rule = match (gender, retirement) {
            (Gender::Male, _) | (Gender::Female, Retirement::Senior) => self.men,
            (Gender::Female, Retirement::Cadre) => self.women_cadre,
            (Gender::Female, Retirement::Worker) => self.women_worker,
        };
        let months = i64::from(rule.age) * 12 + rule.delay.months(birth);
        let span = Span::new().try_months(months);
        span.ok().and_then(|s| birth.checked_add(s).ok()).unwrap_or(Day::MAX)
    }
}

impl Delay {
    fn months(self, birth: Day) -> i64 {
        if birth < self.born_from {
            return 0;
        }
        let index = |d: Day| i64::from(d.year()) * 12 + i64::from(d.month());
        let steps = (index(birth) - index(self.born_from)) / i64::from(self.births_per_month.max(1)) + 1;
        steps.min(i64::from(self.most_months))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn rules() -> RetirementRules {
        let rule = |age, born, births_per_month, most_months| RetirementRule {
            age,
            delay: Delay { born_from: date(born, 1, 1), births_per_month, most_months },
        };
        RetirementRules {
            men: rule(60, 1965, 4, 36),
            women_cadre: rule(55, 1970, 4, 36),
            women_worker: rule(50, 1975, 2, 60),
        }
    }

    #[test]
    fn one_month_for_four_months_of_birth_up_to_three_years() {
        let day = |y, m, d| rules().day(Gender::Male, Retirement::Cadre, date(y, m, d));
        assert_eq!(day(1964, 12, 31), date(2024, 12, 31));
        assert_eq!(day(1965, 1, 1), date(2025, 2, 1));
        assert_eq!(day(1965, 4, 30), date(2025, 5, 30));
        assert_eq!(day(1965, 5, 1), date(2025, 7, 1));
        assert_eq!(day(1990, 1, 15), date(2053, 1, 15));
    }

    #[test]
    fn women_workers_wait_one_month_for_two_months_of_birth_up_to_five_years() {
        let day = |y, m, d| rules().day(Gender::Female, Retirement::Worker, date(y, m, d));
        assert_eq!(day(1975, 2, 28), date(2025, 3, 28));
        assert_eq!(day(1975, 3, 1), date(2025, 5, 1));
        assert_eq!(day(2000, 1, 1), date(2055, 1, 1));
    }

    #[test]
    fn the_day_is_clamped_to_the_end_of_its_month() {
        assert_eq!(rules().day(Gender::Male, Retirement::Cadre, date(1965, 1, 31)), date(2025, 2, 28));
    }
}
