//! The catalogue of a course platform: courses and lectures as published, their media, finding them. Facts of a
//! published course never change; whoever learned it is credited for what it was.
mod api;
mod change;
pub mod lectures;
mod media;
mod needs;
mod price;
mod publish;
mod search;
mod sprite;
mod store;
mod store_coming;
mod store_questions;
mod topics;

pub use api::{CourseItem, docs, offered};
pub use change::{CHANGED, Changed, changed};
pub use media::MayWatch;
pub use needs::{AskNeeds, InvoiceTitle, Learned, Needs};
pub use price::{hours, price};
pub use publish::publish;
pub use search::Wanted;
pub use sprite::Sprite;
pub use store::{Course, Kind, Lecture, Origin, all, course, insert, lecture, next_place, replace, withdraw};
pub use store_coming::{Coming, coming};
pub use store_questions::{Question, insert_questions, questions};
pub use topics::{Topic, by_topic, names as topic_names};

use std::path::Path;

use site::Routes;

/// The slice's routes; `media_dir` is where [`publish`] put the lectures, `may_watch` decides who sees them.
pub fn routes(media_dir: &Path, may_watch: MayWatch) -> Routes {
    api::routes().and(media::routes(media_dir, may_watch))
}
