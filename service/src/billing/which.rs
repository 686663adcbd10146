//! Which subscription somebody means.

use domain::{
    ErrorCode,
    id::{ApplicationId, SubscriptionId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    engine,
    hold::{self, Hold},
};
use crate::{
    Ctx, Result, Services,
    entity::{memberships, subscriptions},
    tx::Tx,
};

/// Which subscription is meant: the id of a user or its own says it.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The one that a member holds by then.
    HeldBy(UserId),
    /// This very one, which only who manages the application may name. Once it has ended, nothing changes of the one
    /// that followed it.
    This(SubscriptionId),
}

impl From<UserId> for Which {
    fn from(user: UserId) -> Self {
        Self::HeldBy(user)
    }
}

impl From<SubscriptionId> for Which {
    fn from(id: SubscriptionId) -> Self {
        Self::This(id)
    }
}

impl Which {
    /// Whether the actor may see and change it.
    ///
    /// # Errors
    /// As [`Services::require_member`], and as [`Services::require_manager`] for one that is named itself.
    pub(super) async fn require(self, services: &Services, ctx: &Ctx, application: ApplicationId) -> Result<()> {
        match self {
            Self::HeldBy(user) => services.require_member(ctx, application, user).await.map(|_| ()),
            Self::This(_) => services.require_manager(ctx, application).await.map(|_| ()),
        }
    }

    /// Locks its membership and brings it up to now.
    ///
    /// # Errors
    /// `USR_001` for a user who is no member; `SUB_001` when the application has no such subscription, `SUB_004` when
    /// it has ended.
    pub(super) async fn lock(self, tx: &Tx<'_>, application: ApplicationId) -> Result<Hold> {
        let mut hold = match self {
            Self::HeldBy(user) => hold::lock_of(tx, application, user).await?,
            Self::This(id) => {
                let row = subscriptions::Entity::find_by_id(id.get())
                    .inner_join(memberships::Entity)
                    .filter(memberships::Column::ApplicationId.eq(application.get()))
                    .one(tx.db)
                    .await?;
                hold::lock(tx, row.ok_or(ErrorCode::PlanNotFound)?.membership_id.into()).await?
            }
        };
        engine::settle(tx, &mut hold).await?;
        match self {
            Self::This(id) if hold.subscription.as_ref().is_none_or(|held| held.id != id) => {
                Err(ErrorCode::SubscriptionExpired.into())
            }
            _ => Ok(hold),
        }
    }
}
