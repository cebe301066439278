//! The quiz at the end of a course: random papers from its bank, passed at 60 %, as often as one likes, each time a fresh
//! paper (domain §8). Then the learner confirms with the pledge of honesty, and the course is complete.
use std::collections::{HashMap, HashSet};

use base::{Error, PersonId, Result, SessionId};
use catalogue::{Course, Question};
use site::Site;

use crate::{
    checks::shuffled,
    complete, enrol, store as sessions, store_completions, store_credits, store_enrolments,
    store_quizzes::{self as store, Asked, Paper},
};

/// Passed at so many percent.
pub(crate) const PASS_PERCENT: i64 = 60;

/// A question as a paper shows it.
pub(crate) struct Shown {
    pub id: String,
    pub prompt: String,
    pub options: Vec<String>,
}

/// What a paper was worth.
pub(crate) struct Marked {
    pub score: i64,
    pub passed: bool,
    pub course: String,
}

/// How far the learner is with the end of the course.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// There is none.
    NoQuiz,
    /// Lectures are missing.
    Lectures,
    /// The quiz may be taken.
    Open,
    /// Passed; the learner's confirmation is missing.
    Passed,
    /// All done.
    Complete,
}

/// Draws a fresh paper.
pub(crate) async fn draw(site: &Site, learner: PersonId, course: &str) -> Result<(String, Vec<Shown>)> {
    let course = catalogue::course(&site.db, course).await?;
    let round = of_course(site, learner, &course).await?;
    if store_credits::left(&site.db, learner, &course.id, round).await? > 0 {
        return Err(Error::conflict("lectures_incomplete"));
    }
    let mut bank = catalogue::questions(&site.db, &course.id).await?;
    let mut chosen = vec![];
    for _ in 0..course.paper_size {
        let Ok(left) = u64::try_from(bank.len()) else { break };
        if left == 0 {
            break;
        }
        let at = usize::try_from(site.random.below(left)).unwrap_or(0);
        chosen.push(bank.swap_remove(at));
    }
    let shown: Vec<Shown> = chosen.into_iter().map(|q| show(site, q)).collect();
    let asked: Vec<Asked> =
        shown.iter().map(|q| Asked { id: q.id.clone(), options: q.options.clone() }).collect();
    let id: SessionId = site.new_id();
    store::insert(&site.db, (id, &asked), learner, (&course.id, round), site.now()).await?;
    Ok((id.to_string(), shown))
}

fn show(site: &Site, question: Question) -> Shown {
    let options = shuffled(&question, |_| site.random.below(u64::MAX));
    Shown { id: question.id, prompt: question.prompt, options }
}

/// Marks a paper, once.
pub(crate) async fn mark(
    site: &Site,
    learner: PersonId,
    paper: &str,
    answers: &HashMap<String, String>,
) -> Result<Marked> {
    let tx = site.db.begin().await?;
    let paper: Paper = store::paper(&tx, paper.parse()?, learner).await?;
    if paper.answered_at.is_some() {
        return Err(Error::conflict("paper_answered"));
    }
    let asked: HashSet<&str> = paper.questions.iter().map(|q| q.id.as_str()).collect();
    if answers.keys().any(|id| !asked.contains(id.as_str())) {
        return Err(Error::invalid("answers", "wrong_value"));
    }
    let bank = catalogue::questions(&tx, &paper.course).await?;
    let is_right = |q: &&Question| asked.contains(q.id.as_str()) && answers.get(&q.id) == Some(&q.correct);
    let right = i64::try_from(bank.iter().filter(is_right).count()).unwrap_or(0);
    let all = i64::try_from(asked.len()).unwrap_or(1).max(1);
    let score = right * 100 / all;
    let passed = right * 100 >= all * PASS_PERCENT;
    let text = serde_json::to_string(answers).map_err(Error::internal)?;
    if !store::mark(&tx, &paper.id, &text, (score, passed), site.now()).await? {
        return Err(Error::conflict("paper_answered"));
    }
    tx.commit().await?;
    Ok(Marked { score, passed, course: paper.course })
}

/// How far the learner is; for pages.
pub(crate) async fn stage(site: &Site, learner: PersonId, course: &Course, is_done: bool) -> Result<Stage> {
    if !course.has_quiz() {
        return Ok(Stage::NoQuiz);
    }
    if is_done {
        return Ok(Stage::Complete);
    }
    let Some(round) = enrol::round(site, learner, course).await? else { return Ok(Stage::Lectures) };
    if store_credits::left(&site.db, learner, &course.id, round).await? > 0 {
        return Ok(Stage::Lectures);
    }
    let passed = store::has_passed(&site.db, learner, (&course.id, round)).await?;
    Ok(if passed { Stage::Passed } else { Stage::Open })
}

/// Confirms a course with the pledge of honesty, without which nothing happens. A course with a quiz is complete with it;
/// one without was complete with its last second, and keeps the pledge beside its completion.
pub(crate) async fn confirm(site: &Site, learner: PersonId, course: &str, pledge: bool) -> Result<()> {
    if !pledge {
        return Err(Error::invalid("pledge", "pledge_needed"));
    }
    let course = catalogue::course(&site.db, course).await?;
    let round = to_confirm(site, learner, &course).await?;
    let tx = site.db.begin().await?;
    // A refund waits for this, or was before it.
    sessions::hold_learner(&tx, learner).await?;
    enrol::check_held(&tx, learner, &course, round).await?;
    if store_credits::left(&tx, learner, &course.id, round).await? > 0 {
        return Err(Error::conflict("lectures_incomplete"));
    }
    if course.has_quiz() && !store::has_passed(&tx, learner, (&course.id, round)).await? {
        return Err(Error::conflict("quiz_not_passed"));
    }
    let round = (course.id.as_str(), round);
    let at =
        if course.has_quiz() { site.now() } else { complete::last_second(site, &tx, learner, round).await? };
    complete::finish(site, &tx, learner, (round, at)).await?;
    store_completions::confirm(&tx, learner, round, site.now()).await?;
    tx.commit().await
}

/// The round that is confirmed: a course without quiz was complete before, and may be confirmed in January too.
async fn to_confirm(site: &Site, learner: PersonId, course: &Course) -> Result<i64> {
    let latest = store_enrolments::latest(&site.db, learner, &course.id).await?;
    let latest = latest.filter(|r| !course.has_quiz() || !r.is_past(site.this_year()));
    latest.map(|r| r.round).ok_or_else(Error::not_found)
}

async fn of_course(site: &Site, learner: PersonId, course: &Course) -> Result<i64> {
    if !course.has_quiz() {
        return Err(Error::not_found());
    }
    enrol::round(site, learner, course).await?.ok_or_else(Error::not_found)
}
