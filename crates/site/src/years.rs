//! The years that a page offers to choose from. The macro that draws them also says which of them goes by last year's
//! rules, so that a page with a year cannot forget it.
use std::{slice::Iter, sync::Arc};

use base::Year;

use crate::{Site, Texts};

/// The years that a page offers, newest first.
#[derive(Clone)]
pub struct Years {
    offered: Vec<Year>,
    ruled: Vec<Year>,
    texts: Arc<Texts>,
}

impl Years {
    /// `offered` in any order; `ruled` are those with a policy of their own.
    pub fn new(site: &Site, mut offered: Vec<Year>, ruled: Vec<Year>) -> Self {
        offered.sort_unstable_by(|a, b| b.cmp(a));
        offered.dedup();
        Self { offered, ruled, texts: Arc::clone(&site.texts) }
    }

    /// Years of things that no policy rules, such as months that are settled.
    pub fn plain(site: &Site, offered: Vec<Year>) -> Self {
        Self::new(site, offered.clone(), offered)
    }

    /// What is to be said of a year without a policy of its own (暂按上年政策, domain §1); empty for any other.
    pub fn note(&self, year: &str) -> String {
        let Ok(number) = year.parse::<i64>() else { return String::new() };
        let has = |number: i64| Year::new(number).is_some_and(|y| self.ruled.contains(&y));
        if has(number) || !has(number - 1) {
            return String::new();
        }
        self.texts.with("policy-provisional", &[("year", year)])
    }
}

impl Years {
    /// The years on offer.
    pub fn iter(&self) -> Iter<'_, Year> {
        self.offered.iter()
    }
}

impl<'a> IntoIterator for &'a Years {
    type Item = &'a Year;
    type IntoIter = Iter<'a, Year>;

    fn into_iter(self) -> Self::IntoIter {
        self.offered.iter()
    }
}
