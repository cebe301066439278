//! Enrolling in courses. A course that costs needs an order, and orders come with the shop, which this version has not.
use base::{Error, Kind, PersonId, Result};
use catalogue::Course;
use site::Site;

use crate::store;

/// Enrols the learner; the same again changes nothing.
pub(crate) async fn enrol(site: &Site, learner: PersonId, course: &str) -> Result<Course> {
    let course = catalogue::course(&site.db, course).await?;
    ensure(site, learner, &course).await?;
    Ok(course)
}

/// Lets pass whoever is enrolled; free courses enrol at once.
pub(crate) async fn ensure(site: &Site, learner: PersonId, course: &Course) -> Result<()> {
    if store::is_enrolled(&site.db, learner, &course.id).await? {
        return Ok(());
    }
    if !course.free {
        let refusal = Error::refused(Kind::Unpaid, "payment_required");
        return Err(refusal
            .with("price", course.price.to_string().into())
            .with("order", serde_json::Value::Null));
    }
    store::enrol(&site.db, learner, &course.id, site.now()).await
}
