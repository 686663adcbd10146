//! Bringing a subscription to what the engine wants.

use chrono::Months;
use domain::{
    ErrorCode, Timestamp,
    billing::{
        coupon::{Discount, Duration},
        cycle::Anchored,
        plan::Plan,
        price::Price,
    },
};
use stripe::StripeRequest;
use stripe_billing::subscription::{
    CancelSubscription, DiscountsDataParam, UpdateSubscription, UpdateSubscriptionCancelAt, UpdateSubscriptionItems,
    UpdateSubscriptionPauseCollection, UpdateSubscriptionPauseCollectionBehavior, UpdateSubscriptionProrationBehavior,
    UpdateSubscriptionTrialEnd,
};

use super::ending::{End, end_of};
use crate::{
    Result,
    payment::{
        Ending, Wanted,
        stripe::{
            Stripe,
            answers::{COUPON, Metadata, Named, PAID_FROM, PAID_UNTIL, moment},
        },
    },
};

impl Stripe {
    pub(in crate::payment::stripe) async fn bring(
        &self,
        id: &str,
        wanted: &Wanted,
        next: Option<(&Plan, &Price)>,
    ) -> Result<()> {
        // One that has ended stays there to be asked for: what is not there is another account's.
        let found = self.subscription(id).await?.ok_or(ErrorCode::ProviderNotConfigured)?;
        if found.ended_at.is_some() {
            return Ok(());
        }
        if wanted.ending == Ending::Now {
            let cancel = CancelSubscription::new(id.to_owned()).prorate(false).invoice_now(false);
            self.wire.set::<Named>(cancel.build(), self.mode).await?;
            return Ok(());
        }
        let now = self.services.billing_now(self.application);
        let mut update = UpdateSubscription::new(id.to_owned());
        let (mut changes, mut resumes, mut undiscounted) = (false, false, false);
        let mut marks = Metadata::new();
        let mut bills_at = wanted.bills_at.map(seconds).filter(|at| found.period().is_some_and(|(_, end)| end != *at));
        if let (Some((plan, price)), Some(item)) = (next, found.items.data.first()) {
            let price_id = self.price(plan, price).await?;
            let coupon = wanted.discount.as_ref().map_or_else(String::new, |own| own.coupon_id.to_string());
            let known = found.metadata.get(COUPON).map_or("", String::as_str);
            let moves = bills_at.is_some_and(|at| at > now.timestamp());
            let last = wanted.discount.as_ref().zip(wanted.bills_at).and_then(|(own, first)| {
                let first = moment(seconds(first));
                let anchor = found.billing_cycle_anchor.filter(|_| !moves).map_or(first, moment);
                last_bill(own, price, first, anchor)
            });
            // A pause or a longer trial moves the bills from under a discount of some months.
            let goes_on = wanted.ending == Ending::GoesOn && !wanted.paused;
            let takes_off = wanted.discount.as_ref().is_some_and(|own| own.discount_of(price.money).amount() > 0);
            let ahead = last.filter(|last| goes_on && takes_off && *last > now);
            let is_short = ahead.is_some_and(|last| !found.is_discounted(last.timestamp()));
            if item.price.id != price_id || coupon != known || is_short {
                let discount = wanted.discount.as_ref().map(|own| covering(own, last, now));
                match match &discount {
                    Some(discount) => self.rest_of_coupon(discount, price).await?,
                    None => None,
                } {
                    Some(id) => {
                        let mut discount = DiscountsDataParam::new();
                        discount.coupon = Some(id);
                        update = update.discounts(vec![discount]);
                    }
                    None => undiscounted = true,
                }
                marks.insert(COUPON.to_owned(), coupon);
                changes = true;
            }
            if item.price.id != price_id {
                self.reopen(plan, Some(price)).await?;
                let mut items = UpdateSubscriptionItems::new();
                items.id = Some(item.id.clone());
                items.price = Some(price_id);
                update = update.items(vec![items]);
                changes = true;
                let same = item.price.recurring.as_ref().is_some_and(|was| was.interval == price.interval.as_str());
                if !same && found.status != "trialing" {
                    bills_at = wanted.bills_at.map(seconds);
                }
            }
        }
        let moved = bills_at.filter(|at| *at > now.timestamp());
        if let Some(at) = moved {
            update = update.trial_end(UpdateSubscriptionTrialEnd::Timestamp(at));
            let paid_from =
                found.bridged().or(found.period().filter(|_| found.status != "trialing")).map(|(from, _)| from);
            if let Some(from) = paid_from {
                let paid = [(PAID_FROM, from), (PAID_UNTIL, at)];
                marks.extend(paid.map(|(key, at)| (key.to_owned(), at.to_string())));
            }
            changes = true;
        }
        let end = end_of(&found, wanted, moved.or_else(|| found.period().map(|(_, end)| end)));
        match end {
            Some(End::WithPeriod(ends)) => update = update.cancel_at_period_end(ends),
            Some(End::At(at)) => update = update.cancel_at(UpdateSubscriptionCancelAt::Timestamp(at)),
            Some(End::NoDate) | None => {}
        }
        changes |= end.is_some();
        match (found.pause_collection.is_some(), wanted.paused) {
            (false, true) => {
                let void = UpdateSubscriptionPauseCollectionBehavior::Void;
                update = update.pause_collection(UpdateSubscriptionPauseCollection::new(void));
                changes = true;
            }
            (true, false) => (changes, resumes) = (true, true),
            _ => {}
        }
        if !changes {
            return Ok(());
        }
        if !marks.is_empty() {
            update = update.metadata(marks);
        }
        let mut request = update.proration_behavior(UpdateSubscriptionProrationBehavior::None).build();
        if resumes {
            // An empty value clears it, which the library cannot say.
            request.body.get_or_insert_default().push_str("&pause_collection=");
        }
        if end == Some(End::NoDate) {
            request.body.get_or_insert_default().push_str("&cancel_at=");
        }
        if undiscounted {
            request.body.get_or_insert_default().push_str("&discounts=");
        }
        self.wire.set::<Named>(request, self.mode).await?;
        Ok(())
    }
}

/// The last bill that a discount of some months is for; `None` for any other discount.
fn last_bill(discount: &Discount, price: &Price, first: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
    let Duration::Months(left) = discount.remaining else { return None };
    let bills = u32::from(left).div_ceil(price.interval.months()?);
    let mut last = Anchored::following(anchor, price.interval, first)?;
    for _ in 1..bills {
        last = Anchored::following(last.anchor, price.interval, last.period.end)?;
    }
    Some(last.period.start)
}

/// A discount that goes on for so many months from now that the bills which it is for have it, and no other: Stripe
/// counts months from the moment at which it is set.
fn covering(discount: &Discount, last: Option<Timestamp>, now: Timestamp) -> Discount {
    let (Duration::Months(left), Some(last)) = (discount.remaining, last) else { return discount.clone() };
    let after = |months: u16| now.checked_add_months(Months::new(u32::from(months)));
    let months = (1..=u16::MAX).find(|months| after(*months) > Some(last)).unwrap_or(left);
    Discount { remaining: Duration::Months(months), ..discount.clone() }
}

/// Stripe's seconds, rounded up: nothing is billed before.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}
