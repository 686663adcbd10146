//! Deliveries: what endpoints were told, or are to be told, with what came of it.

use domain::{
    ErrorCode, Problem,
    id::{ApplicationId, WebhookDeliveryId, WebhookEndpointId},
    page::{Page, PageRequest},
    webhook::{
        delivery::{Attempt, Delivery, DeliveryState, DeliveryStatus},
        event::EventType,
    },
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{Ctx, Error, Result, Services, clock::at, entity::webhook_deliveries as rows, tx::LOCK};

/// How many deliveries one write forgets, so that others never wait long for it.
const BATCH: u64 = 500;

/// See the module.
pub struct Deliveries<'a>(pub(super) &'a Services);

/// A delivery with what is sent. Moment and signature are each attempt's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryDetail {
    pub delivery: Delivery,
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: String,
}

impl Services {
    pub const fn deliveries(&self) -> Deliveries<'_> {
        Deliveries(self)
    }
}

impl Deliveries<'_> {
    /// What an endpoint was told and is to be told, newest first.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`; `APP_002` when the application has no such endpoint.
    pub async fn page(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        endpoint: WebhookEndpointId,
        status: Option<DeliveryStatus>,
        page: &PageRequest,
    ) -> Result<Page<Delivery>> {
        self.0.webhooks().get(ctx, application, endpoint).await?;
        use rows::Column;
        let query = rows::Entity::find().filter(Column::EndpointId.eq(endpoint.get()));
        let mut query = match status {
            None => query,
            Some(DeliveryStatus::Waiting) => query.filter(Column::NextAt.is_not_null()),
            Some(DeliveryStatus::Delivered) => query.filter(Column::DeliveredAt.is_not_null()),
            Some(DeliveryStatus::Failed) => {
                query.filter(Column::NextAt.is_null()).filter(Column::DeliveredAt.is_null())
            }
        };
        if let Some(after) = page.after {
            query = query.filter(Column::Id.lt(after));
        }
        let rows = query.order_by_desc(Column::Id).limit(page.limit + 1).all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |row| row.id);
        let items = page.items.into_iter().map(delivery).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// # Errors
    /// As [`Self::page`]; `APP_002` when the endpoint has no such delivery.
    pub async fn get(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        endpoint: WebhookEndpointId,
        id: WebhookDeliveryId,
    ) -> Result<DeliveryDetail> {
        self.0.webhooks().get(ctx, application, endpoint).await?;
        let row = rows::Entity::find_by_id(id.get())
            .filter(rows::Column::EndpointId.eq(endpoint.get()))
            .one(self.0.db.read())
            .await?
            .ok_or_else(missing)?;
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", row.event_id.to_string()),
            ("x-turnpike-event", row.event.clone()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        let body = row.body.clone();
        Ok(DeliveryDetail { delivery: delivery(row)?, headers, body })
    }

    /// Sends a delivery again, now, and then by the schedule from its beginning. One that waits is sent now.
    ///
    /// # Errors
    /// As [`Self::get`]; `APP_001` on the field `enabled` while the endpoint is disabled.
    pub async fn resend(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        endpoint: WebhookEndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Delivery> {
        self.0.webhooks().enabled(ctx, application, endpoint).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    rows::Entity::update_many()
                        .col_expr(rows::Column::NextAt, Expr::value(tx.millis()))
                        .col_expr(rows::Column::DeliveredAt, Expr::value(None::<i64>))
                        .col_expr(rows::Column::Attempts, Expr::value(0))
                        .filter(rows::Column::Id.eq(id.get()))
                        .filter(rows::Column::EndpointId.eq(endpoint.get()))
                        .exec(tx.db)
                        .await?;
                    let own = rows::Column::EndpointId.eq(endpoint.get());
                    let row = rows::Entity::find_by_id(id.get()).filter(own).one(tx.db).await?;
                    delivery(row.ok_or_else(missing)?)
                })
            })
            .await
    }
}

/// Forgets deliveries. Who locks several locks them in the order of their ids, and before endpoints: so nobody waits
/// for somebody who waits in turn.
///
/// # Errors
/// The database's own.
pub(crate) async fn forget(db: &impl ConnectionTrait, which: Expr) -> Result<(), DbErr> {
    let own = rows::Entity::find()
        .select_only()
        .column(rows::Column::Id)
        .filter(which)
        .order_by_asc(rows::Column::Id)
        .lock(LOCK);
    rows::Entity::delete_many().filter(rows::Column::Id.in_subquery(own.into_query())).exec(db).await?;
    Ok(())
}

/// Forgets nearly all that an endpoint was told, or was given up: a batch at a time, and fewer than one are left. What
/// it is still to be told stays, so that nothing is lost where its deletion, which follows, does not come to pass.
///
/// # Errors
/// The database's own.
pub(super) async fn forget_settled(services: &Services, endpoint: WebhookEndpointId) -> Result<()> {
    use rows::Column;
    let settled = Column::EndpointId.eq(endpoint.get()).and(Column::NextAt.is_null());
    loop {
        let ids: Vec<Uuid> = rows::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(settled.clone())
            .order_by_asc(Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(services.db.read())
            .await?;
        if (ids.len() as u64) < BATCH {
            return Ok(());
        }
        // Once more: somebody may have one sent again since it was found.
        let these = Column::Id.is_in(ids).and(settled.clone());
        services.db.write(move |db| Box::pin(async move { forget(db, these).await.map_err(Error::from) })).await?;
    }
}

fn missing() -> Problem {
    Problem::new(ErrorCode::ApplicationNotFound, "the webhook has no such delivery")
}

pub(super) fn delivery(row: rows::Model) -> Result<Delivery> {
    let state = match (row.next_at, row.delivered_at) {
        (Some(next), _) => DeliveryState::Waiting { next_at: at(next) },
        (None, Some(delivered)) => DeliveryState::Delivered { at: at(delivered) },
        (None, None) => DeliveryState::Failed,
    };
    let last = row.last_at.map(|last| Attempt {
        at: at(last),
        status: row.last_status.and_then(|status| u16::try_from(status).ok()),
        answer: row.last_answer.unwrap_or_default(),
        error: row.last_error,
    });
    Ok(Delivery {
        id: row.id.into(),
        endpoint_id: row.endpoint_id.into(),
        event_id: row.event_id.into(),
        event: EventType::parse(&row.event).ok_or_else(|| Error::internal("unknown event"))?,
        created_at: at(row.created_at),
        state,
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        last,
    })
}
