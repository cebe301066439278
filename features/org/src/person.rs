//! A person of the roster, and what the rules need of one.
use base::{
    AccountId, Actor, Category, Day, Establishment, Gender, Instant, Level, Paper, PaperKind, PersonId,
    Result, Retirement, Status, UnitId,
};
use db::Tx;
use serde_json::Value;
use site::Site;

use crate::MANAGERS;

/// Someone with a record.
#[derive(Clone, Debug)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The unit.
    pub unit: UnitId,
    /// The unit's name.
    pub unit_name: String,
    /// The path of the department, or of the unit without one.
    pub path: String,
    /// The department's name.
    pub department: Option<String>,
    /// The department.
    pub department_id: Option<UnitId>,
    /// 证件类型
    pub id_type: PaperKind,
    /// `430***********4639`.
    pub id_number_masked: Option<String>,
    /// 性别
    pub gender: Option<Gender>,
    /// 出生日期
    pub birth_date: Option<Day>,
    /// 岗位类别
    pub category: Option<Category>,
    /// 岗位等级
    pub level: Option<Level>,
    /// 编制
    pub establishment: Establishment,
    /// 在岗状态
    pub status: Status,
    /// 退休类别
    pub retirement: Retirement,
    /// The first entry into public-institution service.
    pub joined_on: Option<Day>,
    /// 工号
    pub staff_no: Option<String>,
    /// Whether category and level are as the person entered them and wait for the unit (待确认).
    pub is_post_claimed: bool,
}

/// A person as the rules need one: gender, birth date and category are known.
#[derive(Clone, Copy, Debug)]
pub struct Trainee {
    /// 性别
    pub gender: Gender,
    /// 出生日期
    pub birth_date: Day,
    /// 岗位类别
    pub category: Category,
    /// 岗位等级; 未定级 until it is known.
    pub level: Level,
    /// 编制
    pub establishment: Establishment,
    /// 在岗状态
    pub status: Status,
    /// 退休类别
    pub retirement: Retirement,
    /// The first entry into public-institution service.
    pub joined_on: Option<Day>,
}

impl Person {
    /// The person as the rules need one, or the fields that are missing.
    pub fn trainee(&self) -> Result<Trainee, Vec<&'static str>> {
        match (self.gender, self.birth_date, self.category) {
            (Some(gender), Some(birth_date), Some(category)) => Ok(Trainee {
                gender,
                birth_date,
                category,
                level: self.level.unwrap_or(Level::Ungraded),
                establishment: self.establishment,
                status: self.status,
                retirement: self.retirement,
                joined_on: self.joined_on,
            }),
            _ => Err(self.missing()),
        }
    }

    /// What a certificate prints and the profile lacks (notice 五.1).
    pub fn missing(&self) -> Vec<&'static str> {
        let lacks = [
            ("id_number", self.id_number_masked.is_none()),
            ("gender", self.gender.is_none()),
            ("birth_date", self.birth_date.is_none()),
            ("category", self.category.is_none()),
            ("level", self.level.is_none()),
        ];
        lacks.into_iter().filter(|(_, is_missing)| *is_missing).map(|(field, _)| field).collect()
    }
}

/// Whether the actor manages the people at that path.
pub fn may_manage(actor: &Actor, path: &str) -> bool {
    actor.scope(MANAGERS).holds(path)
}

/// Writes into the trail what someone did with a person's record, where that person is.
pub async fn record(
    site: &Site,
    tx: &Tx,
    by: PersonId,
    (action, person): (&'static str, &Person),
    details: Value,
) -> Result<()> {
    let object = person.id.to_string();
    let deed = audit::Deed { actor: Some(by), action, object: &object, unit_path: &person.path, details };
    audit::record(site, tx, deed).await
}

/// A person to be written, with the account that comes along.
#[derive(Clone, Debug)]
pub(crate) struct NewPerson {
    pub id: PersonId,
    pub account: AccountId,
    pub name: String,
    pub paper: Option<Paper>,
    pub gender: Option<Gender>,
    pub birth_date: Option<Day>,
    pub facts: Facts,
}

/// What is stated about a person's post and service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub department: Option<String>,
    pub category: Option<Category>,
    pub level: Option<Level>,
    /// 在岗 unless something else is stated.
    pub status: Option<Status>,
    pub joined_on: Option<Day>,
    pub contact_phone: Option<base::Phone>,
    pub staff_no: Option<String>,
    pub establishment: Option<Establishment>,
    pub retirement: Option<Retirement>,
}

/// When, where and by whom rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub unit: UnitId,
    pub now: Instant,
    pub by: Option<PersonId>,
}
