//! Orders that nobody paid in time.

use domain::{Timestamp, billing::ledger::Action, billing::order::State, id::ApplicationId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::{place::OPEN_STATUS, rows};
use crate::{Ctx, Result, Services, billing::hold, entity::orders};

/// How many one look takes.
const BATCH: u64 = 200;

/// Writes down which orders have ended at `now`, so that what they reserved is free again.
pub(crate) async fn expire(services: &Services, application: Option<ApplicationId>, now: Timestamp) -> Result<()> {
    use orders::Column;
    let millis = now.timestamp_millis();
    let over = Condition::any()
        .add(Condition::all().add(Column::Status.eq("pending")).add(Column::StatusAt.lte(millis)))
        .add(Condition::all().add(Column::Status.ne("pending")).add(Column::ExpiresAt.lte(millis)));
    let mut query = orders::Entity::find().filter(Column::Status.is_in(OPEN_STATUS)).filter(over).limit(BATCH);
    if let Some(application) = application {
        query = query.filter(Column::ApplicationId.eq(application.get()));
    }
    for row in query.all(services.db.read()).await? {
        services
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let hold = hold::lock(&tx, row.membership_id.into()).await?;
                    let Some(row) = orders::Entity::find_by_id(row.id).one(tx.db).await? else { return Ok(()) };
                    let placed = rows::placed(row)?;
                    let was_open = placed.order.state.is_open();
                    match placed.order.clone().settle(hold.now).state {
                        state @ State::Expired { .. } if was_open => {
                            rows::advance(&tx, &hold, placed, state, Action::OrderExpired).await?;
                        }
                        _ => (),
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}
