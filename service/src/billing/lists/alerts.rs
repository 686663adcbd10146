//! What waits for a person: alerts, and notifications that could not be handled.

use std::collections::HashMap;

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::ledger::Action,
    id::{AlertId, ApplicationId, NotificationId, PaymentId, SubscriptionId},
    page::{Page, PageRequest},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Ctx, Result, Services,
    billing::alerts::AlertKind,
    clock::at,
    entity::{alerts, inbox, payments, subscriptions},
    ledger::Entry,
};

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub id: AlertId,
    pub kind: AlertKind,
    /// The id of an order, a payment or a subscription, or a provider's name for one.
    pub subject: String,
    /// What is wrong, in English; several causes one behind the other, between them `; `. Many are a
    /// [`Cause`](crate::billing::alerts::Cause).
    pub detail: String,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// What drifted, in lists and where it is known.
    pub drifted: Option<Drifted>,
}

impl Alert {
    /// It was put right before anybody could look.
    pub fn is_repaired(&self) -> bool {
        self.kind == AlertKind::Drift && self.resolved_at == Some(self.created_at)
    }
}

/// What the provider and we disagreed about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drifted {
    Subscription(SubscriptionId),
    Payment(PaymentId),
}

/// A notification of a provider that could not be handled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedNotification {
    pub id: NotificationId,
    pub provider: Provider,
    /// The provider's id of the event.
    pub event_id: String,
    pub attempts: u32,
    /// What went wrong the last time.
    pub error: String,
    pub received_at: Timestamp,
    /// When it is tried again; `None` once it was given up.
    pub next_at: Option<Timestamp>,
}

/// See the module.
pub struct Alerts<'a>(&'a Services);

impl Services {
    pub const fn alerts(&self) -> Alerts<'_> {
        Alerts(self)
    }
}

impl Alerts<'_> {
    /// Alerts that are open, or those that are resolved; newest first.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn page(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        resolved: bool,
        page: &PageRequest,
    ) -> Result<Page<Alert>> {
        use alerts::Column;
        let state = if resolved { Column::ResolvedAt.is_not_null() } else { Column::ResolvedAt.is_null() };
        self.those(ctx, application, Condition::all().add(state), page).await
    }

    /// What the reconciler put right, and what a person still has to; newest first.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn drift(&self, ctx: &Ctx, application: ApplicationId, page: &PageRequest) -> Result<Page<Alert>> {
        let drift = Condition::all().add(alerts::Column::Kind.eq(AlertKind::Drift.as_str()));
        self.those(ctx, application, drift, page).await
    }

    async fn those(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: Condition,
        page: &PageRequest,
    ) -> Result<Page<Alert>> {
        self.0.require_manager(ctx, application).await?;
        use alerts::Column;
        let mut query = alerts::Entity::find()
            .filter(Column::ApplicationId.eq(application.get()))
            .filter(which)
            .order_by_desc(Column::Id)
            .limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(Column::Id.lt(after));
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |row| row.id).map(alert);
        let drifted = self.drifted(application, &page.items).await?;
        Ok(page.map(|alert| Alert { drifted: subject_of(&alert).and_then(|id| drifted.get(&id).copied()), ..alert }))
    }

    /// What drifted, by the ids that alerts name it by: of a subscription, a payment, or the order of one.
    async fn drifted(&self, application: ApplicationId, alerts: &[Alert]) -> Result<HashMap<Uuid, Drifted>> {
        let ids: Vec<Uuid> = alerts.iter().filter_map(subject_of).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let held = subscriptions::Entity::find()
            .select_only()
            .column(subscriptions::Column::Id)
            .filter(subscriptions::Column::Id.is_in(ids.clone()))
            .into_tuple::<Uuid>()
            .all(self.0.db.read())
            .await?;
        let mut drifted: HashMap<Uuid, Drifted> =
            held.into_iter().map(|id| (id, Drifted::Subscription(id.into()))).collect();
        // The payment of an order is asked for by the order's id.
        let of_order = payments::Column::Key.is_in(ids.clone());
        let paid = payments::Entity::find()
            .select_only()
            .columns([payments::Column::Id, payments::Column::Key])
            .filter(payments::Column::ApplicationId.eq(application.get()))
            .filter(Condition::any().add(payments::Column::Id.is_in(ids)).add(of_order))
            .into_tuple::<(Uuid, Uuid)>()
            .all(self.0.db.read())
            .await?;
        for (payment, key) in paid {
            for id in [payment, key] {
                drifted.insert(id, Drifted::Payment(payment.into()));
            }
        }
        Ok(drifted)
    }

    /// How many alerts and failed notifications wait.
    ///
    /// # Errors
    /// The database's own.
    pub async fn waiting(&self, application: ApplicationId) -> Result<u64> {
        let db = self.0.db.read();
        let open = alerts::Entity::find()
            .filter(alerts::Column::ApplicationId.eq(application.get()))
            .filter(alerts::Column::ResolvedAt.is_null())
            .count(db)
            .await?;
        Ok(open + failed_of(application).count(db).await?)
    }

    /// Notes that somebody has looked at an alert. Again: nothing.
    ///
    /// # Errors
    /// As [`Self::page`]; `SUB_001` when the application has no such alert.
    pub async fn resolve(&self, ctx: &Ctx, application: ApplicationId, id: AlertId) -> Result<Alert> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let row = alerts::Entity::find_by_id(id.get())
                        .filter(alerts::Column::ApplicationId.eq(application.get()))
                        .one(tx.db)
                        .await?;
                    let before = alert(row.ok_or(ErrorCode::PlanNotFound)?);
                    if before.resolved_at.is_some() {
                        return Ok(before);
                    }
                    alerts::Entity::update_many()
                        .col_expr(alerts::Column::ResolvedAt, Expr::value(tx.millis()))
                        .filter(alerts::Column::Id.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    let entry = Entry::new(Action::AlertResolved).application(application);
                    tx.log(entry.to([before.kind.as_str(), &before.detail]).because(&before.subject)).await?;
                    Ok(Alert { resolved_at: Some(tx.now), ..before })
                })
            })
            .await
    }

    /// The notifications that could not be handled, newest first, at most a hundred.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn failed(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<FailedNotification>> {
        self.0.require_manager(ctx, application).await?;
        let rows = failed_of(application).order_by_desc(inbox::Column::Id).limit(100).all(self.0.db.read()).await?;
        rows.into_iter()
            .map(|row| {
                Ok(FailedNotification {
                    id: row.id.into(),
                    provider: Provider::parse(&row.provider)?,
                    event_id: row.event_id,
                    attempts: u32::try_from(row.attempts).unwrap_or_default(),
                    error: row.error.unwrap_or_default(),
                    received_at: at(row.received_at),
                    next_at: row.next_at.map(at),
                })
            })
            .collect()
    }
}

fn failed_of(application: ApplicationId) -> sea_orm::Select<inbox::Entity> {
    inbox::Entity::find()
        .filter(inbox::Column::ApplicationId.eq(application.get()))
        .filter(inbox::Column::HandledAt.is_null())
        .filter(inbox::Column::Error.is_not_null())
}

/// The id of what drifted.
fn subject_of(alert: &Alert) -> Option<Uuid> {
    Some(alert).filter(|alert| alert.kind == AlertKind::Drift).and_then(|alert| Uuid::parse_str(&alert.subject).ok())
}

fn alert(row: alerts::Model) -> Alert {
    // What a newer node wrote is for a person to look at all the same.
    let kind = AlertKind::parse(&row.kind).unwrap_or(AlertKind::Drift);
    // Of what was repaired the moment stands behind the id, so that each time is an alert of its own.
    let subject = match (kind, row.subject.split_once(' ')) {
        (AlertKind::Drift, Some((id, _))) => id.to_owned(),
        _ => row.subject,
    };
    Alert {
        id: row.id.into(),
        kind,
        subject,
        detail: row.detail,
        created_at: at(row.created_at),
        resolved_at: row.resolved_at.map(at),
        drifted: None,
    }
}
