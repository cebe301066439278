//! The monthly statement of account as this platform sends it: on the first days of a month for the one before, and whenever
//! its operators ask; what differs is kept as the management platform answered it.
use base::{Day, Error, Fen, Hours, Result, day};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site::Site;

use crate::{hub::Hub, store};

/// The job that sends a month's statement.
pub(crate) const SEND: &str = "link.account";

/// Which month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Month {
    pub month: String,
    /// Whether next month's sending is to be put into the queue.
    pub is_regular: bool,
}

#[derive(Serialize)]
struct Record {
    id: String,
    course: String,
    hours: Hours,
    fee: Fen,
}

#[derive(Serialize)]
struct Statement {
    records: Vec<Record>,
}

/// Puts the sending of last month's statement into the queue; the job leads on to the next month's.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

/// Lets a month's statement be sent now.
pub(crate) async fn send_now(site: &Site, month: &str) -> Result<()> {
    let job = Month { month: month.to_owned(), is_regular: false };
    site.enqueue_once(&site.db, SEND, &job, month).await
}

async fn enqueue(site: &Site, today: Day) -> Result<()> {
    let month = month_before(today)?;
    let job = Month { month: month.clone(), is_regular: true };
    // Three hours into the month everything of the one before has been sent.
    let at = day::from_millis(day::millis(day::start_of(today.first_of_month())) + 3 * 3_600_000);
    site.enqueue_at(&site.db, (SEND, &format!("regular:{month}")), &job, at.max(site.now())).await
}

/// Sends a month's statement and keeps the answer.
pub(crate) async fn send(site: &Site, hub: &Hub, job: &Month) -> Result<()> {
    let first: Day = format!("{}-01", job.month).parse().map_err(Error::internal)?;
    let next = first.last_of_month().tomorrow().map_err(Error::internal)?;
    let span = (day::millis(day::start_of(first)), day::millis(day::start_of(next)));
    let record = |b: learning::Billed| Record {
        hours: Hours::of_course(u64::try_from(b.seconds / 60).unwrap_or(0), 40, Hours::from_hundredths(10)),
        id: b.id,
        course: b.course,
        fee: Fen::new(b.fee),
    };
    let records = learning::billed(&site.db, span).await?.into_iter().map(record).collect();
    let path = format!("/api/v1/provider/accounts/{}", job.month);
    let answer = hub.post(site, &path, &Statement { records }).await?;
    if answer.status != 200 {
        return Err(Error::internal(format!("account {}: {}", job.month, crate::hub::code(&answer))));
    }
    let text = String::from_utf8(answer.body).map_err(Error::internal)?;
    let _: Value = serde_json::from_str(&text).map_err(Error::internal)?;
    store::keep_account(&site.db, &job.month, &text, site.now()).await?;
    if job.is_regular {
        let following = next.last_of_month().tomorrow().map_err(Error::internal)?;
        enqueue(site, following).await?;
    }
    Ok(())
}

fn month_before(today: Day) -> Result<String> {
    let before = today.first_of_month().yesterday().map_err(Error::internal)?;
    Ok(format!("{:04}-{:02}", before.year(), before.month()))
}

/// The month that runs and the one before, as statements name them.
pub(crate) fn recent(site: &Site) -> Result<[String; 2]> {
    let today = day::day_of(site.now());
    Ok([format!("{:04}-{:02}", today.year(), today.month()), month_before(today)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_of_the_month_before() {
        let month = |text: &str| month_before(text.parse().unwrap()).unwrap();
        assert_eq!((month("2026-11-27"), month("2026-01-01")), ("2026-10".to_owned(), "2025-12".to_owned()));
    }
}
