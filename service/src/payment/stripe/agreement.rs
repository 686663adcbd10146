//! Subscriptions that Stripe renews: what it says of them, and how they are brought to what the engine wants.
//!
//! Stripe charges renewals; the engine decides prices, dates and ends. A change never lets Stripe prorate: what an
//! upgrade costs is paid by a Checkout Session of exactly the quoted amount, and the subscription then follows with
//! `proration_behavior=none`. Where the next bill is due at another moment than Stripe would choose (another interval,
//! say), a trial until then moves it: nothing is billed before. Such a trial is marked, and not told as one.

use chrono::Months;
use domain::{
    ErrorCode, Money, Timestamp,
    billing::{
        coupon::{Discount, Duration},
        cycle::Anchored,
        order::Said,
        payment::Fact,
        plan::Plan,
        price::Price,
        subscription::Period,
    },
    id::PriceId,
};
use stripe::StripeRequest;
use stripe_billing::{
    invoice::{ListInvoice, RetrieveInvoice},
    invoice_item::CreateInvoiceItem,
    subscription::{
        CancelSubscription, DiscountsDataParam, ListSubscription, RetrieveSubscription, UpdateSubscription,
        UpdateSubscriptionItems, UpdateSubscriptionPauseCollection, UpdateSubscriptionPauseCollectionBehavior,
        UpdateSubscriptionProrationBehavior, UpdateSubscriptionTrialEnd,
    },
};
use uuid::Uuid;

use super::{
    Stripe,
    answers::{
        self, COUPON, CREDIT, Invoice, KEY, Listed, Metadata, Named, PAID_FROM, PAID_UNTIL, Ref, Session, moment, money,
    },
    catalog::currency,
    currencies::taken_off,
    money::method,
};
use crate::{
    Result,
    payment::{Agreement, AgreementState, Billed, Draft, Ending, Method, Report, Wanted, objects::derived},
};

/// How many bills back an agreement tells; older ones are asked for by their own notifications.
const TOLD: i64 = 4;

impl Stripe {
    async fn subscription(&self, id: &str) -> Result<Option<answers::Subscription>> {
        let request =
            RetrieveSubscription::new(id.to_owned()).expand(["default_payment_method", "discounts"].map(str::to_owned));
        self.wire.get(&request, self.mode).await
    }

    pub(super) async fn find_agreement(&self, id: &str) -> Result<Option<Agreement>> {
        match self.subscription(id).await? {
            Some(found) => self.tell(&found).await.map(Some),
            None => Ok(None),
        }
    }

    async fn tell(&self, found: &answers::Subscription) -> Result<Agreement> {
        let prices = match found.items.data.first() {
            Some(item) => self.our_prices(&item.price.id).await?,
            None => Vec::new(),
        };
        let ends = found.period().map(|(_, end)| end);
        let cancel_at = found.cancel_at.or(ends.filter(|_| found.cancel_at_period_end));
        let order: Option<Uuid> = found.metadata.get(KEY).and_then(|key| key.parse().ok());
        let invoices = self.invoices(found).await?;
        Ok(Agreement {
            reference: found.id.clone(),
            order: order.map(Into::into),
            state: state(found),
            period: found.bridged().or(found.period()).map(period),
            cancel_at: cancel_at.map(moment),
            prices,
            billed: self.billed(found, order, &invoices).await?,
            draft: draft(invoices.first())?,
            method: method(&found.default_payment_method),
        })
    }

    /// Ours for one of Stripe's: linked, those on offer first, or made for it.
    async fn our_prices(&self, id: &str) -> Result<Vec<PriceId>> {
        let directory = self.services.directory();
        let plans = directory.application(self.application).into_iter().flat_map(|entry| &entry.plans);
        let linked = plans.flat_map(|plan| &plan.prices).filter(|price| price.stripe_price_id.as_deref() == Some(id));
        let (on_offer, over): (Vec<&Price>, Vec<&Price>) = linked.partition(|price| price.archived_at.is_none());
        let mut prices: Vec<PriceId> = on_offer.into_iter().chain(over).map(|price| price.id).collect();
        prices.extend(self.services.local_object(self.account(), id).await?.map(PriceId::from));
        Ok(prices)
    }

    async fn invoices(&self, found: &answers::Subscription) -> Result<Vec<Invoice>> {
        let request =
            ListInvoice::new().subscription(found.id.as_str()).limit(TOLD).expand(["data.payments".to_owned()]);
        let listed: Option<Listed<Invoice>> = self.wire.get(&request, self.mode).await?;
        Ok(listed.map(|listed| listed.data).unwrap_or_default())
    }

    async fn billed(
        &self,
        found: &answers::Subscription,
        order: Option<Uuid>,
        invoices: &[Invoice],
    ) -> Result<Vec<Billed>> {
        let mut billed = Vec::new();
        for invoice in invoices {
            let first = invoice.billing_reason.as_deref() == Some("subscription_create");
            let key = order.filter(|_| first).unwrap_or_else(|| derived(&invoice.id));
            let Some((payment, failed_at)) = self.bill(invoice, key).await? else { continue };
            let Some(line) = invoice.period().or(found.period()) else { continue };
            let (id, credit) = (invoice.id.clone(), money(invoice.credit(), &invoice.currency)?);
            billed.push(Billed {
                invoice: id,
                period: period(line),
                renews: invoice.renews(),
                credit,
                payment,
                failed_at,
            });
        }
        Ok(billed)
    }

    /// What became of a bill, and when it failed last. Drafts are not asked for yet, void ones no more, and the bill of
    /// a trial is none.
    async fn bill(&self, invoice: &Invoice, key: Uuid) -> Result<Option<(Report, Option<Timestamp>)>> {
        let counts = matches!(invoice.status.as_deref(), Some("open" | "paid" | "uncollectible"));
        if !counts || invoice.is_free() {
            return Ok(None);
        }
        let Some(intent) = invoice.intent() else { return Ok(Some((self.by_credit(invoice, key)?, None))) };
        let Some(intent) = self.intent(intent).await? else { return Ok(None) };
        let charge = intent.latest_charge.as_ref().and_then(Ref::object);
        let failed = invoice.attempted && invoice.status.as_deref() != Some("paid");
        let failed_at = failed.then(|| moment(charge.map_or(intent.created, |charge| charge.created)));
        Ok(Some((self.report(&intent, key).await?, failed_at)))
    }

    /// The first bill of a subscription, also of one that has had many since.
    async fn first_bill(&self, session: &Session, key: Uuid) -> Result<Option<Report>> {
        let Some(invoice) = &session.invoice else { return Ok(None) };
        let request = RetrieveInvoice::new(invoice.id().to_owned()).expand(["payments".to_owned()]);
        let Some(invoice) = self.wire.get::<Invoice>(&request, self.mode).await? else { return Ok(None) };
        Ok(self.bill(&invoice, key).await?.map(|(report, _)| report))
    }

    /// Stripe's own page of the oldest bill that is open.
    pub(super) async fn hosted_invoice(&self, subscription: &str) -> Result<Option<String>> {
        let request =
            ListInvoice::new().subscription(subscription).status(stripe_shared::InvoiceStatus::Open).limit(TOLD);
        let listed: Option<Listed<Invoice>> = self.wire.get(&request, self.mode).await?;
        Ok(listed.into_iter().flat_map(|listed| listed.data).rev().find_map(|invoice| invoice.hosted_invoice_url))
    }

    /// A bill that needed no money: a coupon, our credit, or the customer's balance at Stripe covered it.
    fn by_credit(&self, invoice: &Invoice, key: Uuid) -> Result<Report> {
        let amount = money(invoice.amount_paid, &invoice.currency)?;
        let paid = invoice.status.as_deref() == Some("paid");
        Ok(Report {
            reference: invoice.id.clone(),
            key,
            mode: self.mode,
            money: money(invoice.total.max(0), &invoice.currency)?,
            said: Said::default(),
            facts: paid.then_some(Fact::Succeeded { amount }).into_iter().collect(),
            method: None,
            pay_until: None,
            agreement: None,
            surplus: Vec::new(),
        })
    }

    /// Takes credit off a draft, as a line of its own, as far as Stripe charges what is left.
    pub(super) async fn credit_line(&self, draft: &Draft, credit: Money) -> Result<()> {
        let taken = taken_off(draft.total, credit);
        if taken == 0 {
            return Ok(());
        }
        let line = CreateInvoiceItem::new()
            .customer(draft.customer.as_str())
            .invoice(draft.invoice.as_str())
            .amount(-taken)
            .currency(currency(credit.currency()))
            .description("Credit")
            .discountable(false)
            .metadata(Metadata::from([(CREDIT.to_owned(), taken.to_string())]));
        self.wire.make::<Named>(&line, ("credit", &draft.invoice), self.mode).await?;
        Ok(())
    }

    /// What became of the order that a subscription came of: its first bill, or a trial that has begun.
    pub(super) async fn first_of(&self, id: &str, key: Uuid, session: &Session) -> Result<Report> {
        let Some(agreement) = self.find_agreement(id).await? else { return self.without_money(session, key, None) };
        let told = agreement.billed.iter().find(|billed| billed.payment.key == key);
        let first = match told {
            Some(billed) => Some(billed.payment.clone()),
            None => self.first_bill(session, key).await?,
        };
        let report = match first {
            Some(report) => report,
            None => self.without_money(session, key, agreement.method.clone())?,
        };
        let method = report.method.clone().or_else(|| agreement.method.clone());
        Ok(Report { method, agreement: Some(agreement), ..report })
    }

    /// A customer's subscriptions are charged on another card from now on.
    pub(super) async fn bill_to(&self, customer: &str, method: &Method) -> Result<()> {
        let request = ListSubscription::new().customer(customer).expand(["data.default_payment_method".to_owned()]);
        let listed: Option<Listed<answers::Subscription>> = self.wire.get(&request, self.mode).await?;
        for found in listed.into_iter().flat_map(|listed| listed.data) {
            let current = found.default_payment_method.as_ref().and_then(Ref::object);
            if found.ended_at.is_none() && current.is_none_or(|current| current.id != method.token) {
                let update = UpdateSubscription::new(found.id).default_payment_method(method.token.as_str());
                self.wire.set::<Named>(update.build(), self.mode).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn bring(&self, id: &str, wanted: &Wanted, next: Option<(&Plan, &Price)>) -> Result<()> {
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
        if let Some(at) = bills_at.filter(|at| *at > now.timestamp()) {
            update = update.trial_end(UpdateSubscriptionTrialEnd::Timestamp(at));
            let paid_from =
                found.bridged().or(found.period().filter(|_| found.status != "trialing")).map(|(from, _)| from);
            if let Some(from) = paid_from {
                let paid = [(PAID_FROM, from), (PAID_UNTIL, at)];
                marks.extend(paid.map(|(key, at)| (key.to_owned(), at.to_string())));
            }
            changes = true;
        }
        let at_end = wanted.ending == Ending::AtPeriodEnd;
        if found.cancel_at_period_end != at_end {
            update = update.cancel_at_period_end(at_end);
            changes = true;
        }
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
        if undiscounted {
            request.body.get_or_insert_default().push_str("&discounts=");
        }
        self.wire.set::<Named>(request, self.mode).await?;
        Ok(())
    }
}

/// The newest bill, if it renews, is not asked for yet, and no credit was taken off it.
fn draft(newest: Option<&Invoice>) -> Result<Option<Draft>> {
    let renews = |invoice: &&Invoice| {
        invoice.status.as_deref() == Some("draft") && invoice.renews() && invoice.credit() == 0 && invoice.total > 0
    };
    let Some(invoice) = newest.filter(renews) else { return Ok(None) };
    let (Some(customer), Some(span)) = (&invoice.customer, invoice.period()) else { return Ok(None) };
    Ok(Some(Draft {
        invoice: invoice.id.clone(),
        customer: customer.id().to_owned(),
        period: period(span),
        total: money(invoice.total, &invoice.currency)?,
    }))
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

fn state(found: &answers::Subscription) -> AgreementState {
    let ended =
        || AgreementState::Ended { at: found.ended_at.or(found.canceled_at).map_or(Timestamp::default(), moment) };
    match found.status.as_str() {
        "canceled" | "incomplete_expired" => ended(),
        "incomplete" => AgreementState::Incomplete,
        "paused" => AgreementState::Paused,
        _ if found.pause_collection.is_some() => AgreementState::Paused,
        "past_due" | "unpaid" => AgreementState::PastDue,
        "trialing" if found.bridged().is_none() => {
            AgreementState::Trialing { ends_at: found.trial_end.map(moment).unwrap_or_default() }
        }
        _ => AgreementState::Active,
    }
}

/// Stripe's seconds, rounded up: nothing is billed before.
fn seconds(at: Timestamp) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

fn period((start, end): (i64, i64)) -> Period {
    Period { start: moment(start), end: moment(end) }
}
