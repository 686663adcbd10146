use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::webhook::{
    delivery::{Attempt, Delivery, DeliveryState},
    endpoint::{Endpoint, EndpointState},
};
use serde::Serialize;
use service::webhook::deliveries::DeliveryDetail;
use utoipa::ToSchema;
use uuid::Uuid;

/// An address that is told what happens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    id: Uuid,
    #[schema(example = "https://app.example/hooks")]
    url: String,
    description: String,
    /// Which events are sent; every event when empty.
    #[schema(example = json!(["subscription.created", "subscription.updated"]))]
    events: Vec<&'static str>,
    enabled: bool,
    /// `admin`, or `gone`: it answered 410.
    disabled_by: Option<&'static str>,
    disabled_at: Option<DateTime<Utc>>,
    /// The secret's prefix and last four characters.
    #[schema(example = "whsec_…x7Qa")]
    secret_hint: String,
    created_at: DateTime<Utc>,
}

impl From<&Endpoint> for WebhookView {
    fn from(endpoint: &Endpoint) -> Self {
        let disabled = match endpoint.state {
            EndpointState::Enabled => None,
            EndpointState::Disabled { at, cause } => Some((at, cause)),
        };
        Self {
            id: endpoint.id.get(),
            url: endpoint.url.to_string(),
            description: endpoint.description.clone(),
            events: endpoint.events.iter().map(|event| event.as_str()).collect(),
            enabled: endpoint.state.is_enabled(),
            disabled_by: disabled.map(|(_, cause)| cause.as_str()),
            disabled_at: disabled.map(|(at, _)| at),
            secret_hint: endpoint.hint.clone(),
            created_at: endpoint.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct WebhookBody {
    pub webhook: WebhookView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookList {
    pub webhooks: Vec<WebhookView>,
    pub next_cursor: Option<String>,
}

/// A new webhook with its secret.
#[derive(Serialize, ToSchema)]
pub struct CreatedWebhook {
    pub webhook: WebhookView,
    /// Shown this once. Whatever is sent is signed with it.
    #[schema(example = "whsec_…")]
    pub secret: String,
}

/// One event on its way to one address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveryView {
    id: Uuid,
    /// The header `webhook-id`, and `data.id` of the body.
    event_id: Uuid,
    #[schema(example = "subscription.updated")]
    event: &'static str,
    /// `waiting`, `delivered`, or `failed`: given up.
    #[schema(example = "delivered")]
    status: &'static str,
    /// How many times it was sent.
    attempts: u32,
    created_at: DateTime<Utc>,
    /// When it is sent again, while it waits.
    next_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    last_attempt: Option<WebhookAttemptView>,
    /// Only where one delivery is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<WebhookRequestView>,
}

/// What was sent, and is sent again.
#[derive(Serialize, ToSchema)]
pub struct WebhookRequestView {
    /// Those that do not change from attempt to attempt.
    #[schema(example = json!({"content-type": "application/json", "x-turnpike-event": "subscription.updated"}))]
    headers: BTreeMap<String, String>,
    /// As it is signed, byte by byte.
    body: String,
}

/// What became of sending it.
#[derive(Serialize, ToSchema)]
pub struct WebhookAttemptView {
    at: DateTime<Utc>,
    /// The status of the answer; null when there was none.
    status: Option<u16>,
    /// What was answered, the first 1,024 bytes of it.
    answer: String,
    /// Why there was no answer.
    error: Option<String>,
}

impl From<&Delivery> for WebhookDeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let (next_at, delivered_at) = match delivery.state {
            DeliveryState::Waiting { next_at } => (Some(next_at), None),
            DeliveryState::Delivered { at } => (None, Some(at)),
            DeliveryState::Failed => (None, None),
        };
        Self {
            id: delivery.id.get(),
            event_id: delivery.event_id.get(),
            event: delivery.event.as_str(),
            status: delivery.state.status().as_str(),
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_at,
            delivered_at,
            last_attempt: delivery.last.as_ref().map(Into::into),
            request: None,
        }
    }
}

impl From<DeliveryDetail> for WebhookDeliveryView {
    fn from(detail: DeliveryDetail) -> Self {
        let request = WebhookRequestView { headers: detail.headers.into_iter().collect(), body: detail.body };
        Self { request: Some(request), ..Self::from(&detail.delivery) }
    }
}

impl From<&Attempt> for WebhookAttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self { at: attempt.at, status: attempt.status, answer: attempt.answer.clone(), error: attempt.error.clone() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryBody {
    pub delivery: WebhookDeliveryView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveryList {
    pub deliveries: Vec<WebhookDeliveryView>,
    pub next_cursor: Option<String>,
}
