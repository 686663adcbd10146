//! What one application has of the user.

use std::collections::BTreeSet;

use domain::id::{ApplicationId, MembershipId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    Ctx, Result,
    billing::{
        coupons, credits,
        orders::{Placed, rows::placed, told::Told},
    },
    clock::at,
    entity,
    identity::account::Account,
};

impl Account<'_> {
    /// What the user holds of an application, has ordered, paid and pays with there. Roles and plans are named beside
    /// their ids, plans that were deleted too.
    pub(super) async fn membership(&self, ctx: &Ctx, application: ApplicationId) -> Result<Option<Value>> {
        let user = ctx.require_session()?.user.id;
        let Some(holder) = self.0.entitlements().holder(user, application).await? else { return Ok(None) };
        let directory = self.0.directory();
        let entry = directory.application(application);
        let member = holder.membership.id;
        let roles = entry.into_iter().flat_map(|entry| &entry.roles);
        let roles = roles.filter(|role| holder.membership.roles.contains(&role.id));
        let roles: Vec<_> = roles.map(|role| json!({ "id": role.id, "name": role.name })).collect();
        let payments = self.0.payments().of_member(ctx, application, user).await?;
        let invoices = self.0.invoices().of_member(ctx, application, user).await?;
        let orders = self.orders(member).await?;
        let held = holder.subscription.iter();
        let held = held.flat_map(|held| [Some(held.plan_id), held.scheduled.map(|change| change.plan_id)]);
        let billed = invoices.iter().map(|invoice| invoice.quote.plan_id);
        let ordered = orders.iter().map(|placed| placed.order.quote.plan_id);
        let plans: BTreeSet<_> = held.flatten().chain(billed).chain(ordered).collect();
        let plans = plans.into_iter().filter_map(|id| {
            entry.map(|entry| json!({ "id": id, "key": entry.plan_key(id), "name": entry.plan_name(id) }))
        });
        let plans: Vec<_> = plans.collect();
        Ok(Some(json!({
            "application": entry.map(|entry| &entry.application.settings.name),
            "membership": holder.membership,
            "roles": roles,
            "subscription": holder.subscription,
            "plans": plans,
            "paymentMethods": self.methods(member).await?,
            "orders": orders.iter().map(order).collect::<Vec<_>>(),
            "payments": payments.into_iter().map(|own| own.payment).collect::<Vec<_>>(),
            "invoices": invoices,
            "credit": self.credit(member).await?,
            "coupons": self.coupons(member).await?,
        })))
    }

    async fn methods(&self, member: MembershipId) -> Result<Vec<Value>> {
        use entity::payment_methods::{Column, Entity};
        let own = Entity::find().filter(Column::MembershipId.eq(member.get())).order_by_asc(Column::Id);
        let own = own.all(self.0.db.read()).await?.into_iter().map(|row| {
            json!({
                "provider": row.provider,
                "kind": row.kind,
                "label": row.label,
                "isCurrent": row.is_current,
                "since": at(row.created_at),
            })
        });
        Ok(own.collect())
    }

    async fn orders(&self, member: MembershipId) -> Result<Vec<Placed>> {
        use entity::orders::{Column, Entity};
        let own = Entity::find().filter(Column::MembershipId.eq(member.get())).order_by_asc(Column::Id);
        own.all(self.0.db.read()).await?.into_iter().map(placed).collect()
    }

    /// Every movement of the credit balance.
    async fn credit(&self, member: MembershipId) -> Result<Vec<Value>> {
        use entity::credits::{Column, Entity};
        let own = Entity::find().filter(Column::MembershipId.eq(member.get())).order_by_asc(Column::Id);
        let own = own.all(self.0.db.read()).await?.into_iter();
        own.map(|row| Ok(json!(credits::credit(row)?))).collect()
    }

    async fn coupons(&self, member: MembershipId) -> Result<Vec<Value>> {
        use entity::redemptions::{Column, Entity};
        let own = Entity::find().filter(Column::MembershipId.eq(member.get())).order_by_asc(Column::CouponId);
        let mut redeemed = Vec::new();
        for row in own.all(self.0.db.read()).await? {
            let coupon = coupons::find(self.0.db.read(), row.coupon_id.into()).await?;
            redeemed.push(json!({
                "code": coupon.map(|coupon| coupon.code),
                "order": row.order_id,
                "redeemedAt": at(row.created_at),
            }));
        }
        Ok(redeemed)
    }
}

/// An order as the ledger tells of it, with what the application noted.
fn order(placed: &Placed) -> Value {
    let mut order = json!(Told::of(placed));
    order["metadata"] = json!(placed.metadata);
    order
}
