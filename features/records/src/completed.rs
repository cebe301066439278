//! Statements of the cmi5 profile that say that someone completed a course (cmi5 §9.3.3, §9.6.2.1): each is announced by a
//! job in the transaction that stores it, so that `providers` can make hours of it.
use base::{Fen, Result, day};
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    format,
    json::{self, Json},
    store_doors as store,
    version::Version,
};

/// The job that tells of a completed course.
pub const COMPLETED: &str = "records.completed";
const VERB: &str = "http://adlnet.gov/expapi/verbs/completed";
const CATEGORY: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
/// What the statement says beyond cmi5: when learning went on, and what was paid.
const INTERVALS: &str = "/xapi/extensions/intervals";
const FEE: &str = "/xapi/extensions/fee";

/// Which statement of which provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announced {
    tenant: i64,
    statement: String,
}

/// A completed course as a statement tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The provider's id.
    pub provider: String,
    /// The statement's id.
    pub id: String,
    /// The learner as the provider knows them here.
    pub subject: String,
    /// The provider's id of the course: the last segment of the Activity's id.
    pub course: String,
    /// When learning began: the timestamp less the duration (RFC 3339).
    pub started_at: String,
    /// The statement's timestamp (RFC 3339).
    pub completed_at: String,
    /// Stretches of wall-clock time.
    pub intervals: Vec<(String, String)>,
    /// What was paid; nothing where nothing was said.
    pub fee: Fen,
    /// What it says in a way that cannot be read, or that it contradicts itself: a reason for which it makes no hours. What
    /// cannot be read is not there above and must not be taken for something that was not said.
    pub wrong: Option<&'static str>,
}

/// Whether a statement is one of these.
pub(crate) fn is_completion(statement: &Json<'_>) -> bool {
    let verb = statement.get("verb").and_then(|v| v.text_of("id"));
    verb == Some(VERB) && is_cmi5(statement)
}

fn is_cmi5(statement: &Json<'_>) -> bool {
    let categories = statement.get("context").and_then(|c| c.get("contextActivities")?.get("category"));
    categories.is_some_and(|list| list.items().iter().any(|a| a.text_of("id") == Some(CATEGORY)))
}

/// Announces statements that were stored.
pub(crate) async fn announce(site: &Site, tx: &Tx, stored: &[(i64, String)]) -> Result<()> {
    if stored.is_empty() {
        return Ok(());
    }
    let jobs: Vec<Announced> = stored
        .iter()
        .map(|(tenant, statement)| Announced { tenant: *tenant, statement: statement.clone() })
        .collect();
    site.enqueue_many(tx, COMPLETED, &jobs).await
}

/// What an announced statement says; none where it lacks what hours need.
pub async fn completed(site: &Site, conn: &impl Conn, job: &Announced) -> Result<Option<Completed>> {
    let Some((provider, body)) = store::statement(conn, job.tenant, &job.statement).await? else {
        return Ok(None);
    };
    let Ok(statement) = json::parse(&body) else { return Ok(None) };
    Ok(read(&site.settings.public_url, provider, &statement))
}

fn read(home: &str, provider: String, statement: &Json<'_>) -> Option<Completed> {
    let account = statement.get("actor")?.get("account")?;
    let duration =
        statement.get("result").and_then(|r| r.text_of("duration")).and_then(format::duration_seconds)?;
    let at = format::moment(statement.text_of("timestamp")?, Version::V2)?;
    let text = |millis| day::rfc3339(day::from_millis(millis));
    let completed = at.micros.div_euclid(1000);
    let activity = statement.get("object")?.text_of("id")?;
    let course = activity.trim_end_matches('/').rsplit('/').next()?;
    let extensions = statement.get("context").and_then(|c| c.get("extensions"));
    let extension = |name: &str| extensions.and_then(|e| e.get(&format!("{home}{name}")));
    let intervals = extension(INTERVALS).map_or(Ok(vec![]), stretches);
    let fee = extension(FEE).map_or(Ok(Fen::ZERO), paid);
    // cmi5 §9.5.3: `completion` is true in a statement `completed`.
    let denial =
        statement.get("result").and_then(|r| r.get("completion")).filter(|c| **c == Json::Bool(false));
    let denied = denial.map_or(Ok(()), |_| Err("not_completed"));
    let is_ours = account.text_of("homePage") == Some(home);
    is_ours.then_some(())?;
    Some(Completed {
        provider,
        id: statement.text_of("id")?.to_owned(),
        subject: account.text_of("name")?.to_owned(),
        course: course.to_owned(),
        started_at: text(completed - duration * 1000),
        completed_at: text(completed),
        wrong: denied.err().or_else(|| intervals.as_ref().err().copied()).or_else(|| fee.err()),
        intervals: intervals.unwrap_or_default(),
        fee: fee.unwrap_or(Fen::ZERO),
    })
}

/// The stretches of the extension: a list of `from` and `to`, whose times are read where they are counted.
fn stretches(said: &Json<'_>) -> Result<Vec<(String, String)>, &'static str> {
    let Json::List(items) = said else { return Err("intervals_wrong") };
    let stretch = |i: &Json<'_>| Some((i.text_of("from")?.to_owned(), i.text_of("to")?.to_owned()));
    items.iter().map(stretch).collect::<Option<Vec<_>>>().ok_or("intervals_wrong")
}

/// The fee of the extension: yuan as a decimal text, as everywhere in the contract.
fn paid(said: &Json<'_>) -> Result<Fen, &'static str> {
    said.as_text().and_then(Fen::parse).ok_or("fee_wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = r#"{"id":"00000000-0000-4000-8000-000000000001",
        "actor":{"account":{"homePage":"https://hub.example","name":"s1"}},
        "verb":{"id":"http://adlnet.gov/expapi/verbs/completed"},
        "object":{"id":"https://p.example/courses/fire"},
        "result":{"completion":true,"duration":"PT8M"},"timestamp":"2026-11-23T01:08:00.000Z",
        "context":{"contextActivities":{"category":[{"id":"https://w3id.org/xapi/cmi5/context/categories/cmi5"}]},
            "extensions":{"https://hub.example/xapi/extensions/fee":"4.00"}}}"#;

    #[test]
    fn a_completed_course_is_read() {
        let statement = json::parse(STATEMENT).unwrap();
        assert!(is_completion(&statement));
        let read = read("https://hub.example", "p".into(), &statement).unwrap();
        assert_eq!((read.subject.as_str(), read.course.as_str()), ("s1", "fire"));
        assert_eq!((read.fee, read.wrong), (Fen::new(400), None));
        assert_eq!(read.started_at, "2026-11-23T09:00:00+08:00");
        assert_eq!(read.completed_at, "2026-11-23T09:08:00+08:00");
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_unsaid() {
        let fee = r#""https://hub.example/xapi/extensions/fee":"4.00""#;
        let with =
            |intervals: &str| format!(r#""https://hub.example/xapi/extensions/intervals":{intervals}"#);
        let one = r#"{"from":"2026-11-23T09:00:00+08:00","to":"2026-11-23T09:08:00+08:00"}"#;
        let said = [
            (fee.to_owned(), None),
            (with(&format!("[{one}]")), None),
            (with("[]"), None),
            (with(r#""x""#), Some("intervals_wrong")),
            (with("null"), Some("intervals_wrong")),
            (with(&format!(r#"[{one},{{"from":"2026-11-23T09:00:00+08:00"}}]"#)), Some("intervals_wrong")),
            (with(r#"[{"from":1,"to":2}]"#), Some("intervals_wrong")),
            (fee.replace(r#""4.00""#, "4.0"), Some("fee_wrong")),
            (fee.replace("4.00", "abc"), Some("fee_wrong")),
            (fee.replace("4.00", "-4.00"), Some("fee_wrong")),
            (fee.replace("4.00", "4.001"), Some("fee_wrong")),
        ];
        for (extension, wrong) in said {
            let text = STATEMENT.replace(fee, &extension);
            let read = read("https://hub.example", "p".into(), &json::parse(&text).unwrap()).unwrap();
            assert_eq!(read.wrong, wrong, "{extension}");
        }
        let denied = STATEMENT.replace(r#""completion":true"#, r#""completion":false"#);
        let read = read("https://hub.example", "p".into(), &json::parse(&denied).unwrap()).unwrap();
        assert_eq!(read.wrong, Some("not_completed"));
    }

    #[test]
    fn others_are_not() {
        let foreign = json::parse(STATEMENT).unwrap();
        assert_eq!(read("https://other.example", "p".into(), &foreign), None, "a person of elsewhere");
        let plain = STATEMENT.replace("cmi5/context", "other");
        assert!(!is_completion(&json::parse(&plain).unwrap()));
        let passed = STATEMENT.replace("verbs/completed", "verbs/passed");
        assert!(!is_completion(&json::parse(&passed).unwrap()));
    }
}
