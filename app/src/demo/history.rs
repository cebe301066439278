//! The notice's case as history: the unit training for all, and courses of 2023 for those who completed the year.
use std::collections::HashMap;

use base::{Actor, Error, Period, PersonId, Result, Subject, Year};
use claims::{Plan, Whom};
use hours::NewCredit;
use jobs::Runner;
use rules::Days;
use serde_json::{Value, json};
use site::Site;

use super::people::{Cast, CourseSource, History};

/// Books the training, credits the courses, and lets the certificates be issued.
pub(super) async fn seed(
    hub: &Site,
    cast: &Cast,
    administrator: PersonId,
    people: &HashMap<String, PersonId>,
) -> Result<()> {
    training(hub, cast, administrator).await?;
    let complete = cast.roster.iter().filter(|p| p.history == History::Complete);
    let complete: Vec<PersonId> = complete.filter_map(|p| people.get(&p.name).copied()).collect();
    let mut credits = vec![];
    for person in &complete {
        for course in &cast.history {
            credits.push(credit(hub, *person, course).await?);
        }
    }
    let tx = hub.db.begin().await?;
    hours::credit_many(hub, &tx, credits).await?;
    tx.commit().await?;
    let runner = Runner {
        db: hub.db.clone(),
        clock: std::sync::Arc::clone(&hub.clock),
        context: hub.clone(),
        handlers: certificates::jobs()
            .and(statistics::jobs())
            .and(accounts::jobs())
            .and(openid::jobs())
            .and(::notices::jobs()),
        lease: jobs::LEASE,
    };
    runner.drain().await
}

/// 2023-08-30 to 2023-09-01, three days, 24 professional hours each (notice 三.3).
async fn training(hub: &Site, cast: &Cast, administrator: PersonId) -> Result<()> {
    let day = |text| rules::record::parse_day(text).ok_or_else(|| Error::internal("a day of the cast"));
    let period =
        Period::new(day("2023-08-30")?, day("2023-09-01")?).ok_or_else(|| Error::internal("a period"))?;
    let plan = Plan {
        title: cast.training.clone(),
        period,
        days: Days::from_hundredths(300),
        subject: Subject::Professional,
        whom: Whom::Unit,
    };
    let grants = accounts::held(&hub.db, administrator).await?;
    let actor = Actor { person: administrator, session: hub.new_id(), grants };
    claims::book(hub, &actor, &plan).await?;
    Ok(())
}

async fn credit(hub: &Site, person: PersonId, course: &CourseSource) -> Result<NewCredit> {
    let year = Year::new(2023).ok_or_else(|| Error::internal("a year"))?;
    let policy = hours::in_force(&hub.db, year).await?.policy;
    let facts = json!({
        "kind": "course", "provider": course.provider, "course": format!("{}:{}", course.provider, course.course),
        "subject": course.subject, "minutes": course.minutes, "completed_on": course.completed_on, "fee": course.fee,
    });
    let Value::Object(facts) = facts else { return Err(Error::internal("facts are no object")) };
    Ok(NewCredit {
        person,
        year,
        source: course.provider.clone(),
        source_key: format!("demo:{}:{}:{person}", course.provider, course.course),
        title: course.title.clone(),
        subject: course.subject,
        hours: policy.course_hours(course.minutes),
        facts,
        evidence: Some(format!("history:{}", course.course)),
        decided_by: None,
    })
}
