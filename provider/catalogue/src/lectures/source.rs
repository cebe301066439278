//! The courses as they are delivered: one TOML file per provider, checked when read.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::LectureError;

/// How a provider's slides look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The provider's short name, on every slide.
    pub name: String,
    /// Its colour as `#rrggbb`.
    pub color: String,
}

/// Which kind of hours a course gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// 公共科目
    Public,
    /// 专业科目
    Professional,
}

impl Subject {
    /// The word used in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Professional => "professional",
        }
    }
}

/// A course with its lectures in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseSource {
    /// Stable id, unique over all providers.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind of hours.
    pub subject: Subject,
    /// Topic; for free public courses one of the notice's ten.
    pub topic: String,
    /// Who teaches.
    pub teacher: String,
    /// Whether learning costs nothing.
    pub free: bool,
    /// Price of an hour in fen; 0 where free.
    pub rate_fen: u32,
    /// The categories of staff it is meant for, by their codes; none for all.
    #[serde(default)]
    pub audience: Vec<String>,
    /// How many questions a quiz paper has; 0 is no quiz.
    #[serde(default)]
    pub paper: u32,
    /// Its bank of questions, for attention checks and papers.
    #[serde(default)]
    pub questions: Vec<QuestionSource>,
    /// At least one.
    pub lectures: Vec<LectureSource>,
}

impl CourseSource {
    /// How much is said in it, in characters.
    pub fn characters(&self) -> usize {
        let slides = self.lectures.iter().flat_map(|lecture| &lecture.slides);
        slides.map(|slide| slide.narration.chars().count()).sum()
    }
}

/// A question; the first option is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionSource {
    /// What is asked.
    pub prompt: String,
    /// The options, the right one first.
    pub options: Vec<String>,
}

/// A lecture as text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LectureSource {
    /// Stable id, unique over all providers; also the folder of its film.
    pub id: String,
    /// Title.
    pub title: String,
    /// At least one.
    pub slides: Vec<SlideSource>,
}

/// One slide and what is said with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlideSource {
    /// Heading.
    pub heading: String,
    /// Up to four lines; none makes it the title slide.
    pub points: Vec<String>,
    /// What is said, in words: digits are written as they are spoken.
    pub narration: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    name: String,
    color: String,
    courses: Vec<CourseSource>,
}

/// The courses of `provider`, by its slug: `ischinese`, `webtrn` or `hnkfdx`.
pub fn courses(provider: &str) -> Result<Vec<CourseSource>, LectureError> {
    Ok(read(provider)?.courses)
}

/// The look of `provider`'s slides.
pub fn theme(provider: &str) -> Result<Theme, LectureError> {
    let ProviderFile { name, color, .. } = read(provider)?;
    Ok(Theme { name, color })
}

fn read(provider: &str) -> Result<ProviderFile, LectureError> {
    let text = match provider {
        "ischinese" => include_str!("../../content/ischinese.toml"),
        "webtrn" => include_str!("../../content/webtrn.toml"),
        "hnkfdx" => include_str!("../../content/hnkfdx.toml"),
        _ => return Err(LectureError::UnknownProvider(provider.to_owned())),
    };
    let content = |reason: String| LectureError::Content { provider: provider.to_owned(), reason };
    let file: ProviderFile = toml::from_str(text).map_err(|error| content(error.to_string()))?;
    check(&file).map_err(content)?;
    Ok(file)
}

/// What types cannot say: nothing empty, ids usable as folders and unique, prices that fit.
fn check(file: &ProviderFile) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for course in &file.courses {
        if course.free != (course.rate_fen == 0) {
            return Err(format!("course {}: price and free flag disagree", course.id));
        }
        if course.title.is_empty() || course.topic.is_empty() || course.lectures.is_empty() {
            return Err(format!("course {} is incomplete", course.id));
        }
        check_questions(course)?;
        for lecture in &course.lectures {
            check_lecture(lecture)?;
        }
        for id in course.lectures.iter().map(|lecture| &lecture.id).chain([&course.id]) {
            if !is_id(id) || !ids.insert(id) {
                return Err(format!("{id:?} is no id or used twice"));
            }
        }
    }
    Ok(())
}

fn check_questions(course: &CourseSource) -> Result<(), String> {
    let is_whole = |q: &QuestionSource| {
        let distinct: BTreeSet<&String> = q.options.iter().collect();
        !q.prompt.is_empty() && q.options.len() >= 2 && distinct.len() == q.options.len()
    };
    let is_enough = course.questions.len() >= course.paper as usize;
    if !is_enough || !course.questions.iter().all(is_whole) {
        return Err(format!("course {}: its questions are incomplete", course.id));
    }
    Ok(())
}

fn check_lecture(lecture: &LectureSource) -> Result<(), String> {
    let is_whole = |slide: &SlideSource| {
        !slide.heading.is_empty()
            && slide.points.len() <= 4
            && slide.points.iter().all(|point| !point.is_empty())
            && slide.narration.chars().count() >= 10
    };
    if lecture.title.is_empty() || lecture.slides.is_empty() || !lecture.slides.iter().all(is_whole) {
        return Err(format!("lecture {} is incomplete", lecture.id));
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDERS: [&str; 3] = ["ischinese", "webtrn", "hnkfdx"];

    #[test]
    fn every_provider_has_a_free_public_course_first_and_a_professional_one() {
        for provider in PROVIDERS {
            let courses = courses(provider).unwrap();
            let first = courses.first().unwrap();
            assert!(first.free && first.subject == Subject::Public, "{provider}");
            assert!(courses.iter().any(|course| course.subject == Subject::Professional && !course.free));
            for course in courses.iter().filter(|course| course.subject == Subject::Public) {
                assert!(crate::topics::names().contains(&course.topic), "{}", course.topic);
            }
            assert!(theme(provider).unwrap().color.starts_with('#'));
        }
    }

    #[test]
    fn ids_are_unique_over_all_providers() {
        let mut seen = BTreeSet::new();
        for lecture in
            PROVIDERS.iter().flat_map(|provider| courses(provider).unwrap()).flat_map(|c| c.lectures)
        {
            assert!(seen.insert(lecture.id.clone()), "{}", lecture.id);
        }
    }

    #[test]
    fn an_unknown_provider_is_an_error() {
        assert!(matches!(courses("nobody"), Err(LectureError::UnknownProvider(_))));
    }
}
