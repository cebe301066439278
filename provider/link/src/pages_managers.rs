//! Who looks after the courses and appeals of this platform: people who sign in like everyone and were invited from the
//! command line. Nobody becomes one by a role at the management platform alone.
use askama::Template;
use audit::Deed;
use axum::extract::{Query, State};
use base::{Error, Grant, Kind, Result, Role, day};
use serde::Deserialize;
use serde_json::json;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::store_managers as store;

/// An invitation is good for a day, once.
const VALID_MS: i64 = 24 * 3_600_000;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/studio/join", Access::SignedIn, invited).post("/studio/join", Access::SignedIn, join)
}

/// Makes an invitation; answers the address that spends it.
pub async fn invite_manager(site: &Site) -> Result<String> {
    let token = secrets::fresh_token(&*site.random);
    let expires_at = day::millis(site.now()) + VALID_MS;
    let hash = secrets::sha256_hex(token.as_bytes());
    let said = json!({"until": day::rfc3339(day::from_millis(expires_at))});
    let tx = site.db.begin().await?;
    store::invite(&tx, &hash, expires_at).await?;
    audit::record(site, &tx, Deed::here(None, "manager.invite", &hash, said)).await?;
    tx.commit().await?;
    Ok(format!("{}/studio/join?invitation={token}", site.settings.public_url))
}

/// Lets someone look after the platform, by the management platform's name for them.
pub async fn appoint_manager(site: &Site, subject: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    if store::appoint(&tx, subject, site.now()).await? {
        audit::record(site, &tx, Deed::here(None, "manager.appoint", subject, json!({}))).await?;
    }
    tx.commit().await
}

/// What a manager holds here: the one role that a course platform knows.
pub(crate) fn grant() -> Result<Grant> {
    let unit = "00000000-0000-0000-0000-000000000000".parse()?;
    Ok(Grant { role: Role::Provider, unit, unit_code: String::new(), path: "/".into(), behalf: None })
}

#[derive(Deserialize)]
struct Invitation {
    #[serde(default)]
    invitation: String,
}

#[derive(Template)]
#[template(path = "link/join.html")]
struct JoinPage {
    frame: Frame,
    invitation: String,
}

async fn invited(State(site): State<Site>, visitor: Visitor, Query(i): Query<Invitation>) -> Reply {
    let hash = secrets::sha256_hex(i.invitation.as_bytes());
    if !store::is_open(&site.db, &hash, site.now()).await? {
        return Err(gone().into());
    }
    let frame = Frame::of(&site, &visitor, "/studio", "page-manager-join");
    html(&JoinPage { frame, invitation: i.invitation })
}

async fn join(State(site): State<Site>, visitor: Visitor, Form(i): Form<Invitation>) -> Reply {
    let (learner, now) = (visitor.actor.person, site.now());
    let hash = secrets::sha256_hex(i.invitation.as_bytes());
    let tx = site.db.begin().await?;
    if !store::spend(&tx, &hash, learner, now).await? {
        return Err(gone().into());
    }
    store::appoint_learner(&tx, learner, now).await?;
    audit::record(&site, &tx, Deed::here(Some(learner), "manager.join", &hash, json!({}))).await?;
    tx.commit().await?;
    Ok(see_other("/studio"))
}

fn gone() -> Error {
    Error::refused(Kind::Gone, "invitation_gone")
}
