//! A device asks whether it was allowed (RFC 8628, sections 3.4 and 3.5).

use domain::oauth::{
    claims_request::ClaimsRequest,
    device::{Decision, Poll, poll},
    error::{OAuthError, OAuthErrorCode},
    scope::ScopeSet,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    Client, TokenRequest,
    begin::{Granted, begin},
    missing, same_resource,
};
use crate::{
    Error, Services,
    clock::at,
    crypto,
    entity::device_codes,
    oauth::{Failure, TokenAnswer, device::AllowedBy},
    security_log::Event,
    tx::LOCK,
};

pub(super) async fn redeem(
    services: &Services,
    client: &Client,
    request: &TokenRequest<'_>,
    key: Option<&str>,
) -> Result<TokenAnswer, Failure> {
    let code = request.device_code.ok_or_else(|| missing("device_code"))?;
    let row = ask(services, client, code).await?;
    same_resource(client, row.resource.as_deref(), request.resource)?;
    let by: AllowedBy = match domain::stored::read(&row.decision).map_err(Error::internal)? {
        Decision::Open => return Err(refusal(OAuthErrorCode::AuthorizationPending, "nobody has allowed it yet")),
        Decision::Denied => return Err(refusal(OAuthErrorCode::AccessDenied, "the user has denied it")),
        Decision::Allowed(by) => by,
    };
    let granted = Granted {
        id: row.id,
        user: by.user.into(),
        session: by.session,
        allowed_at: by.allowed_at,
        // Each device is asked about, and no answer is kept.
        is_consented: false,
        scopes: ScopeSet::parse(&row.scopes),
        resource: row.resource,
        authenticated_at: by.authenticated_at,
        proofs: by.proofs,
        nonce: None,
        claims: ClaimsRequest::default(),
        address: request.credentials.address,
        replay: Event::DeviceCodeReplayed,
    };
    begin(services, client, granted, key).await
}

/// Notes that the device asked, and gives what is known, if it did not ask too soon.
async fn ask(services: &Services, client: &Client, code: &str) -> Result<device_codes::Model, Failure> {
    let (hash, own, now) = (crypto::hash(code), client.client.id.get(), services.now());
    let row = services
        .db
        .write(move |db| {
            Box::pin(async move {
                let row = device_codes::Entity::find()
                    .filter(device_codes::Column::Hash.eq(hash))
                    .filter(device_codes::Column::ClientId.eq(own))
                    .lock(LOCK)
                    .one(db)
                    .await?;
                let Some(row) = row else { return Ok(None) };
                let judged = poll(at(row.expires_at), row.asked_at.map(at), row.wait_seconds, now);
                let wait = match judged {
                    Poll::TooSoon { interval } => interval,
                    Poll::Heard | Poll::Expired => row.wait_seconds,
                };
                device_codes::Entity::update_many()
                    .col_expr(device_codes::Column::AskedAt, Expr::value(now.timestamp_millis()))
                    .col_expr(device_codes::Column::WaitSeconds, Expr::value(wait))
                    .filter(device_codes::Column::Id.eq(row.id))
                    .exec(db)
                    .await?;
                Ok::<_, Error>(Some((row, judged)))
            })
        })
        .await?;
    match row {
        None => Err(OAuthError::invalid_grant("no such device_code").into()),
        Some((_, Poll::Expired)) => Err(refusal(OAuthErrorCode::ExpiredToken, "the device_code has expired")),
        Some((_, Poll::TooSoon { interval })) => {
            Err(refusal(OAuthErrorCode::SlowDown, format!("wait {interval} seconds between two questions")))
        }
        Some((row, Poll::Heard)) => Ok(row),
    }
}

fn refusal(code: OAuthErrorCode, description: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    OAuthError::new(code, description).into()
}
