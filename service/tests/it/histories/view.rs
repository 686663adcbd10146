//! Everything that can be seen of a member, on both sides.

use std::collections::HashMap;

use domain::{
    Currency, Timestamp,
    application::Provider,
    billing::{
        coupon::{Discount, Duration},
        payment::Payment,
    },
};
use uuid::Uuid;

use super::{
    catalogue::{Lasts, PLANS},
    desk::Desk,
    member::Member,
    model::{Bill, Model, OrderState, Payment as ModelPayment, State},
    world::{World, get},
};
use crate::shop::operator;

/// See the module. Money is in the smallest coin that is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    plan: Option<String>,
    cycle: Option<String>,
    status: Option<String>,
    price: Option<usize>,
    period: Option<(i64, i64)>,
    cancel_at: Option<i64>,
    /// The end of the trial, or of the grace.
    until: Option<i64>,
    then: Option<Option<usize>>,
    /// The coupon, and the months that are left: 0 for one charge, -1 for ever.
    discount: Option<(usize, i64)>,
    /// In the shop's own currency and in the other one, as what came and went back.
    credit: [i64; 2],
    /// Status and amount, oldest first. Where a provider may be late to answer, it is a matter of chance whether an
    /// order ends with its subscription or by its own time.
    orders: Vec<(String, i64)>,
    /// Status, amount, credit used, period; oldest first.
    invoices: Vec<(String, i64, i64, i64, i64)>,
    received: [i64; 2],
    refunded: [i64; 2],
}

impl<D: Desk> World<D> {
    fn coins(&self, amount: i64, currency: Currency) -> i64 {
        let coin = currency.step();
        assert_eq!(amount % coin, 0, "{amount} is not to be paid in {}", currency.code());
        amount / coin
    }

    /// Where money of a currency is counted.
    fn purse(&self, currency: Currency) -> usize {
        (currency != self.currency).into()
    }

    /// What the server says of every member.
    pub async fn views(&self) -> HashMap<Uuid, View> {
        let mut views: HashMap<Uuid, View> = HashMap::new();
        let price = |id: Option<Uuid>| id.and_then(|id| self.prices.iter().position(|own| own.get() == id));
        for row in self.rows("SELECT id FROM memberships").await {
            views.insert(get(&row, "id"), View::default());
        }
        let live = "SELECT * FROM subscriptions WHERE status NOT IN ('canceled', 'expired')";
        for row in self.rows(live).await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            view.price = price(get(&row, "price_id"));
            view.period = get::<Option<i64>>(&row, "period_start_at").zip(get(&row, "period_end_at"));
            view.cancel_at = get(&row, "cancel_at");
            view.until = get(&row, "status_until_at");
            let changes: Option<i64> = get(&row, "scheduled_at");
            view.then = changes.map(|_| price(get(&row, "scheduled_price_id")));
            let discount: Option<String> = get(&row, "discount");
            view.discount = discount.map(|text| {
                let discount: Discount = serde_json::from_str(&text).unwrap();
                let coupon = self.coupons.iter().position(|own| *own == discount.coupon_id).unwrap();
                let left = match discount.remaining {
                    Duration::Once => 0,
                    Duration::Months(months) => months.into(),
                    Duration::Forever => -1,
                };
                (coupon, left)
            });
        }
        for row in self.rows("SELECT membership_id, amount, currency FROM credits").await {
            let currency: Currency = get::<String>(&row, "currency").parse().unwrap();
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            view.credit[self.purse(currency)] += self.coins(get(&row, "amount"), currency);
        }
        let due = |quote: &str, field: &str| {
            let quote: serde_json::Value = serde_json::from_str(quote).unwrap();
            let currency: Currency = quote[field]["currency"].as_str().unwrap().parse().unwrap();
            self.coins(quote[field]["amount"].as_i64().unwrap(), currency)
        };
        for row in self.rows("SELECT membership_id, status, quote FROM orders ORDER BY id").await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            let status = ending(D::PROVIDER, get(&row, "status"));
            view.orders.push((status, due(&get::<String>(&row, "quote"), "due")));
        }
        let invoices = "SELECT membership_id, status, quote, period_start_at, period_end_at FROM invoices ORDER BY id";
        for row in self.rows(invoices).await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            let quote: String = get(&row, "quote");
            let (start, end) = (get(&row, "period_start_at"), get(&row, "period_end_at"));
            view.invoices.push((get(&row, "status"), due(&quote, "due"), due(&quote, "credit_used"), start, end));
        }
        for row in self.rows("SELECT membership_id, known FROM payments").await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            let payment: Payment = serde_json::from_str(&get::<String>(&row, "known")).unwrap();
            if payment.settled_at().is_some() {
                let currency = payment.amount.currency();
                let purse = self.purse(currency);
                view.received[purse] += self.coins(payment.amount.amount(), currency);
                view.refunded[purse] += self.coins(payment.refunded().amount(), currency);
            }
        }
        views
    }

    /// Compares a member with their model.
    pub async fn check(&self, member: &mut Member, seen: Option<View>) -> Result<(), String> {
        let ctx = operator();
        let entitled = self.services.entitlements().of(&ctx, self.application, member.user).await;
        let entitled = entitled.map_err(|error| format!("no entitlement: {error:?}"))?;
        let text = |value: Option<&serde_json::Value>| value.and_then(|value| value.as_str()).map(str::to_owned);
        let seen = View {
            plan: entitled.plan.as_ref().map(|plan| plan.as_str().to_owned()),
            cycle: text(entitled.claims.get("billing_cycle")),
            status: entitled.status.map(|status| status.as_str().to_owned()),
            ..seen.ok_or("no such member")?
        };
        let wanted = View::of(&member.model);
        if seen != wanted {
            return Err(format!("at {}\n  the model: {wanted:?}\n  the server: {seen:?}", self.now()));
        }
        let tier = text(entitled.features.get("tier"));
        if tier != seen.plan {
            return Err(format!("features of {tier:?} with the plan {:?}", seen.plan));
        }
        let number = entitled.ent_ver;
        if let Some((before, view)) = &member.seen {
            let gives = |view: &View| (view.plan.clone(), view.cycle.clone(), view.status.clone());
            let changed = gives(view) != gives(&seen);
            if number < *before || (changed && number == *before) {
                return Err(format!("ent_ver went from {before} to {number} while it became {:?}", gives(&seen)));
            }
        }
        member.seen = Some((number, seen));
        Ok(())
    }
}

fn ending(provider: Provider, status: String) -> String {
    let over = provider != Provider::Sandbox && matches!(status.as_str(), "expired" | "canceled");
    if over { "over".into() } else { status }
}

fn sums(model: &Model, part: impl Fn(&ModelPayment) -> i64) -> [i64; 2] {
    let mut sums = [0, 0];
    for payment in &model.payments {
        sums[payment.purse] += part(payment);
    }
    sums
}

impl View {
    fn of(model: &Model) -> Self {
        let millis = |at: Timestamp| at.timestamp_millis();
        let sub = model.sub.as_ref();
        Self {
            plan: model.plan().map(|plan| PLANS[plan].to_owned()),
            cycle: model.cycle().map(str::to_owned),
            status: model.status().map(str::to_owned),
            price: model.held_price(),
            period: sub.and_then(|sub| sub.period).map(|(start, end)| (millis(start), millis(end))),
            cancel_at: sub.and_then(|sub| sub.cancel_at).map(millis),
            until: sub.and_then(|sub| match sub.state {
                State::Behind { until } => Some(millis(until)),
                State::Trial => sub.period.map(|(_, end)| millis(end)),
                _ => None,
            }),
            then: sub.and_then(|sub| sub.then),
            discount: sub.and_then(|sub| sub.discount).map(|own| {
                let left = match own.left {
                    Lasts::Once => 0,
                    Lasts::Months(months) => months.into(),
                    Lasts::Forever => -1,
                };
                (own.coupon, left)
            }),
            credit: model.credit,
            orders: model
                .orders
                .iter()
                .map(|order| {
                    let status = match model.order_state(order) {
                        OrderState::Open => "open",
                        OrderState::Pending { .. } => "pending",
                        OrderState::Failed => "failed",
                        OrderState::Paid => "paid",
                        OrderState::Expired => "expired",
                        OrderState::Canceled => "canceled",
                    };
                    (ending(model.provider, status.to_owned()), order.quote.due)
                })
                .collect(),
            invoices: model
                .invoices
                .iter()
                .map(|own| {
                    let status = match own.state {
                        Bill::Open => "open",
                        Bill::Paid { .. } => "paid",
                        Bill::Void => "void",
                        Bill::GivenUp => "uncollectible",
                    };
                    (status.to_owned(), own.quote.due, own.quote.used, millis(own.span.0), millis(own.span.1))
                })
                .collect(),
            received: sums(model, |payment| payment.amount),
            refunded: sums(model, |payment| payment.refunded),
        }
    }
}
