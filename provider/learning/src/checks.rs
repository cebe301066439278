//! What an attention check asks: a confirmation or a question of the course's own bank. Which one, and in what order its
//! options stand, comes from the session's secret seed, so that clicking the first option is no answer.
use base::day;
use catalogue::Question;
use rules::learning::{Check, Session};
use serde::Serialize;
use serde_json::Value;
use site::Site;
use utoipa::ToSchema;

/// An attention check that waits.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingCheck {
    id: String,
    /// `confirm` (answered with `true`) or `question` (answered with the option).
    kind: &'static str,
    prompt: String,
    options: Vec<String>,
    due_in: i64,
}

/// The check as the learner sees it.
pub(crate) fn waiting(site: &Site, session: &Session, bank: &[Question]) -> Option<WaitingCheck> {
    let check = session.check()?;
    let left = (check.due_at() - day::millis(site.now())).max(0);
    let due_in = if check.overdue { 0 } else { left / 1000 };
    let id = check.number.to_string();
    let Some(question) = asked(session, check, bank) else {
        let prompt = site.texts.get("provider-attention");
        return Some(WaitingCheck { id, kind: "confirm", prompt, options: vec![], due_in });
    };
    let options = shuffled(question, |n| session.pick(check.number, check.wrong * 100 + 10 + n));
    Some(WaitingCheck { id, kind: "question", prompt: question.prompt.clone(), options, due_in })
}

/// Whether the answer is the one the check wants.
pub(crate) fn is_right(session: &Session, bank: &[Question], answer: &Value) -> bool {
    let Some(check) = session.check() else { return false };
    match asked(session, check, bank) {
        Some(question) => answer.as_str() == Some(question.correct.as_str()),
        None => *answer == Value::Bool(true),
    }
}

/// Every second check asks a question where the course has some; after a wrong answer it is another one.
fn asked<'a>(session: &Session, check: &Check, bank: &'a [Question]) -> Option<&'a Question> {
    if bank.is_empty() || session.pick(check.number, 0).is_multiple_of(2) {
        return None;
    }
    let start = session.pick(check.number, 1) % u64::try_from(bank.len()).ok()?;
    bank.iter().cycle().nth(usize::try_from(start).ok()? + usize::try_from(check.wrong).ok()?)
}

/// The options in the order of the numbers drawn for them.
pub(crate) fn shuffled(question: &Question, mut draw: impl FnMut(u32) -> u64) -> Vec<String> {
    let options = std::iter::once(&question.correct).chain(&question.wrong).cloned();
    let mut drawn: Vec<(u64, String)> = (0_u32..).zip(options).map(|(n, option)| (draw(n), option)).collect();
    drawn.sort();
    drawn.into_iter().map(|(_, option)| option).collect()
}
