//! The words of the printed form: data beside the code.
use std::sync::LazyLock;

use serde::Deserialize;

/// What `labels.toml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    pub number: String,
    pub day: String,
    pub name: String,
    pub tax_number: String,
    pub figures: String,
    pub capitals: String,
    pub digits: String,
    pub tens: String,
    pub wan: String,
    pub yuan: String,
    pub jiao: String,
    pub fen: String,
    pub whole: String,
    pub ornaments: String,
}

/// The labels; the tests of the readers would fail without them.
pub(super) static LABELS: LazyLock<Labels> =
    LazyLock::new(|| toml::from_str(include_str!("labels.toml")).unwrap_or_default());
