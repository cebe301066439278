//! What a record's fields are in JSON where the contract's form is not their own, so that whoever reads it back gets the
//! same numbers.
use std::borrow::Cow;

use base::{Day, Hours};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// An approved make-up.
#[derive(Serialize, ToSchema)]
pub(super) struct MakeUp {
    /// Its last day.
    #[schema(value_type = String, format = Date)]
    until: Day,
}

/// A relief from the year.
#[derive(Serialize, ToSchema)]
pub(super) struct Relief<'a> {
    /// The authority's document.
    document: &'a str,
}

pub(super) fn make_up<S: Serializer>(until: &Option<Day>, s: S) -> Result<S::Ok, S::Error> {
    until.map(|until| MakeUp { until }).serialize(s)
}

pub(super) fn relief<S: Serializer>(document: &Option<Cow<'_, str>>, s: S) -> Result<S::Ok, S::Error> {
    document.as_deref().map(|document| Relief { document }).serialize(s)
}

pub(super) fn hundredths<S: Serializer>(value: &i64, s: S) -> Result<S::Ok, S::Error> {
    Hours::from_hundredths(*value).serialize(s)
}
