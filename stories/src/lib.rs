//! Tests that cross slices; see `tests/it` and `browser`.
