//! A course in the making: what is said of it, and what must hold before it is published.
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an hour costs, in fen (notice 三.3): public 3, professional 4 yuan.
pub(crate) const PUBLIC_RATE: i64 = 300;
pub(crate) const PROFESSIONAL_RATE: i64 = 400;

/// A draft as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub id: String,
    pub facts: Facts,
    /// The course that it replaces.
    pub replaces: Option<String>,
    /// The course that it became.
    pub course: Option<String>,
}

/// What people say of a course.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    pub title: String,
    /// `public` or `professional`.
    pub subject: String,
    /// One of the year's topics for a public course, the field for a professional one.
    pub topic: String,
    pub teacher: String,
    /// The categories it is meant for; none for all.
    #[serde(default)]
    pub audience: Vec<String>,
    #[serde(default)]
    pub free: bool,
}

const AUDIENCES: [&str; 3] = ["management", "professional", "worker"];
const LONGEST_TITLE: usize = 60;

impl Facts {
    /// The facts with their edges trimmed, if they can stand.
    pub(crate) fn checked(mut self) -> Result<Self> {
        for text in [&mut self.title, &mut self.topic, &mut self.teacher] {
            *text = text.trim().to_owned();
        }
        let texts = [("title", &self.title), ("topic", &self.topic), ("teacher", &self.teacher)];
        if let Some((name, _)) = texts.iter().find(|(_, t)| t.is_empty()) {
            return Err(Error::invalid(*name, "required"));
        }
        if let Some((name, _)) = texts.iter().find(|(_, t)| t.chars().count() > LONGEST_TITLE) {
            return Err(Error::invalid(*name, "too_long_text"));
        }
        match self.subject.as_str() {
            // A public course names one of the year's ten topics (notice 二.1).
            "public" if !catalogue::topic_names().contains(&self.topic) => {
                return Err(Error::invalid("topic", "topic_outside"));
            }
            "public" | "professional" => {}
            _ => return Err(Error::invalid("subject", "wrong_value")),
        }
        if self.audience.iter().any(|a| !AUDIENCES.contains(&a.as_str())) {
            return Err(Error::invalid("audience", "wrong_value"));
        }
        Ok(self)
    }

    /// What an hour of it costs.
    pub(crate) fn rate(&self) -> i64 {
        match self.subject.as_str() {
            _ if self.free => 0,
            "public" => PUBLIC_RATE,
            _ => PROFESSIONAL_RATE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_course_names_one_of_the_years_topics() {
        let facts = |subject: &str, topic: &str| Facts {
            title: " 课 ".into(),
            subject: subject.into(),
            topic: topic.into(),
            teacher: "某".into(),
            ..Facts::default()
        };
        assert_eq!(facts("public", "消防安全").checked().unwrap().title, "课");
        assert!(facts("public", "烹饪").checked().is_err());
        assert_eq!(facts("professional", "烹饪").checked().unwrap().rate(), 400);
        assert!(facts("other", "烹饪").checked().is_err());
        assert!(facts("professional", "").checked().is_err());
    }
}
