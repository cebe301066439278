//! Days and years of the province: the calendar is Asia/Shanghai, a fixed +08:00 since 1991.
use std::fmt;

/// A calendar day.
pub type Day = jiff::civil::Date;
/// A point in time.
pub type Instant = jiff::Timestamp;

/// The province's zone. China has kept +08:00 without summer time since 1991; the system stores nothing older.
pub fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8))
}

/// The day in Shanghai at that instant.
pub fn day_of(at: Instant) -> Day {
    zone().to_datetime(at).date()
}

/// The first instant of a day in Shanghai.
pub fn start_of(date: Day) -> Instant {
    zone().to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Instant::UNIX_EPOCH)
}

/// Instants as the contract writes them: RFC 3339 with `+08:00`, whole seconds.
pub fn rfc3339(at: Instant) -> String {
    zone().to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// An instant to the minute, `11-24 09:05` in Shanghai, as short messages write it.
pub fn minute_in_words(at: Instant) -> String {
    zone().to_datetime(at).strftime("%m-%d %H:%M").to_string()
}

/// Milliseconds since 1970, as the databases hold instants.
pub fn millis(at: Instant) -> i64 {
    at.as_millisecond()
}

/// The instant of stored milliseconds; the epoch for a number no calendar holds.
pub fn from_millis(millis: i64) -> Instant {
    Instant::from_millisecond(millis).unwrap_or(Instant::UNIX_EPOCH)
}

/// A training year (年度), 2000–2999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Year(i16);

impl Year {
    /// A year that the system can hold.
    pub fn new(year: i64) -> Option<Self> {
        i16::try_from(year).ok().filter(|y| (2000..3000).contains(y)).map(Self)
    }

    /// The year in Shanghai at that instant.
    pub fn at(instant: Instant) -> Self {
        Self(day_of(instant).year())
    }

    /// The year as a number.
    pub fn number(self) -> i16 {
        self.0
    }

    /// January 1st.
    pub fn first_day(self) -> Day {
        jiff::civil::date(self.0, 1, 1)
    }

    /// December 31st.
    pub fn last_day(self) -> Day {
        jiff::civil::date(self.0, 12, 31)
    }

    /// Whether the day lies in the year.
    pub fn holds(self, day: Day) -> bool {
        day.year() == self.0
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Year {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        s.parse().ok().and_then(Self::new).ok_or(())
    }
}

impl<'de> serde::Deserialize<'de> for Year {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(d)?;
        Self::new(number).ok_or_else(|| serde::de::Error::custom("not a training year"))
    }
}

/// Days from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Period {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Day,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Day,
}

impl Period {
    /// `None` when it would end before it begins.
    pub fn new(from: Day, to: Day) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// Calendar days, both ends counted.
    pub fn days(self) -> i64 {
        i64::from((self.to - self.from).get_days()) + 1
    }

    /// Whether the two share a day.
    pub fn overlaps(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}
