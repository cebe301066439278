//! Who reaches retirement in a month, by the year's policy with its gradual delay (domain §4).
use base::{Day, Error, Gender, PersonId, Result, Retirement, Scope, Year, person::Code};
use site::Site;

use crate::store_posts::{self as store, unknown};

/// The earliest and the latest age, in years, at which anyone retires: women workers at 50, men at 63 after the delay.
const AGES: (i32, i32) = (49, 64);

/// Someone who reaches retirement.
#[derive(Clone, Debug)]
pub(crate) struct Retiring {
    pub person: PersonId,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub staff_no: Option<String>,
    pub birth_date: Day,
    pub retirement: Retirement,
    pub on: Day,
}

/// Those of a scope whose day lies in the month, by day.
pub(crate) async fn in_month(site: &Site, scope: &Scope, month: Day) -> Result<Vec<Retiring>> {
    let year = Year::new(i64::from(month.year())).ok_or_else(|| Error::invalid("month", "month_form"))?;
    let policy = match hours::in_force(&site.db, year).await {
        Ok(in_force) => in_force.policy,
        // A year whose policy is not published yet goes by the newest one (domain §1).
        Err(e) if e.code() == "policy_not_published" => {
            let newest = hours::published_years(&site.db).await?.into_iter().max();
            let newest = newest.ok_or_else(|| Error::conflict("policy_not_published"))?;
            hours::in_force(&site.db, newest).await?.policy
        }
        Err(e) => return Err(e),
    };
    let back = |years: i32| month.checked_sub(jiff::Span::new().years(years)).map_err(Error::internal);
    let near = store::born_between(&site.db, scope, (back(AGES.1)?, back(AGES.0)?)).await?;
    let mut found = vec![];
    for n in near {
        let gender = Gender::from_code(&n.gender).ok_or_else(|| unknown("gender"))?;
        let retirement = Retirement::from_code(&n.retirement).ok_or_else(|| unknown("retirement"))?;
        let birth_date: Day = n.birth_date.parse().map_err(Error::internal)?;
        let on = policy.retirement.day(gender, retirement, birth_date);
        if (on.year(), on.month()) == (month.year(), month.month()) {
            let (name, unit, department, staff_no) = (n.name, n.unit, n.department, n.staff_no);
            let person = n.id.parse()?;
            found.push(Retiring { person, name, unit, department, staff_no, birth_date, retirement, on });
        }
    }
    found.sort_by(|a, b| (a.on, &a.name).cmp(&(b.on, &b.name)));
    Ok(found)
}
