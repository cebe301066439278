//! A large batch as an order: printed in the background page by page into one file, with its progress, kept for a week.
use std::path::PathBuf;

use base::{Actor, Error, PersonId, Result, Year, day};
use jobs::Progress;
use serde_json::json;
use site::Site;

use crate::{
    Press,
    archive::{self, Archive},
    batch::{self, Form, Holder},
    seal_image, store_batch, store_orders as store,
};

/// The job.
pub(crate) const PRINT: &str = "certificates.print";
/// So many are set before they are written: what memory holds.
const PAGE: usize = 500;
/// At most so many in one order.
const MOST: i64 = 50_000;
/// A file is kept so long.
const KEPT_MS: i64 = 7 * 86_400_000;

/// How far an order is, for the one who asked for it.
pub(crate) fn progress_of(order: &str) -> String {
    format!("print-{order}")
}

fn progress(order: &str, (done, total): (i64, i64)) -> Progress {
    Progress {
        id: progress_of(order),
        kind: "print".to_owned(),
        done,
        total,
        state: "running".to_owned(),
        link: format!("/certificates/print/{order}"),
    }
}

/// Asks for a batch; answers its id.
pub(crate) async fn ask(
    site: &Site,
    actor: &Actor,
    batch: &batch::Batch,
    (year, form): (Year, Form),
) -> Result<String> {
    if batch.ready > MOST {
        return Err(Error::invalid("unit", "print_many"));
    }
    let id: base::EntryId = site.new_id();
    let id = id.to_string();
    let new = store::New {
        id: &id,
        by: actor.person,
        scope: &batch.scope,
        year,
        form: form.code(),
        total: batch.ready,
    };
    let tx = site.db.begin().await?;
    store::insert(&tx, &new, site.now()).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "certificate.print_many",
        object: &year.to_string(),
        unit_path: batch.scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year}, "rows": batch.ready, "archive": form == Form::Archive, "order": id}),
    };
    audit::record(site, &tx, deed).await?;
    jobs::tell(&tx, actor.person, &progress(&id, (0, batch.ready)), site.now()).await?;
    site.enqueue(&tx, PRINT, &id).await?;
    tx.commit().await?;
    Ok(id)
}

/// The file of an order.
pub(crate) fn path_of(site: &Site, id: &str) -> PathBuf {
    site.settings.files.join("batches").join(format!("{id}.zip"))
}

/// Prints an order. A failure leaves it to the next attempt of the job.
pub(crate) async fn run(site: &Site, press: &Press, id: &str) -> Result<()> {
    let now = day::millis(site.now());
    for old in store::expire(&site.db, now - KEPT_MS).await? {
        let _ = tokio::fs::remove_file(path_of(site, &old)).await;
    }
    if !store::start(&site.db, id, now).await? {
        return Ok(());
    }
    let order = store::one(&site.db, id).await?;
    let path = path_of(site, id);
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
    let draft = path.with_extension("part");
    print(site, press, &order, &draft).await?;
    tokio::fs::rename(&draft, &path).await.map_err(Error::internal)?;
    let tx = site.db.begin().await?;
    store::end(&tx, id, "done", site.now()).await?;
    let asker: PersonId = order.asked_by.parse()?;
    let letter = messages::Letter {
        to: asker,
        kind: "certificate",
        text: site.texts.with("print-ready", &[("n", &order.total.to_string())]),
        link: format!("/certificates/print/{id}"),
        once: Some(format!("certificates-printed:{id}")),
    };
    messages::post(site, &tx, &[letter]).await?;
    jobs::end(&tx, &progress_of(id), true, site.now()).await?;
    tx.commit().await
}

async fn print(site: &Site, press: &Press, order: &store::Row, draft: &std::path::Path) -> Result<()> {
    let year = Year::new(order.year).ok_or_else(|| Error::internal("an order without a year"))?;
    let (scope, form) = (order.scope()?, Form::from_code(&order.form));
    let key = site.keys.document_seal(site.now(), &*site.random)?;
    let (mut file, mut last, mut done) = (Archive::create(draft)?, None::<Holder>, 0_usize);
    loop {
        let page = store_batch::holders(&site.db, (&scope, year), last.as_ref(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        let issuer = page.first().map_or("", |h| h.certificate.content.authority.as_str());
        let image = seal_image::in_use(site, issuer).await?;
        let sheets = batch::sheets(site, &page, image.as_ref()).await?;
        let names: Vec<String> = page.iter().map(batch::file_name).collect();
        let (press, key, at) = (press.clone(), key.clone(), site.now());
        let part = done / PAGE + 1;
        let work = move || -> Result<(Archive, Vec<String>)> {
            if form == Form::Document {
                file.add(&format!("{part:03}.pdf"), &press.set_many(&sheets, at, &key)?)?;
                return Ok((file, vec![]));
            }
            let set = archive::set_all(&press, &key, &sheets, archive::cores())?;
            for (pdf, name) in set.iter().zip(&names) {
                file.add(name, pdf)?;
            }
            Ok((file, set.iter().map(|pdf| secrets::sha256_hex(pdf)).collect()))
        };
        let (back, hashes) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
        file = back;
        let certificates: Vec<_> = page.iter().map(|h| &h.certificate).collect();
        let tx = site.db.begin().await?;
        store_batch::remember_prints(&tx, &hashes, &certificates, site.now()).await?;
        seal_image::log(site, &tx, image.as_ref(), &certificates).await?;
        done += page.len();
        let told = i64::try_from(done).unwrap_or(i64::MAX);
        store::progress(&tx, &order.id, told).await?;
        jobs::tell(&tx, order.asked_by.parse()?, &progress(&order.id, (told, order.total)), site.now())
            .await?;
        tx.commit().await?;
        last = page.into_iter().last();
    }
    let list = batch::list(site, &batch::missing(site, &scope, year).await?);
    file.add(&site.texts.get("print-missing-file"), list.as_bytes())?;
    file.finish()
}
