//! Features of one member, whatever their plan says.

use domain::{
    Flaw, Problem,
    billing::{
        entitlement::Entitlement,
        feature::{FeatureKey, Override, Overrides, check_overrides},
        ledger::Action,
    },
    id::{ApplicationId, UserId},
};

use super::hold::{self, Hold};
use crate::{Ctx, Error, Result, Services, tx::Tx};

/// See the module.
pub struct FeatureOverrides<'a>(&'a Services);

impl Services {
    pub const fn overrides(&self) -> FeatureOverrides<'_> {
        FeatureOverrides(self)
    }
}

impl FeatureOverrides<'_> {
    /// Gives a member a feature's value, in the application's billing time perhaps until a moment. Their next token
    /// carries it. The same again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `APP_001` when `expires_at` is past, and when the member's overrides
    /// would together pass the limits of a plan's features.
    pub async fn set(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        key: FeatureKey,
        own: Override,
    ) -> Result<Entitlement> {
        let entry = self.0.require_manager(ctx, application).await?;
        if !own.holds(entry.billing_time(self.0.now())) {
            return Err(Problem::field("expires_at", Flaw::Past).into());
        }
        self.change(ctx, application, user, move |overrides| {
            overrides.insert(key.into(), own);
        })
        .await
    }

    /// Lets the plan decide again. Without an override nothing changes.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn remove(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        key: FeatureKey,
    ) -> Result<Entitlement> {
        self.0.require_manager(ctx, application).await?;
        self.change(ctx, application, user, move |overrides| {
            overrides.remove(key.as_str());
        })
        .await
    }

    async fn change(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        change: impl FnOnce(&mut Overrides) + Send + 'static,
    ) -> Result<Entitlement> {
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    let mut after = read(&hold)?;
                    change(&mut after);
                    check_overrides(&after)?;
                    replace(&tx, &mut hold, &after).await
                })
            })
            .await?;
        self.0.entitlements().of(ctx, application, user).await
    }
}

/// Takes away every override of a member.
pub(crate) async fn clear(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    replace(tx, hold, &Overrides::new()).await
}

fn read(hold: &Hold) -> Result<Overrides> {
    domain::stored::read(&hold.membership.overrides).map_err(Error::internal)
}

async fn replace(tx: &Tx<'_>, hold: &mut Hold, after: &Overrides) -> Result<()> {
    let before = read(hold)?;
    if *after == before {
        return Ok(());
    }
    hold::store_overrides(tx, hold, after).await?;
    hold.log(tx, hold.entry(Action::FeatureOverridden).from(before).to(after)).await
}
