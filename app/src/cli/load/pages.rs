//! The pages that people open: what staff look at, what an administrator looks at, what anyone may.
use super::crowd::{Client, Plan, Step};

const STAFF: &[&str] =
    &["/me", "/hours", "/courses", "/claims", "/certificates", "/standard", "/sign-in", "/verify"];
const ADMINISTRATORS: &[&str] = &["/", "/people", "/statistics", "/reviews", "/trainings"];

/// Each begins at another page and goes round.
pub(super) fn step(_: &Plan, client: &Client, n: usize) -> Step {
    let pages = if client.is_administrator { ADMINISTRATORS } else { STAFF };
    Step::look(pages.iter().cycle().nth((client.number + n) % pages.len()).copied().unwrap_or("/"))
}
