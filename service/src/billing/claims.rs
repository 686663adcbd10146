//! Custom claims of a member, and the plan that a claims call may move.

use domain::{
    ErrorCode, Flaw, Problem,
    billing::{
        claims::{ClaimsPatch, CustomClaims, PlanChange},
        entitlement::Entitlement,
        ledger::Action,
    },
    id::{ApplicationId, UserId},
    identity::email::Email,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::Value;

use super::{
    hold::{self, Hold, Placement},
    subscriptions::{refuse_billed, source},
};
use crate::{
    Ctx, Error, Result, Services,
    db::json,
    entity::{memberships, plans},
    tx::Tx,
};

/// A member's claims as APIs and the dashboard show them.
#[derive(Clone, Debug)]
pub struct ClaimsView {
    pub user_id: UserId,
    pub email: Email,
    /// What was set, without `plan` and `billing_cycle`.
    pub custom: CustomClaims,
    pub entitlement: Entitlement,
}

/// See the module.
pub struct Claims<'a>(&'a Services);

impl Services {
    pub const fn claims(&self) -> Claims<'_> {
        Claims(self)
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Merge,
    Replace,
}

impl Claims<'_> {
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<ClaimsView> {
        self.0.require_manager(ctx, application).await?;
        let holder = self.0.entitlements().holder(user, application).await?.ok_or(ErrorCode::UserNotFound)?;
        Ok(ClaimsView {
            user_id: holder.user.id,
            email: holder.user.email,
            custom: holder.membership.claims,
            entitlement: holder.entitlement,
        })
    }

    /// Merges `claims` into those of the member: `null` removes one; `plan` moves the subscription at once, without
    /// price or expiry, and `plan: null` ends it.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `APP_001` for a reserved or broken claim and for an unknown or
    /// archived plan; `SUB_006` while a provider bills the subscription.
    pub async fn merge(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        claims: Value,
    ) -> Result<ClaimsView> {
        self.write(ctx, application, user, claims, Mode::Merge).await
    }

    /// Replaces the member's custom claims. `plan` as in [`Self::merge`]; left out, the subscription stays.
    ///
    /// # Errors
    /// As [`Self::merge`].
    pub async fn replace(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        claims: Value,
    ) -> Result<ClaimsView> {
        self.write(ctx, application, user, claims, Mode::Replace).await
    }

    async fn write(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        claims: Value,
        mode: Mode,
    ) -> Result<ClaimsView> {
        let entry = self.0.require_manager(ctx, application).await?;
        let patch = ClaimsPatch::parse(claims, !entry.plans.is_empty())?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    change_plan(&tx, &mut hold, &patch.plan).await?;
                    let before: CustomClaims =
                        domain::stored::read(&hold.membership.claims).map_err(Error::internal)?;
                    let after = match mode {
                        Mode::Merge => before.merged(&patch)?,
                        Mode::Replace => CustomClaims::replaced(&patch)?,
                    };
                    set(&tx, &mut hold, before, after).await
                })
            })
            .await?;
        self.get(ctx, application, user).await
    }
}

async fn change_plan(tx: &Tx<'_>, hold: &mut Hold, change: &PlanChange) -> Result<()> {
    match change {
        PlanChange::Keep => return Ok(()),
        PlanChange::End => {
            if let Some(held) = &hold.subscription {
                refuse_billed(held)?;
            }
            hold::end(tx, hold).await?;
        }
        PlanChange::To(key) => {
            let plan = plans::Entity::find()
                .filter(plans::Column::ApplicationId.eq(hold.membership.application_id))
                .filter(plans::Column::Key.eq(key.as_str()))
                .filter(plans::Column::DeletedAt.is_null())
                .filter(plans::Column::ArchivedAt.is_null())
                .one(tx.db)
                .await?
                .ok_or_else(|| Problem::field("claims.plan", Flaw::ForeignPlan))?;
            if let Some(held) = &hold.subscription {
                if held.plan_id.get() == plan.id {
                    return hold::mark_chosen(tx, hold).await;
                }
                refuse_billed(held)?;
            }
            let placement = Placement { plan: plan.id.into(), price: None, source: source(&tx.ctx), expires_at: None };
            hold::place(tx, hold, placement).await?;
        }
    }
    hold::mark_chosen(tx, hold).await
}

/// Takes away every custom claim of a member who is being erased. What they were is told nobody once more.
pub(crate) async fn clear(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let before: CustomClaims = domain::stored::read(&hold.membership.claims).map_err(Error::internal)?;
    let none = CustomClaims::default();
    if before == none {
        return Ok(());
    }
    store(tx, hold, &none).await?;
    tx.log(hold.entry(Action::ClaimsUpdated).to(none)).await?;
    Ok(())
}

async fn set(tx: &Tx<'_>, hold: &mut Hold, before: CustomClaims, after: CustomClaims) -> Result<()> {
    if after == before {
        return Ok(());
    }
    store(tx, hold, &after).await?;
    tx.log(hold.entry(Action::ClaimsUpdated).from(before).to(after)).await?;
    Ok(())
}

async fn store(tx: &Tx<'_>, hold: &mut Hold, claims: &CustomClaims) -> Result<()> {
    memberships::Entity::update_many()
        .col_expr(memberships::Column::Claims, Expr::value(json(claims)?))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    hold::grow_alone(tx, hold).await
}
