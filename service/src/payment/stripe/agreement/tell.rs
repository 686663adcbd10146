//! What Stripe says of a subscription, in the engine's terms.

use domain::{Timestamp, billing::price::Price, id::PriceId};
use uuid::Uuid;

use super::{bills::draft, period};
use crate::{
    Result,
    payment::{
        Agreement, AgreementState,
        stripe::{
            Stripe,
            answers::{self, KEY, moment},
            money::method,
        },
    },
};

impl Stripe {
    pub(super) async fn tell(&self, found: &answers::Subscription) -> Result<Agreement> {
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
