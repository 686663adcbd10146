use chrono::{DateTime, Utc};
use domain::billing::ledger::{Actor, Entry};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who changed what, when, from what to what, and why.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    pub id: Uuid,
    /// When it took effect.
    pub at: DateTime<Utc>,
    pub actor: ActorView,
    #[schema(example = "plan.updated")]
    pub action: &'static str,
    pub application_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    /// What it was: an object for most actions, an id or a word for some.
    #[schema(value_type = Value)]
    pub from: Option<Value>,
    /// What it became, likewise.
    #[schema(value_type = Value)]
    pub to: Option<Value>,
    pub reason: Option<String>,
    pub idempotency_key: Option<String>,
    pub request_id: Option<String>,
}

/// Who acted.
#[derive(Serialize, ToSchema)]
pub struct ActorView {
    /// `anonymous`, `user`, `api_key`, `client`, `operator` or `system`.
    #[schema(example = "user")]
    pub kind: &'static str,
    pub id: Option<Uuid>,
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        let (kind, id) = match actor {
            Actor::Anonymous => ("anonymous", None),
            Actor::User(id) => ("user", Some(id.get())),
            Actor::ApiKey(id) => ("api_key", Some(id.get())),
            Actor::Client(id) => ("client", Some(id.get())),
            Actor::Operator => ("operator", None),
            Actor::System => ("system", None),
        };
        Self { kind, id }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.get(),
            at: entry.at,
            actor: entry.actor.into(),
            action: entry.action.as_str(),
            application_id: entry.application_id.map(|id| id.get()),
            user_id: entry.user_id.map(|id| id.get()),
            from: entry.from,
            to: entry.to,
            reason: entry.reason,
            idempotency_key: entry.idempotency_key,
            request_id: entry.request_id,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditList {
    pub entries: Vec<EntryView>,
    pub next_cursor: Option<String>,
}
