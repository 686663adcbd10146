//! `/device` (RFC 8628, section 3.3): somebody enters the code that a device shows, and allows it or does not.

use app::{
    auth::{DeviceCodePage, DevicePage},
    form::{Complaint, FormState},
    look::Product,
    notice::{Notice, NoticePage},
};
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, oauth::device::UserCode, route, route::ReturnTo};
use leptos::prelude::*;
use service::oauth::device::{Decided, WaitingDevice};

use super::{
    Mishap,
    asked::{Asked, Fields},
    credentials::{Refused, typed},
    error::product,
};
use crate::http::redirect::see_other;

/// The field to enter the code; with the code in the address, the question.
pub async fn show(mut asked: Asked) -> Response {
    let text = asked.parameter(route::USER_CODE).unwrap_or_default();
    if asked.session().is_none() {
        return see_other(&ReturnTo::Device { code: UserCode::parse(&text).ok() }.sign_in());
    }
    if text.is_empty() {
        return enter(&asked, StatusCode::OK, FormState::default());
    }
    let Ok(code) = UserCode::parse(&text) else {
        let mut form = FormState::default().keep(route::USER_CODE, typed(&text));
        form.complain(route::USER_CODE, Complaint::Like("WDJB-MJHT"));
        return enter(&asked, StatusCode::BAD_REQUEST, form);
    };
    let found = asked.services().device_codes().find(&asked.ctx, &code).await;
    match found {
        Ok(device) if lacks_factor(&asked, &device) => factor(code),
        Ok(device) => {
            asked.speak_for(device.client.application.application.id);
            confirm(&asked, device).await
        }
        Err(error) => unknown(&asked, &code, error),
    }
}

/// The decision. No answer is none: the question is asked again.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let code = UserCode::parse(fields.get(route::USER_CODE)).ok();
    let (Some(code), true) = (code.clone(), asked.session().is_some()) else {
        return see_other(&ReturnTo::Device { code }.path());
    };
    let allow = match fields.get("decision") {
        "allow" => true,
        "deny" => false,
        _ => return see_other(&ReturnTo::Device { code: Some(code) }.path()),
    };
    let decision = asked.services().device_codes().decide(&asked.ctx, &code, allow).await;
    match decision {
        Ok(Decided::Done(device)) => {
            asked.speak_for(device.client.application.application.id);
            decided(&asked, &device, allow)
        }
        Ok(Decided::SelectPlan) => select(code),
        Err(error) if error.code() == ErrorCode::NoAccess => no_access(&asked, &code).await,
        Err(error) if error.code() == ErrorCode::MfaRequired => factor(code),
        Err(error) => unknown(&asked, &code, error),
    }
}

/// Whether the application asks for a second factor that this session has not proved: better before the question than
/// after it.
fn lacks_factor(asked: &Asked, device: &WaitingDevice) -> bool {
    let settings = &device.client.application.application.settings;
    asked.session().is_some_and(|session| !settings.admits(&session.proofs))
}

/// To the second factor, and back to the question.
fn factor(code: UserCode) -> Response {
    see_other(&ReturnTo::Device { code: Some(code) }.by(route::FACTOR))
}

/// To plan selection, and back to the question.
fn select(code: UserCode) -> Response {
    see_other(&ReturnTo::Device { code: Some(code) }.by(route::PLANS))
}

/// The question, once a plan has been chosen where the application asks for that.
async fn confirm(asked: &Asked, device: WaitingDevice) -> Response {
    match asked.services().device_codes().must_select_plan(&asked.ctx, &device).await {
        Ok(true) => select(device.code),
        Ok(false) => question(asked, device),
        Err(error) if error.code() == ErrorCode::NoAccess => {
            asked.mishap(Mishap::NoAccess { application: &device.client.application, flow: None })
        }
        Err(error) => asked.fail(error),
    }
}

/// The device on the way to which somebody chooses a plan. Anybody else goes back to its question, which sorts that out.
pub(super) async fn selecting(asked: &Asked, code: Option<UserCode>) -> Result<WaitingDevice, Response> {
    let back = || see_other(&ReturnTo::Device { code: code.clone() }.path());
    let (Some(code), true) = (&code, asked.session().is_some()) else { return Err(back()) };
    let devices = asked.services().device_codes();
    let device = devices.find(&asked.ctx, code).await.map_err(|_| back())?;
    match devices.must_select_plan(&asked.ctx, &device).await {
        Ok(true) if !lacks_factor(asked, &device) => Ok(device),
        _ => Err(back()),
    }
}

/// Somebody who may not use the application cannot let a device use it.
async fn no_access(asked: &Asked, code: &UserCode) -> Response {
    match asked.services().device_codes().find(&asked.ctx, code).await {
        Ok(device) => asked.mishap(Mishap::NoAccess { application: &device.client.application, flow: None }),
        Err(error) => unknown(asked, code, error),
    }
}

/// A code that no device waits for, or too many of those.
fn unknown(asked: &Asked, code: &UserCode, error: service::Error) -> Response {
    let mut form = FormState::default().keep(route::USER_CODE, code.shown());
    if error.code() == ErrorCode::BadCredentials {
        form.complain(route::USER_CODE, Complaint::DeviceCode);
        return enter(asked, StatusCode::BAD_REQUEST, form);
    }
    match Refused::by(error, form) {
        Ok(refused) => {
            let wait = refused.wait();
            Refused::delay(wait, enter(asked, refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

fn enter(asked: &Asked, status: StatusCode, form: FormState) -> Response {
    let visit = asked.visit.clone();
    asked.page(status, || view! { <DeviceCodePage visit form/> })
}

fn question(asked: &Asked, device: WaitingDevice) -> Response {
    let who = asked.session().map_or_else(String::new, |session| session.user.email.to_string());
    let (visit, product) = (asked.visit.clone(), product(&device.client.application));
    let client = device.client.client.settings.name.to_string();
    let (is_registered, scopes) = (device.client.client.is_registered, device.scopes);
    let (code, other) = (device.code.shown(), ReturnTo::Device { code: Some(device.code) }.sign_in());
    asked.page(StatusCode::OK, || {
        view! { <DevicePage visit product client is_registered scopes code other who/> }
    })
}

fn decided(asked: &Asked, device: &WaitingDevice, allow: bool) -> Response {
    let (visit, text) = (asked.visit.clone(), asked.visit.text());
    let product: Product = product(&device.client.application);
    let client = &device.client.client.settings.name;
    let (title, body) = match allow {
        true => (text.device_allowed(client), text.device_allowed_body()),
        false => (text.device_denied(client), text.device_denied_body()),
    };
    let notice = Notice { product, title, body, ..Notice::default() };
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}
