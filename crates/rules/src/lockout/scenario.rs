//! Scenarios of sign-in attempts, played in memory: what `xueshi check-lockout` does with a line.
use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use super::{Failure, Gate, Guard, Kind, Rule, Wrong};

/// The most events that one `parallel` may stand for.
const MOST_PARALLEL: u64 = 100_000;

/// One scenario as JSON holds it. `expect` and remarks are ignored.
#[derive(Debug)]
pub struct Scenario {
    id: String,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Event {
    at: i64,
    account: String,
    what: What,
}

#[derive(Debug)]
enum What {
    One(Attempt),
    Parallel(Attempt, u64),
}

#[derive(Clone, Copy, Debug)]
enum Attempt {
    PasswordFail,
    LoginOk,
    CodeFail,
    CodeOk,
    CodeExpired,
    Throttled,
    Reset,
    ResetDenied,
    Restart,
}

/// What a scenario came to.
#[derive(Debug, Serialize)]
pub struct Outcomes {
    id: String,
    outcomes: Vec<Value>,
}

/// Why a scenario cannot be played.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It is no JSON.
    #[error("{0}")]
    Json(String),
    /// A member is missing or of the wrong kind.
    #[error("{0} is missing or wrong")]
    Member(&'static str),
    /// Times go back.
    #[error("event {0}: t goes back")]
    Back(usize),
}

impl Scenario {
    /// Reads a scenario.
    pub fn read(line: &str) -> Result<Self, ScenarioError> {
        let value: Value = serde_json::from_str(line).map_err(|e| ScenarioError::Json(e.to_string()))?;
        let id = value.get("id").and_then(Value::as_str).ok_or(ScenarioError::Member("id"))?;
        let list = value.get("events").and_then(Value::as_array).ok_or(ScenarioError::Member("events"))?;
        let events = list.iter().map(event).collect::<Result<Vec<_>, _>>()?;
        if let Some(i) = events.iter().zip(events.iter().skip(1)).position(|(a, b)| b.at < a.at) {
            return Err(ScenarioError::Back(i + 2));
        }
        Ok(Self { id: id.to_owned(), events })
    }

    /// Plays it from nothing.
    pub fn play(self) -> Outcomes {
        let mut counters: HashMap<String, Counter> = HashMap::new();
        let mut outcomes = vec![];
        for event in self.events {
            let counter = counters.entry(event.account).or_default();
            outcomes.push(match event.what {
                What::One(attempt) => counter.attempt(attempt, event.at),
                What::Parallel(attempt, n) => counter.at_once(attempt, n, event.at),
            });
        }
        Outcomes { id: self.id, outcomes }
    }
}

fn event(value: &Value) -> Result<Event, ScenarioError> {
    let text = |key| value.get(key).and_then(Value::as_str);
    let at = value.get("t").and_then(Value::as_f64).and_then(micros).ok_or(ScenarioError::Member("t"))?;
    let attempt = |key| text(key).and_then(attempt).ok_or(ScenarioError::Member(key));
    let what = match text("event") {
        Some("parallel") => {
            let n = value.get("n").and_then(Value::as_u64).filter(|n| *n <= MOST_PARALLEL);
            What::Parallel(attempt("kind")?, n.ok_or(ScenarioError::Member("n"))?)
        }
        _ => What::One(attempt("event")?),
    };
    Ok(Event { at, account: text("account").unwrap_or("A").to_owned(), what })
}

fn attempt(name: &str) -> Option<Attempt> {
    Some(match name {
        "password_fail" => Attempt::PasswordFail,
        "login_ok" => Attempt::LoginOk,
        "code_fail" => Attempt::CodeFail,
        "code_ok" => Attempt::CodeOk,
        "code_expired" => Attempt::CodeExpired,
        "throttled" => Attempt::Throttled,
        "admin_reset" | "cs_reset" => Attempt::Reset,
        "reset_denied" => Attempt::ResetDenied,
        "restart" => Attempt::Restart,
        _ => return None,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked, and parts of a microsecond are dropped"
)]
fn micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    (micros.is_finite() && micros.abs() < 9e15).then_some(micros as i64)
}

/// Microseconds as the seconds JSON shows: whole ones without a decimal point.
#[expect(clippy::cast_precision_loss, reason = "below 9e15 every microsecond is exact")]
fn seconds(micros: i64) -> Value {
    if micros % 1_000_000 == 0 {
        return json!(micros / 1_000_000);
    }
    Number::from_f64(micros as f64 / 1e6).map_or(Value::Null, Value::Number)
}

#[derive(Default)]
struct Counter {
    guard: Guard,
    rows: Vec<Failure>,
}

impl Counter {
    fn attempt(&mut self, attempt: Attempt, now: i64) -> Value {
        match attempt {
            Attempt::Throttled => json!({"out": "throttled"}),
            Attempt::ResetDenied => json!({"out": "denied"}),
            Attempt::Restart => json!({"out": "noop"}),
            Attempt::Reset => {
                self.guard.reset();
                json!({"out": "reset"})
            }
            _ if self.guard.gate(now) != Gate::Open => json!({"out": "locked"}),
            Attempt::PasswordFail => self.fail(Kind::Password, now),
            Attempt::CodeFail => self.fail(Kind::Code, now),
            Attempt::CodeExpired => json!({"out": "expired"}),
            Attempt::CodeOk => json!({"out": "ok"}),
            Attempt::LoginOk => {
                self.guard.accept_password();
                json!({"out": "ok"})
            }
        }
    }

    fn fail(&mut self, kind: Kind, now: i64) -> Value {
        let (row, wrong) = self.guard.fail(&self.rows, kind, now);
        let oldest = Guard::forget_before(now);
        self.rows.retain(|r| r.at > oldest);
        self.rows.push(row);
        match wrong {
            Wrong::Counted => json!({"out": "wrong"}),
            Wrong::Locked { rule, until } => {
                let rule = match rule {
                    Rule::R5 => "R5",
                    Rule::R8 => "R8",
                };
                let mut out = Map::new();
                out.insert("out".to_owned(), json!("wrong_locked"));
                out.insert("rule".to_owned(), json!(rule));
                out.insert("until".to_owned(), seconds(until));
                Value::Object(out)
            }
        }
    }

    /// Attempts of one moment take the counter one after the other; told is how many end how.
    fn at_once(&mut self, attempt: Attempt, n: u64, now: i64) -> Value {
        let mut counts = Map::new();
        for _ in 0..n {
            let outcome = self.attempt(attempt, now);
            let name = outcome.get("out").and_then(Value::as_str).unwrap_or_default();
            let count = counts.get(name).and_then(Value::as_u64).unwrap_or(0);
            counts.insert(name.to_owned(), json!(count + 1));
        }
        json!({"counts": counts})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_scenarios_agree() {
        let mut lines = 0;
        for line in include_str!("../../tests/cases/lockout.jsonl").lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let found = serde_json::to_value(Scenario::read(line).unwrap().play()).unwrap();
            let expected: Vec<_> =
                case["events"].as_array().unwrap().iter().map(|e| e["expect"].clone()).collect();
            assert_eq!(found["outcomes"], json!(expected), "{}", case["id"]);
            assert_eq!(found["id"], case["id"]);
            lines += 1;
        }
        assert_eq!(lines, 40);
    }

    #[test]
    fn whole_seconds_have_no_decimal_point() {
        assert_eq!(seconds(1_840_000_000).to_string(), "1840");
        assert_eq!(seconds(3_599_999_000).to_string(), "3599.999");
    }
}
