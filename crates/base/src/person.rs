//! What the rules and the roster say about a person: categories, levels, status (domain, glossary).
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// Full-width ASCII forms and the ideographic space become their half-width signs; anything else stays.
pub fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// 性别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// 女
    Female,
    /// 男
    Male,
}

/// 岗位类别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 管理
    Management,
    /// 专业技术
    Professional,
    /// 工勤技能
    Worker,
}

/// 科目: the two kinds of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// 公共科目
    Public,
    /// 专业科目
    Professional,
}

/// 在岗状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 在岗
    OnPost,
    /// 离岗
    OffPost,
    /// 退休
    Retired,
    /// 离职
    Left,
}

/// 编制.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Establishment {
    /// 在编
    #[default]
    Established,
    /// 编外
    Contract,
}

/// 退休类别: which statutory age a woman has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// 干部
    #[default]
    Cadre,
    /// 工人
    Worker,
    /// 高级职称、处级
    Senior,
}

/// 岗位等级: a grade of a category, or none yet; such as `professional_10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// 管理一级…十级
    Management(u8),
    /// 专业技术一级…十三级
    Professional(u8),
    /// 技术工一级…五级
    Worker(u8),
    /// 普通工
    WorkerGeneral,
    /// 未定级
    Ungraded,
}

impl Level {
    /// Reads a code such as `professional_10`.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "worker_general" => return Some(Self::WorkerGeneral),
            "ungraded" => return Some(Self::Ungraded),
            _ => {}
        }
        let (kind, number) = code.rsplit_once('_')?;
        let grade: u8 = number.parse().ok()?;
        if number.starts_with(['0', '+']) || grade == 0 {
            return None;
        }
        match (kind, grade) {
            ("management", ..=10) => Some(Self::Management(grade)),
            ("professional", ..=13) => Some(Self::Professional(grade)),
            ("worker", ..=5) => Some(Self::Worker(grade)),
            _ => None,
        }
    }

    /// Whether people of the category can have the level.
    pub fn fits(self, category: Category) -> bool {
        match self {
            Self::Management(_) => category == Category::Management,
            Self::Professional(_) => category == Category::Professional,
            Self::Worker(_) | Self::WorkerGeneral => category == Category::Worker,
            Self::Ungraded => true,
        }
    }

    /// Every level of a category, highest first, 未定级 last.
    pub fn all(category: Category) -> Vec<Self> {
        let mut levels: Vec<Self> = match category {
            Category::Management => (1..=10).map(Self::Management).collect(),
            Category::Professional => (1..=13).map(Self::Professional).collect(),
            Category::Worker => (1..=5).map(Self::Worker).chain([Self::WorkerGeneral]).collect(),
        };
        levels.push(Self::Ungraded);
        levels
    }

    /// The codes of the graded levels by their category's code, as forms list them.
    pub fn by_category() -> Vec<(String, Vec<String>)> {
        let of = |category: Category| {
            let graded = Self::all(category).into_iter().filter(|l| *l != Self::Ungraded);
            (category.code(), graded.map(|l| l.to_string()).collect())
        };
        [Category::Management, Category::Professional, Category::Worker].map(of).into()
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Management(n) => write!(f, "management_{n}"),
            Self::Professional(n) => write!(f, "professional_{n}"),
            Self::Worker(n) => write!(f, "worker_{n}"),
            Self::WorkerGeneral => f.write_str("worker_general"),
            Self::Ungraded => f.write_str("ungraded"),
        }
    }
}

impl Serialize for Level {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl PartialSchema for Level {
    fn schema() -> RefOr<Schema> {
        <String as PartialSchema>::schema()
    }
}

impl ToSchema for Level {}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("not a level"))
    }
}

/// Enums whose codes are their serde names: to and from the text that databases and forms hold.
pub trait Code: Serialize + for<'de> Deserialize<'de> {
    /// The code, such as `on_post`.
    fn code(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(code)) => code,
            _ => String::new(),
        }
    }

    /// The value of a code.
    fn from_code(code: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
    }
}

impl Code for Gender {}
impl Code for Category {}
impl Code for Subject {}
impl Code for Status {}
impl Code for Establishment {}
impl Code for Retirement {}
impl Code for Level {}
