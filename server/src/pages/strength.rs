//! `POST /password/strength`: what the meter beside a new password asks for. The password is the answer's own page's,
//! and is written down nowhere.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use domain::identity::password::Strength;
use serde_json::json;

use super::{
    account,
    asked::{Asked, Fields, status_of},
};

pub async fn weigh(asked: Asked, fields: Fields) -> Response {
    let email = account::email(&fields).ok();
    let weighed = asked.services().users().strength(&asked.ctx, fields.get("password"), email.as_ref()).await;
    let text = asked.visit.text();
    let mut response = match weighed {
        Ok(strength) => {
            let (score, text) = match strength {
                Strength::Weak => (1, text.strength_weak()),
                Strength::Fair => (2, text.strength_fair()),
                Strength::Good => (3, text.strength_good()),
                Strength::Strong => (4, text.strength_strong()),
            };
            Json(json!({ "score": score, "text": text })).into_response()
        }
        Err(service::Error::Problem(problem)) => status_of(problem.code).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
