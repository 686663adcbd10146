//! The demo: a product with plans and users, and a client application at `/demo` that signs in by OpenID Connect
//! like anybody's. It asks this very server in-process, and so works at any address.

mod client;
mod page;
mod session;
mod verify;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE},
    },
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{
    billing::{ledger::Actor, plan::PlanKey},
    identity::email::Email,
    route,
};
use serde::Deserialize;
use service::{
    Ctx, Services,
    billing::orders::{Destination, NewOrder, Placed, Started},
    catalog::Catalog,
    crypto,
    payment::sandbox::CardNumber,
};

use crate::{cli, http, state::AppState};
use client::{Client, Login};
use page::Notice;
use session::{Session, Tokens};

/// Who can sign in, as `catalog.toml` has them.
pub const ACCOUNTS: [(&str, &str); 3] = [
    ("demo@example.com", "a new customer of Acme, who is asked to choose a plan"),
    ("maya@example.com", "a customer who is on Pro"),
    ("admin@example.com", "the owner of this server, for the dashboard"),
];
/// The password of all of them.
pub const PASSWORD: &str = "ride the turnpike";

/// The test card that pays for Maya.
const CARD: &str = "4242424242424242";
const CATALOG: &str = include_str!("catalog.toml");
const STYLE: &str = include_str!("style.css");
/// Where the demo's mails are, for everybody: the accounts' password is no secret either.
const MAILBOX: &str = "/demo/mailbox";
/// Everything comes from here, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

struct Demo {
    services: Services,
    client: Client,
}

/// Seeds the demo and adds its client application. Answers what to say about it at start.
///
/// # Errors
/// When the catalog cannot be applied.
pub async fn add(router: Router, state: AppState) -> anyhow::Result<(Router, Vec<String>)> {
    let services = state.services.clone();
    let issuer = services.settings.issuer.clone();
    // Everybody knows the passwords, but nobody the secret.
    let secret = crypto::base64url(services.vault.mac(&[b"secret of the demo's client"]));
    let text = CATALOG.replace("ISSUER", &issuer).replace("SECRET", &secret);
    let catalog = Catalog::parse(&text, "demo/catalog.toml").map_err(|e| anyhow::Error::msg(e.message))?;
    cli::apply_catalog(&services, catalog.as_seed(), false).await?;
    buy_pro(&services).await?;
    let client = Client::new(services.clone(), router.clone(), &secret)?;
    let demo = Arc::new(Demo { services, client });
    let pages = Router::new()
        .route(route::DEMO, get(home))
        .route("/demo/style.css", get(style))
        .route("/demo/sign-in", get(sign_in))
        .route("/demo/callback", get(callback))
        .route("/demo/refresh", post(refresh))
        .route("/demo/plan", post(manage))
        .route("/demo/sign-out", post(sign_out))
        .route(MAILBOX, get(mailbox))
        .with_state(demo)
        .layer(middleware::from_fn_with_state(state.clone(), http::origin::check))
        .layer(middleware::from_fn_with_state(state.clone(), http::request_id::give))
        .layer(middleware::from_fn_with_state(state, http::headers::secure));
    let mut notes = vec![format!("The demo: {issuer}{}", route::DEMO)];
    notes.extend(ACCOUNTS.iter().map(|(email, what)| format!("  {email}  {what}")));
    notes.push(format!("  password of each: {PASSWORD}"));
    Ok((router.merge(pages), notes))
}

/// Maya buys Pro at the first start. What she does later is hers.
async fn buy_pro(services: &Services) -> anyhow::Result<()> {
    let email = Email::parse("maya@example.com")?;
    let (Some(maya), Some(acme)) =
        (services.users().find_by_email(&email).await?, services.directory().by_slug("acme").cloned())
    else {
        return Ok(());
    };
    let holder = services.entitlements().holder(maya.id, acme.application.id).await?;
    if holder.is_some_and(|holder| holder.membership.chosen_at.is_none()) {
        let ctx = Ctx { actor: Actor::User(maya.id), ..Ctx::anonymous() };
        let url = || format!("{}{}", services.settings.issuer, route::DEMO);
        let new = NewOrder {
            plan: PlanKey::parse("pro")?,
            price: None,
            coupon: None,
            destination: Destination::Application { success_url: url(), cancel_url: url() },
            metadata: None,
            payer: None,
        };
        if let Started::Order(placed) = services.orders().start(&ctx, acme.application.id, maya.id, new).await? {
            services.orders().press(Placed::clone(&placed), url()).await?;
            services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(CARD)?).await?;
            services.orders().look(*placed).await?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct HomeQuery {
    notice: Option<String>,
}

/// The product: what it is, or what the signed-in user's plan unlocks.
async fn home(State(demo): State<Arc<Demo>>, headers: HeaderMap, Query(query): Query<HomeQuery>) -> Response {
    let notice = query.notice.as_deref().and_then(Notice::parse);
    let issuer = &demo.services.settings.issuer;
    let Some(session) = Session::read(&demo.services, &headers) else {
        return document(page::landing(issuer, notice), HeaderMap::new());
    };
    let now = demo.services.now().timestamp();
    if session.expires_at() > now {
        return document(page::account(&session, issuer, now, notice), HeaderMap::new());
    }
    match demo.client.refresh(&session.tokens).await {
        Ok(tokens) => {
            let fresh = Session { tokens };
            document(page::account(&fresh, issuer, now, notice), fresh.cookies(&demo.services))
        }
        Err(error) => {
            tracing::debug!(error, "the demo's session has ended");
            document(page::landing(issuer, Some(Notice::Ended)), Session::clear(&headers))
        }
    }
}

#[derive(Default, Deserialize)]
struct SignInQuery {
    plan: Option<String>,
    prompt: Option<String>,
}

/// Sends the browser to the sign-in page, or to plan selection.
async fn sign_in(State(demo): State<Arc<Demo>>, headers: HeaderMap, Query(query): Query<SignInQuery>) -> Response {
    let select_plan = query.prompt.as_deref() == Some("select_plan");
    let (url, login) = demo.client.begin(query.plan.as_deref(), select_plan);
    redirect(url.as_str(), login.cookies(&demo.services, &headers))
}

#[derive(Deserialize)]
struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the code and gets the tokens for it.
async fn callback(State(demo): State<Arc<Demo>>, headers: HeaderMap, Query(query): Query<CallbackQuery>) -> Response {
    let login = query.state.as_deref().and_then(|state| Login::read(&demo.services, &headers, state));
    let done = login.as_ref().map(Login::clear).unwrap_or_default();
    let answer = match (login, query) {
        (None, _) => Err("nobody was signing in with this state here".to_owned()),
        (_, CallbackQuery { iss, .. }) if iss.as_deref() != Some(demo.services.settings.issuer.as_str()) => {
            Err("the issuer is another".to_owned())
        }
        (_, CallbackQuery { error: Some(error), .. }) => Err(error),
        (Some(login), CallbackQuery { code: Some(code), .. }) => demo.client.finish(code, login).await,
        _ => Err("there is no code".to_owned()),
    };
    match answer {
        Ok(tokens) => {
            let mut cookies = Session { tokens }.cookies(&demo.services);
            // Not `extend`: that would put these in the place of the others.
            for cookie in done.get_all(SET_COOKIE) {
                cookies.append(SET_COOKIE, cookie.clone());
            }
            redirect(route::DEMO, cookies)
        }
        Err(error) => {
            tracing::debug!(error, "the demo's sign-in did not finish");
            redirect(&Notice::Failed.path(), done)
        }
    }
}

/// Gets new tokens, which say what holds now.
async fn refresh(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let Some(session) = Session::read(&demo.services, &headers) else {
        return redirect(route::DEMO, HeaderMap::new());
    };
    match demo.client.refresh(&session.tokens).await {
        Ok(tokens) => redirect(&Notice::Refreshed.path(), Session { tokens }.cookies(&demo.services)),
        Err(error) => {
            tracing::debug!(error, "the demo's refresh token is refused");
            redirect(&Notice::Ended.path(), Session::clear(&headers))
        }
    }
}

/// Sends the browser to the customer portal, which this server's own API opens for the user.
async fn manage(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let Some(session) = Session::read(&demo.services, &headers) else {
        return redirect(route::DEMO, HeaderMap::new());
    };
    match demo.client.portal(&session.tokens).await {
        Ok(url) => redirect(&url, HeaderMap::new()),
        Err(error) => {
            tracing::debug!(error, "the demo's customer portal does not open");
            redirect(&Notice::Failed.path(), HeaderMap::new())
        }
    }
}

/// The part of the demo's mailbox that is one address's.
pub fn mailbox_of(email: &Email) -> String {
    let to: String = url::form_urlencoded::byte_serialize(email.as_str().as_bytes()).collect();
    format!("{MAILBOX}?to={to}")
}

#[derive(Deserialize)]
struct MailboxQuery {
    to: Option<String>,
}

async fn mailbox(State(demo): State<Arc<Demo>>, Query(query): Query<MailboxQuery>) -> Response {
    match demo.services.mails().latest(&Ctx::operator()).await {
        Ok(mails) => document(page::mailbox(&mails, query.to.as_deref()), HeaderMap::new()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the demo's mails could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Ends the session here, then at the issuer.
async fn sign_out(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let to = match Session::read(&demo.services, &headers) {
        Some(session) => demo.client.logout_url(&session.tokens),
        None => route::DEMO.to_owned(),
    };
    redirect(&to, Session::clear(&headers))
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")], STYLE)
}

fn document(html: String, mut headers: HeaderMap) -> Response {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, html).into_response()
}

fn redirect(to: &str, mut headers: HeaderMap) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => {
            headers.insert(LOCATION, to);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
