//! The panel of signals in the browser: what ranks highest first, why, and what was decided.
use askama::Template;
use axum::extract::{Query, State as Given};
use base::{Error, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use super::review::in_words;
use crate::signals::{self, DECISIONS, Flagged, Sign, Target};

pub(super) fn routes() -> Routes {
    let watchers = Access::Roles(signals::WATCHERS);
    Routes::new().get("/signals", watchers, panel).post("/signals", watchers, decide)
}

#[derive(Template)]
#[template(path = "claims/signals.html")]
struct SignalsPage {
    frame: Frame,
    kind: String,
    /// Whether what was decided is shown instead of what is open.
    is_done: bool,
    counts: Vec<(Target, usize)>,
    flagged: Vec<Flagged>,
    decisions: [&'static str; 3],
    error: String,
}

impl SignalsPage {
    fn minute(&self, at: &base::Instant) -> String {
        dates::minute(*at)
    }
    fn sign(&self, sign: &Sign) -> String {
        self.frame.word("signal-sign", &sign.code())
    }
    fn href(&self, f: &Flagged) -> String {
        match f.target {
            Target::Claim => format!("/reviews/{}", f.id),
            Target::Training => format!("/trainings/{}", f.id),
            Target::Unit => format!("/statistics?unit={}", f.id),
            Target::Reviewer => format!("/audit?person={}", f.id),
        }
    }
}

const TARGETS: [Target; 4] = [Target::Claim, Target::Reviewer, Target::Unit, Target::Training];

#[derive(Deserialize)]
struct Asked {
    kind: Option<String>,
    done: Option<String>,
}

async fn page(site: &Site, visitor: &Visitor, q: Asked, error: String) -> Reply {
    let is_done = q.done.is_some_and(|d| d == "1");
    let all = signals::flagged(site, &visitor.actor).await?;
    let mut flagged: Vec<Flagged> = all.into_iter().filter(|f| f.decided.is_some() == is_done).collect();
    let counts = TARGETS.map(|t| (t, flagged.iter().filter(|f| f.target == t).count())).to_vec();
    let kind = q.kind.as_deref().and_then(Target::from_code);
    flagged.retain(|f| kind.is_none_or(|k| f.target == k));
    flagged.truncate(100);
    html(&SignalsPage {
        frame: Frame::of(site, visitor, "/signals", "page-signals"),
        kind: kind.map(|k| k.code()).unwrap_or_default(),
        is_done,
        counts,
        flagged,
        decisions: DECISIONS,
        error,
    })
}

async fn panel(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    page(&site, &visitor, q, String::new()).await
}

#[derive(Deserialize)]
struct DecisionForm {
    kind: String,
    id: String,
    decision: String,
    comment: String,
}

async fn decide(Given(site): Given<Site>, visitor: Visitor, Form(f): Form<DecisionForm>) -> Reply {
    let target = Target::from_code(&f.kind).ok_or_else(|| Error::invalid("kind", "wrong_value"))?;
    match signals::decide(&site, &visitor.actor, (target, &f.id), (&f.decision, &f.comment)).await {
        Ok(()) => Ok(see_other("/signals")),
        Err(e) => match in_words(&site, &e) {
            None => Err(e.into()),
            Some(said) => page(&site, &visitor, Asked { kind: None, done: None }, said).await,
        },
    }
}
