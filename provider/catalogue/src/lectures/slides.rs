//! A lecture's slides as pictures, 1280 × 720.

use documents::{Manuscript, Typesetter};
use serde_json::{Value, json};

use super::{CourseSource, LectureError, LectureSource, Theme};

const TEMPLATE: &str = include_str!("../../content/slide.typ");

/// The slides as PNG, in order.
pub(super) async fn draw(
    typesetter: &Typesetter,
    course: &CourseSource,
    lecture: &LectureSource,
    theme: &Theme,
) -> Result<Vec<Vec<u8>>, LectureError> {
    let data = data(course, lecture, theme);
    let typesetter = typesetter.clone();
    let drawn = tokio::task::spawn_blocking(move || {
        typesetter.png(&Manuscript { template: TEMPLATE, data: &data, files: &[] }, 1.0)
    });
    drawn
        .await
        .map_err(|_| LectureError::Interrupted)?
        .map_err(|source| LectureError::Slides { lecture: lecture.id.clone(), source })
}

fn data(course: &CourseSource, lecture: &LectureSource, theme: &Theme) -> Value {
    let slides: Vec<Value> = lecture
        .slides
        .iter()
        .map(|slide| json!({ "heading": slide.heading, "points": slide.points }))
        .collect();
    json!({
        "provider": theme.name,
        "color": theme.color,
        "course": course.title,
        "lecture": lecture.title,
        "teacher": course.teacher,
        "slides": slides,
    })
}
