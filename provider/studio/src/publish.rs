//! From a draft to a course: every material is a lecture by then, and from then on nothing of it changes.
use audit::Deed;
use base::{Error, Fen, PersonId, Result, SessionId};
use catalogue::{Course, Lecture, Origin, price};
use serde_json::{Value, json};
use site::Site;

use crate::{
    change,
    draft::Draft,
    material::{Material, State},
    store,
};

/// Publishes a draft; answers the course. The same again answers the same course.
pub(crate) async fn publish(site: &Site, by: PersonId, id: &str) -> Result<String> {
    let tx = site.db.begin().await?;
    let draft = store::hold_draft(&tx, id).await?;
    if let Some(course) = draft.course {
        return Ok(course);
    }
    let materials = store::materials(&tx, id).await?;
    if materials.is_empty() {
        return Err(Error::conflict("draft_empty"));
    }
    if materials.iter().any(|m| m.state != State::Ready.code()) {
        return Err(Error::conflict("draft_not_ready"));
    }
    if materials.iter().map(|m| m.seconds).sum::<i64>() < 60 {
        return Err(Error::conflict("draft_too_short"));
    }
    let fresh: SessionId = site.new_id();
    let course = course(&draft, format!("c-{fresh}"), materials);
    let place = catalogue::next_place(&tx).await?;
    catalogue::insert(&tx, &course, place, site.now()).await?;
    let mut before = None;
    if let Some(id) = &draft.replaces {
        before = Some(catalogue::course(&tx, id).await?);
        catalogue::replace(&tx, id, &course.id, site.now()).await?;
    }
    store::published(&tx, id, &course.id, site.now()).await?;
    catalogue::changed(site, &tx).await?;
    let said = change::between(before.as_ref().map(facts).as_ref(), &facts(&course));
    let said = change::with(said, "replaces", json!(draft.replaces));
    audit::record(site, &tx, Deed::here(Some(by), "course.publish", &course.id, said)).await?;
    tx.commit().await?;
    tracing::info!(course = course.id, "a course was published");
    Ok(course.id)
}

/// Withdraws a course, or offers it again; the same again changes nothing.
pub(crate) async fn offer(site: &Site, by: PersonId, id: &str, is_offered: bool) -> Result<()> {
    let tx = site.db.begin().await?;
    let course = catalogue::course(&tx, id).await?;
    let at = (!is_offered).then(|| site.now());
    if catalogue::withdraw(&tx, id, at).await? {
        catalogue::changed(site, &tx).await?;
        let action = if is_offered { "course.offer" } else { "course.withdraw" };
        let said = json!({"title": course.title, "offered": {"before": !is_offered, "after": is_offered}});
        audit::record(site, &tx, Deed::here(Some(by), action, id, said)).await?;
        tracing::info!(course = id, is_offered, "a course was withdrawn or offered again");
    }
    tx.commit().await
}

/// What of a course the trail tells.
fn facts(course: &Course) -> Value {
    json!({
        "title": course.title, "subject": course.subject, "topic": course.topic, "teacher": course.teacher,
        "hours": course.hours(), "price": course.price, "lectures": course.lectures.len(),
    })
}

fn course(draft: &Draft, id: String, materials: Vec<Material>) -> Course {
    let seconds: i64 = materials.iter().map(|m| m.seconds).sum();
    let price = price(catalogue::hours(u64::try_from(seconds / 60).unwrap_or(0)), draft.facts.rate());
    let lecture = |(m, place): (Material, i64)| Lecture {
        id: m.id,
        course: id.clone(),
        place,
        title: m.title,
        seconds: m.seconds,
        kind: m.kind,
        detail: m.detail,
    };
    let lectures = materials.into_iter().zip(1..).map(lecture).collect();
    let facts = draft.facts.clone();
    Course {
        price,
        free: price == Fen::ZERO,
        title: facts.title,
        subject: facts.subject,
        topic: facts.topic,
        teacher: facts.teacher,
        audience: facts.audience,
        paper_size: 0,
        origin: Origin::Made,
        withdrawn_at: None,
        replaced_at: None,
        lectures,
        id,
    }
}
