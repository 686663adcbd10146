//! What a user holds and is entitled to, read in one query and settled where time has changed it.

use domain::{
    ErrorCode,
    billing::{
        claims::CustomClaims,
        entitlement::{Basis, Entitlement},
        feature::Overrides,
        subscription::Subscription,
    },
    id::{ApplicationId, GrantId, MembershipId, PlanId, RoleId, UserId},
    identity::{
        membership::{Membership, MembershipStatus},
        user::User,
    },
};

use super::{hold, joined};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    entity::{grants, membership_roles, memberships, subscriptions, users},
    identity::sessions,
};

/// A member with everything that tokens say about them.
#[derive(Clone, Debug)]
pub struct Holder {
    pub user: User,
    pub membership: Membership,
    /// The live subscription.
    pub subscription: Option<Subscription>,
    pub entitlement: Entitlement,
}

impl Holder {
    /// May use the application: the membership is active and the account is not disabled.
    pub fn has_access(&self) -> bool {
        self.membership.status == MembershipStatus::Active && self.user.disabled_at.is_none()
    }
}

/// See the module.
pub struct Entitlements<'a>(&'a Services);

impl Services {
    pub const fn entitlements(&self) -> Entitlements<'_> {
        Entitlements(self)
    }
}

/// A membership with its user, its open subscription and one of its roles.
pub(super) type Row =
    (memberships::Model, Option<users::Model>, Option<subscriptions::Model>, Option<membership_roles::Model>);

impl Entitlements<'_> {
    /// What a member is entitled to now.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn of(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Entitlement> {
        self.0.require_manager(ctx, application).await?;
        let holder = self.holder(user, application).await?.ok_or(ErrorCode::UserNotFound)?;
        Ok(holder.entitlement)
    }

    /// A member, for a caller that has authorised already. `None` without a membership.
    ///
    /// # Errors
    /// The database's own.
    pub async fn holder(&self, user: UserId, application: ApplicationId) -> Result<Option<Holder>> {
        let read = async || self.build(joined::of_member(self.0.db.read(), user, application).await?).await;
        let holder = read().await?;
        match holder {
            Some(holder) if self.is_due(&holder) => {
                self.settle(holder.membership.id).await?;
                read().await
            }
            holder => Ok(holder),
        }
    }

    /// A grant with its member, for the token endpoint. `None` for an unknown grant.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn holder_of_grant(&self, id: GrantId) -> Result<Option<(grants::Model, Holder)>> {
        self.holder_of_token(id, "").await
    }

    /// As [`Self::holder_of_grant`], for an access token of it; `None` when that has been revoked.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn holder_of_token(&self, id: GrantId, jti: &str) -> Result<Option<(grants::Model, Holder)>> {
        match self.read_grant(id, jti).await? {
            Some((_, holder)) if self.is_due(&holder) => {
                self.settle(holder.membership.id).await?;
                self.read_grant(id, jti).await
            }
            found => Ok(found),
        }
    }

    async fn read_grant(&self, id: GrantId, jti: &str) -> Result<Option<(grants::Model, Holder)>> {
        let Some((grant, false, rows)) = joined::of_grant(self.0.db.read(), id, jti).await? else { return Ok(None) };
        Ok(self.build(rows).await?.map(|holder| (grant, holder)))
    }

    /// Something of it has been over for a while and nobody has written it down.
    fn is_due(&self, holder: &Holder) -> bool {
        let now = self.0.billing_now(holder.membership.application_id);
        holder.subscription.as_ref().is_some_and(|held| held.next_change().is_some_and(|at| at <= now))
            || holder.membership.overrides.values().any(|own| !own.holds(now))
    }

    async fn settle(&self, membership: MembershipId) -> Result<()> {
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    hold::lock(&tx, membership).await?;
                    Ok(())
                })
            })
            .await
    }

    /// One holder out of rows that differ only in the role.
    async fn build(&self, rows: Vec<Row>) -> Result<Option<Holder>> {
        let mut roles = Vec::<RoleId>::new();
        let mut first = None;
        for (membership, user, subscription, role) in rows {
            roles.extend(role.map(|role| RoleId::from(role.role_id)));
            first.get_or_insert((membership, user, subscription));
        }
        let Some((membership, Some(user), subscription)) = first else { return Ok(None) };
        let membership = Membership { roles, ..self::membership(membership)? };
        let subscription = subscription.map(hold::subscription).transpose()?;
        let entitlement = self.entitlement(&membership, subscription.as_ref()).await?;
        Ok(Some(Holder { user: sessions::user(user)?, membership, subscription, entitlement }))
    }

    async fn entitlement(&self, membership: &Membership, held: Option<&Subscription>) -> Result<Entitlement> {
        let find = |id: PlanId| {
            let directory = self.0.directory();
            let entry = directory.application(membership.application_id)?;
            Some((entry.plan(id).cloned(), !entry.plans.is_empty()))
        };
        let (mut plan, mut has_plans) = (None, false);
        match held {
            Some(held) => {
                // A plan that another node made within the last moments may not have arrived here.
                if find(held.plan_id).is_none_or(|(plan, _)| plan.is_none()) {
                    self.0.reload_directory().await?;
                }
                if let Some(found) = find(held.plan_id) {
                    (plan, has_plans) = found;
                }
            }
            None => {
                let directory = self.0.directory();
                let entry = directory.application(membership.application_id);
                has_plans = entry.is_some_and(|entry| !entry.plans.is_empty());
            }
        }
        let basis = Basis {
            custom: &membership.claims,
            overrides: &membership.overrides,
            ent_ver: membership.ent_ver,
            has_plans,
            held: held.zip(plan.as_deref()),
        };
        Ok(basis.at(self.0.billing_now(membership.application_id)))
    }
}

/// A row of `memberships` as the domain knows it; its roles are in another table.
pub(crate) fn membership(row: memberships::Model) -> Result<Membership> {
    let claims: CustomClaims = domain::stored::read(&row.claims).map_err(Error::internal)?;
    let overrides: Overrides = domain::stored::read(&row.overrides).map_err(Error::internal)?;
    Ok(Membership {
        id: row.id.into(),
        application_id: row.application_id.into(),
        user_id: row.user_id.into(),
        status: MembershipStatus::parse(&row.status).ok_or_else(|| Error::internal("unknown status"))?,
        roles: Vec::new(),
        claims,
        overrides,
        ent_ver: row.ent_ver,
        chosen_at: row.chosen_at.map(at),
        created_at: at(row.created_at),
    })
}
