//! An application's members, as its admins look through them.

use domain::{
    id::ApplicationId,
    identity::membership::{Membership, MembershipStatus},
    page::{Page, PageRequest},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Member, Memberships, shows};
use crate::{
    Ctx, Result,
    billing::{entitlements, hold},
    entity::{membership_roles, memberships, subscriptions, users},
    identity::sessions,
};

/// Which members a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter<'a> {
    /// Part of the e-mail address or the name.
    pub search: Option<&'a str>,
    /// Those who hold this plan.
    pub plan: Option<domain::id::PlanId>,
}

impl Memberships<'_> {
    /// The application's members, oldest first. Clients of the application see none whose access is revoked.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        page: PageRequest,
        filter: MemberFilter<'_>,
    ) -> Result<Page<Member>> {
        self.0.require_manager(ctx, application).await?;
        let mut query = memberships::Entity::find()
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .order_by_asc(memberships::Column::Id)
            .limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(memberships::Column::Id.gt(after));
        }
        if !shows(ctx, MembershipStatus::Revoked) {
            query = query.filter(memberships::Column::Status.ne(MembershipStatus::Revoked.as_str()));
        }
        let query = query.find_also_related(users::Entity).find_also_related(subscriptions::Entity);
        let mut query = query.filter(users::Column::DeletedAt.is_null());
        if let Some(text) = filter.search.map(str::trim).filter(|text| !text.is_empty()) {
            query = query.filter(users::named(text));
        }
        if let Some(plan) = filter.plan {
            query = query.filter(subscriptions::Column::PlanId.eq(plan.get()));
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |(membership, ..)| membership.id);
        let ids: Vec<_> = page.items.iter().map(|(membership, ..)| membership.id).collect();
        let roles = self.roles_of(ids).await?;
        let now = self.0.billing_now(application);
        let mut members = Vec::with_capacity(page.items.len());
        for (membership, user, subscription) in page.items {
            let Some(user) = user else { continue };
            let own = roles.iter().filter(|role| role.membership_id == membership.id).map(|role| role.role_id.into());
            let own = own.collect();
            let membership = Membership { roles: own, ..entitlements::membership(membership)? };
            let subscription = subscription.map(hold::subscription).transpose()?;
            members.push(Member {
                user: sessions::user(user)?,
                membership,
                subscription: subscription.filter(|held| held.is_live(now)),
            });
        }
        Ok(Page { items: members, next_cursor: page.next_cursor })
    }

    async fn roles_of(&self, memberships: Vec<uuid::Uuid>) -> Result<Vec<membership_roles::Model>> {
        Ok(membership_roles::Entity::find()
            .filter(membership_roles::Column::MembershipId.is_in(memberships))
            .all(self.0.db.read())
            .await?)
    }
}
