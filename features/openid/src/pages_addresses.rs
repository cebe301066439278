//! Where a provider's client may be reached, as its operators see and change it: calls, and the form of the page.
use axum::{Json, extract::State, response::IntoResponse};
use base::{Actor, Error, Result, Role};
use serde::{Deserialize, Serialize};
use site::{Access, Form, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    addresses::{change, of_actor},
    client::Addresses,
    pages_client,
};

const OPERATORS: &[Role] = &[Role::Provider];

pub(crate) fn routes() -> Routes {
    let operators = Access::Roles(OPERATORS);
    Routes::new()
        .get("/api/v1/provider/client", operators, read)
        .put("/api/v1/provider/client", operators, write)
        .post("/provider/client/addresses", operators, posted)
}

#[derive(OpenApi)]
#[openapi(paths(read, write), components(schemas(ClientShown, AddressesBody)))]
pub(crate) struct Docs;

/// The own client without its secrets.
#[derive(Serialize, ToSchema)]
struct ClientShown {
    issuer: String,
    client_id: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    backchannel_logout_uri: Option<String>,
}

/// Where the client may be reached; all at the provider's site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddressesBody {
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    backchannel_logout_uri: Option<String>,
}

async fn shown(site: &Site, actor: &Actor) -> Result<ClientShown> {
    let client = of_actor(site, actor).await?.ok_or_else(Error::not_found)?;
    let addresses = client.addresses();
    Ok(ClientShown {
        issuer: site.settings.public_url.clone(),
        client_id: client.id,
        redirect_uris: addresses.redirect,
        post_logout_redirect_uris: addresses.post_logout,
        backchannel_logout_uri: addresses.backchannel,
    })
}

/// The own provider's OpenID Connect client: its id and addresses, never its secrets.
#[utoipa::path(get, path = "/api/v1/provider/client", responses((status = 200, body = ClientShown), (status = 404)))]
async fn read(State(site): State<Site>, visitor: Visitor) -> Reply {
    Ok(Json(shown(&site, &visitor.actor).await?).into_response())
}

/// Change where the own client may be reached; every address lies at the provider's admitted site.
#[utoipa::path(put, path = "/api/v1/provider/client", request_body = AddressesBody, responses((status = 200, body = ClientShown),
    (status = 422, description = "other_site")))]
async fn write(
    State(site): State<Site>,
    visitor: Visitor,
    site::Json(body): site::Json<AddressesBody>,
) -> Reply {
    let to = Addresses {
        redirect: body.redirect_uris,
        post_logout: body.post_logout_redirect_uris,
        backchannel: body.backchannel_logout_uri,
    };
    change(&site, &visitor.actor, &to).await?;
    Ok(Json(shown(&site, &visitor.actor).await?).into_response())
}

/// The page's form: addresses one a line.
#[derive(Deserialize)]
struct Posted {
    redirect_uris: String,
    post_logout_redirect_uris: String,
    backchannel_logout_uri: String,
}

async fn posted(State(site): State<Site>, visitor: Visitor, Form(form): Form<Posted>) -> Reply {
    let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let to = Addresses {
        redirect: lines(&form.redirect_uris),
        post_logout: lines(&form.post_logout_redirect_uris),
        backchannel: lines(&form.backchannel_logout_uri).into_iter().next(),
    };
    let changed = change(&site, &visitor.actor, &to).await;
    pages_client::after_change(&site, &visitor, changed, to).await
}
