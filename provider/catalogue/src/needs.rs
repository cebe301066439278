//! What a learner's year still needs, as the management platform tells a provider: known above the catalogue, used by
//! every slice of a course platform.
use std::sync::Arc;

use base::{Fen, Hours, PersonId};
use futures::future::BoxFuture;
use serde::Deserialize;
use site::Site;

use crate::Course;

/// A course that counts no more this year, because it was learned already.
#[derive(Clone, Debug, Deserialize)]
pub struct Learned {
    /// Its id here.
    pub course: String,
    /// At which provider it was learned.
    pub at: String,
}

/// How the learner's unit has its invoices titled.
#[derive(Clone, Debug, Deserialize)]
pub struct InvoiceTitle {
    /// The title.
    pub title: String,
    /// The tax number.
    pub tax_number: String,
}

/// What the learner's year still needs.
#[derive(Clone, Debug, Deserialize)]
pub struct Needs {
    /// The category of the learner's post.
    pub category: Option<String>,
    /// Whether the learner has to train this year.
    pub obliged: bool,
    /// Whether the year is complete.
    pub satisfied: bool,
    /// Missing public hours.
    pub public: Hours,
    /// Missing professional hours.
    pub professional: Hours,
    /// The year's topics.
    pub topics: Vec<String>,
    /// Public courses of this provider that the year counts in the professional subject.
    #[serde(default)]
    pub outside: Vec<String>,
    /// Courses of this provider that count no more.
    pub learned: Vec<Learned>,
    /// What of fees for professional courses can still be reimbursed.
    pub allowance_left: Fen,
    /// The unit's invoice title.
    pub invoice: Option<InvoiceTitle>,
}

impl Needs {
    /// Where the course was learned this year, if it was.
    pub fn learned_at(&self, course: &str) -> Option<&str> {
        self.learned.iter().find(|l| l.course == course).map(|l| l.at.as_str())
    }

    /// The subject in which the year counts a course.
    pub fn subject<'a>(&self, course: &'a Course) -> &'a str {
        let is_outside = course.subject == "public" && self.outside.contains(&course.id);
        if is_outside { "professional" } else { &course.subject }
    }

    /// What the subject still lacks.
    pub fn missing(&self, subject: &str) -> Hours {
        if subject == "public" { self.public } else { self.professional }
    }
}

/// Asks the management platform; none when it does not answer soon.
pub type AskNeeds = Arc<dyn Fn(Site, PersonId) -> BoxFuture<'static, Option<Arc<Needs>>> + Send + Sync>;
