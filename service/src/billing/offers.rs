//! What somebody may choose: the plans on offer, by the prices that they can have them for.

use domain::{
    Currency,
    billing::{
        plan::Plan,
        price::{Interval, Price},
    },
};

use sea_orm::EntityTrait;

use super::{
    entitlements::Holder,
    hold::{self, Billing},
};
use crate::{Result, Services, directory::ApplicationEntry, entity::subscriptions, payment::objects::Account};

/// The plans on offer to a member, or to somebody who is none yet, each with nothing but the prices that they can have
/// it for: in the currency that they pay in where the plan has such, so that it can be compared. A plan all of whose
/// prices would be refused is left out.
///
/// # Errors
/// The database's own.
pub async fn offered(services: &Services, entry: &ApplicationEntry, holder: Option<&Holder>) -> Result<Vec<Plan>> {
    let held = holder.and_then(|holder| holder.subscription.as_ref());
    let price = held.and_then(|held| entry.billed_price(held));
    let pays = price.map(|price| price.money.currency());
    let bound = match held.filter(|held| held.is_billed()) {
        Some(held) => {
            let row = subscriptions::Entity::find_by_id(held.id.get()).one(services.db.read()).await?;
            let billing = row.as_ref().map(hold::rows::billing).transpose()?.unwrap_or_default();
            bound(entry.account(), &billing, price)
        }
        None => None,
    };
    Ok(entry.plans_on_offer().filter_map(|plan| narrowed(plan, pays, bound)).collect())
}

fn narrowed(plan: &Plan, pays: Option<Currency>, bound: Option<Currency>) -> Option<Plan> {
    let is_free = plan.current_prices().next().is_none();
    let mut plan = plan.clone();
    plan.prices.retain(|price| price.archived_at.is_none() && is_open(price, bound));
    let is_ours = |price: &Price| Some(price.money.currency()) == pays;
    if plan.prices.iter().any(is_ours) {
        plan.prices.retain(is_ours);
    }
    (is_free || !plan.prices.is_empty()).then_some(plan)
}

/// The only currency of what recurs, for somebody who holds the price `held`: what a provider bills by itself it bills
/// in one currency, until another account collects. `None` where there is a choice.
pub(super) fn bound(collector: Option<Account>, billing: &Billing, held: Option<&Price>) -> Option<Currency> {
    let collects = collector
        .is_none_or(|own| billing.provider == Some(own.provider) && billing.mode.is_none_or(|mode| mode == own.mode));
    let is_bound = billing.reference.is_some() && collects;
    held.filter(|_| is_bound).map(|price| price.money.currency())
}

/// Whether a price can be had where `bound` is the only currency of what recurs.
pub(super) fn is_open(price: &Price, bound: Option<Currency>) -> bool {
    price.interval == Interval::OneTime || bound.is_none_or(|currency| currency == price.money.currency())
}

#[cfg(test)]
mod tests {
    use domain::{application::Provider, billing::payment::Mode};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// A plan with a price for each currency and interval.
    fn plan(prices: &[(&str, &str)]) -> Plan {
        let id = Uuid::nil();
        let price = |(currency, interval): &(&str, &str)| {
            json!({
                "id": id, "plan_id": id, "name": "P", "money": {"amount": 100, "currency": currency},
                "interval": interval, "trial_days": null, "stripe_price_id": null, "archived_at": null,
                "created_at": "2026-01-01T00:00:00Z",
            })
        };
        serde_json::from_value(json!({
            "id": id, "application_id": id, "key": "pro", "name": "Pro", "description": "", "features": {},
            "is_default": false, "is_listed": true, "position": 0, "stripe_product_id": null, "archived_at": null,
            "version": 1, "prices": prices.iter().map(price).collect::<Vec<_>>(), "created_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    /// What is left of the prices, for somebody who pays in dollars.
    fn left(plan: &Plan, bound: Option<&str>) -> Option<Vec<&'static str>> {
        let plan = narrowed(plan, Some(currency("usd")), bound.map(currency))?;
        Some(plan.prices.iter().map(|price| price.money.currency().code()).collect())
    }

    #[test]
    fn what_is_paid_is_compared_in_its_currency() {
        let both = plan(&[("USD", "month"), ("IDR", "month"), ("USD", "year")]);
        assert_eq!(left(&both, None), Some(vec!["USD", "USD"]));
        assert_eq!(narrowed(&both, None, None), Some(both.clone()), "who pays nothing has the choice");
        let foreign = plan(&[("IDR", "month"), ("IDR", "year")]);
        assert_eq!(left(&foreign, None), Some(vec!["IDR", "IDR"]), "better than none");
        assert_eq!(left(&plan(&[]), None), Some(Vec::new()), "it is free");
    }

    #[test]
    fn what_would_be_refused_is_not_offered() {
        let foreign = plan(&[("IDR", "month"), ("IDR", "one_time")]);
        assert_eq!(left(&foreign, Some("usd")), Some(vec!["IDR"]), "once is paid in whatever currency");
        assert_eq!(left(&plan(&[("IDR", "month")]), Some("usd")), None);
        assert_eq!(left(&plan(&[]), Some("usd")), Some(Vec::new()));
        let mut gone = plan(&[("USD", "month"), ("USD", "year")]);
        gone.prices[0].archived_at = Some(gone.created_at);
        assert_eq!(left(&gone, Some("usd")), Some(vec!["USD"]));
    }

    #[test]
    fn who_is_billed_by_a_provider_stays_in_its_currency() {
        let plan = plan(&[("USD", "month")]);
        let price = plan.prices.first();
        let own = |provider, mode| Some(Account { application: Uuid::nil().into(), provider, mode });
        let (stripe, test) = (Provider::Stripe, Mode::Test);
        let billed =
            Billing { provider: Some(stripe), mode: Some(test), reference: Some("sub_1".into()), ..Billing::default() };
        let usd = Some(currency("usd"));
        assert_eq!(bound(own(stripe, test), &billed, price), usd);
        assert_eq!(bound(None, &billed, price), usd, "nobody else collects");
        assert_eq!(bound(own(stripe, test), &Billing { mode: None, ..billed.clone() }, price), usd);
        assert_eq!(bound(own(Provider::Midtrans, test), &billed, price), None);
        assert_eq!(bound(own(stripe, Mode::Live), &billed, price), None);
        assert_eq!(bound(own(stripe, test), &Billing { reference: None, ..billed.clone() }, price), None);
        assert_eq!(bound(own(stripe, test), &billed, None), None);
    }
}
