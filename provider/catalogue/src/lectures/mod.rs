//! Lectures of our own: content as data, slides set like documents, spoken, and cut for the player.
//!
//! A lecture lasts exactly as long as the film that was made of it; nothing is declared longer.

mod captions;
mod error;
mod film;
mod make;
mod slides;
mod source;
mod speech;

pub use error::LectureError;
pub use make::{MadeLecture, Workshop, make};
pub use source::{CourseSource, LectureSource, QuestionSource, SlideSource, Subject, Theme, courses, theme};
