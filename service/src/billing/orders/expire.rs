//! Orders that nobody paid in time.

use domain::{Timestamp, billing::ledger::Action, billing::order::State, id::ApplicationId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::rows;
use crate::{Ctx, Result, Services, billing::hold, entity::orders};

/// How many one look takes.
const BATCH: u64 = 200;

/// Writes down which orders have ended at `now`, so that what they reserved is free again.
pub(crate) async fn expire(services: &Services, application: Option<ApplicationId>, now: Timestamp) -> Result<()> {
    use orders::Column;
    let millis = now.timestamp_millis();
    let given_up = [
        Condition::all().add(Column::Status.eq("open")).add(Column::ExpiresAt.lte(millis)),
        Condition::all().add(Column::Status.eq("failed")).add(Column::ExpiresAt.lte(millis)),
        Condition::all().add(Column::Status.eq("pending")).add(Column::StatusAt.lte(millis)),
    ];
    for over in given_up {
        let mut query = orders::Entity::find().filter(over).limit(BATCH);
        if let Some(application) = application {
            query = query.filter(Column::ApplicationId.eq(application.get()));
        }
        for row in query.all(services.db.read()).await? {
            give_up(services, row).await?;
        }
    }
    Ok(())
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
