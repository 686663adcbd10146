//! `/dashboard/{slug}/clients` and below.

use std::sync::Arc;

use app::admin::{
    clients::{
        list::ClientsPage,
        page::{ClientPage, NewClientPage},
    },
    form::{Errors, Sent, Values},
    frame::Done,
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    FieldError, Flaw, json,
    oauth::{
        client::{ClientPatch, ClientSettings, ClientType, GrantType, SigningAlg},
        client_keys::{ClientKeys, ClientUri},
        jwk::Jwks,
        redirect_uri::{RedirectUri, RedirectUris},
    },
    route,
    text::Name,
};
use leptos::prelude::*;
use service::{
    application::clients::NewClient,
    directory::{ApplicationEntry, ClientEntry},
};

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    kept, once,
};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let clients = desk.try_to(desk.services().clients().list(desk.ctx(), entry.application.id).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <ClientsPage frame clients/> }))
}

pub async fn show_new(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    new_page(&desk, entry, StatusCode::OK, kept::typed(&desk)).await
}

async fn new_page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let held = ClientSettings::new(entry.application.settings.name.clone());
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <NewClientPage frame held sent/> }))
}

pub async fn submit_new(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    match create(&desk, &entry, &posted.values).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            new_page(&desk, entry, status, sent).await
        }
    }
}

async fn create(desk: &Desk, entry: &ApplicationEntry, values: &Values) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let kind = ClientType::parse(values.get("kind")).ok_or(Flaw::OneOf("confidential, public".into()));
    let kind = errors.take("kind", kind);
    let settings = parse(&mut errors, values);
    let (Some(kind), Some(settings), true) = (kind, settings, errors.0.is_empty()) else {
        return Err(errors.0.into());
    };
    let new = NewClient { client_id: None, kind, settings };
    let (client, secret) = desk.services().clients().create(desk.ctx(), entry.application.id, new).await?;
    let path = format!("{}/{}", base(entry), client.id);
    let Some(secret) = secret else { return Ok(done(&path, Done::Created)) };
    let mut response = see_other(&path);
    once::give(desk, &mut response, client.id.get(), &secret)?;
    Ok(response)
}

pub async fn show_one(desk: Desk, Path((slug, id)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let entry = desk.application(&slug).await?;
    let client = find(&desk, &entry, &id).await?;
    let secret = once::take(&desk, &headers, client.client.id.get());
    let shown = secret.is_some();
    let mut response = one_page(&desk, entry, client, StatusCode::OK, secret, kept::typed(&desk)).await?;
    if shown {
        once::forget(&desk, &mut response);
    }
    Ok(response)
}

async fn find(desk: &Desk, entry: &ApplicationEntry, id: &str) -> Result<Arc<ClientEntry>, Instead> {
    let clients = desk.try_to(desk.services().clients().list(desk.ctx(), entry.application.id).await)?;
    clients.into_iter().find(|client| client.client.id.to_string() == id).ok_or_else(|| desk.not_found())
}

async fn one_page(
    desk: &Desk,
    application: Arc<ApplicationEntry>,
    entry: Arc<ClientEntry>,
    status: StatusCode,
    secret: Option<String>,
    sent: Sent,
) -> Answer {
    let frame = desk.frame(Some(application)).await?;
    let issuer = desk.services().settings.issuer.clone();
    Ok(desk.asked.page(status, || view! { <ClientPage frame entry issuer secret sent/> }))
}

pub async fn submit_one(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let client = posted.about(find(&desk, &entry, &id).await, &base(&entry))?;
    match change(&desk, &entry, &client, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            one_page(&desk, entry, client, status, None, sent).await
        }
    }
}

async fn change(
    desk: &Desk,
    entry: &ApplicationEntry,
    client: &ClientEntry,
    posted: &Posted,
) -> Result<Response, Refused> {
    let (application, client) = (entry.application.id, &client.client);
    let path = format!("{}/{}", base(entry), client.id);
    let clients = desk.services().clients();
    match posted.action() {
        "save" => {
            let mut errors = Errors::default();
            let settings = parse(&mut errors, &posted.values);
            let keys = if client.is_public() { None } else { keys(&mut errors, &posted.values) };
            let (Some(settings), true) = (settings, errors.0.is_empty()) else { return Err(errors.0.into()) };
            let patch = ClientPatch { keys, ..patch(settings) };
            clients.update(desk.ctx(), application, client.id, patch).await?;
            Ok(done(&path, Done::Saved))
        }
        "rotate" => {
            let at_once = posted.values.is_checked("at_once");
            let secret = clients.rotate_secret(desk.ctx(), application, Some(client.id), at_once).await?;
            let mut response = done(&path, if at_once { Done::RotatedAtOnce } else { Done::Rotated });
            once::give(desk, &mut response, client.id.get(), &secret)?;
            Ok(response)
        }
        "delete" => {
            let id = client.client_id.as_str();
            if posted.values.get("confirm").trim() != id {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(id.into()))].into());
            }
            gone(clients.delete(desk.ctx(), application, client.id).await)?;
            Ok(done(&base(entry), Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}

fn base(entry: &ApplicationEntry) -> String {
    route::dashboard(entry.application.slug.as_str(), "clients")
}

fn parse(errors: &mut Errors, values: &Values) -> Option<ClientSettings> {
    let name = errors.take("name", Name::parse(values.get("name")));
    let redirect_uris = uris(errors, values, "redirect_uris");
    let post_logout_redirect_uris = uris(errors, values, "post_logout_uris");
    let backchannel_logout_uri = values
        .filled("backchannel_logout_uri")
        .and_then(|uri| errors.take("backchannel_logout_uri", ClientUri::parse(uri)));
    let id_token_alg = errors.take("alg", SigningAlg::parse(values.get("alg")));
    Some(ClientSettings {
        redirect_uris,
        post_logout_redirect_uris,
        grants: values.all("grant").filter_map(GrantType::parse).collect(),
        require_pkce: values.is_checked("require_pkce"),
        skip_consent: values.is_checked("skip_consent"),
        id_token_alg: id_token_alg?,
        custom_claims: values.is_checked("custom_claims"),
        require_pushed: values.is_checked("require_pushed"),
        dpop_bound: values.is_checked("dpop_bound"),
        backchannel_logout_uri,
        // Whoever made it chooses keys later.
        ..ClientSettings::new(name?)
    })
}

fn patch(settings: ClientSettings) -> ClientPatch {
    ClientPatch {
        name: Some(settings.name),
        redirect_uris: Some(settings.redirect_uris),
        post_logout_redirect_uris: Some(settings.post_logout_redirect_uris),
        grants: Some(settings.grants),
        require_pkce: Some(settings.require_pkce),
        skip_consent: Some(settings.skip_consent),
        id_token_alg: Some(settings.id_token_alg),
        custom_claims: Some(settings.custom_claims),
        require_pushed: Some(settings.require_pushed),
        dpop_bound: Some(settings.dpop_bound),
        backchannel_logout_uri: Some(settings.backchannel_logout_uri),
        keys: None,
    }
}

/// How a confidential client proves itself; only the chosen way is read. `None` where the form does not say.
fn keys(errors: &mut Errors, values: &Values) -> Option<Option<ClientKeys>> {
    let keys = match values.get("auth") {
        "secret" => return Some(None),
        "jwks_uri" => {
            let uri = ClientUri::parse(values.get("jwks_uri").trim());
            errors.take("jwks_uri", uri).map(ClientKeys::At)
        }
        "jwks" => {
            let set = json::read(values.get("jwks")).and_then(Jwks::try_from);
            errors.take("jwks", set).map(ClientKeys::Set)
        }
        _ => None,
    };
    keys.map(Some)
}

/// The redirect URIs of a text area, one a line; the first that is wrong is named.
pub fn uris(errors: &mut Errors, values: &Values, field: &str) -> RedirectUris {
    RedirectUris(errors.lines(values, field, RedirectUri::parse))
}
