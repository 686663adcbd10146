use chrono::{DateTime, Utc};
use serde::Serialize;
use service::billing::lists::alerts::{Alert, FailedNotification};
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that a person has to look at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertView {
    id: Uuid,
    /// `payment_differs`, `payment_unused`, `credit_spent`, `refund_failed`, `dispute`, `drift` or `webhook_failed`.
    #[schema(example = "payment_differs")]
    kind: &'static str,
    /// The id of an order, a payment, a subscription or a webhook, or a provider's name for one.
    subject: String,
    /// What is wrong.
    detail: String,
    created_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id.get(),
            kind: alert.kind.as_str(),
            subject: alert.subject,
            detail: alert.detail,
            created_at: alert.created_at,
            resolved_at: alert.resolved_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AlertBody {
    pub alert: AlertView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertList {
    pub alerts: Vec<AlertView>,
    pub next_cursor: Option<String>,
}

/// A notification of a provider that could not be handled yet.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationView {
    id: Uuid,
    /// `stripe` or `midtrans`.
    provider: &'static str,
    /// The provider's id of the event.
    event_id: String,
    attempts: u32,
    /// What went wrong the last time.
    error: String,
    received_at: DateTime<Utc>,
    /// When it is tried again; null once it was given up.
    next_attempt_at: Option<DateTime<Utc>>,
}

impl From<FailedNotification> for NotificationView {
    fn from(failed: FailedNotification) -> Self {
        Self {
            id: failed.id.get(),
            provider: failed.provider.as_str(),
            event_id: failed.event_id,
            attempts: failed.attempts,
            error: failed.error,
            received_at: failed.received_at,
            next_attempt_at: failed.next_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationList {
    pub notifications: Vec<NotificationView>,
    pub next_cursor: Option<String>,
}
