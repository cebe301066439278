//! A year that its person makes up (补训): until the approved day, courses count in it as far as it lacks such hours
//! (domain §1 "An approved make-up extends the window of course credits", §4).
use base::{Day, Hours, PersonId, Result, Subject, Year};
use db::Conn;
use rules::assess::Shortfall;

use crate::{standing::standing, store_circumstances};

/// An unfinished year before a day's own in which a course that is completed on the day may count.
pub struct MakingUp {
    /// The year.
    pub year: Year,
    /// The last day for it.
    pub until: Day,
    shortfall: Shortfall,
}

impl MakingUp {
    /// Whether the year still lacks what a course of the subject gives. Hours above both subjects' needs come last.
    pub fn lacks(&self, subject: Subject) -> bool {
        let Shortfall { public, professional, total } = self.shortfall;
        let own = match subject {
            Subject::Public => public,
            Subject::Professional => professional,
        };
        own > Hours::ZERO || (public == Hours::ZERO && professional == Hours::ZERO && total > Hours::ZERO)
    }
}

/// The year that a person makes up on a day, where there is one and it is unfinished.
pub async fn making_up(conn: &impl Conn, person: PersonId, on: Day) -> Result<Option<MakingUp>> {
    let Some((year, until)) = store_circumstances::made_up(conn, person, on).await? else { return Ok(None) };
    let assessment = match standing(conn, person, year).await {
        Ok(standing) => standing.assessment,
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published") => return Ok(None),
        Err(e) => return Err(e),
    };
    let is_unfinished = assessment.obliged && !assessment.exempt && !assessment.satisfied;
    Ok(is_unfinished.then_some(MakingUp { year, until, shortfall: assessment.shortfall }))
}
