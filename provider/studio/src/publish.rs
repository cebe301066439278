//! From a draft to a course: every material is a lecture by then, and from then on nothing of it changes.
use base::{Error, Fen, PersonId, Result, SessionId};
use catalogue::{Course, Lecture, Origin, price};
use serde_json::json;
use site::Site;

use crate::{
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
    if let Some(before) = &draft.replaces {
        catalogue::replace(&tx, before, &course.id, site.now()).await?;
    }
    store::published(&tx, id, &course.id, site.now()).await?;
    catalogue::changed(site, &tx).await?;
    tx.commit().await?;
    tracing::info!(course = course.id, %by, replaces = json!(draft.replaces).to_string(), "a course was published");
    Ok(course.id)
}

/// Withdraws a course, or offers it again; the same again changes nothing.
pub(crate) async fn offer(site: &Site, id: &str, is_offered: bool) -> Result<()> {
    let tx = site.db.begin().await?;
    catalogue::course(&tx, id).await?;
    let at = (!is_offered).then(|| site.now());
    if catalogue::withdraw(&tx, id, at).await? {
        catalogue::changed(site, &tx).await?;
        tracing::info!(course = id, is_offered, "a course was withdrawn or offered again");
    }
    tx.commit().await
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
