//! What one person adds to the figures of a year: a cell for each thing figures are told by. Pure; taken off and put on as
//! a whole, so that figures can never drift by halves.
use std::collections::BTreeMap;

use base::{Error, Result, person::Code};
use serde::{Deserialize, Serialize};

use crate::outcome::State;

/// One thing that figures are told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dim {
    /// Everyone below.
    All,
    /// Whose unit is this very one.
    Own,
    /// Whose department, or unit without one, is this very one.
    Desk,
    /// 岗位类别
    Category,
    /// 岗位等级
    Level,
    /// 学时分布: hours in all, in steps of fifteen.
    Band,
    /// 培训机构, or the way of learning without one.
    Provider,
    /// 科目
    Subject,
    /// 专题
    Topic,
    /// 月份 of learning.
    Month,
    /// 时段: the hour of the day in which online learning was credited.
    Hour,
    /// 编外人员, counted apart.
    Contract,
}

impl Code for Dim {}

/// What is counted in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// People.
    pub people: i64,
    /// People by state, in the order of [`State::ALL`].
    pub states: [i64; 4],
    /// Credits that stand.
    pub entries: i64,
    /// Their hours, in hundredths.
    pub hours: i64,
}

impl Measures {
    /// Adds `times` of another cell; −1 takes it off.
    pub(crate) fn add(&mut self, other: &Self, times: i64) {
        self.people += times * other.people;
        for (mine, theirs) in self.states.iter_mut().zip(other.states) {
            *mine += times * theirs;
        }
        self.entries += times * other.entries;
        self.hours += times * other.hours;
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// A credit that stands, as figures see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Learned {
    pub provider: String,
    pub subject: String,
    pub topic: String,
    pub month: String,
    /// Of online learning only.
    pub hour: Option<String>,
    pub hours: i64,
}

/// Who someone is for the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Obliged, in a state, with so many hours counted (hundredths).
    Obliged { state: State, total: i64 },
    /// On contract and not obliged: counted apart.
    Contract,
}

/// Where someone is counted and as what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path of the department, else of the unit.
    pub path: String,
    /// The unit's code.
    pub own: String,
    pub category: String,
    pub level: String,
}

/// Cells by what they tell; people's measures follow from the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contribution(BTreeMap<(Dim, String), (i64, i64)>);

/// A band holds so many hundredths of an hour.
const BAND: i64 = 1500;
/// Ninety hours and more are the last band.
const LAST_BAND: i64 = 7;

/// 0: nothing; 1: up to 15 hours; … 6: up to 90; 7: ninety and more.
pub(crate) fn band(total: i64) -> i64 {
    match total {
        t if t <= 0 => 0,
        t if t >= BAND * 6 => LAST_BAND,
        t => t / BAND + 1,
    }
}

impl Contribution {
    pub(crate) fn of(standing: &Standing, place: &Place, learned: &[Learned]) -> Self {
        let mut cells = Self::default();
        let sum: i64 = learned.iter().map(|l| l.hours).sum();
        let entries = i64::try_from(learned.len()).unwrap_or(i64::MAX);
        let total = match standing {
            Standing::Contract => {
                cells.add(Dim::Contract, "", (entries, sum));
                return cells;
            }
            Standing::Obliged { total, .. } => *total,
        };
        for dim in [Dim::All, Dim::Own, Dim::Desk] {
            cells.add(dim, "", (entries, sum));
        }
        cells.add(Dim::Category, &place.category, (entries, sum));
        cells.add(Dim::Level, &place.level, (entries, sum));
        cells.add(Dim::Band, &band(total).to_string(), (entries, sum));
        for l in learned {
            cells.add(Dim::Provider, &l.provider, (1, l.hours));
            cells.add(Dim::Subject, &l.subject, (1, l.hours));
            cells.add(Dim::Topic, &l.topic, (1, l.hours));
            cells.add(Dim::Month, &l.month, (1, l.hours));
            if let Some(hour) = &l.hour {
                cells.add(Dim::Hour, hour, (1, l.hours));
            }
        }
        cells
    }

    fn add(&mut self, dim: Dim, key: &str, (entries, hours): (i64, i64)) {
        let cell = self.0.entry((dim, key.to_owned())).or_default();
        cell.0 += entries;
        cell.1 += hours;
    }

    /// As kept beside the person.
    pub(crate) fn written(&self) -> Result<String> {
        let cells: Vec<(&Dim, &str, i64, i64)> =
            self.0.iter().map(|((d, k), (e, h))| (d, k.as_str(), *e, *h)).collect();
        serde_json::to_string(&cells).map_err(Error::internal)
    }

    /// Reads what [`Self::written`] gave.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let cells: Vec<(Dim, String, i64, i64)> = serde_json::from_str(text).map_err(Error::internal)?;
        Ok(Self(cells.into_iter().map(|(d, k, e, h)| ((d, k), (e, h))).collect()))
    }
}

/// A cell of the figures: unit, thing, key.
pub(crate) type Cell = (String, Dim, String);

/// Sums by cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums(pub BTreeMap<Cell, Measures>);

impl Sums {
    /// Puts a person's cells on every unit from the place up to the top; `times` −1 takes them off.
    pub(crate) fn put(&mut self, place: &Place, state: Option<State>, cells: &Contribution, times: i64) {
        let mut states = [0; 4];
        let at = State::ALL.iter().position(|s| Some(*s) == state);
        if let Some(slot) = at.and_then(|at| states.get_mut(at)) {
            *slot = 1;
        }
        let units: Vec<&str> = place.path.split('/').filter(|code| !code.is_empty()).collect();
        for ((dim, key), (entries, hours)) in &cells.0 {
            let one = Measures { people: 1, states, entries: *entries, hours: *hours };
            let at: &[&str] = match dim {
                Dim::Own => &[place.own.as_str()],
                Dim::Desk => units.last().map_or(&[][..], std::slice::from_ref),
                _ => &units,
            };
            for unit in at {
                self.0.entry(((*unit).to_owned(), *dim, key.clone())).or_default().add(&one, times);
            }
        }
    }

    /// Cells that change nothing are left out.
    pub(crate) fn changes(self) -> Vec<(Cell, Measures)> {
        self.0.into_iter().filter(|(_, m)| !m.is_zero()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place { path: path.into(), own: "u".into(), category: "worker".into(), level: String::new() }
    }

    fn learned(provider: &str, hours: i64) -> Learned {
        Learned {
            provider: provider.into(),
            subject: "public".into(),
            topic: String::new(),
            month: "03".into(),
            hour: Some("21".into()),
            hours,
        }
    }

    #[test]
    fn bands_are_fifteen_hours_wide_and_the_last_one_is_open() {
        let bands: Vec<i64> = [0, 1, 1499, 1500, 8999, 9000, 20_000].map(band).to_vec();
        assert_eq!(bands, [0, 1, 1, 2, 6, 7, 7]);
    }

    #[test]
    fn what_was_put_on_is_taken_off_to_nothing_at_every_place_above() {
        let standing = Standing::Obliged { state: State::UnderWay, total: 250 };
        let cells = Contribution::of(&standing, &place("/43/u/d/"), &[learned("a", 100), learned("b", 150)]);
        let cells = Contribution::read(&cells.written().unwrap()).unwrap();
        let mut sums = Sums::default();
        sums.put(&place("/43/u/d/"), Some(State::UnderWay), &cells, 1);
        let at = |unit: &str, dim, key: &str| sums.0.get(&(unit.into(), dim, key.into())).copied();
        assert_eq!(at("43", Dim::All, "").unwrap().hours, 250);
        assert_eq!(at("d", Dim::Provider, "b").unwrap().entries, 1);
        assert_eq!(at("d", Dim::Desk, "").unwrap().states, [0, 1, 0, 0]);
        assert_eq!((at("u", Dim::Own, "").unwrap().people, at("43", Dim::Own, "")), (1, None));
        sums.put(&place("/43/u/d/"), Some(State::UnderWay), &cells, -1);
        assert_eq!(sums.changes(), vec![]);
    }

    #[test]
    fn contract_staff_stand_apart() {
        let cells = Contribution::of(&Standing::Contract, &place("/43/"), &[learned("a", 100)]);
        let mut sums = Sums::default();
        sums.put(&place("/43/"), None, &cells, 1);
        let only: Vec<Dim> = sums.0.keys().map(|(_, d, _)| *d).collect();
        assert_eq!(only, [Dim::Contract]);
    }
}
