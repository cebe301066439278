//! Who someone is, put right: name, paper, gender and birth date as they are wanted, read and checked as everywhere, and
//! written once two people have said so. The person's id, hours and links to providers stay; the old number leads here.
use base::{Day, Error, Paper, Result, day};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    PROFILE_CHANGED, Person,
    people::{Stated, read_paper},
    store, store_people,
    store_people::Update,
};

/// What is to be put right; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// 姓名
    pub name: Option<String>,
    /// 证件类型
    pub id_type: Option<String>,
    /// 证件号码
    pub id_number: Option<String>,
    /// 性别
    pub gender: Option<String>,
    /// 出生日期
    pub birth_date: Option<String>,
}

impl Identity {
    /// The fields that are stated.
    pub fn fields(&self) -> Vec<&'static str> {
        let all = [
            ("name", &self.name),
            ("id_number", &self.id_number),
            ("gender", &self.gender),
            ("birth_date", &self.birth_date),
        ];
        let is_stated = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
        all.into_iter().filter(|(_, text)| is_stated(text)).map(|(field, _)| field).collect()
    }

    fn stated(&self) -> Stated {
        Stated {
            name: self.name.clone().filter(|n| !n.trim().is_empty()),
            id_type: self.id_type.clone(),
            id_number: self.id_number.clone(),
            gender: self.gender.clone(),
            birth_date: self.birth_date.clone(),
            ..Stated::default()
        }
    }

    /// The person as it would be, with the paper; refused where something does not read or nothing differs.
    async fn applied(&self, site: &Site, tx: &Tx, before: &Person) -> Result<(Person, Option<Paper>)> {
        let read = self.stated().read(day::day_of(site.now()))?;
        let after = Person {
            name: read.name.unwrap_or_else(|| before.name.clone()),
            gender: read.gender.or(before.gender),
            birth_date: read.birth_date.or(before.birth_date),
            id_type: read.paper.as_ref().map_or(before.id_type, Paper::kind),
            ..before.clone()
        };
        let known = store::id_number(site, tx, before.id).await?;
        let is_same = (&after.name, after.gender, after.birth_date)
            == (&before.name, before.gender, before.birth_date)
            && read.paper.as_ref().is_none_or(|p| Some(p.number()) == known.as_deref());
        if is_same {
            return Err(Error::invalid("name", "nothing_differs"));
        }
        if read.paper.is_none() {
            agree(&after, before, known.as_deref())?;
        }
        Ok((after, read.paper))
    }
}

/// Gender and birth date must be those that the number carries.
fn agree(after: &Person, before: &Person, number: Option<&str>) -> Result<()> {
    let carried = number.and_then(|n| read_paper(Some(before.id_type), n).ok()).and_then(|p| p.carries());
    let Some((gender, birth)): Option<(base::Gender, Day)> = carried else { return Ok(()) };
    if after.gender != Some(gender) {
        return Err(Error::invalid("gender", "gender_mismatch"));
    }
    if after.birth_date == Some(birth) { Ok(()) } else { Err(Error::invalid("birth_date", "birth_mismatch")) }
}

/// Checks what is wanted against a person, without writing.
pub async fn check_identity(site: &Site, tx: &Tx, person: &Person, wanted: &Identity) -> Result<()> {
    wanted.applied(site, tx, person).await.map(|_| ())
}

/// Writes what is wanted of a held person, in the caller's transaction and under its audit entry.
pub async fn correct(site: &Site, tx: &Tx, before: &Person, wanted: &Identity) -> Result<Person> {
    let (after, paper) = wanted.applied(site, tx, before).await?;
    store_people::update_identity(site, tx, &after, paper.as_ref()).await?;
    let id = after.id;
    store_people::update_people(site, tx, &[Update { after, contact_phone: None }], site.now()).await?;
    site.enqueue(tx, PROFILE_CHANGED, &id).await?;
    store::person(tx, id).await
}
