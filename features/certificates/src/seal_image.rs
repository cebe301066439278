//! The image of an authority's seal on certificates: it is used only while two people have consented to it, either of them
//! can end it, and every use is logged with the certificate's number. The signature over the file stands beside it always.
use std::{io::Cursor, sync::Arc};

use base::{Actor, Error, Result, Role};
use image::ImageFormat;
use serde_json::json;
use site::Site;

use crate::{Certificate, store_seals as store};

/// Who adds, consents and ends, at the top of a tree.
pub(crate) const KEEPERS: &[Role] = &[Role::Authority];
const MOST_BYTES: usize = 300 * 1024;
const MOST_PIXELS: u32 = 1600;

/// A seal that may be used.
#[derive(Clone, Debug)]
pub(crate) struct Seal {
    pub id: String,
    pub authority: String,
    pub png: Arc<Vec<u8>>,
}

/// Refuses everyone but the authority at the top.
fn admit(actor: &Actor) -> Result<()> {
    let is_top = |path: &String| path.matches('/').count() == 2;
    if actor.scope(KEEPERS).paths.iter().any(is_top) { Ok(()) } else { Err(Error::not_found()) }
}

/// Adds an image for the authority that the year's policy names; whoever adds it has not consented yet.
pub(crate) async fn add(site: &Site, actor: &Actor, bytes: &[u8]) -> Result<String> {
    admit(actor)?;
    let png = clean(bytes)?;
    let authority = hours::in_force(&site.db, site.this_year()).await?.policy.authority.clone();
    let id: base::EntryId = site.new_id();
    let id = id.to_string();
    let sealed = site.keys.seal_bytes(&place_of(&id), &png, &*site.random)?;
    let tx = site.db.begin().await?;
    let row = store::New {
        id: &id,
        authority: &authority,
        image_sealed: &secrets::base64url(&sealed),
        sha256: &secrets::sha256_hex(&png),
    };
    store::insert(&tx, &row, (actor.person, site.now())).await?;
    record(
        site,
        &tx,
        actor,
        ("certificate.seal_add", &id),
        json!({"authority": authority, "sha256": row.sha256}),
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

fn place_of(id: &str) -> String {
    format!("seal_images.image:{id}")
}

/// A PNG drawn anew, so that nothing hides in it.
fn clean(bytes: &[u8]) -> Result<Vec<u8>> {
    let refuse = || Error::invalid("file", "seal_image");
    if bytes.len() > MOST_BYTES || !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(refuse());
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_PIXELS), Some(MOST_PIXELS));
    reader.limits(limits);
    let drawn = reader.decode().map_err(|_| refuse())?;
    if drawn.width() < 100 || drawn.height() < 100 {
        return Err(refuse());
    }
    let mut out = Cursor::new(vec![]);
    drawn.write_to(&mut out, ImageFormat::Png).map_err(Error::internal)?;
    Ok(out.into_inner())
}

/// Consents to an image's use; the second person's consent opens it.
pub(crate) async fn consent(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    admit(actor)?;
    let tx = site.db.begin().await?;
    let row = store::hold(&tx, id).await?;
    let own = actor.person.to_string();
    if row.ended_at.is_some() {
        return Err(Error::conflict("seal_ended"));
    }
    if row.first_by.as_deref() == Some(own.as_str()) || row.second_by.is_some() {
        return Err(Error::conflict("seal_consented"));
    }
    let place = if row.first_by.is_none() { "first" } else { "second" };
    store::consent(&tx, id, place, (actor.person, site.now())).await?;
    record(site, &tx, actor, ("certificate.seal_consent", id), json!({"consent": place})).await?;
    tx.commit().await
}

/// Ends an image's use.
pub(crate) async fn end(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    admit(actor)?;
    let tx = site.db.begin().await?;
    store::hold(&tx, id).await?;
    store::end(&tx, id, (actor.person, site.now())).await?;
    record(site, &tx, actor, ("certificate.seal_end", id), json!({})).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    actor: &Actor,
    (action, object): (&'static str, &str),
    details: serde_json::Value,
) -> Result<()> {
    let deed = audit::Deed { actor: Some(actor.person), action, object, unit_path: "", details };
    audit::record(site, tx, deed).await
}

/// The seal that two people consented to, for an authority as certificates name it.
pub(crate) async fn in_use(site: &Site, authority: &str) -> Result<Option<Seal>> {
    let Some(row) = store::in_use(&site.db, authority).await? else { return Ok(None) };
    let damaged = || Error::internal("a seal image is damaged");
    let sealed = secrets::from_base64url(&row.image_sealed).ok_or_else(damaged)?;
    let png = site.keys.open_bytes(&place_of(&row.id), &sealed)?;
    Ok(Some(Seal { id: row.id, authority: authority.to_owned(), png: Arc::new(png) }))
}

/// Logs the use of a seal on certificates.
pub(crate) async fn log(
    site: &Site,
    conn: &impl db::Conn,
    seal: Option<&Seal>,
    certificates: &[&Certificate],
) -> Result<()> {
    let Some(seal) = seal else { return Ok(()) };
    let own: Vec<_> =
        certificates.iter().filter(|c| c.content.authority == seal.authority).copied().collect();
    store::log(site, conn, &seal.id, &own).await
}
