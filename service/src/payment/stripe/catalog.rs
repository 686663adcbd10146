//! What has to be there before anything is bought: the customer, and the product, price and coupon that a plan is at
//! Stripe. Linked ones are taken as they are; the others are made when they are first needed, once, and follow theirs
//! ([`crate::payment::counterparts`]).

use domain::billing::{
    coupon::{Coupon, Discount, Duration},
    plan::Plan,
    price::{Interval, Price},
};
use stripe::StripeRequest;
use stripe_core::customer::{CreateCustomer, RetrieveCustomer, UpdateCustomer};
use stripe_product::{
    coupon::{CreateCoupon, RetrieveCoupon},
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, RetrievePrice},
    product::{CreateProduct, RetrieveProduct},
};
use uuid::Uuid;

use super::{
    Stripe,
    answers::{Metadata, Named, PRICE, StoredCustomer},
};
use crate::{
    Result,
    payment::{Customer, Renewal, objects::derived},
};

/// How many deletions of what one thing of ours is at Stripe are followed within a day.
const DELETIONS: usize = 10;

impl Stripe {
    /// The customer that a membership is at Stripe, with the member's own address. One that was deleted there is made
    /// again: its key names the one that is gone, since Stripe would answer the key of the first with what it made then.
    pub(super) async fn customer(&self, customer: &Customer) -> Result<String> {
        let membership = customer.membership.get();
        let mut request = CreateCustomer::new()
            .email(customer.email.as_str())
            .metadata(Metadata::from([("turnpike_membership".into(), membership.to_string())]));
        if let Some(name) = &customer.name {
            request = request.name(name.as_str());
        }
        let Some(known) = self.services.provider_object(self.account(), membership).await? else {
            return self.once(membership, "customer", &request).await;
        };
        let found: Option<StoredCustomer> = self.wire.get(&RetrieveCustomer::new(known.clone()), self.mode).await?;
        if let Some(found) = found.filter(|found| !found.deleted) {
            self.correct(&known, customer, &found).await?;
            return Ok(known);
        }
        let made: Named = self.wire.make(&request, ("customer-after", &known), self.mode).await?;
        self.services.rename_object(self.account(), membership, made.id.clone()).await?;
        Ok(made.id)
    }

    /// Brings a customer's address and name to the member's.
    async fn correct(&self, id: &str, customer: &Customer, found: &StoredCustomer) -> Result<()> {
        let is_named_so = customer.name.is_none() || found.name == customer.name;
        if found.email.as_deref() == Some(customer.email.as_str()) && is_named_so {
            return Ok(());
        }
        let mut update = UpdateCustomer::new(id.to_owned()).email(customer.email.as_str());
        if let Some(name) = &customer.name {
            update = update.name(name.as_str());
        }
        self.wire.set::<Named>(update.build(), self.mode).await?;
        Ok(())
    }

    /// The product that a plan is at Stripe.
    pub(super) async fn product(&self, plan: &Plan) -> Result<String> {
        if let Some(linked) = &plan.stripe_product_id {
            return Ok(linked.clone());
        }
        let mut request = CreateProduct::new(plan.name.as_str())
            .metadata(Metadata::from([("turnpike_plan".into(), plan.key.as_str().into())]));
        if !plan.description.as_str().is_empty() {
            request = request.description(plan.description.as_str());
        }
        self.counterpart(plan.id.get(), "product", &request).await
    }

    /// The price that a price is at Stripe. Amounts never change: another amount is another price, here and there.
    pub(super) async fn price(&self, plan: &Plan, price: &Price) -> Result<String> {
        if let Some(linked) = &price.stripe_price_id {
            return Ok(linked.clone());
        }
        if let Some(known) = self.services.provider_object(self.account(), price.id.get()).await? {
            return Ok(known);
        }
        let mut request = CreatePrice::new(currency(price.money.currency()))
            .unit_amount(price.money.amount())
            .product(self.product(plan).await?)
            .nickname(price.name.as_str())
            .metadata(Metadata::from([(PRICE.into(), price.id.to_string())]));
        let interval = match price.interval {
            Interval::Month => Some(CreatePriceRecurringInterval::Month),
            Interval::Year => Some(CreatePriceRecurringInterval::Year),
            Interval::OneTime => None,
        };
        if let Some(interval) = interval {
            request = request.recurring(CreatePriceRecurring::new(interval));
        }
        self.counterpart(price.id.get(), "price", &request).await
    }

    /// A coupon for one price, as an amount: Stripe rounds shares its own way, and what is charged has to be what was
    /// shown.
    pub(super) async fn coupon(&self, coupon: &Coupon, price: &Price) -> Result<Option<String>> {
        let discount =
            Discount { coupon_id: coupon.id, off: coupon.off, remaining: coupon.duration, plans: Vec::new() };
        let local = both(coupon.id.get(), price.id.get());
        self.coupon_of(&discount, price, coupon.code.as_str(), local).await
    }

    /// What is left of a discount, for a price that is billed from now on.
    pub(super) async fn rest_of_coupon(&self, discount: &Discount, price: &Price) -> Result<Option<String>> {
        let left = match discount.remaining {
            Duration::Once => "once".to_owned(),
            Duration::Months(months) => months.to_string(),
            Duration::Forever => "forever".to_owned(),
        };
        let local = derived(&format!("{} {} {left}", discount.coupon_id, price.id));
        // It is taken so seldom that it may have been deleted since.
        self.forget_lost("coupon", local).await?;
        self.coupon_of(discount, price, "Coupon", local).await
    }

    async fn coupon_of(&self, discount: &Discount, price: &Price, name: &str, local: Uuid) -> Result<Option<String>> {
        let off = discount.discount_of(price.money).amount();
        if off <= 0 {
            return Ok(None);
        }
        let (duration, months) = match discount.remaining {
            Duration::Once => (stripe_shared::CouponDuration::Once, None),
            Duration::Months(months) => (stripe_shared::CouponDuration::Repeating, Some(i64::from(months))),
            Duration::Forever => (stripe_shared::CouponDuration::Forever, None),
        };
        let mut request = CreateCoupon::new()
            .amount_off(off)
            .currency(currency(price.money.currency()))
            .duration(duration)
            .name(name);
        if let Some(months) = months {
            request = request.duration_in_months(months);
        }
        self.once(local, "coupon", &request).await.map(Some)
    }

    /// Forgets what of a purchase was made at Stripe and is not there any more, so that it is made anew: it was deleted,
    /// or the key is another account's by now. Returns whether there was any.
    pub(super) async fn forget_missing(&self, renewal: &Renewal) -> Result<bool> {
        let (plan, price) = (renewal.plan.id.get(), renewal.price.id.get());
        let mut locals = vec![("product", plan), ("price", price)];
        locals.extend(renewal.coupon.as_ref().map(|coupon| ("coupon", both(coupon.id.get(), price))));
        let mut forgotten = false;
        for (kind, local) in locals {
            forgotten |= self.forget_lost(kind, local).await?;
        }
        Ok(forgotten)
    }

    /// Forgets a name of something that Stripe does not have any more. Returns whether it did.
    async fn forget_lost(&self, kind: &str, local: Uuid) -> Result<bool> {
        let Some(known) = self.services.provider_object(self.account(), local).await? else { return Ok(false) };
        if self.is_there(kind, &known).await? {
            return Ok(false);
        }
        tracing::warn!(object = known, kind, "Stripe knows this no more: it is made anew");
        self.services.forget_object(self.account(), local, known).await?;
        Ok(true)
    }

    /// Whether Stripe has something that was made there. Customers are looked at before they are used.
    async fn is_there(&self, kind: &str, id: &str) -> Result<bool> {
        let found: Option<Named> = match kind {
            "product" => self.wire.get(&RetrieveProduct::new(id.to_owned()), self.mode).await?,
            "price" => self.wire.get(&RetrievePrice::new(id.to_owned()), self.mode).await?,
            "coupon" => self.wire.get(&RetrieveCoupon::new(id.to_owned()), self.mode).await?,
            _ => return Ok(true),
        };
        Ok(found.is_some())
    }

    /// Makes what a plan or a price is at Stripe. It is told how that stands soon after: it may have changed meanwhile.
    async fn counterpart(&self, local: Uuid, purpose: &str, request: &impl StripeRequest) -> Result<String> {
        if let Some(known) = self.services.provider_object(self.account(), local).await? {
            return Ok(known);
        }
        let made = self.once(local, purpose, request).await?;
        self.services.outdate_counterpart(self.application, local, self.services.now()).await?;
        Ok(made)
    }

    /// Makes an object and notes its name. Whoever is first names it; the others take that one. Stripe answers a key
    /// for a day with what it made then, also where that was deleted: the key that follows names the one that is gone.
    async fn once(&self, local: Uuid, purpose: &str, request: &impl StripeRequest) -> Result<String> {
        if let Some(known) = self.services.provider_object(self.account(), local).await? {
            return Ok(known);
        }
        let mut made: Named = self.wire.make(request, (purpose, &local.to_string()), self.mode).await?;
        for _ in 0..DELETIONS {
            if self.is_there(purpose, &made.id).await? {
                break;
            }
            made = self.wire.make(request, (&format!("{purpose}-after"), &made.id), self.mode).await?;
        }
        self.services.name_object(self.account(), local, made.id).await
    }
}

/// One id for a pair.
fn both(a: Uuid, b: Uuid) -> Uuid {
    derived(&format!("{a} {b}"))
}

pub(super) fn currency(currency: domain::Currency) -> stripe_types::Currency {
    let Ok(parsed) = currency.lower().parse::<stripe_types::Currency>();
    parsed
}
