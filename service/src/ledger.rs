//! Writing into the ledger, always in the transaction of the change itself.

mod redact;

use domain::{
    Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, UserId},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

pub(crate) use redact::redact;

use crate::{Ctx, Services, entity::ledger, webhook::outbox};

/// What to write down. `from` and `to` hold the state before and after; secrets never.
pub struct Entry {
    pub action: Action,
    pub application_id: Option<ApplicationId>,
    pub user_id: Option<UserId>,
    pub from: Option<Value>,
    pub to: Option<Value>,
    pub reason: Option<String>,
}

impl Entry {
    pub const fn new(action: Action) -> Self {
        Self { action, application_id: None, user_id: None, from: None, to: None, reason: None }
    }

    pub const fn application(mut self, id: ApplicationId) -> Self {
        self.application_id = Some(id);
        self
    }

    pub const fn user(mut self, id: UserId) -> Self {
        self.user_id = Some(id);
        self
    }

    pub fn from(mut self, state: impl serde::Serialize) -> Self {
        self.from = serde_json::to_value(state).ok();
        self
    }

    pub fn to(mut self, state: impl serde::Serialize) -> Self {
        self.to = serde_json::to_value(state).ok();
        self
    }

    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// Appends an entry that took effect at `at`, and queues it for the webhooks that want to be told; `id` is a new one.
///
/// # Errors
/// The database's own.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    services: &Services,
    ctx: &Ctx,
    id: Uuid,
    at: Timestamp,
    entry: Entry,
) -> Result<(), DbErr> {
    let entry = Entry { reason: entry.reason.or_else(|| ctx.reason.clone()), ..entry };
    let row = ledger::ActiveModel {
        id: Set(id),
        at: Set(at.timestamp_millis()),
        actor_kind: Set(ctx.actor.kind().into()),
        actor_id: Set(ctx.actor.id()),
        action: Set(entry.action.as_str().into()),
        application_id: Set(entry.application_id.map(ApplicationId::get)),
        user_id: Set(entry.user_id.map(UserId::get)),
        before_json: Set(entry.from.as_ref().map(ToString::to_string)),
        after_json: Set(entry.to.as_ref().map(ToString::to_string)),
        reason: Set(entry.reason.clone()),
        idempotency_key: Set(ctx.idempotency_key.clone()),
        request_id: Set(ctx.request_id.clone()),
    };
    ledger::Entity::insert(row).exec_without_returning(db).await?;
    outbox::queue(db, services, id, at, &entry).await
}
