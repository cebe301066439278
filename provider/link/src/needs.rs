//! What a learner's year still needs, asked of the management platform under this provider's signature. An answer is
//! believed for a minute; a page never waits long for it, and does without it when it does not come.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::{Error, PersonId, Result, day};
use catalogue::{AskNeeds, Needs};
use serde_json::json;
use site::Site;

use crate::{Hub, store};

const PATIENCE: Duration = Duration::from_secs(2);
const KEPT_MS: i64 = 60_000;
/// A silent management platform is asked again after this.
const SILENT_MS: i64 = 10_000;
/// So many learners are remembered.
const MOST: usize = 50_000;

type Known = Mutex<HashMap<PersonId, (i64, Option<Arc<Needs>>)>>;

/// How slices ask.
pub fn ask_needs(hub: Hub) -> AskNeeds {
    let (hub, known) = (Arc::new(hub), Arc::new(Known::default()));
    Arc::new(move |site, learner| {
        let (hub, known) = (Arc::clone(&hub), Arc::clone(&known));
        Box::pin(async move { remembered(&site, &hub, &known, learner).await })
    })
}

async fn remembered(site: &Site, hub: &Hub, known: &Known, learner: PersonId) -> Option<Arc<Needs>> {
    let now = day::millis(site.now());
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, needs)) = lock().get(&learner) {
        let kept = if needs.is_some() { KEPT_MS } else { SILENT_MS };
        if (0..kept).contains(&(now - at)) {
            return needs.clone();
        }
    }
    let asked = tokio::time::timeout(PATIENCE, ask(site, hub, learner)).await;
    let needs = match asked {
        Ok(Ok(needs)) => Some(Arc::new(needs)),
        Ok(Err(error)) => {
            tracing::info!(%error, "what a learner needs could not be asked");
            None
        }
        Err(_) => None,
    };
    let mut known = lock();
    if known.len() > MOST {
        known.clear();
    }
    known.insert(learner, (now, needs.clone()));
    needs
}

async fn ask(site: &Site, hub: &Hub, learner: PersonId) -> Result<Needs> {
    let subject = store::subject(&site.db, learner).await?;
    let answer = hub.post(site, "/api/v1/provider/outlook", &json!({"subject_id": subject})).await?;
    if answer.status != 200 {
        return Err(Error::internal(format!("outlook: {}", answer.status)));
    }
    serde_json::from_slice(&answer.body).map_err(Error::internal)
}
