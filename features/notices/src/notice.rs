//! A notice, and what is written to make one.
use base::{Category, Day, Hours, Instant, PersonId, Role, Year};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// 草稿
    Draft,
    /// 已发布
    Published,
    /// 已撤回
    Withdrawn,
}

impl base::person::Code for State {}

/// Whom a notice is for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The unit with everything below it.
    pub path: String,
    /// Holders of these roles; empty for everyone.
    pub roles: Vec<Role>,
    /// People of these categories; empty for all.
    pub categories: Vec<Category>,
    /// Only who has not finished this year.
    pub unfinished: Option<Year>,
}

/// A line of the table of trainings and fees.
#[derive(Clone, Debug)]
pub(crate) struct Training {
    pub title: String,
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub hours: Option<Hours>,
    /// 可抵扣专业学时
    pub offset: Option<Hours>,
    /// As the notice says it, such as `（60-24）*4=144元`.
    pub fee: String,
    pub remark: String,
}

/// What a version says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Such as `湘人社函〔2023〕63号`; empty for none.
    pub document_no: String,
    pub title: String,
    pub body: Body,
    pub valid_from: Day,
    pub valid_until: Option<Day>,
    /// Cites the topics of the public subject of that year.
    pub topics_of: Option<Year>,
    /// Cites the tender of that id.
    pub tender: Option<String>,
    /// By which ways beside the inbox it is told.
    pub ways: Ways,
    pub contact_name: String,
    pub contact_phone: String,
    pub trainings: Vec<Training>,
}

/// By which ways beside the inbox a version is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    pub by_sms: bool,
    pub by_mail: bool,
}

/// A notice with one of its versions.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub id: String,
    pub unit_code: String,
    pub unit_name: String,
    pub unit_path: String,
    pub author: PersonId,
    pub state: State,
    /// The newest version.
    pub version: i64,
    /// The notice that this one passes on.
    pub forwards: Option<String>,
    pub target: Target,
    pub published_at: Option<Instant>,
    pub reason: Option<String>,
    /// Of the version that was asked for.
    pub content: Content,
    pub shown_version: i64,
    pub saved_at: Instant,
}

/// A notice to be written or changed.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewNotice {
    /// The code of the unit that issues it.
    pub unit: String,
    /// The code of the unit that it is for, with everything below; the issuing unit unless given.
    pub target: Option<String>,
    /// Holders of these roles; everyone unless given.
    pub roles: Vec<String>,
    /// People of these categories; all unless given.
    pub categories: Vec<String>,
    /// Only who has not finished this year.
    pub unfinished: Option<i64>,
    /// Such as `湘人社函〔2023〕63号`.
    pub document_no: String,
    /// The title.
    pub title: String,
    /// HTML, of which the harmless part is kept; or plain text, whose lines become paragraphs.
    pub body: String,
    /// From this day on; today unless given.
    pub valid_from: Option<String>,
    /// Until this day.
    pub valid_until: Option<String>,
    /// Cites the topics of the public subject of that year.
    pub topics_of: Option<i64>,
    /// Cites the tender of that id.
    pub tender: Option<String>,
    /// Whether it is sent by SMS too, where the installation allows it.
    pub by_sms: bool,
    /// Whether it is sent by mail too, to who confirmed an address.
    pub by_mail: bool,
    /// Whom to ask.
    pub contact_name: String,
    /// The telephone to ask at.
    pub contact_phone: String,
    /// The table of trainings and fees.
    pub trainings: Vec<NewRow>,
    /// Ids of uploaded files.
    pub files: Vec<String>,
    /// The notice that this one passes on.
    pub forwards: Option<String>,
    /// Whether it is published at once; a draft otherwise.
    pub publish: bool,
}

/// A line of the table of trainings and fees, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewRow {
    /// 培训名称
    pub title: String,
    /// 学习时间: the first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// 折算学时
    pub hours: Option<String>,
    /// 可抵扣专业学时
    pub offset_hours: Option<String>,
    /// 学习费用
    pub fee: String,
    /// 备注
    pub remark: String,
}
