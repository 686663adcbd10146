//! `POST /password-strength`: asked while somebody types a new password, which is written down nowhere. No cookie
//! counts.

use app::form::FormState;
use axum::{
    Json,
    http::{HeaderValue, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use domain::identity::password::{Password, Strength};
use serde_json::json;

use super::{
    asked::{Asked, Fields},
    credentials::{self, Refused},
};

/// Answers how many of a meter's four parts the password fills; one means that its form will be refused.
pub async fn weigh(asked: Asked, fields: Fields) -> Response {
    let mut response = match strength(&asked, &fields).await {
        Ok(strength) => Json(json!({ "score": strength.parts() })).into_response(),
        Err(error) => match Refused::by(error, FormState::default()) {
            Ok(refused) => Refused::delay(refused.wait(), refused.status.into_response()),
            Err(error) => asked.fail(error),
        },
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn strength(asked: &Asked, fields: &Fields) -> service::Result<Strength> {
    let Ok(password) = Password::parse(fields.get("password")) else { return Ok(Strength::Weak) };
    let (email, name) = (credentials::email(fields).ok(), credentials::name(fields).ok().flatten());
    let users = asked.services().users();
    users.strength(&asked.ctx, &password, email.as_ref(), name.as_ref()).await
}
