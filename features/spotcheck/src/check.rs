//! Announcing a check and drawing it. The population is fixed when it is announced; the seed is the root of the first
//! checkpoint after that.
use base::{Actor, Error, Instant, Result, Scope, Year, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{CHECKERS, READERS, store};

/// A spot check.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub id: String,
    pub unit_name: String,
    pub unit_path: String,
    pub year: Year,
    /// How many are drawn.
    pub size: i64,
    /// Of how many.
    pub population: i64,
    pub population_sha256: String,
    /// The newest checkpoint when it was announced; 0 for none.
    pub after_checkpoint: i64,
    pub announced_by: String,
    pub announced_at: Instant,
    /// The root of the first checkpoint after, once it is there.
    pub seed: Option<String>,
    pub seed_checkpoint: Option<i64>,
    pub reviewed: i64,
    pub differing: i64,
}

/// What is published of a check: enough to draw again (`xueshi audit draw --file`).
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Published {
    /// The check's id.
    pub id: String,
    /// How many are drawn.
    pub size: usize,
    /// The ids of all claims that could be drawn, in byte order.
    pub ids: Vec<String>,
    /// SHA-256 over them, each followed by a line break, as announced.
    pub population_sha256: String,
    /// When it was announced.
    pub announced_at: String,
    /// The newest checkpoint at that time; the seed is the root of a later one.
    pub after_checkpoint: i64,
    /// The seed's checkpoint.
    pub seed_checkpoint: Option<i64>,
    /// The root of that checkpoint.
    pub seed: Option<String>,
    /// The ids drawn.
    pub drawn: Vec<String>,
}

impl Published {
    /// Does the draw again; says what does not hold.
    pub fn verify(&self) -> Result<(), &'static str> {
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        if secrets::hex(&rules::draw::population_hash(&ids)) != self.population_sha256 {
            return Err("the population is not the announced one");
        }
        let Some(seed) = &self.seed else { return Err("the check is not drawn yet") };
        let mut again: Vec<&str> = rules::draw::draw(seed, &ids, self.size);
        let mut drawn: Vec<&str> = self.drawn.iter().map(String::as_str).collect();
        again.sort_unstable();
        drawn.sort_unstable();
        if again == drawn { Ok(()) } else { Err("other claims are drawn from this seed") }
    }
}

/// Announces a check over the approved claims of a year that no check has drawn yet. `percent` of them, at least one;
/// what the policy asks for unless it is said.
pub(crate) async fn announce(
    site: &Site,
    actor: &Actor,
    (unit, year): (&str, Year),
    percent: Option<u32>,
) -> Result<String> {
    let unit = org::by_code(&site.db, unit).await?;
    if !actor.scope(CHECKERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let asked = hours::in_force(&site.db, year).await?.policy.spot_check_percent;
    if percent.is_none() && asked == 0 {
        return Err(Error::invalid("percent", "spot_check_unasked"));
    }
    let percent = percent.unwrap_or(asked);
    if !(1..=100).contains(&percent) {
        return Err(Error::invalid("percent", "spot_check_percent"));
    }
    let newest = hours::moment::newest(site).await?.map_or(0, |m| m.checkpoint);
    let tx = site.db.begin().await?;
    let scope = Scope { paths: vec![unit.path.clone()] };
    let ids = store::population(&tx, &scope, year).await?;
    if ids.is_empty() {
        return Err(Error::conflict("spot_check_empty"));
    }
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    let population = i64::try_from(ids.len()).map_err(Error::internal)?;
    let check = store::NewCheck {
        id: site.new_id::<base::id::of::Entry>().to_string(),
        unit: unit.id,
        unit_path: &unit.path,
        year,
        size: (population * i64::from(percent) + 99) / 100,
        population,
        population_sha256: secrets::hex(&rules::draw::population_hash(&texts)),
        after_checkpoint: newest,
    };
    store::insert(&tx, &check, (actor.person, site.now())).await?;
    store::insert_cases(site, &tx, &check.id, &ids).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "spot_check.announce",
        object: &check.id,
        unit_path: &unit.path,
        details: json!({"year": year, "population": population, "size": check.size, "sha256": check.population_sha256}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(check.id)
}

/// The checks that the actor sees, the newest first; whatever can be drawn is drawn.
pub(crate) async fn all(site: &Site, actor: &Actor) -> Result<Vec<Check>> {
    let scope = actor.scope(READERS);
    for id in store::undrawn(&site.db, &scope).await? {
        settle(site, &id).await?;
    }
    store::checks(&site.db, &scope).await
}

/// A check that the actor sees.
pub(crate) async fn one(site: &Site, actor: &Actor, id: &str) -> Result<Check> {
    let check = store::check(&site.db, id).await?;
    if !actor.scope(READERS).holds(&check.unit_path) {
        return Err(Error::not_found());
    }
    settle(site, id).await?;
    store::check(&site.db, id).await
}

/// Draws once the checkpoint after the announcement is there; whoever comes first does it, with the same outcome.
async fn settle(site: &Site, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    store::hold(&tx, id).await?;
    let check = store::check(&tx, id).await?;
    if check.seed.is_some() {
        return Ok(());
    }
    let Some((no, seed)) = store::seed_after(&tx, check.after_checkpoint).await? else { return Ok(()) };
    let ids = store::ids(&tx, id).await?;
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    let size = usize::try_from(check.size).map_err(Error::internal)?;
    let drawn = rules::draw::draw(&seed, &texts, size);
    store::set_drawn(&tx, id, (no, &seed, site.now()), &drawn).await?;
    let deed = audit::Deed {
        actor: None,
        action: "spot_check.draw",
        object: id,
        unit_path: &check.unit_path,
        details: json!({"checkpoint": no, "drawn": drawn.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// What anyone may know of a check.
pub(crate) async fn published(site: &Site, id: &str) -> Result<Published> {
    settle(site, id).await?;
    let check = store::check(&site.db, id).await?;
    Ok(Published {
        size: usize::try_from(check.size).map_err(Error::internal)?,
        ids: store::ids(&site.db, id).await?,
        population_sha256: check.population_sha256,
        announced_at: day::rfc3339(check.announced_at),
        after_checkpoint: check.after_checkpoint,
        seed_checkpoint: check.seed_checkpoint,
        seed: check.seed,
        drawn: store::drawn(&site.db, id).await?.into_iter().map(|c| c.claim).collect(),
        id: check.id,
    })
}
