//! The words of rosters, from `data/roster.toml`: headers and values to codes.
use std::{collections::HashMap, sync::LazyLock};

use base::{
    Category, Establishment, Gender, Level, PaperKind, Retirement, Status,
    person::{Code, half_width},
};

/// The columns that are read, in the order in which their errors are listed.
pub(crate) const COLUMNS: [&str; 14] = [
    "name",
    "id_type",
    "id_number",
    "gender",
    "birth_date",
    "category",
    "level",
    "department",
    "joined_on",
    "phone",
    "status",
    "staff_no",
    "establishment",
    "retirement",
];

type Table = HashMap<String, HashMap<String, Vec<String>>>;

struct Words {
    columns: HashMap<String, &'static str>,
    values: HashMap<String, HashMap<String, String>>,
    prefixes: HashMap<String, Vec<String>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut table: Table = toml::from_str(include_str!("../../data/roster.toml")).unwrap_or_default();
    let turned = |rows: &HashMap<String, Vec<String>>| -> HashMap<String, String> {
        rows.iter().flat_map(|(code, words)| words.iter().map(move |w| (w.clone(), code.clone()))).collect()
    };
    let columns = table.remove("columns").map(|c| turned(&c)).unwrap_or_default();
    let columns = columns
        .into_iter()
        .filter_map(|(word, code)| Some((word, *COLUMNS.iter().find(|c| **c == code)?)))
        .collect();
    let prefixes = table.remove("level_prefix").unwrap_or_default();
    let values = table.iter().map(|(kind, rows)| (kind.clone(), turned(rows))).collect();
    Words { columns, values, prefixes }
});

/// A header or value as it is compared: half-width, without spaces.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '*').collect()
}

/// The column that a header names; what stands in brackets behind the name is a remark.
pub(crate) fn column(header: &str) -> Option<&'static str> {
    let plain = plain(header);
    let name = plain.split(['(', '[', '\u{3010}', ':', '/']).next().unwrap_or_default();
    WORDS.columns.get(name).copied()
}

fn known<T: Code>(kind: &str, text: &str) -> Option<T> {
    let text = plain(text);
    let code = WORDS.values.get(kind).and_then(|words| words.get(&text)).unwrap_or(&text);
    T::from_code(code)
}

pub(crate) fn category(text: &str) -> Option<Category> {
    known("category", text)
}

pub(crate) fn level(text: &str) -> Option<Level> {
    known("level", text)
}

/// A level that may be written without its category, such as 十级.
pub(crate) fn level_of(text: &str, category: Option<Category>) -> Option<Level> {
    level(text).or_else(|| {
        let prefixes = WORDS.prefixes.get(&category?.code())?;
        prefixes.iter().find_map(|p| level(&format!("{p}{text}")))
    })
}

pub(crate) fn status(text: &str) -> Option<Status> {
    known("status", text)
}

pub(crate) fn gender(text: &str) -> Option<Gender> {
    known("gender", text)
}

pub(crate) fn id_type(text: &str) -> Option<PaperKind> {
    known("id_type", text)
}

pub(crate) fn establishment(text: &str) -> Option<Establishment> {
    known("establishment", text)
}

pub(crate) fn retirement(text: &str) -> Option<Retirement> {
    known("retirement", text)
}

/// A department's name: one line of up to 100 characters.
pub(crate) fn department(text: &str) -> Option<String> {
    let folded: String = text.chars().map(half_width).collect();
    let name = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_name = (1..=100).contains(&name.chars().count()) && !name.chars().any(base::name::is_hidden);
    is_name.then_some(name)
}

/// A 工号: up to 32 letters, digits and dashes.
pub(crate) fn staff_no(text: &str) -> Option<String> {
    let number = plain(text);
    let is_number = (1..=32).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    is_number.then_some(number)
}

/// The number that a sign of a spelt date stands for.
pub(super) fn digit(sign: char) -> Option<u32> {
    if let Some(digit) = sign.to_digit(10) {
        return Some(digit);
    }
    WORDS.values.get("digits")?.get(sign.encode_utf8(&mut [0; 4]))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosters_words_are_understood() {
        assert_eq!(column(" 身份证 号*"), Some("id_number"));
        assert_eq!(column("参加工作时间（年月日）"), Some("joined_on"));
        assert_eq!(column("手机号码\n(必填)"), Some("phone"));
        assert_eq!(category("专业技术"), Some(Category::Professional));
        assert_eq!(level("专业技术十级"), Some(Level::Professional(10)));
        assert_eq!(level_of("十级", Some(Category::Professional)), Some(Level::Professional(10)));
        assert_eq!(level_of("十级", None), None);
        assert_eq!(level("management_7"), Some(Level::Management(7)));
        assert_eq!(level("专业技术十九级"), None);
        assert_eq!(status("在岗"), Some(Status::OnPost));
        assert_eq!(id_type("港澳台居民居住证"), Some(PaperKind::ResidencePermit));
        assert_eq!(establishment("劳务派遣"), Some(Establishment::Contract));
        assert_eq!(retirement("senior"), Some(Retirement::Senior));
        assert_eq!(staff_no("Ｇ２０１２－００１").as_deref(), Some("G2012-001"));
    }
}
