//! The courses that are offered here on their way to the management platform, whose learners find them there: the whole
//! list, signed, whenever it changes and at every start. Sending it twice is harmless.
use base::{Error, Result};
use catalogue::CourseItem;
use serde::Serialize;
use site::Site;

use crate::hub::{self, Hub};

/// The management platform takes so many courses at once.
const MOST: usize = 1_000;

#[derive(Serialize)]
struct Message<'a> {
    courses: &'a [CourseItem],
    /// Whether these are all, so that others are no longer listed there.
    whole: bool,
}

/// Sends what is offered now. Fails, and so is tried again, until it was taken.
pub(crate) async fn send(site: &Site, hub: &Hub) -> Result<()> {
    let courses = catalogue::offered(site).await?;
    let whole = courses.len() <= MOST;
    // An empty list is said as well: everything was withdrawn.
    let mut parts: Vec<&[CourseItem]> = courses.chunks(MOST).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for courses in parts {
        let answer = hub.post(site, "/api/v1/provider/courses", &Message { courses, whole }).await?;
        if answer.status != 200 {
            return Err(Error::internal(format!("courses: {} {}", answer.status, hub::code(&answer))));
        }
    }
    Ok(())
}
