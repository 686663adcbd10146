//! The outbox: an event is queued for every endpoint that wants it in the transaction that makes it, so that what is
//! told has happened, and what has happened is told.

use domain::{
    Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, PlanId, UserId},
    webhook::event::EventType,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Services,
    directory::ApplicationEntry,
    entity::{webhook_deliveries as deliveries, webhook_endpoints as endpoints},
    ledger::Entry,
};

/// What endpoints are to be told.
pub(super) struct Message {
    pub id: Uuid,
    pub user: Option<UserId>,
    pub event: EventType,
    pub body: Value,
}

/// Queues an entry of the ledger, where it is an event that some endpoint of its application wants. Where none does,
/// nothing is asked of the database.
///
/// # Errors
/// The database's own.
pub(crate) async fn queue(
    db: &impl ConnectionTrait,
    services: &Services,
    id: Uuid,
    at: Timestamp,
    entry: &Entry,
) -> Result<(), DbErr> {
    let Some((event, application)) = EventType::of(entry.action).zip(entry.application_id) else { return Ok(()) };
    let directory = services.directory();
    let Some(own) = directory.application(application) else { return Ok(()) };
    let wanting: Vec<_> =
        own.webhooks.iter().filter(|endpoint| endpoint.wants(event)).map(|endpoint| endpoint.id.get()).collect();
    if wanting.is_empty() {
        return Ok(());
    }
    let body = json!({ "type": event, "timestamp": at, "data": data(own, id, entry) });
    store(db, services, wanting, Message { id, user: entry.user_id, event, body }).await
}

/// What an admin sends to see whether an endpoint answers.
pub(super) fn test(application: ApplicationId, id: Uuid, now: Timestamp) -> Message {
    let event = EventType::Test;
    let data = json!({ "id": id, "change": event, "project_id": application, "before": null, "after": null });
    Message { id, user: None, event, body: json!({ "type": event, "timestamp": now, "data": data }) }
}

/// Writes a message for each of `wanting` that is still there and enabled. They are held until the end of the
/// transaction: one that is deleted meanwhile does not undo what it was to be told.
pub(super) async fn store(
    db: &impl ConnectionTrait,
    services: &Services,
    wanting: Vec<Uuid>,
    message: Message,
) -> Result<(), DbErr> {
    let there: Vec<Uuid> = endpoints::Entity::find()
        .select_only()
        .column(endpoints::Column::Id)
        .filter(endpoints::Column::Id.is_in(wanting))
        .filter(endpoints::Column::DisabledAt.is_null())
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(db)
        .await?;
    let now = services.now();
    let body = message.body.to_string();
    let row = |endpoint: Uuid| deliveries::ActiveModel {
        id: Set(services.rng.id(now)),
        endpoint_id: Set(endpoint),
        user_id: Set(message.user.map(UserId::get)),
        event_id: Set(message.id),
        event: Set(message.event.as_str().into()),
        body: Set(body.clone()),
        created_at: Set(now.timestamp_millis()),
        attempts: Set(0),
        next_at: Set(Some(now.timestamp_millis())),
        delivered_at: Set(None),
        last_at: Set(None),
        last_status: Set(None),
        last_answer: Set(None),
        last_error: Set(None),
    };
    let rows: Vec<_> = there.into_iter().map(row).collect();
    if !rows.is_empty() {
        deliveries::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// What an entry says, under the names of the platform API.
fn data(own: &ApplicationEntry, id: Uuid, entry: &Entry) -> Value {
    let mut data = json!({ "id": id, "change": entry.action.as_str(), "project_id": own.application.id });
    if let Some(user) = entry.user_id {
        data["end_user_id"] = json!(user);
    }
    if let Some(plan) = entry.to.as_ref().and_then(|after| plan_of(entry.action, after)).and_then(|id| own.plan(id)) {
        data["plan"] = plan.key.as_str().into();
    }
    data["before"] = json!(entry.from);
    data["after"] = json!(entry.to);
    if let Some(reason) = &entry.reason {
        data["reason"] = reason.as_str().into();
    }
    data
}

/// The plan that is held from now on, where the state after a change has one.
fn plan_of(action: Action, after: &Value) -> Option<PlanId> {
    let id = if action == Action::PlanSelected { after } else { after.get("plan_id")? };
    id.as_str()?.parse().ok()
}
