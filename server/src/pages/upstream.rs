//! Signing in with other providers: `/sign-in/upstream/{slug}` sends the browser there, `/upstream/callback/…` takes it
//! back, `/upstream/link` links the provider's account to one that was proved.

use app::{
    auth::LinkPage,
    form::Fault,
    notice::{Notice, NoticePage, Way},
};
use axum::{
    extract::Path,
    http::{StatusCode, header::SET_COOKIE},
    response::Response,
};
use domain::{ErrorCode, route, route::ReturnTo};
use leptos::prelude::*;
use service::{
    directory::ApplicationEntry,
    upstream::{Back, Departure, Failure, Intent, Outcome, Pending, identities},
};

use super::{Mishap, ask_mail, asked::Asked, behind::Behind, credentials::Refused, error::product, flow};
use crate::http::{cookie, error::status_of, redirect::see_other};

/// Sends the browser to a provider.
pub async fn depart(mut asked: Asked, Path(slug): Path<String>) -> Response {
    let behind = match Behind::of(&mut asked) {
        Ok(behind) => behind,
        Err(error) => return asked.fail(error),
    };
    let found = behind.methods(&asked).into_iter().find(|(_, own)| own.method.slug.as_str() == slug);
    let Some((application, method)) = found else { return asked.mishap(Mishap::NotFound) };
    let (to, login_hint) = (behind.to, behind.login_hint);
    leave(&asked, Departure { application, method, intent: Intent::SignIn, to, login_hint, browser: None }).await
}

/// Sends the browser on its way.
pub async fn leave(asked: &Asked, departure: Departure) -> Response {
    let (application, to) = (departure.application.clone(), departure.to.clone());
    let name = departure.method.method.name.to_string();
    let departure = Departure { browser: cookie::upstream(&asked.state, &asked.headers), ..departure };
    match asked.services().upstreams().depart(&asked.ctx, departure).await {
        Ok(left) => {
            let mut response = see_other(&left.url);
            response.headers_mut().append(SET_COOKIE, cookie::set_upstream(&asked.state, &left.browser));
            response
        }
        Err(error) if error.code() == ErrorCode::ProviderUnavailable => {
            failed(asked, &application, &name, &to, Failure::Unavailable)
        }
        Err(error) if error.code() == ErrorCode::TooManyAttempts => {
            let refused = match Refused::by(error, Default::default()) {
                Ok(refused) => refused,
                Err(error) => return asked.fail(error),
            };
            let wait = refused.wait();
            let body = Fault::Wait(wait.unwrap_or(1)).text(asked.visit.text());
            let title = asked.visit.text().sign_in();
            let ways = vec![back_to(asked, &to)];
            Refused::delay(wait, notice(asked, &application, refused.status, (title, body), ways, None))
        }
        Err(error) => asked.fail(error),
    }
}

/// Takes the browser back.
pub async fn come_back(mut asked: Asked, Path((application, method)): Path<(String, String)>) -> Response {
    let back = Back {
        application: application.clone(),
        method,
        state: asked.parameter("state").unwrap_or_default(),
        code: asked.parameter("code"),
        error: asked.parameter("error"),
        iss: asked.parameter("iss"),
        browser: cookie::upstream(&asked.state, &asked.headers),
    };
    let arrival = match asked.services().upstreams().recognize(back).await {
        Ok(arrival) => arrival,
        Err(error) => return lost(&asked, &application, error),
    };
    flow::speak(&mut asked, arrival.to());
    asked.speak_for(arrival.application.application.id);
    // This address serves once: who switches the language goes on from where they left.
    asked.visit.here = way_back(arrival.to());
    let returned = match asked.services().upstreams().arrive(&asked.ctx, arrival).await {
        Ok(returned) => returned,
        Err(error) => return lost(&asked, &application, error),
    };
    match returned.outcome {
        Outcome::SignedIn { user, since } => match asked.welcome_vouched(&user, since, &returned.to).await {
            Ok(response) => response,
            Err(error) => asked.fail(error),
        },
        Outcome::Prove(to) => see_other(&to.path()),
        Outcome::MailSent(email) => ask_mail::sent(&asked, product(&returned.application), &email, &returned.to),
        Outcome::Linked => see_other(&returned.to.path()),
        Outcome::Failed(failure) => {
            failed(&asked, &returned.application, returned.method.method.name.as_str(), &returned.to, failure)
        }
    }
}

/// Nobody set out with what came back, or they signed out meanwhile.
fn lost(asked: &Asked, application: &str, error: service::Error) -> Response {
    if error.code() != ErrorCode::NoSession {
        return asked.fail(error);
    }
    let application = asked.services().directory().by_slug(application).cloned();
    asked.mishap(Mishap::FlowExpired { application })
}

/// Says what went wrong, with a way back that keeps what waits.
fn failed(asked: &Asked, application: &ApplicationEntry, name: &str, to: &ReturnTo, failure: Failure) -> Response {
    let text = asked.visit.text();
    let product = application.application.settings.name.as_str();
    let (status, title, body) = match failure {
        Failure::Denied => (StatusCode::FORBIDDEN, text.denied_title(name), text.denied_body()),
        Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, text.silent_title(name), text.silent_body()),
        Failure::Untrusted(_) => (StatusCode::BAD_GATEWAY, text.untrusted_title(name), text.untrusted_body()),
        Failure::NoAddress => (StatusCode::FORBIDDEN, text.no_address_title(name), text.no_address_body(name)),
        Failure::Closed => (StatusCode::FORBIDDEN, text.unknown_title(name), text.unknown_body(product)),
        Failure::SomebodyElses => (StatusCode::CONFLICT, text.elses_title(name), text.elses_body()),
        Failure::NotRecent => (StatusCode::FORBIDDEN, text.not_recent_title(name), text.not_recent_body()),
        Failure::NotVouchedFor => (StatusCode::FORBIDDEN, text.not_vouched_title(name), text.not_vouched_body()),
        Failure::Refused(code) => (status_of(code), text.denied_title(name), text.problem(code)),
    };
    let detail = match failure {
        Failure::Untrusted(why) => Some(why.to_owned()),
        _ => None,
    };
    // Every account has its address.
    let by_mail = (failure == Failure::NotRecent).then(|| Way::new(text.email_link(), to.by(route::EMAIL_SIGN_IN)));
    let ways = by_mail.into_iter().chain([back_to(asked, to)]).collect();
    notice(asked, application, status, (title, body), ways, detail)
}

fn notice(
    asked: &Asked,
    application: &ApplicationEntry,
    status: StatusCode,
    (title, body): (String, String),
    ways: Vec<Way>,
    detail: Option<String>,
) -> Response {
    let notice = Notice { product: product(application), title, body, ways, detail, request_id: None };
    let visit = asked.visit.clone();
    asked.page(status, || view! { <NoticePage visit notice/> })
}

fn back_to(asked: &Asked, to: &ReturnTo) -> Way {
    let text = asked.visit.text();
    let label = if matches!(to, ReturnTo::Account(_)) { text.continue_() } else { text.back_to_sign_in() };
    Way::new(label, way_back(to))
}

/// Where somebody leaves for a provider.
fn way_back(to: &ReturnTo) -> String {
    match to {
        ReturnTo::Account(page) => page.path().into(),
        to => to.sign_in(),
    }
}

/// Asks for the proof, or whether the two are to be linked.
pub async fn show_link(mut asked: Asked) -> Response {
    let (pending, text) = match pending(&mut asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let browser = cookie::upstream(&asked.state, &asked.headers);
    match asked.session() {
        Some(session) if pending.is_proved_by(session) && pending.is_of(browser.as_deref()) => {
            let (visit, product) = (asked.visit.clone(), product(&pending.application));
            let provider = pending.method.method.name.to_string();
            let host = identities::host(pending.method.method.issuer.as_str());
            let (email, skip) = (pending.email.to_string(), pending.to.path());
            let action = ReturnTo::Link { pending: text }.path();
            asked.page(StatusCode::OK, || view! { <LinkPage visit product provider host email action skip/> })
        }
        // Who finished in another browser, by a mail, has their account and nothing more to do.
        Some(session) if pending.is_proved_by(session) => see_other(&pending.to.path()),
        _ => prove(&asked, &pending, text),
    }
}

fn prove(asked: &Asked, pending: &Pending, sealed: String) -> Response {
    let text = asked.visit.text();
    let product = product(&pending.application);
    let name = pending.method.method.name.as_str();
    let way = Way::new(text.sign_in(), ReturnTo::Link { pending: sealed }.sign_in());
    let notice = Notice {
        title: text.prove_title(),
        body: text.prove_body(&product.name, &pending.email, name),
        product,
        ways: vec![way],
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}

/// Links the two and goes on.
pub async fn submit_link(mut asked: Asked) -> Response {
    let (pending, text) = match pending(&mut asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let browser = cookie::upstream(&asked.state, &asked.headers);
    match asked.services().upstreams().link(&asked.ctx, &text, browser.as_deref()).await {
        Ok(linked) => see_other(&linked.to.path()),
        Err(error) if error.code() == ErrorCode::UserInvalid => {
            let name = pending.method.method.name.as_str();
            failed(&asked, &pending.application, name, &pending.to, Failure::SomebodyElses)
        }
        Err(error) if error.code() == ErrorCode::InsufficientRights => {
            let name = pending.method.method.name.as_str();
            failed(&asked, &pending.application, name, &pending.to, Failure::NotVouchedFor)
        }
        Err(error) if error.code() == ErrorCode::MfaRequired => {
            see_other(&ReturnTo::Link { pending: text }.by(route::FACTOR))
        }
        // Not proved, or not here: the page says what is missing.
        Err(error) if error.code() == ErrorCode::NoSession => see_other(&ReturnTo::Link { pending: text }.path()),
        Err(error) => asked.fail(error),
    }
}

fn pending(asked: &mut Asked) -> Result<(Pending, String), Response> {
    let text = asked.parameter(route::PENDING).unwrap_or_default();
    match asked.services().upstreams().pending(&text) {
        Ok(pending) => {
            flow::speak(asked, &pending.to);
            asked.speak_for(pending.application.application.id);
            Ok((pending, text))
        }
        Err(error) => Err(asked.fail(error)),
    }
}
