//! The last day of the year: most look where they stand, some claim, some ask for the certificate that is not due yet,
//! some sign in. Of twenty calls eleven are looks at pages, three at the interface, two claims, two certificates, two
//! at the door.
use serde_json::json;

use super::crowd::{Client, Plan, Step};

/// Each begins at another place of the round.
pub(super) fn step(plan: &Plan, client: &Client, n: usize) -> Step {
    let year = plan.today.year();
    match (client.number + n) % 20 {
        0..=7 => Step::look("/me"),
        8..=10 => Step::look("/hours"),
        11..=13 => Step::look(format!("/api/v1/me/years/{year}")),
        14 | 15 => claim(plan, client, n),
        16 | 17 => {
            let body = json!({"year": year}).to_string();
            post("/api/v1/certificates", body, &[201, 409])
        }
        18 => Step::look("/sign-in"),
        _ => {
            let body = json!({"account": client.who.account, "password": plan.secret}).to_string();
            post("/api/v1/sessions", body, &[201])
        }
    }
}

fn post(path: &str, body: String, expected: &'static [u16]) -> Step {
    Step { method: "POST", path: path.to_owned(), body, expected, kept_under: None }
}

fn claim(plan: &Plan, client: &Client, n: usize) -> Step {
    let title = plan.words.claim.replace("{n}", &format!("{}-{n}-{}", client.number, client.who.account));
    let body = json!({"year": plan.today.year(), "item": "paper.core", "title": title, "on": plan.today.to_string(),
        "quantity": "1", "rank": 1, "submit": true});
    Step { kept_under: Some("/api/v1/claims"), ..post("/api/v1/claims", body.to_string(), &[201]) }
}
