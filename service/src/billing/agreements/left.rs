//! What a provider would go on with if its application were gone.

use domain::{ErrorCode, Problem, application::Provider, billing::payment::Mode, id::ApplicationId};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};

use super::steering;
use crate::{
    Result,
    directory::ApplicationEntry,
    entity::{memberships, orders, subscriptions},
    tx::Tx,
};

/// The provider that something was begun at, and the mode, where that was noted.
pub(super) type At = (String, Option<Mode>);

/// Refuses while a provider renews what members of an application hold, or would renew what they can still pay for, or
/// has not been told everything: once the application is gone, nobody could end that any more.
///
/// # Errors
/// `SUB_006` with the numbers `billedSubscriptions`, `openOrders` and `waitingChanges`.
pub(crate) async fn refuse_left(tx: &Tx<'_>, application: ApplicationId) -> Result<()> {
    let directory = tx.services.directory();
    let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
    let billed = counted(entry, &billed(tx, application).await?);
    let open = counted(entry, &open(tx, application).await?);
    let waiting = counted(entry, &steering::waiting(tx, entry).await?);
    let message = match (billed, open) {
        (0, 0) if waiting == 0 => return Ok(()),
        (0, 0) => "a provider has not been told everything yet: try again in a minute, and check its keys".to_owned(),
        (0, 1) => "1 order can still be paid at a provider: wait until it has ended, usually within a day".to_owned(),
        (0, _) => format!("{open} orders can still be paid at a provider: wait for their end, usually within a day"),
        (1, _) => "a provider goes on charging 1 subscription: cancel it at once first".to_owned(),
        _ => format!("a provider goes on charging {billed} subscriptions: cancel them at once first"),
    };
    let problem = Problem::new(ErrorCode::BilledByProvider, message).with_fact("billedSubscriptions", billed);
    Err(problem.with_fact("openOrders", open).with_fact("waitingChanges", waiting).into())
}

/// Where the subscriptions are renewed that members hold.
async fn billed(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<At>> {
    let rows = subscriptions::Entity::find()
        .select_only()
        .column(subscriptions::Column::Provider)
        .column(subscriptions::Column::Mode)
        .join(JoinType::InnerJoin, subscriptions::Relation::Membership.def())
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(subscriptions::open(subscriptions::Entity))
        .filter(subscriptions::Column::Provider.is_not_null())
        .filter(subscriptions::Column::Reference.is_not_null())
        .into_tuple::<(String, Option<String>)>()
        .all(tx.db)
        .await?;
    Ok(rows.into_iter().map(|(provider, mode)| (provider, mode.as_deref().and_then(Mode::parse))).collect())
}

/// Where orders are open that have a page at their provider: it may have been paid on, and nobody have heard of it yet.
/// What is paid at a provider that renews nothing by itself is paid once.
async fn open(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<At>> {
    use orders::Column;
    let mut rows = orders::Entity::find()
        .select_only()
        .column(Column::Provider)
        .column(Column::Mode)
        .filter(Column::ApplicationId.eq(application.get()))
        .filter(orders::open())
        .filter(Column::Reference.is_not_null())
        .into_tuple::<(String, String)>()
        .all(tx.db)
        .await?;
    // Where there are no keys any more, nobody can say that it renews nothing.
    rows.retain(|(provider, _)| {
        let known = Provider::parse(provider).ok();
        let account = known.and_then(|provider| tx.services.provider(application, provider).ok());
        account.is_none_or(|account| account.renews())
    });
    Ok(rows.into_iter().map(|(provider, mode)| (provider, Mode::parse(&mode))).collect())
}

/// How many of them matter. Test money charges nobody: once its key is gone, what it sold is left as it is.
fn counted(entry: &ApplicationEntry, all: &[At]) -> i64 {
    let has_test_key = |provider: &str| {
        let mode = Provider::parse(provider).ok().and_then(|provider| entry.mode_at(provider));
        mode == Some(Mode::Test)
    };
    let matters = |(provider, mode): &&At| *mode != Some(Mode::Test) || has_test_key(provider);
    i64::try_from(all.iter().filter(matters).count()).unwrap_or(i64::MAX)
}
