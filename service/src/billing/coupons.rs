//! Coupons of an application, and who redeemed them.

use std::collections::HashMap;

use domain::{
    ErrorCode, Flaw, Problem, Timestamp,
    billing::{
        coupon::{Coupon, CouponCode, Discount, Duration, Off, Redemption},
        ledger::Action,
        order::Status,
        price::Price,
    },
    id::{ApplicationId, CouponId, MembershipId, OrderId, PlanId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Ctx, Error, Result, Services,
    billing::hold::Hold,
    clock::at,
    db::json,
    entity::{coupons, orders, redemptions},
    ledger::Entry,
    tx::{LOCK, Tx, taken},
};

/// A coupon that is to be made.
#[derive(Clone, Debug)]
pub struct NewCoupon {
    pub code: CouponCode,
    pub off: Off,
    pub duration: Duration,
    /// How many users may redeem it; `None` for any number.
    pub cap: Option<u32>,
    pub expires_at: Option<Timestamp>,
    /// Empty for every plan.
    pub plans: Vec<PlanId>,
}

/// A coupon with how many users have redeemed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedCoupon {
    pub coupon: Coupon,
    pub redeemed: u32,
}

/// What a row keeps as JSON.
#[derive(Serialize, Deserialize)]
struct Terms {
    off: Off,
    duration: Duration,
    cap: Option<u32>,
    expires_at: Option<Timestamp>,
    plans: Vec<PlanId>,
}

/// A redemption as the ledger tells of it; what an open order has reserved is one too.
#[derive(Serialize)]
pub(crate) struct Redeemed {
    coupon_id: CouponId,
    membership_id: MembershipId,
    /// The order that it was redeemed with; `None` where nothing had to be paid.
    order_id: Option<OrderId>,
    at: Timestamp,
}

impl Redeemed {
    pub fn of(row: &redemptions::Model) -> Self {
        Self {
            coupon_id: row.coupon_id.into(),
            membership_id: row.membership_id.into(),
            order_id: row.order_id.map(Into::into),
            at: at(row.created_at),
        }
    }
}

/// See the module.
pub struct Coupons<'a>(&'a Services);

impl Services {
    pub const fn coupons(&self) -> Coupons<'_> {
        Coupons(self)
    }
}

impl Coupons<'_> {
    /// Every coupon of an application, newest first, archived ones too.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<CountedCoupon>> {
        self.0.require_manager(ctx, application).await?;
        let rows = coupons::Entity::find()
            .filter(coupons::Column::ApplicationId.eq(application.get()))
            .order_by_desc(coupons::Column::Id)
            .all(self.0.db.read())
            .await?;
        let counts = self.redeemed(application).await?;
        let counted = rows.into_iter().map(|row| {
            let redeemed = counts.get(&row.id).copied().unwrap_or_default();
            Ok(CountedCoupon { redeemed: u32::try_from(redeemed).unwrap_or(u32::MAX), coupon: coupon(row)? })
        });
        counted.collect()
    }

    /// How many users have redeemed each coupon of an application; none of those that nobody has.
    async fn redeemed(&self, application: ApplicationId) -> Result<HashMap<Uuid, i64>> {
        let own = coupons::Entity::find()
            .select_only()
            .column(coupons::Column::Id)
            .filter(coupons::Column::ApplicationId.eq(application.get()));
        let counts = redemptions::Entity::find()
            .select_only()
            .column(redemptions::Column::CouponId)
            .column_as(redemptions::Column::MembershipId.count(), "count")
            .filter(redemptions::Column::CouponId.in_subquery(own.into_query()))
            .group_by(redemptions::Column::CouponId)
            .into_tuple::<(Uuid, i64)>()
            .all(self.0.db.read())
            .await?;
        Ok(counts.into_iter().collect())
    }

    /// Makes a coupon.
    ///
    /// # Errors
    /// `APP_001` when the code is taken, or a plan is not the application's.
    pub async fn create(&self, ctx: &Ctx, application: ApplicationId, new: NewCoupon) -> Result<Coupon> {
        self.0.require_manager(ctx, application).await?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        if new.plans.iter().any(|plan| entry.plan(*plan).is_none()) {
            return Err(Problem::field("plans", Flaw::ForeignPlan).into());
        }
        self.0.transact(ctx, move |tx| Box::pin(async move { insert(&tx, application, new, false).await })).await
    }

    /// Offers it no longer. Who has redeemed it keeps the discount. Again: nothing.
    ///
    /// # Errors
    /// `SUB_001` when the application has no such coupon.
    pub async fn archive(&self, ctx: &Ctx, application: ApplicationId, id: CouponId) -> Result<Coupon> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let found = find(tx.db, id).await?.filter(|coupon| coupon.application_id == application);
                    let before = found.ok_or(ErrorCode::PlanNotFound)?;
                    if before.archived_at.is_some() {
                        return Ok(before);
                    }
                    let after = Coupon { archived_at: Some(tx.now), ..before.clone() };
                    update(&tx, before, &after).await?;
                    Ok(after)
                })
            })
            .await
    }
}

/// Makes a coupon whose plans are known to be the application's.
///
/// # Errors
/// `APP_001` on the field `code` when it is taken.
pub(crate) async fn insert(
    tx: &Tx<'_>,
    application: ApplicationId,
    new: NewCoupon,
    from_catalog: bool,
) -> Result<Coupon> {
    let coupon = Coupon {
        id: tx.id(),
        application_id: application,
        code: new.code,
        off: new.off,
        duration: new.duration,
        cap: new.cap,
        expires_at: new.expires_at,
        plans: new.plans,
        archived_at: None,
        created_at: tx.now,
    };
    let row = coupons::ActiveModel { from_catalog: Set(from_catalog), ..row(&coupon)? };
    let insert = coupons::Entity::insert(row).exec_without_returning(tx.db).await;
    insert.map_err(|error| taken(error, Problem::field("code", Flaw::Taken)))?;
    tx.log(Entry::new(Action::CouponCreated).application(application).to(&coupon)).await?;
    Ok(coupon)
}

/// Writes what became of a coupon. Who has redeemed it keeps the discount as it was.
pub(crate) async fn update(tx: &Tx<'_>, before: Coupon, after: &Coupon) -> Result<()> {
    let row = coupons::ActiveModel { id: sea_orm::ActiveValue::Unchanged(after.id.get()), ..row(after)? };
    coupons::Entity::update(row).exec(tx.db).await?;
    let entry = Entry::new(Action::CouponUpdated).application(after.application_id);
    tx.log(entry.from(before).to(after)).await?;
    Ok(())
}

/// The discount that a code gives to a member who is about to buy.
///
/// # Errors
/// `APP_001` on the field `coupon` for a code that does not exist or is refused.
pub(crate) async fn redeem(
    tx: &Tx<'_>,
    hold: &Hold,
    code: &CouponCode,
    plan: PlanId,
    price: &Price,
) -> Result<Discount> {
    let row = coupons::Entity::find()
        .filter(coupons::Column::ApplicationId.eq(hold.membership.application_id))
        .filter(coupons::Column::Code.eq(code.as_str()))
        .one(tx.db)
        .await?;
    let coupon = coupon(row.ok_or_else(|| Problem::field("coupon", Flaw::UnknownCoupon))?)?;
    let own = redemptions::Entity::find_by_id((coupon.id.get(), hold.membership.id))
        .find_also_related(orders::Entity)
        .one(tx.db)
        .await?;
    // What an order that is not paid has reserved can be had by the one that takes its place.
    let unpaid = |order: &orders::Model| order.status != Status::Paid.as_str();
    let reserved = own.as_ref().is_some_and(|(_, order)| order.as_ref().is_some_and(unpaid));
    let redemption = Redemption {
        now: hold.now,
        plan_id: plan,
        price: price.money,
        redeemed: redeemed_by(tx.db, coupon.id).await?.saturating_sub(reserved.into()),
        by_user: own.is_some() && !reserved,
    };
    Ok(coupon.redeem(&redemption).map_err(Problem::from)?)
}

/// Reserves a redemption for an order, or redeems at once: whoever comes after the last one is refused.
///
/// # Errors
/// `APP_001` on the field `coupon` when it has just been used up.
pub(crate) async fn reserve(tx: &Tx<'_>, hold: &Hold, id: CouponId, order: Option<OrderId>) -> Result<()> {
    // The coupon's row is the lock behind which redemptions are counted.
    let row = coupons::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
    let coupon = coupon(row.ok_or(ErrorCode::PlanNotFound)?)?;
    let count = redeemed_by(tx.db, id).await?;
    if coupon.cap.is_some_and(|cap| cap <= count) {
        return Err(Problem::from(domain::billing::coupon::Refusal::UsedUp).into());
    }
    redeemed(tx, hold, id, order).await
}

/// Notes a redemption, whatever the cap says: what was paid holds. Again: nothing.
pub(crate) async fn redeemed(tx: &Tx<'_>, hold: &Hold, id: CouponId, order: Option<OrderId>) -> Result<()> {
    let row = redemptions::ActiveModel {
        coupon_id: Set(id.get()),
        membership_id: Set(hold.membership.id),
        order_id: Set(order.map(OrderId::get)),
        created_at: Set(hold.now.timestamp_millis()),
    };
    use redemptions::Column;
    let once = OnConflict::columns([Column::CouponId, Column::MembershipId]).do_nothing().to_owned();
    let noted = redemptions::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    if noted == 0 {
        return Ok(());
    }
    let redeemed = Redeemed { coupon_id: id, membership_id: hold.member(), order_id: order, at: hold.now };
    hold.log(tx, hold.entry(Action::CouponRedeemed).to(redeemed)).await
}

/// Gives back what an order that was not paid had reserved.
pub(crate) async fn release(tx: &Tx<'_>, hold: &Hold, order: OrderId) -> Result<()> {
    let reserved = redemptions::Entity::find().filter(redemptions::Column::OrderId.eq(order.get())).all(tx.db).await?;
    for row in reserved {
        redemptions::Entity::delete_by_id((row.coupon_id, row.membership_id)).exec(tx.db).await?;
        hold.log(tx, hold.entry(Action::CouponReleased).from(Redeemed::of(&row))).await?;
    }
    Ok(())
}

/// A coupon by its id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: CouponId) -> Result<Option<Coupon>> {
    coupons::Entity::find_by_id(id.get()).one(db).await?.map(coupon).transpose()
}

async fn redeemed_by(db: &impl ConnectionTrait, id: CouponId) -> Result<u32> {
    let count = redemptions::Entity::find().filter(redemptions::Column::CouponId.eq(id.get())).count(db).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn row(coupon: &Coupon) -> Result<coupons::ActiveModel> {
    let terms = Terms {
        off: coupon.off,
        duration: coupon.duration,
        cap: coupon.cap,
        expires_at: coupon.expires_at,
        plans: coupon.plans.clone(),
    };
    Ok(coupons::ActiveModel {
        id: Set(coupon.id.get()),
        application_id: Set(coupon.application_id.get()),
        code: Set(coupon.code.as_str().into()),
        terms: Set(json(&terms)?),
        archived_at: Set(coupon.archived_at.map(|moment| moment.timestamp_millis())),
        created_at: Set(coupon.created_at.timestamp_millis()),
        ..Default::default()
    })
}

pub(crate) fn coupon(row: coupons::Model) -> Result<Coupon> {
    let terms: Terms = domain::stored::read(&row.terms).map_err(Error::internal)?;
    Ok(Coupon {
        id: row.id.into(),
        application_id: row.application_id.into(),
        code: CouponCode::stored(row.code),
        off: terms.off,
        duration: terms.duration,
        cap: terms.cap,
        expires_at: terms.expires_at,
        plans: terms.plans,
        archived_at: row.archived_at.map(at),
        created_at: at(row.created_at),
    })
}
