//! Orders that nobody paid in time.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    billing::{
        ledger::Action,
        order::{State, Status},
    },
    id::ApplicationId,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rows;
use crate::{Ctx, Result, Services, billing::hold, entity::orders};

/// How many one look takes.
const BATCH: u64 = 200;

/// Writes down which orders of an application have ended at `now`, so that what they reserved is free again.
pub(crate) async fn expire(services: &Services, application: ApplicationId, now: Timestamp) -> Result<()> {
    for over in ended(now) {
        let over = over.add(orders::Column::ApplicationId.eq(application.get()));
        for row in orders::Entity::find().filter(over).limit(BATCH).all(services.db.read()).await? {
            give_up(services, row).await?;
        }
    }
    Ok(())
}

/// The applications with such orders.
pub(crate) async fn expiring(services: &Services, now: Timestamp) -> Result<BTreeSet<ApplicationId>> {
    let mut found = BTreeSet::new();
    for over in ended(now) {
        let ids: Vec<Uuid> = orders::Entity::find()
            .select_only()
            .distinct()
            .column(orders::Column::ApplicationId)
            .filter(over)
            .into_tuple()
            .all(services.db.read())
            .await?;
        found.extend(ids.into_iter().map(ApplicationId::from));
    }
    Ok(found)
}

fn ended(now: Timestamp) -> [Condition; 3] {
    use orders::Column;
    let millis = now.timestamp_millis();
    [
        Condition::all().add(Column::Status.eq(Status::Open.as_str())).add(Column::ExpiresAt.lte(millis)),
        Condition::all().add(Column::Status.eq(Status::Failed.as_str())).add(Column::ExpiresAt.lte(millis)),
        Condition::all().add(Column::Status.eq(Status::Pending.as_str())).add(Column::StatusAt.lte(millis)),
    ]
}

async fn give_up(services: &Services, row: orders::Model) -> Result<()> {
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let hold = hold::lock(&tx, row.membership_id.into()).await?;
                let Some(row) = orders::Entity::find_by_id(row.id).one(tx.db).await? else { return Ok(()) };
                let placed = rows::placed(row)?;
                let was_open = placed.order.state.is_open();
                if let state @ State::Expired { .. } = placed.order.clone().settle(hold.now).state
                    && was_open
                {
                    rows::advance(&tx, &hold, placed, state, Action::OrderExpired).await?;
                }
                Ok(())
            })
        })
        .await
}
