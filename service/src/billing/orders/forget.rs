//! What orders know of people, once nobody needs it any more. What was ordered stays.

use domain::{
    Timestamp,
    billing::{ledger::Action, order::Status},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Destination, Placed,
    rows::{placed, update},
    told::Told,
};
use crate::{
    Ctx, Result, Services,
    billing::hold::{self, Hold},
    db::json,
    entity::orders,
    tx::Tx,
};

/// How many one look takes.
const BATCH: u64 = 200;

/// Takes out of every order of a member, whose access has ended, who else was billed, what the application noted, and
/// where they were to go on, which may be a sign-in that waits with an address in it.
pub(crate) async fn forget(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let nowhere = [Destination::Here, Destination::Portal].iter().map(json).collect::<Result<Vec<_>>>()?;
    let known = noted().add(orders::Column::Destination.is_not_in(nowhere));
    let own = orders::Column::MembershipId.eq(hold.membership.id);
    let own = orders::Entity::find().filter(own).filter(known).order_by_asc(orders::Column::Id);
    for row in own.all(tx.db).await? {
        strip(tx, hold, placed(row)?, Destination::Here).await?;
    }
    Ok(())
}

/// Takes out of orders that ended unpaid until a moment who else was to be billed, and what the application noted.
/// Money that comes for one all the same finds it.
pub(crate) async fn forget_unpaid(services: &Services, until: Timestamp) -> Result<()> {
    let over = Condition::all()
        .add(orders::Column::Status.is_in([Status::Expired, Status::Canceled].map(Status::as_str)))
        .add(orders::Column::StatusAt.lte(until.timestamp_millis()))
        .add(noted());
    loop {
        let found = orders::Entity::find().filter(over.clone()).limit(BATCH).all(services.db.read()).await?;
        let is_last = (found.len() as u64) < BATCH;
        for row in found {
            let over = over.clone();
            services
                .transact(&Ctx::system(), move |tx| {
                    Box::pin(async move {
                        // Whatever changes an order holds its membership's lock: read again behind it.
                        let hold = hold::lock_as_is(&tx, row.membership_id.into()).await?;
                        let Some(row) = orders::Entity::find_by_id(row.id).filter(over).one(tx.db).await? else {
                            return Ok(());
                        };
                        let before = placed(row)?;
                        let destination = before.destination.clone();
                        strip(&tx, &hold, before, destination).await
                    })
                })
                .await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn noted() -> Condition {
    Condition::any().add(orders::Column::Payer.is_not_null()).add(orders::Column::Metadata.is_not_null())
}

async fn strip(tx: &Tx<'_>, hold: &Hold, before: Placed, destination: Destination) -> Result<()> {
    let after = Placed { payer: None, metadata: None, destination, ..before.clone() };
    update(tx, &after).await?;
    let entry = hold.entry(Action::OrderUpdated).from(Told::of(&before)).to(Told::of(&after));
    if entry.from != entry.to { hold.log(tx, entry).await } else { Ok(()) }
}
