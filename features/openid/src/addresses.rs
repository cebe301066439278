//! Where a provider's client may be reached: addresses to come back to after signing in and after signing out, and the one
//! that hears of ended sessions. All lie at the site that the authority admitted.
use base::{Actor, Error, FieldProblem, Kind, Result};
use serde_json::json;
use site::Site;

use crate::{
    client::{self, Addresses, Client},
    store,
};

/// So many addresses of a kind.
const MOST: usize = 10;

/// The client that the actor's provider has; none before its first secret.
pub(crate) async fn of_actor(site: &Site, actor: &Actor) -> Result<Option<Client>> {
    let own = providers::own(&site.db, actor).await?;
    match store::client_of(&site.db, &own.id).await? {
        Some(id) => store::client(&site.db, &id).await,
        None => Ok(None),
    }
}

/// Changes the addresses of the client of the actor's provider.
pub(crate) async fn change(site: &Site, actor: &Actor, to: &Addresses) -> Result<()> {
    let own = providers::own(&site.db, actor).await?;
    let client = store::client_of(&site.db, &own.id).await?.ok_or_else(Error::not_found)?;
    client::check(to)?;
    at_home(to, &own.site)?;
    let tx = site.db.begin().await?;
    store::move_client(&tx, &client, to).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "openid.addresses",
        object: &client,
        unit_path: "",
        details: json!({"provider": own.name, "redirect": to.redirect, "post_logout": to.post_logout,
            "backchannel": to.backchannel}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Refuses addresses elsewhere: nobody's codes go to a site that nobody has admitted.
fn at_home(to: &Addresses, home: &str) -> Result<()> {
    let is_home =
        |text: &String| url::Url::parse(text).is_ok_and(|u| u.origin().ascii_serialization() == home);
    let backchannel: Vec<String> = to.backchannel.iter().cloned().collect();
    let lists = [
        ("redirect_uris", &to.redirect),
        ("post_logout_redirect_uris", &to.post_logout),
        ("backchannel_logout_uri", &backchannel),
    ];
    let wrong = |(name, list): &(&str, &Vec<String>)| {
        let is_wrong = list.len() > MOST || !list.iter().all(is_home);
        is_wrong.then(|| FieldProblem { field: (*name).to_owned(), code: "other_site" })
    };
    let fields: Vec<FieldProblem> = lists.iter().filter_map(wrong).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::refused(Kind::Invalid, "invalid").with_fields(fields)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_at_the_admitted_site() {
        let at = |redirect: &str, backchannel: &str| Addresses {
            redirect: vec![redirect.to_owned()],
            post_logout: vec![],
            backchannel: Some(backchannel.to_owned()),
        };
        let home = "https://p.example";
        assert!(at_home(&at("https://p.example/cb", "https://p.example/out"), home).is_ok());
        for (redirect, backchannel) in [
            ("https://evil.example/cb", "https://p.example/out"),
            ("https://p.example/cb", "http://p.example/out"),
            ("https://p.example:8443/cb", "https://p.example/out"),
            ("https://p.example@evil.example/cb", "https://p.example/out"),
        ] {
            assert!(at_home(&at(redirect, backchannel), home).is_err(), "{redirect} {backchannel}");
        }
    }
}
