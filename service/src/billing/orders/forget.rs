//! What orders know of people, once nobody needs it any more: who else is billed, what the application noted, and where
//! their customer goes on, which may be a sign-in that waits with an address in it. What was ordered stays.

use domain::billing::ledger::Action;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Destination, Placed,
    rows::{placed, update},
    told::Told,
};
use crate::{Result, billing::hold::Hold, db::json, entity::orders, tx::Tx};

/// Takes it out of every order of a member, whose access has ended.
pub(crate) async fn forget(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let own = orders::Column::MembershipId.eq(hold.membership.id);
    let known = orders::Entity::find().filter(own).filter(telling()?).order_by_asc(orders::Column::Id);
    for row in known.all(tx.db).await? {
        strip(tx, hold, row).await?;
    }
    Ok(())
}

/// The rows that know something of people.
fn telling() -> Result<Condition> {
    use orders::Column;
    let nowhere = [Destination::Here, Destination::Portal].iter().map(json).collect::<Result<Vec<_>>>()?;
    Ok(Condition::any()
        .add(Column::Payer.is_not_null())
        .add(Column::Metadata.is_not_null())
        .add(Column::Destination.is_not_in(nowhere)))
}

async fn strip(tx: &Tx<'_>, hold: &Hold, row: orders::Model) -> Result<()> {
    let before = placed(row)?;
    let after = Placed { payer: None, metadata: None, destination: Destination::Here, ..before.clone() };
    update(tx, &after).await?;
    let entry = hold.entry(Action::OrderUpdated).from(Told::of(&before)).to(Told::of(&after));
    if entry.from != entry.to { hold.log(tx, entry).await } else { Ok(()) }
}
