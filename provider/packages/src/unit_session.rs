//! A cmi5 unit's session: from the one time that its token is fetched until it says `terminated`. Nothing of it is taken after
//! that but what was on its way.
use base::{Error, Kind, Result, day};
use serde_json::Value;
use site::Site;

use crate::{Ticket, store_sessions as store};

/// What happened before the end may arrive so much later (cmi5 9.3.8 leaves the time to the learning system).
const LATE_MS: i64 = 60_000;

/// A session as its token names it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub id: String,
    pub item: String,
    pub end: Option<End>,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// When it was heard, in milliseconds.
    pub heard: i64,
    /// When it was, as the unit says, in milliseconds.
    pub at: i64,
}

impl Session {
    /// What a unit authenticates with: the session's name with its seal.
    pub fn token(site: &Site, sealed: &str, id: &str) -> String {
        let seal = site.keys.mac("packages.cmi5", &[sealed.as_bytes(), id.as_bytes()]);
        secrets::base64url(format!("{id}:{seal}").as_bytes())
    }

    /// The session of a token; refused once it is over.
    pub async fn of_token(site: &Site, (ticket, sealed): (&Ticket, &str), token: &str) -> Result<Self> {
        let plain =
            secrets::from_base64url(token).and_then(|t| String::from_utf8(t).ok()).unwrap_or_default();
        let (id, seal) = plain.split_once(':').ok_or_else(Error::denied)?;
        if !site.keys.mac_holds("packages.cmi5", &[sealed.as_bytes(), id.as_bytes()], seal) {
            return Err(Error::denied());
        }
        let session = store::session(&site.db, ticket, id).await?.ok_or_else(Error::denied)?;
        let is_over = |end: End| day::millis(site.now()) > end.heard + LATE_MS;
        if session.end.is_some_and(is_over) { Err(terminated()) } else { Ok(session) }
    }

    /// Takes the next statement, unless it comes after the end. What happened before it may follow for a while, if it says when.
    pub fn hear(&mut self, statement: &Value, now: i64) -> Result<()> {
        let said = statement.get("timestamp").and_then(Value::as_str);
        let at = said.and_then(|t| t.parse().ok()).map(day::millis);
        if let Some(end) = self.end {
            let was_before = at.is_some_and(|at| at < end.at) && now <= end.heard + LATE_MS;
            return if was_before { Ok(()) } else { Err(terminated()) };
        }
        let verb = statement.pointer("/verb/id").and_then(Value::as_str);
        if verb == Some("http://adlnet.gov/expapi/verbs/terminated") {
            self.end = Some(End { heard: now, at: at.unwrap_or(now) });
        }
        Ok(())
    }
}

/// Why nothing more is taken.
fn terminated() -> Error {
    Error::refused(Kind::Denied, "session_terminated")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(verb: &str, timestamp: Option<&str>) -> Value {
        json!({"verb": {"id": format!("http://adlnet.gov/expapi/verbs/{verb}")}, "timestamp": timestamp})
    }

    #[test]
    fn after_the_end_only_what_was_before_it_is_taken_and_only_for_a_while() {
        let mut session = Session::default();
        let at = |second: i64| format!("2026-11-28T10:00:{second:02}Z");
        let now = day::millis(at(30).parse().unwrap());
        session.hear(&said("initialized", None), now).unwrap();
        session.hear(&said("terminated", Some(&at(20))), now).unwrap();
        session.hear(&said("completed", Some(&at(19))), now + LATE_MS).unwrap();
        for (timestamp, later) in
            [(None, 0), (Some(at(20)), 0), (Some(at(25)), 0), (Some(at(19)), LATE_MS + 1)]
        {
            let refused = session.hear(&said("completed", timestamp.as_deref()), now + later).unwrap_err();
            assert_eq!(refused.code(), "session_terminated", "{timestamp:?}");
        }
    }
}
