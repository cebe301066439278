//! Lists of the API: `{"items":[…],"next":cursor|null}` with `?after=&limit=`, by key, never by offset.
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The paging part of a query.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items after this cursor.
    pub after: Option<String>,
    /// At most so many, up to 200.
    pub limit: Option<u32>,
}

impl Paging {
    /// How many items to give: 50 unless asked, at most 200.
    pub fn limit(&self) -> i64 {
        i64::from(self.limit.unwrap_or(50).clamp(1, 200))
    }

    /// The cursor to start after; empty sorts before all.
    pub fn after(&self) -> &str {
        self.after.as_deref().unwrap_or("")
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page from up to `limit + 1` items in order; `cursor` names an item.
    pub fn of(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(50);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(cursor);
        Self { items, next }
    }

    /// The part of a short list that is asked for: all after the cursor unless a limit is named.
    pub fn part(items: Vec<T>, paging: &Paging, cursor: impl Fn(&T) -> String) -> Self {
        let begin = paging.after.as_ref().map_or(0, |after| {
            items.iter().position(|item| cursor(item) == *after).map_or(items.len(), |place| place + 1)
        });
        let rest: Vec<T> = items.into_iter().skip(begin).collect();
        if paging.limit.is_none() { Self::whole(rest) } else { Self::of(rest, paging.limit(), cursor) }
    }

    /// A whole short list.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}
