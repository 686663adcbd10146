//! The one change that is ever made to what was written: the values of a person who is erased go.

use domain::{billing::ledger::Action, id::UserId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::Value;

use crate::{Error, Result, db::besides, entity::ledger};

/// What the actions begin with whose states say who somebody is: their account, their accounts at providers, and what
/// they pay with.
const PERSONAL: [&str; 3] = ["user.", "identity.", "payment_method."];
/// Where an entry from before it was left out repeats what an application noted with an order.
const NOTED: &str = "\"metadata\":";

/// Takes the values out of a person's entries about their account, claims, overrides and payment methods, and what was
/// noted with their orders. What was done, when, by whom and why stays, and everything about money.
///
/// # Errors
/// The database's own.
pub(crate) async fn redact(db: &impl ConnectionTrait, user: UserId) -> Result<()> {
    use ledger::Column;
    let without = |after: Option<&str>| {
        ledger::Entity::update_many()
            .col_expr(Column::BeforeJson, Expr::value(None::<String>))
            .col_expr(Column::AfterJson, Expr::value(after.map(str::to_owned)))
            .filter(Column::UserId.eq(user.get()))
    };
    let personal =
        PERSONAL.into_iter().fold(Condition::any(), |any, action| any.add(Column::Action.starts_with(action)));
    without(None).filter(personal).exec(db).await?;
    // The last word on these is that there are none.
    let given = besides(Column::Action, [Action::ClaimsUpdated, Action::FeatureOverridden].map(Action::as_str));
    without(Some("{}")).filter(given).exec(db).await?;

    let noted = Condition::any().add(Column::BeforeJson.contains(NOTED)).add(Column::AfterJson.contains(NOTED));
    let orders = ledger::Entity::find()
        .filter(Column::UserId.eq(user.get()))
        .filter(Column::Action.starts_with("order."))
        .filter(noted)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    for row in orders {
        ledger::Entity::update_many()
            .col_expr(Column::BeforeJson, Expr::value(without_note(row.before_json)?))
            .col_expr(Column::AfterJson, Expr::value(without_note(row.after_json)?))
            .filter(Column::Id.eq(row.id))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// An order's state without what was noted with it, otherwise byte for byte as it was.
fn without_note(state: Option<String>) -> Result<Option<String>> {
    let Some(state) = state else { return Ok(None) };
    let mut state: Value = serde_json::from_str(&state).map_err(Error::internal)?;
    if let Some(order) = state.as_object_mut() {
        order.shift_remove("metadata");
    }
    Ok(Some(state.to_string()))
}
