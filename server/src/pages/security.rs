//! `/account/security` and what lies below it: the second factors of one's account. Both ask for a recent sign-in.

use app::{
    form::{Complaint, Fault, FormState},
    look::Product,
    security::{CodesPage, SecurityPage, TotpPage, address},
};
use axum::{
    http::{StatusCode, header::SET_COOKIE},
    response::Response,
};
use domain::{
    ErrorCode,
    identity::{
        factor::{Factors, RecoveryCode},
        session::Session,
    },
    route::{self, AccountPage, ReturnTo},
    text::Name,
};
use leptos::prelude::*;
use service::identity::factors::{Challenge, Confirmed, Enrolment};

use super::{
    account,
    asked::{Asked, Fields},
    behind::Behind,
};
use crate::http::{cookie, redirect::see_other};

/// Somebody who may change their factors now.
struct Owner {
    session: Session,
    product: Product,
    /// What waits until there is a factor.
    to: Option<ReturnTo>,
}

impl Owner {
    /// Where they go on when there is one.
    fn onward(&self) -> String {
        self.to.as_ref().map_or_else(|| route::SECURITY.to_owned(), ReturnTo::path)
    }

    fn who(&self) -> String {
        self.session.user.email.to_string()
    }
}

/// Who stands here; anybody else proves who they are first.
async fn open(asked: &mut Asked) -> Result<Owner, Response> {
    let behind = Behind::of(asked).map_err(|error| asked.fail(error))?;
    let product = behind.product();
    let to = match behind.to {
        ReturnTo::Dashboard if asked.parameter(route::TO).as_deref() != Some(route::TO_DASHBOARD) => None,
        ReturnTo::Account(AccountPage::Security) => None,
        to => Some(to),
    };
    let back = to.clone().filter(|to| *to != ReturnTo::Dashboard).unwrap_or(ReturnTo::Account(AccountPage::Security));
    let session = asked.recent(&back).await?;
    // What waits elsewhere keeps its own look.
    let product = if to.is_some() { product } else { account::product(asked).await };
    Ok(Owner { session, product, to })
}

pub async fn show(mut asked: Asked) -> Response {
    match open(&mut asked).await {
        Ok(owner) => overview(&asked, owner, StatusCode::OK, FormState::default()).await,
        Err(response) => response,
    }
}

async fn overview(asked: &Asked, owner: Owner, status: StatusCode, form: FormState) -> Response {
    let challenge = match new_passkey(asked).await {
        Ok(challenge) => challenge,
        Err(error) => return asked.fail(error),
    };
    let factors: Factors = match asked.services().factors().of(owner.session.user.id).await {
        Ok(factors) => factors,
        Err(error) => return asked.fail(error),
    };
    let (visit, who) = (asked.visit.clone(), owner.who());
    let Owner { product, to, .. } = owner;
    asked.page(status, || view! { <SecurityPage visit product factors who to challenge form/> })
}

/// What a browser needs for one passkey more, where there can be one.
async fn new_passkey(asked: &Asked) -> service::Result<Option<Challenge>> {
    let factors = asked.services().factors();
    if !factors.have_passkeys() {
        return Ok(None);
    }
    match factors.begin_passkey(&asked.ctx).await {
        Ok(challenge) => Ok(Some(challenge)),
        Err(error) if error.code() == ErrorCode::UserInvalid => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes a factor away, or makes new recovery codes.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let owner = match open(&mut asked).await {
        Ok(owner) => owner,
        Err(response) => return response,
    };
    let factors = asked.services().factors();
    let done = match fields.get("act") {
        "remove_totp" => factors.remove_totp(&asked.ctx).await,
        "add_passkey" => {
            match factors.finish_passkey(&asked.ctx, fields.get("challenge"), fields.get("answer")).await {
                Ok(confirmed) => return confirm(&asked, owner, confirmed),
                Err(error) if error.code() == ErrorCode::BadCredentials => {
                    return overview(&asked, owner, StatusCode::BAD_REQUEST, FormState::failed(Fault::Passkey)).await;
                }
                Err(error) => Err(error),
            }
        }
        "rename_passkey" => match (fields.get("passkey").parse(), Name::parse(fields.get("name"))) {
            (Ok(id), Ok(name)) => factors.rename_passkey(&asked.ctx, id, name).await,
            (_, Err(_)) => {
                let form = FormState::failed(Fault::Code(ErrorCode::InvalidInput));
                return overview(&asked, owner, StatusCode::BAD_REQUEST, form).await;
            }
            _ => Ok(()),
        },
        "remove_passkey" => match fields.get("passkey").parse() {
            Ok(id) => match factors.remove_passkey(&asked.ctx, id).await {
                Err(error) if error.code() == ErrorCode::UserInvalid => {
                    return overview(&asked, owner, StatusCode::CONFLICT, FormState::failed(Fault::OnlyWay)).await;
                }
                done => done,
            },
            Err(_) => Ok(()),
        },
        "new_codes" => match factors.new_recovery_codes(&asked.ctx).await {
            Ok(made) => return codes(&asked, owner, made),
            // There is nothing left that they would stand in for.
            Err(error) if error.code() == ErrorCode::UserInvalid => Ok(()),
            Err(error) => Err(error),
        },
        _ => Ok(()),
    };
    match done {
        Ok(()) => see_other(&address(route::SECURITY, owner.to.as_ref())),
        Err(error) => asked.fail(error),
    }
}

/// `/account/security/authenticator`: a new key.
pub async fn show_app(mut asked: Asked) -> Response {
    let owner = match open(&mut asked).await {
        Ok(owner) => owner,
        Err(response) => return response,
    };
    match asked.services().factors().begin_totp(&asked.ctx).await {
        Ok(enrolment) => app(&asked, owner, enrolment, StatusCode::OK, FormState::default()),
        Err(error) if error.code() == ErrorCode::UserInvalid => see_other(&address(route::SECURITY, owner.to.as_ref())),
        Err(error) => asked.fail(error),
    }
}

/// The first code.
pub async fn submit_app(mut asked: Asked, fields: Fields) -> Response {
    let owner = match open(&mut asked).await {
        Ok(owner) => owner,
        Err(response) => return response,
    };
    let (factors, sealed) = (asked.services().factors(), fields.get("enrolment"));
    let code = fields.get("code").trim();
    let complaint = if code.is_empty() { Complaint::Required } else { Complaint::FirstCode };
    let error = match factors.confirm_totp(&asked.ctx, sealed, code).await {
        Ok(confirmed) => return confirm(&asked, owner, confirmed),
        Err(error) => error,
    };
    match error.code() {
        ErrorCode::InvalidInput => match factors.resume_totp(&asked.ctx, sealed).await {
            Ok(enrolment) => {
                let mut form = FormState::default();
                form.complain("code", complaint);
                app(&asked, owner, enrolment, StatusCode::BAD_REQUEST, form)
            }
            Err(error) => asked.fail(error),
        },
        // The key is too old: here is a new one.
        ErrorCode::BadCredentials => see_other(&address(route::AUTHENTICATOR, owner.to.as_ref())),
        ErrorCode::UserInvalid => see_other(&address(route::SECURITY, owner.to.as_ref())),
        _ => asked.fail(error),
    }
}

fn app(asked: &Asked, owner: Owner, enrolment: Enrolment, status: StatusCode, form: FormState) -> Response {
    let (visit, action) = (asked.visit.clone(), address(route::AUTHENTICATOR, owner.to.as_ref()));
    let Enrolment { sealed, key, address } = enrolment;
    let product = owner.product;
    asked.page(status, || view! { <TotpPage visit product action sealed key address form/> })
}

fn confirm(asked: &Asked, owner: Owner, confirmed: Confirmed) -> Response {
    let mut response = match confirmed.recovery_codes.is_empty() {
        true => see_other(&owner.onward()),
        false => codes(asked, owner, confirmed.recovery_codes),
    };
    response.headers_mut().append(SET_COOKIE, cookie::set_session(&asked.state, &confirmed.token));
    response
}

/// Shows them this once: the answer to the form itself, which no later request gets again.
fn codes(asked: &Asked, owner: Owner, codes: Vec<RecoveryCode>) -> Response {
    let (visit, who, onward) = (asked.visit.clone(), owner.who(), owner.onward());
    let product = owner.product;
    asked.page(StatusCode::OK, || view! { <CodesPage visit product codes who onward/> })
}
