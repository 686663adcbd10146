//! The subscriptions of an application, which are its by their members.

use domain::id::ApplicationId;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use crate::{
    Result, Services,
    entity::{memberships, subscriptions},
};

/// An application with no more members has few.
const FEW: u64 = 1000;

/// That a subscription is one of an application's, for lists of which a part is read. Either way it says the same, but
/// SQLite begins where it is told to: at the members where they are few; else at the subscriptions in the order of the
/// list, of which there are soon enough.
pub(crate) async fn within(services: &Services, application: ApplicationId) -> Result<Condition> {
    use subscriptions::Column;
    let members = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::Id)
        .filter(memberships::Column::ApplicationId.eq(application.get()));
    let more: Option<Uuid> = members.clone().offset(FEW).into_tuple().one(services.db.read()).await?;
    if more.is_none() {
        return Ok(Condition::all().add(Column::MembershipId.in_subquery(members.into_query())));
    }
    Ok(Condition::all().add(is_of(application)))
}

/// The same, asked of each subscription: SQLite would begin a join at the application's members.
pub(crate) fn is_of(application: ApplicationId) -> Expr {
    let member = subscriptions::Column::MembershipId.as_column_ref();
    let own = Query::select()
        .expr(Expr::val(1))
        .from(memberships::Entity)
        .and_where(Expr::col(memberships::Column::Id.as_column_ref()).eq(Expr::col(member)))
        .and_where(memberships::Column::ApplicationId.eq(application.get()))
        .take();
    Expr::exists(own)
}
