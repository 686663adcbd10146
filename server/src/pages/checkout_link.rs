//! `/checkout`: a checkout by redirect, from a product to an order's page, or to a button where nothing is due.

use app::{
    checkout::ConfirmPage,
    notice::{Notice, NoticePage, Way},
    portal::{Change, Preview},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    billing::{plan::PlanKey, quote::Seen},
    id::{ApplicationId, UserId},
    identity::session::Session,
    route,
    route::ReturnTo,
};
use leptos::prelude::*;
use service::{
    billing::orders::{Destination, Followed, NewOrder, Offer},
    portal::Terms,
};

use super::{
    asked::{Asked, Fields},
    checkout::{notice, wrong_link},
    error::product,
    plans::missing_provider,
};
use crate::http::{error::status_of, redirect::see_other};

/// A checkout by redirect: the signed-in user must be the one that the application means. Who is not signed in does
/// that first. Nothing is granted by this: an order has its page, and what costs nothing now is asked about.
pub async fn begin(asked: Asked) -> Response {
    follow(asked, None).await
}

/// Agreed to what costs nothing now, as it was shown. Again: nothing, and on to where they came from.
pub async fn agree(asked: Asked, fields: Fields) -> Response {
    follow(asked, Some(fields.seen())).await
}

async fn follow(mut asked: Asked, agreed: Option<Seen>) -> Response {
    let Some((application, user, new)) = link(&asked) else { return wrong_link(&asked) };
    asked.speak_for(application);
    let asked = &asked;
    match asked.session() {
        None => return see_other(&sign_in(asked)),
        Some(session) if session.user.id != user => return somebody_else(asked, application, new),
        Some(session) if lacks_factor(asked, session, application) => return see_other(&to(asked).by(route::FACTOR)),
        Some(_) => {}
    }
    let (plan, changed) = (new.plan.clone(), agreed.is_some());
    match asked.services().orders().follow(&asked.ctx, application, new, agreed).await {
        Ok(Followed::Ask(offer)) => confirm(asked, application, &plan, *offer, changed),
        Ok(Followed::Order(placed)) => match asked.services().orders().path(placed.order.id) {
            Ok(path) => see_other(&path),
            Err(error) => asked.fail(error),
        },
        Ok(Followed::Done) => success(asked),
        Err(error) if error.code() == ErrorCode::AlreadySubscribed => success(asked),
        Err(error) => refused(asked, application, &plan, error),
    }
}

/// What is in the way of a checkout, and the way back. Nothing has changed.
fn refused(asked: &Asked, application: ApplicationId, plan: &PlanKey, error: service::Error) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(application) else { return wrong_link(asked) };
    let (text, name, code) = (asked.visit.text(), &entry.application.settings.name, error.code());
    let (title, body) = match code {
        ErrorCode::Internal | ErrorCode::NoSession => return asked.fail(error),
        // Somebody else decided for the plan that they have, and it is not theirs to change.
        ErrorCode::InsufficientRights => (text.cannot_change_title(), text.portal_managed_body(name)),
        ErrorCode::NoAccess => (text.no_access_title(name), text.checkout_no_access_body(who(asked), name)),
        ErrorCode::PlanNotFound => (text.plan_missing_title(), text.plan_missing_body(name)),
        // What is billed changes at any time, unless it is paused.
        ErrorCode::BilledByProvider => (text.plan_paused_title(), text.plan_paused_body(name)),
        ErrorCode::ProviderNotConfigured => {
            (text.payment_missing_title(), missing_provider(asked, entry, plan.as_str()))
        }
        _ => (text.bad_checkout_title(), text.bad_checkout_body()),
    };
    let ways = asked.parameter("cancel_url").map(|url| Way::new(text.back_to(name), url)).into_iter().collect();
    let detail = Some(code.as_str().into());
    let notice = Notice { product: product(entry), title, body, ways, detail, ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(status_of(code), || view! { <NoticePage visit notice/> })
}

/// Nothing is due: what would happen, and the button that agrees to it. `changed`: it is not what was agreed to.
fn confirm(asked: &Asked, application: ApplicationId, plan: &PlanKey, offer: Offer, changed: bool) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(application) else { return wrong_link(asked) };
    let Offer { quote, held } = offer;
    let (visit, product) = (asked.visit.clone(), product(entry));
    let change = Change { application: entry, held: held.as_ref(), plan, terms: Terms::Quoted(Box::new(quote)) };
    let Some(preview) = Preview::of(change, asked.services().now(), visit.text()) else { return wrong_link(asked) };
    let (action, leave) = (to(asked).path(), asked.parameter("cancel_url").unwrap_or_default());
    let status = if changed { StatusCode::CONFLICT } else { StatusCode::OK };
    asked.page(status, || view! { <ConfirmPage visit product preview action leave changed/> })
}

/// Whether the application asks for a second factor that this session has not proved.
fn lacks_factor(asked: &Asked, session: &Session, application: ApplicationId) -> bool {
    let directory = asked.services().directory();
    directory.application(application).is_some_and(|entry| !entry.application.settings.admits(&session.proofs))
}

/// This link, for after a page on the way to it.
fn to(asked: &Asked) -> ReturnTo {
    ReturnTo::Checkout { query: asked.uri.query().unwrap_or_default().to_owned() }
}

/// The sign-in page that leads back to this link.
fn sign_in(asked: &Asked) -> String {
    to(asked).sign_in()
}

/// The link is for another user than the one who is signed in here.
fn somebody_else(asked: &Asked, application: ApplicationId, new: NewOrder) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(application) else { return wrong_link(asked) };
    let (text, name) = (asked.visit.text(), entry.application.settings.name.to_string());
    let mut ways = vec![Way::new(text.use_another_account(), sign_in(asked))];
    if let Destination::Application { cancel_url, .. } = new.destination {
        ways.push(Way::new(text.back_to(&name), cancel_url));
    }
    let (title, body) = (text.other_user_title(), text.other_user_body(who(asked), &name));
    notice(asked, Some(entry), StatusCode::FORBIDDEN, title, body, ways)
}

/// Who is signed in, as a page names them.
fn who(asked: &Asked) -> String {
    asked.session().map(|session| session.user.email.to_string()).unwrap_or_default()
}

/// What the address asks for; `None` unless everything in it is right.
fn link(asked: &Asked) -> Option<(ApplicationId, UserId, NewOrder)> {
    let application: ApplicationId = asked.parameter("project_id")?.parse().ok()?;
    let directory = asked.services().directory();
    let entry = directory.application(application)?;
    let (success_url, cancel_url) = (asked.parameter("success_url")?, asked.parameter("cancel_url")?);
    let settings = &entry.application.settings;
    if !settings.may_return_to(&success_url) || !settings.may_return_to(&cancel_url) {
        return None;
    }
    let price = match asked.parameter("price_id") {
        Some(id) => Some(id.parse().ok()?),
        None => None,
    };
    let new = NewOrder {
        coupon: None,
        plan: PlanKey::parse(&asked.parameter("plan")?).ok()?,
        price,
        destination: Destination::Application { success_url, cancel_url },
        metadata: None,
        payer: None,
    };
    Some((application, asked.parameter("user_id")?.parse().ok()?, new))
}

fn success(asked: &Asked) -> Response {
    see_other(&asked.parameter("success_url").unwrap_or_default())
}
