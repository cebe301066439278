//! How far an import is, for whoever confirmed it. All of it is one transaction, so its steps are told beside the database.
use base::{PersonId, Result};
use db::Conn;
use jobs::Step;
use site::Site;

/// Tells how far one import is; the one of the command line tells nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Option<String>);

/// Under what an import is followed.
pub(crate) fn work_of(draft: &str) -> String {
    format!("roster-{draft}")
}

/// Tells that an import of so many rows waits for its turn.
pub(crate) async fn begin(
    site: &Site,
    conn: &impl Conn,
    by: PersonId,
    (draft, rows): (&str, usize),
) -> Result<()> {
    let waiting = jobs::Progress {
        id: work_of(draft),
        kind: "roster".to_owned(),
        done: 0,
        total: count(rows),
        state: "running".to_owned(),
        link: format!("/people-import/{draft}"),
    };
    jobs::tell(conn, by, &waiting, site.now()).await
}

/// Tells that every row was written, or that nothing was.
pub(crate) async fn end(site: &Site, conn: &impl Conn, draft: &str, written: Option<usize>) -> Result<()> {
    let work = work_of(draft);
    if let Some(rows) = written {
        jobs::advance(conn, &work, count(rows), site.now()).await?;
    }
    jobs::end(conn, &work, written.is_some(), site.now()).await
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl Progress {
    pub(crate) fn of(draft: &str) -> Self {
        Self(Some(work_of(draft)))
    }

    pub(crate) fn at(&self, phase: &'static str, done: usize, total: usize) {
        if let Some(work) = &self.0 {
            Step { phase, done: count(done), total: count(total) }.tell(work);
        }
    }

    pub(crate) fn step(&self) -> Option<Step> {
        Step::of(self.0.as_ref()?)
    }

    pub(crate) fn over(&self) {
        if let Some(work) = &self.0 {
            Step::forget(work);
        }
    }
}
