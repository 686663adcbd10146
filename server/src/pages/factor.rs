//! `/sign-in/factor`: the second factor, of a sign-in that waits for it or of a session that needs more.

use app::{
    form::{Complaint, Fault, FormState},
    security::{FactorPage, Kind, address},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode, Secret,
    identity::{factor::Factors, user::User},
    route,
};
use leptos::prelude::*;
use service::identity::factors::{Shown, Standing};

use super::{
    asked::{Asked, Fields},
    behind::Behind,
    credentials::Refused,
};
use crate::http::{cookie, redirect::see_other};

/// Whose second factor is asked for, and on the way to where.
struct Gate {
    behind: Behind,
    user: User,
    factors: Factors,
    /// The sign-in that waits, sealed; without one the session is raised.
    pending: Option<String>,
}

pub async fn show(mut asked: Asked) -> Response {
    match open(&mut asked).await {
        Ok(gate) => page(&asked, &gate, StatusCode::OK, FormState::default()).await,
        Err(response) => response,
    }
}

pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let gate = match open(&mut asked).await {
        Ok(gate) => gate,
        Err(response) => return response,
    };
    match prove(&asked, &gate, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &gate, refused.status, refused.form).await)
        }
        // The time was up, or the session ended: it begins again.
        Err(error) if error.code() == ErrorCode::NoSession => see_other(&gate.behind.to.sign_in()),
        Err(error) => asked.fail(error),
    }
}

/// Who stands here. Who has nothing to prove is sent to where that is found out.
async fn open(asked: &mut Asked) -> Result<Gate, Response> {
    let behind = Behind::of(asked).map_err(|error| asked.fail(error))?;
    let factors = asked.services().factors();
    if let Some(sealed) = cookie::pending(&asked.state, &asked.headers) {
        match factors.pending(&sealed, &behind.to).await {
            Ok((_, user)) => {
                let has = factors.of(user.id).await.map_err(|error| asked.fail(error))?;
                // Somebody took the factors away meanwhile: the first proof is enough then, but has to come again.
                return match has.any() {
                    true => Ok(Gate { behind, user, factors: has, pending: Some(sealed) }),
                    false => Err(see_other(&behind.to.sign_in())),
                };
            }
            Err(error) if matches!(error.code(), ErrorCode::NoSession | ErrorCode::AccountDisabled) => {}
            Err(error) => return Err(asked.fail(error)),
        }
    }
    let Some(session) = asked.session() else { return Err(see_other(&behind.to.sign_in())) };
    let user = session.user.clone();
    match factors.standing(&asked.ctx).await.map_err(|error| asked.fail(error))? {
        Standing::Stale { has_factor: true } => {}
        Standing::Stale { .. } => return Err(see_other(&behind.to.sign_in())),
        Standing::Fresh(session) if session.proofs.is_multi_factor() => return Err(see_other(&behind.to.path())),
        Standing::Fresh(_) => return Err(see_other(&address(route::SECURITY, Some(&behind.to)))),
    }
    let has = factors.of(user.id).await.map_err(|error| asked.fail(error))?;
    Ok(Gate { behind, user, factors: has, pending: None })
}

async fn prove(asked: &Asked, gate: &Gate, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    let mut form = FormState::default();
    let code = fields.get("code").trim();
    let shown = Shown { sealed: fields.get("challenge"), answer: fields.get("answer") };
    let by_passkey = !shown.answer.is_empty();
    if code.is_empty() && !by_passkey {
        form.complain("code", Complaint::Required);
        return Ok(Err(Refused::invalid(form)));
    }
    let (factors, to) = (asked.services().factors(), &gate.behind.to);
    let proved: service::Result<Secret> = match &gate.pending {
        Some(sealed) if by_passkey => {
            factors.finish_with_passkey(&asked.ctx, sealed, to, shown).await.map(|(_, token)| token)
        }
        None if by_passkey => factors.step_up_with_passkey(&asked.ctx, shown).await,
        Some(sealed) => factors.finish(&asked.ctx, sealed, to, code).await.map(|(_, token)| token),
        None => factors.step_up(&asked.ctx, code).await,
    };
    match proved {
        Ok(token) => asked.enter(&gate.user, &token, to).await.map(Ok),
        Err(error) if error.code() == ErrorCode::NoSession => Err(error),
        Err(error) if error.code() == ErrorCode::BadCredentials => {
            match by_passkey {
                true => form.fault = Some(Fault::Passkey),
                false => form.complain("code", Complaint::Code),
            }
            let mut refused = Refused::invalid(form);
            refused.status = StatusCode::UNAUTHORIZED;
            Ok(Err(refused))
        }
        Err(error) => Refused::by(error, form).map(Err),
    }
}

async fn page(asked: &Asked, gate: &Gate, status: StatusCode, form: FormState) -> Response {
    let recovery = asked.parameter(Kind::PARAMETER).as_deref() == Some(Kind::RECOVERY);
    let challenge = match asked.services().factors().ask_passkey(&gate.user).await {
        Ok(challenge) => challenge.filter(|_| !recovery),
        Err(error) => return asked.fail(error),
    };
    let kind = match (recovery, gate.factors.totp, &challenge) {
        (false, Some(_), _) => Kind::App,
        (false, None, Some(_)) => Kind::Passkey,
        _ => Kind::Recovery,
    };
    let (visit, product, to) = (asked.visit.clone(), gate.behind.product(), gate.behind.to.clone());
    let (who, factors) = (gate.user.email.to_string(), gate.factors.clone());
    asked.page(status, || view! { <FactorPage visit product to who factors kind challenge form/> })
}
