//! Conditions on whom rows are about, for statements that go over many people.
use base::PersonId;

use crate::{Param, Value, in_list};

/// Which people: some, or everyone in a span of ids.
#[derive(Clone, Copy, Debug)]
pub enum People<'a> {
    /// These.
    These(&'a [PersonId]),
    /// Everyone after an id up to another. Whoever goes over all people page by page asks so: a condition of two values, that
    /// indexes answer in order, where a list has a thousand.
    Between(&'a str, PersonId),
}

/// Appends the values; answers what writes the condition that a column is one of the people.
pub fn among(people: People<'_>, values: &mut Vec<Value>) -> impl Fn(&str) -> String + use<> {
    let first = values.len() + 1;
    let list = match people {
        People::These(ids) => {
            values.extend(ids.iter().map(Param::param));
            Some(in_list(first, ids.len()))
        }
        People::Between(after, last) => {
            values.extend(crate::params![after, last]);
            None
        }
    };
    move |column: &str| match &list {
        Some(list) => format!("{column} IN ({list})"),
        None => format!("({column} > ${first} AND {column} <= ${})", first + 1),
    }
}
