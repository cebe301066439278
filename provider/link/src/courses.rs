//! The courses that are offered here on their way to the management platform, whose learners find them there: the whole
//! list, signed, whenever it changes and at every start; a long one in parts under one name, so that what none of them
//! names is taken off there. Sending it twice is harmless.
use base::{EntryId, Error, Result};
use catalogue::CourseItem;
use serde::Serialize;
use site::Site;

use crate::hub::{self, Hub};

/// The management platform takes so many courses at once.
const MOST: usize = 1_000;

#[derive(Serialize)]
struct Message<'a> {
    courses: &'a [CourseItem],
    /// Whether the list is complete with these, so that others are no longer listed there.
    whole: bool,
    /// The name of a list in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'a str>,
}

/// Sends what is offered now. Fails, and so is tried again, until it was taken.
pub(crate) async fn send(site: &Site, hub: &Hub) -> Result<()> {
    let courses = catalogue::offered(site).await?;
    // An empty list is said as well: everything was withdrawn.
    let mut parts: Vec<&[CourseItem]> = courses.chunks(MOST).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    let name = site.new_id::<EntryId>().to_string();
    let list = (parts.len() > 1).then_some(name.as_str());
    let last = parts.len() - 1;
    for (at, courses) in parts.into_iter().enumerate() {
        let message = Message { courses, whole: at == last, list };
        let answer = hub.post(site, "/api/v1/provider/courses", &message).await?;
        if answer.status != 200 {
            return Err(Error::internal(format!("courses: {} {}", answer.status, hub::code(&answer))));
        }
    }
    Ok(())
}
