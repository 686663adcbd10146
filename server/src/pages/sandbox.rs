//! `/sandbox/pay/{key}`: the sandbox's own page, where a person plays the bank's customer.

use app::sandbox::{SandboxPage, Stage};
use axum::{extract::Path, http::StatusCode, response::Response};
use leptos::prelude::*;
use service::payment::{
    MethodKind,
    sandbox::{CardAnswer, CardNumber, SandboxPayment},
};
use uuid::Uuid;

use super::{
    asked::{Asked, Fields},
    error::{Mishap, product},
};
use crate::http::redirect::see_other;

pub async fn show(asked: Asked, Path(key): Path<Uuid>) -> Response {
    match asked.services().sandbox().get(key).await {
        Ok(payment) if payment.is_paid() => see_other(&payment.request.return_url),
        Ok(payment) => {
            let stage = match &payment.method {
                Some(method) if payment.pay_until.is_some() => Stage::Transfer { label: method.label.clone() },
                _ => Stage::Choose { refused: None },
            };
            page(&asked, &payment, StatusCode::OK, stage)
        }
        Err(_) => asked.mishap(Mishap::NotFound),
    }
}

/// A button was pressed: `act` says which.
pub async fn submit(asked: Asked, Path(key): Path<Uuid>, fields: Fields) -> Response {
    match act(&asked, key, &fields).await {
        Ok(Some(stage)) => match asked.services().sandbox().get(key).await {
            Ok(payment) => page(&asked, &payment, StatusCode::OK, stage),
            Err(error) => asked.fail(error),
        },
        Ok(None) => match asked.services().sandbox().get(key).await {
            Ok(payment) => see_other(&payment.request.return_url),
            Err(error) => asked.fail(error),
        },
        Err(_) => asked.mishap(Mishap::NotFound),
    }
}

/// What the page shows next; nothing more: back to the checkout.
async fn act(asked: &Asked, key: Uuid, fields: &Fields) -> service::Result<Option<Stage>> {
    let sandbox = asked.services().sandbox();
    let transfer = match fields.get("act") {
        "va" => Some(MethodKind::VirtualAccount),
        "qris" => Some(MethodKind::Qris),
        _ => None,
    };
    if let Some(kind) = transfer {
        // Nobody can transfer nothing: the order would wait for it until it expires.
        if sandbox.get(key).await?.request.money.is_zero() {
            return Ok(Some(Stage::Choose { refused: None }));
        }
        return sandbox.begin_transfer(key, kind).await.map(|()| None);
    }
    match fields.get("act") {
        "card" => {
            let Ok(card) = CardNumber::parse(fields.get("number")) else {
                return Ok(Some(Stage::Choose { refused: Some(false) }));
            };
            return Ok(match sandbox.enter_card(key, card).await? {
                CardAnswer::Done => None,
                CardAnswer::Declined => Some(Stage::Choose { refused: Some(true) }),
                CardAnswer::Authenticate => Some(Stage::Authenticate),
            });
        }
        "pass" => sandbox.authenticate(key, true).await?,
        "fail" => sandbox.authenticate(key, false).await?,
        "arrive" => sandbox.transfer_arrives(key).await?,
        _ => return Ok(Some(Stage::Choose { refused: None })),
    }
    Ok(None)
}

fn page(asked: &Asked, payment: &SandboxPayment, status: StatusCode, stage: Stage) -> Response {
    let directory = asked.services().directory();
    let entry = directory.application(payment.request.application);
    let visit = asked.visit.clone().fall_back(entry.map(|entry| entry.application.settings.default_locale));
    let product = entry.map(|entry| product(entry)).unwrap_or_default();
    let (key, money) = (payment.request.key.to_string(), payment.request.money);
    let back = payment.request.return_url.clone();
    asked.page(status, || view! { <SandboxPage visit product key money stage back/> })
}
