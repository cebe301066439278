//! The words of rosters, from `data/roster.toml`: headers and values to codes.
use std::{collections::HashMap, sync::LazyLock};

use base::{Category, Level, Status, person::Code};

/// The columns that are read.
pub(crate) const COLUMNS: [&str; 8] =
    ["name", "id_number", "category", "level", "department", "joined_on", "phone", "status"];

type Table = HashMap<String, HashMap<String, Vec<String>>>;

struct Words {
    columns: HashMap<String, &'static str>,
    values: HashMap<&'static str, HashMap<String, String>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("../../data/roster.toml")).unwrap_or_default();
    let turned = |kind: &str| -> HashMap<String, String> {
        let rows = table.get(kind).into_iter().flatten();
        rows.flat_map(|(code, words)| words.iter().map(move |w| (w.clone(), code.clone()))).collect()
    };
    let columns = turned("columns")
        .into_iter()
        .filter_map(|(word, code)| Some((word, *COLUMNS.iter().find(|c| **c == code)?)))
        .collect();
    Words { columns, values: ["category", "level", "status"].into_iter().map(|k| (k, turned(k))).collect() }
});

/// A header or value as it is compared: half-width, without spaces.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(base::person::half_width).filter(|c| !c.is_whitespace() && *c != '*').collect()
}

/// The column that a header names.
pub(crate) fn column(header: &str) -> Option<&'static str> {
    WORDS.columns.get(&plain(header)).copied()
}

fn code(kind: &str, text: &str) -> Option<String> {
    let text = plain(text);
    WORDS.values.get(kind).and_then(|words| words.get(&text)).cloned().or(Some(text))
}

pub(crate) fn category(text: &str) -> Option<Category> {
    code("category", text).and_then(|c| Category::from_code(&c))
}

pub(crate) fn level(text: &str) -> Option<Level> {
    code("level", text).and_then(|c| Level::parse(&c))
}

pub(crate) fn status(text: &str) -> Option<Status> {
    code("status", text).and_then(|c| Status::from_code(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosters_words_are_understood() {
        assert_eq!(column(" 身份证 号*"), Some("id_number"));
        assert_eq!(category("专业技术"), Some(Category::Professional));
        assert_eq!(level("专业技术十级"), Some(Level::Professional(10)));
        assert_eq!(level("专业技术十三级"), Some(Level::Professional(13)));
        assert_eq!(level("management_7"), Some(Level::Management(7)));
        assert_eq!(level("专业技术十九级"), None);
        assert_eq!(status("在岗"), Some(Status::OnPost));
    }
}
