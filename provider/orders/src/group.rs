//! Group orders: a unit's person orders courses for chosen colleagues and pays once, with one invoice for the unit. Each of
//! them takes the seat with a code that is bound to the name; two of one name are told apart by a remark behind it, as in
//! 王芳（教务处）. A seat cost its learner nothing, so the completion says 0 and
//! nobody can claim the fee again.
use std::collections::HashSet;

use base::{Error, Fen, JobId, Kind, PersonId, Result};
use catalogue::Course;
use site::Site;

use crate::{
    refunds,
    store::{self, Order, State},
    store_seats::{self as seats, Seat},
};

/// A group is at most so large, and takes at most so many courses.
const MOST_PEOPLE: usize = 500;
const MOST_COURSES: usize = 50;

/// Places a group order; it waits for its payment.
pub(crate) async fn place(
    site: &Site,
    buyer: PersonId,
    courses: &[String],
    people: &[String],
) -> Result<Order> {
    let people = names(people)?;
    let courses = offered(site, courses).await?;
    let id: JobId = site.new_id();
    let id = id.to_string();
    let numbered: Vec<(i64, String, String)> = (1_i64..)
        .zip(people)
        .map(|(place, name)| (place, name, secrets::sha256_hex(code(site, &id, place).as_bytes())))
        .collect();
    let count = i64::try_from(numbered.len()).unwrap_or(0);
    let tx = site.db.begin().await?;
    seats::open(&tx, &id, (buyer, site.now())).await?;
    for course in &courses {
        store::add_for(&tx, &id, buyer, (course, count)).await?;
    }
    let ids: Vec<String> = courses.into_iter().map(|c| c.id).collect();
    seats::insert(&tx, &id, &ids, &numbered).await?;
    tx.commit().await?;
    store::order(&site.db, &id, buyer).await
}

fn names(people: &[String]) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let names: Vec<String> = people.iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    if names.is_empty() || names.len() > MOST_PEOPLE || names.iter().any(|n| n.chars().count() > 40) {
        return Err(Error::invalid("people", "group_people"));
    }
    if let Some(twice) = names.iter().find(|n| !seen.insert(n.as_str())) {
        return Err(Error::invalid("people", "name_twice").with("name", twice.clone().into()));
    }
    Ok(names)
}

async fn offered(site: &Site, courses: &[String]) -> Result<Vec<Course>> {
    let distinct: HashSet<&String> = courses.iter().collect();
    if courses.is_empty() || courses.len() > MOST_COURSES || distinct.len() != courses.len() {
        return Err(Error::invalid("courses", "required"));
    }
    let all = catalogue::all(&site.db).await?;
    let one = |id: &String| {
        let course = all.iter().find(|c| c.id == *id && c.is_offered() && !c.free);
        course.cloned().ok_or_else(|| Error::invalid("courses", "wrong_value"))
    };
    courses.iter().map(one).collect()
}

/// The code of a seat: made from the installation's key, so that only its hash is stored.
fn code(site: &Site, order: &str, place: i64) -> String {
    let mac = site.keys.mac("orders.seat", &[order.as_bytes(), &place.to_be_bytes()]);
    mac.chars().take(12).collect::<String>().to_uppercase()
}

/// A person's seats as the buyer sees them.
pub(crate) struct Chosen {
    pub seat: Seat,
    pub code: String,
    /// How many courses of it can be given back now, and what they bring back.
    pub open: i64,
    pub back: Fen,
}

/// The seats of the buyer's paid order with their codes.
pub(crate) async fn seats(site: &Site, order: &Order) -> Result<Vec<Chosen>> {
    if !order.is_group || order.state != State::Paid {
        return Ok(vec![]);
    }
    let open = refunds::open_seats(site, &site.db, order).await?;
    let chosen = |seat: Seat| {
        let open = open.get(&seat.name);
        let (courses, back) = open.map_or((0, Fen::ZERO), |o| (o.courses, Fen::new(o.amount)));
        Chosen { code: code(site, &order.id, seat.place), open: courses, back, seat }
    };
    Ok(seats::of_order(&site.db, &order.id).await?.into_iter().map(chosen).collect())
}

/// The name of someone in the list without the remark behind it.
fn bare(listed: &str) -> &str {
    let closed = listed.strip_suffix(['\u{ff09}', ')']);
    closed.and_then(|l| l.split_once(['\u{ff08}', '('])).map_or(listed, |(name, _)| name.trim_end())
}

/// Takes the seat of a code; answers its courses. The same learner may ask again.
pub(crate) async fn take(site: &Site, learner: PersonId, code: &str) -> Result<Vec<String>> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let hash = secrets::sha256_hex(code.as_bytes());
    let tx = site.db.begin().await?;
    let claimed = seats::claimed(&tx, &hash, learner).await?;
    let Some(first) = claimed.first() else {
        return Err(Error::invalid("code", "seat_unknown"));
    };
    store::hold(&tx, &first.order_id).await?;
    if first.learner_id.as_ref().is_some_and(|taken| *taken != learner.to_string()) {
        return Err(Error::refused(Kind::Gone, "seat_taken"));
    }
    if ![first.name.as_str(), bare(&first.name)].contains(&first.learner_name.as_str()) {
        return Err(Error::refused(Kind::Denied, "seat_of_another"));
    }
    // Whoever has a seat of the order leaves the other one to the colleague of the same name.
    if seats::has_other(&tx, (&first.order_id, &hash), learner).await? {
        return Err(Error::conflict("seat_held"));
    }
    seats::take(&tx, &hash, learner, site.now()).await?;
    tx.commit().await?;
    Ok(claimed.into_iter().map(|c| c.course_id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_tells_two_of_one_name_apart_and_is_no_part_of_the_name() {
        for (listed, name) in [
            ("王芳（教务处）", "王芳"),
            ("王芳 (2)", "王芳"),
            ("王芳", "王芳"),
            ("阿依古丽·买买提", "阿依古丽·买买提"),
        ] {
            assert_eq!(bare(listed), name);
        }
        let people = |list: &[&str]| names(&list.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
        assert_eq!(people(&["王芳（教务处）", " 王芳（财务处） ", ""]).unwrap().len(), 2);
        assert!(people(&["王芳", "王芳"]).is_err() && people(&[]).is_err());
    }
}
