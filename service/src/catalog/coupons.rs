//! The coupons of an application in a catalog.

use std::collections::HashSet;

use domain::{
    billing::coupon::Coupon,
    id::{ApplicationId, PlanId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{ApplicationItem, Changes, CouponItem, Verb, apply::left};
use crate::{
    Result,
    billing::coupons::{self, NewCoupon, coupon},
    entity::{coupons as rows, plans},
    tx::Tx,
};

/// Runs after the plans, which coupons may name.
pub(super) async fn apply(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    id: ApplicationId,
    changes: &mut Changes,
) -> Result<()> {
    let own = all(tx, id).await?;
    let mut kept = HashSet::new();
    for item in &application.coupons {
        let new = NewCoupon { plans: plan_ids(tx, item, id).await?, ..item.new.clone() };
        let what = format!("coupon {}/{}", application.slug, new.code);
        let Some(row) = own.iter().find(|row| row.code == new.code.as_str()) else {
            let blame = |error| item.place.blame("applications.coupons", error);
            let made = coupons::insert(tx, id, new, !application.seed).await.map_err(blame)?;
            kept.insert(made.id.get());
            changes.note(Verb::Create, what);
            continue;
        };
        kept.insert(row.id);
        let before = coupon(row.clone())?;
        let after = with_terms(before.clone(), new);
        if after != before {
            coupons::update(tx, before, &after).await?;
            changes.note(Verb::Update, what);
        }
    }
    if application.seed {
        return Ok(());
    }
    archive_others(tx, application.slug.as_str(), id, &kept, changes).await
}

async fn all(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<rows::Model>> {
    let own = rows::Entity::find().filter(rows::Column::ApplicationId.eq(application.get()));
    Ok(own.order_by_asc(rows::Column::Id).all(tx.db).await?)
}

async fn plan_ids(tx: &Tx<'_>, item: &CouponItem, application: ApplicationId) -> Result<Vec<PlanId>> {
    let mut ids = Vec::with_capacity(item.plans.len());
    for (place, key) in &item.plans {
        let plan = plans::Entity::find()
            .filter(plans::Column::ApplicationId.eq(application.get()))
            .filter(plans::Column::Key.eq(key.as_str()))
            .filter(plans::Column::DeletedAt.is_null())
            .one(tx.db)
            .await?;
        let unknown = || place.problem("applications.coupons.plans", format!("there is no plan {key}"));
        ids.push(plan.ok_or_else(unknown)?.id.into());
    }
    Ok(ids)
}

/// The coupon as the file has it, offered again where it was archived.
fn with_terms(coupon: Coupon, new: NewCoupon) -> Coupon {
    let NewCoupon { code, off, duration, cap, expires_at, plans } = new;
    // The order of plans says nothing.
    let same = plans.len() == coupon.plans.len() && plans.iter().all(|plan| coupon.plans.contains(plan));
    let plans = if same { coupon.plans } else { plans };
    Coupon { code, off, duration, cap, expires_at, plans, archived_at: None, ..coupon }
}

/// Archives the coupons that a file made and no longer names.
pub(super) async fn archive_others(
    tx: &Tx<'_>,
    slug: &str,
    application: ApplicationId,
    kept: &HashSet<Uuid>,
    changes: &mut Changes,
) -> Result<()> {
    let own = all(tx, application).await?;
    for row in left(&own, kept, |row| (row.id, row.from_catalog, row.archived_at.is_some())) {
        let before = coupon(row.clone())?;
        let after = Coupon { archived_at: Some(tx.now), ..before.clone() };
        changes.note(Verb::Archive, format!("coupon {slug}/{}", after.code));
        coupons::update(tx, before, &after).await?;
    }
    Ok(())
}
