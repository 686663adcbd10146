//! What a provider would go on with if its application were gone.

use domain::{ErrorCode, Problem, application::Provider, billing::payment::Mode, id::ApplicationId};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};

use super::steering;
use crate::{
    Result,
    directory::ApplicationEntry,
    entity::{memberships, subscriptions},
    tx::Tx,
};

/// The provider that something was begun at, and the mode, where that was noted.
pub(super) type At = (String, Option<Mode>);

/// Refuses while a provider renews what members of an application hold, or has not been told everything: once the
/// application is gone, nobody could end that any more.
///
/// # Errors
/// `SUB_006` with the numbers `billedSubscriptions` and `waitingChanges`.
pub(crate) async fn refuse_left(tx: &Tx<'_>, application: ApplicationId) -> Result<()> {
    let directory = tx.services.directory();
    let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
    let billed = counted(entry, &billed(tx, application).await?);
    let waiting = counted(entry, &steering::waiting(tx, application).await?);
    let message = match billed {
        0 if waiting == 0 => return Ok(()),
        0 => "a provider has not been told everything yet: try again in a minute, and check its keys".to_owned(),
        1 => "a provider goes on charging 1 subscription: cancel it at once first".to_owned(),
        _ => format!("a provider goes on charging {billed} subscriptions: cancel them at once first"),
    };
    let problem = Problem::new(ErrorCode::BilledByProvider, message);
    Err(problem.with_fact("billedSubscriptions", billed).with_fact("waitingChanges", waiting).into())
}

/// Where the subscriptions are renewed that members hold.
async fn billed(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<At>> {
    let rows = subscriptions::Entity::find()
        .select_only()
        .column(subscriptions::Column::Provider)
        .column(subscriptions::Column::Mode)
        .join(JoinType::InnerJoin, subscriptions::Relation::Membership.def())
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(subscriptions::Column::Status.is_not_in(["canceled", "expired"]))
        .filter(subscriptions::Column::Provider.is_not_null())
        .filter(subscriptions::Column::Reference.is_not_null())
        .into_tuple::<(String, Option<String>)>()
        .all(tx.db)
        .await?;
    Ok(rows.into_iter().map(|(provider, mode)| (provider, mode.as_deref().and_then(Mode::parse))).collect())
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
