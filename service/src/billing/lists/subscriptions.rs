//! Subscriptions of an application.

use domain::{
    ErrorCode,
    application::Provider,
    billing::{
        coupon::Discount,
        subscription::{Status, Subscription},
    },
    id::{ApplicationId, PlanId, SubscriptionId},
    identity::user::User,
    page::{Page, PageRequest},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::columns::SubscriptionColumn;
use crate::{
    Ctx, Error, Result, Services,
    billing::{hold, methods, within::within},
    entity::{memberships, subscriptions, users},
    identity::sessions,
    sorted::{Part, sorted},
};

/// A subscription with whose it is and how it is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedSubscription {
    pub subscription: Subscription,
    pub user: User,
    /// Who collects for it; `None` when nobody does.
    pub provider: Option<Provider>,
    /// The provider's name for it, where the provider renews by itself.
    pub reference: Option<String>,
    pub discount: Option<Discount>,
}

/// Which subscriptions are asked for.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionFilter {
    pub status: Option<Status>,
    pub plan: Option<PlanId>,
    /// Part of the user's e-mail address or name, the provider's reference, or the id of the subscription or user.
    pub search: Option<String>,
}

/// See the module.
pub struct SubscriptionList<'a>(&'a Services);

impl Services {
    pub const fn subscription_list(&self) -> SubscriptionList<'_> {
        SubscriptionList(self)
    }
}

impl SubscriptionList<'_> {
    /// Subscriptions, newest first; those that have ended too.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn page(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<ListedSubscription>> {
        self.part(ctx, application, filter, &page.into()).await
    }

    /// Subscriptions, sorted as somebody asks; those that have ended too.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn part(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        filter: &SubscriptionFilter,
        part: &Part<SubscriptionColumn>,
    ) -> Result<Page<ListedSubscription>> {
        self.0.require_manager(ctx, application).await?;
        use subscriptions::Column;
        let own = within(self.0, application).await?;
        let by = part.sort.by;
        let mut query = sorted(subscriptions::Entity::find(), by.keys(), part.sort.direction, part.after.as_ref())
            .limit(part.limit + 1)
            .find_also_related(memberships::Entity)
            .and_also_related(users::Entity)
            .filter(own);
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(plan) = filter.plan {
            query = query.filter(Column::PlanId.eq(plan.get()));
        }
        if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            query = match Uuid::parse_str(text) {
                Ok(id) => query.filter(Column::Id.eq(id).or(users::Column::Id.eq(id))),
                Err(_) => query.filter(users::named(text).add(Column::Reference.eq(text))),
            };
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, part.limit, |(row, ..)| by.cursor(row));
        let items = page.items.into_iter().map(|(row, _, user)| listed(row, user)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// One subscription of an application.
    ///
    /// # Errors
    /// As [`Self::page`]; `SUB_001` when there is none.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: SubscriptionId) -> Result<ListedSubscription> {
        self.0.require_manager(ctx, application).await?;
        let found = subscriptions::Entity::find_by_id(id.get())
            .find_also_related(memberships::Entity)
            .and_also_related(users::Entity)
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .one(self.0.db.read())
            .await?;
        let (row, _, user) = found.ok_or(ErrorCode::PlanNotFound)?;
        listed(row, user)
    }

    /// Those subscriptions of an application, newest first; ids that are none of its are left out.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub(super) async fn of(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        ids: &[SubscriptionId],
    ) -> Result<Vec<ListedSubscription>> {
        self.0.require_manager(ctx, application).await?;
        let found = subscriptions::Entity::find()
            .filter(subscriptions::Column::Id.is_in(ids.iter().map(|id| id.get())))
            .order_by_desc(subscriptions::Column::Id)
            .find_also_related(memberships::Entity)
            .and_also_related(users::Entity)
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .all(self.0.db.read())
            .await?;
        found.into_iter().map(|(row, _, user)| listed(row, user)).collect()
    }

    /// What renewals of a subscription are charged to, as its owner knows it; `None` without one.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn method(&self, ctx: &Ctx, application: ApplicationId, id: SubscriptionId) -> Result<Option<String>> {
        let held = self.get(ctx, application, id).await?.subscription;
        let account = self.0.directory().application(application).and_then(|entry| entry.account());
        let method = methods::current(self.0.db.read(), held.membership_id, account).await?;
        Ok(method.map(|method| method.label))
    }
}

fn listed(row: subscriptions::Model, user: Option<users::Model>) -> Result<ListedSubscription> {
    let user = user.ok_or_else(|| Error::internal("a subscription without its user"))?;
    Ok(ListedSubscription {
        user: sessions::user(user)?,
        provider: row.provider.as_deref().map(Provider::parse).transpose()?,
        reference: row.reference.clone(),
        discount: row.discount.as_deref().map(domain::stored::read).transpose().map_err(Error::internal)?,
        subscription: hold::subscription(row)?,
    })
}
