//! The catalogue of a course platform: courses and lectures as published, their media, the front page. Facts of a
//! published course never change; whoever learned it is credited for what it was.
mod api;
pub mod lectures;
mod media;
mod pages;
mod publish;
mod search;
mod store;

pub use api::docs;
pub use media::MayWatch;
pub use publish::publish;
pub use store::{Coming, Course, Lecture, Question, all, coming, course, lecture, questions};

use std::path::Path;

use site::Routes;

/// The slice's routes; `media_dir` is where [`publish`] put the lectures, `may_watch` decides who sees them.
pub fn routes(media_dir: &Path, may_watch: MayWatch) -> Routes {
    api::routes().and(pages::routes()).and(media::routes(media_dir, may_watch))
}
