//! The year's ten topics of the public subject (notice, 二.1), and which of them are taught and learned here.
use serde::Deserialize;

use crate::Course;

/// A topic with its courses here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many courses teach it here.
    pub courses: usize,
    /// How many of them the learner completed.
    pub learned: usize,
}

#[derive(Deserialize)]
struct Listed {
    topics: Vec<String>,
}

/// The topics in the notice's order.
pub fn names() -> Vec<String> {
    toml::from_str::<Listed>(include_str!("../content/topics.toml")).map(|l| l.topics).unwrap_or_default()
}

/// Each of the named topics with its courses; `is_learned` knows the learner.
pub fn by_topic(names: &[String], courses: &[Course], is_learned: impl Fn(&Course) -> bool) -> Vec<Topic> {
    let one = |name: &String| {
        let of: Vec<&Course> = courses.iter().filter(|c| c.subject == "public" && c.topic == *name).collect();
        let learned = of.iter().filter(|c| is_learned(c)).count();
        Topic { name: name.clone(), courses: of.iter().filter(|c| c.is_offered()).count(), learned }
    };
    names.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_notice_names_ten_topics() {
        assert_eq!(super::names().len(), 10);
    }
}
