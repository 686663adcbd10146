//! `/sign-in/link` and `/forgot-password`: asking for a mail. Every address gets the same answer.

use app::{
    auth::{Ask, AskMailPage},
    form::FormState,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{http::StatusCode, response::Response};
use domain::{identity::email::Email, route, route::ReturnTo};
use leptos::prelude::*;

use super::{
    asked::{Asked, Fields},
    behind::Behind,
    credentials::{self, Refused, typed},
};
use crate::demo;

pub async fn show_sign_in(asked: Asked) -> Response {
    show(asked, Ask::SignIn)
}

pub async fn submit_sign_in(asked: Asked, fields: Fields) -> Response {
    submit(asked, fields, Ask::SignIn).await
}

pub async fn show_reset(asked: Asked) -> Response {
    show(asked, Ask::Reset)
}

pub async fn submit_reset(asked: Asked, fields: Fields) -> Response {
    submit(asked, fields, Ask::Reset).await
}

fn show(mut asked: Asked, ask: Ask) -> Response {
    match Behind::of(&mut asked) {
        Ok(behind) => {
            let form = FormState::default().keep("email", typed(behind.login_hint.as_deref().unwrap_or_default()));
            page(&asked, &behind, ask, StatusCode::OK, form)
        }
        Err(error) => asked.fail(error),
    }
}

async fn submit(mut asked: Asked, fields: Fields, ask: Ask) -> Response {
    let behind = match Behind::of(&mut asked) {
        Ok(behind) => behind,
        Err(error) => return asked.fail(error),
    };
    match send(&asked, &behind, &fields, ask).await {
        Ok(Ok(email)) => sent(&asked, behind.product(), &email, &behind.to),
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &behind, ask, refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

async fn send(asked: &Asked, behind: &Behind, fields: &Fields, ask: Ask) -> service::Result<Result<Email, Refused>> {
    let mut form = credentials::kept(fields);
    let Some(email) = form.read("email", credentials::email(fields)) else { return Ok(Err(Refused::invalid(form))) };
    let (links, origin) = (asked.services().mail_links(), behind.origin());
    let done = match ask {
        Ask::SignIn => links.sign_in(&asked.ctx, email.clone(), origin).await,
        Ask::Reset => links.reset(&asked.ctx, email.clone(), origin).await,
    };
    match done {
        Ok(()) => Ok(Ok(email)),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

fn page(asked: &Asked, behind: &Behind, ask: Ask, status: StatusCode, form: FormState) -> Response {
    let (visit, product, to) = (asked.visit.clone(), behind.product(), behind.to.clone());
    asked.page(status, || view! { <AskMailPage visit product to ask form/> })
}

/// Says that a mail is on its way, whatever it says, and leads back to the sign-in.
pub fn sent(asked: &Asked, product: Product, email: &Email, to: &ReturnTo) -> Response {
    let back = Way::new(asked.visit.text().back_to_sign_in(), to.sign_in());
    sent_from(asked, product, email, back)
}

/// As [`sent`], with the way back to where it was asked for.
pub fn sent_from(asked: &Asked, product: Product, email: &Email, back: Way) -> Response {
    let text = asked.visit.text();
    let mailbox = mailbox(asked, email).map(|href| Way::new(text.open_mailbox(), href));
    let notice = Notice {
        product,
        title: text.mail_sent_title(),
        body: text.mail_sent_body(email),
        ways: mailbox.into_iter().chain([back]).collect(),
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}

/// Where a mail can be read that does not leave the machine.
fn mailbox(asked: &Asked, email: &Email) -> Option<String> {
    let state = &asked.state;
    let reads = state.services.mails().stay_here() && !state.secure;
    reads.then(|| match state.home {
        route::DEMO => demo::mailbox_of(email),
        _ => route::MAILBOX.to_owned(),
    })
}
