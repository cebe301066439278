//! The policies that come with the product; a fresh database has them published (contract).
use std::sync::LazyLock;

use base::Year;

static DELIVERED: LazyLock<Vec<(Year, &'static str)>> = LazyLock::new(|| {
    let texts = [
        (2023, include_str!("../../../../policies/hunan-2023.toml")),
        (2024, include_str!("../../../../policies/hunan-2024.toml")),
        (2025, include_str!("../../../../policies/hunan-2025.toml")),
        (2026, include_str!("../../../../policies/hunan-2026.toml")),
    ];
    texts.into_iter().filter_map(|(year, text)| Some((Year::new(year)?, text))).collect()
});

/// Year and text of every delivered policy, oldest first.
pub fn delivered() -> &'static [(Year, &'static str)] {
    &DELIVERED
}
